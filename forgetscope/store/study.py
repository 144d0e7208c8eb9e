"""A study: a folder with checkpoints x items, every answer, and where it all came from."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from forgetscope.errors import UnknownNameError
from forgetscope.records import Checkpoint, Item, Look, ProbeResult, Profile, Request, Task
from forgetscope.store import rows
from forgetscope.store.answers import Answers
from forgetscope.store.damage import Reader, reads
from forgetscope.store.database import Database
from forgetscope.store.lock import writing
from forgetscope.store.looks import looks_json, looks_key, looks_of
from forgetscope.store.probes import Probes

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Json", "Study"]

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class Study(Reader):
    """One study on disk; use it as a context manager.

    Parameters
    ----------
    folder
        The study's folder.
    create
        Make the study if there is none.

    Raises
    ------
    StudyError
        If the folder holds no study, or one that cannot be used.
    """

    def __init__(self, folder: Path | str, *, create: bool = False) -> None:
        self.folder = Path(folder)
        self._db = Database(self.folder, create=create)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; the study can be opened again at any time."""
        self._db.close()

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Hold the study for writing; a second command is refused meanwhile."""
        with writing(self.folder):
            yield

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Store all that a block stores, or nothing of it; hold the study for writing too."""
        with self.writer(), self._db.transaction():
            yield

    # ---- what the study is about -------------------------------------------------

    @reads
    def meta(self, key: str) -> Json:
        """Return the JSON value stored under `key`, or `None`."""
        found = self._db.rows("SELECT value FROM meta WHERE key = ?", (key,))
        value: Json = json.loads(found[0][0]) if found else None
        return value

    def set_meta(self, key: str, value: Json) -> None:
        """Store a JSON value under `key`."""
        with self._db.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                (key, json.dumps(value, sort_keys=True)),
            )

    @reads
    def tasks(self) -> tuple[Task, ...]:
        """Return the tasks in the order in which they came in."""
        found = self._db.rows("SELECT record FROM tasks ORDER BY position")
        return tuple(rows.task_of(record) for (record,) in found)

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        """Add tasks, or renew the records of known ones."""
        with self._db.transaction() as connection:
            for task in tasks:
                connection.execute(
                    "INSERT INTO tasks VALUES (?, (SELECT COUNT(*) FROM tasks), ?) "
                    "ON CONFLICT (name) DO UPDATE SET record = excluded.record",
                    (task.name, rows.task_row(task)),
                )

    @reads
    def series(self) -> tuple[Checkpoint, ...]:
        """Return the checkpoints in order: the base, then by training step.

        Where a step is not known, all but the base stand in the order in which they came.
        """
        found = self._db.rows(
            "SELECT label, source, kind, revision, step, fingerprint FROM checkpoints "
            "ORDER BY label != ?, position",
            (self.meta("base") or "",),
        )
        if not found:
            return ()
        base, *others = map(rows.checkpoint_of, found)
        if all(checkpoint.step is not None for checkpoint in others):
            others.sort(key=lambda checkpoint: checkpoint.step or 0)
        return (base, *others)

    def checkpoint(self, label: str) -> Checkpoint:
        """Return the checkpoint called `label`; `UnknownNameError` if there is none."""
        series = {checkpoint.label: checkpoint for checkpoint in self.series()}
        if label not in series:
            raise UnknownNameError("checkpoint", label, known=series)
        return series[label]

    def put_checkpoint(
        self, checkpoint: Checkpoint, *, engine: str, description: Mapping[str, Any]
    ) -> None:
        """Add a checkpoint at the end of the series, or renew the one of that label."""
        with self._db.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO engines VALUES (?, ?)",
                (engine, json.dumps(description, sort_keys=True)),
            )
            connection.execute(
                "INSERT INTO checkpoints VALUES "
                "(?, (SELECT COUNT(*) FROM checkpoints), ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (label) DO UPDATE SET source = excluded.source, kind = excluded.kind, "
                "revision = excluded.revision, step = excluded.step, "
                "fingerprint = excluded.fingerprint, engine = excluded.engine",
                (*rows.checkpoint_row(checkpoint), engine),
            )

    @reads
    def engines(self) -> dict[str, dict[str, Any]]:
        """Return the description of the engine that answered for each label."""
        found = self._db.rows(
            "SELECT label, engine, description FROM checkpoints "
            "LEFT JOIN engines ON engines.fingerprint = checkpoints.engine ORDER BY position"
        )
        return {
            label: {"fingerprint": engine, **json.loads(description)}
            for label, engine, description in found
        }

    # ---- items and answers -------------------------------------------------------

    def add_items(self, items: Iterable[Item]) -> None:
        """Add items; known ones stay as they are."""
        with self._db.transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                map(rows.item_row, items),
            )

    def add_requests(self, requests: Iterable[Request]) -> None:
        """Note which requests the items make; known ones stay as they are."""
        with self._db.transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO requests VALUES (?, ?, ?)",
                ((request.item_id, request.index, request.id) for request in requests),
            )

    @reads
    def items(self, ids: Collection[str]) -> dict[str, Item]:
        """Return the items with these ids, by id."""
        found = self._db.chosen(
            "SELECT id, task, document_id, prompt, prompt_hash, gold, choices, chance, cluster "
            "FROM items WHERE id IN ({})",
            (),
            ids,
        )
        return {row[0]: rows.item_of(row) for row in found}

    @reads
    def prompt_hashes(self, task: str) -> dict[str, str]:
        """Return the prompt hash of every item of a task, by item id."""
        return dict(self._db.rows("SELECT id, prompt_hash FROM items WHERE task = ?", (task,)))

    @reads
    def document_ids(self, task: str) -> dict[int, str]:
        """Return the id of the item that each document of a task became, by its place."""
        return dict(
            self._db.rows(
                "SELECT document_id, id FROM items WHERE task = ? ORDER BY document_id, id", (task,)
            )
        )

    @reads
    def profile(self, label: str) -> Profile:
        """Return the capability profile of one checkpoint: a column for each task it answered."""
        columns = self.answers_of(label).columns(self.tasks())
        return Profile(
            label=label,
            columns=tuple(c for c in columns if c.item_ids),
            step=self.checkpoint(label).step,
            probes=self.probes(label),
            looks=self._looks_at(label),
        )

    @reads
    def looks(self, *, model: str, engine: str) -> tuple[Look, ...]:
        """Return how far these weights were asked while their evidence was watched."""
        key = looks_key(model=model, engine=engine)
        return looks_of(key, self.meta(key))

    def put_looks(self, looks: Sequence[Look], *, model: str, engine: str) -> None:
        """Note how far these weights were asked; earlier notes of them are replaced."""
        self.set_meta(looks_key(model=model, engine=engine), looks_json(looks))

    def _looks_at(self, label: str) -> tuple[Look, ...]:
        checkpoint, engine = self._answerer(label)
        return self.looks(model=checkpoint.fingerprint, engine=engine)

    def probes(self, label: str) -> tuple[ProbeResult, ...]:
        """Return what items scored when `label` was asked them again in other words."""
        checkpoint, engine = self._answerer(label)
        return self.probes_of(model=checkpoint.fingerprint, engine=engine).results()

    def probes_of(self, *, model: str, engine: str) -> Probes:
        """Return the probes of these weights with this engine, to be read and added to."""
        return Probes(self._db, model=model, engine=engine)

    def answers(self, *, model: str, engine: str) -> Answers:
        """Return what these weights answered with this engine, to be read and added to."""
        return Answers(self._db, model=model, engine=engine)

    def answers_of(self, label: str) -> Answers:
        """Return what the checkpoint called `label` answered; `UnknownNameError` if none is."""
        checkpoint, engine = self._answerer(label)
        return self.answers(model=checkpoint.fingerprint, engine=engine)

    @reads
    def _answerer(self, label: str) -> tuple[Checkpoint, str]:
        """Return the checkpoint called `label` and the fingerprint of what answered for it."""
        checkpoint = self.checkpoint(label)
        ((engine,),) = self._db.rows("SELECT engine FROM checkpoints WHERE label = ?", (label,))
        return checkpoint, engine

    # ---- provenance --------------------------------------------------------------

    def start_run(self, *, command: str, started: str, provenance: Mapping[str, Any]) -> int:
        """Note that a command began; returns its number."""
        with self._db.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO runs (command, started, provenance) VALUES (?, ?, ?)",
                (command, started, json.dumps(provenance, sort_keys=True)),
            )
        return int(cursor.lastrowid or 0)

    def finish_run(self, run: int, *, finished: str) -> None:
        """Note that the command ended well."""
        with self._db.transaction() as connection:
            connection.execute("UPDATE runs SET finished = ? WHERE id = ?", (finished, run))

    @reads
    def runs(self) -> tuple[dict[str, Any], ...]:
        """Return every command that wrote here, oldest first."""
        found = self._db.rows("SELECT command, started, finished, provenance FROM runs ORDER BY id")
        return tuple(
            {"command": c, "started": s, "finished": f, **json.loads(p)} for c, s, f, p in found
        )
