"""Worlds with a known truth, and what forgetscope claims in them."""
