"""How an evaluation on the main process ended, told to all processes of a training."""

from __future__ import annotations

from dataclasses import dataclass

from torch import distributed

__all__ = ["Outcome", "shared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What every process has to know."""

    stops: bool = False
    """Whether the training is to end."""
    error: str = ""
    """What went wrong; empty if nothing did."""


def shared(outcome: Outcome) -> Outcome:
    """Return the outcome of the main process, on every process; they wait for it here."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return outcome
    box = [outcome]
    distributed.broadcast_object_list(box, src=0)
    return box[0]
