"""Change a text by its tokens: a number becomes nonsense, a line comes twice, and so on."""

import random
import re

__all__ = ["mutated"]

_TOKEN = re.compile(rb"[A-Za-z_][\w.-]*|-?\d[\d.eE+-]*|\"[^\"\n]*\"|[^\s\w]")
_WORDS = (
    *(b"NaN", b"nan", b"-Infinity", b"inf", b"1e999", b"-1", b"0", b"1", b"1.5", b"true", b"null"),
    *(b"[]", b"{}", b'""', b'"x"', b"9" * 30, b"9" * 5000, b"-0.0", b"0x10", b"2001-99-99"),
    *(b"[[[[", b"}}", b"\\u0000", b"\xff\xfe", "\ufeff".encode(), "\u202e".encode(), b"\x00"),
    *(b"../../etc/passwd", b"&a [*a]", b"!!python/object:os.system", b"<<: *a", b"'", b"\r", b"\n"),
)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return a text with one to three changes."""
    for _ in range(rng.randint(1, 3)):
        data = rng.choice(_CHANGES)(data, rng)
    return data


def _replace(data: bytes, rng: random.Random) -> bytes:
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return rng.choice(_WORDS)
    token = rng.choice(tokens)
    return data[: token.start()] + rng.choice(_WORDS) + data[token.end() :]


def _swap(data: bytes, rng: random.Random) -> bytes:
    tokens = list(_TOKEN.finditer(data))
    if len(tokens) < 2:
        return data
    first, second = sorted(rng.sample(tokens, 2), key=lambda token: token.start())
    return (
        data[: first.start()]
        + second[0]
        + data[first.end() : second.start()]
        + first[0]
        + data[second.end() :]
    )


def _double(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    place = rng.randrange(len(lines))
    return b"\n".join([*lines[:place], lines[place], *lines[place:]])


def _drop(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randint(1, 40) :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flip(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return data
    place = rng.randrange(len(data))
    return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(_WORDS) + data[place:]


_CHANGES = (_replace, _replace, _replace, _swap, _double, _drop, _cut, _flip, _insert)
