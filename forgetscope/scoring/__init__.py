"""Scoring: a checkpoint answers requests.

Everything here is light to import; torch is loaded when an engine is opened or named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.lazy import loader
from forgetscope.scoring.arrivals import (
    Arrival,
    Stamp,
    WatchedFolder,
    lacking,
    stamp_of,
    watched_folder,
)
from forgetscope.scoring.bases import adapter_of, base_of
from forgetscope.scoring.checkpoints import resolve_series
from forgetscope.scoring.config import (
    SERVER_BACKEND,
    EngineConfig,
    backend_for,
    backend_of,
    check_engine,
    is_plugin,
)
from forgetscope.scoring.endpoints import parse_endpoint
from forgetscope.scoring.engine import Engine, describe_engine, engine_fingerprint
from forgetscope.scoring.presence import check_weights
from forgetscope.scoring.thoughts import answer_in, begins_thought, cut_behind_thought, tags_in
from forgetscope.scoring.token_book import TokenBook
from forgetscope.scoring.tokenizer import EncodedPair, Tokenizer, open_tokenizer
from forgetscope.scoring.tokenizer_digests import tokenizer_digest

if TYPE_CHECKING:
    from forgetscope.scoring.ahead import read_ahead
    from forgetscope.scoring.blueprint import Blueprint, open_blueprint
    from forgetscope.scoring.generation import room_for_prompt
    from forgetscope.scoring.hf import HfEngine, open_engine
    from forgetscope.scoring.machine import Memory, free_memory_of, weights_bytes
    from forgetscope.scoring.reading import Unit, chunks_of, reading_units
    from forgetscope.scoring.turns import Turns

__all__ = [
    "SERVER_BACKEND",
    "Arrival",
    "Blueprint",
    "EncodedPair",
    "Engine",
    "EngineConfig",
    "HfEngine",
    "Memory",
    "Stamp",
    "TokenBook",
    "Tokenizer",
    "Turns",
    "Unit",
    "WatchedFolder",
    "adapter_of",
    "answer_in",
    "backend_for",
    "backend_of",
    "base_of",
    "begins_thought",
    "check_engine",
    "check_weights",
    "chunks_of",
    "cut_behind_thought",
    "describe_engine",
    "engine_fingerprint",
    "free_memory_of",
    "is_plugin",
    "lacking",
    "open_blueprint",
    "open_engine",
    "open_tokenizer",
    "parse_endpoint",
    "read_ahead",
    "reading_units",
    "resolve_series",
    "room_for_prompt",
    "stamp_of",
    "tags_in",
    "tokenizer_digest",
    "watched_folder",
    "weights_bytes",
]

_HOMES = {
    "Blueprint": "forgetscope.scoring.blueprint",
    "HfEngine": "forgetscope.scoring.hf",
    "Turns": "forgetscope.scoring.turns",
    "Memory": "forgetscope.scoring.machine",
    "Unit": "forgetscope.scoring.reading",
    "chunks_of": "forgetscope.scoring.reading",
    "free_memory_of": "forgetscope.scoring.machine",
    "open_blueprint": "forgetscope.scoring.blueprint",
    "open_engine": "forgetscope.scoring.hf",
    "read_ahead": "forgetscope.scoring.ahead",
    "reading_units": "forgetscope.scoring.reading",
    "room_for_prompt": "forgetscope.scoring.generation",
    "weights_bytes": "forgetscope.scoring.machine",
}

__getattr__ = loader(__name__, _HOMES)
