"""One writer at a time: a lock that the operating system drops with the process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from forgetscope.errors import StudyError

__all__ = ["writing"]


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the study in `folder` for writing.

    Raises
    ------
    StudyError
        If another process holds it, or the folder cannot be written to.
    """
    with _opened(folder) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise StudyError(
                f"another forgetscope command is writing to `{folder}` "
                f"(process {handle.read().strip() or 'unknown'})",
                hint="wait for it to end; what it has stored will not be computed again",
            ) from error
        except OSError as error:
            raise StudyError(
                f"the study `{folder}` cannot be locked: {error.strerror}",
                hint="its file system knows no locks: evaluate into a folder on a local disk",
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def _opened(folder: Path) -> TextIO:
    try:
        return (folder / "study.lock").open("a+")
    except OSError as error:
        raise StudyError(
            f"cannot write to the study `{folder}`: {error.strerror}",
            hint="choose another folder with `--out`, or copy the study",
        ) from error
