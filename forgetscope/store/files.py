"""Files: where they may be thrown away, and how they appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["cache_folder", "write_whole", "write_whole_folder"]


def cache_folder() -> Path:
    """Return the folder for what may be thrown away at any time.

    `FORGETSCOPE_CACHE` wins; else `forgetscope` under `XDG_CACHE_HOME` or `~/.cache`.
    """
    own = os.environ.get("FORGETSCOPE_CACHE")
    if own:
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "forgetscope"


@contextlib.contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """Give a new file beside `path` to be filled; it takes the place of `path` at the end.

    If the block raises, `path` stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    temporary = Path(name)
    try:
        temporary.chmod(0o644)
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def write_whole_folder(path: Path) -> Iterator[Path]:
    """Give a new folder beside `path` to be filled; it takes the place of `path` at the end.

    If the block raises, `path` stays as it was.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        if path.exists():
            shutil.rmtree(path)
        unfinished.rename(path)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
