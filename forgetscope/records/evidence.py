"""Evidence: what is known of an answer beside its score."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

__all__ = ["Evidence", "Likelihood"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """What log-probabilities tell of one item."""

    gold_bits: float
    """Bits per byte of the gold text, given the prompt; 0 or more."""
    gold_bytes: int
    """Bytes of the gold text."""
    gold_share: float
    """Probability of the gold option among the options, normalised as the primary metric does;
    nan where there are no options."""
    top_share: float
    """The largest such probability: the confidence of the choice."""
    brier: float
    """Sum over options of (probability - is gold)^2, in [0, 2]; nan where there are no options."""
    choice: int | None
    """Place of the chosen option."""
    n_options: int
    """0 where there are no options."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """The same over the I items of a column; what is not known is nan, or -1 for whole numbers."""

    partner_I: NDArray[np.float64]
    """The partner reading of the same output (`Task.partner`), higher is better."""
    tokens_I: NDArray[np.float64]
    """Generated tokens."""
    truncated_I: NDArray[np.bool_]
    """Generated answers that hit the token limit."""
    gold_bits_I: NDArray[np.float64]
    gold_bytes_I: NDArray[np.float64]
    gold_share_I: NDArray[np.float64]
    top_share_I: NDArray[np.float64]
    brier_I: NDArray[np.float64]
    choice_I: NDArray[np.int64]
    n_options_I: NDArray[np.int64]
    """0 where there are no options."""
    gold_label_I: NDArray[np.float64]
    predicted_label_I: NDArray[np.float64]
    sample_IK: NDArray[np.float64]
    """Score of each of K samples, in the task's own direction; nan where there is none. A second
    sample of an answer that is not drawn at random is a rerun."""
    rerun_nats_I: NDArray[np.float64]
    """How far the log-probability of the gold text moved in a rerun, nat, 0 or more; nan where
    the item was not asked again or no text was scored."""

    @classmethod
    def unknown(cls, n: int) -> Evidence:
        """Return the evidence of n items of which nothing is known."""
        nan_I, none_I = np.full(n, np.nan), np.full(n, -1)
        return cls(
            partner_I=nan_I,
            tokens_I=nan_I,
            truncated_I=np.zeros(n, dtype=bool),
            gold_bits_I=nan_I,
            gold_bytes_I=nan_I,
            gold_share_I=nan_I,
            top_share_I=nan_I,
            brier_I=nan_I,
            choice_I=none_I,
            n_options_I=np.zeros(n, dtype=np.int64),
            gold_label_I=nan_I,
            predicted_label_I=nan_I,
            sample_IK=np.full((n, 1), np.nan),
            rerun_nats_I=nan_I,
        )

    def at(self, row_i: NDArray[np.intp]) -> Evidence:
        """Return the evidence of some rows, in their order."""
        return Evidence(**{field.name: getattr(self, field.name)[row_i] for field in fields(self)})

    @staticmethod
    def joined(parts: tuple[Evidence, ...]) -> Evidence:
        """Return the evidence of several columns as one; samples are padded with nan."""
        widest = max(part.sample_IK.shape[1] for part in parts)
        arrays = {
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Evidence)
            if field.name != "sample_IK"
        }
        padded = [
            np.pad(
                part.sample_IK,
                ((0, 0), (0, widest - part.sample_IK.shape[1])),
                constant_values=np.nan,
            )
            for part in parts
        ]
        return Evidence(sample_IK=np.concatenate(padded), **arrays)
