"""What is said of the way of a series whose true way is known. T checkpoints."""

from collections.abc import Callable, Iterator

import numpy as np

from forgetscope.records import Diagnosis
from simulate.outcome import Outcome, at_most, shown, stream
from simulate.series import judged
from simulate.worlds import led

N_DOMAINS = 4
CHURN = 0.02
FLAT = (0.5,) * 11
PEAK = (0.5, 0.51, 0.52, 0.53, 0.54, 0.55, 0.54, 0.53, 0.52, 0.51, 0.50)
LATE_LOSS = (0.5,) * 6 + (0.40,) * 5
FALL_AND_STAY = (0.5, 0.48, 0.45, 0.42, 0.40) + (0.40,) * 6
FALL_AND_RISE = (0.5, 0.47, 0.44, 0.41, 0.38, 0.38, 0.40, 0.43, 0.46, 0.48, 0.50)

Claim = Callable[[Diagnosis], bool]


def ways(seed: int, trials: int) -> Iterator[Outcome]:
    """Check drops from a peak, onsets, recoveries and trends: false ones, and those found."""
    for n in (100, 400):
        for mean_T, errors, finds in WAYS:
            made = _made(seed, trials, n, mean_T)
            setting = f"n = {n}, {N_DOMAINS} domains, 10 checkpoints of a walk, churn {CHURN:g}"
            for words, claim in errors.items():
                hits = sum(map(claim, made))
                yield at_most(f"course: {words}", setting, hits, trials)
            for words, claim in finds.items():
                hit_R = np.array([claim(each) for each in made], dtype=float)
                yield shown(f"power: {words} in any domain", setting, hit_R)


def exceeds(drop: float) -> Claim:
    """Claim of a drop larger than this, in any domain."""
    return lambda diagnosis: any(each.worst_drop.low > drop for each in diagnosis.courses)


def begins_before(place: int) -> Claim:
    """Claim of a loss that lasts, from before this checkpoint (the base is 0)."""

    def claimed(diagnosis: Diagnosis) -> bool:
        labels = [diagnosis.base, *(each.after for each in diagnosis.comparisons)]
        onsets = [each.onset for each in diagnosis.courses if each.onset is not None]
        return any(labels.index(onset) < place for onset in onsets)

    return claimed


def recovers(diagnosis: Diagnosis) -> bool:
    """Claim of a recovery, in any domain."""
    return any(each.recovery is not None for each in diagnosis.courses)


def trends(diagnosis: Diagnosis) -> bool:
    """Claim of a falling trend: domains are not corrected for each other, so they are here."""
    return any(
        each.trend.value < 0 and each.trend.p_value / 2 <= 0.05 / N_DOMAINS
        for each in diagnosis.courses
    )


def loses_as_a_run(diagnosis: Diagnosis) -> bool:
    """Claim that the last checkpoints together lost something, in the first domain."""
    return diagnosis.courses[0].run_level.high < 0


def _made(seed: int, trials: int, n: int, mean_T: tuple[float, ...]) -> list[Diagnosis]:
    rng = stream(seed, "course", n, mean_T)
    return [judged(led(rng, mean_T, n=n, n_domains=N_DOMAINS, churn=CHURN)) for _ in range(trials)]


WAYS: tuple[tuple[tuple[float, ...], dict[str, Claim], dict[str, Claim]], ...] = (
    (
        PEAK,
        {"proved drop beyond the true one": exceeds(0.05)},
        {"a drop of 5 points from a peak is proved": exceeds(0.0)},
    ),
    (
        LATE_LOSS,
        {"onset before the loss": begins_before(6)},
        {"an onset is named": begins_before(99)},
    ),
    (FALL_AND_STAY, {"recovery where none was": recovers}, {}),
    (
        FLAT,
        {
            "falling trend, each domain at a quarter of alpha": trends,
            "a loss at the level of the run, one domain": loses_as_a_run,
        },
        {},
    ),
    (FALL_AND_RISE, {}, {"a recovery is proved": recovers}),
)
"""Each true way, the claims that are false of it, and those that are true."""
