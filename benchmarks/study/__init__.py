"""The method study: which recipe keeps what the model knew, on the testbed."""
