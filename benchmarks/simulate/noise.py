"""Noise that is no forgetting: sampled answers, and steps of training. T checkpoints, I items."""

from collections.abc import Iterator

import numpy as np

from forgetscope.statistics import churn_test, clustered_mean, run_level, step_noise
from simulate.outcome import Outcome, at_most, near, shown, stream

SIGMA = 0.012
"""True standard deviation from checkpoint to checkpoint."""


def churn(seed: int, trials: int) -> Iterator[Outcome]:
    """Check the permutation test of answers that were sampled several times."""
    for samples in (4, 8):
        for n in (50, 200):
            found_R = churned(seed, trials, n=n, samples=samples, moved=0.0)
            setting = f"n = {n}, {samples} samples"
            yield at_most("no change: churn beyond sampling", setting, found_R.sum(), trials)
    for samples in (2, 4, 8):
        found_R = churned(seed, trials, n=200, samples=samples, moved=0.15)
        setting = f"15 % of 200 items moved, net zero, {samples} samples"
        yield shown("power: churn beyond sampling", setting, found_R)


def churned(seed: int, trials: int, *, n: int, samples: int, moved: float) -> np.ndarray:
    """Return, per replication, whether churn is found; moved items swap easy and hard."""
    rng = stream(seed, "churn", n, samples, moved)
    found_R = np.zeros(trials)
    for r in range(trials):
        ease_I = rng.beta(0.5, 0.5, size=n)
        after_I = np.where(rng.random(n) < moved, 1 - ease_I, ease_I)
        before_IK, after_IK = (
            (rng.random((n, samples)) < p_I[:, None]).astype(float) for p_I in (ease_I, after_I)
        )
        test = churn_test(before_IK, after_IK, seed=r, permutations=499)
        found_R[r] = test.p_value <= 0.05
    return found_R


def steps(seed: int, trials: int) -> Iterator[Outcome]:
    """Check the noise between checkpoints, and claims about a run that allow for it."""
    for sigma in (0.0, SIGMA):
        rng = stream(seed, "steps", sigma)
        estimate_R = np.empty(trials)
        with_noise, without = 0, 0
        for r in range(trials):
            score_TI = wandering(rng, n=1_000, n_checkpoints=10, sigma=sigma)
            estimate_R[r] = noise_of(score_TI[1:])
            both = [
                run_level(score_TI[-3:], score_TI[0], np.arange(1_000), sigma=s, alpha=0.05)
                for s in (estimate_R[r], 0.0)
            ]
            with_noise += both[0].interval.high < 0
            without += both[1].interval.high < 0
        setting = f"true step noise {100 * sigma:g} points, 10 checkpoints, n = 1,000"
        if sigma:
            yield near("step noise: mean variance's root", setting, rooted(estimate_R), sigma, 1e-3)
        else:
            yield shown("step noise where there is none", setting, estimate_R)
        yield at_most("no change: run-level loss", setting, with_noise, trials)
        yield shown("the same without allowing for steps", setting, np.arange(trials) < without)


def wandering(rng: np.random.Generator, *, n: int, n_checkpoints: int, sigma: float) -> np.ndarray:
    """Return 0/1 scores of a base and checkpoints whose ability wanders about it, axes T+1, I.

    A checkpoint's ability is that of the base plus a normal step of its own. Most items are
    answered by whether they are easier than the ability; one in seven by luck.
    """
    ability_T = 0.5 + np.concatenate([[0.0], sigma * rng.standard_normal(n_checkpoints)])
    ease_I = rng.random(n)
    lucky_TI = rng.random((n_checkpoints + 1, n)) < ability_T[:, None]
    is_lucky_I = rng.random(n) < 1 / 7
    return np.where(is_lucky_I, lucky_TI, ease_I < ability_T[:, None]).astype(float)


def noise_of(score_TI: np.ndarray) -> float:
    """Return the estimated step noise of a series."""
    cluster_I = np.arange(score_TI.shape[1])
    error_T1 = np.array(
        [clustered_mean(step_I, cluster_I).standard_error for step_I in np.diff(score_TI, axis=0)]
    )
    return step_noise(score_TI.mean(axis=1), error_T1)


def rooted(estimate_R: np.ndarray) -> np.ndarray:
    """Return numbers whose mean is the root of the mean square of the estimates.

    The estimate is unbiased as a variance; its root is not.
    """
    root = float(np.sqrt(np.mean(np.square(estimate_R))))
    return root + (np.square(estimate_R) - root**2) / (2 * root)
