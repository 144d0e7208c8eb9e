"""The decoder: token sequences in, logits of the wanted positions out.

Axes: B sequences of a batch, T positions, K wanted positions, U positions wanted by any sequence,
V vocabulary, N wanted positions of one sequence, or tokens of a pack.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from functools import partial
from typing import Any

import torch
from torch import Tensor

from forgetscope.errors import CheckpointError
from forgetscope.scoring.attention import attending_by
from forgetscope.scoring.branches import BRANCHES, branches_of, can_cut
from forgetscope.scoring.head import Head, TargetScores
from forgetscope.scoring.kept import Kept
from forgetscope.scoring.memo import remembered
from forgetscope.scoring.segments import segments_of
from forgetscope.scoring.slots import SLOTS, Slots
from forgetscope.scoring.tail import Tail
from forgetscope.scoring.trie import IntArray, Pack

__all__ = ["Decoder"]

_PROBE_TOLERANCE = 0.05
"""Share of the largest logit; rounding stays far below it, a wrong position far above."""


def _is_ready() -> None:
    """Do nothing: the model belongs to one checkpoint."""


class _Rows(Enum):
    """How a model is told which positions need logits."""

    PER_ROW = "a position tensor per sequence"
    SHARED = "one position tensor for all sequences"
    FULL = "all positions"


class Decoder:
    """A causal language model behind one question: the last logits of some sequences.

    Parameters
    ----------
    model
        A `transformers` model in evaluation mode.
    name
        What people call the checkpoint.
    key
        All that it is besides its weights, so that it is looked into once on a machine; empty: it
        is looked into now.
    prepare
        Makes the model this checkpoint's, where several share it; called before it computes.

    Raises
    ------
    CheckpointError
        If later tokens change what the model predicts for earlier ones.
    """

    def __init__(
        self,
        model: Any,  # noqa: ANN401  untyped library
        *,
        name: str,
        key: str = "",
        prepare: Callable[[], None] = _is_ready,
    ) -> None:
        self._model = model
        self._prepare = prepare
        self.name = name
        self.device: torch.device = model.device
        self._n_known = _n_embeddings(model)
        self._cuts = can_cut(model)
        self._targets = Head(model)
        self._tail = Tail(model)
        if key:
            self._rows = _Rows[remembered("head", key, lambda: self._probe().name)]
        else:
            self._rows = self._probe()

    @property
    def model(self) -> Any:  # noqa: ANN401  untyped library
        """The model, ready to compute for this checkpoint."""
        self._prepare()
        return self._model

    def last_logits(
        self, sequences_B: Sequence[Sequence[int]], n_last_B: Sequence[int]
    ) -> list[Tensor]:
        """Return the logits at the last positions of each sequence.

        Parameters
        ----------
        sequences_B
            Token ids; shorter ones are padded on the right, which a causal model does not see.
        n_last_B
            Wanted positions of each sequence, counted from its end.

        Returns
        -------
        list of Tensor
            N x V for each sequence, in the model's dtype.
        """
        lengths_B = torch.tensor([len(sequence) for sequence in sequences_B])
        # any id serves as padding: nothing looks at these cells
        ids_BT = torch.zeros(len(sequences_B), int(lengths_B.max()), dtype=torch.long)
        for row, sequence in enumerate(sequences_B):
            ids_BT[row, : len(sequence)] = torch.tensor(sequence)
        self.check_known(int(ids_BT.max()))
        n_wanted = max(n_last_B)
        # right-aligned: the last N of the K columns are a sequence's own positions
        keep_BK = (lengths_B[:, None] - n_wanted + torch.arange(n_wanted)).clamp(min=0)
        logits_BKV = self._forward(ids_BT.to(self.device), keep_BK.to(self.device), self._rows)
        return [logits_BKV[row, n_wanted - n :] for row, n in enumerate(n_last_B)]

    def check_known(self, largest: int) -> None:
        """Refuse a token, the largest of some, that the model has no embedding of.

        Raises
        ------
        CheckpointError
            If tokenizer and weights do not belong together.
        """
        if largest >= self._n_known:
            raise CheckpointError(
                f"the tokenizer of `{self.name}` makes token {largest}, but its model knows"
                f" {self._n_known} tokens",
                hint="tokenizer and weights belong to different models; copy the tokenizer files"
                " of the base model over it",
            )

    def branch_logits(self, pack: Pack, kept: Kept, rows_K: IntArray) -> Tensor:
        """Return the logits at some tokens of a pack, K x V, in the model's dtype.

        Parameters
        ----------
        pack
            Its tokens see the base and the tokens before them on their own branch.
        kept
            What was read of the base; keys and values of the pack are written behind it.
        rows_K
            Places in the pack.
        """
        return self._read_branches(pack, kept, rows_K)[0]

    @torch.inference_mode()
    def branch_targets(
        self, pack: Pack, kept: Kept, rows_K: IntArray, *, row_M: IntArray, target_M: IntArray
    ) -> TargetScores:
        """Return what the model says of targets behind some tokens of a pack.

        Parameters
        ----------
        pack, kept, rows_K
            As of `branch_logits`.
        row_M, target_M
            Which of the K tokens a target comes behind, and its id.
        """
        read = partial(self._read_branches, pack, kept, rows_K)
        return self._targets.targets(read, row_M=row_M, target_M=target_M)

    @torch.inference_mode()
    def _read_branches(self, pack: Pack, kept: Kept, rows_K: IntArray) -> Tensor:
        """Return the logits at some tokens of a pack, 1 x K x V."""
        self.check_known(int(pack.tokens_N.max()))
        keep_K = torch.from_numpy(rows_K).to(self.device)
        mask_NT = self._branch_mask(pack)
        is_short = self._rows is not _Rows.FULL
        settings: dict[str, Any] = {"logits_to_keep": keep_K} if is_short else {}
        kernel: AbstractContextManager[None] = nullcontext()
        if self._cuts:
            settings["branches"] = branches_of(segments_of(pack), mask_NT)
            kernel = attending_by(BRANCHES, self.model)
        with kernel, self._tail.only(keep_K, n_tokens=len(pack.tokens_N)):
            logits: Tensor = self.model(
                torch.from_numpy(pack.tokens_N)[None].to(self.device),
                position_ids=torch.from_numpy(pack.positions_N)[None].to(self.device),
                attention_mask=mask_NT[None, None],
                past_key_values=kept,
                use_cache=True,
                **settings,
            ).logits
        return logits if is_short else logits[:, keep_K]

    @torch.inference_mode()
    def slot_logits(self, tokens: Sequence[int], slots: Slots) -> Tensor:
        """Return the logits after one more token of each slot, S x V, in the model's dtype."""
        mask = slots.begin_step(dtype=self.model.dtype, device=self.device)
        with attending_by(SLOTS, self.model):
            logits: Tensor = self.model(
                torch.tensor(tokens, device=self.device)[:, None],
                position_ids=slots.n_base + slots.length_S[:, None],
                attention_mask=mask,
                past_key_values=slots,
                use_cache=True,
                slots=slots,
            ).logits[:, -1]
        slots.lengths = [length + 1 for length in slots.lengths]
        return logits

    def _branch_mask(self, pack: Pack) -> Tensor:
        """Return what is added to attention scores, N x (base + N)."""
        # added numbers, because eager attention takes a mask of booleans for numbers
        hidden = torch.finfo(self.model.dtype).min
        n_tokens = len(pack.tokens_N)
        place_N = torch.arange(n_tokens, device=self.device)
        ends_N = torch.from_numpy(pack.ends_N).to(self.device)
        is_seen_NN = (place_N[None] <= place_N[:, None]) & (place_N[:, None] < ends_N[None])
        mask = torch.zeros(
            n_tokens, pack.base + n_tokens, dtype=self.model.dtype, device=self.device
        )
        mask[:, pack.base :].masked_fill_(~is_seen_NN, hidden)
        return mask

    @torch.inference_mode()
    def _forward(self, ids_BT: Tensor, keep_BK: Tensor, rows: _Rows) -> Tensor:
        if rows is _Rows.PER_ROW:
            logits: Tensor = self.model(ids_BT, use_cache=False, logits_to_keep=keep_BK).logits
            return logits
        rows_B1 = torch.arange(len(ids_BT), device=self.device)[:, None]
        if rows is _Rows.SHARED:
            union_U, place_BK = torch.unique(keep_BK, return_inverse=True)
            logits = self.model(ids_BT, use_cache=False, logits_to_keep=union_U).logits
            return logits[rows_B1, place_BK]
        logits = self.model(ids_BT, use_cache=False).logits
        return logits[rows_B1, keep_BK]

    def _probe(self) -> _Rows:
        """Find the cheapest way that gives the same logits as all positions; check causality."""
        ids_BT = torch.tensor([[0, 1, 2, 3], [3, 2, 1, 0]], device=self.device)
        keep_BK = torch.tensor([[1, 3], [0, 2]], device=self.device)
        wanted_BKV = self._forward(ids_BT, keep_BK, _Rows.FULL)
        changed_BT = ids_BT.clone()
        changed_BT[:, -1] = 1
        earlier_BK = keep_BK.clamp(max=2)
        if not _equal(
            self._forward(ids_BT, earlier_BK, _Rows.FULL),
            self._forward(changed_BT, earlier_BK, _Rows.FULL),
        ):
            raise CheckpointError(
                f"`{self.name}` is no causal language model: later tokens change what it predicts"
                " for earlier ones"
            )
        if "logits_to_keep" not in inspect.signature(self.model.forward).parameters:
            return _Rows.FULL
        for rows in (_Rows.PER_ROW, _Rows.SHARED):
            if _equal(self._forward(ids_BT, keep_BK, rows), wanted_BKV):
                return rows
        return _Rows.FULL


def _n_embeddings(model: Any) -> int | float:  # noqa: ANN401  untyped library
    """Return how many tokens a model knows; an adapter may hide it, and then it knows any."""
    weight = getattr(model.get_input_embeddings(), "weight", None)
    return math.inf if weight is None else len(weight)


def _equal(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape:
        return False
    one, other = one.float(), other.float()
    tolerance = _PROBE_TOLERANCE * float(other.nan_to_num().abs().max())
    # a model of NaNs passes here; it is refused by name at its first answer
    return torch.allclose(one, other, rtol=0.0, atol=tolerance, equal_nan=True)
