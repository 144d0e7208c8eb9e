"""What a rerun of the base in other batches changed, in one sentence. I items, J of all tasks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from forgetscope.records import Evidence
from forgetscope.statistics import changed_sides
from forgetscope.store import Study

__all__ = ["rerun_notes"]


def rerun_notes(study: Study, base: str) -> list[str]:
    """Say how far two runs of the base lie apart; nothing where no item was asked again."""
    asked = [
        (each.task, each.evidence)
        for each in study.profile(base).columns
        if not each.task.is_sampled and each.evidence and each.evidence.sample_IK.shape[1] > 1
    ]
    moved_J = np.concatenate([found.rerun_nats_I for _, found in asked] or [np.empty(0)])
    moved_J = moved_J[np.isfinite(moved_J)]
    # a score without bounds has no sides
    sides = [_sides(found) for task, found in asked if task.is_bounded]
    n, changed = sum(map(len, sides)), sum(int(side_i.sum()) for side_i in sides)
    parts = [f"{changed:,} of {n:,} items change sides"] if n else []
    if len(moved_J):
        parts.append(f"log-probabilities differ by at most {moved_J.max():.1e} nat")
    return [f"`{base}` asked again in other batches: {' and '.join(parts)}"] if parts else []


def _sides(evidence: Evidence) -> NDArray[np.bool_]:
    """Return whether each item that was asked again changed sides."""
    first_I, again_I = evidence.sample_IK[:, 0], evidence.sample_IK[:, 1]
    both_I = np.isfinite(first_I) & np.isfinite(again_I)
    return changed_sides(first_I[both_I], again_I[both_I])
