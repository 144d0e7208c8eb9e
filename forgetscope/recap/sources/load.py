"""Load sources: what is asked for becomes lessons, rewards and a probe.

What is done with a source, where its `as=` does not say:

| | `--reasoning` | `--replay` |
|---|---|---|
| `gym:` | reward | reward |
| any other with `reward=` | reward | reward |
| any other | reward | loss |

Which rewards a rewarded source has, where its `reward=` does not say: a gym task its verifier; the
target of the testbed `accuracy` and `format`, its other domains `exact`; lessons with options
`choice`; all others `accuracy` in the domain `math` and `exact` elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from forgetscope.errors import DataError, UsageError
from forgetscope.recap import gym
from forgetscope.recap.rewards import Reward, find_reward, needs_gold
from forgetscope.recap.sources.divide import HELD_OUT, LARGEST_PART, divide
from forgetscope.recap.sources.files import jsonl_lessons, word_of
from forgetscope.recap.sources.hub import hub_lessons
from forgetscope.recap.sources.made import (
    expand,
    gym_lessons,
    gym_rewards,
    testbed_lessons,
    testbed_rewards,
)
from forgetscope.recap.sources.material import Material
from forgetscope.recap.sources.spec import SourceKind, SourceSpec, Use, parse_source
from forgetscope.records import Lesson
from forgetscope.suites import look_up

__all__ = ["TaskLessons", "domain_of_source", "load_source", "load_sources"]

TaskLessons = Callable[[str], Sequence[Lesson]]
"""Returns the lessons of the training split of a task of lm-eval."""

N_MADE = 1000
"""Lessons of a source that could make any number."""


def load_sources(
    specs: Sequence[SourceSpec | str],
    *,
    seed: int,
    n: int | None = None,
    n_held_out: int = HELD_OUT,
    is_replay: bool = False,
    task_lessons: TaskLessons | None = None,
) -> tuple[Material, ...]:
    """Load sources in order; one that spans several domains becomes a material for each.

    These are `testbed:general`, and files whose rows say of what `domain` they are.

    Parameters
    ----------
    specs
        Parsed sources, or their texts.
    seed
        Of the draw and the order, unless a source names its own.
    n
        Lessons at most of each material, unless the source says how many; default: all, and 1000
        of a source that makes its own.
    n_held_out
        Lessons of each to keep as a probe; at most a fifth of what there is.
    is_replay
        Whether the sources protect what the model knew; otherwise they are what is trained for.
    task_lessons
        Reads the training split of a task of lm-eval; needed for `task:` alone.

    Raises
    ------
    UsageError
        If a source asks for what it cannot give.
    DataError
        If its data cannot be read, or hold no lesson.
    TrainingError
        If it needs a package that is not installed.
    """
    wanted = [spec if isinstance(spec, SourceSpec) else parse_source(spec) for spec in specs]
    loaded: list[Material] = []
    for spec in (each for given in wanted for each in expand(given)):
        own_seed = seed if spec.seed is None else spec.seed
        own_n = n if spec.n is None else spec.n
        # of what is made there is enough for a whole probe, however few lessons are wanted
        size = max((N_MADE if own_n is None else own_n) + n_held_out, LARGEST_PART * n_held_out)
        groups = _by_domain(spec, _ended(_drawn(spec, size, own_seed, task_lessons), spec.ending))
        for domain, drawn in groups.items():
            lessons, held_out = divide(drawn, n=own_n, n_held_out=n_held_out, seed=own_seed)
            use = _use(spec, is_replay=is_replay)
            rewards = {} if use is Use.LOSS else _rewards(spec, domain, drawn)
            _check_answers(spec, drawn, use, rewards)
            loaded.append(
                Material(
                    spec=spec,
                    name=spec.title if len(groups) == 1 else f"{spec.title} ({domain})",
                    domain=domain,
                    lessons=lessons,
                    rewards=rewards,
                    held_out=held_out,
                    seed=own_seed,
                )
            )
    return tuple(loaded)


def load_source(
    spec: SourceSpec | str,
    *,
    seed: int,
    n: int | None = None,
    n_held_out: int = HELD_OUT,
    is_replay: bool = False,
    task_lessons: TaskLessons | None = None,
) -> Material:
    """Load one source of one domain; see `load_sources`."""
    loaded = load_sources(
        [spec],
        seed=seed,
        n=n,
        n_held_out=n_held_out,
        is_replay=is_replay,
        task_lessons=task_lessons,
    )
    if len(loaded) != 1:
        domains = ", ".join(material.domain for material in loaded)
        text = spec if isinstance(spec, str) else spec.text
        raise UsageError(
            f"the source `{text}` spans {len(loaded)} domains: {domains}",
            hint="load it with `load_sources`, or give it one with `domain=`",
        )
    return loaded[0]


def _drawn(
    spec: SourceSpec, n: int, seed: int, task_lessons: TaskLessons | None
) -> tuple[Lesson, ...]:
    match spec.kind:
        case SourceKind.TESTBED:
            return testbed_lessons(spec.name, n=n, seed=seed)
        case SourceKind.GYM:
            return gym_lessons(spec, n=n, seed=seed)
        case SourceKind.JSONL:
            return jsonl_lessons(spec)
        case SourceKind.HF:
            return hub_lessons(spec)
        case SourceKind.TASK:
            if task_lessons is None:
                raise UsageError(f"`{spec.title}` needs `task_lessons`, which reads such tasks")
            return tuple(task_lessons(spec.name))


def _ended(lessons: Sequence[Lesson], ending: str) -> Sequence[Lesson]:
    """Return the lessons with `ending` behind every prompt."""
    if not ending:
        return lessons
    return [
        replace(lesson, prompt=lesson.prompt + ending) if lesson.prompt else lesson
        for lesson in lessons
    ]


def _use(spec: SourceSpec, *, is_replay: bool) -> Use:
    if not is_replay:
        if spec.use is Use.LOSS:
            raise UsageError(
                f"`{spec.text}` is to be imitated, but what is trained for is rewarded",
                hint="leave out `as=loss`, or give the source to `--replay`",
            )
        return Use.REWARD
    if spec.use is not None:
        return spec.use
    return Use.REWARD if spec.rewards or spec.kind is SourceKind.GYM else Use.LOSS


def _by_domain(spec: SourceSpec, lessons: Sequence[Lesson]) -> dict[str, list[Lesson]]:
    if not lessons:
        raise DataError(f"the source `{spec.title}` holds no lesson")
    default = domain_of_source(spec)
    groups: dict[str, list[Lesson]] = {}
    for lesson in lessons:
        domain = default if spec.domain else lesson.fields.get("domain", default)
        groups.setdefault(domain, []).append(lesson)
    return groups


def domain_of_source(spec: SourceSpec) -> str:
    """Return the label of a source's domain: the one it asks for, or its own."""
    if spec.domain:
        return spec.domain
    match spec.kind:
        case SourceKind.TESTBED:
            return spec.name
        case SourceKind.GYM:
            return gym.gym_domain(spec.name)
        case SourceKind.TASK:
            entry = look_up(spec.name)
            return entry.domain if entry else "other"
        case SourceKind.JSONL | SourceKind.HF:
            return word_of(spec.name)


