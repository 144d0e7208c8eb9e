"""A study: a folder with checkpoints x items, every answer, and where it all came from."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from forgetscope.errors import UnknownNameError
from forgetscope.records import Answer, Checkpoint, Item, Profile, Request, Score, Task
from forgetscope.store import rows
from forgetscope.store.columns import read_column
from forgetscope.store.database import connect, guarded
from forgetscope.store.lock import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Json", "Study"]

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_CHUNK = 500  # host parameters per statement; SQLite's oldest limit is 999


class Study:
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
        self._db = connect(self.folder, create=create)

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
    def _transaction(self) -> Iterator[None]:
        with guarded(self.folder):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # ---- what the study is about -------------------------------------------------

    def meta(self, key: str) -> Json:
        """Return the JSON value stored under `key`, or `None`."""
        with guarded(self.folder):
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        value: Json = json.loads(row[0])
        return value

    def set_meta(self, key: str, value: Json) -> None:
        """Store a JSON value under `key`."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                (key, json.dumps(value, sort_keys=True)),
            )

    def tasks(self) -> tuple[Task, ...]:
        """Return the tasks in the order in which they came in."""
        with guarded(self.folder):
            found = self._db.execute("SELECT record FROM tasks ORDER BY position").fetchall()
        return tuple(rows.task_of(record) for (record,) in found)

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        """Add tasks, or renew the records of known ones."""
        with self._transaction():
            for task in tasks:
                self._db.execute(
                    "INSERT INTO tasks VALUES (?, (SELECT COUNT(*) FROM tasks), ?) "
                    "ON CONFLICT (name) DO UPDATE SET record = excluded.record",
                    (task.name, rows.task_row(task)),
                )

    def series(self) -> tuple[Checkpoint, ...]:
        """Return the checkpoints in order; the base is the first."""
        base = self.meta("base")
        with guarded(self.folder):
            found = self._db.execute(
                "SELECT label, source, kind, revision, step, fingerprint FROM checkpoints "
                "ORDER BY label != ?, position",
                (base or "",),
            ).fetchall()
        return tuple(rows.checkpoint_of(row) for row in found)

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
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO engines VALUES (?, ?)",
                (engine, json.dumps(description, sort_keys=True)),
            )
            self._db.execute(
                "INSERT INTO checkpoints VALUES "
                "(?, (SELECT COUNT(*) FROM checkpoints), ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (label) DO UPDATE SET source = excluded.source, kind = excluded.kind, "
                "revision = excluded.revision, step = excluded.step, "
                "fingerprint = excluded.fingerprint, engine = excluded.engine",
                (*rows.checkpoint_row(checkpoint), engine),
            )

    def order(self, labels: Sequence[str]) -> None:
        """Put the checkpoints of these labels in this order, behind any other."""
        with self._transaction():
            offset = len(labels) + 1_000_000
            for position, label in enumerate(labels):
                self._db.execute(
                    "UPDATE checkpoints SET position = ? WHERE label = ?",
                    (offset + position, label),
                )
            found = self._db.execute("SELECT label FROM checkpoints ORDER BY position").fetchall()
            for position, (label,) in enumerate(found):
                self._db.execute(
                    "UPDATE checkpoints SET position = ? WHERE label = ?", (position, label)
                )

    def engines(self) -> dict[str, dict[str, Any]]:
        """Return the description of the engine that answered for each label."""
        with guarded(self.folder):
            found = self._db.execute(
                "SELECT label, engine, description FROM checkpoints "
                "JOIN engines ON engines.fingerprint = checkpoints.engine ORDER BY position"
            ).fetchall()
        return {
            label: {"fingerprint": engine, **json.loads(description)}
            for label, engine, description in found
        }

    # ---- items, answers, scores --------------------------------------------------

    def add_items(self, items: Iterable[Item]) -> None:
        """Add items; known ones stay as they are."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                map(rows.item_row, items),
            )

    def add_requests(self, requests: Iterable[Request]) -> None:
        """Note which requests the items make; known ones stay as they are."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO requests VALUES (?, ?, ?)",
                ((request.item_id, request.index, request.id) for request in requests),
            )

    def answers_of(self, label: str, ids: Collection[str]) -> dict[str, tuple[Answer, ...]]:
        """Return the answers of one checkpoint by item id, in the order of the item's requests."""
        model, engine = self._key(label)
        found = self._chosen(
            "SELECT requests.item, request, sample, logprob, is_greedy, text, n_tokens, "
            "stop_reason, n_truncated, error FROM requests JOIN answers "
            "ON model = ? AND engine = ? AND request = requests.id AND sample = 0 "
            "WHERE requests.item IN ({}) ORDER BY requests.item, requests.position",
            (model, engine),
            ids,
        )
        answers: dict[str, list[Answer]] = {}
        for item, *row in found:
            answers.setdefault(item, []).append(rows.answer_of(tuple(row)))
        return {item: tuple(given) for item, given in answers.items()}

    def items(self, ids: Collection[str]) -> dict[str, Item]:
        """Return the items with these ids, by id."""
        found = self._chosen(
            "SELECT id, task, document_id, prompt, prompt_hash, gold, choices, chance, cluster "
            "FROM items WHERE id IN ({})",
            (),
            ids,
        )
        return {row[0]: rows.item_of(row) for row in found}

    def prompt_hashes(self, task: str) -> dict[str, str]:
        """Return the prompt hash of every item of a task, by item id."""
        with guarded(self.folder):
            return dict(
                self._db.execute("SELECT id, prompt_hash FROM items WHERE task = ?", (task,))
            )

    def answered(self, *, model: str, engine: str) -> set[str]:
        """Return the ids of the requests that this model has answered with this engine.

        A request whose answer is an error counts as open.
        """
        with guarded(self.folder):
            found = self._db.execute(
                "SELECT request FROM answers "
                "WHERE model = ? AND engine = ? AND sample = 0 AND error IS NULL",
                (model, engine),
            )
            return {request for (request,) in found}

    def append(self, answers: Iterable[Answer], *, model: str, engine: str) -> None:
        """Store answers, all of them or none.

        An answer that is there already stays as it is, unless it was an error.
        """
        with self._transaction():
            self._db.executemany(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET logprob = excluded.logprob, "
                "is_greedy = excluded.is_greedy, text = excluded.text, "
                "n_tokens = excluded.n_tokens, stop_reason = excluded.stop_reason, "
                "n_truncated = excluded.n_truncated, error = excluded.error "
                "WHERE answers.error IS NOT NULL",
                ((model, engine, *rows.answer_row(answer)) for answer in answers),
            )

    def answers(self, ids: Collection[str], *, model: str, engine: str) -> dict[str, Answer]:
        """Return the answers to the requests with these ids, by request id."""
        found = self._chosen(
            "SELECT request, sample, logprob, is_greedy, text, n_tokens, stop_reason, "
            "n_truncated, error FROM answers "
            "WHERE model = ? AND engine = ? AND sample = 0 AND request IN ({})",
            (model, engine),
            ids,
        )
        return {row[0]: rows.answer_of(row) for row in found}

    def put_scores(
        self,
        scores: Iterable[Score],
        *,
        model: str,
        engine: str,
        prompt_hashes: Mapping[str, str],
    ) -> None:
        """Store what a task made of the answers; earlier scores of these items are replaced."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        model,
                        engine,
                        score.item_id,
                        prompt_hashes[score.item_id],
                        *rows.score_row(score),
                    )
                    for score in scores
                ),
            )

    def scored(self, *, model: str, engine: str) -> set[str]:
        """Return the ids of the items that this model and engine were scored on without error."""
        with guarded(self.folder):
            found = self._db.execute(
                "SELECT item FROM scores WHERE model = ? AND engine = ? AND error IS NULL",
                (model, engine),
            )
            return {item for (item,) in found}

    def scores(self, label: str, ids: Collection[str]) -> dict[str, Score]:
        """Return the scores of one checkpoint on these items, by item id."""
        model, engine = self._key(label)
        found = self._chosen(
            "SELECT item, value, others, answer, extracted, is_truncated, is_invalid, error "
            "FROM scores WHERE model = ? AND engine = ? AND item IN ({})",
            (model, engine),
            ids,
        )
        return {row[0]: rows.score_of(row) for row in found}

    def profile(self, label: str) -> Profile:
        """Return the capability profile of one checkpoint: a column for each task it answered."""
        model, engine = self._key(label)
        with guarded(self.folder):
            columns = tuple(
                read_column(self._db, task, model=model, engine=engine) for task in self.tasks()
            )
        return Profile(label=label, columns=tuple(c for c in columns if c.item_ids))

    def _key(self, label: str) -> tuple[str, str]:
        checkpoint = self.checkpoint(label)
        with guarded(self.folder):
            (engine,) = self._db.execute(
                "SELECT engine FROM checkpoints WHERE label = ?", (label,)
            ).fetchone()
        return checkpoint.fingerprint, engine

    def _chosen(
        self, statement: str, fixed: tuple[Any, ...], ids: Collection[str]
    ) -> list[tuple[Any, ...]]:
        """Run a statement whose `{}` takes the ids, in chunks."""
        wanted = list(ids)
        found: list[tuple[Any, ...]] = []
        with guarded(self.folder):
            for start in range(0, len(wanted), _CHUNK):
                chunk = wanted[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                found += self._db.execute(statement.format(marks), (*fixed, *chunk)).fetchall()
        return found

    # ---- provenance --------------------------------------------------------------

    def start_run(self, *, command: str, started: str, provenance: Mapping[str, Any]) -> int:
        """Note that a command began; returns its number."""
        with self._transaction():
            cursor = self._db.execute(
                "INSERT INTO runs (command, started, provenance) VALUES (?, ?, ?)",
                (command, started, json.dumps(provenance, sort_keys=True)),
            )
        return int(cursor.lastrowid or 0)

    def finish_run(self, run: int, *, finished: str) -> None:
        """Note that the command ended well."""
        with self._transaction():
            self._db.execute("UPDATE runs SET finished = ? WHERE id = ?", (finished, run))

    def runs(self) -> tuple[dict[str, Any], ...]:
        """Return every command that wrote here, oldest first."""
        with guarded(self.folder):
            found = self._db.execute(
                "SELECT command, started, finished, provenance FROM runs ORDER BY id"
            ).fetchall()
        return tuple(
            {"command": c, "started": s, "finished": f, **json.loads(p)} for c, s, f, p in found
        )
