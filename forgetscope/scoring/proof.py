"""The proof: no faster way is taken before it has given the plain path's numbers.

Axes: S distinct inputs, in the order of the trie.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from forgetscope.records import Decoding
from forgetscope.scoring.continuing import SlotGenerator
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.generation import Prompt, TextGenerator
from forgetscope.scoring.loglikelihood import SpanScore, SpanScorer
from forgetscope.scoring.memory import is_out_of_memory
from forgetscope.scoring.proofs import Proof, recall_proof, remember_proof
from forgetscope.scoring.slot_run import Text
from forgetscope.scoring.spans import Span
from forgetscope.scoring.stopping import Ending

__all__ = ["ProvenGenerator", "ProvenScorer", "reads_branches"]

_N_PROBES = 8
"""Places in the order of the inputs that are scored both ways, each with its neighbour."""
_TOLERANCE = {"float32": 1e-3, "float64": 1e-3}
"""Nats of a span; above it the two ways do not compute the same."""
_COARSE_TOLERANCE = 0.05
"""Nats of a token, where weights have 16 bits."""
_SHORT, _LONG = 96, 512
"""Tokens to which probes are cut, and the longest of them: only what differs has to show."""

_TRACED_TOKENS = 6
"""Generated for each probe, and judged one by one."""
_UNFIT = (RuntimeError, ValueError, TypeError, AttributeError, IndexError, KeyError)
"""Whatever an architecture does with a mask, a cache or attention that it does not know."""


class _Trial:
    """A proof that is given once, and what follows from it.

    Parameters
    ----------
    key
        Under which it is remembered; empty: it is not.
    fallback
        What is done where it fails, as a person is told it.
    """

    def __init__(self, key: str, *, fallback: str) -> None:
        self._key = key
        self._fallback = fallback
        self.proof: Proof | None = recall_proof(key) if key else None

    @property
    def notes(self) -> tuple[str, ...]:
        if self.proof is None or self.proof.is_passed:
            return ()
        return (f"{self._fallback}: {self.proof.reason}",)

    def is_passed(self, prove: Callable[[], Proof]) -> bool:
        if self.proof is None:
            self.proof = prove()
            if self._key and self.proof.n_spans:
                remember_proof(self._key, self.proof)
        return self.proof.is_passed


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
        self._trial = _Trial(key, fallback="log-likelihoods were computed request by request")

    @property
    def proof(self) -> Proof | None:
        """Known after the first request."""
        return self._trial.proof

    @property
    def notes(self) -> tuple[str, ...]:
        """Why the plain path was taken; empty where it was not."""
        return self._trial.notes

    def score(
        self, spans: Sequence[Span], *, done: Collection[int] = ()
    ) -> Iterator[list[SpanScore]]:
        """Yield the scores of all spans; see `SpanScorer`.

        Raises
        ------
        EngineError
            If the model's logits are no numbers.
        """
        if not spans:
            return
        is_proven = self._trial.is_passed(lambda: self._prove(_probes(spans)))
        yield from (self._tree if is_proven else self._plain).score(spans, done=done)

    def _prove(self, spans: Sequence[Span]) -> Proof:
        expected = _by_index(self._plain.score(spans))
        try:
            found = _by_index(self._tree.score(spans))
        except _UNFIT as error:
            return _unfit("read branches", error, n_spans=len(spans))
        largest = 0.0
        is_alike = True
        n_compared = 0
        for index, span in enumerate(spans):
            one, other = expected[index].logprob, found[index].logprob
            if one is None or other is None:
                continue
            n_compared += 1
            largest = max(largest, abs(one - other))
            is_alike = is_alike and abs(one - other) <= self._allowed(span)
        if not n_compared:
            return _open()
        reason = "" if is_alike else f"its log-probabilities differ by {largest:.2g} nat"
        return Proof(n_spans=n_compared, difference=largest, is_passed=is_alike, reason=reason)

    def _allowed(self, span: Span) -> float:
        return _TOLERANCE.get(self._dtype, _COARSE_TOLERANCE * len(span.targets))


class ProvenGenerator:
    """Slots where they prove themselves on the first prompts, the plain loop elsewhere.

    Parameters
    ----------
    slots, plain
        Two ways to continue prompts; the plain one is right by construction.
    decoder
        The model, which is asked again without slots what it thinks of their tokens.
    dtype
        Of the weights, e.g. `float32`: what rounding can explain.
    key
        Under which a proof is remembered; empty: it is not.
    """

    def __init__(
        self,
        *,
        slots: SlotGenerator,
        plain: TextGenerator,
        decoder: Decoder,
        dtype: str,
        key: str = "",
    ) -> None:
        self._slots = slots
        self._plain = plain
        self._decoder = decoder
        self._dtype = dtype
        self._trial = _Trial(key, fallback="texts were written in fixed batches")

    @property
    def proof(self) -> Proof | None:
        """Known after the first prompt."""
        return self._trial.proof

    @property
    def notes(self) -> tuple[str, ...]:
        """Why the plain loop was taken; empty where it was not."""
        return self._trial.notes

    def generate(
        self, prompts: Sequence[Prompt], decoding: Decoding, *, done: Collection[int] = ()
    ) -> Iterator[list[tuple[int, Ending | None]]]:
        """Yield index and ending of all prompts; see `TextGenerator`.

        Raises
        ------
        EngineError
            If the model's logits are no numbers.
        """
        if not prompts:
            return
        is_proven = self._trial.is_passed(lambda: self._prove(prompts))
        generator = self._slots if is_proven else self._plain
        yield from generator.generate(prompts, decoding, done=done)

    def _prove(self, prompts: Sequence[Prompt]) -> Proof:
        probes, n_base = _prompt_probes(prompts)
        decoding = Decoding(max_new_tokens=_TRACED_TOKENS)
        try:
            runs = self._slots.texts(probes, decoding, n_base=n_base, is_traced=True)
            texts = [text for ended in runs for text in ended]
        except _UNFIT as error:
            return _unfit("write in slots", error, n_spans=len(probes))
        allowed = _TOLERANCE.get(self._dtype, _COARSE_TOLERANCE)
        found = [self._difference(text) for text in texts if text.tokens]
        compared = [difference for difference in found if difference is not None]
        if not compared:
            return _open()
        largest = max(compared)
        is_alike = largest <= allowed
        reason = "" if is_alike else f"log-probabilities in slots differ by {largest:.2g} nat"
        return Proof(n_spans=len(compared), difference=largest, is_passed=is_alike, reason=reason)

    def _difference(self, text: Text) -> float | None:
        """Return how far the plain path is from what slots thought of a text's tokens.

        `None` where memory runs out: that text proves nothing.
        """
        read = [*text.prompt.tokens, *text.tokens[:-1]]
        try:
            (logits_TV,) = self._decoder.last_logits([read], [len(text.tokens)])
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return None
        logprobs_TV = logits_TV.float().log_softmax(dim=1)
        pairs = zip(text.tokens, text.logprobs, strict=True)
        return max(abs(float(logprobs_TV[n, token]) - own) for n, (token, own) in enumerate(pairs))


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


def _prompt_probes(prompts: Sequence[Prompt]) -> tuple[list[Prompt], int]:
    """Return prompts cut short that all begin alike, with different ends, and what they share."""
    order = sorted(prompts, key=lambda prompt: prompt.tokens)
    # no longer than the longest prompt, which fits the window beside an answer
    longest = max(len(prompt.tokens) for prompt in order)
    half = max(min(_SHORT, longest) // 2, 1)
    head = order[0].tokens[:half]
    along = np.linspace(0, len(order) - 1, num=min(_N_PROBES, len(order))).astype(int)
    probes = [
        Prompt(index=number, tokens=head + order[place].tokens[-half:], seed=0)
        for number, place in enumerate(along.tolist())
    ]
    return probes, len(head)


def _unfit(what: str, error: Exception, *, n_spans: int) -> Proof:
    reason = f"its architecture cannot {what} ({type(error).__name__})"
    return Proof(n_spans=n_spans, difference=float("nan"), is_passed=False, reason=reason)


def _open() -> Proof:
    """Return that nothing could be compared: the plain path is taken, and the next run proves."""
    reason = "memory ran out before they could be compared"
    return Proof(n_spans=0, difference=float("nan"), is_passed=False, reason=reason)


def _by_index(batches: Iterator[list[SpanScore]]) -> dict[int, SpanScore]:
    return {score.index: score for batch in batches for score in batch}