def _rewards(spec: SourceSpec, domain: str, lessons: Sequence[Lesson]) -> Mapping[str, Reward]:
    own: Mapping[str, Reward] = {}
    if spec.kind is SourceKind.TESTBED:
        own = testbed_rewards(spec.name)
    elif spec.kind is SourceKind.GYM:
        own = gym_rewards(spec)
    names = spec.rewards or tuple(own) or (_default_reward(domain, lessons),)
    return {name: find_reward(name, own=own) for name in names}


def _default_reward(domain: str, lessons: Sequence[Lesson]) -> str:
    if all("choices" in lesson.fields for lesson in lessons):
        return "choice"
    return "accuracy" if domain == "math" else "exact"


def _check_answers(
    spec: SourceSpec, lessons: Sequence[Lesson], use: Use, rewards: Mapping[str, Reward]
) -> None:
    """Refuse lessons without what they are used for."""
    if use is Use.LOSS:
        number = next((i for i, lesson in enumerate(lessons) if not lesson.text), None)
        if number is not None:
            raise DataError(
                f"lesson {number + 1} of `{spec.title}` has no answer to imitate",
                hint="reward the source instead, with `as=reward`",
            )
        return
    if any(not lesson.prompt for lesson in lessons):
        raise UsageError(
            f"`{spec.title}` holds plain texts, which nothing can be rewarded for",
            hint="imitate them: give the source to `--replay` with `as=loss`",
        )
    comparing = [name for name in rewards if needs_gold(name)]
    number = next((i for i, lesson in enumerate(lessons) if not lesson.gold), None)
    if comparing and number is not None and spec.kind is not SourceKind.GYM:
        raise DataError(
            f"lesson {number + 1} of `{spec.title}` has no right answer, which the reward "
            f"`{comparing[0]}` needs"
        )
