"""`forgetscope demo`: the whole loop on the embedded testbed, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["demo"]


def demo(
    *,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for models, study and report.")
    ] = Path("forgetscope-demo"),
    seed: Annotated[
        int, typer.Option("--seed", min=0, metavar="N", help="Seed of models and training.")
    ] = 0,
) -> None:
    """Train a small model by RL on sums, plainly and with RECAP, and show what each forgot.

    Example: forgetscope demo --out forgetscope-demo
    """
    from forgetscope import api
    from forgetscope.cli.console import say
    from forgetscope.cli.progress import show_progress
    from forgetscope.cli.train import show_outcome

    with show_progress() as progress:
        outcome = api.run_demo(out, seed=seed, progress=progress)
    show_outcome(outcome, method="recap")
    say(f"open {out / 'report' / 'report.html'}")
