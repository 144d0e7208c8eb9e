"""Each verdict is reached by the case that defines it."""

import math

import numpy as np
import pytest

from forgetscope.diagnosis import compare
from forgetscope.diagnosis.verdict import decide
from forgetscope.records import Policy, Verdict
from forgetscope.statistics import Interval
from tests.strategies import column, counts, profile, task


def compared(before, after, of=None, **settings):
    """The task row of two checkpoints over one task."""
    of = of or task(chance=math.nan)
    extra = {k: settings.pop(k) for k in ("clusters", "chance") if k in settings}
    sides = (column(of, values, **extra) for values in (before, after))
    return compare(*map(profile, ("base", "step-40"), sides), **settings).tasks[0]


@pytest.mark.parametrize(
    ("table", "verdict", "low", "high"),
    [
        ((60, 20, 500), Verdict.FORGOT, -0.10982, -0.05161),
        ((30, 10, 500), Verdict.SLIPPED, -0.06206, -0.01990),
        ((12, 10, 1000), Verdict.HELD, -0.01025, 0.00605),
        ((0, 0, 200), Verdict.HELD, None, None),
        ((0, 0, 100), Verdict.UNDECIDED, -0.02634, 0.02634),
        ((5, 30, 500), Verdict.GAINED, 0.03199, 0.07102),
        ((30, 24, 300), Verdict.UNDECIDED, -0.06108, 0.02066),
    ],
)
def test_worked_cases(table, verdict, low, high):
    row = compared(*counts(*table))
    assert row.verdict is verdict
    if low is not None:
        assert (row.low, row.high) == pytest.approx((low, high), abs=6e-6)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.10, -0.021, Verdict.FORGOT),
        (-0.10, -0.02, Verdict.SLIPPED),  # the bound itself is not beyond the margin
        (0.001, 0.10, Verdict.GAINED),
        (0.0, 0.10, Verdict.HELD),
        (-0.019, -0.001, Verdict.HELD),
        (-0.02, -0.001, Verdict.SLIPPED),
        (-0.02, 0.0, Verdict.UNDECIDED),
        (-0.02, 0.10, Verdict.UNDECIDED),
        (math.nan, math.nan, Verdict.CANNOT_MEASURE),
    ],
)
def test_equality_at_a_bound_counts_against_the_claim(low, high, verdict):
    interval = Interval(low=low, high=high, alpha=0.05, method="any")
    assert decide(interval, margin=0.02) is verdict


def test_without_a_margin_nothing_that_may_have_lost_is_held():
    before, after = counts(0, 0, 5000)
    assert compared(before, after, policy=Policy(margin=0.0)).verdict is Verdict.UNDECIDED
    assert compared(*counts(30, 10, 500), policy=Policy(margin=0.0)).verdict is Verdict.FORGOT


def test_fewer_than_ten_items_are_not_judged():
    assert compared([1] * 10, [0] * 10).verdict is Verdict.FORGOT
    row = compared([1] * 9, [0] * 9)
    assert row.verdict is Verdict.CANNOT_MEASURE
    assert "only 9" in row.reason


def test_one_source_is_no_evidence():
    row = compared([1.0] * 40, [0.0] * 40, clusters=["passage"] * 40)
    assert row.verdict is Verdict.CANNOT_MEASURE
    assert "one source" in row.reason


@pytest.mark.parametrize(("right", "verdict"), [(25, "at chance"), (32, "at chance"), (33, "")])
def test_a_base_that_may_be_guessing_cannot_forget(right, verdict):
    """Of 100 four-option items, 33 right answers are the fewest that guessing seldom reaches."""
    before = np.repeat([1.0, 0.0], [right, 100 - right])
    row = compared(before, np.zeros(100), of=task())
    assert verdict in row.reason
    assert (row.verdict is Verdict.CANNOT_MEASURE) == bool(verdict)


