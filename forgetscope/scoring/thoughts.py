"""Thoughts: what a model writes for itself before it answers, and where its answer lies.

The answer is what follows the last thought, up to the first stop string. A thought that never ends
has no answer behind it, whatever stands in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from forgetscope.records import Decoding, ThinkTags, Thoughts

__all__ = [
    "KNOWN_TAGS",
    "answer_in",
    "answer_start",
    "begins_thought",
    "cut_at_stop",
    "cut_behind_thought",
    "marks_of",
    "tags_in",
]

KNOWN_TAGS = tuple(
    ThinkTags(opening=opening, closing=closing)
    for opening, closing in (
        ("<think>", "</think>"),
        ("<thinking>", "</thinking>"),
        ("<thought>", "</thought>"),
        ("<reasoning>", "</reasoning>"),
        ("[THINK]", "[/THINK]"),
        ("<seed:think>", "</seed:think>"),
        ("◁think▷", "◁/think▷"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|START_THINKING|>", "<|END_THINKING|>"),
        ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),
    )
)
"""Pairs that published models use."""


def tags_in(template: str) -> tuple[ThinkTags, ...]:
    """Return the known pairs of which a chat template names a tag.

    >>> [pair.closing for pair in tags_in("{{ content.split('</think>')[-1] }}")]
    ['</think>']
    """
    return tuple(
        tags for tags in KNOWN_TAGS if tags.opening in template or tags.closing in template
    )


def begins_thought(prompt: str, tags: Sequence[ThinkTags]) -> ThinkTags | None:
    """Return the pair whose opening tag a prompt ends with; `None` where it ends otherwise."""
    end = prompt.rstrip()
    return next((pair for pair in tags if end.endswith(pair.opening)), None)


def marks_of(thoughts: Thoughts | None) -> tuple[str, ...]:
    """Return the tags themselves; empty where there are none."""
    pairs = () if thoughts is None else thoughts.tags
    return tuple(mark for pair in pairs for mark in (pair.opening, pair.closing))


def answer_start(text: str, thoughts: Thoughts | None) -> int | None:
    """Return where the answer begins, blanks behind a thought left out.

    A closing tag before any opening one ends a thought that the prompt began, whether or not that
    is known.

    Parameters
    ----------
    text
        What was generated.
    thoughts
        `None`: there are none, and the answer begins at 0.

    Returns
    -------
    int or None
        `None` inside a thought.

    Examples
    --------
    >>> tags = (ThinkTags(opening="<think>", closing="</think>"),)
    >>> text = "<think>2 + 2</think>  4"
    >>> text[answer_start(text, Thoughts(tags=tags)) :]
    '4'
    >>> answer_start("2 + 2", Thoughts(tags=tags, is_begun=True))
    """
    if thoughts is None:
        return 0
    openings = [pair.opening for pair in thoughts.tags]
    closings = [pair.closing for pair in thoughts.tags]
    start, is_inside = 0, thoughts.is_begun or _is_closed_first(text, openings, closings)
    while True:
        place = _after_first(text, closings if is_inside else openings, start)
        if place is None:
            break
        start, is_inside = place, not is_inside
    if is_inside:
        return None
    return len(text) - len(text[start:].lstrip()) if start else 0


def cut_at_stop(text: str, stops: Sequence[str]) -> str:
    """Return the text before the first stop string in it.

    As in lm-eval, the strings are tried in their order, each on what the one before it left.

    >>> cut_at_stop("four. Question: and five?", ["Question:", ". "])
    'four'
    """
    for stop in stops:
        if stop:
            text = text.split(stop, 1)[0]
    return text


def cut_behind_thought(text: str, stops: Sequence[str], thoughts: Thoughts | None) -> str:
    """Return thought and answer, cut before the first stop string of the answer."""
    start = answer_start(text, thoughts)
    return text if start is None else text[:start] + cut_at_stop(text[start:], stops)


def answer_in(text: str, decoding: Decoding) -> str | None:
    """Return the answer in a generated text; `None` where its thought never ends.

    Without thoughts that is the text as it is: whoever wrote it has cut it already.
    """
    if decoding.thoughts is None:
        return text
    start = answer_start(text, decoding.thoughts)
    return None if start is None else cut_at_stop(text[start:], decoding.stops)


def _is_closed_first(text: str, openings: Sequence[str], closings: Sequence[str]) -> bool:
    closed, opened = _after_first(text, closings, 0), _after_first(text, openings, 0)
    return closed is not None and (opened is None or closed < opened)


def _after_first(text: str, marks: Sequence[str], start: int) -> int | None:
    """Return the place behind the first of some marks; `None` where none of them stands."""
    found = [(place, mark) for mark in marks if (place := text.find(mark, start)) >= 0]
    if not found:
        return None
    place, mark = min(found)
    return place + len(mark)
