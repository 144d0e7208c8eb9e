"""`items.parquet`: one row per checkpoint, task and item, for those who count for themselves.

Rows are written in batches as they come, so a study larger than memory can be exported.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.records import FormatClass, StopReason, Transition
from forgetscope.store.files import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ItemRow", "item_schema", "write_items"]

BATCH_ROWS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item as one checkpoint answered it."""

    checkpoint: str
    step: int | None = None
    task: str
    domain: str
    item_id: str
    document_id: int
    cluster: str
    prompt_hash: str
    prompt: str
    gold: str
    choices: tuple[str, ...] = ()
    answer: str
    """Generated text, or the option that was chosen."""
    extracted: str | None = None
    """What the primary filter read from a generated answer."""
    score: float
    """Primary metric; nan where it is undefined, which becomes null."""
    logprobs: tuple[float, ...] = ()
    """Log-probability per option in nats, in the order of `choices`."""
    n_tokens: int | None = None
    """Tokens generated or scored for this item."""
    stop_reason: StopReason | None = None
    is_truncated: bool = False
    is_invalid: bool = False
    error: str | None = None
    transition: Transition | None = None
    """Against the base; `None` at the base itself."""
    format_class: FormatClass | None = None
    """Why a changed item counts as wrong; `None` where nothing changed."""
    form: FormatClass | None = None
    """Why a generated answer counts as wrong, changed or not; `None` where it is right."""
    n_generated: int | None = None
    """Tokens generated; `None` where options were scored."""
    gold_bits: float | None = None
    """Bits per byte of the gold text; a rise against the base is a loss."""
    gold_share: float | None = None
    """Probability of the gold option among the options, in [0, 1]."""


def write_items(rows: Iterable[ItemRow], path: Path) -> int:
    """Write the rows to `path` and return how many there were.

    The file appears whole or not at all. Text that is no valid Unicode (a lone surrogate) is
    written with its code spelled out.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = item_schema()
    n_rows = 0
    with (
        write_whole(path) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as writer,
    ):
        for batch in _batches(rows):
            columns = {name: [_value(row, name) for row in batch] for name in schema.names}
            writer.write_table(pa.table(columns, schema=schema))
            n_rows += len(batch)
    return n_rows


def item_schema() -> pa.Schema:
    """Return names and types of the columns; the order is that of `ItemRow`."""
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
    names = ItemRow.__dataclass_fields__
    return pa.schema([(name, kinds.get(name, text)) for name in names])


def _batches(rows: Iterable[ItemRow]) -> Iterator[list[ItemRow]]:
    source = iter(rows)
    while batch := list(itertools.islice(source, BATCH_ROWS)):
        yield batch


def _value(row: ItemRow, name: str) -> object:
    value = getattr(row, name)
    if isinstance(value, str):
        return _unicode(value)
    if isinstance(value, tuple):
        return [_unicode(part) if isinstance(part, str) else part for part in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def _unicode(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
