"""What keeps a task from being loaded, said in words of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from forgetscope.errors import DataError, ForgetscopeError, UnavailableError
from forgetscope.suites import look_up

__all__ = ["Source", "first_line", "telling"]

Source = tuple[str | None, str | None]
"""`dataset_path` and `dataset_name` of a task."""


@contextmanager
def telling(
    name: str, source: Source, data_dir: Path | None, overrides: Mapping[str, Any]
) -> Iterator[None]:
    """Say which task cannot be built, and why."""
    path, config_name = source
    where = "" if data_dir is None else f", nor in `{data_dir}`"
    try:
        yield
    except ForgetscopeError:
        raise
    except ImportError as error:
        entry = look_up(name)
        needs = entry.needs if entry and entry.needs else error.name or "what it imports"
        raise UnavailableError(
            f"the task `{name}` needs software that is not installed: {first_line(error)}",
            hint=f"install {needs}, or leave the task out",
        ) from error
    except Exception as error:  # a task's own code and its data's network may fail in any way
        if overrides:
            raise _unreadable(name, overrides, error) from error
        raise DataError(
            f"cannot load task `{name}` (data set `{path}`, configuration "
            f"`{config_name or 'default'}`): {first_line(error)}",
            hint=f"the data are not on this machine{where}; point `--data-dir` at a mirror that "
            f"holds `{path}/{config_name or 'default'}/<split>.jsonl`, or connect to the hub",
        ) from error


def _unreadable(name: str, overrides: Mapping[str, Any], error: Exception) -> DataError:
    """Return the error that files of a mirror are there and cannot be used."""
    files = overrides["dataset_kwargs"]["data_files"].values()
    # what went wrong stands behind the library's "an error occurred"
    cause = error.__cause__ or error
    is_empty = isinstance(cause, StopIteration)
    why = "no document" if is_empty else f"{type(cause).__name__}: {first_line(cause)}"
    return DataError(
        f"cannot load task `{name}` from {', '.join(f'`{file}`' for file in files)}: {why}",
        hint="the file is there and cannot be read as documents of this task: was it cut off, or"
        " is it no UTF-8?",
    )


def first_line(error: BaseException) -> str:
    """Return what an error of foreign code says first."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]
