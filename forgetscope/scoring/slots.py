"""Slots: texts that are continued together, beside the beginning that they have in common.

Axes: S slots in use, K key heads, G query heads of a key head, T own positions, P positions of the
base, D numbers of a head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.cache_utils import Cache, CacheLayerMixin

from forgetscope.scoring.kept import Kept
from forgetscope.scoring.trie import IntArray

__all__ = ["SLOTS", "Slots"]

SLOTS = "forgetscope_slots"
"""Name of attention to slots among those of `transformers`."""


class Slots(Cache):  # type: ignore[misc]  # untyped library
    """Keys and values of every slot's own tokens; those of the base are read where they lie.

    Parameters
    ----------
    base
        What all slots begin with; its first `n_base` positions.
    n_base
        May be 0.
    n_slots, capacity
        Most texts at once, and most own tokens of one.
    """

    def __init__(self, base: Kept, *, n_base: int, n_slots: int, capacity: int) -> None:
        self.base = base
        self.n_base = n_base
        self.n_slots = n_slots
        self.capacity = capacity
        self.lengths: list[int] = []
        """Own tokens of the slots in use."""
        self.length_S = torch.empty(0, dtype=torch.long)
        """The same on the device of the model, as of the step that began last."""
        super().__init__(layers=[])

    def add(self, paths: Sequence[IntArray]) -> None:
        """Take slots for texts that the base's buffer holds.

        Parameters
        ----------
        paths
            Of each text, the places of its own tokens in the buffer behind `n_base`.
        """
        while len(self.layers) < len(self.base.layers):
            self.layers.append(_SlotLayer(self))
        for path in paths:
            place_T = torch.from_numpy(path) + self.n_base
            for layer, kept in zip(self.layers, self.base.layers, strict=True):
                layer.put(len(self.lengths), kept, place_T)
            self.lengths.append(len(path))

    def drop(self, slot: int) -> None:
        """Free a slot; the last one takes its place."""
        last = len(self.lengths) - 1
        if slot != last:
            n_tokens = self.lengths[last]
            for layer in self.layers:
                layer.keys[slot, :, :n_tokens] = layer.keys[last, :, :n_tokens]
                layer.values[slot, :, :n_tokens] = layer.values[last, :, :n_tokens]
            self.lengths[slot] = n_tokens
        self.lengths.pop()

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *_: object, **__: object
    ) -> tuple[Tensor, Tensor]:
        """Write one more token of each slot; return own keys and values, S x K x T x D."""
        found: tuple[Tensor, Tensor] = self.layers[layer_idx].update(key_states, value_states)
        return found

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Return the positions of the longest text."""
        del layer_idx
        return self.n_base + max(self.lengths, default=0)

    def begin_step(self, *, dtype: torch.dtype, device: torch.device) -> Tensor:
        """Return what a step adds to scores, once each slot has one more token: S x 1 x 1 x T."""
        self.length_S = torch.tensor(self.lengths, device=device)
        place_T = torch.arange(max(self.lengths) + 1, device=device)
        hidden_ST = place_T[None] > self.length_S[:, None]
        mask_ST = torch.zeros(hidden_ST.shape, dtype=dtype, device=device)
        return mask_ST.masked_fill_(hidden_ST, torch.finfo(dtype).min)[:, None, None]


class _SlotLayer(CacheLayerMixin):  # type: ignore[misc]  # untyped library
    """One layer's buffers, slots x K x capacity x D."""

    is_sliding = False

    def __init__(self, owner: Slots) -> None:
        super().__init__()
        self._owner = owner

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        shape = (self._owner.n_slots, key_states.shape[1], self._owner.capacity)
        self.keys = key_states.new_zeros(*shape, key_states.shape[-1])
        self.values = value_states.new_zeros(*shape, value_states.shape[-1])
        self.is_initialized = True

    def put(self, slot: int, kept: Any, place_T: Tensor) -> None:  # noqa: ANN401  untyped library
        if not self.is_initialized:
            self.lazy_initialization(kept.keys, kept.values)
        place_T = place_T.to(kept.keys.device)
        self.keys[slot, :, : len(place_T)] = kept.keys[0].index_select(1, place_T)
        self.values[slot, :, : len(place_T)] = kept.values[0].index_select(1, place_T)

    def update(
        self, key_states: Tensor, value_states: Tensor, *_: object, **__: object
    ) -> tuple[Tensor, Tensor]:
        length_S = self._owner.length_S
        slot_S = torch.arange(len(length_S), device=length_S.device)
        self.keys[slot_S, :, length_S] = key_states[:, :, 0]
        self.values[slot_S, :, length_S] = value_states[:, :, 0]
        n_positions = max(self._owner.lengths) + 1
        n_used = len(self._owner.lengths)
        return self.keys[:n_used, :, :n_positions], self.values[:n_used, :, :n_positions]

    def get_seq_length(self) -> int:
        return self._owner.get_seq_length()

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self._owner.get_seq_length() + query_length, 0

    def get_max_length(self) -> int:
        return -1

    get_max_cache_shape = get_max_length
    """Its name in the first releases of transformers 5."""


def _attend(
    module: Any,  # noqa: ANN401  untyped library
    query: Tensor,
    key_SKTD: Tensor,
    value_SKTD: Tensor,
    attention_mask: Tensor,
    *,
    scaling: float | None = None,
    slots: Slots,
    **_: object,
) -> tuple[Tensor, None]:
    """Attend with one token of each slot to its own tokens and to the base, in one softmax."""
    n_slots, n_heads, _one, size = query.shape
    n_keys = key_SKTD.shape[1]
    query_SKGD = query.reshape(n_slots, n_keys, n_heads // n_keys, size)
    query_SKGD = query_SKGD * (size**-0.5 if scaling is None else scaling)
    own_SKGT = query_SKGD @ key_SKTD.transpose(2, 3) + attention_mask
    if slots.n_base == 0:
        weight_SKGT = own_SKGT.float().softmax(dim=-1).to(query.dtype)
        found_SKGD = weight_SKGT @ value_SKTD
    else:
        layer = slots.base.layers[module.layer_idx]
        base_key_KPD = layer.keys[0, :, : slots.n_base]
        base_value_KPD = layer.values[0, :, : slots.n_base]
        base_SKGP = _to_base(query_SKGD, base_key_KPD.transpose(1, 2))
        both = torch.cat([base_SKGP, own_SKGT], dim=-1).float().softmax(dim=-1).to(query.dtype)
        weight_SKGP, weight_SKGT = both[..., : slots.n_base], both[..., slots.n_base :]
        found_SKGD = weight_SKGT @ value_SKTD + _to_base(weight_SKGP, base_value_KPD)
    return found_SKGD.reshape(n_slots, 1, n_heads, size), None


def _to_base(one_SKGX: Tensor, base_KXY: Tensor) -> Tensor:
    """Multiply each key head's rows with what is the same for all slots: one product a head."""
    n_slots, n_keys, n_group, width = one_SKGX.shape
    rows = one_SKGX.transpose(0, 1).reshape(n_keys, n_slots * n_group, width)
    return (rows @ base_KXY).reshape(n_keys, n_slots, n_group, -1).transpose(0, 1)


AttentionInterface.register(SLOTS, _attend)
