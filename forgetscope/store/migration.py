"""Bring the tables of a study to the version that is used now."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from forgetscope.errors import StudyError
from forgetscope.store.schema import MIGRATIONS, SCHEMA, SCHEMA_VERSION

__all__ = ["prepare"]


def prepare(connection: sqlite3.Connection, folder: Path) -> None:
    """Make the tables of a new study, or lead those of an old one to this version.

    An old study is changed as a whole or not at all.

    Parameters
    ----------
    connection
        In autocommit mode.
    folder
        The study's, for errors.

    Raises
    ------
    StudyError
        If a newer version wrote the study, or an older one did and it cannot be written to.
    """
    version = _version(connection)
    if version > SCHEMA_VERSION:
        raise StudyError(
            f"the study `{folder}` was written by a newer forgetscope (format {version}, "
            f"this one reads {SCHEMA_VERSION})",
            hint="upgrade forgetscope",
        )
    if version == 0:
        _refuse_foreign(connection, folder)
        _make(connection)
    elif version < SCHEMA_VERSION:
        _migrate(connection, folder, version)


def _make(connection: sqlite3.Connection) -> None:
    """Make all tables or none; where two commands do so at once, the second finds them there."""
    script = f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    try:
        connection.executescript(script)
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _refuse_foreign(connection: sqlite3.Connection, folder: Path) -> None:
    """Refuse a database of another program; tables of ours are a study that was cut short."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    strange = sorted(name for (name,) in found if f" {name} (" not in SCHEMA)
    if strange:
        raise StudyError(
            f"`{folder / 'study.sqlite'}` is a database of another program: "
            f"it holds a table `{strange[0]}`",
            hint="evaluate into another folder with `--out`",
        )


def _migrate(connection: sqlite3.Connection, folder: Path, version: int) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # another command may have been quicker
            for step in range(_version(connection), SCHEMA_VERSION):
                for statement in MIGRATIONS[step]:
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        raise StudyError(
            f"the study `{folder}` has format {version} and cannot be brought to format "
            f"{SCHEMA_VERSION}: {error}",
            hint="it needs to be written to once: copy it to a folder with write permission",
        ) from error


def _version(connection: sqlite3.Connection) -> int:
    ((version,),) = connection.execute("PRAGMA user_version").fetchall()
    return int(version)
