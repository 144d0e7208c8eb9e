"""Our own markup as lists, from which a script builds nodes without ever reading markup.

A node is a text, or `[tag, {attribute: value}, *children]`.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TypeAlias

__all__ = ["Node", "nodes_of"]

Node: TypeAlias = str | list[object]

_CASED = {"viewbox": "viewBox"}
"""Names of attributes that SVG writes with capitals; the parser lowers them."""


def nodes_of(markup: str) -> list[Node]:
    """Return the nodes of well-formed markup, in which every tag is closed.

    >>> nodes_of('<p class="a">1 &lt; <b>2</b></p>')
    [['p', {'class': 'a'}, '1 < ', ['b', {}, '2']]]
    """
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.nodes


class _Reader(HTMLParser):
    # typing.override came with Python 3.12

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[Node] = []
        self._open: list[list[object]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # type: ignore[explicit-override]
        node = _node(tag, attrs)
        self._add(node)
        self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # type: ignore[explicit-override]
        self._add(_node(tag, attrs))

    def handle_endtag(self, tag: str) -> None:  # type: ignore[explicit-override]  # noqa: ARG002
        self._open.pop()

    def handle_data(self, data: str) -> None:  # type: ignore[explicit-override]
        # blanks within a line part words, line breaks only part tags
        if data.strip() or "\n" not in data:
            self._add(data)

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].append(node)
        else:
            self.nodes.append(node)


def _node(tag: str, attrs: list[tuple[str, str | None]]) -> list[object]:
    return [tag, {_CASED.get(name, name): value or "" for name, value in attrs}]
