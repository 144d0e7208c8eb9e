"""`items.parquet`: one row per checkpoint, task and item, for those who count for themselves.

Rows are written in groups as they come, so a study larger than memory can be exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import FormatClass, Lists, StopReason, Transition
from forgetscope.store.files import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ItemColumns", "item_schema", "write_items"]

GROUP_ROWS = 65_536
"""Rows that are packed together, and in memory at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemColumns:
    """Items of one task as one checkpoint answered them; columns of equal length, in one order."""

    checkpoint: str
    step: int | None = None
    task: str
    domain: str
    item_id: Sequence[str]
    document_id: Sequence[int]
    cluster: Sequence[str]
    prompt_hash: Sequence[str]
    prompt: Sequence[str]
    gold: Sequence[str]
    choices: Sequence[Sequence[str]]
    answer: Sequence[str]
    """Generated text, or the option that was chosen."""
    extracted: Sequence[str | None]
    """What the primary filter read from a generated answer."""
    score: Sequence[float] | NDArray[np.float64]
    """Primary metric; nan where it is undefined, which becomes null."""
    logprobs: Lists
    """Log-probability per option in nats, in the order of `choices`."""
    n_tokens: Sequence[int | None] | NDArray[np.float64]
    """Tokens generated or scored for the item."""
    stop_reason: Sequence[StopReason | str | None]
    is_truncated: Sequence[bool] | NDArray[np.bool_]
    is_invalid: Sequence[bool] | NDArray[np.bool_]
    error: Sequence[str | None]
    transition: Sequence[Transition | None]
    """Against the base; `None` at the base itself."""
    format_class: Sequence[FormatClass | None]
    """Why a changed item counts as wrong; `None` where nothing changed."""
    form: Sequence[FormatClass | None]
    """Why a generated answer counts as wrong, changed or not; `None` where it is right."""
    n_generated: Sequence[int | None] | NDArray[np.float64]
    """Tokens generated; `None` where options were scored."""
    gold_bits: Sequence[float | None] | NDArray[np.float64]
    """Bits per byte of the gold text; a rise against the base is a loss."""
    gold_share: Sequence[float | None] | NDArray[np.float64]
    """Probability of the gold option among the options, in [0, 1]."""


def write_items(parts: Iterable[ItemColumns], path: Path) -> int:
    """Write the rows to `path` and return how many there were.

    The file appears whole or not at all. Text that is no valid Unicode (a lone surrogate) is
    written with its code spelled out.
    """
    import pyarrow.parquet as pq

    n_rows = 0
    with (
        write_whole(path) as temporary,
        pq.ParquetWriter(temporary, item_schema(), compression="zstd") as writer,
    ):
        for group in _groups(parts):
            writer.write_table(group)
            n_rows += len(group)
    return n_rows


def item_schema() -> pa.Schema:
    """Return names and types of the columns; the order is that of `ItemColumns`."""
    import pyarrow as pa

    text = pa.string()
    kinds = {
        "step": pa.int64(),
        "document_id": pa.int64(),
        "n_tokens": pa.int64(),
        "n_generated": pa.int64(),
        "gold_bits": pa.float64(),
        "gold_share": pa.float64(),
        "score": pa.float64(),
        "choices": pa.list_(text),
        "logprobs": pa.list_(pa.float64()),
        "is_truncated": pa.bool_(),
        "is_invalid": pa.bool_(),
    }
    return pa.schema([(field.name, kinds.get(field.name, text)) for field in fields(ItemColumns)])


def _groups(parts: Iterable[ItemColumns]) -> Iterator[pa.Table]:
    """Yield the parts as tables, small ones put together."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    for part in parts:
        waiting.append(_table(part))
        if sum(map(len, waiting)) >= GROUP_ROWS:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _table(part: ItemColumns) -> pa.Table:
    import pyarrow as pa

    schema, n = item_schema(), len(part.item_id)
    arrays = []
    for field in schema:
        value = getattr(part, field.name)
        # what is the same for all rows is given once
        values = [value] * n if value is None or isinstance(value, str | int) else value
        arrays.append(_array(values, field.type))
    return pa.table(arrays, schema=schema)


def _array(values: Sequence[object] | NDArray[Any] | Lists, kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    if isinstance(values, Lists):
        starts = np.concatenate([[0], values.ends]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(starts), pa.array(values.values))
    if isinstance(values, np.ndarray):
        return pa.array(values, from_pandas=True).cast(kind)
    try:
        # a nan of numbers is nothing known
        return pa.array(values, kind, from_pandas=True)
    except UnicodeEncodeError:
        return pa.array([_unicode(value) for value in values], kind, from_pandas=True)


def _unicode(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return [_unicode(part) for part in value] if isinstance(value, list | tuple) else value
