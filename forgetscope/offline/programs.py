"""Code: what a Python expression gives; the answer is computed beside it, nothing is evaluated."""

from __future__ import annotations

import random
from collections.abc import Callable

from forgetscope.offline.draw import with_options
from forgetscope.offline.words import COLOURS, NAMES, PETS
from forgetscope.records import Document

__all__ = ["result", "result_with_options"]

Drawn = tuple[str, object, tuple[object, ...]]
"""An expression, its value, and wrong values."""


def result(rng: random.Random) -> Document:
    """Draw an expression as it is typed at Python's prompt; its value is the answer."""
    text, value, _ = rng.choice(_TEMPLATES)(rng)
    return Document(prompt=f">>> {text}", gold=repr(value))


def result_with_options(rng: random.Random) -> Document:
    """Draw an expression with three values that it has not."""
    text, value, wrong = rng.choice(_TEMPLATES)(rng)
    others = [repr(other) for other in wrong]
    return Document(
        prompt=f">>> {text}", gold=repr(value), choices=with_options(repr(value), others, rng)
    )


def _near(value: int) -> tuple[object, ...]:
    return tuple(range(max(value - 4, 0), value + 6))


def _list(rng: random.Random) -> list[int]:
    return rng.sample(range(1, 30), rng.randint(4, 6))


def _length(rng: random.Random) -> Drawn:
    word, more = rng.choice(NAMES + COLOURS + PETS), rng.randint(1, 9)
    return f'len("{word.lower()}") + {more}', len(word) + more, _near(len(word) + more)


def _of_list(rng: random.Random) -> Drawn:
    numbers = _list(rng)
    name, found = rng.choice((("max", max(numbers)), ("min", min(numbers))))
    return f"{name}({numbers})", found, tuple(numbers)


def _place(rng: random.Random) -> Drawn:
    numbers = _list(rng)
    place = rng.choice((0, 1, 2, -1))
    return f"{numbers}[{place}]", numbers[place], tuple(numbers)


def _sorted(rng: random.Random) -> Drawn:
    numbers = _list(rng)
    place = rng.choice((0, 1, -1))
    return f"sorted({numbers})[{place}]", sorted(numbers)[place], tuple(numbers)


def _count(rng: random.Random) -> Drawn:
    numbers = _list(rng)
    return f"len({numbers})", len(numbers), _near(len(numbers))


def _remainder(rng: random.Random) -> Drawn:
    number, by = rng.randint(10, 60), rng.randint(3, 9)
    sign, found = rng.choice((("%", number % by), ("//", number // by)))
    return f"{number} {sign} {by}", found, _near(found)


def _upper(rng: random.Random) -> Drawn:
    word = rng.choice(NAMES)
    forms = {"upper": word.upper(), "lower": word.lower(), "title": word.title()}
    name = rng.choice(("upper", "lower"))
    others = (*forms.values(), word.swapcase(), word.lower()[::-1])
    return f'"{word}".{name}()', forms[name], others


def _split(rng: random.Random) -> Drawn:
    words = rng.sample(PETS + COLOURS, 4)
    place = rng.randrange(4)
    return f'"{",".join(words)}".split(",")[{place}]', words[place], tuple(words)


def _joined(rng: random.Random) -> Drawn:
    first, second = rng.sample(PETS + COLOURS, 2)
    others = (second + first, f"{first} {second}", first, second)
    return f'"{first}" + "{second}"', first + second, others


_TEMPLATES: tuple[Callable[[random.Random], Drawn], ...] = (
    _length, _of_list, _place, _sorted, _count, _remainder, _upper, _split, _joined,
)  # fmt: skip
