import math
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import UsageError
from forgetscope.recap.overlap import check_overlap, find_overlap
from forgetscope.recap.tokens import cores, words_of
from forgetscope.records import Document, Lesson

SKY = "Why does the sky look blue at noon?"
STORY = (
    "There were forty two ships in the harbour that night and none of them had ever seen a storm "
    "as wild as the one which came up from the south when the bells of the old church rang twelve"
)


def lesson(prompt, gold=""):
    return Lesson(prompt=prompt, gold=gold)


def asked(prompt, gold=""):
    return Document(prompt=prompt, gold=gold)


def n_found(lessons, questions):
    return find_overlap({"source": lessons}, {"task": questions}).n


@pytest.mark.parametrize(
    "prompt",
    [
        "why does the SKY look blue at noon",
        "  Why does\nthe sky \u201clook blue\u201d\u3000at noon?!",
        "Ｗｈｙ does the sky look blue at noon？",
    ],
)
def test_case_width_space_and_punctuation_hide_nothing(prompt):
    assert n_found([lesson(prompt)], [asked(SKY)]) == 1


@pytest.mark.parametrize(
    ("prompt", "question"),
    [
        ("4 - 1 - 7 =", "4 + 1 - 7 ="),
        ("3.5 + 1", "35 + 1"),
        ("([{=", "([<="),
        ("~abc=", "|abc="),
        ("Why is the sky blue at noon?", SKY),
    ],
)
def test_another_question_is_another_question(prompt, question):
    assert n_found([lesson(prompt, "1")], [asked(question, "2")]) == 0


def test_a_question_is_known_in_another_wrapper():
    sums = [f"{a} + {b}" for a in range(5) for b in range(5)]
    lessons = [lesson(f"Solve step by step, then answer inside tags: {text}") for text in sums]
    questions = [asked(f"Question: {text}\nAnswer:") for text in sums]
    assert n_found(lessons, questions) == 25
    assert n_found(lessons, questions[:9]) == 9


def test_a_short_question_inside_another_counts_with_the_same_answer_only():
    inside = asked(f"Answer in one word. {SKY} Answer:", "air")
    assert n_found([lesson(SKY, "air")], [inside]) == 1
    assert n_found([lesson(SKY, "the sea")], [inside]) == 0
    assert n_found([lesson(SKY)], [inside]) == 0
    assert n_found([lesson(inside.prompt, "air")], [asked(SKY, "air")]) == 1


def test_a_long_text_is_known_by_half_of_it():
    words = STORY.split()
    half = " ".join(words[: len(words) * 3 // 4])
    assert n_found([lesson(f"Read this. {half} and then it was over")], [asked(STORY)]) == 1
    assert n_found([Lesson(prompt="", answer=f"{half} {SKY}")], [asked(STORY)]) == 1
    assert n_found([lesson(" ".join(words[:14]) + " " + SKY * 5)], [asked(STORY)]) == 0


def test_one_story_told_with_other_numbers_is_another_question():
    other = STORY.replace("forty two", "nine").replace("twelve", "six").replace("south", "north")
    assert n_found([lesson(STORY, "42")], [asked(other, "9")]) == 0
    assert n_found([lesson(STORY, "42")], [asked(other, "42")]) == 1


def test_a_sum_that_goes_on_is_another_sum():
    text = "State the final answer to the following arithmetic problem: 6 + 7 + 7 + 5"
    assert n_found([lesson(f"{text} + 8 - 6 =", "27")], [asked(f"{text} =", "25")]) == 0


def test_a_long_instruction_that_comes_with_every_question_says_nothing():
    lessons = [lesson(f"{STORY} {n * 7919}", str(n)) for n in range(50)]
    questions = [asked(f"{STORY} {n * 104729 + 1}", str(n)) for n in range(50)]
    assert n_found(lessons, questions) == 0


def test_the_first_few_are_shown():
    lessons = {"a": [lesson(SKY)], "b": [lesson(f"{SKY} {n}") for n in range(20)]}
    questions = {"t": [asked(SKY)], "u": [asked(f"{SKY} {n}") for n in range(20)]}
    found = find_overlap(lessons, questions)
    assert (found.n, found.total, found.share) == (21, 21, 1)
    assert [(each.source, each.task) for each in found.examples] == [("a", "t"), *[("b", "u")] * 4]


def test_the_error_names_source_and_task_and_shows_no_control_characters():
    text = f"\x1b[31m{SKY}"
    with pytest.raises(UsageError, match=r"1 of 1 .*`source`, stands in `task`") as caught:
        check_overlap(find_overlap({"source": [lesson(text)]}, {"task": [asked(text)]}))
    assert "\x1b" not in caught.value.message


def test_nothing_overlaps_with_nothing():
    found = find_overlap({}, {"task": [asked(SKY)]})
    assert (found.n, found.total) == (0, 0)
    assert math.isnan(found.share)
    check_overlap(found)
    assert n_found([lesson(SKY)], []) == 0
    assert n_found([lesson("?!"), lesson("")], [asked("..."), asked("")]) == 0


PIECES = ["a", "b", "3", "+", "?", "(", "wise", "words"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join)


@given(st.lists(TEXTS, min_size=1, max_size=10), st.lists(TEXTS, max_size=10))
def test_every_text_that_is_equal_is_found(texts, others):
    questions = [asked(text) for text in (*texts, *others)]
    found = n_found([lesson(text) for text in texts], questions)
    assert found == sum(bool(words_of(text)) for text in texts)


@given(st.lists(TEXTS, max_size=30))
def test_a_core_stands_in_its_text_between_what_all_share(texts):
    whole = [words_of(text) for text in texts]
    for text, core in zip(whole, cores(whole), strict=True):
        assert " ".join(core) in " ".join(text)
    assert len(set(cores(whole))) == len(set(whole))


@given(st.text(max_size=60))
def test_the_words_of_a_text_do_not_depend_on_its_layout(text):
    assert words_of(f"\n {text.upper()} \t") == words_of(text.upper())
    assert all(word and not word.isspace() for word in words_of(text))


@pytest.mark.parametrize(
    "text", ["." * 10**6, "9" * 10**6, "9." * 500_000, " " * 10**6, "(" * 10**6]
)
def test_a_hostile_text_is_read_in_linear_time(text):
    start = time.process_time()
    assert n_found([lesson(text, "1")], [asked(text + SKY, "1")]) in (0, 1)
    assert time.process_time() - start < 20


def test_twice_the_texts_take_about_twice_the_time():
    rng = random.Random(0)
    vocabulary = [f"w{i}" for i in range(5000)]

    def seconds(n):
        texts = [" ".join(rng.choices(vocabulary, k=16)) for _ in range(2 * n)]
        start = time.process_time()
        n_found([lesson(t, "1") for t in texts[:n]], [asked(t, "1") for t in texts[n:]])
        return time.process_time() - start

    small = min(seconds(2_000) for _ in range(3))
    assert seconds(16_000) < 8 * 4 * small  # quadratic would be 64 times as long
