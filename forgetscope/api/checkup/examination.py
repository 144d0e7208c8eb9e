"""Examine a plan: all that would fail, what it would cost, and what it could prove."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.checkup.checkpoints import (
    THOUGHTS,
    CheckpointChecks,
    Opened,
    check_checkpoints,
    thinkers,
)
from forgetscope.api.checkup.cost import WINDOW, TaskCost, check_window, cost_of
from forgetscope.api.checkup.finding import Finding, State, guarded, noted
from forgetscope.api.checkup.place import DISK, STUDY, check_disk, check_study
from forgetscope.api.checkup.tasks import NAMES, TaskChecks, check_tasks
from forgetscope.api.evaluation_request import EvaluationRequest, options_of, wanted_suite
from forgetscope.api.power import Level
from forgetscope.api.reach import Reach
from forgetscope.api.suite_reach import reach_of_suite
from forgetscope.records import Policy
from forgetscope.suites import Style, Suite, TaskChoice

if TYPE_CHECKING:
    from forgetscope.evaluation import EvaluationOptions
    from forgetscope.evaluation.harness import Built, LoadedTask
    from forgetscope.scoring import EngineConfig

__all__ = ["ASSUMED_DISCORDANCE", "Checkup", "examine"]

POWER = "power"
ASSUMED_DISCORDANCE = 0.10
"""Share of items that change sides, as long as none is measured."""
_FEW_TOKENS = 1024
"""A thought is mostly longer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What would happen if a plan was run."""

    findings: tuple[Finding, ...]
    costs: tuple[TaskCost, ...]
    """Of each task whose data are at hand, for one checkpoint."""
    reach: tuple[Reach, ...]
    """What the items could prove, domain by domain."""
    fetched: tuple[str, ...]
    """Tasks whose data would be fetched: their items are not counted."""
    refused: dict[str, str]
    """Tasks that cannot run, and why."""
    n_checkpoints: int
    repeats: int
    """How often answers that are drawn at random are asked for; the costs are of once."""

    @property
    def exit_code(self) -> int:
        """0: all can run; 2: the call or its configuration is wrong; 4: something is missing."""
        codes = {finding.exit_code for finding in self.findings}
        return next((code for code in (2, 4) if code in codes), 0)


def examine(
    checkpoints: Sequence[str],
    folder: Path,
    *,
    request: EvaluationRequest,
    policy: Policy | None = None,
) -> Checkup:
    """Examine a plan without loading weights; every problem is a finding, none ends the search.

    Parameters
    ----------
    checkpoints
        As `forgetscope eval` takes them; without any, the tasks alone are examined.
    folder
        Where the study would be.
    request
        What would be asked.
    policy
        The margins; default: those of any other command.
    """
    findings: list[Finding] = []
    options = _settings(request)
    series = _series(checkpoints, request, findings)
    tasks = _tasks(request, folder, findings, style=options.style)
    loaded = tuple(tasks.loaded.values()) if tasks else ()
    seed = tasks.suite.seed if tasks else 0
    built = tuple(_built(loaded, series.opened, options, findings, seed=seed))
    n_checkpoints = max(len(series.opened), 1)
    tokenizer = series.opened[0].tokenizer if series.opened else None
    costs = tuple(cost_of(each, tokenizer) for each in built)
    findings += guarded(WINDOW, "all checkpoints", lambda: _windows(built, series.opened))
    findings += guarded(THOUGHTS, "all checkpoints", lambda: _thoughts(series.opened, costs))
    findings += guarded(STUDY, str(folder), lambda: check_study(folder, loaded, options=options))
    findings += guarded(
        DISK, str(folder), lambda: check_disk(folder, costs, n_checkpoints=n_checkpoints)
    )
    reach: list[Reach] = []
    findings += guarded(
        POWER,
        "all domains",
        lambda: _reach(tasks, costs, reach, policy=policy or Policy(), n=n_checkpoints),
    )
    return Checkup(
        findings=tuple(findings),
        costs=costs,
        reach=tuple(reach),
        fetched=tuple(tasks.fetched) if tasks else (),
        refused=tasks.refused if tasks else {},
        n_checkpoints=n_checkpoints,
        repeats=request.repeats,
    )


def _settings(request: EvaluationRequest) -> EvaluationOptions:
    """Return how tasks would be asked; the engine has a check of its own."""
    return options_of(replace(request, engine="hf", dtype="auto", executor="local", workers=None))


def _series(
    checkpoints: Sequence[str], request: EvaluationRequest, findings: list[Finding]
) -> CheckpointChecks:
    from forgetscope.scoring import EngineConfig, check_engine

    config: list[EngineConfig] = []

    def settle() -> Iterator[Finding]:
        # dtype first: it can be wrong beside an engine that is not there
        config.append(EngineConfig(dtype=request.dtype))
        check_engine(request.engine)
        yield from ()

    findings += guarded("engine", request.engine, settle)
    found = check_checkpoints(
        checkpoints,
        config=config[0] if config else EngineConfig(),
        chat_template=request.chat_template,
    )
    findings += found.findings
    return found


def _tasks(
    request: EvaluationRequest, folder: Path, findings: list[Finding], *, style: Style
) -> TaskChecks | None:
    suites: list[Suite] = []

    def settle() -> Iterator[Finding]:
        # the engine has a check of its own
        suites.append(wanted_suite(replace(request, engine="hf"), folder))
        yield from ()

    findings += guarded("suite", request.suite or ", ".join(request.tasks) or str(folder), settle)
    if not suites:
        return None
    found = check_tasks(suites[0], data_dir=request.data_dir, style=style)
    findings += found.findings
    return found


def _built(
    tasks: Sequence[LoadedTask],
    opened: Sequence[Opened],
    options: EvaluationOptions,
    findings: list[Finding],
    *,
    seed: int,
) -> Iterator[Built]:
    """Yield the prompts of each task as the first checkpoint would be asked them."""
    from forgetscope.evaluation.chat import PLAIN, open_chat
    from forgetscope.evaluation.plan import Builder

    chat = PLAIN
    if opened and (opened[0].tokenizer.chat_template or not options.chat_template):
        chat = open_chat(opened[0].tokenizer, options.chat)
    # the tasks of a group share its items
    for choice in dict.fromkeys(task.choice for task in tasks):
        group = [task for task in tasks if task.choice == choice]
        builder = Builder(partial(list, group), seed=seed, limit=options.limit)
        found: list[Built] = []

        def run(builder: Builder = builder, found: list[Built] = found) -> Iterator[Finding]:
            found.extend(builder.built(chat))
            yield from ()

        findings += guarded(NAMES, choice.name, run)
        yield from found


def _windows(built: Sequence[Built], opened: Sequence[Opened]) -> Iterator[Finding]:
    """Check each window once: checkpoints of a series mostly share one."""
    seen: set[tuple[str, int | None]] = set()
    for each in opened:
        key = each.tokenizer.fingerprint, each.max_length
        if key in seen:
            continue
        seen.add(key)
        found = [finding for task in built for finding in check_window(task, each)]
        yield from found
        if built and not found and each.max_length is not None:
            what = f"every prompt and answer fits {each.max_length:,} tokens"
            yield noted(WINDOW, each.checkpoint.label, what)


def _thoughts(opened: Sequence[Opened], costs: Sequence[TaskCost]) -> Iterator[Finding]:
    labels = thinkers(opened)
    short = [each.task for each in costs if 0 < each.longest_answer < _FEW_TOKENS]
    if not labels:
        return
    if not short:
        yield noted(THOUGHTS, ", ".join(labels), "the template speaks of thoughts")
        return
    what = (
        f"the template speaks of thoughts, and {len(short)} tasks allow fewer than {_FEW_TOKENS:,}"
        f" tokens (first: {short[0]}): a thought that is cut counts as a wrong answer"
    )
    hint = "raise `max_new_tokens` of these tasks in a suite file"
    yield noted(THOUGHTS, ", ".join(labels), what, hint=hint, state=State.WARN)


def _reach(
    tasks: TaskChecks | None,
    costs: Sequence[TaskCost],
    reach: list[Reach],
    *,
    policy: Policy,
    n: int,
) -> Iterator[Finding]:
    """Fill in what the items that were counted could prove."""
    if not costs or tasks is None:
        return
    choices = tuple(
        TaskChoice(name=each.task, limit=each.items, domain=each.domain) for each in costs
    )
    rows = reach_of_suite(
        Suite(name=tasks.suite.name, choices=choices, seed=tasks.suite.seed),
        policy=policy,
        level=Level(alpha=policy.alpha),
        checkpoints=max(n - 1, 1),
        discordance=ASSUMED_DISCORDANCE,
    )
    reach += [row for row in rows if row.kind == "domain"]
    short = [row for row in reach if row.advice]
    margin = f"{100 * policy.margin:g} points"
    if short:
        what = (
            f"{len(short)} of {len(reach)} domains have too few items to prove that no more than "
            f"{margin} were lost, if {100 * ASSUMED_DISCORDANCE:g} % of the answers change"
        )
        hint = "take a wider `--margin`, or add items; the table tells the margin of each domain"
        yield noted(POWER, "all domains", what, hint=hint, state=State.WARN)
    else:
        yield noted(POWER, "all domains", f"enough items for a margin of {margin}")
