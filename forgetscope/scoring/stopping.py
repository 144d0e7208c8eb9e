"""Stopping: where generated text ends, and why.

Axes: B rows of a batch, T tokens.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from forgetscope.records import StopReason, Thoughts
from forgetscope.scoring.thoughts import answer_start, cut_at_stop, cut_behind_thought, marks_of
from forgetscope.scoring.tokenizer import Tokenizer

__all__ = ["Ending", "StopStrings", "StopWatch", "cut_at_stop", "end_of"]

_SPARE_TOKENS = 2
"""Looked at beyond a stop string's bytes: the first tokens of a tail may decode differently."""


class StopWatch:
    """Tells whether the newest tokens of a text complete a stop string.

    Parameters
    ----------
    stops
        Strings that end a text.
    tokenizer
        Turns tails of tokens into text.
    thoughts
        Where stop strings do not count; `None`: they count everywhere.
    """

    def __init__(
        self, stops: Sequence[str], tokenizer: Tokenizer, *, thoughts: Thoughts | None = None
    ) -> None:
        self._stops = [stop for stop in stops if stop]
        self._tokenizer = tokenizer
        self._thoughts = thoughts
        # every token carries at least one byte, unless it carries no text at all
        longest = max((len(stop.encode()) for stop in self._stops), default=0)
        self._n_tail = longest + _SPARE_TOKENS
        self._n_mark = max((len(m.encode()) for m in marks_of(thoughts)), default=0) + _SPARE_TOKENS
        self._n_inside: dict[int, int] = {}

    def has_stopped(self, tokens: Sequence[int], *, key: int) -> bool:
        """Whether the end of some generated tokens holds a stop string.

        Parameters
        ----------
        tokens
            Everything that was generated of a text.
        key
            Tells the text from others; the same each time it has grown.
        """
        if not self._stops:
            return False
        text = self._tokenizer.decode(tokens[-self._n_tail :])
        if not any(stop in text for stop in self._stops):
            return False
        return self._thoughts is None or self._is_in_answer(tokens, self._thoughts, key=key)

    def _is_in_answer(self, tokens: Sequence[int], thoughts: Thoughts, *, key: int) -> bool:
        """Whether a stop string stands behind the thought, which may be long."""
        known = self._n_inside.get(key)
        if known is not None:
            # of a thought that was open then, only what came since has to be read
            new = _text_of(tokens[max(0, known - self._n_mark) :], self._tokenizer, thoughts)
            if not any(pair.closing in new for pair in thoughts.tags):
                self._n_inside[key] = len(tokens)
                return False
        text = _text_of(tokens, self._tokenizer, thoughts)
        if answer_start(text, thoughts) is None:
            self._n_inside[key] = len(tokens)
        return _is_complete(text, self._stops, thoughts)


class StopStrings:
    """A stopping criterion for `generate`: per row, whether a stop string was completed.

    Parameters
    ----------
    stops
        Strings that end a text.
    tokenizer
        Turns tails of tokens into text.
    n_prompt
        Columns of the batch that hold prompts.
    thoughts
        Where stop strings do not count; `None`: they count everywhere.
    """

    def __init__(
        self,
        stops: Sequence[str],
        tokenizer: Tokenizer,
        *,
        n_prompt: int,
        thoughts: Thoughts | None = None,
    ) -> None:
        self._watch = StopWatch(stops, tokenizer, thoughts=thoughts)
        self._n_prompt = n_prompt
        self._is_done_B: list[bool] = []

    def __call__(self, ids_BT: Tensor, scores: Any, **_: Any) -> Tensor:  # noqa: ANN401, ARG002
        """Return which rows have ended, as a boolean tensor of B."""
        if not self._is_done_B:
            self._is_done_B = [False] * len(ids_BT)
        for row, tokens in enumerate(ids_BT[:, self._n_prompt :].tolist()):
            self._is_done_B[row] = self._is_done_B[row] or self._watch.has_stopped(tokens, key=row)
        return torch.tensor(self._is_done_B, device=ids_BT.device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A finished text."""

    text: str
    """Without stop string and special tokens."""
    n_tokens: int
    """Generated tokens up to and including the one that ended it."""
    reason: StopReason


def end_of(
    tokens: Sequence[int],
    tokenizer: Tokenizer,
    *,
    stops: Sequence[str],
    eos: Collection[int],
    thoughts: Thoughts | None = None,
) -> Ending:
    """Find where a row of generated tokens ends, and drop what follows.

    Parameters
    ----------
    tokens
        A row without its prompt; what comes after its end is padding.
    tokenizer
        Turns tokens into text.
    stops
        Strings that end a text and are cut from it.
    eos
        Token ids that end a text.
    thoughts
        Where stop strings do not count; thoughts stay in the text. `None`: they count everywhere.
    """
    n_tokens = next((n for n, token in enumerate(tokens, start=1) if token in eos), None)
    reason = StopReason.LENGTH if n_tokens is None else StopReason.STOP
    tokens = tokens[:n_tokens]
    text = _text_of(tokens, tokenizer, thoughts)
    cut = cut_behind_thought(text, stops, thoughts)
    if len(cut) < len(text):
        reason = StopReason.STOP
        tokens = tokens[: _tokens_to_stop(tokens, tokenizer, stops, thoughts)]
    return Ending(text=cut, n_tokens=len(tokens), reason=reason)


def _tokens_to_stop(
    tokens: Sequence[int], tokenizer: Tokenizer, stops: Sequence[str], thoughts: Thoughts | None
) -> int:
    """Return how many tokens it takes until a stop string is complete, by bisection."""
    low, high = 1, len(tokens)
    while low < high:
        middle = (low + high) // 2
        if _is_complete(_text_of(tokens[:middle], tokenizer, thoughts), stops, thoughts):
            high = middle
        else:
            low = middle + 1
    return low


def _is_complete(text: str, stops: Sequence[str], thoughts: Thoughts | None) -> bool:
    """Whether a stop string stands in the answer."""
    start = answer_start(text, thoughts)
    return start is not None and any(stop and stop in text[start:] for stop in stops)


def _text_of(tokens: Sequence[int], tokenizer: Tokenizer, thoughts: Thoughts | None) -> str:
    return tokenizer.decode_around(tokens, marks=marks_of(thoughts))
