"""What a decoder has read and may go on from: keys and values of a base, on one stack.

Axes: B sequences (always one), H heads, T positions, D numbers of a head.
"""

from __future__ import annotations

import torch
from torch import Tensor
from transformers.cache_utils import Cache, CacheLayerMixin

__all__ = ["Kept"]

_LEAST_CAPACITY = 256


class Kept(Cache):  # type: ignore[misc]  # untyped library
    """Keys and values of the base; what is read after it is written behind it, and forgotten.

    A longer base begins with the shorter one, so all bases on the way down a trie lie in the same
    buffer: going back up is a smaller `length`, and nothing is copied.
    """

    length: int
    """Positions of the base."""

    def __init__(self) -> None:
        self.length = 0
        super().__init__(layers=[])

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *_: object, **__: object
    ) -> tuple[Tensor, Tensor]:
        """Return keys and values of base and new positions, B x H x T x D."""
        while len(self.layers) <= layer_idx:
            self.layers.append(_Layer(self))
        found: tuple[Tensor, Tensor] = self.layers[layer_idx].update(key_states, value_states)
        return found


class _Layer(CacheLayerMixin):  # type: ignore[misc]  # untyped library
    """One layer's buffer."""

    is_sliding = False

    def __init__(self, owner: Kept) -> None:
        super().__init__()
        self._owner = owner

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        self.keys = key_states.new_empty(_with_positions(key_states, 0))
        self.values = value_states.new_empty(_with_positions(value_states, 0))
        self.is_initialized = True

    def update(
        self, key_states: Tensor, value_states: Tensor, *_: object, **__: object
    ) -> tuple[Tensor, Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        start = self._owner.length
        stop = start + key_states.shape[-2]
        self.keys = _with_room(self.keys, stop, kept=start)
        self.values = _with_room(self.values, stop, kept=start)
        self.keys[:, :, start:stop] = key_states
        self.values[:, :, start:stop] = value_states
        return self.keys[:, :, :stop], self.values[:, :, :stop]

    def get_seq_length(self) -> int:
        return self._owner.length

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self._owner.length + query_length, 0

    def get_max_length(self) -> int:
        return -1

    get_max_cache_shape = get_max_length
    """Its name in the first releases of transformers 5."""


def _with_positions(states_BHTD: Tensor, n_positions: int) -> list[int]:
    shape = list(states_BHTD.shape)
    shape[-2] = n_positions
    return shape


def _with_room(buffer_BHTD: Tensor, n_positions: int, *, kept: int) -> Tensor:
    capacity = buffer_BHTD.shape[-2]
    if n_positions <= capacity:
        return buffer_BHTD
    grown = max(n_positions, 2 * capacity, _LEAST_CAPACITY)
    larger_BHTD = buffer_BHTD.new_empty(_with_positions(buffer_BHTD, grown))
    larger_BHTD[:, :, :kept] = buffer_BHTD[:, :, :kept]
    return torch.as_tensor(larger_BHTD)
