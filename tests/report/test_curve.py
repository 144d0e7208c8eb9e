"""Curves break where something is missing, and thin without making anything up."""

import math

from hypothesis import given
from hypothesis import strategies as st

from forgetscope.report.curve import (
    MOST_POINTS,
    STRETCHES,
    Point,
    broken,
    stretch_means,
    thinned,
)


def pieces_of(steps, values=None):
    values = [float(step) for step in steps] if values is None else values
    return [[point.step for point in piece] for piece in broken(steps, values)]


def test_a_curve_breaks_where_steps_are_missing():
    assert pieces_of([1, 2, 3, 4, 9, 10, 11]) == [[1, 2, 3, 4], [9, 10, 11]]


def test_one_missing_step_is_a_break_where_every_step_is_seen():
    assert pieces_of([1, 2, 3, 5, 6]) == [[1, 2, 3], [5, 6]]


def test_a_probe_every_fifty_steps_has_no_break():
    assert len(pieces_of(list(range(50, 1001, 50)))) == 1


def test_an_objective_that_is_drawn_at_random_is_one_line():
    steps = [1, 2, 5, 6, 9, 10, 13, 14, 17, 18]
    assert len(pieces_of(steps)) == 1


def test_a_curve_breaks_at_a_value_that_is_undefined():
    assert pieces_of([1, 2, 3, 4], [1.0, math.nan, 3.0, math.inf]) == [[1], [3]]


def test_nothing_has_no_pieces():
    assert broken((), ()) == ()
    assert pieces_of([1], [math.nan]) == []


VALUES = st.lists(st.floats(-5, 5), min_size=1, max_size=900)


@given(VALUES, st.integers(0, 899))
def test_a_thinned_curve_keeps_ends_and_extremes_and_makes_nothing_up(values, hole):
    whole = [Point(step, value) for step, value in enumerate(values)]
    pieces = [piece for piece in (whole[:hole], whole[hole:]) if piece]
    thin = thinned(pieces)
    assert [(piece[0], piece[-1]) for piece in thin] == [(p[0], p[-1]) for p in pieces]
    kept = [point for piece in thin for point in piece]
    assert set(kept) <= set(whole)
    assert kept == sorted(kept, key=lambda point: point.step)
    shown = [point.value for point in kept]
    assert (min(shown), max(shown)) == (min(values), max(values))
    assert len(kept) <= max(MOST_POINTS, 1) + 8


def test_a_short_curve_is_left_as_it_is():
    piece = tuple(Point(step, 0.5) for step in range(MOST_POINTS))
    assert thinned([piece]) == (piece,)


def test_means_are_those_of_stretches_with_equally_many_values():
    piece = [Point(step, float(step)) for step in range(10 * STRETCHES)]
    [means] = stretch_means([piece])
    assert len(means) == STRETCHES
    assert [(mean.step, mean.value) for mean in means[:2]] == [(4.5, 4.5), (14.5, 14.5)]


def test_no_mean_reaches_over_a_break():
    early = [Point(step, 0.0) for step in range(60)]
    late = [Point(step, 1.0) for step in range(500, 560)]
    first, second = stretch_means([early, late])
    assert {mean.value for mean in first} == {0.0}
    assert {mean.value for mean in second} == {1.0}


def test_a_short_curve_shows_its_level_by_itself():
    assert stretch_means([[Point(step, 1.0) for step in range(3 * STRETCHES - 1)]]) == ()
