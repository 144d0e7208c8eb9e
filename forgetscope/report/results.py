"""`results.json`: what other programs read. Shares, not points; what is undefined is null.

The format is frozen by `results.schema.json`: keys may be added, none renamed or removed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from forgetscope.records import (
    BlendCurve,
    Cell,
    Checkpoint,
    Comparison,
    Diagnosis,
    Training,
)
from forgetscope.report.json_values import json_object, json_value
from forgetscope.report.trust import Provenance

__all__ = ["SCHEMA", "render_results", "results", "results_schema"]

SCHEMA = "forgetscope.report/1"


def results(
    diagnosis: Diagnosis,
    *,
    checkpoints: Sequence[Checkpoint] = (),
    provenance: Provenance | None = None,
    training: Training | None = None,
    blend: BlendCurve | None = None,
) -> dict[str, Any]:
    """Return the content of `results.json`: plain values, `None` for what is undefined.

    The keys `training` and `blend` stand there only where something is known of them.
    """
    known = dict(provenance or {})
    suite = known.pop("suite", None)
    # how a report was asked for is no part of what it says
    known.pop("again", None)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "study": known.pop("study", ""),
        "suite": dict(suite)
        if isinstance(suite, Mapping)
        else {"name": suite, "fingerprint": None},
        "base": diagnosis.base,
        "margin": diagnosis.margin,
        "alpha": diagnosis.alpha,
        "seed": diagnosis.seed,
        "checkpoints": [json_object(checkpoint) for checkpoint in checkpoints],
        "comparisons": [_comparison(comparison) for comparison in diagnosis.comparisons],
        "courses": diagnosis.courses,
        "profile": [_cell(cell) for cell in diagnosis.profile],
        "last_clean": diagnosis.last_clean,
        "gate": diagnosis.gate,
        "provenance": known,
    }
    content |= {"training": training} if training else {}
    content |= {"blend": blend} if blend else {}
    return {key: json_value(value) for key, value in content.items()}


def render_results(content: Mapping[str, Any]) -> str:
    """Return strict JSON; equal content gives equal text."""
    return json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n"


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema of `results.json` that ships with the package."""
    file = resources.files("forgetscope.report").joinpath("results.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def _comparison(comparison: Comparison) -> dict[str, Any]:
    # the changed items are many, and lie in items.parquet
    found = json_object(comparison, without=("overall", "domains", "tasks", "changes"))
    return found | {
        "overall": _cell(comparison.overall),
        "domains": [_cell(cell) for cell in comparison.domains],
        "tasks": [_cell(cell) for cell in comparison.tasks],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    alone = {"low": cell.unadjusted_low, "high": cell.unadjusted_high}
    found = json_object(cell, without=("unadjusted_low", "unadjusted_high"))
    return found | {"unadjusted": json_value(alone)}
