"""What `--track` does: refuse a tracker that cannot be used, then tell it of a study."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

from forgetscope.cli.console import say
from forgetscope.records import Diagnosis

__all__ = ["check_track", "say_tracked"]


def check_track(address: str | None) -> None:
    """Refuse a tracker that cannot be used, before anything is computed."""
    from forgetscope.interchange.trackers import check_tracker

    if address is not None:
        check_tracker(address)


def say_tracked(
    study: Path,
    address: str | None,
    *,
    diagnosis: Diagnosis | None = None,
    margin: float | None = None,
) -> None:
    """Log a study to a tracker, where one is asked for, and say so.

    It comes last: what the command has to say is said even where the tracker fails.
    """
    from forgetscope import api

    if address is not None:
        # some trackers print, and stdout is for results
        with api.Study(study) as opened, redirect_stdout(sys.stderr):
            n = api.track(opened, address, diagnosis=diagnosis, margin=margin)
        say(f"{n:,} checkpoints logged to {address}")
