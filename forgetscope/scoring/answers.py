"""What the `transformers` engine found, as answers."""

from __future__ import annotations

from collections.abc import Sequence

from forgetscope.records import Answer, Request, RequestKind
from forgetscope.scoring.spans import Span
from forgetscope.scoring.stopping import Ending

__all__ = ["Tally", "failed", "generated"]

_NO_MEMORY = "out of memory, even alone in its batch"


class Tally:
    """The spans of one request, as their scores come in."""

    def __init__(self, request: Request, spans: Sequence[Span]) -> None:
        self.request = request
        self._n_tokens = sum(len(span.targets) for span in spans)
        self._n_truncated = sum(span.n_truncated for span in spans)
        self._n_open = len(spans)
        self._logprob: float | None = 0.0
        self._is_greedy = True

    @property
    def is_complete(self) -> bool:
        """Whether all spans are scored."""
        return self._n_open == 0

    def add(self, logprob: float | None, *, is_greedy: bool) -> None:
        """Add the score of one span; `None`: it did not fit into memory."""
        self._n_open -= 1
        self._is_greedy = self._is_greedy and is_greedy
        if logprob is None or self._logprob is None:
            self._logprob = None
        else:
            self._logprob += logprob

    def answer(self) -> Answer:
        """Return the answer, once it is complete."""
        if self._logprob is None:
            return failed(self.request, _NO_MEMORY)
        is_pair = self.request.kind is RequestKind.LOGLIKELIHOOD
        return Answer(
            request_id=self.request.id,
            logprob=self._logprob,
            is_greedy=self._is_greedy if is_pair else None,
            n_tokens=self._n_tokens,
            n_truncated=self._n_truncated,
        )


def generated(
    request: Request, ending: Ending | None, sample_index: int, n_truncated: int
) -> Answer:
    """Return a written answer; no `ending`: it did not fit into memory."""
    if ending is None:
        return failed(request, _NO_MEMORY, sample_index=sample_index)
    return Answer(
        request_id=request.id,
        sample_index=sample_index,
        text=ending.text,
        n_tokens=ending.n_tokens,
        stop_reason=ending.reason,
        n_truncated=n_truncated,
    )


def failed(request: Request, error: str, *, sample_index: int = 0) -> Answer:
    """Return that a request has no answer, and why."""
    return Answer(request_id=request.id, sample_index=sample_index, error=error, n_tokens=0)
