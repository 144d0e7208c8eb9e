"""Lessons as tokens: with or without a chat template, cut to what a run allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forgetscope.errors import TrainingError, UsageError
from forgetscope.recap.replay import Encoder, Row
from forgetscope.records import Lesson

if TYPE_CHECKING:
    from forgetscope.recap.loading import Network

__all__ = ["TextEncoder", "encoder_of", "messages_of", "prompt_of"]


def messages_of(lesson: Lesson) -> list[dict[str, str]]:
    """Return a lesson's prompt as chat messages."""
    system = [{"role": "system", "content": lesson.system}] if lesson.system else []
    return [*system, {"role": "user", "content": lesson.prompt}]


def prompt_of(lesson: Lesson, *, chat_template: bool) -> str | list[dict[str, str]]:
    """Return a lesson's prompt in the form that TRL reads."""
    if chat_template or lesson.images:
        return messages_of(lesson)
    return f"{lesson.system}\n\n{lesson.prompt}" if lesson.system else lesson.prompt


class TextEncoder:
    """Turns a lesson of text into a row.

    Parameters
    ----------
    tokenizer
        A tokenizer of transformers.
    chat_template
        Whether prompts go through its chat template.
    max_tokens
        Longest row; what is longer is cut at its end.
    """

    def __init__(self, tokenizer: Any, *, chat_template: bool, max_tokens: int) -> None:  # noqa: ANN401 (transformers is not typed)
        if chat_template and tokenizer.chat_template is None:
            raise UsageError(
                "the tokenizer has no chat template", hint="leave `--chat-template` out"
            )
        self._tokenizer = tokenizer
        self._chat_template = chat_template
        self._max_tokens = max_tokens

    def __call__(self, lesson: Lesson, domain: str) -> Row:
        """Return the row; its answer ends with the end-of-text token where it was not cut."""
        prompt = self._prompt(lesson)
        answer = list(self._tokenizer(lesson.text, add_special_tokens=False)["input_ids"])
        if self._tokenizer.eos_token_id is not None:
            answer.append(self._tokenizer.eos_token_id)
        if not prompt:
            # something has to stand before the first token that carries loss
            prompt, answer = answer[:1], answer[1:]
        # a long prompt loses its beginning, so that at least half of the room is the answer's
        room = max(self._max_tokens - len(answer), self._max_tokens // 2)
        prompt = prompt[-room:]
        answer = answer[: self._max_tokens - len(prompt)]
        if not answer:
            raise TrainingError(
                f"a replay row of `{domain}` has no answer to imitate: {lesson.prompt[:60]!r}"
            )
        return Row(domain=domain, prompt_ids=tuple(prompt), answer_ids=tuple(answer), extra={})

    def _prompt(self, lesson: Lesson) -> list[int]:
        if not self._chat_template:
            text = prompt_of(lesson, chat_template=False)
            return list(self._tokenizer(text)["input_ids"])
        encoded = self._tokenizer.apply_chat_template(
            messages_of(lesson), add_generation_prompt=True, tokenize=True, return_dict=True
        )
        return list(encoded["input_ids"])


def encoder_of(network: Network, *, chat_template: bool, max_tokens: int) -> Encoder:
    """Return what turns lessons into rows for a model."""
    return TextEncoder(network.tokenizer, chat_template=chat_template, max_tokens=max_tokens)
