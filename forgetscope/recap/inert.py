"""Whether a text is mere data, so that evaluating it as Python can do nothing.

Verifiers of other packages call `eval` on what a model wrote. Whatever is not on the short lists
here (attributes, strings that are formatted, calls of unknown functions, ...) is kept from them.
"""

from __future__ import annotations

import ast

__all__ = ["is_formula", "is_harmless_to_eval"]

_LONGEST = 4000
"""Characters; a longer text is no answer, and would only cost time."""
_DATA = (
    ast.Expression,
    ast.Constant,
    ast.List,
    ast.Tuple,
    ast.Set,
    ast.Dict,
    ast.Name,
    ast.Load,
    ast.UnaryOp,
    ast.USub,
    ast.UAdd,
)
_FORMULA = (
    ast.Expression,
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.UnaryOp,
    ast.USub,
    ast.UAdd,
    ast.BinOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.Pow,
    ast.Call,
)
_CIRCULAR = ("sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan")
_FUNCTIONS = frozenset((*_CIRCULAR, "sinh", "cosh", "tanh", "exp", "log", "ln", "sqrt", "Abs"))
_LARGEST_POWER = 99
"""Of a number: `9**9**9` would take all of a machine's memory."""


def is_harmless_to_eval(text: str) -> bool:
    """Whether `eval` makes plain data of a text, or refuses it as no Python at all.

    >>> is_harmless_to_eval("[['a', 1], -2]"), is_harmless_to_eval("no Python")
    (True, True)
    >>> is_harmless_to_eval("open('x', 'w')")
    False
    """
    if len(text) > _LONGEST:
        return False
    try:
        tree = ast.parse(text.lstrip(" \t"), mode="eval")
    except (SyntaxError, ValueError):
        return True  # `eval` starts by parsing, and fails in the same way
    except (RecursionError, MemoryError):
        return False
    return all(isinstance(node, _DATA) for node in ast.walk(tree))


def is_formula(text: str) -> bool:
    """Whether a text is a formula of numbers, one-letter names and known functions.

    >>> is_formula("x**2/2 + sin(3*x) + C"), is_formula("(4 + 8) * 2")
    (True, True)
    >>> is_formula("x.__class__"), is_formula("9**9**9")
    (False, False)
    """
    if len(text) > _LONGEST or "\n" in text.strip():
        return False
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(_is_mathematical(node) for node in ast.walk(tree))


def _is_mathematical(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=value):
            return type(value) in (int, float)
        case ast.Name(id=name):
            return len(name) == 1 or name in _FUNCTIONS or name == "pi"
        case ast.Call(func=ast.Name(id=name), args=[_], keywords=[]):
            return name in _FUNCTIONS
        case ast.Call():
            return False
        case ast.BinOp(op=ast.Pow(), right=power):
            return _is_small(power)
        case _:
            return isinstance(node, _FORMULA)


def _is_small(power: ast.expr) -> bool:
    """Whether a power is a small number, or no number alone."""
    numbers = [node.value for node in ast.walk(power) if isinstance(node, ast.Constant)]
    has_power = any(isinstance(node, ast.Pow) for node in ast.walk(power))
    return not has_power and all(
        isinstance(n, int | float) and abs(n) <= _LARGEST_POWER for n in numbers
    )
