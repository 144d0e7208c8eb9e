"""What one model answered when items were asked again in other words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forgetscope.records import ProbeKind, ProbeResult
from forgetscope.store.damage import Reader, reads
from forgetscope.store.database import Database
from forgetscope.store.rows import storable

__all__ = ["ProbeAnswer", "Probes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAnswer:
    """A result with the words behind it, as it is kept."""

    result: ProbeResult
    prompt: str
    """What was asked; of several options, in the words of the first."""
    text: str
    """The answer that was judged, or the option that was chosen."""


class Probes(Reader):
    """The probes under one key; made by `Study.probes_of`.

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

    @reads
    def answered(
        self, prompts: Mapping[tuple[str, ProbeKind], str]
    ) -> frozenset[tuple[str, ProbeKind]]:
        """Return which of these probes, given by item id and kind, are answered.

        The same item asked in other words is another probe, and open.
        """
        found = self._db.rows(
            "SELECT item, kind, prompt FROM probes WHERE model = ? AND engine = ?", self._key
        )
        held = {(item, ProbeKind(kind)): prompt for item, kind, prompt in found}
        return frozenset(
            key for key, prompt in prompts.items() if held.get(key) == storable(prompt)
        )

    def put(self, answers: Iterable[ProbeAnswer]) -> None:
        """Store answers, all of them or none; what the same item answered before is replaced."""
        with self._db.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO probes VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        *self._key,
                        answer.result.item_id,
                        answer.result.kind.value,
                        storable(answer.prompt),
                        storable(answer.text),
                        None if math.isnan(answer.result.value) else answer.result.value,
                    )
                    for answer in answers
                ),
            )

    @reads
    def results(self) -> tuple[ProbeResult, ...]:
        """Return all results, in the order of item ids and kinds."""
        found = self._db.rows(
            "SELECT item, kind, value FROM probes WHERE model = ? AND engine = ? "
            "ORDER BY item, kind",
            self._key,
        )
        return tuple(
            ProbeResult(
                item_id=item, kind=ProbeKind(kind), value=math.nan if value is None else value
            )
            for item, kind, value in found
        )
