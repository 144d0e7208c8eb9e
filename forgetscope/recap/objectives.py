"""Objectives: rewards that speak of their own domain only, and the prompts they judge."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forgetscope.errors import TrainingError, UsageError
from forgetscope.recap.deck import Deck
from forgetscope.recap.encoding import pictures_of, prompt_of
from forgetscope.recap.sources import Material

__all__ = ["Dealt", "RewardFunction", "RowReader", "dealt_prompts", "reward_functions"]

RewardFunction = Callable[..., list[float | None]]
"""The form of a reward that TRL calls: a value per completion, `None` outside its domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """One prompt of one step."""

    material: int
    lesson: int


def dealt_prompts(
    materials: Sequence[Material], counts: Sequence[int], *, steps: int, seed: int
) -> Iterator[Dealt]:
    """Yield the prompts of every step: `counts[m]` of material `m`, in the order of the materials.

    Each material has an order of its own, so that the target's is the same whatever is replayed
    beside it.
    """
    decks = [
        Deck(len(material.lessons), seed=f"{seed} {place} {material.domain}")
        for place, material in enumerate(materials)
    ]
    for step in range(steps):
        for m, count in enumerate(counts):
            for i in range(count):
                yield Dealt(material=m, lesson=decks[m][step * count + i])


class RowReader:
    """Turns what was dealt into rows as TRL reads them, each when it is needed.

    Parameters
    ----------
    materials
        See `Dealt.material`.
    as_chat
        Whether prompts are chat messages.
    """

    def __init__(self, materials: Sequence[Material], *, as_chat: bool) -> None:
        self._materials = materials
        self._as_chat = as_chat
        # TRL looks for pictures in the first row alone, so all rows have a place for them or none
        self._sees = any(lesson.images for m in materials for lesson in m.lessons)

    def __call__(self, batch: Mapping[str, list[int]]) -> dict[str, list[Any]]:
        """Return the columns of a batch, from its columns `material` and `lesson`."""
        pairs = zip(batch["material"], batch["lesson"], strict=True)
        lessons = [self._materials[m].lessons[i] for m, i in pairs]
        rows: dict[str, list[Any]] = dict(batch)
        rows["prompt"] = [prompt_of(lesson, as_chat=self._as_chat) for lesson in lessons]
        if self._sees:
            rows["images"] = [pictures_of(lesson) for lesson in lessons]
        return rows


def reward_functions(materials: Sequence[Material]) -> dict[str, RewardFunction]:
    """Return a function for every objective `domain/reward`, by name.

    Raises
    ------
    UsageError
        There is nothing to reward.
    """
    names = dict.fromkeys(
        (material.domain, name) for material in materials for name in material.rewards
    )
    if not names:
        raise UsageError("nothing is rewarded: GRPO needs at least one reward")
    return {f"{domain}/{name}": _function(materials, domain, name) for domain, name in names}


def _function(materials: Sequence[Material], domain: str, name: str) -> RewardFunction:
    def score(
        completions: list[Any], material: list[int], lesson: list[int], **_: object
    ) -> list[float | None]:
        return [
            _value(materials[m], i, completion, domain, name)
            for completion, m, i in zip(completions, material, lesson, strict=True)
        ]

    score.__name__ = f"{domain}/{name}"
    return score


def _value(
    material: Material, place: int, completion: object, domain: str, name: str
) -> float | None:
    if material.domain != domain or name not in material.rewards:
        return None
    value = material.rewards[name](_text(completion), material.lessons[place])
    # TRL would take both for "not judged", and the completion would teach nothing, silently
    if value is None or not math.isfinite(value):
        raise TrainingError(f"the reward `{domain}/{name}` of `{material.name}` returned {value}")
    return float(value)


def _text(completion: object) -> str:
    """Return what the model wrote: a text, or the content of its chat message."""
    if isinstance(completion, str):
        return completion
    if isinstance(completion, list) and completion:
        content = completion[-1].get("content", "")
        return content if isinstance(content, str) else str(content)
    return ""
