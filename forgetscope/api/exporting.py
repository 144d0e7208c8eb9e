"""Results of a study, in the formats of other programs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from forgetscope.api.embedding import hidden_item
from forgetscope.api.exporters import export_by_plugin, exporter_names
from forgetscope.api.policies import AnyPolicy, fitted, settled
from forgetscope.api.provenance import provenance_of
from forgetscope.api.rows import item_columns
from forgetscope.api.save import shown_of
from forgetscope.api.sides import Side
from forgetscope.api.study import Study
from forgetscope.diagnosis import diagnose
from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.evaluation.provenance import versions
from forgetscope.records import CheckpointKind
from forgetscope.store.files import write_whole
from forgetscope.suites import PolicyFile

if TYPE_CHECKING:
    from forgetscope.interchange.out import Origin

__all__ = ["EXPORTS", "ExportRequest", "Exported", "export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What of a study goes out, and how."""

    label: str | None = None
    """One checkpoint alone; default: all, or the last where a format is about one."""
    policy: AnyPolicy | None = None
    margin: float | None = None
    """As in `Study.compare`."""
    redact_prompts: bool = False
    """Whether the data set's words (prompt, options, right answer) are left out."""
    written: int = 0
    """The time that is written into files which hold one, in seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    """What was left out, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outgoing:
    study: Study
    sides: Sequence[Side]
    """The series, base first, up to the checkpoint that is asked for."""
    labels: Sequence[str]
    """Checkpoints that are asked for."""
    file: PolicyFile
    request: ExportRequest


def export(
    study: Path | str, to: str, out: Path | str, *, request: ExportRequest | None = None
) -> Exported:
    """Write results of a study in one of the formats of `EXPORTS`, or of a plugin.

    Parameters
    ----------
    study
        The study's folder.
    to
        Name of the format.
    out
        A folder; for formats of one file, that file where it has the format's suffix.
    request
        See `ExportRequest`.

    Raises
    ------
    UnknownNameError
        If nobody knows the format, or the checkpoint.
    UsageError
        If the files cannot be written, or the policy does not fit the study.
    """
    offered = exporter_names()
    if to not in EXPORTS and to not in offered:
        raise UnknownNameError("format", to, known=(*EXPORTS, *offered))
    how = request or ExportRequest()
    with Study(study) as opened:
        if to not in EXPORTS:
            return _by_plugin(opened, to, Path(out), how)
        labels = list(opened.labels)
        if how.label is not None:
            opened.side(how.label)
            labels = labels[: labels.index(how.label) + 1]
        elif not labels:
            opened.side()  # says that it holds no checkpoint yet
        sides = [opened.side(label) for label in labels]
        outgoing = _Outgoing(
            study=opened,
            sides=sides,
            labels=labels[-1:] if how.label else labels,
            file=settled(how.policy, margin=how.margin),
            request=how,
        )
        try:
            return EXPORTS[to](outgoing, Path(out))
        except OSError as error:
            if hasattr(error, "exit_code"):
                raise
            raise UsageError(
                f"cannot write to `{out}`: {error.strerror or error}",
                hint="choose another place with `--out`",
            ) from error


def _by_plugin(study: Study, to: str, out: Path, request: ExportRequest) -> Exported:
    if request != ExportRequest(written=request.written):
        raise UsageError(
            f"the format `{to}` comes from a plugin, which always gets the whole study",
            hint="leave out `--label`, `--margin`, `--policy` and `--redact`",
        )
    return Exported(files=export_by_plugin(study, to, out))


def _parquet(outgoing: _Outgoing, out: Path) -> Exported:
    from forgetscope.interchange import write_items

    path = _file(out, "items.parquet")
    profiles = [side.profile() for side in outgoing.sides]
    columns = item_columns(outgoing.sides, profiles, is_redacted=outgoing.request.redact_prompts)
    write_items((each for each in columns if each.checkpoint in outgoing.labels), path)
    return Exported(files=(path,))


