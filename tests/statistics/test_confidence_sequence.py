"""Intervals that hold at every moment at once."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binomtest, norm

from forgetscope.statistics.confidence_sequence import (
    confidence_sequence,
    mixing_variance,
    sequence_half_width,
)


def test_worked_values_are_reproduced():
    assert mixing_variance(0.05, 500) == pytest.approx(0.0158723, abs=6e-8)
    width = sequence_half_width(1000, 0.3, alpha=0.05, planned=500)
    assert float(width) == pytest.approx(0.0290437, abs=6e-8)


@pytest.mark.parametrize("count", [30, 500, 20_000])
@pytest.mark.parametrize("alpha", [0.01, 0.1])
def test_at_the_end_of_the_interval_the_mixed_evidence_is_one_in_alpha(count, alpha):
    """The width inverts a normal mixture of likelihood ratios, integrated here numerically."""
    rho2 = mixing_variance(alpha, 500)
    total = count * float(sequence_half_width(count, 1.0, alpha=alpha, planned=500))
    best = total / (count + 1 / rho2)

    def ratio(shift):
        prior = math.exp(-(shift**2) / (2 * rho2)) / math.sqrt(2 * math.pi * rho2)
        return math.exp(shift * total - count * shift**2 / 2) * prior

    reach = 12 / math.sqrt(count + 1 / rho2)
    evidence = quad(ratio, best - reach, best + reach, limit=200, points=[best])[0]
    assert evidence == pytest.approx(1 / alpha, rel=1e-6)


@given(st.lists(st.floats(-5, 5), min_size=30, max_size=60), st.floats(-1e6, 1e6))
@settings(max_examples=60, deadline=None)
def test_each_moment_equals_the_moments_of_the_numbers_so_far(values, offset):
    value_I = np.array(values)
    sequence = confidence_sequence(value_I + offset, alpha=0.05, planned=500)
    for t in (30, len(values)):
        mean, deviation = value_I[:t].mean() + offset, value_I[:t].std()
        width = float(sequence_half_width(t, deviation, alpha=0.05, planned=500))
        assert sequence.mean_I[t - 1] == pytest.approx(mean, rel=1e-12, abs=1e-9)
        if deviation > 1e-3:
            assert sequence.half_width_I[t - 1] == pytest.approx(width, rel=1e-4)


def test_nothing_is_claimed_before_the_thirtieth_number():
    value_I = np.random.default_rng(0).normal(size=40)
    sequence = confidence_sequence(value_I, alpha=0.05, planned=500)
    assert np.isnan(sequence.low_I[:29]).all()
    assert np.isfinite(sequence.low_I[29:]).all()
    assert np.isfinite(sequence.mean_I).all()
    np.testing.assert_allclose(((sequence.high_I + sequence.low_I) / 2)[29:], sequence.mean_I[29:])


def test_numbers_without_spread_tell_nothing_of_their_error():
    sequence = confidence_sequence(np.full(50, 0.1), alpha=0.05, planned=500)
    assert np.isnan(sequence.half_width_I).all()
    assert confidence_sequence(np.array([]), alpha=0.05, planned=500).mean_I.shape == (0,)


def test_the_sequence_is_wider_than_an_interval_for_one_moment_and_shrinks():
    count_I = np.array([30, 100, 500, 2_000, 100_000])
    width_I = sequence_half_width(count_I, 1.0, alpha=0.05, planned=500)
    assert (width_I > norm.isf(0.025) / np.sqrt(count_I)).all()
    assert (np.diff(width_I) < 0).all()


def test_relative_to_the_fixed_interval_it_is_tightest_near_the_plan():
    count_I = np.arange(30, 20_000)
    relative_I = sequence_half_width(count_I, 1.0, alpha=0.05, planned=500) * np.sqrt(count_I)
    assert count_I[np.argmin(relative_I)] == pytest.approx(500, rel=0.1)


@pytest.mark.parametrize(("alpha", "planned"), [(0.0, 500), (1.0, 500), (0.05, 0), (0.05, -1)])
def test_impossible_plans_are_refused(alpha, planned):
    with pytest.raises(ValueError, match="must be"):
        mixing_variance(alpha, planned)


def test_numbers_must_be_finite():
    with pytest.raises(ValueError, match="finite"):
        confidence_sequence(np.array([0.0, math.inf]), alpha=0.05, planned=500)


def ever_excluded(population, paths, seed, n=5_000):
    """Number of sequences that ever leave out the true mean, zero."""
    draw, first = population
    rng, missed = np.random.default_rng(seed), 0
    for _ in range(0, paths, 200):
        value_RI = draw(rng, (200, n))
        sequence = confidence_sequence(value_RI, alpha=0.05, planned=500, first=first)
        outside = np.abs(sequence.mean_I) > sequence.half_width_I  # nan is never outside
        missed += int(outside.any(axis=-1).sum())
    return missed


POPULATIONS = {
    "normal": (lambda rng, shape: rng.normal(size=shape), 30),
    "heavy tails": (lambda rng, shape: rng.standard_t(5, size=shape), 30),
    "skewed": (lambda rng, shape: rng.exponential(size=shape) - 1.0, 200),
}


def not_above(errors, trials):
    return binomtest(errors, trials, 0.05, alternative="greater").pvalue > norm.sf(3)


@pytest.mark.parametrize("name", POPULATIONS)
def test_the_true_mean_is_seldom_ever_left_out(name):
    assert not_above(ever_excluded(POPULATIONS[name], 400, seed=31), 400)


@pytest.mark.slow
@pytest.mark.parametrize("name", POPULATIONS)
def test_in_the_long_run_the_true_mean_is_seldom_ever_left_out(name):
    assert not_above(ever_excluded(POPULATIONS[name], 10_000, seed=32), 10_000)
