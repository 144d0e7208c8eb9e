"""One line of the table: a property, what was wanted, what was measured.

A rate is judged against its target plus three standard errors of a rate at that target (of few
expected errors, the binomial quantile of the same level), so a true property fails about once in
700 lines by luck.
"""

import math
import zlib
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, norm

PASS, CAUTIOUS, FAIL, SHOWN = "pass", "cautious", "FAIL", "shown"
"""`cautious`: errs less often than it may (intervals too wide), which harms no verdict."""

FEW = 10
"""Expected errors below which a rate is not normal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A measured rate, share or mean beside what it should be."""

    property: str
    setting: str
    wanted: str
    """In words, such as `at most 5 %`."""
    target: float
    """A share; nan where nothing is asked."""
    measured: float
    standard_error: float
    limit: float
    """The value beyond which the line fails; nan where nothing is asked."""
    replications: int
    status: str

    @property
    def is_failure(self) -> bool:
        """Whether the property does not hold here."""
        return self.status == FAIL


def stream(seed: int, *words: object) -> np.random.Generator:
    """Return a generator of its own for each setting, whatever else is run."""
    return np.random.default_rng([seed, zlib.crc32(repr(words).encode())])


def at_most(name: str, setting: str, hits: float, trials: int, target: float = 0.05) -> Outcome:
    """Judge an error rate: it may not exceed `target`."""
    rate = hits / trials
    limit = target + 3 * _error(target, trials)
    if target * trials < FEW:
        # three standard errors of a rare error may be less than one hit
        limit = max(limit, float(binom.isf(norm.sf(3), trials, target)) / trials)
    return Outcome(
        property=name,
        setting=setting,
        wanted=f"at most {100 * target:g} %",
        target=target,
        measured=rate,
        standard_error=_error(rate, trials),
        limit=limit,
        replications=trials,
        status=PASS if rate <= limit else FAIL,
    )


def covered(name: str, setting: str, hits: float, trials: int, nominal: float) -> Outcome:
    """Judge coverage: within 1.5 points of nominal; above is cautious, below is a failure."""
    rate, slack = hits / trials, 3 * _error(nominal, trials)
    low, high = nominal - 0.015 - slack, nominal + 0.015 + slack
    return Outcome(
        property=name,
        setting=setting,
        wanted=f"{100 * nominal:g} % ± 1.5 points",
        target=nominal,
        measured=rate,
        standard_error=_error(rate, trials),
        limit=low,
        replications=trials,
        status=FAIL if rate < low else CAUTIOUS if rate > high else PASS,
    )


def planned(name: str, setting: str, hits: float, trials: int, target: float) -> Outcome:
    """Judge the power of a plan: within 4 points; above is cautious, below is a failure."""
    rate, slack = hits / trials, 0.04 + 3 * _error(target, trials)
    return Outcome(
        property=name,
        setting=setting,
        wanted=f"{100 * target:g} % ± 4 points",
        target=target,
        measured=rate,
        standard_error=_error(rate, trials),
        limit=target - slack,
        replications=trials,
        status=FAIL if rate < target - slack else CAUTIOUS if rate > target + slack else PASS,
    )


def near(name: str, setting: str, value_R: np.ndarray, target: float, tolerance: float) -> Outcome:
    """Judge a mean over replications: within `tolerance` of `target`."""
    measured, trials = float(np.mean(value_R)), len(value_R)
    error = float(np.std(value_R, ddof=1)) / math.sqrt(trials)
    limit = tolerance + 3 * error
    return Outcome(
        property=name,
        setting=setting,
        wanted=f"{100 * target:g} ± {100 * tolerance:g} points",
        target=target,
        measured=measured,
        standard_error=error,
        limit=target + math.copysign(limit, measured - target),
        replications=trials,
        status=PASS if abs(measured - target) <= limit else FAIL,
    )


def at_least(name: str, setting: str, hits: float, trials: int, target: float) -> Outcome:
    """Judge a power: it may not fall below `target`."""
    rate, limit = hits / trials, target - 3 * _error(target, trials)
    return Outcome(
        property=name,
        setting=setting,
        wanted=f"at least {100 * target:.4g} %",
        target=target,
        measured=rate,
        standard_error=_error(rate, trials),
        limit=limit,
        replications=trials,
        status=PASS if rate >= limit else FAIL,
    )


def shown(name: str, setting: str, value_R: np.ndarray, wanted: str = "shown only") -> Outcome:
    """Record a mean over replications of which nothing is asked."""
    trials = len(value_R)
    return Outcome(
        property=name,
        setting=setting,
        wanted=wanted,
        target=math.nan,
        measured=float(np.mean(value_R)),
        standard_error=float(np.std(value_R, ddof=1)) / math.sqrt(trials),
        limit=math.nan,
        replications=trials,
        status=SHOWN,
    )


def _error(rate: float, trials: int) -> float:
    return math.sqrt(rate * (1 - rate) / trials)
