"""Language: pairs of sentences that differ in one form, of which one is grammatical English."""

from __future__ import annotations

import random

from forgetscope.offline.draw import with_options
from forgetscope.records import Document

__all__ = ["agreement", "determiner", "participle", "reflexive"]

_NOUNS = {
    "key": "keys", "teacher": "teachers", "picture": "pictures", "child": "children",
    "letter": "letters", "woman": "women", "house": "houses", "friend": "friends",
    "student": "students", "car": "cars", "man": "men", "bird": "birds", "tree": "trees",
    "book": "books", "doctor": "doctors", "box": "boxes", "city": "cities", "mouse": "mice",
    "window": "windows", "dog": "dogs", "farmer": "farmers", "story": "stories", "girl": "girls",
    "boy": "boys", "chair": "chairs", "lamp": "lamps", "foot": "feet", "goose": "geese",
    "wolf": "wolves", "knife": "knives", "cup": "cups", "flower": "flowers", "horse": "horses",
    "nurse": "nurses", "guest": "guests", "shop": "shops", "bridge": "bridges", "coat": "coats",
    "painter": "painters", "neighbour": "neighbours",
}  # fmt: skip
_LINKS = ("near", "behind", "next to", "in front of", "beside")
_ENDS = ("very old", "quite small", "really nice", "well known", "rather boring", "always late")
_PLACES = ("in the room", "on the left", "from France", "by the river", "over there")
_PARTICIPLES = {
    "eat": ("ate", "eaten"), "write": ("wrote", "written"), "take": ("took", "taken"),
    "break": ("broke", "broken"), "speak": ("spoke", "spoken"), "drive": ("drove", "driven"),
    "forget": ("forgot", "forgotten"), "give": ("gave", "given"), "see": ("saw", "seen"),
    "know": ("knew", "known"), "begin": ("began", "begun"), "steal": ("stole", "stolen"),
    "choose": ("chose", "chosen"), "hide": ("hid", "hidden"), "draw": ("drew", "drawn"),
    "wear": ("wore", "worn"), "throw": ("threw", "thrown"), "shake": ("shook", "shaken"),
    "do": ("did", "done"), "tear": ("tore", "torn"),
    "ring": ("rang", "rung"), "sing": ("sang", "sung"),
    "drink": ("drank", "drunk"), "bite": ("bit", "bitten"), "forgive": ("forgave", "forgiven"),
    "mistake": ("mistook", "mistaken"), "undo": ("undid", "undone"),
    "rewrite": ("rewrote", "rewritten"), "freeze": ("froze", "frozen"),
    "weave": ("wove", "woven"), "grow": ("grew", "grown"), "swear": ("swore", "sworn"),
    "outgrow": ("outgrew", "outgrown"), "overtake": ("overtook", "overtaken"),
}  # fmt: skip
_OBJECTS = ("everything", "it", "something", "nothing", "all of it", "the first one")
_WOMEN = (
    "Maria", "Anna", "Julia", "Laura", "my sister", "the queen", "her mother", "the actress",
    "Emma", "Clara", "the princess", "my aunt", "the waitress", "our grandmother",
)  # fmt: skip
_MEN = (
    "Peter", "David", "Paul", "Henry", "my brother", "the king", "his father", "the prince",
    "Simon", "Frank", "the monk", "my uncle", "the waiter", "our grandfather",
)  # fmt: skip
_REFLEXIVE_VERBS = (
    "hurt", "saw", "washed", "blamed", "introduced", "described", "taught", "dressed",
)  # fmt: skip
_TIMES = ("yesterday", "last week", "again", "this morning", "in the end")


def agreement(rng: random.Random) -> Document:
    """Draw a subject with a noun of the other number between it and its verb."""
    one, other = rng.sample(list(_NOUNS), 2)
    is_plural = rng.random() < 0.5
    head = _NOUNS[one] if is_plural else one
    between = other if is_plural else _NOUNS[other]
    tense = rng.choice((("is", "are"), ("was", "were"), ("has been", "have been")))
    start, end = f"The {head} {rng.choice(_LINKS)} the {between}", rng.choice(_ENDS)
    right, wrong = tense[is_plural], tense[not is_plural]
    return _pair(f"{start} {right} {end}.", f"{start} {wrong} {end}.", rng, one)


def determiner(rng: random.Random) -> Document:
    """Draw a noun with a word before it that fits its number, or does not."""
    one = rng.choice(list(_NOUNS))
    is_plural = rng.random() < 0.5
    forms = rng.choice((("this", "these"), ("that", "those")))
    start = rng.choice(("Nobody noticed", "We like", "I remember", "She wants", "They found"))
    noun = _NOUNS[one] if is_plural else one
    end = f"{noun} {rng.choice(_PLACES)}"
    right, wrong = forms[is_plural], forms[not is_plural]
    return _pair(f"{start} {right} {end}.", f"{start} {wrong} {end}.", rng, one)


def reflexive(rng: random.Random) -> Document:
    """Draw a person who does something to `himself` or `herself`."""
    forms = [(_WOMEN, "herself", "himself"), (_MEN, "himself", "herself")]
    people, right, wrong = rng.choice(forms)
    person = rng.choice(people)
    start = f"{person[0].upper()}{person[1:]} {rng.choice(_REFLEXIVE_VERBS)}"
    end = rng.choice(_TIMES)
    return _pair(f"{start} {right} {end}.", f"{start} {wrong} {end}.", rng, person)


def participle(rng: random.Random) -> Document:
    """Draw an irregular verb in the past or in the perfect."""
    verb = rng.choice(list(_PARTICIPLES))
    past, perfect = _PARTICIPLES[verb]
    end = f"{rng.choice(_OBJECTS)} {rng.choice(_TIMES)}"
    person = rng.choice(_WOMEN + _MEN)
    start = f"{person[0].upper()}{person[1:]}"
    if rng.random() < 0.5:
        return _pair(f"{start} had {perfect} {end}.", f"{start} had {past} {end}.", rng, verb)
    return _pair(f"{start} {past} {end}.", f"{start} {perfect} {end}.", rng, verb)


def _pair(right: str, wrong: str, rng: random.Random, cluster: str) -> Document:
    return Document(
        prompt="", gold=right, choices=with_options(right, [wrong], rng, n=2), cluster=cluster
    )
