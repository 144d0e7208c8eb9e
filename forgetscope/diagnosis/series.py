"""Follow a series of checkpoints against its base."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forgetscope.diagnosis.cell import base_cell
from forgetscope.diagnosis.compare import check_policy, comparisons_of, match
from forgetscope.diagnosis.course import courses
from forgetscope.diagnosis.gate import Require, judge_last
from forgetscope.diagnosis.row import Matched
from forgetscope.errors import UsageError
from forgetscope.records import Cell, Comparison, Course, Diagnosis, Policy, Profile, Role, Verdict

__all__ = ["diagnose", "last_clean"]

_DEFAULT = Policy()


def diagnose(
    profiles: Sequence[Profile],
    *,
    policy: Policy = _DEFAULT,
    require: Require = "not-forgot",
    domains: Sequence[str] | None = None,
) -> Diagnosis:
    """Compare each checkpoint with the first one, and judge the last.

    Parameters
    ----------
    profiles
        The series, base first.
    policy
        What has to be proved of each domain, and how surely.
    require, domains
        What the gate asks for, and of which domains; see `judge`.

    Raises
    ------
    PairingError
        If a checkpoint was asked other prompts than the base.
    UsageError
        If there is no checkpoint, a label occurs twice, or a setting is out of range.
    """
    check_policy(policy)
    if not profiles:
        raise UsageError("a series needs at least one checkpoint")
    labels = [profile.label for profile in profiles]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(f"two checkpoints are called `{label}`", hint="name them apart")
    base, *others = profiles
    matched_C = [match(base, other, policy=policy) for other in others]
    comparisons = comparisons_of(matched_C, policy=policy)
    found = _courses(matched_C, comparisons, profiles=profiles, policy=policy)
    comparisons = tuple(_with_step_noise(comparison, found) for comparison in comparisons)
    profile = _profile(base, policy)
    return Diagnosis(
        base=base.label,
        margin=policy.margin,
        alpha=policy.alpha,
        profile=profile,
        comparisons=comparisons,
        gate=judge_last(comparisons, profile=profile, require=require, domains=domains),
        last_clean=last_clean(comparisons),
        courses=found,
        seed=policy.seed,
    )


def last_clean(comparisons: Sequence[Comparison]) -> str | None:
    """Return the last label before a general domain is FORGOT or SLIPPED; `None` if none is."""
    clean = None
    for comparison in comparisons:
        general = [row for row in comparison.domains if row.role is Role.GENERAL]
        if any(row.verdict in (Verdict.FORGOT, Verdict.SLIPPED) for row in general):
            break
        clean = comparison.after
    return clean


def _courses(
    matched_C: Sequence[Matched],
    comparisons: Sequence[Comparison],
    *,
    profiles: Sequence[Profile],
    policy: Policy,
) -> tuple[Course, ...]:
    if len(matched_C) < 2:
        return ()
    return courses(
        [each.domains for each in matched_C],
        [comparison.domains for comparison in comparisons],
        labels_T=[profile.label for profile in profiles],
        step_T=_steps(profiles),
        policy=policy,
    )


def _steps(profiles: Sequence[Profile]) -> NDArray[np.float64]:
    """Return the training steps, nan where unknown; a base without one is where training began."""
    steps = [math.nan if profile.step is None else float(profile.step) for profile in profiles]
    if math.isnan(steps[0]):
        steps[0] = 0.0
    return np.array(steps)


def _with_step_noise(comparison: Comparison, found: Sequence[Course]) -> Comparison:
    """Return the comparison with the noise between checkpoints in its domains."""
    noise = {course.domain: course.step_noise for course in found}
    domains = tuple(
        _with_noise(cell, noise.get(cell.name, math.nan)) for cell in comparison.domains
    )
    return replace(comparison, domains=domains)


def _with_noise(cell: Cell, step: float) -> Cell:
    floors = cell.findings.noise
    if floors is None or math.isnan(step):
        return cell
    return replace(
        cell,
        noise_floor=float(np.fmax(cell.noise_floor, 2.0 * step)),
        findings=replace(cell.findings, noise=replace(floors, step=step)),
    )


def _profile(base: Profile, policy: Policy) -> tuple[Cell, ...]:
    """Return the cells of the base alone: paired with itself, nothing changed."""
    alone = match(base, base, policy=policy)
    return tuple(base_cell(row, alpha=policy.alpha) for row in (*alone.domains, *alone.tasks))
