"""What is said once a report is written: where it lies, how large it is, what to do next."""

from __future__ import annotations

import shlex
import webbrowser
from pathlib import Path

from forgetscope.cli.console import say, warn
from forgetscope.report import ReportView

__all__ = ["open_in_browser", "say_next", "say_saved"]


def say_saved(folder: Path, view: ReportView) -> None:
    """Say where the report is, how large its page, and how many items it lets one read."""
    page = folder / "report.html"
    n_items = len(view.items.entries) if view.items else 0
    items = f", {n_items:,} items to read" if n_items else ""
    if view.items and view.items.warning:
        warn(view.items.warning)
    say(f"report in {folder}: open {page} ({_size(page.stat().st_size)}{items})")


def say_next(view: ReportView, study: Path, *, margin: str | None, policy: Path | None) -> None:
    """Say which command turns this verdict into an exit code, and into which."""
    if view.gate is None:
        say(f"hint: add a checkpoint with `forgetscope eval CHECKPOINT --out {_word(study)}`")
        return
    words = ["forgetscope", "gate", str(study)]
    words += ["--margin", margin] if margin else []
    words += ["--policy", str(policy)] if policy else []
    code = view.gate.text.rsplit(" ", 1)[-1]
    say(f"hint: as a step of a pipeline, `{shlex.join(words)}` exits {code} here")


def open_in_browser(page: Path) -> None:
    """Open a page; where there is no browser, say so: the report itself is written."""
    try:
        is_open = webbrowser.open(page.absolute().as_uri())
    except webbrowser.Error:
        is_open = False
    if not is_open:
        warn(f"no browser was found to open {page}")


def _size(n_bytes: int) -> str:
    if n_bytes < 1_000_000:
        return f"{max(round(n_bytes / 1000), 1)} KB"
    return f"{n_bytes / 1_000_000:.1f} MB"


def _word(path: Path) -> str:
    return shlex.quote(str(path))
