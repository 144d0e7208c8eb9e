"""Domains whose tasks weigh the same, whatever their size. I items, J tasks."""

from collections.abc import Iterator

import numpy as np

from forgetscope.statistics import NetChange, net_change
from simulate.intervals import holds
from simulate.outcome import Outcome, at_most, covered, stream

FAMILY = 80
"""Claims that share alpha where a row cannot be judged jointly: 10 checkpoints x 8 domains."""
SUITES = {"three tasks": (50, 100, 200), "ten subjects": tuple(range(50, 151, 11))}


def coverage(seed: int, trials: int) -> Iterator[Outcome]:
    """Check intervals of equally weighted tasks, sparse and not, and false losses far out."""
    for words, sizes in SUITES.items():
        for discordance in (0.02, 0.1, 0.2):
            loss = discordance / 5
            made = macro_changes(seed, trials, sizes, discordance, loss)
            setting = f"{words} of {min(sizes)} to {max(sizes)}, discordance {discordance:g}"
            for level in (0.95, 0.90):
                hits = sum(holds(each.interval((1 - level) / 2), -loss) for each in made)
                yield covered("coverage: tasks weigh the same", setting, hits, trials, level)
            made = macro_changes(seed, trials, sizes, discordance, 0.0)
            for alpha in (0.05, 0.05 / FAMILY):
                hits = sum(each.interval(alpha).high < 0 for each in made)
                name = "no change: a loss of equally weighted tasks"
                yield at_most(name, setting, hits, trials, alpha)


def macro_changes(
    seed: int, trials: int, sizes: tuple[int, ...], discordance: float, loss: float
) -> list[NetChange]:
    """Return the weighted net change of simulated tasks; all lost the same share."""
    rng = stream(seed, "macro", sizes, discordance, loss)
    stratum_I = np.repeat(np.arange(len(sizes)), sizes)
    weight_I = 1.0 / np.repeat(sizes, sizes)
    draw_RI = rng.random((trials, len(stratum_I)))
    lost_RI = draw_RI < (discordance + loss) / 2
    gained_RI = draw_RI >= 1 - (discordance - loss) / 2
    return [
        net_change(
            lost_I.astype(float),
            gained_I.astype(float),
            np.arange(len(stratum_I)),
            weight_I=weight_I,
            stratum_I=stratum_I,
        )
        for lost_I, gained_I in zip(lost_RI, gained_RI, strict=True)
    ]
