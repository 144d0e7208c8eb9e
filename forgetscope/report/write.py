"""The report's files, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from forgetscope.records import BlendCurve, Checkpoint, Diagnosis, Story, Training
from forgetscope.report.embedding import fitted
from forgetscope.report.figures import KINDS, NAMES, Kind, figures
from forgetscope.report.html import render_html
from forgetscope.report.markdown import render_markdown
from forgetscope.report.results import render_results, results
from forgetscope.report.trust import Provenance
from forgetscope.report.view import ReportView
from forgetscope.store.files import write_whole

__all__ = ["write_pictures", "write_report", "write_shown"]


def write_report(
    diagnosis: Diagnosis,
    out: Path,
    *,
    stories: Sequence[Story] = (),
    checkpoints: Sequence[Checkpoint] = (),
    provenance: Provenance | None = None,
    training: Training | None = None,
    blend: BlendCurve | None = None,
) -> ReportView:
    """Write `report.html`, `report.md`, `results.json` and `figures/*.png` into `out`.

    Equal input gives equal bytes. A reader never meets half a file: each is written beside its
    place and then moved there. Pictures of an earlier report that have no data now are removed.

    Returns
    -------
    ReportView
        What the files show.
    """
    view = ReportView.of(
        diagnosis,
        stories=stories,
        checkpoints=checkpoints,
        provenance=provenance,
        training=training,
        blend=blend,
    )
    content = results(
        diagnosis,
        checkpoints=checkpoints,
        provenance=provenance,
        training=training,
        blend=blend,
    )
    return write_shown(view, content, out)


def write_shown(view: ReportView, content: Mapping[str, Any], out: Path) -> ReportView:
    """Write a view and the content of `results.json` as `write_report` does.

    Returns
    -------
    ReportView
        What the files show: of a page that would be too large, fewer items.
    """
    view = replace(view, items=fitted(view.items)) if view.items else view
    texts = {
        "report.html": render_html(view),
        "report.md": render_markdown(view),
        "results.json": render_results(content),
    }
    for name, text in texts.items():
        _write(out / name, text.encode("utf-8"))
    written = write_pictures(view, out)
    every = {out / "figures" / f"{name}.{kind}" for name in NAMES for kind in KINDS}
    for stale in every - set(written):
        stale.unlink(missing_ok=True)
    return view


def write_pictures(
    view: ReportView, out: Path, *, kinds: Sequence[Kind] = ("png",)
) -> tuple[Path, ...]:
    """Write every picture the view has data for into `out/figures` and return the files."""
    files = [(out / "figures" / name, content) for name, content in figures(view, kinds)]
    return tuple(_write(path, content) for path, content in files)


def _write(path: Path, content: bytes) -> Path:
    with write_whole(path) as temporary:
        temporary.write_bytes(content)
    return path
