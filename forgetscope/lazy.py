"""Names that are loaded when they are asked for, so that importing a room costs nothing."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

__all__ = ["loader", "uncollected"]


def loader(room: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return what a package binds to `__getattr__`.

    Parameters
    ----------
    room
        Name of the package.
    homes
        Module of each name.
    """

    def load(name: str) -> Any:  # noqa: ANN401  # a module's attributes have many types
        if name not in homes:
            raise AttributeError(f"module `{room}` has no attribute `{name}`")
        home = homes[name]
        with uncollected(comes_to_stay=home not in sys.modules):
            return getattr(import_module(home), name)

    return load


@contextmanager
def uncollected(*, comes_to_stay: bool = False) -> Iterator[None]:
    """Look for no unreachable cycles within this block, which makes many objects and no cycle.

    Parameters
    ----------
    comes_to_stay
        Whether the objects outlive the block by far, as those of a library do: they count as old
        then. Torch and transformers bring some hundred thousand, which would be looked through
        again and again while they are imported.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if comes_to_stay and was_enabled and gc.get_freeze_count() == 0:
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        if was_enabled:
            gc.enable()
