"""How often nominal intervals hold the truth. R replications, I items."""

from collections.abc import Iterator

import numpy as np

from forgetscope.statistics import Interval, net_change
from simulate.outcome import Outcome, at_most, covered, stream
from simulate.worlds import binary_differences

SIZES = (50, 100, 200, 500, 1319)
DISCORDANCES = (0.02, 0.05, 0.1, 0.2, 0.3)
LEVELS = (0.95, 0.90)


def coverage(seed: int, trials: int) -> Iterator[Outcome]:
    """Check the intervals of separate and of clustered 0/1 scores and of fractional scores."""
    for n in SIZES:
        for discordance in DISCORDANCES:
            yield from tango_coverage(seed, trials, n=n, discordance=discordance)
    for n_clusters in (12, 40, 120, 300):
        for discordance in (0.05, 0.1, 0.3):
            yield from clustered_coverage(
                seed, trials // 4, n_clusters=n_clusters, discordance=discordance
            )
    for n_clusters, size in ((50, 1), (200, 1), (1319, 1), (12, 8), (40, 8), (120, 8)):
        yield from fractional_coverage(seed, trials // 4, n_clusters=n_clusters, size=size)


def tango_coverage(
    seed: int, trials: int, *, n: int, discordance: float, loss: float | None = None
) -> Iterator[Outcome]:
    """Check separate 0/1 items, with a true loss of a fifth of the discordance unless told."""
    loss = discordance / 5 if loss is None else loss
    rng = stream(seed, "tango", n, discordance)
    lost, gained = (discordance + loss) / 2, (discordance - loss) / 2
    count_R3 = rng.multinomial(n, [lost, gained, 1 - discordance], size=trials)
    case_C3, times_C = np.unique(count_R3, axis=0, return_counts=True)
    made = [net_change(*of_counts(int(b), int(c), n)) for b, c, _ in case_C3]
    for level in LEVELS:
        intervals = [change.interval((1 - level) / 2) for change in made]
        hits = sum(
            int(times) * holds(interval, -loss)
            for interval, times in zip(intervals, times_C, strict=True)
        )
        yield covered(
            "coverage: Tango", f"n = {n}, discordance {discordance:g}", hits, trials, level
        )


def clustered_coverage(
    seed: int, trials: int, *, n_clusters: int, discordance: float
) -> Iterator[Outcome]:
    """Check 0/1 items in clusters of eight that share half of their draws."""
    loss = discordance / 5
    rng = stream(seed, "clustered", n_clusters, discordance)
    difference_RGS = binary_differences(
        rng, (trials, n_clusters), (discordance + loss) / 2, (discordance - loss) / 2, 8
    )
    cluster_I = np.repeat(np.arange(n_clusters), 8)
    made = [
        net_change(np.maximum(-d_I, 0.0), np.maximum(d_I, 0.0), cluster_I)
        for d_I in difference_RGS.reshape(trials, -1)
    ]
    setting = f"{n_clusters} clusters of 8, discordance {discordance:g}"
    for level in LEVELS:
        hits = sum(holds(change.interval((1 - level) / 2), -loss) for change in made)
        yield covered("coverage: clustered Tango", setting, hits, trials, level)


def fractional_coverage(seed: int, trials: int, *, n_clusters: int, size: int) -> Iterator[Outcome]:
    """Check graded answers, of which 15 % move: down in 60 %, up in 40 %."""
    rng = stream(seed, "fractional", n_clusters, size)
    cluster_I = np.repeat(np.arange(n_clusters), size)
    made, truth = [], 0.15 * (0.4 * 0.25 - 0.6 * 0.25)
    for _ in range(trials):
        before_I, after_I = graded(rng, n_clusters, size)
        made.append(net_change(before_I, after_I, cluster_I))
    setting = f"{n_clusters} clusters of {size}" if size > 1 else f"n = {n_clusters}"
    for level in LEVELS:
        hits = sum(holds(change.interval((1 - level) / 2), truth) for change in made)
        yield covered("coverage: clustered t", f"{setting}, graded scores", hits, trials, level)


def graded(rng: np.random.Generator, n_clusters: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return scores before and after; a move goes half of the way to an end, on average.

    Scores before average 1/2, so a move down or up is 1/4 on average. Items of a cluster move in
    the same direction, and half of them together.
    """
    shape = (n_clusters, size)
    ends, middle = rng.integers(0, 2, size=shape), rng.beta(2, 2, size=shape)
    before_GS = np.where(rng.random(shape) < 0.5, ends, middle)
    is_together = rng.random(shape) < (0.5 if size > 1 else 0.0)
    moves_GS = np.where(is_together, rng.random((n_clusters, 1)), rng.random(shape)) < 0.15
    is_down_GS = np.broadcast_to(rng.random((n_clusters, 1)) < 0.6, shape)
    way_GS = rng.random(shape)
    moved_GS = np.where(is_down_GS, before_GS * (1 - way_GS), before_GS + (1 - before_GS) * way_GS)
    return before_GS.ravel(), np.where(moves_GS, moved_GS, before_GS).ravel()


UNEQUAL = {
    "3 of 60 and 120 of 1": [60] * 3 + [1] * 120,
    "1 of 100 and 200 of 1": [100] + [1] * 200,
    "30 of 1 to 59": list(range(1, 60, 2)),
}


def unequal(seed: int, trials: int) -> Iterator[Outcome]:
    """Check 0/1 items in clusters of very different sizes, which share half of their draws."""
    for words, sizes in UNEQUAL.items():
        rng = stream(seed, "unequal", words)
        cluster_I = np.repeat(np.arange(len(sizes)), sizes)
        made = []
        for _ in range(trials):
            shared_I = np.repeat(rng.random(len(sizes)), sizes)
            is_shared_I = rng.random(len(cluster_I)) < 0.5
            draw_I = np.where(is_shared_I, shared_I, rng.random(len(cluster_I)))
            lost_I, gained_I = (draw_I < 0.1).astype(float), (draw_I >= 0.9).astype(float)
            made.append(net_change(lost_I, gained_I, cluster_I))
        setting = f"clusters: {words}, discordance 0.2"
        hits = sum(holds(change.interval(0.025), 0.0) for change in made)
        yield covered("coverage: unequal clusters", setting, hits, trials, 0.95)
        for alpha in (0.05, 0.05 / 80):
            hits = sum(change.interval(alpha).high < 0 for change in made)
            yield at_most("no change: a loss, unequal clusters", setting, hits, trials, alpha)


def skewed(seed: int, trials: int) -> Iterator[Outcome]:
    """Check graded answers without change on average: many lose a little, few gain much."""
    for n in (100, 200, 600, 1319):
        rng = stream(seed, "skewed", n)
        kind_RI = rng.choice(3, size=(trials, n), p=[0.76, 0.20, 0.04])
        after_RI = np.array([0.5, 0.4, 1.0])[kind_RI]
        made = [net_change(np.full(n, 0.5), after_I, np.arange(n)) for after_I in after_RI]
        for alpha in (0.05, 0.05 / 80):
            hits = sum(change.interval(alpha).high < 0 for change in made)
            setting = f"n = {n}: 20 % lose 0.1, 4 % gain 0.5"
            yield at_most("no change: a loss of skewed graded scores", setting, hits, trials, alpha)


def of_counts(lost: int, gained: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 0/1 scores before and after with these transitions, each item on its own."""
    before_I, after_I = np.zeros(n), np.zeros(n)
    before_I[:lost] = 1.0
    after_I[lost : lost + gained] = 1.0
    return before_I, after_I, np.arange(n)


def holds(interval: Interval, truth: float) -> bool:
    """Whether the interval contains the truth."""
    return interval.low <= truth <= interval.high
