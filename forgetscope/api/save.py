"""Write everything a series has to say into one folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from forgetscope.api.embedding import Embedding
from forgetscope.api.policies import fitted
from forgetscope.api.provenance import provenance_of
from forgetscope.api.rows import item_columns
from forgetscope.api.sides import Side
from forgetscope.api.stories import stories_of
from forgetscope.api.trained import blend_behind, training_behind
from forgetscope.diagnosis import diagnose
from forgetscope.errors import UnavailableError
from forgetscope.records import BlendCurve, Checkpoint, Diagnosis, Profile, Story, Training
from forgetscope.suites import PolicyFile

if TYPE_CHECKING:
    from forgetscope.report import ReportView

__all__ = ["FigureKind", "Shown", "save", "shown_of"]

FigureKind = Literal["png", "svg", "pdf"]
"""Formats a picture may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a command shows of a series."""

    view: ReportView
    results: dict[str, Any]
    """The content of `results.json`."""
    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A series read from its studies, once."""

    sides: Sequence[Side]
    profiles: Sequence[Profile]
    diagnosis: Diagnosis
    stories: tuple[Story, ...]
    training: Training | None
    blend: BlendCurve | None
    provenance: dict[str, Any]

    @classmethod
    def of(
        cls,
        sides: Sequence[Side],
        *,
        file: PolicyFile,
        embedding: Embedding | None = None,
        domains: Sequence[str] | None = None,
        command: str = "",
    ) -> _Reading:
        policy = fitted(file, sides)
        profiles = [side.profile() for side in sides]
        require = file.require or "not-forgot"
        diagnosis = diagnose(profiles, policy=policy, require=require, domains=domains)
        stories: tuple[Story, ...] = ()
        if diagnosis.comparisons:
            stories = stories_of(
                diagnosis.comparisons[-1], sides=sides, profiles=profiles, embedding=embedding
            )
        return cls(
            sides=sides,
            profiles=profiles,
            diagnosis=diagnosis,
            stories=stories,
            training=training_behind(sides),
            blend=blend_behind(sides),
            provenance=provenance_of(sides, command=command),
        )

    def checkpoints(self) -> list[Checkpoint]:
        return [side.checkpoint() for side in self.sides]

    def view(self) -> ReportView:
        from forgetscope.report import ReportView

        return ReportView.of(
            self.diagnosis,
            stories=self.stories,
            checkpoints=self.checkpoints(),
            provenance=self.provenance,
            training=self.training,
            blend=self.blend,
        )

    def shown(self) -> Shown:
        from forgetscope.report import results

        content = results(
            self.diagnosis,
            checkpoints=self.checkpoints(),
            provenance=self.provenance,
            training=self.training,
            blend=self.blend,
        )
        return Shown(view=self.view(), results=content, diagnosis=self.diagnosis)


def shown_of(
    sides: Sequence[Side],
    *,
    file: PolicyFile,
    embedding: Embedding | None = None,
    domains: Sequence[str] | None = None,
) -> Shown:
    """Return all that is shown of a series, base first; nothing is written.

    Parameters
    ----------
    sides
        The series.
    file
        What has to be proved of each domain, and what the gate asks for.
    embedding
        Which items are told, and in which of their words; default: those that changed.
    domains
        Domains that the gate judges; default: all that could be forgotten.
    """
    return _Reading.of(sides, file=file, embedding=embedding, domains=domains).shown()


def save(
    sides: Sequence[Side],
    out: Path,
    *,
    file: PolicyFile,
    embedding: Embedding | None = None,
    figures: Sequence[FigureKind] = ("png",),
    command: str = "",
) -> Shown:
    """Write page, figures, Markdown, JSON and tables of a series into `out`.

    Parameters
    ----------
    sides
        The series, base first.
    out
        Folder; made if need be, files of an earlier report are replaced.
    file
        What has to be proved of each domain, and what the gate asks for.
    embedding
        Which items the page holds, and which of their words; default: those that changed.
    figures
        Formats of the pictures: `svg` and `pdf` lie beside `png`, which is always written.
    command
        What makes this report again, to be told in it.

    Returns
    -------
    Shown
        What the page shows.

    Raises
    ------
    UsageError
        If the policy does not fit the studies.
    UnavailableError
        If the folder cannot be written.
    """
    from forgetscope.interchange import write_deltas, write_items
    from forgetscope.report import write_pictures, write_shown

    wanted = embedding or Embedding()
    reading = _Reading.of(sides, file=file, embedding=wanted, command=command)
    checkpoints = reading.checkpoints()
    shown = reading.shown()
    try:
        view = write_shown(shown.view, shown.results, out)
        write_pictures(view, out, kinds=[kind for kind in figures if kind != "png"])
        write_deltas(reading.diagnosis, out / "deltas.csv", checkpoints=checkpoints)
        columns = item_columns(sides, reading.profiles, is_redacted=wanted.redact_prompts)
        write_items(columns, out / "items.parquet")
    except OSError as error:
        raise UnavailableError(
            f"cannot write the report to `{out}`: {error.strerror or error}",
            hint="make room, or choose another folder with `--out`",
        ) from error
    # what was written: a page too large holds fewer items than were asked for
    return replace(shown, view=view)
