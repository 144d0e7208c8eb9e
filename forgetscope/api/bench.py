"""A bench: one study into which checkpoints are evaluated portion by portion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from forgetscope.records import Checkpoint, Profile, Progress, Standing
from forgetscope.statistics import Portion

if TYPE_CHECKING:
    from forgetscope.evaluation import EvaluationOptions, OpenSuite
    from forgetscope.store import Study as StoredStudy

__all__ = ["Bench"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A study, and how checkpoints are evaluated into it."""

    study: StoredStudy
    opened: OpenSuite
    options: EvaluationOptions
    """Its base is the checkpoint that all others are compared with."""
    portions: Sequence[Portion]
    """Asked one after the other."""
    progress: Progress
    purpose: str = ""
    """What a person is told beside the name of a checkpoint."""
    sizes: dict[int, int] = field(default_factory=dict)
    """Requests of each portion, as far as a checkpoint was asked it."""

    def ask(self, checkpoint: Checkpoint) -> Profile:
        """Ask a checkpoint everything that the study does not know of it yet."""
        for place in range(len(self.portions)):
            self.ask_part(checkpoint, place)
        return self.profile(checkpoint.label)

    def ask_part(self, checkpoint: Checkpoint, place: int) -> None:
        """Ask a checkpoint one of the portions."""
        from forgetscope.evaluation import evaluate_series

        summary = evaluate_series(
            [checkpoint],
            self.opened,
            self.study,
            options=replace(self.options, portion=self.portions[place]),
            progress=self._shown(checkpoint.label, place),
        )
        self.sizes[place] = summary.computed + summary.kept

    def profile(self, label: str) -> Profile:
        """Return what a checkpoint scored so far."""
        return self.study.profile(label)

    def note(self, label: str, note: str, *, is_over: bool = False) -> None:
        """Tell what happens to a checkpoint between its answers."""
        total = sum(self.sizes.values())
        self.progress(self._stage(label), total if is_over else 0, total, note=note)

    def _shown(self, label: str, place: int) -> Progress:
        """Return a progress that counts all portions of a checkpoint as one stage."""
        before = sum(self.sizes.get(earlier, 0) for earlier in range(place))
        known = sum(self.sizes.values())

        def show(
            _stage: str, done: int, total: int, /, note: str = "", standing: Standing | None = None
        ) -> None:
            del standing  # of one portion: how many checkpoints follow is not known
            all_parts = max(before + total, known)
            self.progress(self._stage(label), before + done, all_parts, note=note)

        return show

    def _stage(self, label: str) -> str:
        return f"{label}, {self.purpose}" if self.purpose else label
