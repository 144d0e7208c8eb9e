"""Statistics over arrays: numpy and scipy only, no word about language models."""
