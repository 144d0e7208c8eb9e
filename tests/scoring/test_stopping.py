"""Texts end at the first stop string or end token, and say why."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lm_eval.models.utils import postprocess_generated_text

from forgetscope.records import StopReason
from forgetscope.scoring import Tokenizer
from forgetscope.scoring.stopping import StopStrings, cut_at_stop, end_of
from tests.tiny import tiny_tokenizer

TOKENIZER = Tokenizer(tiny_tokenizer(), name="tiny")
EOS = {TOKENIZER.backend.eos_token_id}
STOPS = st.lists(st.text(alphabet="ab \n", max_size=3), max_size=3)


@given(text=st.text(alphabet="ab \n", max_size=12), stops=STOPS)
def test_a_text_is_cut_like_lm_eval_cuts_it(text, stops):
    cut = cut_at_stop(text, stops)
    assert cut == postprocess_generated_text(text, stops, None)
    assert text.startswith(cut)
    assert not any(stop in cut for stop in stops if stop)


def test_text_without_an_end_is_truncated():
    tokens = TOKENIZER.encode("The quick brown")
    ending = end_of(tokens, TOKENIZER, stops=["fox"], eos=EOS)
    assert (ending.text, ending.reason) == ("The quick brown", StopReason.LENGTH)
    assert ending.n_tokens == len(tokens)


def test_the_end_token_ends_a_text_and_counts():
    tokens = TOKENIZER.encode("The quick") + tuple(EOS) * 5
    ending = end_of(tokens, TOKENIZER, stops=[], eos=EOS)
    assert (ending.text, ending.reason) == ("The quick", StopReason.STOP)
    assert ending.n_tokens == len(TOKENIZER.encode("The quick")) + 1


def test_a_stop_string_ends_a_text_and_what_follows_does_not_count():
    answer, rest = TOKENIZER.encode("Rome\n"), TOKENIZER.encode("Question: and France?")
    ending = end_of(answer + rest, TOKENIZER, stops=["\n", "?"], eos=EOS)
    assert (ending.text, ending.reason) == ("Rome", StopReason.STOP)
    assert ending.n_tokens == len(answer)


@pytest.mark.parametrize("stop", ["n", "door", "🙂", " the door, looked"])
def test_a_stop_string_is_seen_with_the_token_that_completes_it(stop):
    text = f"She opened the{stop} at the door, looked 🙂"
    tokens = TOKENIZER.encode(text)
    prompt = TOKENIZER.encode(f"{stop} in a prompt does not count")
    criterion = StopStrings([stop], TOKENIZER, n_prompt=len(prompt))
    for n in range(1, len(tokens) + 1):
        (is_done,) = criterion(torch.tensor([prompt + tokens[:n]]), None).tolist()
        assert is_done == (stop in TOKENIZER.decode(tokens[:n]))
        if is_done:
            return
    pytest.fail("the stop string was never seen")