def _csv(outgoing: _Outgoing, out: Path) -> Exported:
    from forgetscope.interchange import write_deltas

    path = _file(out, "deltas.csv")
    profiles = [side.profile() for side in outgoing.sides]
    diagnosis = diagnose(
        profiles,
        policy=fitted(outgoing.file, outgoing.sides),
        require=outgoing.file.require or "not-forgot",
    )
    checkpoints = [side.checkpoint() for side in outgoing.sides]
    write_deltas(diagnosis, path, checkpoints=checkpoints)
    return Exported(files=(path,))


def _json(outgoing: _Outgoing, out: Path) -> Exported:
    from forgetscope.report import render_results

    path = _file(out, "results.json")
    shown = shown_of(outgoing.sides, file=outgoing.file)
    _write(path, render_results(shown.results))
    return Exported(files=(path,))


def _every_eval_ever(outgoing: _Outgoing, out: Path) -> Exported:
    from forgetscope.interchange.out import write_shared

    hide = hidden_item if outgoing.request.redact_prompts else None
    by_label = {side.label: side for side in outgoing.sides}
    paths = [
        write_shared(
            by_label[label].study,
            label,
            out,
            origin=_origin(by_label[label], outgoing.request),
            hide=hide,
        )
        for label in outgoing.labels
    ]
    return Exported(files=tuple(paths))


def _hub(outgoing: _Outgoing, out: Path) -> Exported:
    from forgetscope.interchange.out import hub_results, task_scores, write_hub_results

    side = outgoing.sides[-1]
    date = str(_times(side).get("finished") or "")[:10]
    found = hub_results(task_scores(side.profile()), date=date, program=_program())
    files = write_hub_results(found, out)
    notes = found.left_out if files else (*found.left_out, "so no file was written")
    return Exported(files=files, notes=notes)


def _model_card(outgoing: _Outgoing, out: Path) -> Exported:
    from forgetscope.interchange.out import task_scores
    from forgetscope.report import render_model_card

    path = _file(out, "model_card.md")
    side = outgoing.sides[-1]
    scores = [
        {
            "task": each.task.name,
            "metric": each.task.metric,
            "filter": each.task.filter,
            "shots": each.task.n_shots,
            "n": each.n,
            "value": each.score,
        }
        for each in task_scores(side.profile())
        if math.isfinite(each.score)
    ]
    view = shown_of(outgoing.sides, file=outgoing.file).view
    _write(path, render_model_card(view, model=side.name, scores=scores, program=_program()))
    return Exported(files=(path,))


EXPORTS: Mapping[str, Callable[[_Outgoing, Path], Exported]] = MappingProxyType(
    {
        "parquet": _parquet,
        "csv": _csv,
        "json": _json,
        "every-eval-ever": _every_eval_ever,
        "hf": _hub,
        "model-card": _model_card,
    }
)
"""What writes each format, by its name."""


def _file(out: Path, name: str) -> Path:
    return out if out.suffix == Path(name).suffix and not out.is_dir() else out / name


def _write(path: Path, text: str) -> None:
    with write_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def _program() -> str:
    return f"forgetscope {versions()['forgetscope']}"


def _times(side: Side) -> Mapping[str, object]:
    found: Mapping[str, object] = provenance_of([side])["times"]
    return found


def _origin(side: Side, request: ExportRequest) -> Origin:
    from forgetscope.interchange.out import Origin

    evaluated = _times(side).get("finished")
    harness, version = "forgetscope", versions()["forgetscope"]
    if side.checkpoint().kind is CheckpointKind.LOG:
        engine = str(side.study.engines().get(side.label, {}).get("engine", ""))
        harness, _, version = engine.removeprefix("imported from ").partition(" ")
    return Origin(
        harness=harness,
        harness_version=version or "unknown",
        program=_program(),
        evaluated=None if evaluated is None else str(evaluated),
        written=request.written,
    )
