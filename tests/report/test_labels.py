"""Names stand beside their marks and cover nothing."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from forgetscope.report.labels import HEIGHT, LETTER, Box, Wish, boxes_along, named, place

PAPER = Box(0, 0, 400, 300)
PLACES = st.tuples(st.floats(0, 400), st.floats(0, 300))


def box(spot):
    width = LETTER * len(spot.wish.text)
    left = spot.x - width * {"start": 0, "middle": 0.5, "end": 1}[spot.anchor]
    return Box(left, spot.y - HEIGHT / 2, left + width, spot.y + HEIGHT / 2)


@given(st.lists(PLACES, max_size=12))
def test_names_that_may_be_left_out_neither_overlap_nor_leave_the_paper(points):
    spots = place([Wish(x, y, "1,000") for x, y in points], paper=PAPER, taken=())
    boxes = [box(spot) for spot in spots]
    assert all(one.overlap(other) == 0 for one, other in combinations(boxes, 2))
    for one in boxes:
        assert one.left >= -1e-6
        assert one.right <= 400 + 1e-6
        assert one.top >= -1e-6
        assert one.bottom <= 300 + 1e-6


def test_a_free_name_stands_to_the_right_of_its_mark():
    [spot] = place([Wish(200, 150, "500")], paper=PAPER, taken=())
    assert (spot.anchor, spot.y) == ("start", 150)
    assert spot.x > 200


def test_a_name_at_the_right_edge_stands_to_the_left():
    [spot] = place([Wish(398, 150, "500")], paper=PAPER, taken=())
    assert spot.anchor == "end"


def test_a_name_keeps_off_the_line():
    line = list(boxes_along([(0, 150), (400, 150)]))
    [spot] = place([Wish(200, 150, "500")], paper=PAPER, taken=line)
    assert all(box(spot).overlap(part) == 0 for part in line)


def test_a_needed_name_is_written_even_where_all_is_full_and_another_is_not():
    wishes = [Wish(200, 150, "500"), Wish(200, 150, "GRPO", is_needed=True)]
    spots = place(wishes, paper=PAPER, taken=[PAPER])
    assert [spot.wish.text for spot in spots] == ["GRPO"]


def test_a_name_wider_than_the_paper_is_left_out():
    assert place([Wish(200, 150, "x" * 99, is_needed=True)], paper=PAPER, taken=()) == ()


@given(st.integers(0, 60))
def test_at_most_three_marks_of_a_path_are_named_each_once(n):
    found = named(n)
    assert len(found) == min(n, 3)
    assert found == sorted(set(found))
    assert all(0 <= at < n for at in found)
