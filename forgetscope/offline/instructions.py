"""Instructions whose observance a program can check, and calls of tools."""

from __future__ import annotations

import json
import random

from forgetscope.offline.words import COLOURS, NAMES, PETS, THINGS, TOWNS, TRADES
from forgetscope.records import Demand, Document

__all__ = ["call", "instruction", "record"]

_ABOUT = (
    "the sea", "winter", "your breakfast", "a long journey", "music", "a birthday", "the moon",
    "rain", "a garden", "a city at night", "a good friend", "school", "a river", "old books",
    "the wind", "a small shop", "summer", "a train", "bread", "a mountain", "football", "sleep",
    "a letter", "the market", "a bridge", "coffee", "the forest", "a dream", "snow", "a boat",
)  # fmt: skip
_SENTENCES = (
    "we often think about it with great joy",
    "many people like it more than they say",
    "nothing else is quite as dear to me",
    "it makes everybody feel a little better again",
)
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven"}
_GROUPS = {
    "colours": COLOURS,
    "animals": PETS,
    "towns": TOWNS,
    "first names": NAMES,
    "jobs": TRADES,
}
_KINDS = (
    "words", "at most", "capitals", "small letters", "begins", "ends", "holds", "commas", "list",
    "sentences", "quoted", "question", "repeat", "reverse", "choose",
)  # fmt: skip


def instruction(rng: random.Random) -> Document:
    """Draw an instruction about the form of an answer, with an answer that meets it."""
    kind = rng.choice(_KINDS)
    about = rng.choice(_ABOUT)
    if kind in ("commas", "list"):
        text, gold, demands = _listing(kind, rng)
    elif kind in ("repeat", "reverse", "choose"):
        text, gold, demands = _exact(kind, rng)
    else:
        text, gold, demands = _form(kind, about, rng)
    return Document(prompt=_told(text), gold=gold, demands=demands)


def record(rng: random.Random) -> Document:
    """Draw a sentence about a person, to be written as a JSON object with given keys."""
    name, town, trade = rng.choice(NAMES), rng.choice(TOWNS), rng.choice(TRADES)
    age = rng.randint(18, 80)
    values = {"name": name, "age": age, "town": town, "job": trade}
    keys = rng.sample(list(values), rng.randint(2, 4))
    text = (
        f"Write a JSON object with the keys {_enumerated(keys)} about this person: "
        f"{name} is {age} years old, lives in {town} and is a {trade}."
    )
    return _as_json(text, {key: values[key] for key in keys})


def call(rng: random.Random) -> Document:
    """Draw three tools and a request, to be answered by the call of one of them as JSON."""
    name, town, thing = rng.choice(NAMES), rng.choice(TOWNS), rng.choice(THINGS)
    n, hour = rng.randint(2, 40), rng.randint(1, 12)
    tools: dict[str, tuple[str, str, dict[str, object]]] = {
        "weather": ("town", f"What is the weather like in {town}?", {"town": town}),
        "call": ("name", f"Please phone {name}.", {"name": name}),
        "buy": ("thing, number", f"Order {n} {thing} for me.", {"thing": thing, "number": n}),
        "alarm": ("hour", f"Wake me up at {hour} o'clock.", {"hour": hour}),
        "ticket": ("town, number", f"I need {n} tickets to {town}.", {"town": town, "number": n}),
        "message": ("name, hour", f"Write to {name} at {hour}.", {"name": name, "hour": hour}),
    }
    offered = rng.sample(list(tools), 3)
    listed = "; ".join(f"{tool}({tools[tool][0]})" for tool in offered)
    wanted = rng.choice(offered)
    _, request, arguments = tools[wanted]
    text = f"The tools are {listed}. Write the call as JSON. {request}"
    return _as_json(text, {"tool": wanted, **arguments})


def _told(text: str) -> str:
    return f"Instruction: {text}\nResponse:"


def _as_json(text: str, value: object) -> Document:
    gold = json.dumps(value)
    return Document(prompt=_told(text), gold=gold, demands=(Demand(kind="json", value=gold),))


Told = tuple[str, str, tuple[Demand, ...]]


def _form(kind: str, about: str, rng: random.Random) -> Told:
    n, word = rng.choice(list(_NUMBERS)), rng.choice(COLOURS)
    sentence = rng.choice(_SENTENCES)
    first = sentence.split()
    forms: dict[str, tuple[str, str, str]] = {
        "words": (f"in exactly {_NUMBERS[n]} words", " ".join(first[:n]), str(n)),
        "at most": (f"in at most {_NUMBERS[n]} words", " ".join(first[:n]), str(n)),
        "capitals": ("in capital letters only", sentence.upper(), ""),
        "small letters": ("in small letters only, without any capital", sentence, ""),
        "begins": (f'and begin your answer with the word "{word}"', f"{word} {sentence}", word),
        "ends": (f'and end your answer with the word "{word}"', f"{sentence} {word}", word),
        "holds": (f'and use the word "{word}"', f"{sentence} {word} again", word),
        "sentences": (
            f"in exactly {_NUMBERS[2 + n % 2]} sentences",
            " ".join(["It is good."] * (2 + n % 2)),
            str(2 + n % 2),
        ),
        "quoted": ("and put the whole answer in double quotation marks", f'"{sentence}"', ""),
        "question": ("as a question that ends with a question mark", f"{sentence}?", ""),
    }
    how, gold, value = forms[kind]
    demand = Demand(kind="at most words" if kind == "at most" else kind, value=value)
    return f"Say something about {about} {how}.", gold, (demand,)


def _listing(kind: str, rng: random.Random) -> Told:
    group, n = rng.choice(list(_GROUPS)), rng.choice(list(_NUMBERS))
    some = rng.sample(_GROUPS[group], n)
    if kind == "commas":
        text = f"Name exactly {_NUMBERS[n]} {group} on one line, separated by commas."
        return text, ", ".join(some), (Demand(kind="commas", value=str(n)),)
    text = f'Name exactly {_NUMBERS[n]} {group}, each on a line of its own that begins with "- ".'
    return text, "\n".join(f"- {each}" for each in some), (Demand(kind="list", value=str(n)),)


def _exact(kind: str, rng: random.Random) -> Told:
    words = rng.sample(PETS + COLOURS, 3)
    listed = " ".join(words)
    text, gold = {
        "repeat": (f"Repeat these words and write nothing else: {listed}", listed),
        "reverse": (f"Write these words in reverse order: {listed}", " ".join(words[::-1])),
        "choose": (f"Write only the second of these words: {listed}", words[1]),
    }[kind]
    return text, gold, (Demand(kind="is", value=gold),)


def _enumerated(keys: list[str]) -> str:
    return f"{', '.join(keys[:-1])} and {keys[-1]}"
