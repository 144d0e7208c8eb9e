"""Supervised replay: rows of general material, and the loss on their answers.

Axes: B rows, T tokens, D domains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch

from forgetscope.recap.deck import Deck
from forgetscope.recap.sources import Material
from forgetscope.records import Lesson

__all__ = ["Encoder", "ReplayRows", "Row", "answer_losses", "batches_of"]

NO_LOSS = -100
"""The label of a token that carries no loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One lesson as a model reads it."""

    domain: str
    prompt_ids: tuple[int, ...]
    answer_ids: tuple[int, ...]
    token_kinds: Mapping[str, torch.Tensor] = field(default_factory=dict)
    """What a model that sees is told of every token of the prompt; 0 everywhere else."""
    pictures: Mapping[str, torch.Tensor] = field(default_factory=dict)
    """The prompt's pictures as that model reads them; they follow each other over the rows."""


class Encoder(Protocol):
    """Turns a lesson into a row."""

    def __call__(self, lesson: Lesson, domain: str) -> Row:
        """Return the row of a lesson."""
        ...


class ReplayRows:
    """The supervised rows of a run: which come at which step needs no history.

    Parameters
    ----------
    materials
        Those that are imitated.
    encode
        See `Encoder`.
    rows
        Rows per step and domain, on every process.
    seed
        Of the order.
    """

    def __init__(
        self, materials: Sequence[Material], *, encode: Encoder, rows: int, seed: int
    ) -> None:
        self._by_domain: dict[str, list[Lesson]] = {}
        for material in materials:
            self._by_domain.setdefault(material.domain, []).extend(material.lessons)
        self._decks = {
            domain: Deck(len(lessons), seed=f"{seed} replay {domain}")
            for domain, lessons in self._by_domain.items()
        }
        self._encode = encode
        self._rows = rows

    @property
    def objectives(self) -> tuple[str, ...]:
        """What is replayed, in the rules' words."""
        return tuple(f"{domain}/replay" for domain in self._by_domain)

    def at(self, step: int, *, process: int, n_processes: int) -> list[Row]:
        """Return the rows of one process at a step, which counts from 0."""
        first = (step * n_processes + process) * self._rows
        return [
            self._encode(lessons[self._decks[domain][first + i]], domain)
            for domain, lessons in self._by_domain.items()
            for i in range(self._rows)
        ]


def batches_of(rows: Sequence[Row], *, size: int) -> Iterator[list[Row]]:
    """Yield rows of similar length together, at most `size` of them."""
    ranked = sorted(rows, key=lambda row: len(row.prompt_ids) + len(row.answer_ids))
    for first in range(0, len(ranked), size):
        yield ranked[first : first + size]


def answer_losses(
    model: torch.nn.Module, rows: Sequence[Row], *, pad: int
) -> dict[str, tuple[torch.Tensor, int]]:
    """Return of each domain the summed loss of its answers in nats, and their tokens.

    Summed, so that batches can be added before anything is divided.
    """
    device = next(model.parameters()).device
    input_ids_BT, mask_BT, labels_BT = (t.to(device) for t in _padded(rows, pad=pad))
    # a model without its loss: the mean over all rows is not what is wanted
    seen = _seen(rows, width=input_ids_BT.shape[1], device=device)
    output = model(input_ids=input_ids_BT, attention_mask=mask_BT, **seen)
    losses_BT = torch.nn.functional.cross_entropy(
        output.logits[:, :-1].float().transpose(1, 2),
        labels_BT[:, 1:],
        ignore_index=NO_LOSS,
        reduction="none",
    )
    found: dict[str, tuple[torch.Tensor, int]] = {}
    for domain in dict.fromkeys(row.domain for row in rows):
        places = [i for i, row in enumerate(rows) if row.domain == domain]
        n_tokens = sum(len(rows[i].answer_ids) for i in places)
        found[domain] = (losses_BT[places].sum(), n_tokens)
    return found


def _padded(rows: Sequence[Row], *, pad: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    width = max(len(row.prompt_ids) + len(row.answer_ids) for row in rows)
    input_ids_BT = torch.full((len(rows), width), pad)
    mask_BT = torch.zeros((len(rows), width), dtype=torch.long)
    labels_BT = torch.full((len(rows), width), NO_LOSS)
    for i, row in enumerate(rows):
        start, end = len(row.prompt_ids), len(row.prompt_ids) + len(row.answer_ids)
        input_ids_BT[i, :end] = torch.tensor((*row.prompt_ids, *row.answer_ids))
        mask_BT[i, :end] = 1
        labels_BT[i, start:end] = torch.tensor(row.answer_ids)
    return input_ids_BT, mask_BT, labels_BT


def _seen(rows: Sequence[Row], *, width: int, device: torch.device) -> dict[str, torch.Tensor]:
    """Return what a model that sees reads beside the tokens; nothing where no row has a picture."""
    found: dict[str, torch.Tensor] = {}
    for name in dict.fromkeys(name for row in rows for name in row.token_kinds):
        found[name] = torch.zeros((len(rows), width), dtype=torch.long)
        for i, row in enumerate(rows):
            if name in row.token_kinds:
                found[name][i, : len(row.prompt_ids)] = row.token_kinds[name]
    for name in dict.fromkeys(name for row in rows for name in row.pictures):
        found[name] = torch.cat([row.pictures[name] for row in rows if name in row.pictures])
    return {name: tensor.to(device) for name, tensor in found.items()}
