"""What was lost beneath guessing, where it is known. I items, R replications."""

from collections.abc import Iterator

import numpy as np

from forgetscope.statistics import corrected_transitions
from simulate.outcome import Outcome, at_most, near, shown, stream

N = 2_000
KNOWN = 0.5
"""Share of items known before."""


def corrected_losses(seed: int, trials: int) -> Iterator[Outcome]:
    """Check that lost knowledge is estimated without bias, and that its bounds hold."""
    for options in (3, 4, 5, 10):
        for copying in (0.0, 0.5, 0.9):
            for lost in (0.0, 0.05, 0.10):
                yield from corrected_loss(seed, trials, options, copying, lost)


def corrected_loss(
    seed: int, trials: int, options: int, copying: float, lost: float
) -> Iterator[Outcome]:
    """Check one world; beside it what the published correction reports."""
    rng = stream(seed, "guessing", options, copying, lost)
    made = [
        corrected_transitions(
            before_I,
            after_I,
            np.full(N, options),
            np.arange(N),
            alpha=0.05,
            same_wrong_I=same_I,
        )
        for before_I, after_I, same_I in (
            guessed(rng, options=options, copying=copying, lost=lost) for _ in range(trials)
        )
    ]
    setting = f"{options} options, copying {copying:g}, lost {lost:g}, n = {N:,}"
    yield near(
        "bias of lost knowledge", setting, np.array([each.lost.value for each in made]), lost, 0.003
    )
    wrong = sum(each.lost.low > lost for each in made)
    yield at_most("lower bound of lost knowledge above the truth", setting, wrong, trials)
    if options == 4:
        published_R = np.array([each.published_lost for each in made])
        yield shown("lost knowledge by arXiv:2510.17776", setting, published_R, f"{100 * lost:g} %")


def guessed(
    rng: np.random.Generator, *, options: int, copying: float, lost: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores before and after, and whether the same wrong option was chosen.

    Option 0 is right. A share `lost` of all items is known before and not after; nothing is
    learnt. Of items unknown both times a share `copying` repeats its guess.
    """
    place_I = rng.random(N)
    is_known_before_I, is_known_after_I = place_I < KNOWN, place_I < KNOWN - lost
    first_I, second_I = rng.integers(0, options, size=(2, N))
    repeats_I = ~is_known_before_I & (rng.random(N) < copying)
    before_I = np.where(is_known_before_I, 0, first_I)
    after_I = np.where(is_known_after_I, 0, np.where(repeats_I, first_I, second_I))
    same_I = (before_I == after_I).astype(float)
    return (before_I == 0).astype(float), (after_I == 0).astype(float), same_I
