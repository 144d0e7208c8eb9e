"""Tokens are split where lm-eval splits them; templates are rendered as the model's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import CheckpointError, UsageError
from forgetscope.scoring import Tokenizer, open_tokenizer
from tests.scoring.conftest import checkpoint_of
from tests.tiny import CHAT_TEMPLATE, tiny_tokenizer

PLAIN = Tokenizer(tiny_tokenizer(), name="plain")
TEXT = st.text(min_size=1, max_size=20)
HI = [{"role": "user", "content": "Hi"}]


@given(context=TEXT.filter(str.strip), continuation=TEXT)
def test_context_and_continuation_are_the_whole_text_encoded_once(context, continuation):
    # a context whose tokens end inside a merge swallows the border; the whole still has no gap
    whole = PLAIN.encode(context + continuation)
    alone = PLAIN.encode(context.rstrip())
    if len(whole) <= len(alone):
        return
    pair = PLAIN.encode_pair(context, continuation)
    assert pair.context == alone
    assert pair.continuation == whole[len(alone) :]


def test_spaces_at_the_end_of_a_context_belong_to_the_continuation():
    moved = PLAIN.encode_pair("The quick ", "brown")
    assert moved == PLAIN.encode_pair("The quick", " brown")
    assert PLAIN.decode(moved.continuation) == " brown"


@pytest.mark.parametrize("context", ["", "  "])
def test_without_context_the_text_follows_bos(context):
    pair = PLAIN.encode_pair(context, "The fox")
    assert pair.context == (PLAIN.backend.bos_token_id,)
    assert PLAIN.decode(pair.continuation) == f"{context}The fox"


def test_bos_is_not_added_to_a_text_that_begins_with_it():
    adding = Tokenizer(tiny_tokenizer(adds_bos=True), name="adding")
    bos = adding.backend.bos_token_id
    assert adding.encode("The fox") == adding.encode("<s>The fox")
    assert adding.encode("The fox").count(bos) == 1
    assert bos not in adding.encode("The fox", add_special_tokens=False)


def test_nothing_to_score_is_an_error():
    with pytest.raises(UsageError, match="continuation has no tokens"):
        PLAIN.encode_pair("The quick", "")
    with pytest.raises(UsageError, match="continuation has no tokens"):
        PLAIN.encode_pair("", "<s>")


def test_a_tokenizer_without_bos_and_eos_cannot_begin_a_text():
    backend = tiny_tokenizer()
    backend.bos_token = backend.eos_token = None
    bare = Tokenizer(backend, name="bare")
    assert bare.encode_pair("The", " fox").context
    with pytest.raises(UsageError, match="neither BOS nor EOS"):
        bare.encode_pair("", "fox")


def test_a_chat_is_rendered_by_the_models_own_template(llama):
    tokenizer = open_tokenizer(checkpoint_of(llama))
    assert tokenizer.chat_template == CHAT_TEMPLATE
    assert tokenizer.render_chat(HI) == "[user] Hi\n[assistant] "
    answered = [*HI, {"role": "assistant", "content": "Hello"}]
    rendered = tokenizer.render_chat(answered, add_generation_prompt=False)
    assert rendered == "[user] Hi\n[assistant] Hello"


def test_a_template_that_refuses_system_messages_sees_the_others():
    template = (
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    )
    refusing = Tokenizer(tiny_tokenizer(chat_template=template + CHAT_TEMPLATE), name="refusing")
    system = {"role": "system", "content": "Be brief"}
    assert refusing.render_chat([system, *HI]) == refusing.render_chat(HI)
    with pytest.raises(UsageError, match="no system"):
        refusing.render_chat([system])


def test_a_template_that_asks_for_the_date_writes_the_same_prompt_on_any_day():
    template = "{{ strftime_now('%d %b %Y') }} " + CHAT_TEMPLATE
    dated = Tokenizer(tiny_tokenizer(chat_template=template), name="dated")
    assert dated.render_chat(HI) == "26 Jul 2024 " + "[user] Hi\n[assistant] "


def test_a_base_model_without_template_cannot_chat():
    with pytest.raises(UsageError, match="no chat template") as caught:
        PLAIN.render_chat(HI)
    assert "--chat-template" in (caught.value.hint or "")


def test_the_fingerprint_follows_rules_and_template_only():
    same = Tokenizer(tiny_tokenizer(), name="another name")
    assert same.fingerprint == PLAIN.fingerprint
    others = [
        tiny_tokenizer(adds_bos=True),
        tiny_tokenizer(chat_template=CHAT_TEMPLATE),
        tiny_tokenizer(vocab_size=300),
    ]
    prints = {Tokenizer(backend, name="x").fingerprint for backend in others}
    assert len(prints | {PLAIN.fingerprint}) == 4


def test_padding_that_a_trainer_left_behind_changes_nothing(llama, tmp_path):
    copy = Path(shutil.copytree(llama, tmp_path / "copy"))
    rules = json.loads((copy / "tokenizer.json").read_text())
    rules["truncation"] = {
        "direction": "Right",
        "max_length": 4,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    (copy / "tokenizer.json").write_text(json.dumps(rules))
    original, touched = (open_tokenizer(checkpoint_of(folder)) for folder in (llama, copy))
    assert touched.fingerprint == original.fingerprint
    text = "The quick brown fox jumps"
    assert touched.encode(text) == original.encode(text)


def test_a_broken_tokenizer_is_a_checkpoint_error(llama, tmp_path):
    copy = Path(shutil.copytree(llama, tmp_path / "copy"))
    (copy / "tokenizer.json").write_text("{}")
    with pytest.raises(CheckpointError, match="tokenizer"):
        open_tokenizer(checkpoint_of(copy))
