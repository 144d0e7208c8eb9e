from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import DataError, TrainingError, UsageError
from forgetscope.recap.encoding import ChatEncoder, TextEncoder, encoder_of, pictures_of, prompt_of
from forgetscope.recap.loading import Network
from forgetscope.records import Lesson
from tests.tiny import CHAT_TEMPLATE, tiny_tokenizer

TOKENIZER = tiny_tokenizer()
EOS = TOKENIZER.eos_token_id


def _ids(text: str) -> tuple[int, ...]:
    return tuple(TOKENIZER(text, add_special_tokens=False)["input_ids"])


def _encoded(lesson: Lesson, max_tokens: int = 99):
    return TextEncoder(TOKENIZER, max_tokens=max_tokens)(lesson, "d")


def test_an_answer_follows_its_prompt_and_ends():
    row = _encoded(Lesson(prompt="one and", gold=" two"))
    assert (row.domain, row.prompt_ids, row.answer_ids) == (
        "d",
        _ids("one and"),
        (*_ids(" two"), EOS),
    )


def test_what_is_imitated_goes_before_the_gold():
    row = _encoded(Lesson(prompt="one", gold="2", answer=" because"))
    assert row.answer_ids == (*_ids(" because"), EOS)


def test_a_system_text_stands_before_the_prompt():
    row = _encoded(Lesson(prompt="one", system="be brief", gold="2"))
    assert row.prompt_ids == _ids("be brief\n\none")


def test_a_text_without_a_prompt_carries_loss_from_its_second_token():
    row = _encoded(Lesson(prompt="", answer="a plain text"))
    assert row.prompt_ids + row.answer_ids == (*_ids("a plain text"), EOS)
    assert len(row.prompt_ids) == 1


@given(
    prompt=st.text("ab ", max_size=60),
    answer=st.text("cd", min_size=1, max_size=60),
    size=st.integers(2, 40),
)
def test_a_row_fits_and_keeps_the_end_of_the_prompt_and_the_beginning_of_the_answer(
    prompt: str, answer: str, size: int
):
    row = _encoded(Lesson(prompt=prompt, answer=answer), size)
    whole_prompt, whole_answer = _ids(prompt), (*_ids(answer), EOS)
    assert 2 <= len(row.prompt_ids) + len(row.answer_ids) <= size
    if prompt:
        assert whole_prompt[-len(row.prompt_ids) :] == row.prompt_ids
        assert whole_answer[: len(row.answer_ids)] == row.answer_ids
        # the answer is cut only where it is longer than half of the room
        assert row.answer_ids == whole_answer or len(row.answer_ids) >= size // 2
    else:
        assert (whole_answer)[: len(row.answer_ids) + 1] == row.prompt_ids + row.answer_ids


@pytest.mark.parametrize("prompt", ["", "a question"])
def test_a_lesson_without_an_answer_cannot_be_imitated(prompt: str):
    with pytest.raises(TrainingError, match="no answer to imitate"):
        _encoded(Lesson(prompt=prompt))


def _chat(max_tokens: int = 99, template: str | None = CHAT_TEMPLATE) -> ChatEncoder:
    tokenizer = tiny_tokenizer(chat_template=template)
    return ChatEncoder(Network(model=None, processor=tokenizer), max_tokens=max_tokens)


def test_a_chat_goes_through_the_template_up_to_where_the_model_speaks():
    row = _chat()(Lesson(prompt="hi", system="be kind", gold="hello"), "d")
    assert row.prompt_ids == _ids("[system] be kind\n[user] hi\n[assistant] ")
    assert row.answer_ids == (*_ids("hello"), EOS)
    assert not row.pictures
    assert not row.token_kinds


def test_a_long_chat_is_cut_as_text_is():
    row = _chat(8)(Lesson(prompt="quick " * 30, gold="hello " * 30), "d")
    assert (len(row.prompt_ids), len(row.answer_ids)) == (4, 4)


def test_a_model_without_a_chat_template_is_told_before_training():
    with pytest.raises(UsageError, match="no chat template"):
        _chat(template=None)


def test_the_encoder_belongs_to_how_prompts_are_read():
    network = Network(model=None, processor=tiny_tokenizer(chat_template=CHAT_TEMPLATE))
    assert isinstance(encoder_of(network, as_chat=True, max_tokens=9), ChatEncoder)
    assert isinstance(encoder_of(network, as_chat=False, max_tokens=9), TextEncoder)


def test_a_prompt_is_what_trl_reads():
    lesson = Lesson(prompt="p")
    assert prompt_of(lesson, as_chat=False) == "p"
    assert prompt_of(lesson, as_chat=True) == [{"role": "user", "content": "p"}]


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "no.png").write_text("no picture")
    with pytest.raises(DataError, match=r"no\.png"):
        pictures_of(Lesson(prompt="p", images=(tmp_path / "no.png",)))
