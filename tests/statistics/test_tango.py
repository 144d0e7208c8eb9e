"""Tango's score interval of paired proportions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm

from forgetscope.statistics import constrained_share, tango_interval
from forgetscope.statistics.tango import tango_score


@st.composite
def counts(draw):
    lost, gained, rest = (draw(st.integers(0, 200)) for _ in range(3))
    return lost, gained, lost + gained + rest + 1


@pytest.mark.parametrize(
    ("lost", "gained", "n", "low", "high"),
    [
        (150, 86, 1600, 0.02136, 0.05900),
        (12, 5, 200, -0.00600, 0.08066),
        (30, 12, 300, 0.01846, 0.10444),
        (60, 40, 1319, 0.00031, 0.03045),
        (5, 0, 50, 0.02152, 0.21360),
        (0, 3, 50, -0.16217, 0.01563),
        (1, 0, 44, -0.05939, 0.11808),
        (50, 0, 50, 0.85730, 1.0),
        (0, 0, 100, -0.03699, 0.03699),
    ],
)
def test_published_limits_of_the_loss_are_reproduced(lost, gained, n, low, high):
    interval = tango_interval(lost, gained, n, alpha=0.025)
    assert (-interval.high, -interval.low) == pytest.approx((low, high), abs=6e-6)


@pytest.mark.parametrize(
    ("lost", "gained", "n", "loss", "share"),
    [
        (5, 2, 40, -0.03, 0.109308),
        (5, 2, 40, 0.1, 0.043260),
        (12, 30, 300, 0.02, 0.064576),
        (0, 3, 50, 0.05, 0.028500),
        (1, 0, 44, -0.1, 0.110227),
    ],
)
def test_constrained_share_matches_worked_values(lost, gained, n, loss, share):
    assert constrained_share(lost, gained, n, loss) == pytest.approx(share, abs=6e-7)


@given(counts(), st.floats(-0.9, 0.9))
def test_constrained_share_is_the_most_likely_one(table, loss):
    """Among shares of gained pairs that allow the loss, none makes the table likelier."""
    lost, gained, n = table
    share = constrained_share(lost, gained, n, loss)

    def log_likelihood(q):
        terms = ((lost, q + loss), (gained, q), (n - lost - gained, 1 - 2 * q - loss))
        if any(p < -1e-12 for _, p in terms):
            return -math.inf
        return sum(k * math.log(max(p, 1e-300)) for k, p in terms if k)

    best = log_likelihood(share)
    for step in (-1e-3, 1e-3):
        nearby = share + step
        if nearby >= max(0.0, -loss) and nearby <= (1 - loss) / 2:
            assert log_likelihood(nearby) <= best + 1e-7


@given(counts(), st.sampled_from([0.005, 0.025, 0.05, 0.2]))
def test_limits_are_the_roots_that_a_general_root_finder_finds(table, alpha):
    lost, gained, n = table
    z = norm.isf(alpha)
    interval = tango_interval(lost, gained, n, alpha=alpha)
    centre = (lost - gained) / n
    for edge, target, found in ((-1 + 1e-12, z, -interval.high), (1 - 1e-12, -z, -interval.low)):
        if (tango_score(lost, gained, n, edge) - target) * (0 - target) < 0:
            root = brentq(
                lambda d, target=target: tango_score(lost, gained, n, d) - target,
                *sorted((edge, centre)),
                xtol=1e-13,
            )
            assert found == pytest.approx(root, abs=1e-9)


@pytest.mark.parametrize(("n", "alpha"), [(1, 0.05), (100, 0.05), (100, 0.025), (133, 0.05)])
def test_without_any_changed_pair_the_limits_have_a_closed_form(n, alpha):
    z2 = norm.isf(alpha) ** 2
    interval = tango_interval(0, 0, n, alpha=alpha)
    assert interval.high == pytest.approx(z2 / (n + z2), abs=1e-12)
    assert interval.low == pytest.approx(-z2 / (n + z2), abs=1e-12)


def test_no_change_proves_two_points_from_133_pairs_on():
    assert (
        tango_interval(0, 0, 132, alpha=0.05).low
        <= -0.02
        < tango_interval(0, 0, 133, alpha=0.05).low
    )


def test_losing_every_pair_leaves_no_room_below():
    assert tango_interval(50, 0, 50, alpha=0.025).low == pytest.approx(-1.0, abs=1e-12)
    assert tango_interval(0, 50, 50, alpha=0.025).high == pytest.approx(1.0, abs=1e-12)


@given(counts(), st.floats(1.0, 8.0))
def test_fewer_effective_pairs_never_narrow_the_interval(table, effect):
    lost, gained, n = table
    full = tango_interval(lost, gained, n, alpha=0.05)
    thinned = tango_interval(lost / effect, gained / effect, n / effect, alpha=0.05)
    assert thinned.low <= full.low + 1e-9
    assert thinned.high >= full.high - 1e-9


@given(counts())
def test_swapping_the_sides_mirrors_the_interval(table):
    lost, gained, n = table
    one = tango_interval(lost, gained, n, alpha=0.05)
    other = tango_interval(gained, lost, n, alpha=0.05)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-9)


@given(counts())
def test_estimate_lies_inside_and_more_certainty_is_wider(table):
    lost, gained, n = table
    narrow = tango_interval(lost, gained, n, alpha=0.1)
    wide = tango_interval(lost, gained, n, alpha=0.01)
    change = (gained - lost) / n
    assert -1 <= wide.low <= narrow.low <= change + 1e-12
    assert change - 1e-12 <= narrow.high <= wide.high <= 1


def test_a_million_pairs_keep_the_precision_of_the_wald_interval():
    interval = tango_interval(30_000, 29_000, 1_000_000, alpha=0.025)
    half = norm.isf(0.025) * math.sqrt(0.059 - 0.001**2) / 1000
    assert (interval.low, interval.high) == pytest.approx((-0.001 - half, -0.001 + half), abs=1e-6)


def test_no_pairs_have_no_interval():
    assert math.isnan(tango_interval(0, 0, 0, alpha=0.05).low)


@pytest.mark.parametrize(("lost", "gained", "n"), [(-1, 0, 5), (3, 3, 5)])
def test_impossible_counts_are_refused(lost, gained, n):
    with pytest.raises(ValueError, match="impossible counts"):
        tango_interval(lost, gained, n, alpha=0.05)
