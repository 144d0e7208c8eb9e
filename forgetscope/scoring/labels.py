"""Labels: the short names that people see, one per checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.errors import UsageError
from forgetscope.records import Checkpoint, CheckpointKind

__all__ = ["Candidate", "label_series"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A checkpoint that has no label yet."""

    name: str
    """Its own name: folder, file without suffix, or repository."""
    label: str | None
    """What the person wants it to be called."""
    parents: tuple[str, ...]
    """Names of the folders above it, outermost first."""
    source: str
    kind: CheckpointKind
    revision: str | None = None
    step: int | None = None
    fingerprint: str


def label_series(candidates: Sequence[Candidate]) -> tuple[Checkpoint, ...]:
    """Label each checkpoint by its name, with as many parent names as make it unique.

    Raises
    ------
    UsageError
        If two keep the same label: a label given twice, or one source named twice.
    """
    depths = [0] * len(candidates)
    labels = [_label(c, depth) for c, depth in zip(candidates, depths, strict=True)]
    for _ in range(max((len(c.parents) for c in candidates), default=0)):
        counts = Counter(labels)
        if max(counts.values()) == 1:
            break
        depths = [d + (counts[label] > 1) for d, label in zip(depths, labels, strict=True)]
        labels = [_label(c, depth) for c, depth in zip(candidates, depths, strict=True)]
    label, count = Counter(labels).most_common(1)[0]
    if count > 1:
        raise UsageError(
            f"{count} checkpoints are called `{label}`",
            hint="name a checkpoint once, or give each a label: `LABEL=SOURCE`",
        )
    return tuple(_checkpoint(c, label) for c, label in zip(candidates, labels, strict=True))


def _label(candidate: Candidate, depth: int) -> str:
    if candidate.label is not None:
        return candidate.label
    above = candidate.parents[-depth:] if depth else ()
    return "/".join((*above, candidate.name))


def _checkpoint(candidate: Candidate, label: str) -> Checkpoint:
    return Checkpoint(
        label=label,
        source=candidate.source,
        kind=candidate.kind,
        revision=candidate.revision,
        step=candidate.step,
        fingerprint=candidate.fingerprint,
    )
