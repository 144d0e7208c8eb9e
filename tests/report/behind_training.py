"""Training runs and blends made by hand, to be told in a report."""

from __future__ import annotations

import math

from forgetscope.records import (
    BlendCell,
    BlendCurve,
    BlendPoint,
    Kind,
    Rival,
    Role,
    Trace,
    TradePoint,
    Training,
    Verdict,
)
from forgetscope.report import ReportView
from tests.report import made

TARGET = "math"


def trace(objective="math/accuracy", kind=Kind.REWARD, *, n=4, weights=None, **others):
    """Values that rise from 0.1; weights 1 unless told, and none of a probe."""
    if weights is None:
        weights = () if kind is Kind.PROBE else (1.0,) * n
    fields = {
        "objective": objective,
        "kind": kind,
        "steps": tuple(range(1, n + 1)),
        "values": tuple(0.1 + 0.8 * place / n for place in range(n)),
        "weights": tuple(weights),
    }
    return Trace(**(fields | others))


def moved_traces():
    """Weights that leave the band, and a probe."""
    return (
        trace("math/accuracy", weights=(1.0, 0.9, 0.7, 0.62)),
        trace("logic/replay", Kind.LOSS, weights=(1.0, 1.1, 1.3, 1.38)),
        trace("logic/probe", Kind.PROBE, n=2),
    )


def point(label="step-20", step=20, *, gain=0.15, general=-0.05, half=0.02):
    return TradePoint(
        label=label,
        step=step,
        gain=gain,
        gain_low=gain - half,
        gain_high=gain + half,
        general=general,
        general_low=general - half,
        general_high=general + half,
    )


def short(domain, change, verdict=Verdict.HELD, *, half=0.01, role=Role.GENERAL, n=400):
    return BlendCell(
        domain=domain,
        role=role,
        n=n,
        change=change,
        low=change - half,
        high=change + half,
        verdict=verdict,
    )


def rival(method="grpo", *, cells=None, **last):
    points = (point("step-10", 10, gain=0.08, general=-0.03), point(**last))
    if cells is None:
        cells = (
            short("instruction_following", -0.12, Verdict.FORGOT),
            short("logic", -0.06, Verdict.FORGOT),
            short(TARGET, 0.15, Verdict.GAINED, role=Role.TARGET),
        )
    return Rival(method=method, points=points, cells=cells)


def training(*, traces=None, rivals=None, **others):
    fields = {
        "method": "recap",
        "rule": "code",
        "seed": 3,
        "steps": 2000,
        "seconds": 840.0,
        "traces": moved_traces() if traces is None else tuple(traces),
        "rivals": (rival(),) if rivals is None else tuple(rivals),
    }
    return Training(**(fields | others))


def blend_point(share, gain, loss, *, is_allowed=True, **others):
    cells = (
        short("logic", loss, Verdict.HELD if is_allowed else Verdict.FORGOT),
        short(TARGET, gain, Verdict.GAINED, role=Role.TARGET),
    )
    reason = "" if is_allowed else "`logic` is FORGOT"
    fields = {"cells": cells, "is_allowed": is_allowed, "reason": reason}
    return BlendPoint(share=share, **(fields | others))


def blend(**others):
    """Half of the tuned weights is allowed, all of them are not."""
    fields = {
        "before": "base",
        "after": "step-20",
        "points": (
            blend_point(0.25, 0.04, -0.002),
            blend_point(0.5, 0.07, -0.01),
            blend_point(1.0, 0.1, -0.05, is_allowed=False, was_stopped=True),
        ),
        "chosen": 0.5,
        "require": "not-forgot",
        "margin": 0.02,
        "seed": 0,
        "final": (
            short("logic", -0.008),
            short(TARGET, 0.066, Verdict.GAINED, role=Role.TARGET),
        ),
        "after_final": (
            short("logic", -0.052, Verdict.FORGOT),
            short(TARGET, 0.098, Verdict.GAINED, role=Role.TARGET),
        ),
    }
    return BlendCurve(**(fields | others))


def view(**others):
    """The example of two checkpoints, with a training run and a blend."""
    steps = [made.comparison(label) for label in ("step-10", "step-20")]
    known = {"training": training(), "blend": blend()} | others
    return ReportView.of(made.diagnosis(*steps), checkpoints=made.SERIES, **known)


UNDEFINED = point(gain=math.nan, general=math.nan)
