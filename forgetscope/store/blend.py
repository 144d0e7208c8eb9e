"""Blends in a study's meta, under the key `blend`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.records import BlendCell, BlendCurve, BlendPoint, Role, Verdict
from forgetscope.store.json_records import Fields, json_of, number, reading, records

if TYPE_CHECKING:
    from forgetscope.store.study import Json

__all__ = ["blend_json", "blend_of", "cell_of"]


def blend_json(curve: BlendCurve) -> Json:
    """Return a blend as JSON; what is not finite becomes null."""
    return json_of(curve)


def blend_of(value: Json) -> BlendCurve:
    """Return the blend that `blend_json` wrote; keys it does not know are left out.

    Raises
    ------
    StudyError
        If the value is no blend.
    """
    return reading("blend", value, _curve)


def cell_of(value: Fields) -> BlendCell:
    """Return one domain of a blend."""
    return BlendCell(
        domain=str(value["domain"]),
        role=Role(value["role"]),
        n=int(value["n"]),
        change=number(value["change"]),
        low=number(value["low"]),
        high=number(value["high"]),
        verdict=Verdict(value["verdict"]),
    )


def _curve(value: Fields) -> BlendCurve:
    return BlendCurve(
        before=str(value["before"]),
        after=str(value["after"]),
        points=records(value["points"], _point),
        chosen=None if value["chosen"] is None else float(value["chosen"]),
        require=str(value["require"]),
        margin=number(value["margin"]),
        seed=int(value["seed"]),
        final=records(value.get("final", ()), cell_of),
        after_final=records(value.get("after_final", ()), cell_of),
    )


def _point(value: Fields) -> BlendPoint:
    return BlendPoint(
        share=float(value["share"]),
        cells=records(value["cells"], cell_of),
        is_allowed=bool(value["is_allowed"]),
        reason=str(value.get("reason", "")),
        was_stopped=bool(value.get("was_stopped", False)),
    )
