"""What log-probabilities tell of an item beside its score. N options."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from forgetscope.diagnosis.options import option_marks, softmax
from forgetscope.evaluation.harness.build import Built
from forgetscope.records import Answer, Item, Likelihood, OutputType, Request

__all__ = ["likelihood_of"]


def likelihood_of(
    built: Built,
    item: Item,
    asked: Sequence[Request],
    given: Sequence[Answer],
    found: Mapping[str, object],
) -> Likelihood | None:
    """Return what the log-probabilities tell; `None` where nothing is, or no gold text is known.

    Where several options are right, their probabilities count together, and the bits are those of
    the likeliest of them.

    Parameters
    ----------
    asked, given
        The item's requests and the answers to them, in the same order.
    found
        What lm-eval's task made of the answers, by metric.
    """
    kind = built.loaded.task.output_type
    if kind is OutputType.GENERATE or (kind is OutputType.LOGLIKELIHOOD and len(given) > 1):
        return None
    if kind is OutputType.ROLLING:
        return _without_options(given[0], _rolling_bytes(asked[0], found))
    if kind is OutputType.LOGLIKELIHOOD:
        return _without_options(given[0], len(asked[0].continuation.encode()))
    golds = _gold_places(built, item)
    if not golds:
        return None
    mark_N = option_marks(built.loaded.task.metric, item, given)
    share_N = softmax(mark_N)
    gold = max(golds, key=lambda place: _logprob(given[place]))
    n_bytes = len(asked[gold].continuation.encode())
    gold_share = float(share_N[golds].sum())
    others_N = np.delete(share_N, golds)
    return Likelihood(
        gold_bits=_bits(_logprob(given[gold]), n_bytes),
        gold_bytes=n_bytes,
        gold_share=gold_share,
        top_share=float(share_N.max()),
        brier=(1.0 - gold_share) ** 2 + float((others_N**2).sum()),
        choice=int(mark_N.argmax()),
        n_options=len(mark_N),
    )


def _gold_places(built: Built, item: Item) -> list[int]:
    """Return the places of the right options, as lm-eval's own scoring finds them.

    A task that scores by code of its own may judge by something else, so it has none.
    """
    lm_task, document = built.loaded.lm_task, built.instances[item.id][0].doc
    if callable(lm_task.get_config("process_results")):
        return []
    is_in_prompt = bool(getattr(lm_task, "multiple_input", 0))
    gold = lm_task.doc_to_text(document) if is_in_prompt else lm_task.doc_to_target(document)
    places = [_place(each, item.choices) for each in (gold if isinstance(gold, list) else [gold])]
    return sorted({place for place in places if 0 <= place < len(item.choices)})


def _place(gold: object, choices: Sequence[str]) -> int:
    if isinstance(gold, str):
        return choices.index(gold) if gold in choices else -1
    return int(gold) if isinstance(gold, int | np.integer) else -1


def _without_options(answer: Answer, n_bytes: int) -> Likelihood:
    return Likelihood(
        gold_bits=_bits(_logprob(answer), n_bytes),
        gold_bytes=n_bytes,
        gold_share=math.nan,
        top_share=math.nan,
        brier=math.nan,
        choice=None,
        n_options=0,
    )


def _rolling_bytes(request: Request, found: Mapping[str, object]) -> int:
    """Return the bytes that the metric divides by, which need not be those of the text asked."""
    pair = found.get("bits_per_byte")
    return int(pair[1]) if isinstance(pair, tuple) else len(request.context.encode())


def _bits(logprob: float, n_bytes: int) -> float:
    # rounding can lift a sure text above probability 1
    return max(0.0 - logprob, 0.0) / (math.log(2) * n_bytes) if n_bytes else math.nan


def _logprob(answer: Answer) -> float:
    return math.nan if answer.logprob is None else answer.logprob
