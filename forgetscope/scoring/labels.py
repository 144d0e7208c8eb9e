"""Labels: the short names that people see, one per checkpoint."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.errors import UsageError
from forgetscope.records import Checkpoint, CheckpointKind

__all__ = ["Candidate", "label_series", "step_of", "step_within"]

_STEP = re.compile(r"(?:checkpoint|ckpt|global_step|step|iter)[-_]?(?P<step>\d+)")


def step_of(name: str) -> int | None:
    """Return the training step that a folder name tells, or `None`.

    >>> step_of("checkpoint-500"), step_of("iter_0000500"), step_of("final")
    (500, 500, None)
    """
    match = _STEP.fullmatch(name)
    return int(match["step"]) if match else None


def step_within(name: str) -> int | None:
    """Return the training step that stands anywhere in a name, as in revisions on a hub.

    >>> step_within("stage1-step2000-tokens9B"), step_within("main")
    (2000, None)
    """
    match = _STEP.search(name)
    return int(match["step"]) if match else None


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
