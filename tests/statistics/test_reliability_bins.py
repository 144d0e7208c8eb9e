"""The bins behind the calibration error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.statistics import expected_calibration_error, reliability

sides = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0]), st.sampled_from([0.0, 1.0])),
    min_size=1,
    max_size=80,
)


def columns(pairs):
    return tuple(np.array(pairs, dtype=float).T)


def test_two_bins_show_their_confidence_and_their_share_right():
    confidence_I = np.array([0.9, 0.2, 0.6, 0.4])
    correct_I = np.array([1.0, 0.0, 0.0, 1.0])
    low, high = reliability(confidence_I, correct_I, bins=2).bins
    assert (low.n, low.confidence, low.accuracy) == (2, pytest.approx(0.3), 0.5)
    assert (high.n, high.confidence, high.accuracy) == (2, pytest.approx(0.75), 0.5)


@given(sides, st.integers(1, 20))
def test_their_gaps_make_up_the_calibration_error(pairs, bins):
    confidence_I, correct_I = columns(pairs)
    found = reliability(confidence_I, correct_I, bins=bins).bins
    total = sum(one.n * abs(one.accuracy - one.confidence) for one in found)
    error = expected_calibration_error(confidence_I, correct_I, bins=bins)
    assert total / len(pairs) == pytest.approx(error, abs=1e-12)


@given(sides, st.integers(1, 20))
def test_every_item_is_in_one_bin_and_bins_hold_about_as_many(pairs, bins):
    found = reliability(*columns(pairs), bins=bins).bins
    sizes = [one.n for one in found]
    assert sum(sizes) == len(pairs)
    assert max(sizes) - min(sizes) <= 1
    assert [one.confidence for one in found] == sorted(one.confidence for one in found)


@given(sides, st.randoms())
def test_the_order_of_the_items_does_not_matter(pairs, random):
    moved = random.sample(pairs, len(pairs))
    assert reliability(*columns(moved)).bins == reliability(*columns(pairs)).bins


def test_no_item_has_no_bin():
    assert reliability(np.zeros(0), np.zeros(0)).bins == ()
