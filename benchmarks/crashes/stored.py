"""What lies on disk after a command was killed, read without touching it."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Stored", "files_of", "read_study", "same_weights"]

_KEPT = ("answers", "scores", "items", "requests", "tasks", "checkpoints", "engines")
"""Tables that hold no time."""
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A study as another process would read it."""

    is_sound: bool
    """Whether `PRAGMA integrity_check` finds nothing."""
    tables: dict[str, frozenset[Row]]
    """Rows of every table that holds no time; empty where there is none yet."""
    n_rows: dict[str, int]

    @property
    def answers(self) -> frozenset[Row]:
        """The answers, to the last digit."""
        return self.tables["answers"]

    @property
    def has_doubles(self) -> bool:
        """Whether a request of one checkpoint has two answers, or an item two scores."""
        keys = {"answers": (0, 1, 2, 3), "scores": (0, 1, 2, 3)}
        return any(
            len({tuple(row[place] for place in key) for row in self.tables[name]})
            != self.n_rows[name]
            for name, key in keys.items()
        )


def read_study(folder: Path) -> Stored:
    """Read a study off a copy, so that what a kill left behind stays as it is."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary)
        for file in folder.glob("study.sqlite*"):
            shutil.copy(file, copy)
        if not (copy / "study.sqlite").exists():
            return Stored(is_sound=True, tables=dict.fromkeys(_KEPT, frozenset()), n_rows={})
        with closing(sqlite3.connect(copy / "study.sqlite")) as database:
            found = database.execute("PRAGMA integrity_check").fetchall()
            names = {n for (n,) in database.execute("SELECT name FROM sqlite_master")}
            rows = {
                name: database.execute(f"SELECT * FROM {name}").fetchall() if name in names else []
                for name in _KEPT
            }
    return Stored(
        is_sound=found == [("ok",)],
        tables={name: frozenset(own) for name, own in rows.items()},
        n_rows={name: len(own) for name, own in rows.items()},
    )


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder but hidden ones, which nobody finished."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.parts)
    }


def same_weights(one: Path, other: Path) -> bool:
    """Whether two trainings hold the same checkpoints, equal to the bit."""
    found = [
        {path.parent.name: path.read_bytes() for path in folder.glob("checkpoint-*/*.safetensors")}
        for folder in (one, other)
    ]
    return found[0] == found[1]
