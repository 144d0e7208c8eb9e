"""Work inside somebody else's training that leaves no trace in it."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

__all__ = ["untouched"]


@contextmanager
def untouched() -> Iterator[None]:
    """Give back every random generator as it was, and the memory that was used meanwhile.

    Python, numpy, torch on the CPU and on every device of the accelerator: what is drawn after the
    block is what would have been drawn without it.
    """
    accelerator = torch.accelerator.current_accelerator()
    devices = range(torch.accelerator.device_count()) if accelerator else ()
    kind = accelerator.type if accelerator else "cuda"
    state = random.getstate()
    # the legacy generator is the one that others draw from
    numpy_state = np.random.get_state()  # noqa: NPY002
    try:
        with torch.random.fork_rng(devices=devices, device_type=kind):
            yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        gc.collect()
        if accelerator:
            torch.accelerator.empty_cache()
