"""Options that several commands share, defined once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Embed",
    "EmbedOption",
    "FiguresOption",
    "MarginOption",
    "OutOption",
    "PolicyOption",
    "Redact",
    "RedactOption",
    "StudyArgument",
    "TrackOption",
]


class Embed(StrEnum):
    """Items whose texts lie in the page."""

    CHANGED = "changed"
    LOST = "lost"
    ALL = "all"
    NONE = "none"


class Redact(StrEnum):
    """What is taken out of every file of a report."""

    PROMPTS = "prompts"


MarginOption = Annotated[
    str | None,
    typer.Option(
        "--margin",
        metavar="SHARE",
        help="Largest loss that still counts as held: 0.02 or 2pp. Default: the policy's, or 0.02.",
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="Margin, tier and weights of each domain (TOML, YAML). Default: as the suite has it.",
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder to write the report into.")
]
StudyArgument = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of a study.")]
EmbedOption = Annotated[
    Embed,
    typer.Option(
        "--embed",
        help="Items to be read in the page; items.parquet always holds all of them.",
    ),
]
RedactOption = Annotated[
    Redact | None,
    typer.Option(
        "--redact",
        help="Leave prompts, options and right answers out of every file, for data that must not "
        "be published again; answers stay, even where they quote the prompt.",
    ),
]
FiguresOption = Annotated[
    str,
    typer.Option(
        "--figures",
        metavar="KINDS",
        help="Formats of the pictures, with commas: png, svg, pdf. PNG is always written.",
    ),
]
TrackOption = Annotated[
    str | None,
    typer.Option(
        "--track",
        metavar="KIND:PLACE",
        help="Log every checkpoint's scores, changes and verdicts to a tracker: tensorboard:DIR, "
        "wandb:PROJECT, trackio:PROJECT or mlflow:URI.",
    ),
]
