"""Thoughts are told from answers, and stop strings inside them do not count."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Decoding, StopReason, ThinkTags, Thoughts
from forgetscope.scoring import Tokenizer, begins_thought, tags_in
from forgetscope.scoring.stopping import StopStrings, StopWatch, end_of
from forgetscope.scoring.thoughts import KNOWN_TAGS, answer_in, answer_start
from tests.tiny import CHAT_TEMPLATE, tiny_tokenizer

TAGS = (ThinkTags(opening="<think>", closing="</think>"),)
THOUGHTS = Thoughts(tags=TAGS)
BEGUN = Thoughts(tags=TAGS, is_begun=True)
TOKENIZER = Tokenizer(tiny_tokenizer(), name="tiny")
EOS = {TOKENIZER.backend.eos_token_id}
PIECES = st.lists(st.sampled_from(["<think>", "</think>", "a", "stop", " ", "\n"]), max_size=8).map(
    "".join
)


def answer_of(text, thoughts=THOUGHTS):
    start = answer_start(text, thoughts)
    return None if start is None else text[start:]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("4", "4"),
        ("<think>2 + 2</think>\n\n4", "4"),
        ("\n<think>\n</think>4", "4"),
        ("2 + 2</think> 4", "4"),
        ("So: <think>2</think> 3 <think>4</think> 5", "5"),
        ("<think>2</think> </think> is a tag", "</think> is a tag"),
        ("<think>2 + 2", None),
        ("<think>2</think> 3 <think>4", None),
        ("<think>2</think>", ""),
        ("", ""),
    ],
)
def test_the_answer_is_what_follows_the_last_thought(text, answer):
    assert answer_of(text) == answer


def test_a_thought_that_the_prompt_began_ends_where_its_tag_is_closed():
    assert answer_of("2 + 2", BEGUN) is None
    assert answer_of("2 + 2</think>\n4", BEGUN) == "4"
    assert answer_of("<think>2 + 2</think>\n4", BEGUN) == "4"
    assert begins_thought("[assistant] <think>\n", TAGS) == TAGS[0]
    assert begins_thought("What is <think>?\n[assistant] ", TAGS) is None


@given(PIECES)
def test_without_thoughts_a_text_is_its_own_answer(text):
    decoding = Decoding(stops=("stop",), max_new_tokens=9)
    assert answer_start(text, None) == 0
    assert answer_in(text, decoding) == text


@given(PIECES, st.booleans())
def test_neither_tag_nor_stop_string_is_left_in_front_of_an_answer(text, is_begun):
    thoughts = Thoughts(tags=TAGS, is_begun=is_begun)
    answer = answer_in(text, Decoding(stops=("stop",), max_new_tokens=9, thoughts=thoughts))
    if answer is None:
        assert is_begun or "<think>" in text
    else:
        assert text.find(answer) >= 0
        assert "<think>" not in answer
        assert "stop" not in answer


def test_every_known_pair_is_found_in_a_template_that_names_one_of_its_tags():
    for tags in KNOWN_TAGS:
        assert tags in tags_in(CHAT_TEMPLATE + tags.opening)
        assert tags in tags_in(CHAT_TEMPLATE + tags.closing)
    assert tags_in(CHAT_TEMPLATE) == ()


def ended(text, thoughts, *, stops=("\n", "two")):
    tokens = TOKENIZER.encode(text) + tuple(EOS)
    return end_of(tokens, TOKENIZER, stops=stops, eos=EOS, thoughts=thoughts)


def test_a_stop_string_ends_the_answer_and_not_the_thought():
    text = "<think>one\ntwo\n</think>\n\nthree\nfour"
    ending = ended(text, THOUGHTS)
    assert (ending.text, ending.reason) == ("<think>one\ntwo\n</think>\n\nthree", StopReason.STOP)
    assert ending.n_tokens == len(TOKENIZER.encode("<think>one\ntwo\n</think>\n\nthree\n"))
    assert ended(text, None).text == "<think>one"


def test_a_thought_that_never_ends_stays_whole():
    tokens = TOKENIZER.encode("one\ntwo")
    ending = end_of(tokens, TOKENIZER, stops=["\n"], eos=EOS, thoughts=BEGUN)
    assert (ending.text, ending.reason) == ("one\ntwo", StopReason.LENGTH)


@pytest.mark.parametrize("thoughts", [THOUGHTS, BEGUN])
def test_generation_goes_on_through_stop_strings_until_one_follows_the_thought(thoughts):
    opening = "" if thoughts.is_begun else "<think>"
    tokens = TOKENIZER.encode(f"{opening}one\ntwo</think>\n\nthree\nfour")
    criterion = StopStrings(["\n"], TOKENIZER, n_prompt=0, thoughts=thoughts)
    for n in range(1, len(tokens) + 1):
        (is_done,) = criterion(torch.tensor([tokens[:n]]), None).tolist()
        if is_done:
            assert TOKENIZER.decode(tokens[:n]).endswith("three\n")
            return
    pytest.fail("the stop string was never seen")


def test_a_long_thought_is_not_read_again_for_every_stop_string_in_it(monkeypatch):
    """Watching a thought of many lines costs as much as its length, not as the square of it."""
    n_lines = 300
    tokens = TOKENIZER.encode("<think>" + "one\n" * n_lines + "</think>\n\ntwo\nthree")
    watch, n_read = StopWatch(["\n"], TOKENIZER, thoughts=THOUGHTS), 0
    decode = TOKENIZER.decode

    def counting(found, **how):
        nonlocal n_read
        n_read += len(found)
        return decode(found, **how)

    monkeypatch.setattr(TOKENIZER, "decode", counting)
    stopped = [n for n in range(1, len(tokens) + 1) if watch.has_stopped(tokens[:n], key=0)]
    assert decode(tokens[: stopped[0]]).endswith("two\n")
    assert n_read < 40 * len(tokens)


def test_tags_that_are_special_tokens_stay_in_the_text_and_other_special_tokens_do_not():
    backend = tiny_tokenizer()
    backend.add_special_tokens({"additional_special_tokens": ["[THINK]", "[/THINK]", "[PAD]"]})
    tokenizer = Tokenizer(backend, name="special")
    tags = Thoughts(tags=(ThinkTags(opening="[THINK]", closing="[/THINK]"),))
    tokens = tokenizer.encode("[THINK]one[/THINK]two[PAD]</s>")
    eos = {backend.eos_token_id}
    ending = end_of(tokens, tokenizer, stops=[], eos=eos, thoughts=tags)
    assert ending.text == "[THINK]one[/THINK]two"
    assert end_of(tokens, tokenizer, stops=[], eos=eos).text == "onetwo"


def test_what_ids_are_made_of_does_not_know_thoughts():
    """Ids of studies without thoughts are what they were before there were any."""
    text = "Decoding(stops=('a',), max_new_tokens=3, do_sample=False, temperature=0.0, top_p=1.0)"
    assert repr(Decoding(stops=("a",), max_new_tokens=3)) == text
    assert repr(Decoding(stops=("a",), max_new_tokens=3, thoughts=THOUGHTS)) == text
