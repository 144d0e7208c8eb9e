"""`results.json`: what other programs read. Shares, not points; what is undefined is null.

The format is frozen by `results.schema.json`: keys may be added, none renamed or removed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from forgetscope.records import Cell, Checkpoint, Comparison, Diagnosis
from forgetscope.report.trust import Provenance

__all__ = ["SCHEMA", "render_results", "results", "results_schema"]

SCHEMA = "forgetscope.report/1"


def results(
    diagnosis: Diagnosis,
    *,
    checkpoints: Sequence[Checkpoint] = (),
    provenance: Provenance | None = None,
) -> dict[str, Any]:
    """Return the content of `results.json`: plain values, `None` for what is undefined."""
    known = dict(provenance or {})
    suite = known.pop("suite", None)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "study": known.pop("study", ""),
        "suite": dict(suite)
        if isinstance(suite, Mapping)
        else {"name": suite, "fingerprint": None},
        "base": diagnosis.base,
        "margin": diagnosis.margin,
        "alpha": diagnosis.alpha,
        "checkpoints": [_checkpoint(checkpoint) for checkpoint in checkpoints],
        "comparisons": [_comparison(comparison) for comparison in diagnosis.comparisons],
        "profile": [_cell(cell) for cell in diagnosis.profile],
        "last_clean": diagnosis.last_clean,
        "gate": {
            "passed": diagnosis.gate.passed,
            "exit_code": diagnosis.gate.exit_code,
            "reason": diagnosis.gate.reason,
            "warnings": list(diagnosis.gate.warnings),
        },
        "provenance": known,
    }
    return {key: _strict(value) for key, value in content.items()}


def render_results(content: Mapping[str, Any]) -> str:
    """Return strict JSON; equal content gives equal text."""
    return json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n"


def results_schema() -> dict[str, Any]:
    """Return the JSON Schema of `results.json` that ships with the package."""
    file = resources.files("forgetscope.report").joinpath("results.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def _checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "label": checkpoint.label,
        "step": checkpoint.step,
        "source": checkpoint.source,
        "revision": checkpoint.revision,
        "fingerprint": checkpoint.fingerprint,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "before": comparison.before,
        "after": comparison.after,
        "overall": _cell(comparison.overall),
        "domains": [_cell(cell) for cell in comparison.domains],
        "tasks": [_cell(cell) for cell in comparison.tasks],
        "warnings": list(comparison.warnings),
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "name": cell.name,
        "domain": cell.domain,
        "role": str(cell.role),
        "metric": cell.metric,
        "n": cell.n,
        "n_clusters": cell.n_clusters,
        "before": cell.before,
        "after": cell.after,
        "change": cell.change,
        "low": cell.low,
        "high": cell.high,
        "unadjusted": {"low": cell.unadjusted_low, "high": cell.unadjusted_high},
        "p_value": cell.p_value,
        "verdict": str(cell.verdict),
        "reason": cell.reason,
        "adjuncts": [str(adjunct) for adjunct in cell.adjuncts],
        "lost": cell.lost,
        "gained": cell.gained,
        "retained": cell.retained,
        "unsolved": cell.unsolved,
        "format_share": cell.format_share,
        "chance": cell.chance,
        "needs": cell.needs,
        "method": cell.method,
    }


def _strict(value: object) -> object:
    """Return a value JSON can hold; nan and infinities become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _strict(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(part) for part in value]
    if value is None or isinstance(value, (str, int)):
        return value
    return str(value)
