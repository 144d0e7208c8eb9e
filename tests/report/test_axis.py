"""Axes hold what they are given, with round numbers on them."""

import itertools
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forgetscope.report.axis import axis_around, plain_text, round_ticks, signed_text

NUMBERS = st.floats(-1e4, 1e4)


@given(st.lists(NUMBERS, min_size=1, max_size=9), st.integers(3, 9))
def test_every_value_lies_on_the_axis_and_no_two_ticks_read_alike(values, most):
    axis = axis_around(values, title="x", most=most)
    assert axis.low < axis.high
    assert axis.low <= min(values)
    assert axis.high >= max(values)
    assert 1 <= len(axis.ticks) <= most
    assert len({tick.text for tick in axis.ticks}) == len(axis.ticks)


@given(NUMBERS, NUMBERS, st.integers(3, 9))
def test_ticks_are_evenly_spaced_between_the_ends(low, high, most):
    assume(high - low > 1e-3)
    ticks = round_ticks(low, high, most=most)
    assert len(ticks) <= most
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert all(low - slack <= tick <= high + slack for tick in ticks)
    strides = [late - early for early, late in itertools.pairwise(ticks)]
    assert all(stride == pytest.approx(strides[0], rel=1e-6) for stride in strides)


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5, 2.3e-4])
def test_a_flat_line_has_two_ends_that_can_be_read(value):
    axis = axis_around([value, value], title="loss")
    assert axis.low < value < axis.high
    assert len(axis.ticks) >= 2
    assert all("e" not in tick.text for tick in axis.ticks)


def test_what_is_undefined_takes_no_room():
    axis = axis_around([1.0, math.nan, 2.0, math.inf], title="x", pad=0)
    assert (axis.low, axis.high) == (1.0, 2.0)


def test_a_value_beyond_an_end_stands_at_that_end():
    axis = axis_around([0.0, 10.0], title="x", pad=0)
    assert [axis.part(value) for value in (-5, 0, 5, 10, 99)] == [0, 0, 0.5, 1, 1]


def test_ticks_have_a_true_minus_and_changes_a_sign():
    assert [plain_text(v) for v in (-0.5, 0.0, 1250.0)] == ["−0.5", "0", "1,250"]
    assert [signed_text(v) for v in (-0.5, 0.0, 1250.0)] == ["−0.5", "0", "+1,250"]
