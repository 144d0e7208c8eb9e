"""Show a comparison in the format that was asked for, on stdout or in a file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from forgetscope.cli.columns import cut
from forgetscope.cli.console import is_unicode, out, shows_table
from forgetscope.cli.domains import domain_lines, profile_lines, tally_lines
from forgetscope.cli.lines import print_lines, print_text
from forgetscope.cli.render import render
from forgetscope.cli.talk import reads_lines, talk
from forgetscope.report import ReportView
from forgetscope.report.plain import plain_lines, speaking, to_ascii, trained_lines, verdict_line

if TYPE_CHECKING:
    from forgetscope.api import Shown
    from forgetscope.suites import Require

__all__ = ["deliver", "show"]

_LABELS = 24
"""Columns for the names of what stands below the table, from 80 columns on."""
_WIDE = 80


def deliver(
    shown: Shown, *, require: Require = "not-forgot", domains: Sequence[str] | None = None
) -> None:
    """Write a comparison in the format that was asked for.

    Parameters
    ----------
    shown
        The comparison.
    require, domains
        What a gate asks for, and of which domains; default: of all that could be forgotten.
    """
    if reads_lines():
        show(shown.view)
    else:
        print_text(render(talk().form, shown, require=require, domains=domains))


def show(view: ReportView) -> None:
    """Show what changed as a table or in plain lines."""
    how = talk()
    if how.quiet:
        print_lines([verdict_line(view)])
    elif shows_table():
        for part in _table(view, width=out.width, use_ascii=not is_unicode()):
            out.print(part)
    else:
        print_lines(plain_lines(view, use_ascii=not is_unicode()))


def _table(view: ReportView, *, width: int, use_ascii: bool) -> Iterator[Text]:
    def plain(text: str) -> str:
        return to_ascii(text) if use_ascii else text

    yield Text(plain(view.headline), style="bold")
    yield Text(plain("".join(span.text for span in view.summary)))
    yield Text("")
    if view.ledger is None:
        yield from _whole(profile_lines(view, width=width, use_ascii=use_ascii))
        return
    yield from _whole(domain_lines(view, width=width, use_ascii=use_ascii))
    yield Text("")
    for label, said in (*_notes(view), *_below(view)):
        yield from _labelled(label, plain(said), width=width)
    for line in trained_lines(view, use_ascii=use_ascii, width=width):
        yield Text(line)
    yield Text("")
    yield from tally_lines(view, width=width, use_ascii=use_ascii)


def _whole(lines: Iterator[Text]) -> Iterator[Text]:
    """Yield lines that were made for this width, so that none is broken anew."""
    for line in lines:
        line.no_wrap, line.overflow = True, "ignore"
        yield line


def _notes(view: ReportView) -> Iterator[tuple[str, str]]:
    """Yield what stands behind single rows, row by row, and an empty line."""
    told = [(row.label, row.words) for row in speaking(view) if row.is_drawn]
    for note in view.notes:
        label, colon, said = note.partition(": ")
        told.append((label, said) if colon else ("", note))
    order = [row.label for row in view.ledger.rows] if view.ledger else []
    for label, group in groupby(sorted(told, key=lambda pair: _place(order, pair[0])), _first):
        for place, (_, said) in enumerate(group):
            yield "" if place else label, said
    if told:
        yield "", ""


def _place(order: Sequence[str], label: str) -> int:
    return order.index(label) if label in order else len(order)


def _first(pair: tuple[str, str]) -> str:
    return pair[0]


def _below(view: ReportView) -> Iterator[tuple[str, str]]:
    """Yield what holds for the whole, by the name of each line."""
    for fact in view.facts:
        if fact.label == "Last clean checkpoint":
            yield fact.label, f"{fact.value}: {fact.note}"
    if view.gate is not None:
        word, _, code = view.gate.text.partition(" · ")
        yield word, f"{code}: {view.gate_reason}" if view.gate_reason else code
    checks = view.trust.checks
    passed = sum(check.is_passed for check in checks)
    yield "Comparability", f"{passed} of {len(checks)} checks passed"
    for check in checks:
        if not check.is_passed:
            yield "", check.text
    if view.trust.rerun:
        yield "Numerical noise", view.trust.rerun


def _labelled(label: str, said: str, *, width: int) -> Iterator[Text]:
    """Yield a text beside its name, or behind it where there is no room."""
    if width < _WIDE:
        start = f"{label}: " if label else "  "
        for line in textwrap.wrap(f"{start}{said}", width, subsequent_indent="  ") or [""]:
            yield Text(line)
        return
    name = cut(label, width=_LABELS - 2)
    for place, line in enumerate(textwrap.wrap(said, width - _LABELS) or [""]):
        start = name if place == 0 else ""
        padding = " " * (_LABELS - cell_len(start)) if line else ""
        yield Text.assemble((start + padding, "dim"), line)
