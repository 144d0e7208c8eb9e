"""A part of a profile: some of its items, all columns alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from forgetscope.records import Column, Profile
from forgetscope.statistics import Portion

__all__ = ["cluster_keys", "part_of", "part_of_domains"]


def cluster_keys(clusters: Sequence[str], item_ids: Sequence[str]) -> list[str]:
    """Return the cluster of each item; an item without one is one of its own."""
    return [name or item_id for name, item_id in zip(clusters, item_ids, strict=True)]


def part_of(profile: Profile, portion: Portion) -> Profile:
    """Return the profile over the items of a portion alone; columns left empty are dropped."""
    return _kept(profile, tuple(_part_of(column, portion) for column in profile.columns))


def part_of_domains(profile: Profile, portions: Mapping[str, Portion]) -> Profile:
    """Return the profile over the portions of some domains, and over all items of the others."""
    parts = (
        _part_of(column, portions[column.task.domain]) if column.task.domain in portions else column
        for column in profile.columns
    )
    return _kept(profile, tuple(parts))


def _kept(profile: Profile, columns: tuple[Column, ...]) -> Profile:
    kept = tuple(column for column in columns if column.item_ids)
    ids = {item_id for column in kept for item_id in column.item_ids}
    probes = tuple(probe for probe in profile.probes if probe.item_id in ids)
    return replace(profile, columns=kept, probes=probes)


def _part_of(column: Column, portion: Portion) -> Column:
    row_i = np.flatnonzero(portion.holds(cluster_keys(column.clusters, column.item_ids)))
    rows = row_i.tolist()
    return replace(
        column,
        item_ids=tuple(column.item_ids[i] for i in rows),
        prompt_hashes=tuple(column.prompt_hashes[i] for i in rows),
        clusters=tuple(column.clusters[i] for i in rows),
        chance_I=column.chance_I[row_i],
        value_I=column.value_I[row_i],
        form_I=column.form_I[row_i],
        evidence=None if column.evidence is None else column.evidence.at(row_i),
    )
