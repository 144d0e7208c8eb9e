"""The domain table on a terminal: as many columns as its width has room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from rich.text import Text

from forgetscope.cli.columns import GAP, Column, cut, fitting, head_line, row_lines
from forgetscope.cli.forest import TONES, forest_cell, forest_head
from forgetscope.records import Role
from forgetscope.report import ReportView
from forgetscope.report.chart import ForestRow
from forgetscope.report.ledger import Ledger
from forgetscope.report.plain import to_ascii
from forgetscope.report.sparks import Spark

__all__ = ["domain_lines", "profile_lines", "tally_lines"]

_ROLES = {Role.TARGET: " (target)", Role.WATCH: " (watched)"}
_PATHS = 60
"""Below so many columns there are no paths: an interval would be worth more."""
_WORDS = 100
"""From so many columns on, the chips beside a verdict have their words."""


def domain_lines(view: ReportView, *, width: int, use_ascii: bool) -> Iterator[Text]:
    """Yield the table, an empty line between groups that are never averaged with each other."""
    ledger = view.ledger
    if ledger is None:
        return
    columns = _columns(ledger, view.sparks, width=width, use_ascii=use_ascii)
    shown = fitting(columns, width=width)
    if not any(column.head.plain == "verdict" for column in shown):
        shown = (_glyphs(ledger, use_ascii=use_ascii), *shown)
    words = [None if row.is_drawn else _words(row, use_ascii=use_ascii) for row in ledger.rows]
    yield head_line(shown)
    rows = row_lines(shown, words, width=width)
    for group in ledger.groups:
        if group is not ledger.groups[0]:
            yield Text("")
        for own in islice(rows, len(group.rows)):
            yield from own


def profile_lines(view: ReportView, *, width: int, use_ascii: bool) -> Iterator[Text]:
    """Yield the table of a base alone."""
    rows = view.profile
    text = _plainer(use_ascii)
    columns = [
        Column(head=Text("domain", "dim"), cells=_names(rows, width), rank=0),
        _numbers("items", [row.n for row in rows], rank=2),
        _numbers("score", [text(row.before) for row in rows], rank=0),
        _numbers("guesser", [text(row.chance) for row in rows], rank=1),
    ]
    shown = fitting(columns, width=width)
    yield head_line(shown)
    for own in row_lines(shown, [None] * len(rows), width=width):
        yield from own


def tally_lines(view: ReportView, *, width: int, use_ascii: bool) -> Iterator[Text]:
    """Yield how many general domains ended in each verdict; zeros are faint, none is left out."""
    line = Text()
    for row in view.tally:
        glyph = row.mark.ascii if use_ascii else row.mark.glyph
        style = TONES.get(row.mark.tone, "") if row.n else "dim"
        part = Text(f"{glyph} {row.n} {row.mark.word}", style=style)
        if len(line) and len(line) + GAP + len(part) > width:
            yield line
            line = Text()
        line = Text(" " * GAP).join([line, part]) if len(line) else part
    yield line


def _columns(
    ledger: Ledger, sparks: Sequence[Spark], *, width: int, use_ascii: bool
) -> list[Column]:
    rows, text = ledger.rows, _plainer(use_ascii)
    drawn = [row if row.is_drawn else None for row in rows]
    forest = [forest_cell(row, ledger.scale, use_ascii=use_ascii) for row in rows]
    verdicts = [_verdict(row, use_ascii=use_ascii, in_words=width >= _WORDS) for row in rows]
    return [
        Column(head=Text("domain", "dim"), cells=_names(rows, width), rank=0),
        _numbers("items", [row.n for row in rows], rank=7),
        _numbers("base", [text(row.before) for row in rows], rank=4),
        _numbers("now", [text(row.after) for row in rows], rank=4),
        Column(
            head=Text("change", "dim"),
            cells=[Text(text(row.change) if row else "", _tone(row)) for row in drawn],
            rank=0,
            is_number=True,
            spans=True,
        ),
        Column(
            head=Text("interval", "dim"),
            cells=[Text(text(row.interval) if row else "", "dim") for row in drawn],
            rank=3,
            spans=True,
        ),
        Column(
            head=forest_head(ledger.scale, use_ascii=use_ascii),
            cells=forest,
            rank=2,
            can_lack=True,
            spans=True,
        ),
        _numbers("lost", [f"{row.lost:,}" if row else "" for row in drawn], rank=6),
        _numbers("gained", [f"{row.gained:,}" if row else "" for row in drawn], rank=6),
        *([_path(rows, sparks, use_ascii=use_ascii)] if sparks and width >= _PATHS else []),
        Column(head=Text("verdict", "dim"), cells=verdicts, rank=1, can_lack=True),
    ]


def _path(rows: Sequence[ForestRow], sparks: Sequence[Spark], *, use_ascii: bool) -> Column:
    by_name = {spark.name: _spark(spark, use_ascii=use_ascii) for spark in sparks}
    cells = [by_name.get(row.name, Text()) for row in rows]
    return Column(head=Text("path", "dim"), cells=cells, rank=5)


def _spark(spark: Spark, *, use_ascii: bool) -> Text:
    text = Text()
    for sign, tone in zip(spark.ascii if use_ascii else spark.text, spark.tones, strict=True):
        text.append(sign, TONES.get(tone, ""))
    return text


def _glyphs(ledger: Ledger, *, use_ascii: bool) -> Column:
    cells = [
        Text(row.mark.ascii if use_ascii else row.mark.glyph, TONES.get(row.mark.tone, ""))
        for row in ledger.rows
    ]
    return Column(head=Text(""), cells=cells, rank=0)


def _names(rows: Sequence[ForestRow], width: int) -> list[Text]:
    widest = max(12, width // 2)
    return [
        Text(cut(f"{row.label}{_ROLES.get(row.role, '') if width >= 60 else ''}", width=widest))
        for row in rows
    ]


def _numbers(head: str, cells: Sequence[str], *, rank: int) -> Column:
    texts = [Text(cell) for cell in cells]
    return Column(head=Text(head, "dim"), cells=texts, rank=rank, is_number=True)


def _words(row: ForestRow, *, use_ascii: bool) -> Text:
    return Text(to_ascii(row.words) if use_ascii else row.words, style="dim")


def _verdict(row: ForestRow, *, use_ascii: bool, in_words: bool) -> Text:
    glyph = row.mark.ascii if use_ascii else row.mark.glyph
    verdict = Text(f"{glyph} {row.mark.word}", style=TONES.get(row.mark.tone, ""))
    for chip in row.chips:
        sign = chip.ascii if use_ascii else chip.glyph
        verdict.append(f" {sign}{f' {chip.word}' if in_words else ''}", style="dim")
    return verdict


def _tone(row: ForestRow | None) -> str:
    return TONES.get(row.mark.tone, "") if row else ""


def _plainer(use_ascii: bool) -> Callable[[str], str]:
    return to_ascii if use_ascii else str
