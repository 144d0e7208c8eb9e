"""Simple facts that anyone can verify, by kind."""

from __future__ import annotations

__all__ = ["FACTS", "USES"]

_CAPITALS = {
    "France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid", "Japan": "Tokyo",
    "China": "Beijing", "Russia": "Moscow", "Egypt": "Cairo", "Greece": "Athens",
    "Portugal": "Lisbon", "Austria": "Vienna", "Poland": "Warsaw", "Norway": "Oslo",
    "Sweden": "Stockholm", "Finland": "Helsinki", "Denmark": "Copenhagen", "Ireland": "Dublin",
    "Hungary": "Budapest", "Cuba": "Havana", "Peru": "Lima", "Chile": "Santiago",
    "Argentina": "Buenos Aires", "Canada": "Ottawa", "Australia": "Canberra", "Kenya": "Nairobi",
    "Iran": "Tehran", "Iraq": "Baghdad", "Syria": "Damascus", "Lebanon": "Beirut",
    "Vietnam": "Hanoi", "Thailand": "Bangkok", "South Korea": "Seoul", "Belgium": "Brussels",
    "Bulgaria": "Sofia", "Romania": "Bucharest", "Ukraine": "Kyiv", "Ghana": "Accra",
    "Morocco": "Rabat", "Algeria": "Algiers", "Libya": "Tripoli", "Venezuela": "Caracas",
    "Ecuador": "Quito", "Uruguay": "Montevideo", "Afghanistan": "Kabul", "Nepal": "Kathmandu",
    "Qatar": "Doha", "Serbia": "Belgrade", "Croatia": "Zagreb", "Iceland": "Reykjavik",
    "Latvia": "Riga", "Lithuania": "Vilnius", "Estonia": "Tallinn", "Jamaica": "Kingston",
    "Senegal": "Dakar", "Ethiopia": "Addis Ababa", "Cyprus": "Nicosia", "Turkey": "Ankara",
}  # fmt: skip
_SYMBOLS = {
    "hydrogen": "H", "oxygen": "O", "carbon": "C", "nitrogen": "N", "iron": "Fe", "gold": "Au",
    "silver": "Ag", "copper": "Cu", "sodium": "Na", "potassium": "K", "calcium": "Ca",
    "helium": "He", "lead": "Pb", "tin": "Sn", "zinc": "Zn", "mercury": "Hg", "neon": "Ne",
    "chlorine": "Cl", "sulfur": "S", "silicon": "Si", "magnesium": "Mg", "aluminium": "Al",
}  # fmt: skip
_OPPOSITES = {
    "hot": "cold", "big": "small", "old": "young", "early": "late", "open": "closed",
    "full": "empty", "rich": "poor", "fast": "slow", "high": "low", "light": "dark",
    "strong": "weak", "wet": "dry", "near": "far", "hard": "soft", "loud": "quiet",
    "clean": "dirty", "thick": "thin", "wide": "narrow", "happy": "sad", "first": "last",
    "win": "lose", "buy": "sell", "push": "pull", "love": "hate", "always": "never",
    "left": "right", "day": "night", "up": "down", "black": "white", "begin": "end",
    "north": "south", "east": "west", "true": "false", "before": "after", "inside": "outside",
    "friend": "enemy", "question": "answer", "summer": "winter", "husband": "wife",
    "success": "failure",
}  # fmt: skip
_YOUNG = {
    "dog": "puppy", "cat": "kitten", "cow": "calf", "sheep": "lamb", "horse": "foal",
    "goat": "kid", "hen": "chick", "duck": "duckling", "pig": "piglet", "frog": "tadpole",
    "goose": "gosling", "deer": "fawn", "lion": "cub", "kangaroo": "joey",
}  # fmt: skip
_KINDS = {
    "trumpet": "instrument", "violin": "instrument", "piano": "instrument", "flute": "instrument",
    "oak": "tree", "pine": "tree", "birch": "tree", "maple": "tree", "robin": "bird",
    "eagle": "bird", "sparrow": "bird", "owl": "bird", "salmon": "fish", "trout": "fish",
    "shark": "fish", "tuna": "fish", "rose": "flower", "tulip": "flower", "daisy": "flower",
    "lily": "flower", "banana": "fruit", "pear": "fruit", "cherry": "fruit", "plum": "fruit",
    "carrot": "vegetable", "cabbage": "vegetable", "onion": "vegetable", "spinach": "vegetable",
    "hammer": "tool", "screwdriver": "tool", "wrench": "tool", "saw": "tool", "ant": "insect",
    "bee": "insect", "beetle": "insect", "mosquito": "insect", "tennis": "sport",
    "football": "sport", "hockey": "sport", "rugby": "sport", "copper": "metal", "iron": "metal",
    "silver": "metal", "tin": "metal", "sofa": "furniture", "wardrobe": "furniture",
    "shirt": "clothing", "jacket": "clothing", "trousers": "clothing", "bus": "vehicle",
    "truck": "vehicle", "bicycle": "vehicle",
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _next(cycle: tuple[str, ...]) -> dict[str, str]:
    return {item: cycle[(place + 1) % len(cycle)] for place, item in enumerate(cycle)}


FACTS: dict[str, tuple[dict[str, str], tuple[str, str, str]]] = {
    "capital": (
        _CAPITALS,
        ("The capital of {} is", "What is the capital of {}?", "Which city is the capital of {}?"),
    ),
    "symbol": (
        _SYMBOLS,
        (
            "The chemical symbol of {} is",
            "What is the symbol of {} in chemistry?",
            "How do chemists abbreviate {}?",
        ),
    ),
    "opposite": (
        _OPPOSITES,
        (
            'The opposite of "{}" is',
            'What is the opposite of "{}"?',
            'Which word means the opposite of "{}"?',
        ),
    ),
    "young": (
        _YOUNG,
        ("A young {} is called a", "What is a young {} called?", "What is the young of a {}?"),
    ),
    "kind": (
        _KINDS,
        (
            'The word "{}" names a kind of',
            'What is meant by "{}", a kind of what?',
            'Under which heading does "{}" belong?',
        ),
    ),
    "month": (
        _next(_MONTHS),
        ("The month after {} is", "Which month comes after {}?", "Which month follows {}?"),
    ),
    "day": (
        _next(_DAYS),
        ("The day after {} is", "Which day comes after {}?", "Which day follows {}?"),
    ),
}
"""By kind: what is known, a sentence to be completed, and two questions."""

USES = {
    "cut bread": "knife", "write a letter": "pen", "open a lock": "key", "tell the time": "clock",
    "sweep the floor": "broom", "eat soup": "spoon", "drive in a nail": "hammer",
    "stay dry in the rain": "umbrella", "see in the dark": "lamp", "cut paper": "scissors",
    "brush your hair": "comb", "dry yourself": "towel", "sit down": "chair", "sleep": "bed",
    "take a photo": "camera", "catch fish": "net", "dig a hole": "shovel", "call a friend": "phone",
    "clean your teeth": "toothbrush", "measure a length": "ruler", "cross a river": "bridge",
    "climb onto a roof": "ladder", "boil water": "kettle", "sew a button on": "needle",
    "wake up in time": "alarm", "look at the stars": "telescope", "warm your hands": "gloves",
    "carry shopping home": "bag", "keep food cold": "fridge", "paint a wall": "brush",
    "play a song": "guitar", "fly to another country": "plane", "light a candle": "match",
    "find a word": "dictionary", "find your way": "map", "pay for lunch": "money",
    "lock a bicycle": "chain", "wipe your nose": "handkerchief", "bake a cake": "oven",
    "hold papers together": "clip",
}  # fmt: skip
"""What one does, and the thing that is made for it."""
