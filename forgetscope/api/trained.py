"""What a study keeps of the run that made its checkpoints, where it belongs to what is shown."""

from __future__ import annotations

from collections.abc import Sequence

from forgetscope.api.sides import Side
from forgetscope.records import BlendCurve, Training
from forgetscope.store.blend import blend_of
from forgetscope.store.training import training_of

__all__ = ["blend_behind", "training_behind"]


def training_behind(sides: Sequence[Side]) -> Training | None:
    """Return the training run behind a series, or `None`.

    It belongs to the series if all of it lies in one study and starts from that study's base:
    rivals were compared with that base, and other checkpoints came from other runs.
    """
    value = sides[-1].study.meta("training")
    if value is None or not _is_own_series(sides):
        return None
    return training_of(value)


def blend_behind(sides: Sequence[Side]) -> BlendCurve | None:
    """Return the search for a blend behind a series, or `None`.

    It belongs to the series if it began at the same base, in the same study.
    """
    value = sides[-1].study.meta("blend")
    if value is None or not _is_own_series(sides):
        return None
    curve = blend_of(value)
    return curve if curve.before == sides[0].label else None


def _is_own_series(sides: Sequence[Side]) -> bool:
    last = sides[-1].study
    folders = {side.study.folder.resolve() for side in sides}
    if len(sides) < 2 or len(folders) > 1:
        return False
    return last.series()[0].label == sides[0].label
