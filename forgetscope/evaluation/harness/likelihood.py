"""What log-probabilities tell of an item beside its score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from forgetscope.diagnosis.measured import likelihood_of_options, likelihood_of_text
from forgetscope.evaluation.harness.built import Built
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
        return likelihood_of_text(given[0], n_bytes=_rolling_bytes(asked[0], found))
    if kind is OutputType.LOGLIKELIHOOD:
        return likelihood_of_text(given[0], n_bytes=len(asked[0].continuation.encode()))
    return likelihood_of_options(
        built.loaded.task.metric,
        item,
        given,
        golds=_gold_places(built, item),
        n_bytes_N=[len(request.continuation.encode()) for request in asked],
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


def _rolling_bytes(request: Request, found: Mapping[str, object]) -> int:
    """Return the bytes that the metric divides by, which need not be those of the text asked."""
    pair = found.get("bits_per_byte")
    return int(pair[1]) if isinstance(pair, tuple) else len(request.context.encode())
