"""What whole series are told in worlds where the truth is known. T checkpoints, D domains, I items.

Everything here goes through `diagnose` on whole records, as the command line does.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from forgetscope.diagnosis import diagnose
from forgetscope.records import Diagnosis, Policy, Verdict
from simulate.outcome import Outcome, at_most, stream
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


def judged(value_TDI: np.ndarray, *, size: int = 1, require: str = "not-forgot") -> Diagnosis:
    """Return the diagnosis of a series: the one place here that calls the product."""
    series = profiles(value_TDI, size=size)
    return diagnose(series, policy=Policy(margin=MARGIN), require=require)


def false_alarms(seed: int, trials: int) -> Iterator[Outcome]:
    """Check how often anything is claimed of series in which nothing changed."""
    total: Counter[str] = Counter()
    for drift in NULL_WORLDS:
        claims = count_claims(seed, trials, drift)
        total += claims
        yield from _rows(claims, drift.words, trials)
    yield from _rows(total, f"all {len(NULL_WORLDS)} worlds together", trials * len(NULL_WORLDS))


def _rows(claims: Counter[str], setting: str, trials: int) -> Iterator[Outcome]:
    where = f"{setting}; {N_CHECKPOINTS} checkpoints x {N_DOMAINS} domains"
    for claim in ("FORGOT", "FORGOT or SLIPPED", "GAINED"):
        yield at_most(f"no change: any {claim}", where, claims[claim], trials)


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
    """Return which claims a diagnosis makes of any domain at any checkpoint."""
    words = {row.verdict for each in diagnosis.comparisons for row in each.domains}
    claims = {str(word) for word in words}
    if words & {Verdict.FORGOT, Verdict.SLIPPED}:
        claims.add("FORGOT or SLIPPED")
    return claims
