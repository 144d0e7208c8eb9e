"""Two checkpoints, of one study or of two."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.embedding import Embedding
from forgetscope.api.policies import AnyPolicy
from forgetscope.api.save import Shown, save, shown_of
from forgetscope.api.study import Study
from forgetscope.errors import UsageError
from forgetscope.store import is_study

if TYPE_CHECKING:
    from forgetscope.report import ReportView

__all__ = ["diff", "shown_diff"]


def diff(
    before: str,
    after: str,
    *,
    policy: AnyPolicy | None = None,
    margin: float | None = None,
    out: Path | None = None,
    names: tuple[str, str] | None = None,
    embedding: Embedding | None = None,
) -> ReportView:
    """Compare two checkpoints and return what a reader is shown.

    Parameters and errors are those of `shown_diff`.
    """
    return shown_diff(
        before,
        after,
        policy=policy,
        margin=margin,
        out=out,
        names=names,
        embedding=embedding,
    ).view


def shown_diff(
    before: str,
    after: str,
    *,
    policy: AnyPolicy | None = None,
    margin: float | None = None,
    out: Path | None = None,
    names: tuple[str, str] | None = None,
    embedding: Embedding | None = None,
) -> Shown:
    """Compare two checkpoints and return what is shown of them in every form.

    Parameters
    ----------
    before, after
        `STUDY:LABEL`, or `STUDY` for its last checkpoint.
    policy, margin
        As in `Study.compare`; the suite is that of the later checkpoint's study.
    out
        Folder for the whole report; `None` writes nothing.
    names
        What the two are called in the report; default: study and label.
    embedding
        Which items the page holds, and which of their words; default: those that changed.

    Raises
    ------
    PairingError
        If they were not asked the same.
    """
    with ExitStack() as stack:
        sides = []
        for place, text in enumerate((before, after)):
            folder, label = _parse(text)
            study = stack.enter_context(Study(folder))
            file = study.settled(policy, margin=margin)
            side = study.side(label)
            name = names[place] if names else f"{folder.name}:{side.label}"
            sides.append(study.side(label, name=name))
        if sides[0].name == sides[1].name:
            raise UsageError(f"`{before}` and `{after}` are the same checkpoint")
        if out is None:
            return shown_of(sides, file=file, embedding=embedding)
        return save(sides, out, file=file, embedding=embedding)


def _parse(text: str) -> tuple[Path, str | None]:
    """Split `STUDY:LABEL` at the last colon behind which a study ends."""
    for place in reversed([i for i, character in enumerate(text) if character == ":"]):
        if is_study(Path(text[:place])):
            return Path(text[:place]), text[place + 1 :]
    return Path(text), None
