"""What the seeds say together: a seed is the unit, arms are paired within it.

Axes: S seeds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

import forgetscope
from forgetscope.records import Role

__all__ = ["Estimate", "SeedResult", "estimate", "read_seed"]

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class SeedResult:
    """One arm at one seed: change against the base in points, by domain."""

    arm: str
    seed: int
    changes: Mapping[str, float]
    verdicts: Mapping[str, str]
    target: str
    lenient: float
    """Change of the target's accuracy where the form is overlooked."""
    general: float
    """Mean change of the general domains."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean over seeds with Student's interval; nan below two seeds."""

    mean: float
    low: float
    high: float
    p_value: float
    """Two-sided, of no change."""
    n: int


def read_seed(study: Path, *, seed: int) -> list[SeedResult]:
    """Return the result of every arm in a study."""
    with forgetscope.Study(study) as opened:
        base, *arms = opened.labels
        return [_result(opened, base, arm, seed=seed) for arm in arms]


def _result(study: forgetscope.Study, base: str, arm: str, *, seed: int) -> SeedResult:
    comparison = study.compare(base, arm)
    written = [cell for cell in comparison.tasks if not cell.name.endswith("_mc")]
    changes = {cell.domain: 100 * cell.change for cell in written}
    target = next(cell.domain for cell in written if cell.role is Role.TARGET)
    (readings,) = (c.findings.readings for c in written if c.role is Role.TARGET)
    general = [change for domain, change in changes.items() if domain != target]
    return SeedResult(
        arm=arm,
        seed=seed,
        changes=changes,
        verdicts={cell.domain: str(cell.verdict) for cell in comparison.domains},
        target=target,
        lenient=math.nan if readings is None else 100 * readings.lenient.value,
        general=float(np.mean(general)),
    )


def estimate(values_S: Sequence[float] | NDArray[np.float64]) -> Estimate:
    """Return the mean over seeds with its interval."""
    values_S = np.asarray(values_S, dtype=float)
    n = len(values_S)
    mean = float(values_S.mean())
    if n < 2:
        return Estimate(mean=mean, low=math.nan, high=math.nan, p_value=math.nan, n=n)
    reach = stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1) * values_S.std(ddof=1) / math.sqrt(n)
    p_value = float(stats.ttest_1samp(values_S, 0.0).pvalue)
    return Estimate(mean=mean, low=mean - reach, high=mean + reach, p_value=p_value, n=n)
