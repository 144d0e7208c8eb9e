"""`forgetscope suites`: what presets and suite files hold, before anything is loaded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forgetscope.cli.complete import complete_suite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from forgetscope.api import ListedDomain, SuiteListing
    from forgetscope.api.planned import PlannedTask
    from forgetscope.suites import Suite

__all__ = ["suites"]

SCHEMA = "forgetscope.suites/1"
_MIXED = "dev, held-out"

SuiteArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME|FILE]",
        help="A preset or a suite file; without, all presets.",
        autocompletion=complete_suite,
    ),
]


def suites(suite: SuiteArgument = None) -> None:
    """List the presets, or what one suite measures: tasks, items, chance, and what loss it proves.

    Example: forgetscope suites quick
    """
    from forgetscope import api
    from forgetscope.suites import load_suite

    if suite is None:
        _show_presets(api.presets())
    else:
        _show_suite(api.list_suite(load_suite(suite)), called=suite)


# ---- all presets ---------------------------------------------------------------------


def _show_presets(found: Sequence[Suite]) -> None:
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import Table, print_json, show_table
    from forgetscope.cli.talk import talk

    if talk().is_json:
        about = [
            {"name": each.name, "description": each.description, "tasks": len(each.choices)}
            for each in found
        ]
        print_json({"schema": SCHEMA, "suites": about})
        return
    rows = [[each.name, f"{len(each.choices):,}", each.description] for each in found]
    show_table(Table(head=["suite", "tasks", "what it is for"], rows=rows, left=(0, 2)))
    say("next: `forgetscope suites NAME`; a group of tasks counts as one here")


# ---- one suite -----------------------------------------------------------------------


def _show_suite(found: SuiteListing, *, called: str) -> None:
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import Table, print_json, print_lines, show_table
    from forgetscope.cli.talk import talk
    from forgetscope.report.wording import one_line

    if talk().is_json:
        print_json({"schema": SCHEMA, **_content(found)})
        return
    suite = found.suite
    title = f"{suite.name}: {suite.description}" if suite.description else suite.name
    print_lines([one_line(title), ""])
    head = ["", "items", "metric", "chance", "proves a loss of", "label", ""]
    rows = [row for domain in found.domains for row in _rows(domain)]
    show_table(Table(head=head, rows=rows, left=(0, 2, 5, 6)))
    for note in _notes(found, called=called):
        say(f"note: {note}")


def _rows(domain: ListedDomain) -> Iterator[list[str]]:
    from forgetscope.records import Role

    role = "" if domain.role is Role.GENERAL else f" ({domain.role})"
    can_run = any(task.can_run for task in domain.tasks)
    items = f"{domain.n:,}{'' if domain.is_whole else '+'}" if domain.n else "?"
    yield [
        f"{domain.name}{role}",
        items if can_run else "0",
        "",
        "",
        "" if math.isnan(domain.detectable) else f"{100 * domain.detectable:.1f}",
        domain.purpose or _MIXED,
        "",
    ]
    for task in domain.tasks:
        yield _task_row(task)


def _task_row(task: PlannedTask) -> list[str]:
    from forgetscope.records import Role
    from forgetscope.report.wording import one_line

    metric = task.metric if task.filter == "none" else f"{task.metric},{task.filter}"
    marks = [str(task.role)] if task.role is Role.WATCH else []
    marks += ["optional"] if task.is_optional else []
    marks += [*task.flags]
    behind = f" ({task.n_tasks} tasks)" if task.n_tasks > 1 else ""
    return [
        f"  {one_line(task.name)}{behind}",
        "-" if not task.can_run else "?" if task.n is None else f"{task.n:,}",
        one_line(metric) or "?",
        "" if math.isnan(task.chance) else f"{100 * task.chance:.1f}",
        "",
        task.purpose,
        ", ".join(marks),
    ]


def _notes(found: SuiteListing, *, called: str) -> Iterator[str]:
    from forgetscope.api.listing import ASSUMED
    from forgetscope.suites import FLAGS

    size = f"{found.n:,} items" if found.is_whole else f"{found.n:,} items and more"
    yield f"{size}; suite {found.suite.fingerprint}, seed {found.suite.seed}"
    yield (
        f"proves a loss of: points that the items of a domain prove with power "
        f"{found.level.power:g} at alpha {found.level.alpha:g} shared by {found.level.claims} "
        f"domains, if {100 * ASSUMED:.0f} % of them change sides; other plans: `forgetscope power "
        f"--suite {called}`"
    )
    yield "chance: in points; empty where it differs between items, or a score is no share"
    if not found.is_whole:
        yield "?, +: how many items a task has shows when it is loaded; more prove a smaller loss"
    for flag in found.flags:
        yield f"{flag}: {FLAGS[flag]}{_needing(found, flag)}"
    if any(task.is_optional for domain in found.domains for task in domain.tasks):
        yield "optional: left out with a note where it cannot be run"


def _needing(found: SuiteListing, flag: str) -> str:
    if flag != "extra":
        return ""
    tasks = [task for domain in found.domains for task in domain.tasks if task.needs]
    needs = dict.fromkeys(task.needs for task in tasks)
    return f" ({'; '.join(needs)})"


def _content(found: SuiteListing) -> dict[str, Any]:
    from dataclasses import asdict

    suite = found.suite
    return {
        "suite": {
            "name": suite.name,
            "description": suite.description,
            "fingerprint": suite.fingerprint,
            "seed": suite.seed,
            "target": suite.target,
            "policy": dict(suite.policy),
            "items": found.n,
            "is_whole": found.is_whole,
        },
        "domains": [
            {**asdict(domain), "tasks": [_task_content(task) for task in domain.tasks]}
            for domain in found.domains
        ],
    }


def _task_content(task: PlannedTask) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(task), "can_run": task.can_run}
