"""Change bytes of a finished study or of weights at random, and see what a command makes of it."""

import json
import random
import shutil
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from crashes.child import Ended, run
from crashes.trials import References

__all__ = ["KINDS", "Damage", "damages"]

KINDS = ("study: 20 bits", "study: a page", "weights: header", "weights: numbers")
_PAGE = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What became of damaged files of one kind."""

    kind: str
    n: int
    refused: int
    """Ended with one clear error and exit code 4 or 2."""
    unseen: int
    """Answered as the sound file does."""
    altered: int
    """Answered otherwise, without an error."""
    bugs: int
    """Any other end."""


def damages(kind: str, references: References, *, n: int, seed: int) -> Damage:
    """Damage a file so many times."""
    rng = random.Random(f"{kind} {seed}")
    scratch = references.world.folder / "scratch"
    counts: Counter[str] = Counter()
    sound: Ended | None = None
    for number in range(-1, n):
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        # the first time nothing is damaged: what a sound file says
        own = rng if number >= 0 else None
        ended = (_gated if kind.startswith("study") else _loaded)(kind, references, scratch, own)
        if sound is None:
            sound = ended
            if sound.code not in (0, 1, 5):
                raise SystemExit(f"a sound file ended with {sound.code}: {sound.told[-2000:]}")
        else:
            counts[_outcome(ended, sound)] += 1
    return Damage(
        kind=kind,
        n=n,
        refused=counts["refused"],
        unseen=counts["unseen"],
        altered=counts["altered"],
        bugs=counts["bugs"],
    )


def _gated(kind: str, references: References, scratch: Path, rng: random.Random | None) -> Ended:
    study = scratch / "study"
    shutil.copytree(references.study, study)
    file = study / "study.sqlite"
    content = bytearray(file.read_bytes())
    if rng is not None and kind.endswith("page"):
        start = _PAGE * rng.randrange(len(content) // _PAGE)
        content[start : start + _PAGE] = rng.randbytes(_PAGE)
    elif rng is not None:
        for _ in range(20):
            _flip(content, rng.randrange(len(content)), rng)
    file.write_bytes(content)
    return run(["gate", str(study), "--json"], scratch / "log")


def _loaded(kind: str, references: References, scratch: Path, rng: random.Random | None) -> Ended:
    model = scratch / "tuned"
    shutil.copytree(references.world.folder / "tuned", model)
    file = model / "model.safetensors"
    content = bytearray(file.read_bytes())
    (size,) = struct.unpack("<Q", content[:8])
    if rng is not None:
        is_header = kind.endswith("header")
        place = rng.randrange(8 + size) if is_header else rng.randrange(8 + size, len(content))
        _flip(content, place, rng)
    file.write_bytes(content)
    words = [*references.world.evaluation(scratch / "study")]
    words[1:3] = [str(model)]
    ended = run(words, scratch / "log")
    if ended.code != 0:
        return ended
    return run(["report", str(scratch / "study"), "--out", str(scratch / "r")], scratch / "log")


def _flip(content: bytearray, place: int, rng: random.Random) -> None:
    content[place] ^= 1 << rng.randrange(8)


def _outcome(ended: Ended, sound: Ended) -> str:
    if ended.code in (2, 4) and ("error: " in ended.told or '"code"' in ended.told):
        return "refused"
    if ended.code not in (0, 1, 5):
        return "bugs"
    return "unseen" if _said(ended) == _said(sound) else "altered"


def _said(ended: Ended) -> object:
    """Return what a command said, but for names of files and times."""
    try:
        content = json.loads(ended.told)
        return {key: value for key, value in content.items() if key not in ("provenance", "study")}
    except ValueError:
        return [line for line in ended.told.splitlines() if "%" in line or "|" in line]
