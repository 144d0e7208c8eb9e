"""How a result shows itself in a notebook, without knowing who draws it.

A result asks for its painter by type. Painters live above (`forgetscope.api.notebook`) and come
with `forgetscope.Study`; without one a result shows as any other Python object does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

__all__ = ["Displayed", "paint_with"]

Kind = TypeVar("Kind", bound="Displayed")
Painter = Callable[[Any], Mapping[str, str]]
"""Returns texts by their media type: `text/html` and `text/plain`."""

_PAINTERS: dict[type, Painter] = {}


class Displayed:
    """A result that a notebook shows as a table."""

    __slots__ = ()

    def _repr_mimebundle_(
        self,
        include: object = None,  # noqa: ARG002  # the notebook's own protocol
        exclude: object = None,  # noqa: ARG002
    ) -> dict[str, str]:
        """Return the result as text and as HTML; empty where nothing paints it."""
        painter = _PAINTERS.get(type(self))
        return dict(painter(self)) if painter else {}

    def _repr_html_(self) -> str | None:
        """Return the result as HTML; `None` where nothing paints it."""
        return self._repr_mimebundle_().get("text/html")


def paint_with(kind: type[Kind], painter: Callable[[Kind], Mapping[str, str]]) -> None:
    """Let results of one type be painted so."""
    _PAINTERS[kind] = painter
