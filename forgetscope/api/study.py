"""A study, opened to be diagnosed and reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from forgetscope.api.embedding import Embedding
from forgetscope.api.notebook import paint_records
from forgetscope.api.policies import AnyPolicy, fitted, settled
from forgetscope.api.power import Level, check_discordances
from forgetscope.api.reach import Reach, reach_of_diagnosis
from forgetscope.api.save import FigureKind, Shown, save, shown_of
from forgetscope.api.sides import Side
from forgetscope.diagnosis import Require, compare, diagnose
from forgetscope.errors import UsageError
from forgetscope.records import Checkpoint, Comparison, Diagnosis, GateResult
from forgetscope.store import Study as StoredStudy
from forgetscope.suites import PolicyFile, suite_of

if TYPE_CHECKING:
    from forgetscope.report import ReportView
    from forgetscope.store.study import Json

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

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """The checkpoints in order, the base first."""
        return self._stored.series()

    def meta(self, key: str) -> Json:
        """Return what the study keeps under a key, e.g. `training`; `None` if it has none."""
        return self._stored.meta(key)

    def engine(self, label: str) -> dict[str, Any]:
        """Return the description of the engine that answered for a checkpoint."""
        return self._stored.engines().get(label, {})

    def last_run(self) -> dict[str, Any]:
        """Return the last command that wrote here, with what it noted; empty if none did."""
        runs = self._stored.runs()
        return runs[-1] if runs else {}

    def settled(
        self,
        policy: AnyPolicy | None = None,
        *,
        margin: float | None = None,
        alpha: float | None = None,
    ) -> PolicyFile:
        """Return what has to be proved: the policy, else what the study's suite says of it.

        Parameters
        ----------
        policy, margin, alpha
            As in `compare`.
        """
        content = self.meta("suite")
        suite = suite_of(content, where=str(self.folder)) if isinstance(content, dict) else None
        default = suite.default_policy() if suite else None
        return settled(policy, margin=margin, alpha=alpha, default=default)

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
        self,
        before: str,
        after: str,
        *,
        policy: AnyPolicy | None = None,
        margin: float | None = None,
        alpha: float | None = None,
    ) -> Comparison:
        """Compare two checkpoints item by item; see `diagnosis.compare`.

        Parameters
        ----------
        before, after
            Labels of the study.
        policy
            What has to be proved of each domain: a policy, or the path of its file; default: as
            the suite of the study has it.
        margin, alpha
            Replace the policy's general ones; margins of single domains stay.
        """
        sides = [self.side(before), self.side(after)]
        wanted = fitted(self.settled(policy, margin=margin, alpha=alpha), sides)
        return compare(sides[0].profile(), sides[1].profile(), policy=wanted)

    def diagnose(
        self,
        *,
        policy: AnyPolicy | None = None,
        margin: float | None = None,
        alpha: float | None = None,
        require: Require | None = None,
        domains: Sequence[str] | None = None,
    ) -> Diagnosis:
        """Compare every checkpoint with the base and judge the last; see `diagnosis.diagnose`.

        Parameters
        ----------
        policy, margin, alpha
            As in `compare`.
        require
            What the gate asks for; default: as the policy file has it, else `not-forgot`.
        domains
            Domains that the gate judges; default: all that could be forgotten.
        """
        sides = self._sides()
        file = self.settled(policy, margin=margin, alpha=alpha)
        return diagnose(
            [side.profile() for side in sides],
            policy=fitted(file, sides),
            require=require or file.require or "not-forgot",
            domains=domains,
        )

    def gate(
        self,
        *,
        policy: AnyPolicy | None = None,
        margin: float | None = None,
        require: Require | None = None,
        domains: Sequence[str] | None = None,
    ) -> GateResult:
        """Judge the last checkpoint; the settings are those of `diagnose`."""
        return self.diagnose(policy=policy, margin=margin, require=require, domains=domains).gate

    def save_report(
        self,
        out: Path | str,
        *,
        policy: AnyPolicy | None = None,
        margin: float | None = None,
        embedding: Embedding | None = None,
        figures: Sequence[FigureKind] = ("png",),
    ) -> ReportView:
        """Write the whole report into `out` and return what it shows.

        Parameters
        ----------
        policy, margin
            As in `compare`.
        embedding
            Which items the page holds, and which of their words; default: those that changed.
        figures
            Formats of the pictures: `svg` and `pdf` lie beside `png`, which is always written.
        """
        return self.report(
            out, policy=policy, margin=margin, embedding=embedding, figures=figures
        ).view

    def report(
        self,
        out: Path | str,
        *,
        policy: AnyPolicy | None = None,
        margin: float | None = None,
        embedding: Embedding | None = None,
        figures: Sequence[FigureKind] = ("png",),
        command: str = "",
    ) -> Shown:
        """Write the whole report into `out` and return it in every form; see `save_report`.

        Parameters
        ----------
        policy, margin, embedding, figures
            As in `save_report`.
        command
            What makes this report again, to be told in it.
        """
        return save(
            self._sides(),
            Path(out),
            file=self.settled(policy, margin=margin),
            embedding=embedding,
            figures=figures,
            command=command,
        )

    def shown(
        self,
        *,
        policy: AnyPolicy | None = None,
        margin: float | None = None,
        require: Require | None = None,
        domains: Sequence[str] | None = None,
    ) -> Shown:
        """Return what a report would show; the settings are those of `diagnose`."""
        file = self.settled(policy, margin=margin)
        asked = replace(file, require=require or file.require)
        return shown_of(self._sides(), file=asked, domains=domains)

    def power(
        self,
        *,
        policy: AnyPolicy | None = None,
        margin: float | None = None,
        alpha: float | None = None,
        power: float = 0.8,
        discordance: float = 0.10,
    ) -> tuple[Reach, ...]:
        """Return what the items of each domain and task can prove of the last checkpoint.

        Parameters
        ----------
        policy, margin, alpha
            As in `compare`.
        power
            Wanted probability of a proof, in [0.5, 1).
        discordance
            Assumed share of items that change sides where there is no checkpoint but the base.
        """
        check_discordances([discordance])
        file = self.settled(policy, margin=margin, alpha=alpha)
        return reach_of_diagnosis(
            self.diagnose(policy=file),
            policy=file.policy,
            level=Level(alpha=file.policy.alpha, power=power),
            discordance=discordance,
        )

    def _sides(self) -> list[Side]:
        return [self.side(label) for label in self._series()]

    def _series(self) -> tuple[str, ...]:
        if not self.labels:
            raise UsageError(
                f"the study `{self._stored.folder}` holds no evaluated checkpoint yet",
                hint="run `forgetscope eval` again: it goes on where it was",
            )
        return self.labels


paint_records()
