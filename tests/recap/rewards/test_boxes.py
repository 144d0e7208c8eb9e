import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import TrainingError
from forgetscope.recap.rewards import find_reward
from forgetscope.records import Lesson

iou = find_reward("iou")
CORNER = st.integers(0, 50)


@st.composite
def boxes(draw):
    left, top = draw(CORNER), draw(CORNER)
    return [left, top, left + draw(st.integers(1, 50)), top + draw(st.integers(1, 50))]


def worth(ours, right):
    return iou(str(ours), Lesson(prompt="?", gold=str(right)))


@pytest.mark.parametrize(
    ("ours", "right", "expected"),
    [
        ([0, 0, 2, 2], [0, 0, 2, 2], 1),
        ([0, 0, 2, 2], [1, 0, 3, 2], 1 / 3),  # 2 of 2 + 2 + 2
        ([0, 0, 2, 2], [1, 1, 3, 3], 1 / 7),  # 1 of 4 + 4 - 1
        ([0, 0, 10, 10], [2, 2, 4, 4], 4 / 100),
        ([0, 0, 1, 1], [5, 5, 6, 6], 0),
        ([0, 0, 1, 1], [1, 0, 2, 1], 0),
        ([2, 2, 0, 0], [0, 0, 2, 2], 0),
        ([0, 0, 0, 0], [0, 0, 2, 2], 0),
    ],
)
def test_worked_examples(ours, right, expected):
    assert worth(ours, right) == pytest.approx(expected)


@given(boxes(), boxes())
def test_it_is_what_counting_the_cells_of_a_grid_gives(ours, right):
    def cells(box):
        left, top, end, bottom = box
        return {(x, y) for x in range(left, end) for y in range(top, bottom)}

    common, either = cells(ours) & cells(right), cells(ours) | cells(right)
    assert worth(ours, right) == pytest.approx(len(common) / len(either))
    assert worth(right, ours) == worth(ours, right)


@pytest.mark.parametrize(
    "completion",
    [
        "it is at (0.0, 0, 2, 2.0)",
        "first [5, 5, 6, 6], no: [0,0,2,2]",
        "[9, 9, 9, 9] <answer>[ 0 , 0 , 2 , 2 ]</answer>",
    ],
)
def test_the_last_box_of_the_answer_counts(completion):
    assert iou(completion, Lesson(prompt="?", gold="[0, 0, 2, 2]")) == 1


@pytest.mark.parametrize(
    "completion",
    ["", "no box", "[0, 0, 2]", "[0, 0, 2, 1e999]", "[nan, 0, 2, 2]", "[" * 100_000,
     "[0, 0, " + "9" * 100_000 + ", 2]"],
)  # fmt: skip
def test_a_text_without_a_box_is_worth_nothing(completion):
    assert iou(completion, Lesson(prompt="?", gold="[0, 0, 2, 2]")) == 0


def test_a_right_answer_that_is_no_box_is_an_error():
    with pytest.raises(TrainingError, match=r"`iou`.*no box"):
        iou("[0, 0, 2, 2]", Lesson(prompt="?", gold="a cat"))
