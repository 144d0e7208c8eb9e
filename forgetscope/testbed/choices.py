"""The wrong options of questions asked by choice: plausible, and as long as the right one."""

from __future__ import annotations

import itertools
import random
import string
from collections.abc import Callable, Sequence

from forgetscope.testbed.questions import CLOSING, LETTERS, DomainMix, known_facts
from forgetscope.testbed.row import Row

__all__ = ["N_CHOICES", "WRONG_OPTIONS"]

N_CHOICES = 4
"""Options of a multiple-choice question."""


def _other_values(row: Row, rng: random.Random) -> list[str]:
    """Return what belongs to other facts."""
    return _some(list(known_facts(DomainMix().n_facts).values()), row, rng)


def _other_closings(row: Row, rng: random.Random) -> list[str]:
    """Return closings in which one bracket is of another kind."""
    places = range(len(row.gold))
    closings = [row.gold[:i] + bracket + row.gold[i + 1 :] for i in places for bracket in CLOSING]
    return _some(closings, row, rng)


def _other_orders(row: Row, rng: random.Random) -> list[str]:
    """Return the word's letters in other orders, or other numbers."""
    if row.gold.isdigit():
        return _other_numbers(row, rng)
    return _some(["".join(order) for order in itertools.permutations(row.gold)], row, rng)


def _other_letters(row: Row, rng: random.Random) -> list[str]:
    """Return the word's other letters, filled up with letters outside it, or other numbers."""
    if row.gold.isdigit():
        return _other_numbers(row, rng)
    inside = [letter for letter in row.prompt if letter in LETTERS and letter != row.gold]
    outside = [letter for letter in LETTERS if letter not in row.prompt]
    return [*inside, *rng.sample(outside, N_CHOICES)][: N_CHOICES - 1]


def _other_numbers(row: Row, rng: random.Random) -> list[str]:
    if len(row.gold) == 1:
        return _some(string.digits, row, rng)
    return _some([str(number) for number in range(10, 2 * DomainMix().largest_term + 1)], row, rng)


def _some(options: Sequence[str], row: Row, rng: random.Random) -> list[str]:
    # in order of their first occurrence: the order of a set changes from process to process
    wrong = [option for option in dict.fromkeys(options) if option != row.gold]
    return rng.sample(wrong, N_CHOICES - 1)


WRONG_OPTIONS: dict[str, Callable[[Row, random.Random], list[str]]] = {
    "knowledge": _other_values,
    "reading": _other_numbers,
    "instruction": _other_orders,
    "language": _other_closings,
    "logic": _other_letters,
}
"""By domain: what is offered beside the right answer."""
