"""Scoring: a checkpoint answers requests.

Everything here is light to import; torch is loaded when an engine is opened or named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.lazy import loader
from forgetscope.scoring.checkpoints import resolve_series
from forgetscope.scoring.config import EngineConfig, backend_of, check_engine, is_plugin
from forgetscope.scoring.engine import Engine, describe_engine, engine_fingerprint
from forgetscope.scoring.fingerprint import check_weights
from forgetscope.scoring.tokenizer import EncodedPair, Tokenizer, open_tokenizer

if TYPE_CHECKING:
    from forgetscope.scoring.hf import HfEngine, batch_tokens, open_engine
    from forgetscope.scoring.reading import Unit, chunks_of, reading_units

__all__ = [
    "EncodedPair",
    "Engine",
    "EngineConfig",
    "HfEngine",
    "Tokenizer",
    "Unit",
    "backend_of",
    "batch_tokens",
    "check_engine",
    "check_weights",
    "chunks_of",
    "describe_engine",
    "engine_fingerprint",
    "is_plugin",
    "open_engine",
    "open_tokenizer",
    "reading_units",
    "resolve_series",
]

_HOMES = {
    "HfEngine": "forgetscope.scoring.hf",
    "Unit": "forgetscope.scoring.reading",
    "batch_tokens": "forgetscope.scoring.hf",
    "chunks_of": "forgetscope.scoring.reading",
    "open_engine": "forgetscope.scoring.hf",
    "reading_units": "forgetscope.scoring.reading",
}

__getattr__ = loader(__name__, _HOMES)
