import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.recap.sources import SourceKind, SourceSpec, Use, parse_source

WORDS = st.from_regex(r"[a-z][a-z0-9_-]{0,12}", fullmatch=True)
VALUES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


@st.composite
def specs(draw):
    """Sources of every kind with any of their keys."""
    kind = draw(st.sampled_from(list(SourceKind)))
    settings = {}
    if kind in (SourceKind.JSONL, SourceKind.HF):
        settings = draw(st.dictionaries(st.sampled_from(["prompt", "answer"]), VALUES))
    if kind is SourceKind.GYM:
        settings = draw(st.dictionaries(st.one_of(WORDS, st.just("n")), VALUES, max_size=3))
    use = draw(st.sampled_from([None, *Use]))
    rewards = draw(st.lists(st.sampled_from(["exact", "format", "a.b:c"]), unique=True))
    return SourceSpec(
        kind=kind,
        name=draw(WORDS),
        split=draw(st.one_of(st.just(""), WORDS)) if kind is SourceKind.HF else "",
        use=use,
        n=draw(st.one_of(st.none(), st.integers(1, 10**9))),
        domain=draw(st.one_of(st.none(), WORDS)),
        rewards=() if use is Use.LOSS else tuple(rewards),
        seed=draw(st.one_of(st.none(), st.integers(0, 10**9))),
        settings=tuple(settings.items()),
    )


@given(specs())
def test_the_text_of_a_source_parses_to_that_source(spec):
    assert parse_source(spec.text) == spec


def parsed(text):
    """The source of a text, or `None` where it is refused."""
    try:
        return parse_source(text)
    except UsageError:
        return None


@given(st.text(max_size=60))
def test_any_text_is_a_source_that_can_be_written_again_or_is_refused(text):
    spec = parsed(text)
    assert spec is None or parse_source(spec.text) == spec


@given(
    st.sampled_from(["gym:chain_sum?", "jsonl:f", "hf:", "testbed:math?"]),
    st.text(st.sampled_from("n=&?:. %task9"), max_size=30),
)
def test_any_keys_can_be_written_again_or_are_refused(head, tail):
    spec = parsed(head + tail)
    assert spec is None or parse_source(spec.text) == spec


def test_common_keys_are_read_and_the_others_go_to_the_source():
    spec = parse_source("gym:n_queens?n=5&task.n=8&seed=3&domain=puzzles&as=reward&reward=verifier")
    assert (spec.n, spec.seed, spec.domain, spec.use) == (5, 3, "puzzles", Use.REWARD)
    assert spec.rewards == ("verifier",)
    assert spec.settings == (("n", "8"),)


def test_the_last_colon_of_a_data_set_opens_its_split():
    spec = parse_source("hf:openai/gsm8k:train?config=main")
    assert (spec.name, spec.split, spec.settings) == (
        "openai/gsm8k",
        "train",
        (("config", "main"),),
    )


def test_a_value_may_hold_any_character_in_its_percent_form():
    spec = parse_source("jsonl:f.jsonl?prompt=a%26b%3D%20c")
    assert spec.settings == (("prompt", "a&b= c"),)


@pytest.mark.parametrize(
    ("text", "error", "named", "hint"),
    [
        ("gmy:chain_sum", UnknownNameError, "gmy", "`gym`"),
        ("chain_sum", UsageError, "chain_sum", "KIND:NAME"),
        ("testbd", UsageError, "testbd", "testbed:NAME"),
        ("", UsageError, "no source", "KIND:NAME"),
        ("hf:a/b:", UsageError, "split", "KIND:NAME"),
        ("gym:", UsageError, "no name", "KIND:NAME"),
        ("gym:chain_sum?n", UsageError, "`n`", "KIND:NAME"),
        ("gym:chain_sum?n=", UsageError, "`n=`", "KIND:NAME"),
        ("gym:chain_sum?n=0", UsageError, "at least 1", None),
        ("gym:chain_sum?n=1_0", UsageError, "1_0", None),
        ("gym:chain_sum?n=٣", UsageError, "whole number", None),
        ("gym:chain_sum?seed=-1", UsageError, "seed", None),
        ("gym:chain_sum?n=1&n=2", UsageError, "twice", None),
        ("gym:chain_sum?as=rewrd", UnknownNameError, "rewrd", "`reward`"),
        ("gym:chain_sum?domain=a/b", UsageError, "domain", None),
        ("gym:chain_sum?reward=exat", UnknownNameError, "exat", "`exact`"),
        ("gym:chain_sum?reward=exact,exact", UsageError, "twice", None),
        ("jsonl:f?reward=verifier", UnknownNameError, "verifier", None),
        ("jsonl:f?promt=question", UnknownNameError, "promt", "`prompt`"),
        ("testbed:math?max_digits=1", UnknownNameError, "max_digits", None),
        ("jsonl:f?as=loss&reward=exact", UsageError, "as=loss", "twice"),
    ],
)
def test_what_cannot_be_understood_is_named_with_what_was_meant(text, error, named, hint):
    with pytest.raises(error) as caught:
        parse_source(text)
    assert named in caught.value.message
    if hint:
        assert hint in (caught.value.hint or "")
