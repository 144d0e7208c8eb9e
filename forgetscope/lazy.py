"""Names that are loaded when they are asked for, so that importing a room costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["loader"]


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
        return getattr(import_module(homes[name]), name)

    return load
