"""Numbers, names and verdicts as people see them; the only place that turns one into text.

Records hold shares, people see points: 0.02 is written 2.0. Whoever shows text that came from
outside (names, prompts, answers) sends it through `clean` first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from forgetscope.records import UNBOUNDED_METRICS, Adjunct, Cell, Verdict, clean

__all__ = [
    "ADJUNCTS",
    "MARKS",
    "Chip",
    "Mark",
    "Namer",
    "change",
    "clean",
    "count",
    "decimal",
    "interval",
    "lost_by_form",
    "mark_of",
    "number_word",
    "one_line",
    "p_value",
    "percent",
    "points",
    "score",
    "span",
    "title",
    "verdict_words",
]

Namer = Callable[[str], str]
"""Turns the label of a checkpoint into the name people see."""

UNDEFINED = "–"
"""What stands where a number is undefined."""

_NUMBER_WORDS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a verdict looks: glyph, word and colour, in that order of importance."""

    word: str
    glyph: str
    ascii: str
    tone: str
    """Name of a colour in `theme.TOKENS`."""
    is_filled: bool
    """Whether the dot in a chart is filled; hollow means not settled."""
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """How an adjunct looks."""

    word: str
    glyph: str
    ascii: str
    meaning: str


def _mark(word: str, glyphs: str, tone: str, meaning: str, *, is_filled: bool) -> Mark:
    glyph, letter = glyphs[0], glyphs[1]
    return Mark(
        word=word, glyph=glyph, ascii=letter, tone=tone, is_filled=is_filled, meaning=meaning
    )


MARKS: dict[Verdict, Mark] = {
    Verdict.FORGOT: _mark("FORGOT", "▼v", "loss", "lost at least the margin", is_filled=True),
    Verdict.SLIPPED: _mark("SLIPPED", "▽!", "loss", "proven loss, size open", is_filled=False),
    Verdict.HELD: _mark("HELD", "●=", "held", "no loss beyond the margin", is_filled=True),
    Verdict.GAINED: _mark("GAINED", "▲^", "gain", "better than base", is_filled=True),
    Verdict.UNDECIDED: _mark("UNDECIDED", "◇?", "undecided", "cannot tell yet", is_filled=False),
    Verdict.CANNOT_MEASURE: _mark(
        "CANNOT MEASURE", "∅x", "ink3", "no verdict is possible", is_filled=False
    ),
}
"""Every verdict, in the order of the report."""

ADJUNCTS: dict[Adjunct, Chip] = {
    Adjunct.SHIFTED: Chip(
        word="SHIFTED", glyph="≠", ascii="~", meaning="same average, different items"
    ),
    Adjunct.FORMAT: Chip(
        word="FORMAT", glyph="¶", ascii="#", meaning="the answers survive, their form broke"
    ),
}


def mark_of(verdict: Verdict) -> Mark:
    """Return how a verdict looks."""
    return MARKS[verdict]


def points(share: float) -> str:
    """Return a share as points without a sign for gains, e.g. a margin.

    >>> points(0.02)
    '2.0'
    """
    return UNDEFINED if not math.isfinite(share) else _true_minus(f"{100 * share:.1f}")


def score(share: float, *, metric: str = "") -> str:
    """Return a mean score in points, thousands separated: 0.696 is `69.6`."""
    if not math.isfinite(share):
        return UNDEFINED
    return _true_minus(_size(share, metric))


def change(share: float, *, metric: str = "") -> str:
    """Return a change in points, always with its sign; an unbounded metric in its own unit.

    >>> change(-0.087), change(0.004), change(-0.0001)
    ('−8.7', '+0.4', '±0.0')
    """
    if math.isnan(share):
        return UNDEFINED
    if math.isinf(share):
        return "+∞" if share > 0 else "−∞"
    text = _size(abs(share), metric)
    if not text.strip("0."):
        return f"±{text}"
    return ("+" if share > 0 else "−") + text


