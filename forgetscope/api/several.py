"""Several studies, set side by side: what each recipe kept, lost and gained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.policies import AnyPolicy, fitted
from forgetscope.api.shared_items import shared
from forgetscope.api.sides import Side
from forgetscope.api.study import Study
from forgetscope.api.study_settings import own_of, settings_of
from forgetscope.diagnosis import compare
from forgetscope.errors import PairingError, UsageError
from forgetscope.records import Comparison, Diagnosis
from forgetscope.store import is_study
from forgetscope.store.files import write_whole
from forgetscope.suites import PolicyFile

if TYPE_CHECKING:
    from forgetscope.report.studies import StudiesView
    from forgetscope.report.study_result import StudyResult

__all__ = ["view"]

_PICTURES = ("figures/tradeoff.png", "figures/dumbbell.png")


def view(
    studies: Sequence[str],
    *,
    policy: AnyPolicy | None = None,
    margin: float | None = None,
    out: Path | None = None,
    command: str = "",
) -> StudiesView:
    """Compare several studies and return what a reader is shown.

    Parameters
    ----------
    studies
        Folders of studies, or `NAME=FOLDER`; the first is what the others are set against. Without
        a name a study bears that of its method, or of its folder.
    policy, margin
        As in `Study.compare`; they hold for all studies, and the suite is that of the first.
    out
        Folder for `view.html`, `view.md` and `figures/`; `None` writes nothing.
    command
        What was called, to be shown beside the numbers.

    Raises
    ------
    UsageError
        If there are fewer than two studies, two of one name, or one without anything to compare.
    """
    if len(studies) < 2:
        raise UsageError(
            "one study is nothing to compare", hint="for one study run `forgetscope report STUDY`"
        )
    with ExitStack() as stack:
        parts = [_split(text) for text in studies]
        opened = [stack.enter_context(Study(folder)) for _, folder in parts]
        names = _names([name for name, _ in parts], opened)
        file = opened[0].settled(policy, margin=margin)
        results = _results(names, opened, file)
        found = _view_of(results, opened, command=command)
    if out is not None:
        _write(found, out)
    return found


def _split(text: str) -> tuple[str, Path]:
    """Split `NAME=FOLDER`; a folder that is a study may hold the sign itself."""
    name, sign, folder = text.partition("=")
    if sign and name and not is_study(Path(text)):
        return name, Path(folder)
    return "", Path(text)


def _names(given: Sequence[str], opened: Sequence[Study]) -> list[str]:
    """Return a name for each study: the given one, its method where that is unique, its folder."""
    methods = [_method(study) for study in opened]
    names = [
        name or (method if method and methods.count(method) == 1 else _folder_name(study.folder))
        for name, method, study in zip(given, methods, opened, strict=True)
    ]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise UsageError(
            f"two studies are called `{double}`", hint="name them: `forgetscope view A=x B=y`"
        )
    return names


def _method(study: Study) -> str:
    training = study.meta("training")
    return str(training.get("method", "")) if isinstance(training, dict) else ""


def _folder_name(folder: Path) -> str:
    place = folder.resolve()
    return place.parent.name if place.name == "study" else place.name


def _results(names: Sequence[str], opened: Sequence[Study], file: PolicyFile) -> list[StudyResult]:
    from forgetscope.report.study_result import StudyResult

    first = opened[0].side()
    return [
        StudyResult(
            name=name,
            diagnosis=_diagnosis(study, file),
            checkpoints=study.checkpoints,
            versus_first=None if study is opened[0] else _versus(first, study.side(), file),
            settings=settings_of(study),
            own=own_of(study),
        )
        for name, study in zip(names, opened, strict=True)
    ]


def _diagnosis(study: Study, file: PolicyFile) -> Diagnosis:
    found = study.diagnose(policy=file)
    if not found.comparisons:
        raise UsageError(
            f"the study `{study.folder}` holds a base alone",
            hint="evaluate a checkpoint into it with `forgetscope eval CHECKPOINT --out STUDY`",
        )
    return found


def _versus(first: Side, other: Side, file: PolicyFile) -> Comparison | None:
    """Compare two last checkpoints item by item; `None` where they were not asked the same."""
    profiles = shared(first.profile(), other.profile())
    try:
        return compare(*profiles, policy=fitted(file, [first, other]))
    except PairingError:
        return None


def _view_of(
    results: Sequence[StudyResult], opened: Sequence[Study], *, command: str
) -> StudiesView:
    from forgetscope.report.studies import StudiesView

    return StudiesView.of(results, warnings=tuple(_warnings(results, opened)), command=command)


def _warnings(results: Sequence[StudyResult], opened: Sequence[Study]) -> Iterator[str]:
    from forgetscope.report.runs import method_name

    names = [method_name(result.name) for result in results]
    base = opened[0].checkpoints[0].fingerprint
    for place, (result, study) in enumerate(zip(results, opened, strict=True)):
        pair = f"{names[place]} and {names[0]}"
        if study.checkpoints[0].fingerprint != base:
            yield f"{pair} start from different weights"
        if place and result.versus_first is None:
            yield f"{pair} were not asked the same, so no difference between them is tested"
        elif place and (n := _n_shared(result.versus_first)) < (of := _n_items(results[0])):
            yield f"{pair} share {n:,} of {of:,} items; their difference is that of the shared ones"
    told = [(f"{names[place]}: ", text) for place, r in enumerate(results) for text in _of(r)]
    for text in dict.fromkeys(text for _, text in told):
        who = [name for name, said in told if said == text]
        yield text if len(who) == len(results) else f"{''.join(who[:1])}{text}"


def _of(result: StudyResult) -> tuple[str, ...]:
    return result.diagnosis.comparisons[-1].warnings


def _n_shared(comparison: Comparison | None) -> int:
    return sum(cell.n for cell in comparison.domains) if comparison else 0


def _n_items(result: StudyResult) -> int:
    return sum(cell.n for cell in result.diagnosis.comparisons[-1].domains)


def _write(found: StudiesView, out: Path) -> None:
    from forgetscope.report.html import render_studies
    from forgetscope.report.studies_text import render_studies_markdown

    texts = {"view.html": render_studies(found), "view.md": render_studies_markdown(found)}
    files = {name: text.encode("utf-8") for name, text in texts.items()} | dict(_pictures(found))
    try:
        for stale in {*_PICTURES} - set(files):
            (out / stale).unlink(missing_ok=True)
        for name, content in files.items():
            with write_whole(out / name) as temporary:
                temporary.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"cannot write the page to `{out}`: {error.strerror or error}",
            hint="choose another folder with `--out`",
        ) from error


def _pictures(found: StudiesView) -> Iterator[tuple[str, bytes]]:
    from forgetscope.report.figures import dumbbell, png, tradeoff

    trade, bell = found.trade, found.bell
    if trade:
        yield _PICTURES[0], png(lambda: tradeoff(trade))
    if bell:
        yield _PICTURES[1], png(lambda: dumbbell(bell))
