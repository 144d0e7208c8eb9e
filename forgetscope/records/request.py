"""Requests: what a checkpoint is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Decoding", "Request", "RequestKind", "ThinkTags", "Thoughts"]


class RequestKind(StrEnum):
    """What is asked of the model; the words are lm-eval's."""

    LOGLIKELIHOOD = "loglikelihood"
    ROLLING = "loglikelihood_rolling"
    GENERATE = "generate_until"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkTags:
    """What a model writes around its thoughts; neither is empty."""

    opening: str
    closing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thoughts:
    """How the thoughts of a text are told from its answer."""

    tags: tuple[ThinkTags, ...]
    """At least one pair."""
    is_begun: bool = False
    """Whether the prompt ends inside a thought, so that the text closes what it never opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How an answer is generated."""

    stops: tuple[str, ...] = ()
    """Strings that end the answer and are cut from it."""
    max_new_tokens: int
    do_sample: bool = False
    temperature: float = 0.0
    top_p: float = 1.0
    # no part of the text that ids are made of: without thoughts they are what they always were
    thoughts: Thoughts | None = field(default=None, repr=False)
    """Where no stop string counts; `None`: the whole text is the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a model, independent of its weights."""

    id: str
    """Hex digest of task, version, document, index, kind and all arguments, pictures included."""
    item_id: str
    index: int
    """Place among the requests of its item, from 0 (the option, in multiple choice)."""
    kind: RequestKind
    context: str
    """Text before the continuation; the whole text for `ROLLING`."""
    continuation: str = ""
    """Text whose log-probability is asked; `LOGLIKELIHOOD` only."""
    decoding: Decoding | None = None
    """`GENERATE` only."""
    images: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    """Pictures that belong to the context (PIL images), in the order of their places in it; the id
    digests them."""
