"""Training: reinforcement learning on TRL, and the only door to it."""
