"""What one checkpoint did on paired items, beside its scores. I items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import Evidence, FormatClass

__all__ = ["Side", "form_code"]

_FORMS = tuple(FormatClass)
_FORMAT_CODES = np.array([i for i, form in enumerate(_FORMS) if form.is_format], dtype=np.int8)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """What one checkpoint did on the paired items."""

    form_I: NDArray[np.int8]
    """As in `Column`."""
    evidence: Evidence

    @property
    def is_format_I(self) -> NDArray[np.bool_]:
        """Whether the form of the answer failed."""
        return np.isin(self.form_I, _FORMAT_CODES)

    def at(self, row_i: NDArray[np.intp]) -> Side:
        """Return some rows, in their order."""
        return Side(form_I=self.form_I[row_i], evidence=self.evidence.at(row_i))

    @staticmethod
    def joined(sides: tuple[Side, ...]) -> Side:
        """Return several sides as one."""
        if len(sides) == 1:
            return sides[0]
        return Side(
            form_I=np.concatenate([side.form_I for side in sides]),
            evidence=Evidence.joined(tuple(side.evidence for side in sides)),
        )


def form_code(form: FormatClass) -> int:
    """Return the number that stands for a format class in arrays."""
    return _FORMS.index(form)
