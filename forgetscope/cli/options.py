"""Options that several commands share, defined once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["DEFAULT_MARGIN", "MarginOption", "OutOption", "StudyArgument"]

DEFAULT_MARGIN = "0.02"

MarginOption = Annotated[
    str,
    typer.Option(
        "--margin", metavar="SHARE", help="Largest loss that still counts as held: 0.02 or 2pp."
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Folder to write the report into.")
]
StudyArgument = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of a study.")]
