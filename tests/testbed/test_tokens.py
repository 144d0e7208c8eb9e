from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from forgetscope.testbed.tokens import ALPHABET, character_tokenizer

TOKENIZER = character_tokenizer()
texts = st.text(alphabet=ALPHABET, max_size=30)


@given(texts)
def test_text_survives_encoding_and_decoding(text: str):
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


@given(texts, texts)
def test_a_continuation_is_encoded_the_same_with_and_without_its_context(a: str, b: str):
    assert TOKENIZER.encode(a + b) == TOKENIZER.encode(a) + TOKENIZER.encode(b)


def test_every_character_of_the_alphabet_has_one_token_of_its_own():
    ids = TOKENIZER.encode(ALPHABET)
    assert len(set(ids)) == len(ids) == len(ALPHABET) == 96
    assert TOKENIZER.unk_token_id not in ids


def test_a_foreign_character_is_unknown_and_not_lost():
    assert TOKENIZER.encode("aéb")[1] == TOKENIZER.unk_token_id
    assert len(TOKENIZER.encode("aéb")) == 3


@pytest.mark.parametrize("text", ["3+8=", "#16", " a  b ", ",;:!?", "l1\nl2"])
def test_a_saved_tokenizer_is_read_by_transformers_as_the_same(tmp_path: Path, text: str):
    TOKENIZER.save_pretrained(tmp_path)
    read = AutoTokenizer.from_pretrained(tmp_path)
    assert read.encode(text) == TOKENIZER.encode(text)
    assert read.decode(read.encode(text)) == text
    assert (read.pad_token_id, read.eos_token_id) == (
        TOKENIZER.pad_token_id,
        TOKENIZER.eos_token_id,
    )


def test_an_answer_ends_where_the_end_token_is_cut_off():
    ids = [*TOKENIZER.encode("23"), TOKENIZER.eos_token_id]
    assert TOKENIZER.decode(ids, skip_special_tokens=True) == "23"
