"""What whole series are told in worlds where the truth is known. T checkpoints, D domains, I items.

Everything here goes through `diagnose` on whole records, as the command line does.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from forgetscope.diagnosis import diagnose
from forgetscope.records import Diagnosis, Policy, Verdict
from simulate.outcome import Outcome, at_most, shown, stream
from simulate.worlds import Drift, answers, profiles

MARGIN = 0.02
N_CHECKPOINTS, N_DOMAINS = 10, 8
NULL_WORLDS = tuple(
    Drift(n=n, discordance=discordance, size=size, is_walk=is_walk)
    for is_walk in (False, True)
    for size in (1, 8)
    for n in (100, 200, 1319)
    for discordance in (0.02, 0.1, 0.2)
)


ALARM = "FORGOT or SLIPPED"
CLAIMS = (
    ALARM,
    "FORGOT",
    "GAINED",
    "proved drop from a peak",
    "onset",
    "recovery",
    "gate failure",
)


def judged(value_TDI: np.ndarray, *, size: int = 1, require: str = "not-forgot") -> Diagnosis:
    """Return the diagnosis of a series: the one place here that calls the product."""
    series = profiles(value_TDI, size=size)
    return diagnose(series, policy=Policy(margin=MARGIN), require=require)


def false_alarms(seed: int, trials: int) -> Iterator[Outcome]:
    """Check how often anything is claimed of series in which nothing changed.

    The main claim has a line per world; the others a line for all worlds, for those of each kind,
    and for the world where they are most often wrong.
    """
    by_world = {drift: count_claims(seed, trials, drift) for drift in NULL_WORLDS}
    for drift, claims in by_world.items():
        yield _row(ALARM, drift.words, claims, trials)
    kinds = {(drift.is_walk, drift.size): drift for drift in NULL_WORLDS}
    for claim in CLAIMS:
        for (is_walk, size), drift in kinds.items():
            alike = [c for d, c in by_world.items() if (d.is_walk, d.size) == (is_walk, size)]
            total = sum(alike, start=Counter())
            yield _row(claim, f"all worlds of {drift.kind}", total, trials * len(alike))
        total = sum(by_world.values(), start=Counter())
        yield _row(claim, f"all {len(by_world)} worlds", total, trials * len(by_world))
        worst = max(by_world, key=lambda drift, of=claim: by_world[drift][of])
        yield shown(
            f"no change: any {claim}",
            f"worst of {len(by_world)} worlds: {worst.words}",
            np.arange(trials) < by_world[worst][claim],
        )


def _row(claim: str, setting: str, claims: Counter[str], trials: int) -> Outcome:
    where = f"{setting}; {N_CHECKPOINTS} checkpoints x {N_DOMAINS} domains"
    return at_most(f"no change: any {claim}", where, claims[claim], trials)


def count_claims(
    seed: int,
    trials: int,
    drift: Drift,
    *,
    n_domains: int = N_DOMAINS,
    n_checkpoints: int = N_CHECKPOINTS,
) -> Counter[str]:
    """Return in how many series each claim was made of any cell."""
    rng = stream(seed, "series", drift, n_domains, n_checkpoints)
    claims: Counter[str] = Counter()
    for _ in range(trials):
        value_TDI = answers(rng, drift, n_domains=n_domains, n_checkpoints=n_checkpoints)
        claims.update(claims_of(judged(value_TDI, size=drift.size)))
    return claims


def claims_of(diagnosis: Diagnosis) -> set[str]:
    """Return which claims a diagnosis makes of any domain, at any checkpoint."""
    words = {row.verdict for each in diagnosis.comparisons for row in each.domains}
    claims = {str(word) for word in words}
    if words & {Verdict.FORGOT, Verdict.SLIPPED}:
        claims.add(ALARM)
    for course in diagnosis.courses:
        claims |= {"proved drop from a peak"} if course.worst_drop.low > 0 else set()
        claims |= {"onset"} if course.onset is not None else set()
        claims |= {"recovery"} if course.recovery is not None else set()
    return claims if diagnosis.gate.passed else claims | {"gate failure"}
