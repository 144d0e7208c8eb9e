"""Looking after every item. R paths of I items each."""

import math
from collections.abc import Iterator

import numpy as np
from scipy.special import ndtri

from forgetscope.statistics.anytime import betting_log_e, cluster_path, loss_path
from simulate.outcome import Outcome, at_most, shown, stream
from simulate.worlds import binary_differences

N_ITEMS = 5_000
ALPHA = 0.05
PROOF = math.log(1 / ALPHA)
AT_ONCE = 200
"""Paths held in memory at a time."""


def looks(seed: int, trials: int) -> Iterator[Outcome]:
    """Check the evidence that may be looked at after every item; beside it a peeked p-value."""
    for discordance in (0.1, 0.3):
        setting = f"no change, discordance {discordance:g}, a look after each of {N_ITEMS:,} items"
        errors = peeks = 0
        for difference_RI in paths(seed, trials, discordance=discordance, loss=0.0):
            errors += int(ever(loss_path(difference_RI)).sum())
            peeks += int(peeked(difference_RI).sum())
        yield at_most("anytime: a loss is proved", setting, errors, trials, ALPHA)
        setting = f"no change, discordance {discordance:g}, a look every 100 of {N_ITEMS:,} items"
        yield shown("naive peeking: one-sided McNemar at 5 %", setting, np.arange(trials) < peeks)
    for margin in (0.02, 0.05):
        for discordance in (0.06, 0.2):
            yield from bets(seed, trials, margin=margin, discordance=discordance)
    yield clustered_bets(seed, trials, margin=0.02)
    yield from stopping(seed, trials)


def bets(seed: int, trials: int, *, margin: float, discordance: float) -> Iterator[Outcome]:
    """Check both bets where the true loss is the margin."""
    setting = f"true loss = margin {margin:g}, discordance {discordance:g}, {N_ITEMS:,} items"
    for claim in ("held", "forgot"):
        errors = sum(
            int(ever(betting_log_e(difference_RI, margin=margin, claim=claim)).sum())
            for difference_RI in paths(seed, trials, discordance=discordance, loss=margin)
        )
        yield at_most(f"anytime: {claim.upper()} is proved", setting, errors, trials, ALPHA)


def clustered_bets(seed: int, trials: int, *, margin: float) -> Outcome:
    """Check the bet on unequal clusters of up to eight items that share half of their draws."""
    rng = stream(seed, "clustered bets", margin)
    errors, n_clusters = 0, N_ITEMS // 8
    for _ in range(trials):
        difference_GS = binary_differences(rng, (1, n_clusters), 0.05 + margin, 0.05, 8)[0]
        size_G = rng.integers(1, 9, size=n_clusters)
        kept_GS = np.arange(8) < size_G[:, None]
        cluster_I = np.repeat(np.arange(n_clusters), size_G)
        path_G = cluster_path(difference_GS[kept_GS], cluster_I, margin=margin, largest=8)
        errors += bool(ever(betting_log_e(path_G, margin=margin)))
    setting = f"true loss = margin {margin:g}, clusters of 1 to 8, {n_clusters} clusters"
    return at_most("anytime: HELD is proved", setting, errors, trials, ALPHA)


def stopping(seed: int, trials: int) -> Iterator[Outcome]:
    """Show how early a real loss, and the absence of one, are proved."""
    worlds = (
        ("a loss of 0.05 is proved", 0.05, lambda path_RI: loss_path(path_RI)),
        ("HELD at margin 0.02", 0.0, lambda path_RI: betting_log_e(path_RI, margin=0.02)),
    )
    for words, loss, evidence in worlds:
        share_R = np.concatenate(
            [
                until_proof(evidence(path_RI)) / N_ITEMS
                for path_RI in paths(seed, trials, discordance=0.1, loss=loss)
            ]
        )
        setting = f"{words}, discordance 0.1: mean share of {N_ITEMS:,} items"
        yield shown("anytime: items until proof", setting, share_R)


def until_proof(log_e_RI: np.ndarray) -> np.ndarray:
    """Return after how many items the evidence suffices; all of them where it never does."""
    return np.where(ever(log_e_RI), np.argmax(log_e_RI >= PROOF, axis=1) + 1, log_e_RI.shape[1])


def paths(seed: int, trials: int, *, discordance: float, loss: float) -> Iterator[np.ndarray]:
    """Return paths of differences -1, 0, 1 in blocks, axes R, I."""
    rng = stream(seed, "paths", discordance, loss)
    for first in range(0, trials, AT_ONCE):
        count = min(AT_ONCE, trials - first)
        yield binary_differences(
            rng, (count, N_ITEMS), (discordance + loss) / 2, (discordance - loss) / 2, 1
        )[:, :, 0]


def ever(log_e: np.ndarray) -> np.ndarray:
    """Whether a path ever reaches the proof."""
    return log_e.max(axis=-1) >= PROOF


def peeked(difference_RI: np.ndarray) -> np.ndarray:
    """Whether McNemar's z, looked at every 100 items, is ever beyond its 5 % quantile."""
    fell_RL = np.cumsum(difference_RI < 0, axis=1)[:, 99::100]
    rose_RL = np.cumsum(difference_RI > 0, axis=1)[:, 99::100]
    z_RL = (fell_RL - rose_RL) / np.sqrt(np.maximum(fell_RL + rose_RL, 1))
    return (z_RL > -float(ndtri(ALPHA))).any(axis=1)
