"""The processes of a run: one, or as many as `accelerate launch` started."""

from __future__ import annotations

import torch
from accelerate import PartialState

__all__ = ["this_process"]


def this_process() -> PartialState:
    """Return where this process stands among all of them.

    Without an accelerator that has to be said: a state that expects one finds no others here, and
    every process would take itself for the only one.
    """
    return PartialState(cpu=not torch.accelerator.is_available())
