"""What a workflow on GitHub is told: a step summary, error lines, and the outputs of the step.

The texts reach a log and a page that others act on. A log line that begins with `::` (or holds
`##[`) is a command to the runner, so no line of a model's output may begin by itself.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from forgetscope.records import Checkpoint, Diagnosis, Role, Verdict
from forgetscope.report import wording
from forgetscope.report.chart import ForestRow
from forgetscope.report.entry import ItemEntry
from forgetscope.report.fit import COMMENT_BYTES, fitted
from forgetscope.report.markdown import (
    N_ITEMS,
    check_line,
    domain_table,
    fenced,
    inline,
    item_texts,
    lost_entries,
    opening,
)
from forgetscope.report.view import ReportView

__all__ = ["N_ERRORS", "github_errors", "github_outputs", "render_github"]

N_ERRORS = 10
"""GitHub shows no more errors of one step."""

_WORST_FIRST = (
    *(Verdict.FORGOT, Verdict.SLIPPED, Verdict.UNDECIDED, Verdict.HELD, Verdict.GAINED),
    Verdict.CANNOT_MEASURE,
)


def render_github(view: ReportView) -> str:
    """Return the summary of a step: the verdict, one table, and the first lost items folded.

    It has at most 64,000 bytes: it also fits a comment, and the whole of a longer summary than
    1 MiB would be dropped.
    """
    lines = [*opening(view, level=2), *domain_table(view)]
    parts = [f"{line}\n" for line in lines] + [_settings(view)]
    shown = lost_entries(view, most=N_ITEMS)
    if view.items and shown:
        n_lost = view.items.n_lost
        parts.append(f"\n**{wording.count(n_lost)} answers were lost**\n\n")
        parts += ["".join(_folded(view, entry)) for entry in shown]
        if n_lost > len(shown):
            parts.append(f"\n{wording.count(n_lost - len(shown))} more lie in the report.\n")
    return fitted(parts, limit=COMMENT_BYTES, more=_left_out)


def github_errors(view: ReportView, *, domains: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return an error line for each domain that is FORGOT, at most `N_ERRORS` in all.

    Parameters
    ----------
    view
        What was found.
    domains
        Slugs of the domains that the gate judges; default: the general ones.
    """
    rows = [row for row in _judged(view, domains) if row.mark is wording.MARKS[Verdict.FORGOT]]
    texts = [row.summary for row in rows]
    if len(texts) > N_ERRORS:
        n_more = len(texts) - N_ERRORS + 1
        texts[N_ERRORS - 1 :] = [f"{wording.count(n_more)} more domains are FORGOT"]
    return tuple(f"::error title=forgetscope::{_escaped(text)}" for text in texts)


def github_outputs(
    diagnosis: Diagnosis, *, checkpoints: Sequence[Checkpoint] = (), report: str = ""
) -> str:
    """Return the outputs of the step, a line each: `verdict`, `last-clean-step` and `report`.

    Parameters
    ----------
    diagnosis
        Its last checkpoint is judged: `verdict` is the worst of its general domains, empty where
        there is none.
    checkpoints
        Of the study; they tell the step of the last clean one, which otherwise is a label.
    report
        Path of the report; empty if there is none.
    """
    clean = "" if diagnosis.last_clean == diagnosis.base else diagnosis.last_clean or ""
    steps = {checkpoint.label: checkpoint.step for checkpoint in checkpoints}
    step = steps.get(clean)
    outputs = {
        "verdict": _worst(diagnosis),
        "last-clean-step": clean if step is None else str(step),
        "report": report,
    }
    return "".join(f"{name}={wording.one_line(value)}\n" for name, value in outputs.items())


def _worst(diagnosis: Diagnosis) -> str:
    cells = diagnosis.comparisons[-1].domains if diagnosis.comparisons else ()
    found = {cell.verdict for cell in cells if cell.role is Role.GENERAL}
    return next((str(verdict) for verdict in _WORST_FIRST if verdict in found), "")


def _judged(view: ReportView, domains: Sequence[str] | None) -> list[ForestRow]:
    rows = view.ledger.rows if view.ledger else ()
    if domains is None:
        return [row for row in rows if row.role is Role.GENERAL]
    return [row for row in rows if row.name in domains]


def _settings(view: ReportView) -> str:
    parts = [f"Margin {view.margin} points, one-sided level {view.alpha} %"]
    parts += [f"study {inline(view.study)}"] if view.study else []
    parts += [view.trust.checks_text] if view.trust.checks else []
    failed = [check_line(check) for check in view.trust.checks if not check.is_passed]
    return "\n".join([f"{' · '.join(parts)}\n", *failed]) + "\n"


def _folded(view: ReportView, entry: ItemEntry) -> Iterator[str]:
    title = _harmless(wording.one_line(f"{entry.key}: {entry.domain}, {entry.failure}"))
    yield f"<details><summary>{html.escape(title)}</summary>\n\n"
    for heading, text in item_texts(view, entry):
        yield f"{inline(heading)}:\n\n{_quoted(fenced(text))}\n\n"
    yield "</details>\n"


def _quoted(block: str) -> str:
    """Return a code block as a quotation, in which no line is a command to the runner."""
    return "\n".join(f"> {line}" for line in _harmless(block).split("\n"))


def _harmless(text: str) -> str:
    return text.replace("##[", "# #[")


def _left_out(n: int) -> str:
    return f"\nThe rest ({wording.count(n)} lines or items) did not fit and lies in the report.\n"


def _escaped(text: str) -> str:
    """Return a message as the runner reads it back: on one line, and only a message."""
    return _harmless(wording.one_line(text)).replace("%", "%25")
