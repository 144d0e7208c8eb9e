"""Spans: tokens to score after the tokens before them, fitted into the window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forgetscope.errors import UsageError
from forgetscope.scoring.tokenizer import EncodedPair

__all__ = ["Span", "rolling_spans", "span_of_pair"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One model input, and the tokens whose probability is asked at its end."""

    inputs: tuple[int, ...]
    """What the model reads: context and all targets but the last."""
    targets: tuple[int, ...]
    """What its last positions should predict, in order; never longer than `inputs`."""
    n_truncated: int = 0
    """Context tokens cut off on the left."""


def span_of_pair(pair: EncodedPair, *, max_length: int) -> Span:
    """Fit a context and its continuation into the window, cutting the context on the left.

    The last token is never read, only predicted: `max_length + 1` tokens fit.

    Raises
    ------
    UsageError
        If the continuation alone is longer than the window.
    """
    if len(pair.continuation) > max_length:
        raise UsageError(
            f"a continuation of {len(pair.continuation)} tokens does not fit the window of"
            f" {max_length}"
        )
    whole = pair.context + pair.continuation
    kept = whole[-(max_length + 1) :]
    return Span(inputs=kept[:-1], targets=pair.continuation, n_truncated=len(whole) - len(kept))


def rolling_spans(tokens: Sequence[int], *, prefix: int, max_length: int) -> Iterator[Span]:
    """Cut a text into windows so that every token is predicted once.

    The first window begins with the prefix token. Each later one is full, so that its first
    targets still see earlier text; the last may predict only a few tokens after a full context.
    """
    tokens = tuple(tokens)
    first = tokens[:max_length]
    if first:
        yield Span(inputs=(prefix, *first[:-1]), targets=first)
    for start in range(max_length, len(tokens), max_length):
        stop = min(start + max_length, len(tokens))
        yield Span(inputs=tokens[stop - max_length - 1 : stop - 1], targets=tokens[start:stop])
