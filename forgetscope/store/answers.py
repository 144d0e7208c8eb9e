"""What one model answered with one engine, and what the tasks made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import Answer, Column, Score, Task
from forgetscope.store import rows
from forgetscope.store.columns import read_columns
from forgetscope.store.damage import Reader, reads
from forgetscope.store.database import Database
from forgetscope.store.schema import JUDGE_EDITION
from forgetscope.store.told import Told, read_told

__all__ = ["Answers"]


class Answers(Reader):
    """The answers and scores under one key; made by `Study.answers`.

    Parameters
    ----------
    database
        Of the study.
    model
        Fingerprint of the weights.
    engine
        Fingerprint of what answered.
    """

    def __init__(self, database: Database, *, model: str, engine: str) -> None:
        self._db = database
        self._key = (model, engine)

    def answered(self, *, sample: int = 0) -> set[str]:
        """Return the ids of the requests that have this sample of their answers.

        A request whose answer is an error counts as open.
        """
        found = self._db.rows(
            "SELECT request FROM answers "
            "WHERE model = ? AND engine = ? AND sample = ? AND error IS NULL",
            (*self._key, sample),
        )
        return {request for (request,) in found}

    def append(self, answers: Iterable[Answer]) -> None:
        """Store answers, all of them or none.

        An answer that is there already stays as it is, unless it was an error.
        """
        with self._db.transaction() as connection:
            connection.executemany(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET logprob = excluded.logprob, "
                "is_greedy = excluded.is_greedy, text = excluded.text, "
                "n_tokens = excluded.n_tokens, stop_reason = excluded.stop_reason, "
                "n_truncated = excluded.n_truncated, error = excluded.error "
                "WHERE answers.error IS NOT NULL",
                ((*self._key, *rows.answer_row(answer)) for answer in answers),
            )

    @reads
    def by_request(self, ids: Collection[str], *, sample: int = 0) -> dict[str, Answer]:
        """Return the answers to the requests with these ids, by request id."""
        found = self._db.chosen(
            "SELECT request, sample, logprob, is_greedy, text, n_tokens, stop_reason, "
            "n_truncated, error FROM answers "
            "WHERE model = ? AND engine = ? AND sample = ? AND request IN ({})",
            (*self._key, sample),
            ids,
        )
        return {row[0]: rows.answer_of(row) for row in found}

    @reads
    def by_item(self, ids: Collection[str], *, sample: int = 0) -> dict[str, tuple[Answer, ...]]:
        """Return the answers by item id, in the order of the item's requests."""
        found = self._db.chosen(
            "SELECT requests.item, request, sample, logprob, is_greedy, text, n_tokens, "
            "stop_reason, n_truncated, error FROM requests JOIN answers "
            "ON model = ? AND engine = ? AND request = requests.id AND sample = ? "
            "WHERE requests.item IN ({}) ORDER BY requests.item, requests.position",
            (*self._key, sample),
            ids,
        )
        answers: dict[str, list[Answer]] = {}
        for item, *row in found:
            answers.setdefault(item, []).append(rows.answer_of(tuple(row)))
        return {item: tuple(given) for item, given in answers.items()}

    def put_scores(self, scores: Iterable[Score], *, prompt_hashes: Mapping[str, str]) -> None:
        """Store what a task made of the answers; earlier scores of these items are replaced."""
        with self._db.transaction() as connection:
            connection.executemany(
                f"INSERT OR REPLACE INTO scores VALUES ({', '.join('?' * 24)})",
                (
                    (
                        *self._key,
                        score.item_id,
                        score.sample_index,
                        prompt_hashes[score.item_id],
                        *rows.score_row(score),
                    )
                    for score in scores
                ),
            )

    def scored(self, *, sample: int = 0) -> set[str]:
        """Return the ids of the items of which this sample was scored without error.

        A score of an older judge, which knew less, counts as open.
        """
        found = self._db.rows(
            "SELECT item FROM scores "
            "WHERE model = ? AND engine = ? AND sample = ? AND error IS NULL AND edition = ?",
            (*self._key, sample, JUDGE_EDITION),
        )
        return {item for (item,) in found}

    @reads
    def scores(self, ids: Collection[str], *, sample: int = 0) -> dict[str, Score]:
        """Return the scores of these items, by item id."""
        found = self._db.chosen(
            f"SELECT {rows.SCORE_COLUMNS} FROM scores "
            "WHERE model = ? AND engine = ? AND sample = ? AND item IN ({})",
            (*self._key, sample),
            ids,
        )
        return {row[0]: rows.score_of(row) for row in found}

    def column(self, task: Task) -> Column:
        """Return all scores on one task; empty where none of its items was scored."""
        (column,) = self.columns([task])
        return column

    @reads
    def columns(self, tasks: Sequence[Task]) -> tuple[Column, ...]:
        """Return all scores on some tasks, as one column each."""
        model, engine = self._key
        layout = self._db.layout()
        return read_columns(self._db, layout, tasks, model=model, engine=engine)

    def has_failures(self) -> bool:
        """Whether an answer or a score is an error, which is tried again."""
        return any(
            self._db.rows(
                f"SELECT 1 FROM {table} WHERE model = ? AND engine = ? AND error IS NOT NULL "
                "LIMIT 1",
                self._key,
            )
            for table in ("answers", "scores")
        )

    def n_cut(self) -> int:
        """Return how many requests had a prompt that was cut because the window was too short."""
        ((n,),) = self._db.rows(
            "SELECT COUNT(DISTINCT request) FROM answers "
            "WHERE model = ? AND engine = ? AND n_truncated > 0",
            self._key,
        )
        return int(n)

    @reads
    def told(self) -> Told:
        """Return everything that was said of each item of the study; see `places`."""
        model, engine = self._key
        return read_told(self._db, model=model, engine=engine)

    @reads
    def places(self, ids: Sequence[str]) -> NDArray[np.intp]:
        """Return where each item stands in what `told` returns."""
        return self._db.layout().places.of(ids)
