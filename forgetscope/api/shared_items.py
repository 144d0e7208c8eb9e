"""The items that two studies have in common."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

import numpy as np

from forgetscope.records import Column, Profile

__all__ = ["n_items", "shared"]


def shared(first: Profile, other: Profile) -> tuple[Profile, Profile]:
    """Return two profiles over the items that both were asked; order and scores stay.

    Which items a study asks is decided before any is answered, or by looks that the profiles tell
    of, so leaving out the others favours neither side.
    """
    ids = [{column.task.name: set(column.item_ids) for column in p.columns} for p in (first, other)]
    common = {name: found & ids[1].get(name, set()) for name, found in ids[0].items()}
    return _only(first, common), _only(other, common)


def n_items(profile: Profile) -> int:
    """Return how many items a profile holds."""
    return sum(len(column.item_ids) for column in profile.columns)


def _only(profile: Profile, wanted: dict[str, set[str]]) -> Profile:
    columns = [_part(column, wanted.get(column.task.name, set())) for column in profile.columns]
    return replace(profile, columns=tuple(column for column in columns if column.item_ids))


def _part(column: Column, wanted: Container[str]) -> Column:
    row_i = np.array(
        [place for place, item_id in enumerate(column.item_ids) if item_id in wanted], dtype=np.intp
    )
    if len(row_i) == len(column.item_ids):
        return column

    def chosen(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(texts[place] for place in row_i.tolist())

    return replace(
        column,
        item_ids=chosen(column.item_ids),
        prompt_hashes=chosen(column.prompt_hashes),
        clusters=chosen(column.clusters),
        chance_I=column.chance_I[row_i],
        value_I=column.value_I[row_i],
        form_I=column.form_I[row_i],
        evidence=column.evidence.at(row_i) if column.evidence else None,
    )
