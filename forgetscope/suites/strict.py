"""JSON and YAML that people write, read so that nothing is silently lost or made up.

Both formats let a key stand twice, of which readers drop one; JSON readers take NaN, which is none;
and a few lines of YAML can unfold to more than memory holds. All of these are errors here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import yaml

from forgetscope.errors import UsageError

__all__ = ["parse_json", "parse_yaml"]

_LARGEST = 100_000
"""Values that a YAML file may hold once its aliases are unfolded."""


def parse_json(text: str) -> object:
    """Return the value of a JSON text.

    Raises
    ------
    ValueError
        If it is no JSON, or a key stands twice in one object.
    RecursionError
        If it is nested too deep.
    """
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)


def parse_yaml(text: str, *, where: str) -> Mapping[str, Any]:
    """Return the keys of a YAML text, as plain values; empty for an empty text.

    Parameters
    ----------
    where
        What messages call it.

    Raises
    ------
    UsageError
        If it is no YAML, holds no keys, a key stands twice, is no text, or its aliases unfold to
        too much.
    """
    try:
        content = yaml.load(text, Loader=_Loader)  # a safe loader, and stricter
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f" (line {error.problem_mark.line + 1})"
        raise UsageError(f"{where} is no YAML: {error.problem or error.context}{line}") from error
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"{where} is no YAML: {reason.splitlines()[0]}") from error
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise UsageError(f"{where} holds no keys", hint="write `key: value`, one a line")
    return content


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key `{twice}` stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON knows no {name}")


class _Loader(yaml.SafeLoader):
    """The safe loader, which also refuses keys that stand twice or are no text, and bombs."""

    def get_single_data(self) -> object:  # type: ignore[explicit-override]  # typing has it later
        node = self.get_single_node()
        if node is None:
            return None
        _unfolded(node, {})
        return self.construct_document(node)

    def construct_mapping(  # type: ignore[explicit-override]
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.tag != "tag:yaml.org,2002:str":
                raise _problem("a key is no text: write it between quotes", key)
            if key.value in seen:
                raise _problem(f"the key `{key.value}` stands twice", key)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _unfolded(node: yaml.Node, sizes: dict[int, int]) -> int:
    """Return how many values a node stands for, with all aliases in their place."""
    known = sizes.get(id(node))
    if known == 0:
        raise _problem("an alias stands inside itself", node)
    if known is not None:
        return known
    sizes[id(node)], size = 0, 1
    if isinstance(node, yaml.MappingNode):
        size += sum(_unfolded(k, sizes) + _unfolded(v, sizes) for k, v in node.value)
    elif isinstance(node, yaml.SequenceNode):
        size += sum(_unfolded(inner, sizes) for inner in node.value)
    if size > _LARGEST:
        raise _problem(f"its aliases unfold to more than {_LARGEST:,} values", node)
    sizes[id(node)] = size
    return size


def _problem(text: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, text, node.start_mark)
