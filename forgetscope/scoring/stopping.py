"""Stopping: where generated text ends, and why.

Axes: B rows of a batch, T tokens.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from forgetscope.records import StopReason
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
    """

    def __init__(self, stops: Sequence[str], tokenizer: Tokenizer) -> None:
        self._stops = [stop for stop in stops if stop]
        self._tokenizer = tokenizer
        # every token carries at least one byte, unless it carries no text at all
        longest = max((len(stop.encode()) for stop in self._stops), default=0)
        self._n_tail = longest + _SPARE_TOKENS

    def has_stopped(self, tokens: Sequence[int]) -> bool:
        """Whether the end of some generated tokens holds a stop string."""
        if not self._stops:
            return False
        text = self._tokenizer.decode(tokens[-self._n_tail :])
        return any(stop in text for stop in self._stops)


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
    """

    def __init__(self, stops: Sequence[str], tokenizer: Tokenizer, *, n_prompt: int) -> None:
        self._watch = StopWatch(stops, tokenizer)
        self._n_prompt = n_prompt
        self._is_done_B: list[bool] = []

    def __call__(self, ids_BT: Tensor, scores: Any, **_: Any) -> Tensor:  # noqa: ANN401, ARG002
        """Return which rows have ended, as a boolean tensor of B."""
        if not self._is_done_B:
            self._is_done_B = [False] * len(ids_BT)
        for row, tokens in enumerate(ids_BT[:, self._n_prompt :].tolist()):
            self._is_done_B[row] = self._is_done_B[row] or self._watch.has_stopped(tokens)
        return torch.tensor(self._is_done_B, device=ids_BT.device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A finished text."""

    text: str
    """Without stop string and special tokens."""
    n_tokens: int
    """Generated tokens up to and including the one that ended it."""
    reason: StopReason


def cut_at_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text before the first stop string in it.

    As in lm-eval, the strings are tried in their order, each on what the one before it left.

    >>> cut_at_stop("four. Question: and five?", ["Question:", ". "])
    'four'
    """
    for stop in stops:
        if stop:
            text = text.split(stop, 1)[0]
    return text


def end_of(
    tokens: Sequence[int], tokenizer: Tokenizer, *, stops: Sequence[str], eos: Collection[int]
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
    """
    n_tokens = next((n for n, token in enumerate(tokens, start=1) if token in eos), None)
    reason = StopReason.LENGTH if n_tokens is None else StopReason.STOP
    tokens = tokens[:n_tokens]
    text = tokenizer.decode(tokens)
    cut = cut_at_stop(text, stops)
    if len(cut) < len(text):
        reason = StopReason.STOP
        tokens = tokens[: _tokens_to_stop(tokens, tokenizer, stops)]
    return Ending(text=cut, n_tokens=len(tokens), reason=reason)


def _tokens_to_stop(tokens: Sequence[int], tokenizer: Tokenizer, stops: Sequence[str]) -> int:
    """Return how many tokens it takes until a stop string is complete, by bisection."""
    low, high = 1, len(tokens)
    while low < high:
        middle = (low + high) // 2
        text = tokenizer.decode(tokens[:middle])
        if any(stop and stop in text for stop in stops):
            high = middle
        else:
            low = middle + 1
    return low
