"""Scores read as columns, so that a comparison works on arrays.

I items of one task, in the order of the task's documents.
"""

from __future__ import annotations

import numpy as np

from forgetscope.records import Column, FormatClass, OutputType, Task
from forgetscope.store.database import Database

__all__ = ["read_column"]

_INVALID = list(FormatClass).index(FormatClass.INVALID)

_QUERY = """
SELECT items.id, scores.prompt_hash, items.cluster, items.chance, scores.value,
       scores.error IS NOT NULL OR scores.is_truncated OR scores.is_invalid
       OR (? AND TRIM(scores.answer) = '')
FROM items JOIN scores ON scores.item = items.id
WHERE items.task = ? AND scores.model = ? AND scores.engine = ?
ORDER BY items.document_id, items.id
"""


def read_column(database: Database, task: Task, *, model: str, engine: str) -> Column:
    """Read all scores of one model on one task; empty where it answered none."""
    is_written = task.output_type is OutputType.GENERATE
    found = database.rows(_QUERY, (is_written, task.name, model, engine))
    ids, hashes, clusters, chances, values, broken = zip(*found, strict=True) if found else [()] * 6
    return Column(
        task=task,
        item_ids=tuple(ids),
        prompt_hashes=tuple(hashes),
        clusters=tuple(clusters),
        chance_I=np.array(chances, dtype=np.float64),
        value_I=np.array(values, dtype=np.float64),
        form_I=np.where(np.array(broken, dtype=np.bool_), _INVALID, -1).astype(np.int8),
    )
