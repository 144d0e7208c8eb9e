"""What a notebook shows: the domain table alone, as HTML that runs nothing, and as plain text."""

from __future__ import annotations

from collections.abc import Mapping

from forgetscope.records.display import paint_with
from forgetscope.report.plain import plain_lines
from forgetscope.report.studies import StudiesView
from forgetscope.report.studies_text import render_studies_markdown
from forgetscope.report.view import ReportView

__all__ = ["paint_views", "painted"]


def paint_views() -> None:
    """Let what a report shows be shown in a notebook too."""
    paint_with(ReportView, painted)
    paint_with(StudiesView, _painted_studies)


def painted(view: ReportView) -> Mapping[str, str]:
    """Return a view by media type."""
    from forgetscope.report.html import render_notebook

    return {"text/plain": "\n".join(plain_lines(view)), "text/html": render_notebook(view)}


def _painted_studies(view: StudiesView) -> Mapping[str, str]:
    text = render_studies_markdown(view)
    return {"text/plain": text, "text/markdown": text}
