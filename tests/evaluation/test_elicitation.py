import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.evaluation.elicitation import (
    continued,
    draw,
    draw_examples,
    shared_prefix,
    with_examples,
)
from forgetscope.records import Item


def _item(number, *, cluster=None):
    return Item(
        id=f"item {number}",
        task="t",
        document_id=number,
        prompt=f"{number}?",
        prompt_hash="p",
        gold="",
        chance=math.nan,
        cluster=cluster or f"item {number}",
    )


ITEMS = [_item(number) for number in range(40)]


def _scores(*, right, items=ITEMS):
    return {item.id: float(item.document_id in right) for item in items}


def _draw(before, after, *, items=ITEMS, cap=100, seed=0):
    return draw(items, before=before, after=after, cap=cap, seed=seed)


def _numbers(items):
    return {item.document_id for item in items}


def test_lost_are_right_before_and_wrong_now_and_the_controls_did_not_move():
    drawn = _draw(_scores(right=range(20)), _scores(right=range(12)))
    assert _numbers(drawn.lost) == set(range(12, 20))
    assert _numbers(drawn.control) < set(range(20, 40))
    assert _numbers(drawn.kept) < set(range(12))
    assert len(drawn.control) == len(drawn.kept) == len(drawn.lost) == drawn.n_lost == 8


def test_gained_items_are_never_asked_again():
    drawn = _draw(_scores(right=range(10)), _scores(right=range(5, 40)))
    assert _numbers(drawn.lost) == set(range(5))
    assert (drawn.control, _numbers(drawn.kept)) == ((), set(range(5, 10)))


def test_where_nothing_was_lost_nothing_is_asked_again():
    drawn = _draw(_scores(right=range(10)), _scores(right=range(12)))
    assert (drawn.lost, drawn.control, drawn.kept, drawn.n_lost) == ((), (), (), 0)


def test_scores_between_wrong_and_right_belong_to_neither():
    before = _scores(right=range(20)) | {"item 0": 0.5, "item 1": math.nan}
    after = _scores(right=[]) | {"item 2": 0.5, "item 3": math.nan}
    drawn = _draw(before, after)
    assert not _numbers((*drawn.lost, *drawn.control, *drawn.kept)) & {0, 1, 2, 3}


def test_an_item_that_only_one_side_answered_is_not_asked():
    before, after = _scores(right=range(20)), _scores(right=[])
    del before["item 0"], after["item 1"]
    drawn = _draw(before, after)
    assert _numbers(drawn.lost) == set(range(2, 20))


def test_more_lost_items_than_the_cap_are_sampled_and_counted():
    before, after = _scores(right=range(20)), _scores(right=[])
    drawn = _draw(before, after, cap=6)
    assert (len(drawn.lost), len(drawn.control), drawn.n_lost) == (6, 6, 20)
    assert set(drawn.lost) < set(_draw(before, after, cap=9).lost)
    assert drawn.lost != _draw(before, after, cap=6, seed=1).lost


def test_the_draw_depends_on_the_items_and_not_on_their_order():
    before, after = _scores(right=range(20)), _scores(right=[])
    assert _draw(before, after, cap=5) == _draw(before, after, cap=5, items=ITEMS[::-1])


def test_examples_are_other_items_of_other_sources():
    candidates = [_item(n, cluster=f"passage {n // 4}") for n in range(40)]
    for asked in candidates:
        drawn = draw_examples(asked, candidates, k=3, seed=0)
        sources = [each.cluster for each in drawn]
        assert asked.cluster not in sources
        assert len(set(sources)) == len(drawn) == 3


def test_examples_are_as_many_as_there_are():
    alone = _item(0)
    assert draw_examples(alone, [alone], k=3, seed=0) == ()
    assert len(draw_examples(alone, ITEMS[:3], k=3, seed=0)) == 2


def test_items_get_examples_of_their_own_that_change_with_the_seed():
    first = {draw_examples(item, ITEMS, k=3, seed=0) for item in ITEMS}
    second = {draw_examples(item, ITEMS, k=3, seed=1) for item in ITEMS}
    assert len(first) > 30
    assert first != second


