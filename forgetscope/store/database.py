"""The database file of a study: open it, check it, and turn its errors into ours."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from forgetscope.errors import StudyError, nearest
from forgetscope.records.archive import is_archive
from forgetscope.store.layout import Layout
from forgetscope.store.migration import prepare
from forgetscope.store.slots import Slots

__all__ = ["Database", "damaged", "discard_study", "is_study"]

_WAIT_SECONDS = 30.0
_CHUNK = 500  # host parameters per statement; SQLite's oldest limit is 999
_ROWS = 4096
_OF_THE_MACHINE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""Kinds of errors whose reason lies outside the file."""

Row = tuple[Any, ...]


class Database:
    """The open database of one study; every error it meets names the study.

    Parameters
    ----------
    folder
        The study's folder.
    create
        Make folder and tables if there are none.

    Raises
    ------
    StudyError
        If there is no study, the file is no study, or a newer version wrote it.
    """

    def __init__(self, folder: Path, *, create: bool) -> None:
        self.folder = folder
        self._connection = _connect(folder, create=create)
        self._layout: tuple[int, Layout] | None = None
        self._slots: tuple[int, Slots] | None = None
        self._is_writing = False

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """Return what a query finds."""
        with _guarded(self.folder):
            return self._connection.execute(statement, values).fetchall()

    def chunks(self, statement: str, values: Sequence[Any] = ()) -> Iterator[list[Row]]:
        """Yield what a query finds, some rows at a time."""
        with _guarded(self.folder):
            cursor = self._connection.execute(statement, values)
            while rows := cursor.fetchmany(_ROWS):
                yield rows

    def chosen(self, statement: str, fixed: Row, ids: Collection[str]) -> list[Row]:
        """Return what a query finds whose `{}` takes the ids, as many of them as there are."""
        wanted = list(ids)
        found: list[Row] = []
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            found += self.rows(statement.format(marks), (*fixed, *chunk))
        return found

    def layout(self) -> Layout:
        """Return where each item stands; read again once items were added."""
        # items are added and never changed, so their number tells
        ((n_items,),) = self.rows("SELECT COUNT(*) FROM items")
        if self._layout is None or self._layout[0] != n_items:
            self._layout = (n_items, Layout.read(self))
        return self._layout[1]

    def slots(self) -> Slots:
        """Return which requests belong to which item; read again once requests were added."""
        ((n_requests,),) = self.rows("SELECT COUNT(*) FROM requests")
        if self._slots is None or self._slots[0] != n_requests:
            self._slots = (n_requests, Slots.read(self, self.layout()))
        return self._slots[1]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of a block, or nothing of it; a block inside another is a part of that."""
        if self._is_writing:
            yield self._connection
            return
        with _guarded(self.folder):
            self._connection.execute("BEGIN IMMEDIATE")
            self._is_writing = True
            try:
                yield self._connection
            except BaseException:
                # a full disk makes SQLite roll back by itself
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._is_writing = False
            self._connection.execute("COMMIT")


def is_study(folder: Path) -> bool:
    """Whether the folder holds a study, usable or not; an empty file is what a kill left of one."""
    path = _database(folder)
    return path.is_file() and (path.stat().st_size > 0 or _has_log(path))


def discard_study(folder: Path) -> None:
    """Remove a study, and its folder if nothing else is in it; for one that never came to be."""
    path = _database(folder)
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", "study.lock"):
        path.with_name(name).unlink(missing_ok=True)
    with suppress(OSError):  # something else lies there
        folder.rmdir()


def _database(folder: Path) -> Path:
    return folder / "study.sqlite"


def _connect(folder: Path, *, create: bool) -> sqlite3.Connection:
    path = _database(folder)
    if not create and not is_study(folder):
        raise _missing(folder)
    with _guarded(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudyError(
                f"cannot write the study `{folder}`: {error.strerror}",
                hint="choose another folder with `--out`",
            ) from error
        if _is_sealed(folder):
            uri = f"file:{quote(str(path.absolute()))}?immutable=1"
            connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        else:
            connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
            _keep_log(connection)
            # FULL: an answer that was acknowledged survives a power cut too
            connection.execute("PRAGMA synchronous = FULL")
        prepare(connection, folder)
    return connection


def _keep_log(connection: sqlite3.Connection) -> None:
    """Write changes to a log first; where two commands ask for it at once, SQLite does not wait."""
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _is_sealed(folder: Path) -> bool:
    """Whether a study can be read but not written to, so that nobody changes it meanwhile.

    What a log beside the database holds would be overlooked, so there must be none.
    """
    path = _database(folder)
    return path.is_file() and not os.access(folder, os.W_OK) and not _has_log(path)


def _has_log(path: Path) -> bool:
    """Whether changes lie beside a database that it does not hold yet."""
    log = path.with_name(f"{path.name}-wal")
    return log.is_file() and log.stat().st_size > 0


@contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    """Turn the database's own errors into a `StudyError` that names the study."""
    try:
        yield
    except (UnicodeDecodeError, OverflowError) as error:
        raise damaged(folder, error) from error
    except sqlite3.DatabaseError as error:
        # of an extended code the last byte is the kind
        kind = (getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_CORRUPT) & 0xFF
        if kind not in _OF_THE_MACHINE:
            raise damaged(folder, error) from error
        raise StudyError(
            f"the study `{folder}` cannot be used: {error}",
            hint="check free space and write permission; nothing already stored is lost",
        ) from error


def damaged(folder: Path, error: Exception | str) -> StudyError:
    """Return the error that a study's file cannot be what was written."""
    path = _database(folder)
    return StudyError(
        f"`{path}` is no forgetscope study, or is damaged: {error}",
        hint="restore the file from a copy, or evaluate into another folder; "
        f"`sqlite3 {path} .recover` may save what is left",
    )


def _archived(file: Path) -> str:
    return "no archive is opened" if is_archive(file.name) else "a study is a folder"


def _missing(folder: Path) -> StudyError:
    if _database(folder).is_file():
        return StudyError(
            f"`{_database(folder)}` is empty: nothing was stored in it yet, or it was cut off",
            hint="restore the file from a copy, or run `forgetscope eval` again",
        )
    if folder.is_file():
        return StudyError(
            f"no study in `{folder}`: it is a file, and {_archived(folder)}",
            hint="name the folder that holds `study.sqlite`",
        )
    parent = folder.parent
    siblings = [p.name for p in parent.iterdir() if is_study(p)] if parent.is_dir() else []
    near = nearest(folder.name, siblings)
    hint = (
        "did you mean " + " or ".join(f"`{parent / name}`" for name in near) + "?"
        if near
        else "make one with `forgetscope eval CHECKPOINT... --suite NAME --out STUDY`"
    )
    return StudyError(f"no study in `{folder}`", hint=hint)
