"""`forgetscope power`: how many items a proof needs, before any compute is spent."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forgetscope.cli.complete import complete_suite
from forgetscope.cli.options import MarginOption, PolicyOption
from forgetscope.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from forgetscope.api import Level, Plan, Reach

__all__ = ["power"]

SCHEMA = "forgetscope.power/1"
_ASSUMED = 0.10

StudyChoice = Annotated[
    Path | None,
    typer.Argument(metavar="STUDY", help="Folder of a study; without, planning from scratch."),
]
DiscordanceOption = Annotated[
    float | None,
    typer.Option(
        "--discordance",
        metavar="SHARE",
        help="Assumed share of items that change sides, where none is measured.",
    ),
]
ItemsOption = Annotated[
    str | None,
    typer.Option("--items", metavar="N,...", help="What loss do N items prove?"),
]
SuiteOption = Annotated[
    str | None,
    typer.Option(
        "--suite",
        metavar="NAME|FILE",
        help="What do the items of a suite prove?",
        autocompletion=complete_suite,
    ),
]
CheckpointsOption = Annotated[
    int | None,
    typer.Option("--checkpoints", metavar="N", min=1, help="Checkpoints after the base."),
]
DomainsOption = Annotated[
    int | None, typer.Option("--domains", metavar="N", min=1, help="Domains judged side by side.")
]
AlphaOption = Annotated[
    float | None,
    typer.Option(
        "--alpha", help="Error probability of all claims. Default: the policy's, or 0.05."
    ),
]
PowerOption = Annotated[float, typer.Option("--power", help="Probability of the proof.")]


def power(
    study: StudyChoice = None,
    *,
    margin: MarginOption = None,
    policy: PolicyOption = None,
    discordance: DiscordanceOption = None,
    items: ItemsOption = None,
    suite: SuiteOption = None,
    checkpoints: CheckpointsOption = None,
    domains: DomainsOption = None,
    alpha: AlphaOption = None,
    power: PowerOption = 0.8,
) -> None:
    """Say how many items a margin needs, and what the items at hand can prove.

    Example: forgetscope power study --margin 2pp
    """
    from forgetscope import api, suites
    from forgetscope.cli.units import counts, parse_margin

    beside = {
        "--items": items,
        "--suite": suite,
        "--domains": domains,
        "--checkpoints": checkpoints,
    }
    _refuse_mixtures(study, beside)
    share = parse_margin(margin)
    chosen = None if suite is None else suites.load_suite(suite)
    default = chosen.default_policy() if chosen else None
    file = api.settled(policy, margin=share, alpha=alpha, default=default)
    n_checkpoints = checkpoints or 1
    level = api.Level(alpha=file.policy.alpha, power=power, claims=n_checkpoints * (domains or 1))
    if study is not None:
        with api.Study(study) as opened:
            file = opened.settled(policy, margin=share, alpha=alpha)
            level = replace(level, alpha=file.policy.alpha)
            _refuse_assumption(study, opened.labels, discordance)
            assumed = _ASSUMED if discordance is None else discordance
            rows = opened.power(policy=file, power=power, discordance=assumed)
        _show_reach(rows, level=level)
    elif chosen is not None:
        rows = api.reach_of_suite(
            chosen,
            policy=file.policy,
            level=level,
            checkpoints=n_checkpoints,
            discordance=_ASSUMED if discordance is None else discordance,
        )
        _show_reach(rows, level=level)
    else:
        shares = api.DISCORDANCES if discordance is None else (discordance,)
        numbers = counts(items, option="--items")
        margin_share = file.policy.margin
        found = api.plan(margin=margin_share, discordances=shares, items=numbers, level=level)
        _show_plan(found)


def _refuse_mixtures(study: Path | None, beside: Mapping[str, object]) -> None:
    """Refuse what a study or a suite has of its own: items, domains, checkpoints."""
    given = [name for name, value in beside.items() if value is not None]
    if study is not None and given:
        raise UsageError(
            f"a study has its own: `{given[0]}` is for planning without one",
            hint=f"leave out STUDY or `{given[0]}`",
        )
    for name in ("--items", "--domains"):
        if "--suite" in given and name in given:
            raise UsageError(
                f"a suite has its own: `{name}` is for planning without one",
                hint=f"leave out `--suite` or `{name}`",
            )


def _refuse_assumption(study: Path, labels: Sequence[str], discordance: float | None) -> None:
    if discordance is not None and len(labels) > 1:
        raise UsageError(
            f"`{study}` has its own share of changed items",
            hint="leave `--discordance` out; it is for a base alone, a suite, or no study",
        )


# ---- what is shown -------------------------------------------------------------------


def _show_plan(found: Plan) -> None:
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import Table, print_json, show_table
    from forgetscope.cli.talk import talk
    from forgetscope.report.wording import points

    if talk().is_json:
        print_json({"schema": SCHEMA, **asdict(found), "alpha_each": found.level.alpha_each})
        return
    head = ["items that change", f"items to prove HELD at {points(found.margin)} points"]
    head += [f"{n:,} items prove a loss of" for n in found.items]
    rows = [
        [
            _percent(row.discordance),
            "-" if row.items is None else f"{row.items:,}",
            *(points(loss) for loss in row.losses),
        ]
        for row in found.rows
    ]
    show_table(Table(head=head, rows=rows, left=()))
    say(f"note: {_surely(found.level)}, were there no true change; losses in points")


def _show_reach(rows: Sequence[Reach], *, level: Level) -> None:
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import Table, print_json, print_lines, show_table
    from forgetscope.cli.talk import talk
    from forgetscope.report.wording import one_line

    if talk().is_json:
        print_json(
            {"schema": SCHEMA, "rows": [{**asdict(row), "further": row.further} for row in rows]}
        )
        return
    head = ["", "items", "changed", "margin", "provable", "holdable", "needs"]
    show_table(Table(head=head, rows=[_reach_cells(row) for row in rows], left=(0,)))
    print_lines(
        f"{one_line(row.name)}: {one_line(row.advice)}"
        for row in rows
        if row.kind == "domain" and row.advice
    )
    for note in _notes(rows, level):
        say(f"note: {note}")


def _reach_cells(row: Reach) -> list[str]:
    from forgetscope.report.wording import one_line

    is_points = row.unit == "points"
    further = row.further if row.n is not None else row.needed
    return [
        one_line(row.name) if row.kind == "domain" else f"  {one_line(row.name)}",
        "all" if row.n is None else f"{row.n:,}",
        _percent(row.discordance) if is_points and row.needed is not None else "",
        _size(row.margin, is_points=is_points),
        _size(row.detectable, is_points=is_points),
        _size(row.holdable, is_points=is_points),
        "-" if further is None else f"{further:,}" if further else "enough",
    ]


def _notes(rows: Sequence[Reach], level: Level) -> Iterator[str]:
    yield (
        "provable is the smallest loss that these items prove, holdable the smallest margin that "
        "they prove held if there is no true change, needs the further items for the margin; points"
    )
    yield (
        f"power {level.power:g}, alpha {level.alpha:g} shared by all domains (and by all tasks) of "
        "all checkpoints"
    )
    if not all(row.is_measured for row in rows):
        yield "the share of changed items is assumed: `--discordance`"


def _surely(level: Level) -> str:
    """Return how surely a plan proves."""
    words = f"power {level.power:g}, alpha {level.alpha:g}"
    if level.claims == 1:
        return words
    return (
        f"{words} shared by {level.claims:,} claims ({level.alpha_each:.2g} each: Bonferroni's "
        "bound, on the safe side)"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _size(share: float, *, is_points: bool) -> str:
    if math.isnan(share):
        return ""
    return f"{100 * share:.1f}" if is_points else f"{share:.3g}"
