"""What it buys to judge a family jointly. T checkpoints of one domain, I items, R replications."""

from collections.abc import Iterator

import numpy as np

from forgetscope.records import Verdict
from forgetscope.statistics import tango_interval
from simulate.outcome import Outcome, at_least, at_most, shown, stream
from simulate.series import judged
from simulate.worlds import Drift, answers

ALPHA, LOSS = 0.05, 0.05
N_COMPARISONS = 19
PROVED = (Verdict.FORGOT, Verdict.SLIPPED)


def joint_power(seed: int, trials: int) -> Iterator[Outcome]:
    """Compare the proof of a loss with Bonferroni's and with the ideal joint test.

    The ideal test alarms where the largest z of McNemar exceeds the value that it exceeds in 5 % of
    series without change: a value which nobody knows who has one series only.
    """
    for n, discordance, is_walk in ((200, 0.2, False), (200, 0.2, True), (500, 0.1, True)):
        null = Drift(n=n, discordance=discordance, is_walk=is_walk)
        struck = Drift(n=n, discordance=discordance, is_walk=is_walk, loss=LOSS)
        rng = stream(seed, "joint", struck)
        reach = np.quantile([largest_z(series(rng, null)) for _ in range(2_000)], 1 - ALPHA)
        hits_R3 = np.array(
            [outcomes(series(rng, struck), float(reach)) for _ in range(trials)], dtype=float
        )
        false_R3 = np.array(
            [outcomes(series(rng, null), float(reach)) for _ in range(trials)], dtype=float
        )
        ours, plain, ideal = hits_R3.T
        setting = f"{N_COMPARISONS} checkpoints that lost {LOSS:g}, {null.words}"
        target = 0.95 * float(ideal.mean())
        yield at_least("power of a joint proof", setting, ours.sum(), trials, target)
        yield shown("power of the ideal joint test", setting, ideal)
        yield shown("power with Bonferroni's levels", setting, plain)
        still = f"{N_COMPARISONS} checkpoints, {null.words}"
        yield at_most("no change: a joint proof", still, false_R3[:, 0].sum(), trials)


def series(rng: np.random.Generator, drift: Drift) -> np.ndarray:
    """Return the answers of one domain, axes T, 1, I."""
    return answers(rng, drift, n_domains=1, n_checkpoints=N_COMPARISONS)


def outcomes(value_T1I: np.ndarray, reach: float) -> tuple[bool, bool, bool]:
    """Return whether we, Bonferroni and the ideal test prove a loss anywhere."""
    ours = any(
        row.verdict in PROVED for each in judged(value_T1I).comparisons for row in each.domains
    )
    fell_t, rose_t, n = *moves(value_T1I), value_T1I.shape[2]
    plain = any(
        tango_interval(fell, rose, n, alpha=ALPHA / N_COMPARISONS).high < 0
        for fell, rose in zip(fell_t.tolist(), rose_t.tolist(), strict=True)
    )
    return ours, plain, largest_z(value_T1I) > reach


def largest_z(value_T1I: np.ndarray) -> float:
    """Return the largest of McNemar's z of a loss from the base."""
    fell_t, rose_t = moves(value_T1I)
    return float(np.max((fell_t - rose_t) / np.sqrt(np.maximum(fell_t + rose_t, 1))))


def moves(value_T1I: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many items each checkpoint lost and gained against the base."""
    change_tI = value_T1I[1:, 0] - value_T1I[0, 0]
    return (change_tI < 0).sum(axis=1), (change_tI > 0).sum(axis=1)
