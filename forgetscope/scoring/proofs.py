"""Proofs that were given before, so that an architecture proves itself once on a machine."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from forgetscope.store.files import cache_folder, write_whole

__all__ = ["Proof", "proof_key", "recall_proof", "remember_proof"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How the tree compared with the plain path."""

    n_spans: int
    """Spans scored both ways."""
    difference: float
    """Largest difference of a log-probability, nats; nan where the tree failed altogether."""
    is_passed: bool
    reason: str = ""
    """Why the plain path is taken; empty otherwise."""


def proof_key(description: Mapping[str, object]) -> str:
    """Return the hex digest under which a proof is remembered.

    Parameters
    ----------
    description
        All that the way of computing depends on: architecture, kernels, versions, device.
    """
    return hashlib.sha256(json.dumps(description, sort_keys=True, default=str).encode()).hexdigest()


def recall_proof(key: str) -> Proof | None:
    """Return the proof of that key; `None` where none is known or it cannot be read."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Proof(**json.loads(_file(key).read_text()))
    return None


def remember_proof(key: str, proof: Proof) -> None:
    """Remember a proof; where that cannot be, the next process proves again."""
    with contextlib.suppress(OSError), write_whole(_file(key)) as file:
        file.write_text(json.dumps(asdict(proof)))


def _file(key: str) -> Path:
    return cache_folder() / "proofs" / f"{key}.json"
