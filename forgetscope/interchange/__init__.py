"""Interchange: results out, in formats other programs read.

Importing this package loads neither pyarrow nor pandas.
"""

from forgetscope.interchange.deltas import DELTA_COLUMNS, render_deltas, write_deltas
from forgetscope.interchange.items import ItemColumns, item_schema, write_items

__all__ = [
    "DELTA_COLUMNS",
    "ItemColumns",
    "item_schema",
    "render_deltas",
    "write_deltas",
    "write_items",
]
