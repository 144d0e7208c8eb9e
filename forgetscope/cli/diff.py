"""`forgetscope diff`: two checkpoints, item by item."""

from __future__ import annotations

from typing import Annotated

import typer

from forgetscope.cli.complete import complete_checkpoint
from forgetscope.cli.options import (
    Embed,
    EmbedOption,
    MarginOption,
    OutOption,
    PolicyOption,
    RedactOption,
)

__all__ = ["diff"]

_HELP = "`STUDY:LABEL`, or `STUDY` for its last checkpoint."


def diff(
    before: Annotated[
        str, typer.Argument(metavar="BEFORE", help=_HELP, autocompletion=complete_checkpoint)
    ],
    after: Annotated[
        str, typer.Argument(metavar="AFTER", help=_HELP, autocompletion=complete_checkpoint)
    ],
    *,
    margin: MarginOption = None,
    policy: PolicyOption = None,
    out: OutOption = None,
    embed: EmbedOption = Embed.CHANGED,
    redact: RedactOption = None,
) -> None:
    """Compare the capability profiles of two checkpoints, item by item.

    Example: forgetscope diff study:base study:checkpoint-100 --margin 2pp
    """
    from forgetscope import api
    from forgetscope.cli.saved import say_saved
    from forgetscope.cli.show import deliver
    from forgetscope.cli.units import parse_margin

    shown = api.shown_diff(
        before,
        after,
        policy=policy,
        margin=parse_margin(margin),
        out=out,
        embedding=api.Embedding(embed=embed.value, redact_prompts=redact is not None),
    )
    deliver(shown)
    if out is not None:
        say_saved(out, shown.view)
