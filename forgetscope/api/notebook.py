"""What a notebook shows of a comparison or of a series: the domain table, as a report would."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from forgetscope.diagnosis import judge, last_clean
from forgetscope.records import Comparison, Diagnosis, Policy
from forgetscope.records.display import paint_with

__all__ = ["paint_records"]


def paint_records() -> None:
    """Let comparisons and series show as tables in a notebook."""
    paint_with(Comparison, lambda found: _painted(_alone(found)))
    paint_with(Diagnosis, _painted)


def _painted(diagnosis: Diagnosis) -> Mapping[str, str]:
    from forgetscope.report import ReportView
    from forgetscope.report.notebook import painted

    return painted(ReportView.of(diagnosis))


def _alone(comparison: Comparison) -> Diagnosis:
    """Return one comparison as a series of one; its margin is that of most of its domains."""
    margins = Counter(cell.margin for cell in comparison.domains if not math.isnan(cell.margin))
    common = margins.most_common(1)
    return Diagnosis(
        base=comparison.before,
        margin=common[0][0] if common else Policy().margin,
        alpha=math.nan,
        profile=(),
        comparisons=(comparison,),
        gate=judge(comparison),
        last_clean=last_clean([comparison]),
    )