def interval(low: float, high: float, *, metric: str = "") -> str:
    """Return an interval of a change, in points; empty where it is undefined."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"[{change(low, metric=metric)}, {change(high, metric=metric)}]"


def span(low: float, high: float) -> str:
    """Return an interval of a size, in points and without signs of change.

    >>> span(0.012, 0.034), span(0.012, float("nan"))
    ('[1.2, 3.4]', '')
    """
    return "" if math.isnan(low) or math.isnan(high) else f"[{points(low)}, {points(high)}]"


def decimal(value: float, *, is_change: bool = False) -> str:
    """Return a number in its own unit with three digits, a change with its sign.

    >>> decimal(0.0934), decimal(-0.0341, is_change=True), decimal(0.0, is_change=True)
    ('0.093', '−0.034', '±0.000')
    """
    if not math.isfinite(value):
        return UNDEFINED
    if not is_change:
        return _true_minus(f"{value:,.3f}")
    text = f"{abs(value):,.3f}"
    return ("±" if not text.strip("0.") else "+" if value > 0 else "−") + text


def percent(share: float) -> str:
    """Return a share of counted things as a whole percentage; scores are told in points."""
    return UNDEFINED if not math.isfinite(share) else f"{100 * share:.0f} %"


def _true_minus(digits: str) -> str:
    """Return digits with a minus sign people read, and none before a zero."""
    return digits.replace("-", "−" if digits.strip("-0.,") else "")


def _size(value: float, metric: str) -> str:
    return f"{value:,.3f}" if metric in UNBOUNDED_METRICS else f"{100 * value:,.1f}"


def count(number: int) -> str:
    """Return a count with thousands separated by commas."""
    return f"{number:,}"


def p_value(value: float) -> str:
    """Return a p-value with two digits that matter, never as zero."""
    if math.isnan(value):
        return UNDEFINED
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def number_word(number: int) -> str:
    """Return a small count as a word, a larger one in digits."""
    return _NUMBER_WORDS[number] if number < len(_NUMBER_WORDS) else count(number)


def title(slug: str) -> str:
    """Return the name of a domain as a person writes it.

    >>> title("instruction_following")
    'Instruction following'
    """
    text = " ".join(one_line(slug).replace("_", " ").replace("-", " ").split())
    return text[:1].upper() + text[1:]


def verdict_words(cell: Cell) -> str:
    """Return what the verdict of a cell means, in words for a person."""
    if cell.verdict is Verdict.CANNOT_MEASURE:
        return one_line(cell.reason) or MARKS[cell.verdict].meaning
    words = MARKS[cell.verdict].meaning
    if cell.metric in UNBOUNDED_METRICS:
        moved = change(cell.change, metric=cell.metric)
        span = interval(cell.low, cell.high, metric=cell.metric)
        words = f"{moved} {span} {one_line(cell.metric)}, better upwards; {words}"
    if cell.verdict is Verdict.HELD and cell.high < 0:
        return f"{words}, but a small proven loss"
    if cell.needs is None:
        return words
    return f"{words}: needs {count(cell.needs)} more items"


def stopped(cell: Cell) -> str:
    """Return after how many items asking stopped; empty where it did not."""
    if cell.stopped_of is None:
        return ""
    return f"stopped after {count(cell.n)} of {count(cell.stopped_of)} items"


def lost_by_form(cell: Cell) -> str:
    """Return how many of the lost answers lost their form alone; empty where none was written."""
    causes = cell.findings.causes
    counts = causes.by_class if causes else ()
    lost = sum(n for _, n in counts)
    if not lost:
        return ""
    form = sum(n for form, n in counts if form.is_format)
    return f"{count(form)} of {count(lost)} lost answers are format"


def one_line(text: str) -> str:
    """Return a name for a heading or a table cell: clean, and on one line."""
    return " ".join(clean(text).split())
