"""Options of what checkpoints are asked, and how: those of `eval`, `watch`, `blend` and others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from forgetscope.cli.complete import complete_domain, complete_suite

__all__ = [
    "AllowCodeOption",
    "BaseOption",
    "CapOption",
    "DataOption",
    "DtypeOption",
    "EngineOption",
    "LimitOption",
    "RepeatsOption",
    "StudyOption",
    "SuiteOption",
    "SystemOption",
    "TagsOption",
    "TargetOption",
    "TasksOption",
    "TemperatureOption",
    "TemplateOption",
    "ThinkingOption",
    "TopOption",
]

SuiteOption = Annotated[
    str | None,
    typer.Option(
        "--suite",
        metavar="NAME|FILE",
        help="A preset or a file (TOML or YAML); see `forgetscope suites`.",
        autocompletion=complete_suite,
    ),
]
TasksOption = Annotated[
    str | None,
    typer.Option(
        "--tasks",
        metavar="A,B",
        help="Tasks or groups of lm-eval by name, or files of your own (.jsonl, .yaml).",
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", min=1, metavar="N", help="At most N random items of each task."),
]
RepeatsOption = Annotated[
    int,
    typer.Option(
        "--repeats", min=1, metavar="N", help="Ask N times where answers are drawn at random."
    ),
]
StudyOption = Annotated[
    Path, typer.Option("--out", metavar="STUDY", help="Folder of the study, made or continued.")
]
BaseOption = Annotated[
    str | None, typer.Option("--base", metavar="LABEL", help="The checkpoint to compare with.")
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="DOMAIN",
        help="The domain that was trained for.",
        autocompletion=complete_domain,
    ),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="What answers: `hf` (ours, on transformers), `vllm`, `sglang`, `lm_eval:NAME`, any "
        "other backend of lm-eval, or an engine of a plugin.",
    ),
]
DtypeOption = Annotated[
    str, typer.Option("--dtype", metavar="D", help="auto, float32, bfloat16 or float16.")
]
TemplateOption = Annotated[
    bool, typer.Option("--chat-template", help="Ask through the tokenizer's chat template.")
]
SystemOption = Annotated[
    str | None,
    typer.Option("--system", metavar="PROMPT|@FILE", help="System prompt of the chat template."),
]
ThinkingOption = Annotated[
    str | None,
    typer.Option(
        "--thinking",
        metavar="on|off",
        help="What the chat template's switch is set to; default: as the template has it.",
    ),
]
TagsOption = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--think-tags",
        metavar="OPEN CLOSE",
        help="What stands around thoughts, which are kept and not judged. Default: the known tags "
        "that the chat template names, e.g. <think> </think>.",
    ),
]
CapOption = Annotated[
    int | None,
    typer.Option(
        "--max-new-tokens",
        min=1,
        metavar="N",
        help="Longest generated answer, thoughts included. Default: as the suite or the task has "
        "it; with `--chat-template` more, with thinking much more.",
    ),
]
TemperatureOption = Annotated[
    float | None,
    typer.Option(
        "--temperature", metavar="T", help="Above 0 all generated answers are drawn at random."
    ),
]
TopOption = Annotated[
    float | None,
    typer.Option(
        "--top-p", metavar="P", help="Draw from the likeliest tokens of this probability mass."
    ),
]
DataOption = Annotated[
    Path | None, typer.Option("--data-dir", metavar="DIR", help="Local mirror of benchmark data.")
]
AllowCodeOption = Annotated[
    bool,
    typer.Option(
        "--allow-code",
        help="Run programs that the checkpoints write, for tasks such as HumanEval and MBPP: each "
        "in a process of its own with limits. Without it such tasks are refused.",
    ),
]
