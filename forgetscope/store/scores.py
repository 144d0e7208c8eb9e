"""All scores of one model, read at once in the order in which they lie on disk. R stored scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import FormatClass
from forgetscope.store.database import Database
from forgetscope.store.gathering import gathered, object_array
from forgetscope.store.layout import Layout, TaskItems

__all__ = ["Scores", "form_code"]

_FORMS = list(FormatClass)


def form_code(form: FormatClass) -> int:
    """Return the number that stands for a format class in arrays."""
    return _FORMS.index(form)


_NAMED = " ".join(f"WHEN '{form.name}' THEN {form_code(form)}" for form in _FORMS)

# a judge of edition 1 left flags only
_FORM = f"""
CASE WHEN error IS NOT NULL THEN {form_code(FormatClass.ERROR)}
     WHEN edition > 1 THEN CASE form {_NAMED} ELSE -1 END
     WHEN value >= 1.0 THEN -1
     WHEN is_truncated THEN {form_code(FormatClass.TRUNCATED)}
     WHEN is_invalid THEN {form_code(FormatClass.INVALID)}
     ELSE -1 END
"""

# of a written answer, to nothing at all
_BLANK = """
error IS NULL AND edition <= 1 AND (value IS NULL OR value < 1.0) AND TRIM(answer) = ''
"""

# in the order in which the rows lie on disk: looking them up item by item takes ten times as long
_QUERY = f"""
SELECT item, prompt_hash, CASE WHEN others != '{{}}' THEN others END, sample, {_BLANK}, value,
       {_FORM}, n_tokens, is_truncated, gold_bits, gold_bytes, gold_share, top_share, brier,
       COALESCE(choice, -1), COALESCE(n_options, 0), gold_label, predicted_label
FROM scores WHERE model = ? AND engine = ?
"""


_MOST_SAMPLES = 100_000
"""Nobody asks more often; a larger number is damage, and would take all memory."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """All R stored scores of one model, in the order of items and samples."""

    place_R: NDArray[np.intp]
    """Place of the item in the layout."""
    hash_R: NDArray[np.object_]
    others_R: NDArray[np.object_]
    """JSON text; `None` where it holds nothing."""
    sample_R: NDArray[np.int64]
    is_blank_R: NDArray[np.bool_]
    number_RN: tuple[NDArray[np.float64], ...]
    """The other columns of the query."""

    @classmethod
    def read(cls, database: Database, layout: Layout, *, model: str, engine: str) -> Scores:
        """Read them from a study."""
        ids, hashes, others, *numbers = gathered(
            database, _QUERY, (model, engine), kinds="ooo" + "f" * 15
        )
        sample_R, blank_R, *number_RN = numbers
        if not np.all(
            (sample_R >= 0) & (sample_R < _MOST_SAMPLES) & (sample_R == np.floor(sample_R))
        ):
            raise ValueError("a sample that is not counted from 0")
        place_R = layout.places.of(ids)
        order_R = np.lexsort((sample_R, place_R))
        return cls(
            place_R=place_R[order_R],
            hash_R=object_array(hashes)[order_R],
            others_R=object_array(others)[order_R],
            sample_R=sample_R[order_R].astype(np.int64),
            is_blank_R=blank_R[order_R] == 1.0,
            number_RN=tuple(number_R[order_R] for number_R in number_RN),
        )

    def of(self, items: TaskItems) -> Scores:
        """Return the scores of one task."""
        first, last = np.searchsorted(self.place_R, [items.start, items.start + len(items.ids)])
        rows = slice(int(first), int(last))
        return Scores(
            place_R=self.place_R[rows] - items.start,
            hash_R=self.hash_R[rows],
            others_R=self.others_R[rows],
            sample_R=self.sample_R[rows],
            is_blank_R=self.is_blank_R[rows],
            number_RN=tuple(number_R[rows] for number_R in self.number_RN),
        )
