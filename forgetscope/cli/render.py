"""A comparison in the formats that other programs read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from forgetscope.cli.talk import Format

if TYPE_CHECKING:
    from forgetscope.api import Shown
    from forgetscope.suites import Require

__all__ = ["json_lines", "render"]


def render(
    form: Format, shown: Shown, *, require: Require, domains: Sequence[str] | None = None
) -> str:
    """Return a comparison as text that ends with a line break.

    Parameters
    ----------
    form
        One that other programs read.
    shown
        What to write.
    require, domains
        What a gate asks for, and of which domains: some formats tell passed from failed.
    """
    from forgetscope import report
    from forgetscope.report.results import render_results

    writers: dict[Format, Callable[[], str]] = {
        Format.JSON: lambda: render_results(shown.results),
        Format.JSONL: lambda: "\n".join(json_lines(shown.results)),
        Format.CSV: lambda: report.render_csv(shown.view),
        Format.MD: lambda: report.render_markdown(shown.view),
        Format.GITHUB: lambda: report.render_github(shown.view),
        Format.JUNIT: lambda: report.render_junit(shown.view, require=require, domains=domains),
        Format.LATEX: lambda: report.render_latex(shown.view),
    }
    return writers[form]().rstrip("\n") + "\n"


def json_lines(results: dict[str, Any]) -> Iterator[str]:
    """Yield `results.json` as events: the study, a row for each cell, the gate at the end."""
    about = ("schema", "study", "suite", "base", "margin", "alpha", "checkpoints", "last_clean")
    yield _line("study", {key: results[key] for key in about})
    for cell in results["profile"] if not results["comparisons"] else ():
        yield _line("row", {"checkpoint": results["base"], "level": "profile", **cell})
    for comparison in results["comparisons"]:
        sides = {"before_label": comparison["before"], "after_label": comparison["after"]}
        yield _line("row", {**sides, "level": "overall", **comparison["overall"]})
        for level in ("domain", "task"):
            for cell in comparison[f"{level}s"]:
                yield _line("row", {**sides, "level": level, **cell})
    yield _line("gate", results["gate"])


def _line(event: str, content: dict[str, Any]) -> str:
    return json.dumps({"event": event, **content}, sort_keys=True, allow_nan=False)
