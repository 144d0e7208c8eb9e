"""Training runs in a study's meta, under the key `training`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.records import Kind, Rival, Trace, TradePoint, Training
from forgetscope.store.blend import cell_of
from forgetscope.store.json_records import Fields, json_of, number, numbers, reading, records

if TYPE_CHECKING:
    from forgetscope.store.study import Json

__all__ = ["training_json", "training_of"]


def training_json(training: Training) -> Json:
    """Return a training run as JSON; what is not finite becomes null."""
    return json_of(training)


def training_of(value: Json) -> Training:
    """Return the training run that `training_json` wrote; keys it does not know are left out.

    Raises
    ------
    StudyError
        If the value is no training run.
    """
    return reading("training", value, _training)


def _training(value: Fields) -> Training:
    return Training(
        method=str(value["method"]),
        rule=str(value["rule"]),
        seed=int(value["seed"]),
        steps=int(value["steps"]),
        seconds=number(value["seconds"]),
        traces=records(value.get("traces", ()), _trace),
        rivals=records(value.get("rivals", ()), _rival),
    )


def _trace(value: Fields) -> Trace:
    return Trace(
        objective=str(value["objective"]),
        kind=Kind(value["kind"]),
        steps=tuple(int(step) for step in value["steps"]),
        values=numbers(value["values"]),
        weights=numbers(value.get("weights", ())),
    )


def _rival(value: Fields) -> Rival:
    return Rival(
        method=str(value["method"]),
        points=records(value["points"], _point),
        cells=records(value.get("cells", ()), cell_of),
    )


def _point(value: Fields) -> TradePoint:
    return TradePoint(
        label=str(value["label"]),
        step=None if value["step"] is None else int(value["step"]),
        gain=number(value["gain"]),
        gain_low=number(value["gain_low"]),
        gain_high=number(value["gain_high"]),
        general=number(value["general"]),
        general_low=number(value["general_low"]),
        general_high=number(value["general_high"]),
    )
