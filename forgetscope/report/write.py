"""The report's files, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from forgetscope.records import BlendCurve, Checkpoint, Diagnosis, Story, Training
from forgetscope.report.embedding import fitted
from forgetscope.report.figures import NAMES, figures
from forgetscope.report.html import render_html
from forgetscope.report.markdown import render_markdown
from forgetscope.report.results import render_results, results
from forgetscope.report.trust import Provenance
from forgetscope.report.view import ReportView
from forgetscope.store.files import write_whole

__all__ = ["write_report"]


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
    place and then moved there. A picture of an earlier report that has no data now is removed.

    Returns
    -------
    ReportView
        What the files show.
    """
    whole = ReportView.of(
        diagnosis,
        stories=stories,
        checkpoints=checkpoints,
        provenance=provenance,
        training=training,
        blend=blend,
    )
    view = replace(whole, items=fitted(whole.items)) if whole.items else whole
    content = results(
        diagnosis,
        checkpoints=checkpoints,
        provenance=provenance,
        training=training,
        blend=blend,
    )
    texts = {
        "report.html": render_html(view),
        "report.md": render_markdown(view),
        "results.json": render_results(content),
    }
    pictures = {f"figures/{name}": picture for name, picture in figures(view)}
    files = {name: text.encode("utf-8") for name, text in texts.items()} | pictures
    for stale in {f"figures/{name}" for name in NAMES} - set(files):
        (out / stale).unlink(missing_ok=True)
    for name, picture_or_text in files.items():
        with write_whole(out / name) as temporary:
            temporary.write_bytes(picture_or_text)
    return view
