"""What a training run and a blend add to a report in words: rows of text for any medium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from forgetscope.report.blending import Blending
from forgetscope.report.table import Entry, Table
from forgetscope.report.trained import Trained
from forgetscope.report.wording import Mark

__all__ = ["Block", "blocks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A finding, and the table behind it."""

    heading: str
    finding: str
    """Without its period."""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """Empty where the finding says it all."""


def blocks(known: Trained, *, use_ascii: bool = False) -> Iterator[Block]:
    """Yield a block for the trade-off, the weights and the blend, as far as they are known.

    Parameters
    ----------
    known
        What is known.
    use_ascii
        Write marks with ASCII characters only.
    """
    if known.trade:
        yield _of_table(
            known.trade.table, "Method", heading="What the gain cost", finding=known.trade.finding
        )
    elif known.dumbbell:
        yield Block(heading="Before and after", finding=known.dumbbell.finding)
    if known.weights:
        heading = f"How the training went: {known.weights.about}"
        yield Block(heading=heading, finding=known.weights.finding)
    if known.blend:
        yield _of_blend(known.blend, use_ascii=use_ascii)


def _of_table(table: Table, name: str, *, heading: str, finding: str) -> Block:
    return Block(
        heading=heading,
        finding=finding,
        head=(name, *table.columns),
        rows=tuple((row.label, *map(_text, row.entries)) for row in table.rows),
    )


def _of_blend(blend: Blending, *, use_ascii: bool) -> Block:
    def word(mark: Mark | None) -> str:
        return "" if mark is None else f"{mark.ascii if use_ascii else mark.glyph} {mark.word}"

    names = (f"blend, {blend.chosen_text}", "verdict")
    tuned = (blend.after, "verdict") if blend.has_after else ()
    rows = [
        (
            row.label,
            row.n,
            *(_text(row.chosen), word(row.chosen_mark)),
            *((_text(row.after), word(row.after_mark)) if blend.has_after else ()),
        )
        for row in blend.final
    ]
    return Block(
        heading="Between base and tuned weights",
        finding=blend.finding,
        head=("Domain", "items", *names, *tuned) if rows else (),
        rows=tuple(rows),
    )


def _text(entry: Entry) -> str:
    return f"{entry.text} {entry.note}".strip()
