"""Find lessons that are also evaluated: what a model was trained on says nothing of what it can.

Texts are compared by their words (`tokens.py`), so case, width, white space and the punctuation of
sentences do not count. A lesson is found if

1. its words are those of an evaluated question, as they stand or without what all lessons of its
   source (all questions of a task) begin and end with: another instruction around it, another
   `Answer:` behind it;
2. it stands inside an evaluated question, or that inside the lesson, with a few words around it
   and the same right answer;
3. half of the shorter text's runs of 13 words are in the other, or four fifths where the right
   answers differ (Brown et al. 2020, arXiv:2005.14165, appendix C, take a single run, which finds
   every fixed instruction). Runs that come again and again are a wrapper and are left out.

Time grows with the number of words alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forgetscope.errors import UsageError
from forgetscope.recap.inside import Inside
from forgetscope.recap.runs import Runs
from forgetscope.recap.tokens import Words, cores, words_of
from forgetscope.records import Document, Lesson

__all__ = ["Overlap", "Shared", "check_overlap", "find_overlap"]

N_EXAMPLES = 5
_SHOWN = 100
_SHORTEST_CORE = 3
"""Words; what is left of a text without its wrapper must be enough to know it by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One lesson that is also evaluated."""

    source: str
    lesson: str
    """The lesson's prompt."""
    task: str
    question: str
    """The evaluated question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How much of the lessons is also evaluated."""

    n: int
    """Lessons that are."""
    total: int
    """All lessons."""
    examples: tuple[Shared, ...] = ()
    """The first few."""

    @property
    def share(self) -> float:
        """Share of the lessons; nan without lessons."""
        return self.n / self.total if self.total else float("nan")


def find_overlap(
    lessons: Mapping[str, Sequence[Lesson]], evaluated: Mapping[str, Sequence[Document]]
) -> Overlap:
    r"""Find which lessons are also evaluated.

    Parameters
    ----------
    lessons
        By the name of their source.
    evaluated
        Questions by the name of their task, without few-shot examples.

    Examples
    --------
    >>> asked = {"arc": [Document(prompt="Question: Why is the sky blue?\nAnswer:", gold="air")]}
    >>> find_overlap({"mine": [Lesson(prompt="question: why is the sky blue? answer:")]}, asked).n
    1
    """
    questions = _Questions(evaluated)
    n = total = 0
    examples: list[Shared] = []
    for source, several in lessons.items():
        total += len(several)
        for lesson, found in zip(several, questions.of(several), strict=True):
            if found is None:
                continue
            n += 1
            if len(examples) < N_EXAMPLES:
                task, document = found
                examples.append(
                    Shared(
                        source=source,
                        lesson=lesson.prompt or lesson.text,
                        task=task,
                        question=document.prompt,
                    )
                )
    return Overlap(n=n, total=total, examples=tuple(examples))


def check_overlap(overlap: Overlap) -> None:
    """Refuse lessons that are also evaluated.

    Raises
    ------
    UsageError
        If there is one; the message shows the first.
    """
    if not overlap.n:
        return
    first = overlap.examples[0]
    raise UsageError(
        f"{overlap.n:,} of {overlap.total:,} lessons are also evaluated; the first, of "
        f"`{first.source}`, stands in `{first.task}`: {first.lesson[:_SHOWN]!a}",
        hint="leave them out, or measure what was learnt by heart with `--allow-overlap`",
    )


Found = tuple[str, Document]


class _Questions:
    """The evaluated questions, to be looked up by their words."""

    def __init__(self, evaluated: Mapping[str, Sequence[Document]]) -> None:
        self._found: list[Found] = []
        self._whole: dict[Words, int] = {}
        texts: list[Words] = []
        for task, documents in evaluated.items():
            words = [words_of(document.prompt) for document in documents]
            for document, whole, core in zip(documents, words, cores(words), strict=True):
                place = len(self._found)
                self._found.append((task, document))
                texts.append(whole)
                for key in _keys(whole, core):
                    self._whole.setdefault(key, place)
        golds = [words_of(document.gold) for _, document in self._found]
        self._runs = Runs(texts, golds)
        self._inside = Inside(texts, golds)

    def of(self, lessons: Sequence[Lesson]) -> Iterator[Found | None]:
        """Yield what each lesson of one source has in common with the questions, if anything."""
        words = [words_of(lesson.prompt or lesson.text) for lesson in lessons]
        golds = [words_of(lesson.gold) for lesson in lessons]
        places_R, places_I = self._runs.of(words, golds), self._inside.of(words, golds)
        for number, (whole, core) in enumerate(zip(words, cores(words), strict=True)):
            keys = [self._whole[key] for key in _keys(whole, core) if key in self._whole]
            others = (places_R[number], places_I[number])
            place = next((each for each in (*keys, *others) if each is not None), None)
            yield None if place is None else self._found[place]


def _keys(whole: Words, core: Words) -> Iterator[Words]:
    if whole:
        yield whole
    if len(core) >= _SHORTEST_CORE:
        yield core
