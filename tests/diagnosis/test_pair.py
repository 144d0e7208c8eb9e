"""Pairing by item id, and what is refused."""

import math

import numpy as np
import pytest

from forgetscope.diagnosis.pair import pair, refused
from forgetscope.diagnosis.pool import pool
from forgetscope.errors import PairingError
from tests.strategies import column, task

LABELS = ("base", "step-40")


def paired(before, after):
    return pair(before, after, labels=LABELS)


def test_items_pair_by_id_and_never_by_row():
    before = column(task(), [0, 1, 1], ids=["a", "b", "c"])
    after = column(task(), [1, 0, 1], ids=["c", "a", "b"], broken=[False, True, False])
    pairs = paired(before, after)
    assert pairs.item_ids == ("a", "b", "c")
    assert pairs.after_I.tolist() == [0, 1, 1]
    assert pairs.after.is_format_I.tolist() == [True, False, False]


def test_items_of_one_side_only_are_counted_and_left_out():
    before = column(task(), [1, 1, 1], ids=["a", "b", "c"])
    after = column(task(), [0, 1], ids=["c", "d"])
    pairs = paired(before, after)
    assert (pairs.item_ids, pairs.n_missing) == (("c",), 3)


def test_lower_is_better_turns_round():
    bounded = task(metric="error", higher_is_better=False)
    pairs = paired(column(bounded, [0.0, 1.0]), column(bounded, [1.0, 0.25]))
    assert (pairs.after_I - pairs.before_I).tolist() == [-1.0, 0.75]
    unbounded = task(metric="bits", higher_is_better=False, is_bounded=False, chance=math.nan)
    pairs = paired(column(unbounded, [2.0, 3.0]), column(unbounded, [5.0, 2.5]))
    assert (pairs.after_I - pairs.before_I).tolist() == [-3.0, 0.5]


def test_failed_scores_count_as_wrong_whatever_the_direction():
    for better in (True, False):
        of = task(higher_is_better=better)
        right = float(better)
        pairs = paired(column(of, [right, right]), column(of, [right, math.nan]))
        assert pairs.after_I.tolist() == [1.0, 0.0]
        assert pairs.n_failed == 1
        assert pairs.after.is_format_I.tolist() == [False, True]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_failed_scores_without_a_worst_value_are_missing(bad):
    of = task(is_bounded=False)
    pairs = paired(column(of, [1.0, 2.0, 3.0]), column(of, [1.5, bad, 3.5]))
    assert (pairs.n, pairs.n_missing, pairs.n_failed) == (2, 1, 0)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"version": "2"}, "version"),
        ({"n_shots": 5}, "few-shot"),
        ({"filter": "strict"}, "filter"),
        ({"metric": "acc_norm"}, "metric"),
        ({}, "generation arguments"),
    ],
)
def test_other_settings_are_refused_with_what_differs(change, word):
    pairs = paired(column(task(), [1, 1]), column(task(fingerprint="other", **change), [1, 0]))
    assert word in pairs.refusal
    assert pairs.n == 0


def test_other_prompts_for_the_same_items_are_an_error_that_says_which():
    before = column(task(), [1, 1, 1], ids=["a", "b", "c"], prompts=["1", "2", "3"])
    after = column(task(), [1, 1, 1], ids=["a", "b", "c"], prompts=["1", "two", "three"])
    with pytest.raises(PairingError) as caught:
        paired(before, after)
    message = caught.value.message
    assert all(part in message for part in ("`base`", "`step-40`", "2 of 3", "arc", "item b"))
    assert caught.value.hint
    assert caught.value.exit_code == 2


def test_an_item_twice_is_an_error():
    twice = column(task(), [1, 1], ids=["a", "a"])
    with pytest.raises(PairingError, match="`step-40` holds an item of arc twice"):
        paired(column(task(), [1, 1]), twice)


def test_scores_outside_the_stated_range_are_refused():
    pairs = paired(column(task(), [0.0, 1.0]), column(task(), [0.0, 1.5]))
    assert "outside [0, 1]" in pairs.refusal


def test_items_without_a_cluster_are_clusters_of_their_own():
    of = task()
    pairs = paired(*(column(of, [1] * 4, clusters=["p", "", "p", ""]) for _ in range(2)))
    assert pairs.cluster_I.tolist() == [0, 1, 0, 2]


def test_a_source_that_serves_two_tasks_is_one_cluster():
    parts = [
        paired(*(column(task(name), [1, 0], clusters=["passage", ""]) for _ in range(2)))
        for name in ("race", "boolq")
    ]
    assert pool(parts).cluster_I.tolist() == [0, 1, 0, 2]


def test_pooling_leaves_refused_tasks_out_until_only_they_remain():
    good = paired(column(task("a"), [1, 0]), column(task("a"), [0, 0]))
    bad = refused(task("b"), "no reason to trust it")
    assert pool([bad, good]).tasks == (task("a"),)
    assert pool([bad, bad]).refusal == "no reason to trust it"


def test_pooling_keeps_every_number():
    parts = [
        paired(column(task(name), before, broken=None), column(task(name), after))
        for name, before, after in (("a", [1, 0], [0, 0]), ("b", [0.5, 1, 0], [1, 1, 1]))
    ]
    both = pool(parts)
    assert both.n == 5
    np.testing.assert_array_equal(both.before_I, [1, 0, 0.5, 1, 0])
    np.testing.assert_array_equal(both.after_I, [0, 0, 1, 1, 1])
