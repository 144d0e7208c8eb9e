"""The testbed: a small real world in which reinforcement learning forgets."""
