"""Own tasks: documents in memory, for machines without benchmark data."""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.records.task import OutputType, Role

__all__ = ["Document", "OwnTask", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One question of an own task."""

    prompt: str
    gold: str
    """The right answer; one of `choices` where there are any."""
    choices: tuple[str, ...] = ()
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
    version: str = "1"
    readings: tuple[Reading, ...] = ()
    """Generation only: the first is the primary filter, the second its partner."""
    stops: tuple[str, ...] = ()
    """Generation only: strings that end an answer."""
    max_new_tokens: int = 32
