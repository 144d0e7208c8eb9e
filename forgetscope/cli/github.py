"""Tell a workflow on GitHub what a command found, where one is running.

The runner names its files in the environment: `GITHUB_STEP_SUMMARY` and `GITHUB_OUTPUT`. Nothing
here changes an exit code: a summary that cannot be written is a warning.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forgetscope.api import Shown
    from forgetscope.records import Checkpoint

__all__ = ["in_workflow", "tell_workflow"]

_FILES = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")


def in_workflow(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a workflow on GitHub runs this command and wants to hear of it."""
    return any(environment.get(name) for name in (*_FILES, "GITHUB_ACTIONS"))


def tell_workflow(
    shown: Shown,
    *,
    checkpoints: Sequence[Checkpoint],
    report: Path,
    domains: Sequence[str] | None = None,
) -> None:
    """Append the summary and the outputs of the step, and print its error lines on stderr.

    Parameters
    ----------
    shown
        What was found.
    checkpoints
        Of the study.
    report
        Where the page lies, if it has been written.
    domains
        Domains that the gate judges; default: the general ones.
    """
    from forgetscope.report import github_errors, github_outputs, render_github

    path = str(report) if report.is_file() else ""
    texts = (
        render_github(shown.view),
        github_outputs(shown.diagnosis, checkpoints=checkpoints, report=path),
    )
    for name, text in zip(_FILES, texts, strict=True):
        _append(name, text)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in github_errors(shown.view, domains=domains):
            print(line, file=sys.stderr)


def _append(name: str, text: str) -> None:
    place = os.environ.get(name)
    if not place:
        return
    try:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print(f"warning: cannot write {name}: {error.strerror or error}", file=sys.stderr)
