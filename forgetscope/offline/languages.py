"""Other languages: the gender of nouns, and simple words."""

from __future__ import annotations

import random
from collections.abc import Iterator

from forgetscope.offline.draw import asked, with_options
from forgetscope.records import Document

__all__ = ["gender", "translation"]

_WORDS = {
    "dog": ("chien", "perro", "Hund"), "cat": ("chat", "gato", "Katze"),
    "house": ("maison", "casa", "Haus"), "water": ("eau", "agua", "Wasser"),
    "bread": ("pain", "pan", "Brot"), "night": ("nuit", "noche", "Nacht"),
    "day": ("jour", "día", "Tag"), "friend": ("ami", "amigo", "Freund"),
    "book": ("livre", "libro", "Buch"), "school": ("école", "escuela", "Schule"),
    "tree": ("arbre", "árbol", "Baum"), "milk": ("lait", "leche", "Milch"),
    "sun": ("soleil", "sol", "Sonne"), "moon": ("lune", "luna", "Mond"),
    "hand": ("main", "mano", "Hand"), "head": ("tête", "cabeza", "Kopf"),
    "street": ("rue", "calle", "Straße"), "king": ("roi", "rey", "König"),
    "queen": ("reine", "reina", "Königin"), "white": ("blanc", "blanco", "weiß"),
    "black": ("noir", "negro", "schwarz"), "red": ("rouge", "rojo", "rot"),
    "green": ("vert", "verde", "grün"), "big": ("grand", "grande", "groß"),
    "small": ("petit", "pequeño", "klein"), "good": ("bon", "bueno", "gut"),
    "one": ("un", "uno", "eins"), "two": ("deux", "dos", "zwei"),
    "three": ("trois", "tres", "drei"), "four": ("quatre", "cuatro", "vier"),
    "five": ("cinq", "cinco", "fünf"), "six": ("six", "seis", "sechs"),
    "seven": ("sept", "siete", "sieben"), "eight": ("huit", "ocho", "acht"),
    "nine": ("neuf", "nueve", "neun"), "ten": ("dix", "diez", "zehn"),
    "Monday": ("lundi", "lunes", "Montag"), "Friday": ("vendredi", "viernes", "Freitag"),
    "winter": ("hiver", "invierno", "Winter"), "summer": ("été", "verano", "Sommer"),
    "love": ("amour", "amor", "Liebe"), "time": ("temps", "tiempo", "Zeit"),
}  # fmt: skip
_LANGUAGES = ("French", "Spanish", "German")
_NOUNS = {
    "French": (
        ("table", "maison", "voiture", "porte", "fenêtre", "rue", "fleur", "lettre", "ville",
         "chaise", "nuit", "lune", "montagne", "forêt"),
        ("livre", "chien", "pain", "jardin", "soleil", "train", "chat", "fromage", "roi", "bateau",
         "village", "chapeau", "bureau", "vin"),
    ),
    "Spanish": (
        ("mesa", "casa", "puerta", "ventana", "calle", "flor", "carta", "ciudad", "silla", "noche",
         "luna", "montaña", "leche", "mano"),
        ("libro", "perro", "pan", "jardín", "sol", "tren", "gato", "queso", "rey", "barco",
         "pueblo", "sombrero", "día", "vino"),
    ),
    "German": (
        ("Tür", "Straße", "Blume", "Stadt", "Nacht", "Sonne", "Katze", "Schule", "Hand", "Lampe",
         "Uhr", "Brücke", "Milch", "Zeitung"),
        ("Hund", "Garten", "Zug", "Käse", "König", "Hut", "Wein", "Tisch", "Baum", "Mond", "Berg",
         "Stuhl", "Apfel", "Ball"),
    ),
}  # fmt: skip
"""Feminine and masculine nouns."""
_ARTICLES = {
    "French": (("la", "le"), ("une", "un"), ("cette", "ce")),
    "Spanish": (("la", "el"), ("una", "un"), ("esta", "este")),
    "German": (("die", "der"), ("eine", "ein"), ("diese", "dieser")),
}
_FRAMES = {
    "French": ("{} {} est ici.", "{} {} est là."),
    "Spanish": ("{} {} está aquí.", "{} {} está allí."),
    "German": ("{} {} ist hier.", "{} {} ist dort."),
}


def gender(rng: random.Random) -> Document:
    """Draw a French, Spanish or German noun with an article of its gender, or of the other."""
    language = rng.choice(_LANGUAGES)
    of_gender = rng.randrange(2)
    # before a vowel French articles do not show the gender: no such noun is in the list
    noun = rng.choice(_NOUNS[language][of_gender])
    articles, frame = rng.choice(_ARTICLES[language]), rng.choice(_FRAMES[language])
    right, wrong = (
        frame.format(article.capitalize(), noun)
        for article in (articles[of_gender], articles[1 - of_gender])
    )
    choices = with_options(right, [wrong], rng, n=2)
    return Document(prompt="", gold=right, choices=choices, cluster=f"{language} {noun}")


def translation(rng: random.Random) -> Document:
    """Draw a word and ask for it in French, Spanish or German."""
    place = rng.randrange(len(_LANGUAGES))
    word = rng.choice(list(_WORDS))
    gold = _WORDS[word][place]
    frame = rng.choice(('The {1} word for "{0}" is', 'What is "{0}" in {1}?'))
    text = frame.format(word, _LANGUAGES[place])
    return Document(
        prompt=asked(text) if text.endswith("?") else text,
        gold=gold,
        choices=with_options(gold, _others(place), rng),
        cluster=f"{_LANGUAGES[place]} {word}",
    )


def _others(place: int) -> Iterator[str]:
    for words in _WORDS.values():
        yield words[place]
