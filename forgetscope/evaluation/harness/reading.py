"""What a backend of lm-eval says, read as an answer of ours."""

from __future__ import annotations

from typing import Any

from forgetscope.errors import ForgetscopeError, UsageError
from forgetscope.records import Answer, Request, RequestKind, StopReason
from forgetscope.scoring import Tokenizer, cut_behind_thought

__all__ = ["Reading"]

_DEFAULT = 256
"""Tokens that lm-eval lets a backend write where a request does not say."""


class Reading:
    """Makes answers of what a backend says; tokens are counted anew.

    Parameters
    ----------
    tokenizer
        The checkpoint's.
    max_length
        Tokens that the backend reads at most.
    """

    def __init__(self, tokenizer: Tokenizer, *, max_length: int) -> None:
        self._tokenizer = tokenizer
        self._max_length = max_length

    def answer(self, request: Request, value: Any) -> Answer:  # noqa: ANN401  as lm-eval says it
        """Return the answer to a request.

        Parameters
        ----------
        value
            A text; a log-probability, for a pair with whether it is greedy; or an error.
        """
        if isinstance(value, ForgetscopeError):
            return Answer(request_id=request.id, error=value.message, n_tokens=0)
        if request.kind is RequestKind.GENERATE:
            return self._written(request, str(value))
        is_pair = request.kind is RequestKind.LOGLIKELIHOOD
        logprob, is_greedy = value if is_pair else (value, None)
        n_tokens, n_truncated = self._pair(request) if is_pair else (self._n_tokens(request), 0)
        return Answer(
            request_id=request.id,
            logprob=float(logprob),
            is_greedy=is_greedy,
            n_tokens=n_tokens,
            n_truncated=n_truncated,
        )

    def _pair(self, request: Request) -> tuple[int, int]:
        """Return the tokens of a continuation, and those cut from its context."""
        try:
            pair = self._tokenizer.encode_pair(request.context, request.continuation)
        except UsageError:  # what has no tokens for us has a number from the backend
            return 0, 0
        n_read = len(pair.context) + len(pair.continuation) - 1
        return len(pair.continuation), max(0, n_read - self._max_length)

    def _n_tokens(self, request: Request) -> int:
        return len(self._tokenizer.encode(request.context))

    def _written(self, request: Request, written: str) -> Answer:
        # backends give the text alone: its tokens are counted anew, and what has as many as it
        # may have counts as cut off
        decoding = request.decoding
        most = _DEFAULT if decoding is None else decoding.max_new_tokens
        text = written
        if decoding is not None and decoding.thoughts is not None:
            text = cut_behind_thought(written, decoding.stops, decoding.thoughts)
        n_tokens = len(self._tokenizer.encode(text, add_special_tokens=False))
        return Answer(
            request_id=request.id,
            text=text,
            n_tokens=min(n_tokens, most),
            stop_reason=StopReason.LENGTH if n_tokens >= most else StopReason.STOP,
            n_truncated=max(0, self._n_tokens(request) + most - self._max_length),
        )
