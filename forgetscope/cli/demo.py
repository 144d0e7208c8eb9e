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

    A blend of the base and plain GRPO's checkpoint is the third: it needs no training.

    Example: forgetscope demo --out forgetscope-demo
    """
    from forgetscope import api
    from forgetscope.cli.blend import show_blend
    from forgetscope.cli.console import say
    from forgetscope.cli.lines import print_lines
    from forgetscope.cli.progress import show_progress
    from forgetscope.cli.talk import talk
    from forgetscope.cli.train import show_outcome

    with show_progress() as progress:
        shown = api.run_demo(out, seed=seed, progress=progress)
    show_outcome(shown.training, method="recap")
    if not talk().is_json:
        print_lines(["", "blends of the base and of grpo's last checkpoint"])
    show_blend(shown.blend)
    for name in ("report", "report-recap", "report-blend"):
        say(f"open {out / name / 'report.html'}")
    say(f"open {out / 'view' / 'view.html'}: all three side by side")
