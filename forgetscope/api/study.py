"""A study, opened to be diagnosed and reported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from forgetscope.api.save import save
from forgetscope.api.sides import Side
from forgetscope.diagnosis import Require, compare, diagnose
from forgetscope.errors import UsageError
from forgetscope.records import Comparison, Diagnosis, GateResult, Policy
from forgetscope.store import Study as StoredStudy

if TYPE_CHECKING:
    from forgetscope.report import ReportView

__all__ = ["Study"]


class Study:
    """A study on disk, read only; use it as a context manager.

    Parameters
    ----------
    folder
        The study's folder.

    Raises
    ------
    StudyError
        If there is no study, or none that can be used.
    """

    def __init__(self, folder: Path | str) -> None:
        self._stored = StoredStudy(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stored.close()

    @property
    def folder(self) -> Path:
        """Where the study lies."""
        return self._stored.folder

    @property
    def labels(self) -> tuple[str, ...]:
        """The checkpoints in order, the base first."""
        return tuple(checkpoint.label for checkpoint in self._stored.series())

    def side(self, label: str | None = None, *, name: str | None = None) -> Side:
        """Return one checkpoint; default: the last.

        Raises
        ------
        UnknownNameError
            If the study has no checkpoint of that label.
        """
        if label is None:
            label = self._series()[-1]
        self._stored.checkpoint(label)
        return Side(study=self._stored, label=label, name=name or label)

    def compare(
        self, before: str, after: str, *, margin: float = 0.02, alpha: float = 0.05
    ) -> Comparison:
        """Compare two checkpoints item by item; see `diagnosis.compare`."""
        first, second = self.side(before).profile(), self.side(after).profile()
        return compare(first, second, policy=Policy(margin=margin, alpha=alpha))

    def diagnose(self, *, margin: float = 0.02, alpha: float = 0.05) -> Diagnosis:
        """Compare every checkpoint with the base; see `diagnosis.diagnose`."""
        profiles = [self.side(label).profile() for label in self._series()]
        return diagnose(profiles, policy=Policy(margin=margin, alpha=alpha))

    def gate(
        self,
        *,
        margin: float = 0.02,
        require: Require = "not-forgot",
        domains: Sequence[str] | None = None,
    ) -> GateResult:
        """Judge the last checkpoint; see `diagnosis.judge`."""
        profiles = [self.side(label).profile() for label in self._series()]
        policy = Policy(margin=margin)
        return diagnose(profiles, policy=policy, require=require, domains=domains).gate

    def save_report(self, out: Path | str, *, margin: float = 0.02) -> ReportView:
        """Write the whole report into `out` and return what it shows."""
        sides = [self.side(label) for label in self._series()]
        return save(sides, Path(out), margin=margin)

    def _series(self) -> tuple[str, ...]:
        if not self.labels:
            raise UsageError(
                f"the study `{self._stored.folder}` holds no evaluated checkpoint yet",
                hint="run `forgetscope eval` again: it goes on where it was",
            )
        return self.labels