def test_examples_stand_before_the_question_and_behind_what_stood_before_it():
    prompt = "Answer briefly.\n\nQ: 1?\nA: 1\n\nQ: 2?\nA:"
    shown = with_examples(prompt, question="Q: 2?\nA:", blocks=["Q: 3?\nA: 3\n\n"])
    assert shown == "Answer briefly.\n\nQ: 1?\nA: 1\n\nQ: 3?\nA: 3\n\nQ: 2?\nA:"


def test_the_last_of_two_equal_questions_is_the_one_that_is_asked():
    assert with_examples("x? y\nx?", question="x?", blocks=["E\n"]) == "x? y\nE\nx?"


@pytest.mark.parametrize("question", ["", "  ", "not in it"])
def test_a_question_that_the_prompt_does_not_show_is_the_whole_prompt(question):
    assert with_examples("2 + 2 =", question=question, blocks=["1 + 1 = 2\n\n"]) == (
        "1 + 1 = 2\n\n2 + 2 ="
    )


@given(before=st.text(), question=st.text(min_size=1), blocks=st.lists(st.text(), max_size=3))
def test_examples_only_add_text(before, question, blocks):
    prompt = before + question
    shown = with_examples(prompt, question=question, blocks=blocks)
    joined = "".join(blocks)
    assert len(shown) == len(prompt) + len(joined)
    assert joined in shown
    assert shown.replace(joined, "", 1) == prompt or joined == "" or joined in prompt


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{reason}\n#### {answer}", "#### "),
        ("{reason} The answer is {answer}.", "The answer is "),
        ("{reason}#{answer}", "#"),
        ("{answer}", None),
        ("{reason}\n{answer}", None),
        (" {answer}", None),
    ],
)
def test_the_words_that_lead_to_the_answer_are_found(pattern, expected):
    reasons = ["1,2", "so 3 of 4.", "x = 9", "three.", "Let us see!", "7 + 7", "no", "yes", "ab"]
    answers = [str(n) for n in (11, 222, 35, 47, 58, 63, 7007, 81, 99)]
    texts = [
        (pattern.format(reason=reason, answer=answer), answer)
        for reason, answer in zip(reasons, answers, strict=True)
    ]
    assert shared_prefix(texts) == expected


def test_a_prefix_is_shared_by_at_least_half():
    habit, other = ("It is 5", "5"), ("7", "7")
    assert shared_prefix([habit] * 5 + [other] * 5) == "It is "
    assert shared_prefix([habit] * 5 + [other] * 6) is None


def test_the_longest_text_that_half_of_the_answers_share_wins():
    long, short = ("So the answer is 5", "5"), ("Well, the answer is 6", "6")
    assert shared_prefix([long] * 6 + [short] * 4) == "So the answer is "
    assert shared_prefix([long] * 4 + [short] * 4 + [("9", "9")] * 4) == "the answer is "


def test_a_prefix_begins_with_a_whole_word():
    texts = [("Finally 1", "1"), ("Really 2", "2"), ("Totally 3", "3")] * 4
    assert shared_prefix(texts) is None


def test_a_few_answers_are_no_habit():
    assert shared_prefix([("It is 5", "5")] * 4) is None
    assert shared_prefix([]) is None


def test_what_was_read_but_does_not_stand_in_the_text_leads_nowhere():
    assert shared_prefix([("It is 1,000", "1000")] * 10) is None
    assert shared_prefix([("It is 5", None)] * 10) is None


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=3)), max_size=20))
def test_a_prefix_stands_before_the_answer_in_half_of_the_texts(texts):
    prefix = shared_prefix(texts)
    if prefix is not None:
        holding = [text for text, answer in texts if answer and prefix + answer in text]
        assert 2 * len(holding) >= len(texts)
        assert "\n" not in prefix
        assert prefix == prefix.lstrip()


@pytest.mark.parametrize(
    ("continuation", "judged"),
    [(" 5.", "The answer is 5."), ("5.", "The answer is 5."), ("", "The answer is ")],
)
def test_a_begun_answer_is_judged_with_its_beginning_and_one_space(continuation, judged):
    assert continued("The answer is ", continuation) == judged


def test_a_prefix_without_white_space_is_joined_as_it_is():
    assert continued("#", "18") == "#18"
