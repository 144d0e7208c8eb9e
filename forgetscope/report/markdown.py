"""The report as Markdown, for a pull request or a notebook: sentence, table, first lost items."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from forgetscope.records import Transition
from forgetscope.report import wording
from forgetscope.report.chart import ForestRow
from forgetscope.report.checks import Check
from forgetscope.report.entry import ItemEntry, OptionLine
from forgetscope.report.fit import COMMENT_BYTES, fitted
from forgetscope.report.lines import blocks
from forgetscope.report.view import ReportView

__all__ = [
    "N_ITEMS",
    "check_line",
    "domain_table",
    "fenced",
    "inline",
    "item_texts",
    "lost_entries",
    "opening",
    "render_markdown",
]

N_ITEMS = 10
"""Lost items shown in full."""

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#!|~$&@:]|(?<=www)\.)", re.IGNORECASE)


def render_markdown(view: ReportView) -> str:
    """Return the report as Markdown; text from outside can neither format nor link.

    Lost items that would not fit a comment on a pull request are left out and counted.
    """
    before = [*opening(view, level=1), *domain_table(view), *_trained(view)]
    head, foot = _text(before), _text(_trust(view))
    room = COMMENT_BYTES - len((head + foot).encode("utf-8"))
    return (head + _items(view, room=room) + foot).rstrip() + "\n"


def opening(view: ReportView, *, level: int) -> Iterator[str]:
    """Yield the conclusion as a heading, the sentences below it, and what the gate says."""
    yield from (f"{'#' * level} {inline(view.headline)}", "")
    yield from ("".join(_span(span.text, span.is_strong) for span in view.summary), "")
    if view.gate:
        yield f"**{inline(view.gate.text)}.** {inline(view.gate_reason)}".rstrip()
        yield ""


def domain_table(view: ReportView) -> Iterator[str]:
    """Yield a line per domain, and what stands behind the verdicts; the base's scores alone."""
    if view.ledger is None:
        yield "| domain | items | score | guesser |"
        yield "|:--|--:|--:|--:|"
        for row in view.profile:
            yield f"| {inline(row.label)} | {row.n} | {row.before} | {row.chance} |"
        yield ""
        return
    yield "| domain | items | base | now | change, points | lost | gained | verdict |"
    yield "|:--|--:|--:|--:|:--|--:|--:|:--|"
    yield from map(_row, view.ledger.rows)
    yield ""
    if view.notes:
        yield from (*(f"- {inline(note)}" for note in view.notes), "")


def lost_entries(view: ReportView, *, most: int) -> list[ItemEntry]:
    """Return lost items of the last checkpoint, each domain in turn, in the order of the page."""
    entries = view.items.entries if view.items else ()
    lost = [entry for entry in entries if entry.transition is Transition.LOST]
    seen: Counter[str] = Counter()
    turns: list[tuple[int, int]] = []
    for place, entry in enumerate(lost):
        turns.append((seen[entry.domain], place))
        seen[entry.domain] += 1
    return [lost[place] for place in sorted(place for _, place in sorted(turns)[:most])]


def item_texts(view: ReportView, entry: ItemEntry) -> tuple[tuple[str, str], ...]:
    """Return what is read of an item: a heading and a text each, none of them cleaned."""
    names = view.items.checkpoints if view.items else ("", "")
    before, after = f"Before, {names[0]}", f"After, {names[-1]}"
    if entry.options:
        options = "\n".join(map(_option, entry.options))
        return (("Prompt", entry.prompt), (f"Options: {before}; {after}", options))
    return (
        ("Prompt", entry.prompt),
        ("Right answer", entry.gold),
        (before, entry.before),
        (after, entry.after),
    )


def _option(option: OptionLine) -> str:
    """Return an option with its probability, or its choice, on both sides."""
    told = [
        f"{share} %{' chosen' if was else ''}" if share else "chosen" if was else "–"
        for share, was in ((option.before, option.was_chosen), (option.after, option.is_chosen))
    ]
    right = " (right)" if option.is_gold else ""
    return f"{option.text}{right}: {'; '.join(told)}"


def inline(text: str) -> str:
    """Return a text as one line in which no character has a meaning to Markdown."""
    return _MARKUP.sub(r"\\\1", wording.one_line(text))


def fenced(text: str) -> str:
    """Return a text in a code block whose fence is longer than any run of backticks inside."""
    shown = wording.clean(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{shown}\n{fence}"


def _text(lines: Iterator[str] | list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _span(text: str, is_strong: bool) -> str:
    if not is_strong:
        lead = " " if text.startswith(" ") else ""
        tail = " " if text.endswith(" ") and text.strip() else ""
        return f"{lead}{inline(text)}{tail}"
    return f"**{inline(text)}**"


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


def _items(view: ReportView, *, room: int) -> str:
    texts = ["".join(_item(view, entry)) for entry in lost_entries(view, most=N_ITEMS)]
    if not (view.items and texts):
        return ""
    heading = f"## Answers that were lost ({len(texts):,} of {view.items.n_lost:,})\n\n"

    def more(n: int) -> str:
        return f"{wording.count(n)} more would not fit a comment; they lie in the report.\n\n"

    return fitted([heading, *texts], limit=room, more=more)


def _item(view: ReportView, entry: ItemEntry) -> Iterator[str]:
    yield f"### {inline(entry.key)}: {inline(entry.domain)}, {inline(entry.failure)}\n\n"
    for heading, text in item_texts(view, entry):
        yield f"{inline(heading)}:\n\n{fenced(text)}\n\n"


def _trust(view: ReportView) -> Iterator[str]:
    yield from ("## Settings", "")
    yield f"- Margin: {view.margin} points, one-sided level {view.alpha} %"
    for setting in view.trust.settings:
        yield f"- {inline(setting.name)}: {inline(setting.value)}"
    for row in view.trust.held.rows if view.trust.held else ():
        if row.is_marked:
            yield f"- Differs: {inline(row.name)}, {inline(row.before)} and {inline(row.after)}"
    if view.trust.checks:
        yield from ("", f"## {view.trust.checks_text}", "")
        yield from map(check_line, view.trust.checks)
    if view.trust.commands:
        yield from ("", fenced("\n".join(view.trust.commands)))


def check_line(check: Check) -> str:
    """Return a check as an item of a list."""
    return f"- {'✓' if check.is_passed else '**!**'} {inline(check.text)}"
