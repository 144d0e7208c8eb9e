"""A mirror of invented documents in the format of official benchmarks.

Small enough for a test, real enough that the official task files of lm-eval read it.
"""

import json
import random
from pathlib import Path

TASKS = (
    "arc_easy",
    "hellaswag",
    "boolq",
    "winogrande",
    "lambada_openai",
    "gsm8k",
    "blimp_causative",
    "wikitext",
)
"""Official tasks that the mirror serves: every output type, few-shot and not."""

_ANIMALS = ("cat", "dog", "bird", "horse", "fish", "goat", "mouse", "bear")
_PLACES = ("garden", "river", "house", "field", "forest", "street", "kitchen", "barn")


def write_mirror(folder: Path, *, n_documents: int = 12, seed: int = 0) -> Path:
    """Write the mirror into `folder` and return it."""
    rng = random.Random(seed)
    for place, splits, make in _DATA:
        (folder / place).mkdir(parents=True, exist_ok=True)
        for split in splits:
            lines = [json.dumps(make(rng, number)) for number in range(n_documents)]
            (folder / place / f"{split}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def _sentence(rng):
    animal, place = rng.choice(_ANIMALS), rng.choice(_PLACES)
    return f"The {animal} number {rng.randrange(1000)} walks to the {place}"


def _arc(rng, number):
    options = rng.sample(_PLACES, 4)
    choices = {"text": options, "label": ["A", "B", "C", "D"]}
    question = f"{_sentence(rng)}. Where is it?"
    key = rng.choice(choices["label"])
    return {"id": str(number), "question": question, "choices": choices, "answerKey": key}


def _hellaswag(rng, number):
    context = _sentence(rng)
    return {
        "ind": number,
        "activity_label": "Walking",
        "ctx_a": context,
        "ctx_b": "it",
        "ctx": f"{context} it",
        "endings": [f"sees a {a} in the {p}." for a, p in zip(_ANIMALS, _PLACES, strict=True)][:4],
        "label": str(rng.randrange(4)),
    }


def _boolq(rng, number):
    # two questions share a passage
    passage = f"{_PLACES[number // 2 % 8]} number {number // 2} is where the animals live."
    question = f"does the {rng.choice(_ANIMALS)} live there"
    return {"passage": passage, "question": question, "label": rng.randrange(2), "idx": number}


def _winogrande(rng, number):
    first, second = rng.sample(_ANIMALS, 2)
    sentence = f"The {first} met the {second} {number} times because _ was lonely."
    return {
        "sentence": sentence,
        "option1": first,
        "option2": second,
        "answer": str(rng.randrange(1, 3)),
    }


def _lambada(rng, number):
    return {"text": f"{_sentence(rng)}, {number} steps away from the {rng.choice(_ANIMALS)}"}


def _gsm8k(rng, number):
    a, b = rng.randrange(2, 60), number + 1
    question = f"There are {a} cats and {b} dogs. How many animals are there?"
    answer = f"There are {a}+{b}=<<{a}+{b}={a + b}>>{a + b} animals.\n#### {a + b}"
    return {"question": question, "answer": answer}


def _blimp(rng, number):
    animal = rng.choice(_ANIMALS)
    good, bad = f"The {animal} {number} walks home.", f"The {animal} {number} walk home."
    return {"sentence_good": good, "sentence_bad": bad}


def _wikitext(rng, number):
    return {"page": f" = Page {number} = \n " + " . ".join(_sentence(rng) for _ in range(6))}


_DATA = (
    ("allenai/ai2_arc/ARC-Easy", ("train", "test"), _arc),
    ("Rowan/hellaswag/default", ("train", "validation"), _hellaswag),
    ("aps/super_glue/boolq", ("train", "validation"), _boolq),
    ("allenai/winogrande/winogrande_xl", ("train", "validation"), _winogrande),
    ("EleutherAI/lambada_openai/default", ("test",), _lambada),
    ("openai/gsm8k/main", ("train", "test"), _gsm8k),
    ("nyu-mll/blimp/causative", ("train",), _blimp),
    (
        "EleutherAI/wikitext_document_level/wikitext-2-raw-v1",
        ("train", "validation", "test"),
        _wikitext,
    ),
)
