"""Answers: what a checkpoint returned to one request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Answer", "StopReason"]


class StopReason(StrEnum):
    """Why a generated answer ended."""

    STOP = "stop"
    """A stop string or the end-of-sequence token."""
    LENGTH = "length"
    """The token limit: the answer is truncated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one checkpoint returned to one request.

    Exactly one of `logprob`, `text` and `error` is set.
    """

    request_id: str
    sample_index: int = 0
    logprob: float | None = None
    """Summed log-probability of the continuation or the whole text, in nats."""
    is_greedy: bool | None = None
    """Whether greedy decoding would have written the continuation."""
    text: str | None = None
    """Generated text, raw, without the stop string."""
    n_tokens: int
    """Tokens scored or generated; -1 where a log that was imported does not tell."""
    stop_reason: StopReason | None = None
    n_truncated: int = 0
    """Prompt tokens cut off on the left because the window was too short."""
    error: str | None = None

    def __post_init__(self) -> None:
        given = sum(value is not None for value in (self.logprob, self.text, self.error))
        if given != 1:
            raise ValueError(f"an answer has one of logprob, text and error; {given} were given")
