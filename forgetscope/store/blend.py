"""Blends in a study's meta: the finished search under `blend`, its steps under `blend-points`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.records import BlendCell, BlendCurve, BlendPoint, Role, Verdict
from forgetscope.store.json_records import Fields, json_of, number, reading, records

if TYPE_CHECKING:
    from forgetscope.store.study import Json, Study

__all__ = [
    "blend_curve",
    "blend_json",
    "blend_of",
    "blend_points",
    "cell_of",
    "put_blend_curve",
    "put_blend_points",
]

_CURVE, _POINTS = "blend", "blend-points"


def put_blend_curve(study: Study, curve: BlendCurve) -> None:
    """Store the search over blends whose result this study judges."""
    study.set_meta(_CURVE, blend_json(curve))


def blend_curve(study: Study) -> BlendCurve | None:
    """Return the search over blends whose result this study judges, or `None`.

    Raises
    ------
    StudyError
        If what is stored is none.
    """
    content = study.meta(_CURVE)
    return None if content is None else blend_of(content)


def put_blend_points(study: Study, points: tuple[BlendPoint, ...]) -> None:
    """Store the blends that a search has tried so far."""
    study.set_meta(_POINTS, json_of(points))


def blend_points(study: Study) -> tuple[BlendPoint, ...]:
    """Return the blends that a search has tried so far.

    Raises
    ------
    StudyError
        If what is stored is none.
    """
    content = study.meta(_POINTS)
    if content is None:
        return ()
    return reading(_POINTS, content, lambda values: records(values, _point))


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
    return reading(_CURVE, value, _curve)


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
        metric=str(value.get("metric", "")),
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
