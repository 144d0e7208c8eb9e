"""Lessons as tokens: plain or as a chat, with pictures or without, cut to what a run allows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from forgetscope.errors import DataError, TrainingError, UsageError
from forgetscope.recap.replay import Encoder, Row
from forgetscope.records import Lesson

if TYPE_CHECKING:
    from PIL.Image import Image

    from forgetscope.recap.loading import Network

__all__ = ["ChatEncoder", "TextEncoder", "encoder_of", "pictures_of", "prompt_of"]

Foreign = Any
"""Something of transformers', which is not typed."""
TOKEN_KINDS = "token_type_ids"
"""How the names of what a processor says of every single token end."""


def prompt_of(lesson: Lesson, *, as_chat: bool) -> str | list[dict[str, str]]:
    """Return a lesson's prompt in the form that TRL reads."""
    if not as_chat:
        return f"{lesson.system}\n\n{lesson.prompt}" if lesson.system else lesson.prompt
    system = [{"role": "system", "content": lesson.system}] if lesson.system else []
    return [*system, {"role": "user", "content": lesson.prompt}]


def pictures_of(lesson: Lesson) -> list[Image]:
    """Return a lesson's pictures, those that are paths read from disk.

    Raises
    ------
    DataError
        A picture cannot be read.
    """
    from PIL import Image

    pictures = []
    for image in lesson.images:
        try:
            picture = image if isinstance(image, Image.Image) else Image.open(image)
            pictures.append(picture.convert("RGB"))
        except OSError as error:
            raise DataError(f"cannot read the picture `{image}`: {error}") from error
    return pictures


class TextEncoder:
    """Turns a lesson into a row of plain text.

    Parameters
    ----------
    tokenizer
        A tokenizer of transformers.
    max_tokens
        Longest row; what is longer is cut.
    """

    def __init__(self, tokenizer: Foreign, *, max_tokens: int) -> None:
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens

    def __call__(self, lesson: Lesson, domain: str) -> Row:
        """Return the row; its answer ends with the end-of-text token where it was not cut."""
        prompt = list(self._tokenizer(prompt_of(lesson, as_chat=False))["input_ids"])
        answer = _answer(self._tokenizer, lesson)
        if not prompt:
            # something has to stand before the first token that carries loss
            prompt, answer = answer[:1], answer[1:]
        return _row(lesson, domain, *_cut(prompt, answer, self._max_tokens))


class ChatEncoder:
    """Turns a lesson into a row by the chat template, with its pictures.

    Parameters
    ----------
    network
        The model that reads the rows.
    max_tokens
        Longest row; what is longer is cut.

    Raises
    ------
    UsageError
        There is no chat template.
    """

    def __init__(self, network: Network, *, max_tokens: int) -> None:
        self._processor = network.processor
        self._tokenizer = network.tokenizer
        self._sees = network.sees
        self._max_tokens = max_tokens
        if self._processor.chat_template is None:
            raise UsageError(
                "the tokenizer has no chat template", hint="leave `--chat-template` out"
            )

    def __call__(self, lesson: Lesson, domain: str) -> Row:
        """Return the row; its answer ends with the end-of-text token where it was not cut."""
        encoded = self._processor.apply_chat_template(
            [self._messages(lesson)],
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            return_tensors="pt",
        )
        prompt = encoded.pop("input_ids")[0].tolist()
        del encoded["attention_mask"]
        answer = _answer(self._tokenizer, lesson)
        if not lesson.images:
            return _row(lesson, domain, *_cut(prompt, answer, self._max_tokens))
        # a picture's tokens stand for its pixels: they cannot be cut
        if len(prompt) >= self._max_tokens:
            raise TrainingError(
                f"a replay row of `{domain}` has {len(prompt)} tokens before its answer, "
                f"pictures included; at most {self._max_tokens} are allowed",
                hint="raise `retention: max_tokens`",
            )
        row = _row(lesson, domain, prompt, answer[: self._max_tokens - len(prompt)])
        kinds = {name: value[0] for name, value in encoded.items() if name.endswith(TOKEN_KINDS)}
        pictures = {name: value for name, value in encoded.items() if name not in kinds}
        return replace(row, token_kinds=kinds, pictures=pictures)

    def _messages(self, lesson: Lesson) -> Foreign:
        messages: Foreign = prompt_of(lesson, as_chat=True)
        if not self._sees:
            return messages
        # where TRL puts them: the pictures first, in the only turn of the user
        parts = [{"type": "image", "image": picture} for picture in pictures_of(lesson)]
        system = [_parts(message, []) for message in messages[:-1]]
        return [*system, _parts(messages[-1], parts)]


def encoder_of(network: Network, *, as_chat: bool, max_tokens: int) -> Encoder:
    """Return what turns lessons into rows for a model."""
    if as_chat:
        return ChatEncoder(network, max_tokens=max_tokens)
    return TextEncoder(network.tokenizer, max_tokens=max_tokens)


def _parts(message: dict[str, str], pictures: list[dict[str, Any]]) -> dict[str, Any]:
    text = {"type": "text", "text": message["content"]}
    return {"role": message["role"], "content": [*pictures, text]}


def _answer(tokenizer: Foreign, lesson: Lesson) -> list[int]:
    answer = list(tokenizer(lesson.text, add_special_tokens=False)["input_ids"])
    if tokenizer.eos_token_id is not None:
        answer.append(tokenizer.eos_token_id)
    return answer


def _cut(prompt: list[int], answer: list[int], size: int) -> tuple[list[int], list[int]]:
    # a long prompt loses its beginning, so that at least half of the room is the answer's
    prompt = prompt[-max(size - len(answer), size // 2, 1) :]
    return prompt, answer[: size - len(prompt)]


def _row(lesson: Lesson, domain: str, prompt: list[int], answer: list[int]) -> Row:
    if not lesson.text or not answer:
        raise TrainingError(
            f"a replay row of `{domain}` has no answer to imitate: {lesson.prompt[:60]!r}"
        )
    return Row(domain=domain, prompt_ids=tuple(prompt), answer_ids=tuple(answer))
