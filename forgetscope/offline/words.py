"""Words that questions are made of: names, towns, trades, things."""

from __future__ import annotations

__all__ = ["COLOURS", "NAMES", "PETS", "THINGS", "TOWNS", "TRADES"]

NAMES = (
    "Ana", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Irene", "Jack", "Kate",
    "Leo", "Maria", "Nick", "Olga", "Paul", "Rosa", "Sam", "Tina", "Victor", "Wendy", "Peter",
    "Laura", "Simon", "Nora", "Oscar", "Alice", "Martin", "Julia", "Hugo",
)  # fmt: skip
TOWNS = (
    "Paris", "London", "Rome", "Berlin", "Madrid", "Vienna", "Lisbon", "Athens", "Dublin", "Oslo",
    "Boston", "Chicago", "Denver", "Dallas", "Seattle", "Tokyo", "Sydney", "Cairo",
)  # fmt: skip
TRADES = (
    "baker", "teacher", "doctor", "farmer", "painter", "lawyer", "nurse", "pilot", "singer",
    "writer", "cook", "driver", "soldier", "judge", "dentist", "tailor",
)  # fmt: skip
PETS = ("dog", "cat", "horse", "parrot", "rabbit", "goat", "turtle", "snake", "duck", "pig")
THINGS = (
    "apples", "books", "coins", "pens", "cards", "eggs", "stamps", "shells", "balls", "cups",
    "oranges", "flowers", "stones", "hats", "keys", "tickets",
)  # fmt: skip
COLOURS = (
    "red", "blue", "green", "yellow", "white", "black", "brown", "orange", "purple", "grey",
)  # fmt: skip
