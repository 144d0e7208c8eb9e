"""Global switches of torch and transformers, borrowed and given back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from huggingface_hub import constants
from transformers.utils import logging

__all__ = ["no_bars", "no_telemetry", "torch_threads"]


@contextmanager
def torch_threads(n: int | None) -> Iterator[None]:
    """Run the block with `n` torch threads, then restore the count; `None` changes nothing.

    A model of a few hundred thousand weights is fastest on one thread: more of them spend
    their time waiting for each other.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(before if n is None else n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def no_bars() -> Iterator[None]:
    """Run the block without the progress bars that transformers draws when it reads or saves."""
    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()


@contextmanager
def no_telemetry() -> Iterator[None]:
    """Run the block without the pings that trainers send to the hub.

    Whoever sets `HF_HUB_DISABLE_TELEMETRY` decides for himself: the hub's own switch, read once,
    before any of our code.
    """
    before = constants.HF_HUB_DISABLE_TELEMETRY
    constants.HF_HUB_DISABLE_TELEMETRY = before or "HF_HUB_DISABLE_TELEMETRY" not in os.environ
    try:
        yield
    finally:
        constants.HF_HUB_DISABLE_TELEMETRY = before
