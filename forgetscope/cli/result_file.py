"""A result in a file: whole or not at all, and only of a command that came to its end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import typer

from forgetscope.errors import UsageError

__all__ = ["result_into"]


@contextmanager
def result_into(path: Path | None) -> Iterator[None]:
    """Let what the block prints on stdout become the file `path`; `None` leaves it on stdout."""
    if path is None:
        yield
        return
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(
            f"cannot write the result to `{path}`",
            hint="`-o` names a file in a folder that exists; `--out` names the folder of a report",
        )
    buffer = io.StringIO()
    try:
        with redirect_stdout(buffer):
            yield
    except typer.Exit:  # how a gate ends
        _write(path, buffer.getvalue())
        raise
    _write(path, buffer.getvalue())


def _write(path: Path, text: str) -> None:
    from forgetscope.cli.console import say
    from forgetscope.store.files import write_whole

    try:
        with write_whole(path) as temporary:
            temporary.write_bytes(text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot write the result to `{path}`: {error.strerror}") from error
    say(f"result in {path}")
