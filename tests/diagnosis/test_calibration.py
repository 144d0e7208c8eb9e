"""How often a whole series cries wolf, by simulation at fixed seeds."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from forgetscope.diagnosis import diagnose
from forgetscope.records import Policy, Verdict
from tests.strategies import column, profile, task

ALARMS = (Verdict.FORGOT, Verdict.SLIPPED)


def blank(label, *, n, n_domains, size):
    """A checkpoint of which half of the items (or clusters of `size` items) are right."""
    value = np.tile(np.repeat([1.0, 0.0], size), n // size + 1)[:n]
    clusters = [f"c{i // size}" for i in range(n)] if size > 1 else None
    tasks = (task(f"t{j}", domain=f"d{j}", chance=math.nan) for j in range(n_domains))
    return profile(label, *(column(of, value, clusters=clusters) for of in tasks))


def trained(rng, base, label, *, discordance, size, loss):
    """The base after random flips; `loss` is the true drop.

    Of the right items a share is lost, of the wrong ones a share is gained. Items of a cluster of
    `size` flip together in half of the cases.
    """
    columns = []
    for before in base.columns:
        value, n = before.value_I, len(before.value_I)
        shared = np.repeat(rng.random(n // size + 1), size)[:n]
        draw = np.where(rng.random(n) < 0.5, shared, rng.random(n))
        flipped = draw < np.where(value == 1.0, discordance + loss, discordance - loss)
        columns.append(replace(before, value_I=np.where(flipped, 1 - value, value)))
    return profile(label, *columns)


def count_with(
    verdicts, *, trials, seed, n, n_domains, n_checkpoints, discordance, size=1, loss=0.0
):
    """In how many series some domain of some checkpoint gets one of these verdicts."""
    rng = np.random.default_rng(seed)
    base = blank("base", n=n, n_domains=n_domains, size=size)
    flips = {"discordance": discordance, "size": size, "loss": loss}
    hits = 0
    for _ in range(trials):
        after = [trained(rng, base, f"step-{i}", **flips) for i in range(n_checkpoints)]
        comparisons = diagnose([base, *after], policy=Policy(margin=0.02)).comparisons
        hits += any(row.verdict in verdicts for each in comparisons for row in each.domains)
    return hits


def not_above(errors, trials, target):
    return binomtest(errors, trials, target, alternative="greater").pvalue > 0.001


def test_series_without_change_seldom_raise_an_alarm():
    hits = count_with(
        ALARMS, trials=100, seed=1, n=100, n_domains=2, n_checkpoints=2, discordance=0.1
    )
    assert not_above(hits, 100, 0.05)


def test_series_with_a_large_loss_nearly_always_do():
    hits = count_with(
        ALARMS, trials=40, seed=2, n=400, n_domains=2, n_checkpoints=2, discordance=0.1, loss=0.09
    )
    assert hits >= 38


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 200, 1319])
@pytest.mark.parametrize(
    ("n_domains", "n_checkpoints", "discordance"), [(1, 5, 0.02), (9, 5, 0.1), (1, 20, 0.2)]
)
def test_family_wise_false_alarms_stay_below_five_percent(n, n_domains, n_checkpoints, discordance):
    hits = count_with(
        ALARMS,
        trials=300,
        seed=[n, n_domains, n_checkpoints],
        n=n,
        n_domains=n_domains,
        n_checkpoints=n_checkpoints,
        discordance=discordance,
    )
    assert not_above(hits, 300, 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("n", [96, 320])
def test_family_wise_false_alarms_with_clusters(n):
    hits = count_with(
        ALARMS, trials=400, seed=n, n=n, n_domains=2, n_checkpoints=5, discordance=0.2, size=8
    )
    assert not_above(hits, 400, 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("n", [300, 1000])
def test_a_loss_of_exactly_the_margin_is_seldom_called_forgot(n):
    hits = count_with(
        (Verdict.FORGOT,),
        trials=400,
        seed=n,
        n=n,
        n_domains=2,
        n_checkpoints=5,
        discordance=0.1,
        loss=0.02,
    )
    assert not_above(hits, 400, 0.05)
