"""Memos: small facts that took a while to find out, and hold wherever their key holds."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable

from forgetscope.store.files import cache_folder, write_whole

__all__ = ["remembered"]


def remembered(kind: str, key: str, find: Callable[[], str]) -> str:
    """Return a fact, found out once on this machine; where it cannot be kept, once a process.

    Parameters
    ----------
    kind
        What is known.
    key
        All that it depends on.
    find
        Finds it out, as ASCII letters; what it raises is not remembered.
    """
    file = cache_folder() / "memos" / f"{kind}-{hashlib.sha256(key.encode()).hexdigest()}"
    with contextlib.suppress(OSError, ValueError):
        found = file.read_text(encoding="ascii")
        if found:
            return found
    found = find()
    with contextlib.suppress(OSError), write_whole(file) as unfinished:
        unfinished.write_text(found, encoding="ascii")
    return found
