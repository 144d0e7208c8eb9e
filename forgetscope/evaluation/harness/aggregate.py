"""How a task's item values become its score, and which metrics give no value per item."""

from __future__ import annotations

from typing import Any

from lm_eval.api.task import Task as LmTask

from forgetscope.errors import UsageError
from forgetscope.records import Aggregate, OutputType

__all__ = ["aggregate_of", "directions_of"]

_MEANS = {"mean", "nanmean", "perplexity", "bits_per_byte"}
"""lm-eval's aggregations whose items are numbers with a mean; of `perplexity` that is the mean of
logarithms, and `bits_per_byte` weighs its texts by their bytes."""
_LABELS = {"matthews_corrcoef": Aggregate.MATTHEWS, "f1_score": Aggregate.F1}
"""lm-eval's aggregations of pairs of a gold and a predicted label."""


def aggregate_of(lm_task: LmTask, *, name: str, metric: str) -> Aggregate:
    """Return how the values of a metric become one number.

    Raises
    ------
    UsageError
        If the metric has no number per item, such as a corpus BLEU.
    """
    aggregation = lm_task.aggregation().get(metric)
    word = str(getattr(aggregation, "__name__", ""))
    is_stock = str(getattr(aggregation, "__module__", "")) == "lm_eval.api.metrics"
    if is_stock and word in _MEANS:
        return Aggregate.MEAN
    if is_stock and word in _LABELS and lm_task.OUTPUT_TYPE == OutputType.MULTIPLE_CHOICE:
        return _LABELS[word]
    if is_stock or not _is_number(_tried(lm_task, metric)):
        others = [other for other in lm_task.higher_is_better() if other != metric]
        known = f", one of {', '.join(sorted(others))}" if others else ""
        raise UsageError(
            f"the metric `{metric}` of task `{name}` has no value per item: its score is "
            f"computed from all items at once (`{word or 'its own code'}`), so items cannot be "
            "compared",
            hint=f'choose another with `metric = "..."` in a suite file{known}'
            if others
            else "leave the task out of the suite: it has no other metric",
        )
    return Aggregate.MEAN


def directions_of(lm_task: LmTask, *, metric: str | None) -> dict[str, bool]:
    """Return the metrics of a task, and whether more of each is better.

    Some are known to lm-eval only once they were computed: `pass_at_k` returns `pass@1`.
    """
    if metric is not None and metric not in lm_task.higher_is_better():
        _tried(lm_task, metric)
    return dict(lm_task.higher_is_better())


def _tried(lm_task: LmTask, metric: str) -> Any:  # noqa: ANN401  # a foreign metric returns anything
    """Return what the task's own code makes of a made-up answer; `None` where it makes nothing."""
    try:
        document = next(iter(lm_task.eval_docs))
        return lm_task.process_results(document, _made_up(lm_task, document)).get(metric)
    except Exception:  # a task's own code may fail in any way, above all on nonsense
        return None


def _made_up(lm_task: LmTask, document: Any) -> list[Any]:  # noqa: ANN401  # a foreign document
    if lm_task.OUTPUT_TYPE == OutputType.MULTIPLE_CHOICE:
        return [(-1.0 - place, False) for place in range(len(lm_task.doc_to_choice(document)))]
    return [
        {OutputType.ROLLING: -1.0, OutputType.GENERATE: "0"}.get(
            OutputType(lm_task.OUTPUT_TYPE), (-1.0, False)
        )
    ]


def _is_number(value: object) -> bool:
    if value is None:  # nothing is known against it: judging will tell
        return True
    try:
        float(value)  # type: ignore[arg-type]  # numpy and Python numbers alike
    except (TypeError, ValueError):
        return False
    return not isinstance(value, str | bytes)
