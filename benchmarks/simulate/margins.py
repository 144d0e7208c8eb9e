"""What is claimed of a domain that lost exactly the margin. T checkpoints, D domains, I items."""

from collections.abc import Iterator

import numpy as np

from forgetscope.statistics import net_change
from simulate.intervals import of_counts
from simulate.outcome import Outcome, at_most, stream
from simulate.series import MARGIN, N_DOMAINS, count_claims, judged
from simulate.worlds import Drift, answers, binary_differences


def at_the_margin(seed: int, trials: int) -> Iterator[Outcome]:
    """Check false FORGOT and false HELD where the truth lies on the line between them."""
    for n in (300, 1000):
        for size in (1, 8):
            drift = Drift(n=n, discordance=0.1, size=size, loss=MARGIN)
            claims = count_claims(seed, trials, drift, n_checkpoints=5)
            where = f"every domain lost exactly the margin: {drift.words}; 5 checkpoints x 8"
            yield at_most("at the margin: any FORGOT", where, claims["FORGOT"], trials)
            yield at_most("at the margin: any HELD", where, claims["HELD"], trials)
    for n in (300, 1000):
        for size in (1, 8):
            yield gate_passes(seed, 2 * trials, n=n, size=size)


def gate_passes(seed: int, trials: int, *, n: int, size: int) -> Outcome:
    """Check the gate that asks for proof: one domain lost the margin, seven did not change."""
    drift = Drift(n=n, discordance=0.06, size=size, loss=MARGIN)
    rng = stream(seed, "gate", drift)
    passes = 0
    for _ in range(trials):
        value_TDI = answers(rng, drift, n_domains=N_DOMAINS, n_checkpoints=2)
        value_TDI[1:, 1:] = value_TDI[0, 1:]
        passes += judged(value_TDI, size=size, require="held").gate.exit_code == 0
    return at_most(
        "at the margin: the gate `--require held` passes", f"{drift.words}; 1 of 8", passes, trials
    )


def false_held(seed: int, trials: int) -> Iterator[Outcome]:
    """Check one domain alone, at its own level, over the margin, the churn and clusters."""
    for n in (100, 300, 1000):
        for margin in (0.02, 0.05):
            for gain in (0.01, 0.05):
                yield _separate(seed, trials, n=n, margin=margin, gain=gain)
    for n_clusters in (40, 120, 300):
        for margin in (0.02, 0.05):
            yield _clustered(seed, trials // 4, n_clusters=n_clusters, margin=margin)


def _separate(seed: int, trials: int, *, n: int, margin: float, gain: float) -> Outcome:
    rng = stream(seed, "held", n, margin, gain)
    share_3 = [gain + margin, gain, 1 - 2 * gain - margin]
    case_C3, times_C = np.unique(
        rng.multinomial(n, share_3, size=trials), axis=0, return_counts=True
    )
    hits = sum(
        int(times)
        for (lost, gained, _), times in zip(case_C3.tolist(), times_C, strict=True)
        if net_change(*of_counts(lost, gained, n)).interval(0.05).low > -margin
    )
    setting = f"n = {n}, margin {margin:g}, gain rate {gain:g}"
    return at_most("at the margin: HELD, one domain", setting, hits, trials)


def _clustered(seed: int, trials: int, *, n_clusters: int, margin: float) -> Outcome:
    rng = stream(seed, "held", n_clusters, margin)
    difference_RGS = binary_differences(rng, (trials, n_clusters), 0.05 + margin, 0.05, 8)
    cluster_I = np.repeat(np.arange(n_clusters), 8)
    hits = sum(
        net_change(np.maximum(-d_I, 0.0), np.maximum(d_I, 0.0), cluster_I).interval(0.05).low
        > -margin
        for d_I in difference_RGS.reshape(trials, -1)
    )
    setting = f"{n_clusters} clusters of 8, margin {margin:g}, gain rate 0.05"
    return at_most("at the margin: HELD, one domain", setting, hits, trials)
