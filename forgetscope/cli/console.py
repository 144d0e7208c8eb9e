"""Two streams: results on stdout, talk on stderr."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.text import Text

from forgetscope.cli.talk import Color, Format, talk

__all__ = ["err", "is_unicode", "out", "say", "shows_table", "use_color", "warn"]


class _Stream(Console):
    """A console whose reader may leave: what the command found out is not lost with it."""

    # typing.override came with Python 3.12
    def on_broken_pipe(self) -> None:  # type: ignore[explicit-override]
        # Rich would exit 1 here, which reads as "forgetting found"
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())

    def restart(self, color: Color, *, is_terminal: bool | None = None) -> None:
        """Look at terminal and environment anew."""
        no_color = color is Color.AUTO and bool(os.environ.get("NO_COLOR"))
        is_plain = color is Color.NEVER or no_color or is_terminal is False
        if is_terminal is None and color is Color.ALWAYS:
            is_terminal = True
        Console.__init__(
            self,
            stderr=self.stderr,
            highlight=False,
            soft_wrap=self.soft_wrap,
            force_terminal=is_terminal,
            no_color=False if color is Color.ALWAYS else None,
            # without a colour system no escape is written at all, bold and dim included
            color_system=None if is_plain else "auto",
        )


out = _Stream(highlight=False, soft_wrap=False)
err = _Stream(stderr=True, highlight=False, soft_wrap=True)


def use_color(color: Color, *, is_file: bool = False) -> None:
    """Let both streams follow an option, else `NO_COLOR`, `FORCE_COLOR` and the terminal.

    Parameters
    ----------
    color
        The option.
    is_file
        Whether results go to a file, which holds no colours.
    """
    out.restart(color, is_terminal=False if is_file else None)
    err.restart(color)


def shows_table() -> bool:
    """Return whether a result is to be laid out for the width of a terminal."""
    form = talk().form
    return form is Format.TABLE or (form is Format.AUTO and out.is_terminal)


def say(text: str) -> None:
    """Tell a person something that is no result; nothing where quiet was asked for."""
    if not talk().quiet:
        err.print(_clean(text))


def warn(text: str) -> None:
    """Tell a person what may be wrong, unless nothing at all is to be said."""
    if talk().quiet < 2:
        err.print(_clean(f"warning: {text}"))


def is_unicode() -> bool:
    """Return whether stdout can show more than ASCII, and may."""
    if talk().use_ascii:
        return False
    return talk().file is not None or (sys.stdout.encoding or "").lower().startswith("utf")


def _clean(text: str) -> Text:
    """Return a text in which no name from outside can do anything to a terminal."""
    from forgetscope.records import clean

    return Text(clean(text))
