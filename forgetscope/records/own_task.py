"""Own tasks: documents in memory, for machines without benchmark data."""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.records.task import OutputType, Role

__all__ = ["Demand", "Document", "OwnTask", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Something that a program can check of a written answer."""

    kind: str
    """A word that `offline.demands` knows, such as `words`."""
    value: str
    """What is demanded, such as `3`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One question of an own task."""

    prompt: str
    gold: str
    """The right answer; one of `choices` where there are any, one of many where there are
    `demands`."""
    choices: tuple[str, ...] = ()
    demands: tuple[Demand, ...] = ()
    """What is checked of a written answer instead of being equal to `gold`: all must be met."""
    cluster: str = ""
    """Documents with equal cluster share a source; empty: a cluster of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How an answer is read from generated text."""

    name: str
    pattern: str
    """Regular expression whose first group is the answer; no match is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTask:
    """A task whose documents the project makes or ships itself."""

    name: str
    group: str = ""
    """What a suite calls it together with others; empty: by its name."""
    domain: str
    role: Role = Role.GENERAL
    output_type: OutputType
    documents: tuple[Document, ...]
    examples: tuple[Document, ...] = ()
    """Shown in this order before each question unless a suite wants fewer; never asked."""
    delimiter: str = ""
    """Between a question and its answer."""
    version: str = "1"
    readings: tuple[Reading, ...] = ()
    """Generation only: the first is the primary filter, the second its partner."""
    stops: tuple[str, ...] = ()
    """Generation only: strings that end an answer."""
    max_new_tokens: int = 32

    @property
    def has_demands(self) -> bool:
        """Whether answers are checked by what is demanded of them, not by one right text."""
        return any(document.demands for document in self.documents)