def test_the_chance_rule_uses_the_options_of_each_item():
    """40 % right is guessing over two-option items and knowledge over ten-option items."""
    before = np.tile([1.0, 1.0, 0.0, 0.0, 0.0], 40)
    of_two, of_ten = (compared(before, before, of=task(), chance=c) for c in (0.5, 0.1))
    assert "at chance" in of_two.reason
    assert of_ten.reason == ""
    mixed = compared(before, before, of=task(), chance=np.tile([0.5, 0.1], 100))
    assert mixed.reason == ""
    assert mixed.chance == pytest.approx(0.3)


def test_ten_sources_of_equal_answers_are_ten_guesses():
    """80 of 200 right is knowledge, but four of ten passages right is not."""
    before = np.repeat(np.tile([1.0, 1.0, 0.0, 0.0, 0.0], 2), 20)
    passages = [f"p{i // 20}" for i in range(200)]
    assert compared(before, before, of=task()).reason == ""
    assert "at chance" in compared(before, before, of=task(), clusters=passages).reason


def test_a_base_at_the_floor_has_nothing_to_lose():
    before = np.zeros(400)
    row = compared(before, before)
    assert row.verdict is Verdict.CANNOT_MEASURE
    assert "floor" in row.reason
    # a few items leave it open whether it is
    assert "floor" not in compared(before[:50], before[:50]).reason


def test_a_base_at_the_ceiling_can_still_lose():
    row = compared(np.ones(300), np.repeat([1.0, 0.0], [240, 60]))
    assert row.verdict is Verdict.FORGOT


@pytest.mark.parametrize(("missing", "measured"), [(9, True), (11, False)])
def test_more_than_one_percent_missing_items_are_tried_both_ways(missing, measured):
    """1,000 items, of which some have no score after training: all lost, or all kept?"""
    of = task(chance=math.nan)
    before, after = counts(5, 5, 1000)
    whole = column(of, before)
    part = column(of, after[missing:], ids=whole.item_ids[missing:])
    row = compare(
        profile("base", whole), profile("step-40", part), policy=Policy(margin=0.012)
    ).tasks[0]
    assert row.n == 1000 - missing
    assert (row.verdict is Verdict.HELD) == measured
    assert ("missing items decide" in row.reason) != measured


def test_missing_items_that_cannot_decide_do_not_silence_the_verdict():
    of = task(chance=math.nan)
    before, after = counts(400, 0, 1000)
    part = column(of, after[:980], ids=column(of, before).item_ids[:980])
    row = compare(profile("base", column(of, before)), profile("step-40", part)).tasks[0]
    assert row.verdict is Verdict.FORGOT


def test_missing_items_of_an_unbounded_metric_have_no_worst_case():
    of = task(is_bounded=False, metric="bits", chance=math.nan, higher_is_better=False)
    values = np.random.default_rng(0).normal(1.0, 0.1, size=100)
    failed = values.copy()
    failed[:2] = math.inf
    row = compared(values, failed + 1e-3 * np.arange(100), of=of)
    assert "missing items decide" in row.reason


def test_unbounded_metrics_have_the_margin_in_their_own_unit():
    of = task(is_bounded=False, metric="bits", chance=math.nan, higher_is_better=False)
    rng = np.random.default_rng(1)
    before = rng.normal(1.0, 0.2, size=200)
    worse = before + rng.normal(0.10, 0.05, size=200)
    row = compared(before, worse, of=of)
    assert row.verdict is Verdict.FORGOT
    assert row.before == pytest.approx(before.mean())
    assert row.change == pytest.approx(-(worse - before).mean())
    assert compared(worse, before, of=of).verdict is Verdict.GAINED
    assert compared(before, worse, of=of, policy=Policy(margin=0.2)).verdict is Verdict.HELD


def test_an_unbounded_metric_that_moves_all_items_alike_has_no_interval():
    of = task(is_bounded=False, chance=math.nan)
    row = compared(np.full(50, 2.0), np.full(50, 2.5), of=of)
    assert row.verdict is Verdict.CANNOT_MEASURE
    assert "same amount" in row.reason
