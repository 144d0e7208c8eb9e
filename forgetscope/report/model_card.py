"""A section for the card of a model: its scores for programs, and what it forgot for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from forgetscope.report.markdown import domain_table, inline, opening
from forgetscope.report.view import ReportView
from forgetscope.report.wording import one_line

__all__ = ["CardScore", "render_model_card"]

CardScore = Mapping[str, Any]
"""A score with the keys `task`, `metric`, `filter`, `shots`, `n` and `value`."""


def render_model_card(
    view: ReportView, *, model: str, scores: Sequence[CardScore], program: str
) -> str:
    """Return Markdown with a block of metadata (`model-index`) in front.

    Parameters
    ----------
    view
        The series, whose last checkpoint is the model.
    model
        What the model is called.
    scores
        Of the model alone.
    program
        What made this, with its version.
    """
    index = [{"name": one_line(model), "results": [_result(score) for score in scores]}]
    block = yaml.safe_dump({"model-index": index}, sort_keys=False, allow_unicode=True)
    lines = [
        "---",
        block.rstrip(),
        "---",
        "",
        "## What training changed",
        "",
        *opening(view, level=3),
        *domain_table(view),
        f"Compared item by item with `{inline(view.base)}`; a change is called forgetting only "
        f"where it is proved beyond the margin of {view.margin} ({inline(program)}).",
    ]
    return "\n".join(lines).rstrip() + "\n"


def _result(score: CardScore) -> dict[str, Any]:
    name = one_line(str(score["task"]))
    reading = f"{score['metric']} ({score['filter']}), {score['shots']}-shot, {score['n']:,} items"
    return {
        "task": {"type": "text-generation"},
        "dataset": {"name": name, "type": name},
        "metrics": [
            {
                "type": one_line(str(score["metric"])),
                "value": round(float(score["value"]), 6),
                "name": one_line(reading),
            }
        ],
    }
