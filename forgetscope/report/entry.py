"""One item as a reader meets it: what was asked, and both answers.

Texts stay as the model wrote them; whoever shows them cleans them. A long text keeps its beginning
and its end, and says how much is missing; the full one lies in `items.parquet`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from forgetscope.records import FormatClass, Score, Story, Transition
from forgetscope.report import wording

__all__ = ["ItemEntry", "OptionLine", "entry_of", "shortened"]

LONGEST, BEGINNING, END = 4000, 2500, 1500
"""Characters of one text: the most that is kept whole, and what stays of a longer one."""

PREVIEW = 90
"""Characters of the prompt in the list."""

WITHHELD = "withheld: the data set's own words are not part of this report"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLine:
    """One option of a multiple-choice item, with what both sides thought of it."""

    text: str
    before: str
    after: str
    """Probability among the options as a percentage without its sign; empty where not known."""
    is_gold: bool
    was_chosen: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEntry:
    """One item."""

    key: str
    domain: str
    task: str
    transition: Transition
    outcomes: str
    """One sign per checkpoint: `1` right, `0` wrong, `h` in between, `-` not evaluated."""
    failure: str
    """Why the wrong answer counts as wrong; empty where both are right."""
    is_form: bool
    """Whether its form failed rather than the answer."""
    preview: str
    head: str
    """Beginning that all prompts of the task share (few-shot examples)."""
    prompt: str
    """The prompt after `head`."""
    gold: str
    options: tuple[OptionLine, ...]
    before: str
    after: str
    before_read: str
    after_read: str
    """What the filter read from the answer; empty where answers are options."""


def entry_of(story: Story, *, head: str) -> ItemEntry:
    """Return a story as its reader meets it; `head` is what all prompts of its task begin with."""
    item = story.item
    prompt = item.prompt[len(head) :]
    # cut before cleaning: a prompt may be a megabyte long
    preview = wording.one_line(prompt[: 4 * PREVIEW]).removeprefix("Question: ")[:PREVIEW]
    failure = story.format_class
    return ItemEntry(
        key=f"{wording.one_line(item.task)}-{item.document_id}",
        domain=wording.title(story.domain),
        task=wording.one_line(item.task),
        transition=story.transition,
        outcomes="".join(_outcome(value) for value in story.outcomes),
        failure="" if failure is None else str(failure),
        is_form=isinstance(failure, FormatClass) and failure.is_format,
        preview="prompt withheld" if story.is_redacted else preview,
        head=shortened(head),
        prompt=WITHHELD if story.is_redacted else shortened(prompt),
        gold=WITHHELD if story.is_redacted and not item.gold else shortened(item.gold),
        options=_options(story),
        before=shortened(story.before.answer),
        after=shortened(story.after.answer),
        before_read=shortened(story.before.extracted or ""),
        after_read=shortened(story.after.extracted or ""),
    )


def shortened(text: str) -> str:
    """Return a text of at most about `LONGEST` characters, saying what was left out.

    >>> len(shortened("x" * 4000)), "6,000 characters left out" in shortened("x" * 10_000)
    (4000, True)
    """
    if len(text) <= LONGEST:
        return text
    left_out = wording.count(len(text) - BEGINNING - END)
    return f"{text[:BEGINNING]}\n[… {left_out} characters left out …]\n{text[-END:]}"


def _options(story: Story) -> tuple[OptionLine, ...]:
    item = story.item
    places = range(len(item.choices))
    before, after = (
        shares if len(shares) == len(places) else (math.nan,) * len(places)
        for shares in (story.before_shares, story.after_shares)
    )
    chosen = [_choice(score, item.choices) for score in (story.before, story.after)]
    return tuple(
        OptionLine(
            text=shortened(item.choices[place]),
            before=_percent(before[place]),
            after=_percent(after[place]),
            is_gold=item.choices[place].strip() == item.gold.strip(),
            was_chosen=place == chosen[0],
            is_chosen=place == chosen[1],
        )
        for place in places
    )


def _choice(score: Score, choices: tuple[str, ...]) -> int | None:
    if score.likelihood is not None and score.likelihood.choice is not None:
        return score.likelihood.choice
    return choices.index(score.answer) if score.answer in choices else None


def _percent(share: float) -> str:
    return f"{100 * share:.1f}" if math.isfinite(share) else ""


def _outcome(value: float) -> str:
    if math.isnan(value):
        return "-"
    if value >= 1:
        return "1"
    return "h" if value > 0 else "0"
