"""What was done against forgetting, as JSON in a study and back."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from forgetscope.errors import StudyError
from forgetscope.records import BlendCell, BlendCurve, BlendPoint, Role, Verdict

if TYPE_CHECKING:
    from forgetscope.store.study import Json, Study

__all__ = ["blend_curve", "blend_points", "put_blend_curve", "put_blend_points"]

_CURVE, _POINTS = "blend", "blend-points"


def put_blend_curve(study: Study, curve: BlendCurve) -> None:
    """Store the search over blends whose result this study judges."""
    study.set_meta(_CURVE, _plain(asdict(curve)))


def blend_curve(study: Study) -> BlendCurve | None:
    """Return the search over blends whose result this study judges, or `None`.

    Raises
    ------
    StudyError
        If what is stored is none.
    """
    content: Any = study.meta(_CURVE)
    if content is None:
        return None
    try:
        return BlendCurve(
            **{
                **content,
                "points": tuple(map(_point, content["points"])),
                "final": tuple(map(_cell, content["final"])),
                "after_final": tuple(map(_cell, content["after_final"])),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(study, _CURVE, error) from error


def put_blend_points(study: Study, points: tuple[BlendPoint, ...]) -> None:
    """Store the blends that a search has tried so far."""
    study.set_meta(_POINTS, [_plain(asdict(point)) for point in points])


def blend_points(study: Study) -> tuple[BlendPoint, ...]:
    """Return the blends that a search has tried so far.

    Raises
    ------
    StudyError
        If what is stored is none.
    """
    content: Any = study.meta(_POINTS)
    try:
        return tuple(map(_point, content or ()))
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(study, _POINTS, error) from error


def _point(content: dict[str, Any]) -> BlendPoint:
    return BlendPoint(**{**content, "cells": tuple(map(_cell, content["cells"]))})


def _cell(content: dict[str, Any]) -> BlendCell:
    numbers = {
        name: math.nan if content[name] is None else float(content[name])
        for name in ("change", "low", "high")
    }
    known = {"role": Role(content["role"]), "verdict": Verdict(content["verdict"])}
    return BlendCell(**{**content, **numbers, **known})


def _plain(value: Any) -> Json:  # noqa: ANN401  # a record holds anything
    """Return plain values; a nan becomes null."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    plain: Json = value
    return plain


def _unreadable(study: Study, key: str, error: Exception) -> StudyError:
    return StudyError(
        f"`{key}` in the study `{study.folder}` cannot be read: {type(error).__name__}: {error}",
        hint="another version wrote it, or it is damaged; run the command into another folder",
    )
