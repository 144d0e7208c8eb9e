import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from forgetscope.diagnosis.recovered import recovered
from forgetscope.records import ProbeKind, ProbeResult

LOST = tuple(f"lost {n}" for n in range(40))
UNSOLVED = tuple(f"unsolved {n}" for n in range(40))
RETAINED = tuple(f"retained {n}" for n in range(40))


def _results(ids, n_right, *, kind=ProbeKind.EXAMPLES):
    return [
        ProbeResult(item_id=item, kind=kind, value=float(place < n_right))
        for place, item in enumerate(ids)
    ]


def _recovered(results, *, alpha=0.05, lost=LOST, unsolved=UNSOLVED, retained=RETAINED):
    return recovered(results, lost=lost, unsolved=unsolved, retained=retained, alpha=alpha)


def test_shares_and_intervals_are_those_of_statsmodels():
    (found,) = _recovered(_results(LOST, 13) + _results(UNSOLVED, 2) + _results(RETAINED, 37))
    for estimate, count in ((found.came_back, 13), (found.control, 2), (found.kept, 37)):
        low, high = proportion_confint(count, 40, alpha=0.1, method="wilson")
        assert estimate.value == count / 40
        assert (estimate.low, estimate.high) == pytest.approx((low, high), rel=1e-9)
    assert found.n == 40


def test_the_two_ways_of_asking_are_told_apart():
    results = _results(LOST[:10], 10) + _results(LOST[:20], 0, kind=ProbeKind.PREFIX)
    found = {each.kind: each for each in _recovered(results)}
    assert (found["examples"].n, found["examples"].came_back.value) == (10, 1.0)
    assert (found["prefix"].n, found["prefix"].came_back.value) == (20, 0.0)


def test_items_of_other_cells_count_nowhere():
    results = _results(LOST, 20) + _results(UNSOLVED, 4)
    strangers = _results([f"gained {n}" for n in range(30)], 30)
    assert _recovered(results + strangers) == _recovered(results)


def test_without_lost_items_that_were_asked_nothing_is_said():
    assert _recovered([]) == ()
    assert _recovered(_results(UNSOLVED, 3) + _results(RETAINED, 3)) == ()


def test_without_a_control_the_help_alone_is_unknown_rather_than_none():
    (found,) = _recovered(_results(LOST, 20))
    for control in (found.control, found.kept):
        assert math.isnan(control.value)
        assert math.isnan(control.low)
        assert math.isnan(control.high)


def test_what_could_not_be_judged_is_no_item():
    broken = ProbeResult(item_id=LOST[39], kind=ProbeKind.EXAMPLES, value=math.nan)
    (found,) = _recovered([*_results(LOST[:39], 13), broken])
    assert (found.n, found.came_back.value) == (39, 13 / 39)


def test_scores_between_wrong_and_right_count_as_such():
    results = [
        ProbeResult(item_id=item, kind=ProbeKind.EXAMPLES, value=value)
        for item, value in zip(LOST, (0.25, 0.5, 0.75), strict=False)
    ]
    (found,) = _recovered(results)
    assert found.came_back.value == 0.5


@given(
    n_right=st.integers(0, 40),
    n_control=st.integers(0, 40),
    alpha=st.floats(0.001, 0.4),
    seed=st.integers(0, 5),
)
def test_the_order_of_results_changes_nothing_and_intervals_hold_their_share(
    n_right, n_control, alpha, seed
):
    results = _results(LOST, n_right) + _results(UNSOLVED, n_control)
    mixed = [results[place] for place in np.random.default_rng(seed).permutation(len(results))]
    (found,) = _recovered(results, alpha=alpha)
    assert _recovered(mixed, alpha=alpha) == (found,)
    for estimate in (found.came_back, found.control):
        assert 0.0 <= estimate.low <= estimate.value <= estimate.high <= 1.0


def test_the_interval_misses_the_true_share_about_as_often_as_it_may():
    # lower ends at one-sided 5 %, 30 lost items of which 40 % would come back
    share, n, n_worlds = 0.4, 30, 2000
    counts = np.random.default_rng(3).binomial(n, share, size=n_worlds)
    low_of = {
        count: _recovered(_results(LOST[:n], count))[0].came_back.low for count in set(counts)
    }
    misses = sum(low_of[count] > share for count in counts)
    # Wilson's interval is approximate: its true error at these numbers, not the nominal one
    allowed = stats.binom.sf(max(c for c in low_of if low_of[c] <= share), n, share)
    assert allowed < 0.08
    assert stats.binomtest(misses, n_worlds, allowed).pvalue > 0.001
