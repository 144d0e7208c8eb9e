"""Find out what a language model forgot while it was being trained."""
