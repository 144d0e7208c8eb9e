"""Token books: what requests are in tokens, encoded once for all checkpoints with one tokenizer.

Axes: R requests, T tokens of all of them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forgetscope.store.files import write_whole

__all__ = ["TokenBook"]

Tokens = tuple[int, ...]
_Array = NDArray[np.int32]

_AS_BEFORE = -1
"""Length of a context that is the one of the request before."""


class TokenBook:
    """Tokens by request: the id of a request is a digest of all its words."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[_Array, _Array]] = {}
        # options of one item follow each other and share their context
        self._last_tokens: Tokens = ()
        self._last_array = np.empty(0, dtype=np.int32)
        self.is_saved = True
        """Whether everything in it was read from its file or written to it."""

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self._found)

    def tokens(
        self, request_id: str, encode: Callable[[], tuple[Tokens, Tokens]]
    ) -> tuple[Tokens, Tokens]:
        """Return context and continuation of a request; it is encoded if it is not in the book."""
        found = self._found.get(request_id)
        if found is not None:
            context, continuation = found
            return self._tuple(context), tuple(continuation.tolist())
        context_tokens, continuation_tokens = encode()
        self._found[request_id] = (
            self._array(context_tokens),
            np.array(continuation_tokens, dtype=np.int32),
        )
        self.is_saved = False
        return context_tokens, continuation_tokens

    @classmethod
    def open(cls, file: Path) -> TokenBook:
        """Return the book that a file holds; an empty one if there is none that can be read."""
        book = cls()
        with suppress(OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            with np.load(file, allow_pickle=False) as stored:
                ids = stored["ids"].tobytes().decode("ascii").split()
                lengths_R2, tokens_T = stored["lengths_R2"], stored["tokens_T"]
            book._read(ids, lengths_R2, tokens_T)
        return book

    def save(self, file: Path) -> None:
        """Write the book; where that cannot be, the next process encodes again."""
        lengths_R2 = np.empty((len(self._found), 2), dtype=np.int32)
        parts: list[_Array] = []
        before: _Array | None = None
        for row, (context, continuation) in enumerate(self._found.values()):
            lengths_R2[row] = _AS_BEFORE if context is before else len(context), len(continuation)
            parts += [continuation] if context is before else [context, continuation]
            before = context
        ids = np.frombuffer(" ".join(self._found).encode("ascii"), dtype=np.uint8)
        tokens_T = np.concatenate(parts) if parts else np.empty(0, dtype=np.int32)
        with suppress(OSError), write_whole(file) as unfinished, unfinished.open("wb") as stream:
            np.savez(stream, ids=ids, lengths_R2=lengths_R2, tokens_T=tokens_T)
        self.is_saved = True

    def _read(self, ids: list[str], lengths_R2: _Array, tokens_T: _Array) -> None:
        found: dict[str, tuple[_Array, _Array]] = {}
        place = 0
        context = np.empty(0, dtype=np.int32)
        for request_id, (n_context, n_continuation) in zip(ids, lengths_R2.tolist(), strict=True):
            if n_context != _AS_BEFORE:
                context = tokens_T[place : place + n_context]
                place += n_context
            found[request_id] = (context, tokens_T[place : place + n_continuation])
            place += n_continuation
        if place != len(tokens_T):
            raise ValueError("the lengths do not add up")
        self._found = found

    def _array(self, tokens: Tokens) -> _Array:
        if tokens is not self._last_tokens:
            self._last_tokens, self._last_array = tokens, np.array(tokens, dtype=np.int32)
        return self._last_array

    def _tuple(self, array: _Array) -> Tokens:
        if array is not self._last_array:
            self._last_tokens, self._last_array = tuple(array.tolist()), array
        return self._last_tokens
