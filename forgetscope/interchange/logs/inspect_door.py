"""The only door to inspect_ai: its own reader opens its logs, nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forgetscope.errors import LogError, UnavailableError

__all__ = ["plain", "read_header", "read_samples"]


def read_header(path: Path) -> Any:  # noqa: ANN401  # inspect_ai's own class
    """Return what a log says of its run; its samples are left out.

    Raises
    ------
    UnavailableError
        If inspect_ai is not installed.
    LogError
        If its reader cannot read the file.
    """
    reader = _reader(path)
    try:
        return reader.read_eval_log(str(path.absolute()), header_only=True)
    except Exception as error:  # a foreign reader may fail in any way
        raise _unread(path, error) from error


def read_samples(path: Path) -> Iterator[Any]:
    """Yield the samples of a log, one at a time; errors are those of `read_header`.

    A log that does not list them (written by hand, or by an old version) is read as a whole.
    """
    reader, name = _reader(path), str(path.absolute())
    try:
        if reader.read_eval_log(name, header_only=True).eval.dataset.sample_ids:
            yield from reader.read_eval_log_samples(name, all_samples_required=False)
        else:
            yield from reader.read_eval_log(name).samples or ()
    except Exception as error:
        if isinstance(error, LogError):
            raise
        raise _unread(path, error) from error


def plain(record: Any) -> Any:  # noqa: ANN401  # inspect_ai's own classes
    """Return one of inspect_ai's records in plain values."""
    return record.model_dump(mode="json") if hasattr(record, "model_dump") else record


def _reader(path: Path) -> Any:  # noqa: ANN401
    try:
        import inspect_ai.log
    except ImportError as error:
        raise UnavailableError(
            f"`{path}` is a log of inspect_ai, which only inspect_ai itself can read",
            hint="`pip install inspect_ai` beside forgetscope (the extra `inspect`)",
        ) from error
    return inspect_ai.log


def _unread(path: Path, error: Exception) -> LogError:
    first = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
    return LogError(
        f"`{path}` cannot be read by inspect_ai: {first}",
        hint="nothing of it was stored; see whether `inspect view` opens it",
    )
