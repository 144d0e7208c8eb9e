"""Branches: attention within a pack, segment by segment, through the model's own kernel.

Axes: H query heads, K key heads, N tokens of a pack, T positions of base and pack, D numbers of a
head.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from forgetscope.scoring.segments import Segment

__all__ = ["BRANCHES", "Branches", "branches_of", "can_cut"]

BRANCHES = "forgetscope_branches"
"""Name of this attention among those of `transformers`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    start: int
    stop: int
    keys: Tensor | slice
    mask: Tensor


@dataclass(frozen=True, slots=True)
class Branches:
    """The segments of one pack with their masks; all layers of a model use the same."""

    parts: tuple[_Part, ...]


def branches_of(segments: Sequence[Segment], mask_NT: Tensor) -> Branches:
    """Return segments with their parts of a mask.

    Parameters
    ----------
    mask_NT
        What is added to the scores of a whole pack.
    """
    parts = []
    for segment in segments:
        first, n_keys = int(segment.keys_T[0]), len(segment.keys_T)
        keys: Tensor | slice = torch.from_numpy(segment.keys_T).to(mask_NT.device)
        if int(segment.keys_T[-1]) - first + 1 == n_keys:
            keys = slice(first, first + n_keys)  # nothing to copy
        mask = mask_NT[segment.start : segment.stop][:, keys]
        parts.append(
            _Part(start=segment.start, stop=segment.stop, keys=keys, mask=mask[None, None])
        )
    return Branches(tuple(parts))


def can_cut(model: Any) -> bool:  # noqa: ANN401  untyped library
    """Whether segments are known to pay: on a CPU, for models that hand words to their attention.

    On a GPU, where a call costs more than what it leaves out, nothing was measured.
    """
    config = model.config.get_text_config()
    parameters = inspect.signature(model.forward).parameters.values()
    return (
        model.device.type == "cpu"
        and config._attn_implementation == "sdpa"
        and any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    )


def _attend(
    module: Any,  # noqa: ANN401  untyped library
    query_1HND: Tensor,
    key_1KTD: Tensor,
    value_1KTD: Tensor,
    attention_mask: Tensor | None,
    *,
    branches: Branches | None = None,
    **settings: Any,  # noqa: ANN401  untyped library
) -> tuple[Tensor, None]:
    """Attend by segment; as a whole where a model keeps them, or adds what is cut otherwise."""
    if branches is None or settings.get("position_bias") is not None:
        whole: Tensor = sdpa_attention_forward(
            module, query_1HND, key_1KTD, value_1KTD, attention_mask, **settings
        )[0]
        return whole, None
    found = [
        sdpa_attention_forward(
            module,
            query_1HND[:, :, part.start : part.stop],
            _of(key_1KTD, part.keys),
            _of(value_1KTD, part.keys),
            part.mask,
            **settings,
        )[0]
        for part in branches.parts
    ]
    return torch.cat(found, dim=1), None


def _of(states_1KTD: Tensor, keys: Tensor | slice) -> Tensor:
    if isinstance(keys, slice):
        return states_1KTD[:, :, keys]
    return states_1KTD.index_select(2, keys)


AttentionInterface.register(BRANCHES, _attend)
