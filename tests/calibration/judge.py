"""How a test judges a simulated rate: a one-sided binomial test at 0.1 %."""

from scipy.stats import binomtest

SURE = 0.001


def not_above(outcome):
    """Whether a measured rate does not show that the true one is above its target."""
    return _p_value(outcome, "greater") > SURE


def not_below(outcome):
    """Whether a measured rate does not show that the true one is below its target."""
    return _p_value(outcome, "less") > SURE


def _p_value(outcome, alternative):
    hits = round(outcome.measured * outcome.replications)
    return binomtest(hits, outcome.replications, outcome.target, alternative=alternative).pvalue
