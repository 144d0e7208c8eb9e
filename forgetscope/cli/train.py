"""`forgetscope train`: reinforcement learning that keeps what the model knew, and proves it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forgetscope.cli.complete import complete_domain, complete_suite

if TYPE_CHECKING:
    from forgetscope.api import TrainingOutcome

__all__ = ["show_outcome", "train"]

SCHEMA = "forgetscope.train/1"

ModelOption = Annotated[
    str | None,
    typer.Option("--model", metavar="M", help="The model to train: a folder or `org/name`."),
]
ReasoningOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reasoning",
        metavar="SOURCE",
        help="What to learn: testbed:NAME, gym:TASK, jsonl:FILE, hf:DATASET[:SPLIT] or task:NAME; "
        "may be given again.",
    ),
]
ReplayOption = Annotated[
    list[str] | None,
    typer.Option(
        "--replay", metavar="SOURCE", help="What to keep, sources as above; may be given again."
    ),
]
RecapOption = Annotated[
    bool, typer.Option("--recap", help="Weight the objectives online: `--method recap`.")
]
MethodOption = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar="NAME",
        help="grpo, grpo-kl, replay, recap, random or static. Default: recap.",
    ),
]
RuleOption = Annotated[
    str | None,
    typer.Option(
        "--rule",
        metavar="NAME",
        help="How recap weighs: code, paper, advantage or budget. Default: code.",
    ),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="SHARE",
        help="Largest loss of each general domain, 0.02 or 2pp: trained to by the rule `budget`, "
        "then tested, and the exit code says whether it was held.",
    ),
]
CompareOption = Annotated[
    list[str] | None,
    typer.Option(
        "--compare",
        metavar="METHOD",
        help="Train this method too, from the same base on the same prompts, and diff the two.",
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="A recipe (YAML); options go first.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="One key of the recipe, as `run.learning_rate=3e-4`; may be given again.",
    ),
]
StepsOption = Annotated[
    int | None, typer.Option("--steps", min=1, metavar="N", help="Optimiser steps.")
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", min=0, metavar="N", help="Of prompts and sampling.")
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder of checkpoints, study and report.")
]
SuiteOption = Annotated[
    str | None,
    typer.Option(
        "--suite",
        metavar="NAME|FILE",
        help="What to evaluate before and after.",
        autocompletion=complete_suite,
    ),
]
TasksOption = Annotated[
    str | None, typer.Option("--tasks", metavar="A,B", help="Tasks of lm-eval by name.")
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="At most N items of each task.")
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="DOMAIN",
        help="The domain that is trained for.",
        autocompletion=complete_domain,
    ),
]
DataOption = Annotated[
    Path | None, typer.Option("--data-dir", metavar="DIR", help="Local mirror of benchmark data.")
]
DtypeOption = Annotated[
    str | None, typer.Option("--dtype", metavar="D", help="float32, bfloat16 or float16.")
]
TemplateOption = Annotated[
    bool, typer.Option("--chat-template", help="Ask through the tokenizer's chat template.")
]
EvalOption = Annotated[
    bool, typer.Option("--eval/--no-eval", help="Evaluate before and after training.")
]
OverlapOption = Annotated[
    bool, typer.Option("--allow-overlap", help="Train on items that are evaluated all the same.")
]


def train(
    *,
    model: ModelOption = None,
    reasoning: ReasoningOption = None,
    replay: ReplayOption = None,
    recap: RecapOption = False,
    method: MethodOption = None,
    rule: RuleOption = None,
    budget: BudgetOption = None,
    compare: CompareOption = None,
    config: ConfigOption = None,
    settings: SetOption = None,
    steps: StepsOption = None,
    seed: SeedOption = None,
    out: OutOption = Path("training"),
    suite: SuiteOption = None,
    tasks: TasksOption = None,
    limit: LimitOption = None,
    target: TargetOption = None,
    data_dir: DataOption = None,
    dtype: DtypeOption = None,
    chat_template: TemplateOption = False,
    evaluate: EvalOption = True,
    allow_overlap: OverlapOption = False,
) -> None:
    """Train by reinforcement learning with replay, then show what it gained and what it forgot.

    Example: forgetscope train --recap --model base --reasoning gym:chain_sum --replay
    jsonl:general.jsonl --suite small --data-dir mirror --out training
    """
    from forgetscope import api
    from forgetscope.cli.progress import show_progress
    from forgetscope.cli.units import parse_margin

    options = api.RecipeOptions(
        config=config,
        settings=tuple(settings or ()),
        method=_method(method, recap=recap),
        rule=rule,
        budget=parse_margin(budget, option="--budget"),
        values={
            "model": model,
            "reasoning": reasoning,
            "replay": replay,
            "dtype": dtype,
            "chat_template": chat_template or None,
            "run.steps": steps,
            "run.seed": seed,
            "evaluation.suite": suite,
            "evaluation.tasks": tasks,
            "evaluation.limit": limit,
            "evaluation.target": target,
            "evaluation.data_dir": None if data_dir is None else str(data_dir),
        },
    )
    request = api.TrainingRequest(
        recipe=api.recipe_from(options),
        out=out,
        compare=tuple(compare or ()),
        is_evaluated=evaluate,
        allow_overlap=allow_overlap,
        command=shlex.join(["forgetscope", *sys.argv[1:]]),
    )
    with show_progress() as progress:
        outcome = api.train_and_report(request, progress=progress)
    if outcome is not None:
        _show(outcome, request)


def _method(method: str | None, *, recap: bool) -> str | None:
    from forgetscope.errors import UsageError

    if recap and method not in (None, "recap"):
        raise UsageError(f"`--recap` and `--method {method}` exclude each other")
    return "recap" if recap else method


def _show(outcome: TrainingOutcome, request: object) -> None:
    from forgetscope import api
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import print_json, print_lines
    from forgetscope.cli.talk import talk
    from forgetscope.report.wording import one_line

    assert isinstance(request, api.TrainingRequest)
    out = request.out
    if talk().is_json:
        print_json(_content(outcome, method=request.recipe.method))
    if not outcome.views:
        say(f"{len(outcome.trained.checkpoints)} checkpoints in {out}")
        say(f"next: forgetscope eval {request.recipe.model} {out}")
        return
    if not talk().is_json:
        show_outcome(outcome, method=request.recipe.method)
    say(f"open {out / 'report' / 'report.html'}")
    if outcome.gate is not None:
        word = "held" if outcome.gate.passed else "not held"
        if not talk().is_json:
            print_lines(["", one_line(f"budget {word}: {outcome.gate.reason}")])
        raise typer.Exit(outcome.gate.exit_code)


def _content(outcome: TrainingOutcome, *, method: str) -> dict[str, object]:
    """Return the outcome for other programs."""
    from forgetscope.report.json_values import json_value

    return {
        "schema": SCHEMA,
        "method": method,
        "checkpoints": [str(path) for path in outcome.trained.checkpoints],
        "reports": outcome.results,
        "diffs": outcome.diff_results,
        "budget": json_value(outcome.gate),
    }


def show_outcome(outcome: TrainingOutcome, *, method: str) -> None:
    """Show what each method came to, then the way from each rival to the recipe's method."""
    from forgetscope.cli.lines import print_lines
    from forgetscope.cli.show import show

    for name, view in outcome.views.items():
        print_lines([f"{name}: from the base to its last checkpoint"])
        show(view)
        print_lines([""])
    for name, view in outcome.diffs.items():
        print_lines([f"from {name} to {method}"])
        show(view)
