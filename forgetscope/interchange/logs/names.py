"""Names that come from outside, made harmless."""

from __future__ import annotations

import hashlib
import re

__all__ = ["harmless", "last_part", "step_of"]

_LONGEST = 120  # characters of a name
_STEP = re.compile(r"(?:checkpoint|ckpt|global_step|step|iter)[-_]?(?P<step>\d{1,12})(?!\d)")


def harmless(name: str) -> str:
    r"""Return a name without anything that could act on a terminal, a path or a table.

    What cannot be printed, blanks other than spaces, and the marks that separate folders become
    `_`; a name of nothing but dots and blanks becomes `unnamed`, and a very long one is cut.

    >>> harmless("../etc/passwd"), harmless("a\x1b[2Jb"), harmless(" .. ")
    ('.._etc_passwd', 'a_[2Jb', 'unnamed')
    """
    text = "".join(c if c.isprintable() and c not in "/\\" else "_" for c in name).strip()
    if not text.strip(". _"):
        return "unnamed"
    if len(text) > _LONGEST:
        mark = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:8]
        return f"{text[: _LONGEST - 9]}-{mark}"
    return text


def last_part(name: str) -> str:
    """Return the last part of a path or of a name on a hub, harmless.

    >>> last_part("/models/run/checkpoint-10/"), last_part("org/name")
    ('checkpoint-10', 'name')
    """
    return harmless(re.split(r"[/\\]", name.rstrip("/\\"))[-1])


def step_of(name: str) -> int | None:
    """Return the training step that a name tells, or `None`.

    >>> step_of("__runs__checkpoint-500"), step_of("final")
    (500, None)
    """
    found = _STEP.findall(name)
    return int(found[-1]) if found else None
