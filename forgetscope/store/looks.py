"""How far domains were asked under watch: in a study's meta, one key for each model and engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from forgetscope.records import Look
from forgetscope.store.json_records import Fields, json_of, reading, records

if TYPE_CHECKING:
    from forgetscope.store.study import Json

__all__ = ["looks_json", "looks_key", "looks_of"]


def looks_key(*, model: str, engine: str) -> str:
    """Return the key under which the looks of these weights with this engine lie."""
    return f"looks:{model}:{engine}"


def looks_json(looks: Sequence[Look]) -> Json:
    """Return looks as JSON, in the order of their domains' names."""
    return json_of(sorted(looks, key=lambda look: look.domain))


def looks_of(key: str, value: Json) -> tuple[Look, ...]:
    """Return the looks that `looks_json` wrote; none where nothing lies under the key.

    Raises
    ------
    StudyError
        If the value holds no looks.
    """
    return () if value is None else reading(key, value, lambda found: records(found, _look))


def _look(value: Fields) -> Look:
    return Look(
        domain=str(value["domain"]),
        n=int(value["n"]),
        of=int(value["of"]),
        share=float(value["share"]),
        seed=int(value["seed"]),
        largest=int(value["largest"]),
        margin=float(value["margin"]),
    )
