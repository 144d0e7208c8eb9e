"""`forgetscope eval`: evaluate a series of checkpoints into a study."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

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
from forgetscope.cli.options import TrackOption

__all__ = ["evaluate"]

SCHEMA = "forgetscope.eval/1"

Checkpoints = Annotated[
    list[str],
    typer.Argument(
        metavar="CHECKPOINT...",
        help="Folders with safetensors, folders of `checkpoint-*`, adapters (`BASE+ADAPTER` where "
        "they do not name their base), `org/name@revision` or `org/name@step*`, `.gguf` files, or "
        "servers (`http://HOST/v1#MODEL`), base first; `LABEL=SOURCE` names one.",
    ),
]
RerunOption = Annotated[
    bool,
    typer.Option("--rerun", help="Ask the base again, in other batches: the noise of two runs."),
]
ProbeOption = Annotated[
    str | None,
    typer.Option(
        "--probe",
        metavar="NAME",
        help="`recover`: ask lost items again, behind right answers of the base and with the "
        "answer begun. What comes back supports lost elicitation, what does not lost knowledge: "
        "evidence, no proof. Items wrong both times and right both times, asked alike, tell what "
        "the help alone brings and breaks.",
    ),
]
MarginOption = Annotated[
    str | None,
    typer.Option(
        "--margin",
        metavar="SHARE",
        help="With `--until-verdict`: largest loss that still counts as held. Default: 2pp.",
    ),
]
UntilOption = Annotated[
    bool,
    typer.Option(
        "--until-verdict",
        help="Ask each domain in random order, and only until it is proved FORGOT or HELD at the "
        "margin. The proof holds whenever one stops; single tasks are seldom decided.",
    ),
]
ExecutorOption = Annotated[
    str,
    typer.Option(
        "--executor",
        metavar="local|ray",
        help="Where answers are computed: in this process, or by workers on a Ray cluster, on this "
        "machine unless RAY_ADDRESS names another.",
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        metavar="N",
        help="Processes of a Ray cluster, each with a checkpoint in memory; default: one for each "
        "GPU, else for each processor.",
    ),
]


def evaluate(
    checkpoints: Checkpoints,
    *,
    suite: SuiteOption = None,
    tasks: TasksOption = None,
    limit: LimitOption = None,
    repeats: RepeatsOption = 1,
    rerun: RerunOption = False,
    probe: ProbeOption = None,
    until_verdict: UntilOption = False,
    margin: MarginOption = None,
    out: StudyOption = Path("study"),
    base: BaseOption = None,
    target: TargetOption = None,
    engine: EngineOption = "hf",
    executor: ExecutorOption = "local",
    workers: WorkersOption = None,
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
    track: TrackOption = None,
) -> None:
    """Evaluate a series of checkpoints; the same command again goes on where it was.

    Example: forgetscope eval base runs/grpo --suite small --target math --out study
    """
    from forgetscope import api
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import print_json
    from forgetscope.cli.progress import show_progress
    from forgetscope.cli.talk import talk
    from forgetscope.cli.tracked import check_track, say_tracked
    from forgetscope.cli.units import closed_tags, names, parse_switch, text_of

    check_track(track)
    request = api.EvaluationRequest(
        suite=suite,
        tasks=names(tasks),
        limit=limit,
        repeats=repeats,
        rerun=rerun,
        probe=probe,
        until_margin=_until_margin(margin, is_asked=until_verdict),
        base=base,
        target=target,
        engine=engine,
        executor=executor,
        workers=workers,
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
    with show_progress() as progress:
        summary = api.evaluate_into(checkpoints, out, request=request, progress=progress)
    for note in summary.notes:
        say(f"note: {note}")
    say(f"{summary.computed:,} answers computed, {summary.kept:,} kept; study in {out}")
    at_margin = f" --margin {margin}" if margin else ""
    say(f"next: forgetscope report {out}{at_margin}")
    if talk().is_json:
        print_json({"event": "done", "schema": SCHEMA, "study": str(out), **asdict(summary)})
    say_tracked(out, track, margin=request.until_margin)


def _until_margin(margin: str | None, *, is_asked: bool) -> float | None:
    """Return the margin at which asking stops; `None` where everything is asked."""
    from forgetscope.cli.units import parse_margin
    from forgetscope.errors import UsageError
    from forgetscope.records import Policy

    if margin is not None and not is_asked:
        raise UsageError(
            "`--margin` says when to stop asking, and without `--until-verdict` nothing stops",
            hint="add `--until-verdict`, or give the margin to `forgetscope report`",
        )
    wanted = parse_margin(margin)
    return (Policy().margin if wanted is None else wanted) if is_asked else None
