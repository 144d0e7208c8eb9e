"""Attention: which of the kernels that `transformers` knows by name the layers of a model use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["attending_by"]


@contextmanager
def attending_by(name: str, model: Any) -> Iterator[None]:  # noqa: ANN401  untyped library
    """Let the layers of a model attend by another kernel within this block."""
    config = model.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = name
    try:
        yield
    finally:
        config._attn_implementation = before
