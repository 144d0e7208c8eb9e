"""The search over blends, on the items that may be used for it.

The items of each task are divided once and for all by tickets of their own: the first half chooses,
the second half judges what was chosen. The first half comes in three parts that double the items,
so that a blend which has plainly forgotten something is dropped early.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forgetscope.api.bench import Bench
from forgetscope.api.blend_ends import BlendEnds
from forgetscope.diagnosis import compare
from forgetscope.diagnosis.blending import COARSE, FINER, finer_shares, point_of
from forgetscope.diagnosis.early import forgotten_so_far
from forgetscope.diagnosis.part import part_of
from forgetscope.records import BlendPoint, Policy, Profile
from forgetscope.statistics import Portion
from forgetscope.store.blend import blend_points, put_blend_points
from forgetscope.suites import Require

__all__ = ["BlendSearch", "final_portion", "label_of", "search_portions"]

_SEARCH_ENDS = (0.0, 0.125, 0.25, 0.5)


def search_portions(seed: int) -> tuple[Portion, ...]:
    """Return the parts of the items that choose, in the order in which they are asked."""
    return tuple(
        Portion(low=low, high=high, seed=seed) for low, high in itertools.pairwise(_SEARCH_ENDS)
    )


def final_portion(seed: int) -> Portion:
    """Return the items that judge what was chosen."""
    return Portion(low=_SEARCH_ENDS[-1], high=1.0, seed=seed)


def label_of(share: float) -> str:
    """Return the name of a blend.

    >>> label_of(0.35)
    'blend-0.35'
    """
    return f"blend-{share:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendSearch:
    """A search that can be interrupted at any moment and goes on where it was."""

    ends: BlendEnds
    bench: Bench
    scratch: Path
    """Folder for the weights of blends while they are evaluated."""
    policy: Policy
    require: Require

    def run(self) -> tuple[BlendPoint, ...]:
        """Return all blends that were tried, in order of their share; ends of the line included."""
        base = self.bench.ask(self.ends.base)
        known = {point.share: point for point in blend_points(self.bench.study)}
        points: list[BlendPoint] = []
        # every step sees what it saw before an interruption, and no more: so it chooses the same
        self._try((0.0, 1.0, *COARSE), points, known, base)
        for step in FINER:
            self._try(finer_shares(points, step=step), points, known, base)
        return tuple(sorted(points, key=lambda point: point.share))

    def _try(
        self,
        shares: Sequence[float],
        points: list[BlendPoint],
        known: dict[float, BlendPoint],
        base: Profile,
    ) -> None:
        for share in shares:
            if share not in known:
                known[share] = self._tried(base, share)
                put_blend_points(self.bench.study, tuple(known.values()))
            points.append(known[share])

    def _tried(self, base: Profile, share: float) -> BlendPoint:
        if share == 0.0:
            return self._point(base, base, share)
        return self._whole(base) if share == 1.0 else self._blend(base, share)

    def _whole(self, base: Profile) -> BlendPoint:
        """Return the end of the line, which is asked everything whatever it forgot."""
        with self.ends.tuned(scratch=self.scratch) as checkpoint:
            return self._point(base, self.bench.ask(checkpoint), 1.0)

    def _blend(self, base: Profile, share: float) -> BlendPoint:
        """Ask a blend part by part, until it is known to have forgotten something."""
        label = label_of(share)
        stopped: tuple[str, ...] = ()
        self.bench.note(label, "writing the weights")
        with self.ends.written(share, label, scratch=self.scratch) as checkpoint:
            for place, portion in enumerate(self.bench.portions):
                self.bench.ask_part(checkpoint, place)
                stopped = self._forgotten(base, label, portion)
                if stopped:
                    break
        comparison = compare(
            _so_far(base, portion),
            _so_far(self.bench.profile(label), portion),
            policy=self.policy,
        )
        return point_of(comparison, share=share, require=self.require, stopped=stopped)

    def _forgotten(self, base: Profile, label: str, portion: Portion) -> tuple[str, ...]:
        """Return what a blend is known to have forgotten before all items were asked."""
        if portion == self.bench.portions[-1]:
            return ()
        blend = _so_far(self.bench.profile(label), portion)
        found = forgotten_so_far(base, blend, policy=self.policy, seed=portion.seed)
        if found:
            self.bench.note(label, f"stopped: forgot {', '.join(found)}", is_over=True)
        return found

    def _point(self, base: Profile, blend: Profile, share: float) -> BlendPoint:
        comparison = compare(base, blend, policy=self.policy)
        return point_of(comparison, share=share, require=self.require)


def _so_far(profile: Profile, portion: Portion) -> Profile:
    """Return what was known when a portion had been asked, whatever was asked after it."""
    return part_of(profile, replace(portion, low=0.0))
