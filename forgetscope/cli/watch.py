"""`forgetscope watch`: evaluate checkpoints as a training run writes them."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forgetscope.cli.asking import (
    AllowCodeOption,
    BaseOption,
    CapOption,
    DataOption,
    DtypeOption,
    EngineOption,
    LimitOption,
    RepeatsOption,
    StudyOption,
    SuiteOption,
    SystemOption,
    TagsOption,
    TargetOption,
    TasksOption,
    TemperatureOption,
    TemplateOption,
    ThinkingOption,
    TopOption,
)
from forgetscope.cli.options import MarginOption

if TYPE_CHECKING:
    from forgetscope.api.watching_records import Watched

__all__ = ["watch"]

SCHEMA = "forgetscope.watch/1"

Folders = Annotated[
    list[str],
    typer.Argument(
        metavar="DIR...",
        help="The base, then folders in which `checkpoint-*` appear; `LABEL=DIR` names one, "
        "`BASE+DIR` puts its adapters on a base.",
    ),
]
UntilOption = Annotated[
    int | None,
    typer.Option(
        "--until", min=0, metavar="STEP", help="End when this step or a later one is evaluated."
    ),
]
IdleOption = Annotated[
    float | None,
    typer.Option("--idle", metavar="SECONDS", help="End when nothing happened for so long."),
]
EveryOption = Annotated[
    float, typer.Option("--every", metavar="SECONDS", help="Time between two looks.")
]


def watch(
    folders: Folders,
    *,
    suite: SuiteOption = None,
    tasks: TasksOption = None,
    limit: LimitOption = None,
    repeats: RepeatsOption = 1,
    margin: MarginOption = None,
    out: StudyOption = Path("study"),
    base: BaseOption = None,
    target: TargetOption = None,
    engine: EngineOption = "hf",
    dtype: DtypeOption = "auto",
    chat_template: TemplateOption = False,
    system: SystemOption = None,
    thinking: ThinkingOption = None,
    think_tags: TagsOption = None,
    max_new_tokens: CapOption = None,
    temperature: TemperatureOption = None,
    top_p: TopOption = None,
    data_dir: DataOption = None,
    allow_code: AllowCodeOption = False,
    until: UntilOption = None,
    idle: IdleOption = None,
    every: EveryOption = 10.0,
) -> None:
    """Evaluate checkpoints as they appear, one line each; Ctrl-C ends, the same command goes on.

    Example: forgetscope watch base runs/grpo --suite small --until 500 --out study
    """
    from forgetscope import api
    from forgetscope.cli.progress import show_progress
    from forgetscope.cli.units import closed_tags, names, parse_margin, parse_switch, text_of

    request = api.EvaluationRequest(
        suite=suite,
        tasks=names(tasks),
        limit=limit,
        repeats=repeats,
        base=base,
        target=target,
        engine=engine,
        dtype=dtype,
        chat_template=chat_template,
        system=text_of(system, option="--system"),
        thinking=parse_switch(thinking, option="--thinking"),
        think_tags=closed_tags(think_tags),
        max_new_tokens=max_new_tokens,
        temperature=temperature,
        top_p=top_p,
        data_dir=data_dir,
        allow_code=allow_code,
        command=shlex.join(["forgetscope", *sys.argv[1:]]),
    )
    how = api.Watching(
        until=until, idle_seconds=idle, every_seconds=every, margin=parse_margin(margin)
    )
    for news in api.watch(folders, out, request=request, how=how, during=show_progress):
        _tell(news)
    _tell_end(out, margin)


def _tell(news: Watched) -> None:
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import print_json, print_lines
    from forgetscope.cli.talk import talk

    for note in news.notes:
        say(f"note: {note}")
    if talk().is_json:
        print_json({"event": "checkpoint", "schema": SCHEMA, **asdict(news)})
        return
    print_lines([_line(news)])


def _line(news: Watched) -> str:
    """Return the line of a checkpoint."""
    from forgetscope.cli.estimate import elapsed
    from forgetscope.report.wording import clean, one_line

    label = one_line(news.label)
    if news.state != "done":
        said = {"retry": "failed, tried again", "waiting": "not whole yet", "failed": "FAILED"}
        return clean(f"{label}  {said[news.state]}: {one_line(news.reason)}")
    took = f"{news.computed:,} answers in {elapsed(news.seconds)}"
    took = took if news.computed else f"{news.kept:,} answers kept"
    return clean(f"{label}  {_verdicts(news)}  ({took})")


def _verdicts(news: Watched) -> str:
    """Return what is proved of the domains, what is lost first and by name."""
    from forgetscope.report.wording import title

    if news.is_base:
        return "base"
    counts = [
        f"{n} {verdict}"
        for verdict in ("SLIPPED", "HELD", "GAINED", "UNDECIDED", "CANNOT MEASURE")
        if (n := sum(found == verdict for found in news.verdicts.values()))
    ]
    lost = f"FORGOT {', '.join(title(domain) for domain in news.forgot)}" if news.forgot else ""
    return " · ".join(part for part in (lost, *counts) if part) or "nothing to compare"


def _tell_end(out: Path, margin: str | None) -> None:
    from forgetscope.cli.console import say
    from forgetscope.store import is_study

    if not is_study(out):
        say("no checkpoint came that could be evaluated")
        return
    at_margin = f" --margin {margin}" if margin else ""
    say(f"next: forgetscope report {out}{at_margin}")
