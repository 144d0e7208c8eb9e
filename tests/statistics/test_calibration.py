"""How often the claims are wrong, by simulation at fixed seeds.

A rate passes if a one-sided binomial test at 0.1 % does not show it above its target.
"""

import numpy as np
import pytest
from scipy.stats import binomtest

from forgetscope.statistics import net_change


def not_above(errors, trials, target):
    return binomtest(int(errors), int(trials), target, alternative="greater").pvalue > 0.001


def separate(rng, n, loss, gain):
    """One study of n separate items with the given true loss and gain rates."""
    kind = rng.choice(3, size=n, p=[loss, gain, 1 - loss - gain])
    return np.where(kind == 1, 0.0, 1.0), np.where(kind == 0, 0.0, 1.0), np.arange(n)


def clustered(rng, n_clusters, loss, gain, size=8):
    """Clusters in which half of the changes are shared by all items of the cluster."""
    n = n_clusters * size
    p = [loss, gain, 1 - loss - gain]
    own = rng.choice(3, size=(n_clusters, size), p=p)
    shared = np.broadcast_to(rng.choice(3, size=(n_clusters, 1), p=p), own.shape)
    kind = np.where(rng.random(own.shape) < 0.5, shared, own).ravel()
    cluster = np.repeat(np.arange(n_clusters), size)
    return np.where(kind == 1, 0.0, 1.0), np.where(kind == 0, 0.0, 1.0), cluster.reshape(n)


def rates(make, *, trials, margin, alpha=0.05):
    """Share of studies that prove a loss, that prove no loss beyond the margin, p <= alpha."""
    proofs = np.zeros(3)
    for _ in range(trials):
        change = net_change(*make())
        interval = change.interval(alpha)
        proofs += (interval.high < 0, interval.low > -margin, change.p_value <= alpha)
    return proofs


def test_small_studies_without_change_seldom_prove_a_loss():
    rng = np.random.default_rng(100)
    lost, _, significant = rates(lambda: separate(rng, 100, 0.1, 0.1), trials=400, margin=0.02)
    assert not_above(lost, 400, 0.05)
    assert not_above(significant, 400, 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 200, 1319])
@pytest.mark.parametrize("discordance", [0.02, 0.1, 0.2])
@pytest.mark.parametrize("alpha", [0.05, 0.005])
def test_a_loss_is_falsely_proved_at_most_at_the_level(n, discordance, alpha):
    rng = np.random.default_rng([n, int(100 * discordance), int(1000 * alpha)])
    half = discordance / 2
    lost, _, significant = rates(
        lambda: separate(rng, n, half, half), trials=2_000, margin=0.02, alpha=alpha
    )
    # the score test is not exact: a tenth above the level is tolerated
    assert not_above(lost, 2_000, 1.1 * alpha)
    assert not_above(significant, 2_000, alpha)


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 300, 1000])
@pytest.mark.parametrize("margin", [0.02, 0.05])
@pytest.mark.parametrize("gain", [0.01, 0.05])
def test_held_is_falsely_proved_at_most_at_the_level(n, margin, gain):
    rng = np.random.default_rng([n, int(100 * margin), int(100 * gain)])
    _, held, _ = rates(lambda: separate(rng, n, gain + margin, gain), trials=2_000, margin=margin)
    assert not_above(held, 2_000, 1.1 * 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("n_clusters", [12, 40, 120])
def test_clusters_do_not_raise_the_error_rates(n_clusters):
    rng = np.random.default_rng(n_clusters)
    lost, _, significant = rates(
        lambda: clustered(rng, n_clusters, 0.1, 0.1), trials=2_000, margin=0.02
    )
    assert not_above(lost, 2_000, 0.055)
    assert not_above(significant, 2_000, 0.05)
    _, held, _ = rates(lambda: clustered(rng, n_clusters, 0.1, 0.08), trials=2_000, margin=0.02)
    assert not_above(held, 2_000, 0.06)


def fractional(rng, n):
    """Graded answers, of which 15 % move: somewhat more often down than up."""
    before = np.where(rng.random(n) < 0.5, rng.integers(0, 2, size=n), rng.beta(2, 2, size=n))
    down = before * rng.random(n)
    up = before + (1 - before) * rng.random(n)
    moved = np.where(rng.random(n) < 0.6, down, up)
    return before, np.where(rng.random(n) < 0.15, moved, before), np.arange(n)


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100, 300])
def test_bounds_of_fractional_scores_hold_at_the_level(n):
    """True change: before averages 1/2, so a move is down by 1/4 or up by 1/4 on average."""
    rng = np.random.default_rng(n)
    true = 0.15 * (0.4 * 0.25 - 0.6 * 0.25)
    above = below = 0
    for _ in range(2_000):
        interval = net_change(*fractional(rng, n)).interval(0.05)
        above += interval.low > true
        below += interval.high < true
    # the t interval of skewed differences is not exact either
    assert not_above(above, 2_000, 0.055)
    assert not_above(below, 2_000, 0.055)
