"""Sources that make their lessons: the domains of the testbed, the tasks of reasoning-gym."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from forgetscope.errors import UnknownNameError
from forgetscope.recap import gym
from forgetscope.recap.rewards import ENTRY, Reward, Verifier
from forgetscope.recap.sources.spec import COMMON_KEYS, SourceKind, SourceSpec
from forgetscope.records import Lesson, Role

__all__ = ["expand", "gym_lessons", "gym_rewards", "testbed_lessons", "testbed_rewards"]

ALL_GENERAL = "general"
"""Name of a testbed source that stands for every general domain."""
_PATIENCE = 300
"""So many questions in a row that were there before: the task has no more."""


def expand(spec: SourceSpec) -> tuple[SourceSpec, ...]:
    """Return a source, or those that it stands for.

    Raises
    ------
    UnknownNameError
        If the testbed has no such domain.
    """
    if spec.kind is not SourceKind.TESTBED:
        return (spec,)
    roles = _testbed_roles()
    if spec.name == ALL_GENERAL:
        names = [name for name, role in roles.items() if role is Role.GENERAL]
        return tuple(replace(spec, name=name) for name in names)
    if spec.name not in roles:
        raise UnknownNameError("domain of the testbed", spec.name, known=(*roles, ALL_GENERAL))
    return (spec,)


def testbed_lessons(name: str, *, n: int, seed: int) -> tuple[Lesson, ...]:
    """Return different questions of a domain, none of them held out for evaluation."""
    # it loads torch, which no other source needs
    from forgetscope import testbed

    return testbed.training_rows(name, n=n, seed=seed)


def testbed_rewards(name: str) -> Mapping[str, Reward]:
    """Return the rewards that a domain has of its own; none for a general domain."""
    if _testbed_roles()[name] is not Role.TARGET:
        return {}
    from forgetscope import testbed

    return {
        "accuracy": lambda completion, lesson: testbed.accuracy(completion, lesson.gold),
        "format": lambda completion, lesson: testbed.marked_once(completion, lesson.gold),
    }


def gym_lessons(spec: SourceSpec, *, n: int, seed: int) -> tuple[Lesson, ...]:
    """Return different questions of a task; fewer where the task has no more."""
    gym.check_task(spec.name)
    settings = gym.settings_of(spec.name, dict(spec.settings), also=COMMON_KEYS)
    lessons: dict[str, Lesson] = {}
    fruitless = 0
    for entry in gym.entries(spec.name, settings, seed=_own_seed(spec.name, seed)):
        if len(lessons) >= n or fruitless >= _PATIENCE:
            break
        prompt = entry["question"]
        fruitless = fruitless + 1 if prompt in lessons else 0
        gold = entry["answer"]
        lessons.setdefault(
            prompt,
            Lesson(prompt=prompt, gold="" if gold is None else str(gold), fields={ENTRY: entry}),
        )
    return tuple(lessons.values())


def gym_rewards(spec: SourceSpec) -> Mapping[str, Reward]:
    """Return the task's own verifier."""
    settings = gym.settings_of(spec.name, dict(spec.settings))
    return {"verifier": Verifier(task=spec.name, settings=settings)}


def _own_seed(name: str, seed: int) -> int:
    # question number i of seed s is question number i - 1 of seed s + 1: neighbours share nearly
    # all of their questions, so seeds are spread out first
    return int.from_bytes(sha256(f"{name} {seed}".encode()).digest()[:4], "big") % 2**31


def _testbed_roles() -> dict[str, Role]:
    from forgetscope import testbed

    return {domain.name: domain.role for domain in testbed.domains()}
