"""Which tasks are called like a source of training."""

from __future__ import annotations

__all__ = ["is_source"]

_KINDS = ("gym:", "jsonl:", "hf:")


def is_source(name: str) -> bool:
    """Whether a task is called like a source of training, such as `gym:products?n=500&seed=0`."""
    return name.startswith(_KINDS)
