"""Options that several commands share, defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["MarginOption", "OutOption", "PolicyOption", "StudyArgument"]

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
        help="Margin, tier and weights of each domain (TOML).",
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder to write the report into.")
]
StudyArgument = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of a study.")]
