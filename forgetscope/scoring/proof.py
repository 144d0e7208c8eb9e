"""The proof: the tree scores nothing before it has given the plain path's numbers.

Axes: S distinct inputs, in the order of the trie.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from forgetscope.scoring.loglikelihood import SpanScore, SpanScorer
from forgetscope.scoring.proofs import Proof, recall_proof, remember_proof
from forgetscope.scoring.spans import Span

__all__ = ["ProvenScorer", "reads_branches"]

_N_PROBES = 8
"""Places in the order of the inputs that are scored both ways, each with its neighbour."""
_TOLERANCE = {"float32": 1e-3, "float64": 1e-3}
"""Nats of a span; above it the two ways do not compute the same."""
_COARSE_TOLERANCE = 0.05
"""Nats of a token, where weights have 16 bits."""
_SHORT, _LONG = 96, 512
"""Tokens to which probes are cut, and the longest of them: only what differs has to show."""


class ProvenScorer:
    """The tree where it proves itself on the first requests, the plain path elsewhere.

    Parameters
    ----------
    tree, plain
        Two ways to score; the plain one is right by construction.
    dtype
        Of the weights, e.g. `float32`: what rounding can explain.
    key
        Under which a proof is remembered; empty: it is not.
    """

    def __init__(self, *, tree: SpanScorer, plain: SpanScorer, dtype: str, key: str = "") -> None:
        self._tree = tree
        self._plain = plain
        self._dtype = dtype
        self._key = key
        self.proof: Proof | None = recall_proof(key) if key else None
        """Known after the first request."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Why the plain path was taken; empty where it was not."""
        if self.proof is None or self.proof.is_passed:
            return ()
        return (f"log-likelihoods were computed request by request: {self.proof.reason}",)

    def score(
        self, spans: Sequence[Span], *, done: Collection[int] = ()
    ) -> Iterator[list[SpanScore]]:
        """Yield the scores of all spans; see `SpanScorer`.

        Raises
        ------
        EngineError
            If the model's logits are no numbers.
        """
        if self.proof is None and spans:
            self.proof = self._prove(_probes(spans))
            if self._key:
                remember_proof(self._key, self.proof)
        scorer = self._tree if self.proof is not None and self.proof.is_passed else self._plain
        yield from scorer.score(spans, done=done)

    def _prove(self, spans: Sequence[Span]) -> Proof:
        expected = _by_index(self._plain.score(spans))
        try:
            found = _by_index(self._tree.score(spans))
        except (RuntimeError, ValueError, TypeError, AttributeError, IndexError) as error:
            # whatever an architecture does with a mask or a cache that it does not know
            reason = f"its architecture cannot read branches ({type(error).__name__})"
            return Proof(
                n_spans=len(spans), difference=float("nan"), is_passed=False, reason=reason
            )
        largest = 0.0
        is_alike = True
        for index, span in enumerate(spans):
            one, other = expected[index].logprob, found[index].logprob
            if one is None or other is None:
                continue
            largest = max(largest, abs(one - other))
            is_alike = is_alike and abs(one - other) <= self._allowed(span)
        reason = "" if is_alike else f"its log-probabilities differ by {largest:.2g} nat"
        return Proof(n_spans=len(spans), difference=largest, is_passed=is_alike, reason=reason)

    def _allowed(self, span: Span) -> float:
        return _TOLERANCE.get(self._dtype, _COARSE_TOLERANCE * len(span.targets))


def reads_branches(model_config: Any) -> bool:  # noqa: ANN401  untyped library
    """Whether every layer of a model sees all tokens before its own, and nothing else.

    Windows, chunks and states of a recurrence do not read a mask of branches as it is meant, and
    short requests would not show it.
    """
    config = model_config.get_text_config()
    kinds = getattr(config, "layer_types", None) or ()
    has_window = getattr(config, "sliding_window", None) is not None and getattr(
        config, "use_sliding_window", True
    )
    is_windowed = has_window if not kinds else any(kind != "full_attention" for kind in kinds)
    scaling = getattr(config, "rope_scaling", None) or getattr(config, "rope_parameters", None)
    kind = (scaling or {}).get("rope_type", "default") if isinstance(scaling, dict) else "default"
    return not is_windowed and kind not in ("dynamic", "longrope")


def _probes(spans: Sequence[Span]) -> list[Span]:
    """Return spans along the order of inputs with their neighbours, the shortest, the longest."""
    order = sorted(range(len(spans)), key=lambda index: spans[index].inputs)
    along = np.linspace(0, len(order) - 1, num=min(_N_PROBES, len(order))).astype(int)
    places = {int(place) for start in along for place in (start, min(start + 1, len(order) - 1))}
    by_length = sorted(order, key=lambda index: len(spans[index].inputs))
    chosen = sorted({order[place] for place in places} | {by_length[0]} - {by_length[-1]})
    short = [_shortened(spans[index], n_tokens=_SHORT) for index in chosen]
    return [*short, _shortened(spans[by_length[-1]], n_tokens=_LONG)]


def _shortened(span: Span, *, n_tokens: int) -> Span:
    """Cut a span to a beginning and an end of half as many tokens each."""
    half = n_tokens // 2
    targets = span.targets[:half]
    inputs = span.inputs[: len(span.inputs) - len(span.targets) + len(targets)]
    if len(inputs) > n_tokens:
        inputs = inputs[:half] + inputs[-half:]
    return Span(inputs=inputs, targets=targets)


def _by_index(batches: Iterator[list[SpanScore]]) -> dict[int, SpanScore]:
    return {score.index: score for batch in batches for score in batch}
