"""Log-likelihoods, the plain way: every request reads its own context.

Axes: N positions of one span, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from forgetscope.errors import NoNumbersError
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.memory import run_in_batches
from forgetscope.scoring.spans import Span

__all__ = ["PlainScorer", "SpanScore", "SpanScorer", "no_numbers"]

_ROWS_AT_ONCE = 128
"""Positions whose float32 probabilities are in memory at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanScore:
    """What the model says about the targets of one span."""

    index: int
    """Place of the span in what was asked."""
    logprob: float | None
    """Summed log-probability in nats; `None` if the span does not fit into memory."""
    is_greedy: bool


class SpanScorer(Protocol):
    """A way to score spans; all ways give the same numbers up to rounding."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how the scores so far were computed."""

    def score(
        self, spans: Sequence[Span], *, done: Collection[int] = ()
    ) -> Iterator[list[SpanScore]]:
        """Yield the scores of all spans, batch by batch, in any order.

        Spans at the places `done` need no score, and get one only where it comes for free.
        """


class PlainScorer:
    """Scores spans longest first; equal inputs go through the model once.

    Parameters
    ----------
    decoder
        The model.
    batch_tokens
        Tokens of one forward pass, padding included.
    """

    notes = ()

    def __init__(self, decoder: Decoder, *, batch_tokens: int) -> None:
        self._decoder = decoder
        self._batch_tokens = batch_tokens

    def score(
        self, spans: Sequence[Span], *, done: Collection[int] = ()
    ) -> Iterator[list[SpanScore]]:
        """Yield the scores of all spans, batch by batch, longest first.

        Batches are formed from all spans, so that a score does not depend on what is `done`.

        Raises
        ------
        EngineError
            If the model's logits are no numbers.
        """
        # one-token options after one context differ only in what is read off the last position
        groups: dict[tuple[int, ...], list[int]] = {}
        for index, span in enumerate(spans):
            groups.setdefault(span.inputs, []).append(index)
        inputs = sorted(groups, key=lambda tokens: (-len(tokens), tokens))

        def compute(batch: Sequence[tuple[int, ...]]) -> list[list[SpanScore]]:
            n_last = [max(len(spans[i].targets) for i in groups[tokens]) for tokens in batch]
            logits = self._decoder.last_logits(batch, n_last)
            return [
                [self._read(i, spans[i], rows) for i in groups[tokens]]
                for tokens, rows in zip(batch, logits, strict=True)
            ]

        wanted = {tokens for tokens, group in groups.items() if not all(i in done for i in group)}
        for batch in run_in_batches(
            inputs,
            compute,
            length=len,
            budget=self._batch_tokens,
            is_wanted=wanted.__contains__,
        ):
            if batch.results is None:
                lost = [index for tokens in batch.items for index in groups[tokens]]
                yield [SpanScore(index=i, logprob=None, is_greedy=False) for i in lost]
            else:
                yield [score for scores in batch.results for score in scores]

    def _read(self, index: int, span: Span, rows_NV: Tensor) -> SpanScore:
        """Read the targets' probabilities off the last positions."""
        total, is_greedy = 0.0, True
        targets_N = torch.tensor(span.targets, device=rows_NV.device)
        own_NV = rows_NV[-len(span.targets) :]
        for start in range(0, len(span.targets), _ROWS_AT_ONCE):
            rows = own_NV[start : start + _ROWS_AT_ONCE].float()
            targets = targets_N[start : start + _ROWS_AT_ONCE]
            picked = rows.gather(1, targets[:, None])[:, 0]
            logprob = float((picked - rows.logsumexp(dim=1)).sum(dtype=torch.float64))
            if not math.isfinite(logprob):
                raise no_numbers(self._decoder.name)
            total += logprob
            is_greedy = is_greedy and bool((rows.argmax(dim=1) == targets).all())
        return SpanScore(index=index, logprob=total, is_greedy=is_greedy)


def no_numbers(name: str) -> NoNumbersError:
    """Return the error for a model whose logits are NaN or infinite."""
    return NoNumbersError(
        f"`{name}` answers no numbers: its logits are NaN or infinite",
        hint="the checkpoint holds broken weights, or overflows: try `--dtype float32`",
    )
