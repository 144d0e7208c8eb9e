"""The report as Markdown, for a pull request or a notebook: sentence, table, first lost items."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forgetscope.records import Transition
from forgetscope.report import wording
from forgetscope.report.chart import ForestRow
from forgetscope.report.lines import blocks
from forgetscope.report.reading import ItemEntry
from forgetscope.report.view import ReportView

__all__ = ["fenced", "inline", "render_markdown"]

N_ITEMS = 10
"""Lost items shown in full."""

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#!|~$&@:]|(?<=www)\.)", re.IGNORECASE)


def render_markdown(view: ReportView) -> str:
    """Return the report as Markdown; text from outside can neither format nor link."""
    lines = [f"# {inline(view.headline)}", ""]
    lines += ["".join(_span(span.text, span.is_strong) for span in view.summary), ""]
    if view.gate:
        lines += [f"**{inline(view.gate.text)}.** {inline(view.gate_reason)}".rstrip(), ""]
    lines += [*_table(view), *_trained(view), *_items(view), *_trust(view)]
    return "\n".join(lines).rstrip() + "\n"


def inline(text: str) -> str:
    """Return a text as one line in which no character has a meaning to Markdown."""
    return _MARKUP.sub(r"\\\1", wording.one_line(text))


def fenced(text: str) -> str:
    """Return a text in a code block whose fence is longer than any run of backticks inside."""
    shown = wording.clean(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _span(text: str, is_strong: bool) -> str:
    if not is_strong:
        lead = " " if text.startswith(" ") else ""
        tail = " " if text.endswith(" ") and text.strip() else ""
        return f"{lead}{inline(text)}{tail}"
    return f"**{inline(text)}**"


def _table(view: ReportView) -> Iterator[str]:
    if view.ledger is None:
        yield "| domain | items | score | guesser |"
        yield "|:--|--:|--:|--:|"
        for row in view.profile:
            yield f"| {inline(row.label)} | {row.n} | {row.before} | {row.chance} |"
        yield ""
        return
    yield "| domain | items | base | now | change, points | lost | gained | verdict |"
    yield "|:--|--:|--:|--:|:--|--:|--:|:--|"
    for group in view.ledger.groups:
        for row in group.rows:
            yield _row(row)
    yield ""
    if view.notes:
        yield from (*(f"- {inline(note)}" for note in view.notes), "")


def _row(row: ForestRow) -> str:
    moved = f"{row.change} {row.interval}" if row.is_drawn else inline(row.words)
    chips = "".join(f" {chip.glyph} {chip.word}" for chip in row.chips)
    cells = (
        inline(row.label),
        row.n,
        row.before,
        row.after,
        moved,
        f"{row.lost:,}",
        f"{row.gained:,}",
        f"{row.mark.glyph} {row.mark.word}{chips}",
    )
    return f"| {' | '.join(cells)} |"


def _trained(view: ReportView) -> Iterator[str]:
    for block in blocks(view.trained) if view.trained else ():
        yield from (f"## {inline(block.heading)}", "", f"{inline(block.finding)}.", "")
        if block.rows:
            yield f"| {' | '.join(map(inline, block.head))} |"
            yield f"|{':--|' * len(block.head)}"
            for row in block.rows:
                yield f"| {' | '.join(map(inline, row))} |"
            yield ""


def _items(view: ReportView) -> Iterator[str]:
    if view.items is None:
        return
    lost = [entry for entry in view.items.entries if entry.transition is Transition.LOST]
    if not lost:
        return
    names = view.items.checkpoints
    shown = lost[:N_ITEMS]
    yield f"## Answers that were lost ({len(shown):,} of {len(lost):,})"
    yield ""
    for entry in shown:
        yield from _item(entry, before=names[0], after=names[-1])


def _item(entry: ItemEntry, *, before: str, after: str) -> Iterator[str]:
    yield f"### {inline(entry.key)}: {inline(entry.domain)}, {inline(entry.failure)}"
    yield ""
    texts = (
        ("Prompt", entry.prompt),
        ("Right answer", entry.gold),
        (f"Before, {before}", entry.before),
        (f"After, {after}", entry.after),
    )
    for heading, text in texts:
        yield from (f"{inline(heading)}:", "", fenced(text), "")


def _trust(view: ReportView) -> Iterator[str]:
    yield "## Settings"
    yield ""
    yield f"- Margin: {view.margin} points, one-sided level {view.alpha} %"
    for setting in view.trust.settings:
        yield f"- {inline(setting.name)}: {inline(setting.value)}"
    for warning in view.trust.warnings:
        yield f"- Warning: {inline(warning)}"
    if view.trust.command:
        yield from ("", fenced(view.trust.command))
