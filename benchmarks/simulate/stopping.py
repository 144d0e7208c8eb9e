"""Stopping at the verdict: how often it is false, and how many items it saves. R runs of I items.

Every run is one checkpoint of a suite: D domains, each looked at block by block as `forgetscope
eval --until-verdict` does, at the level of a reader of all of them; those that nothing decides are
judged at their end by both ways at half the level. Beside it what many do: look at the interval
for a fixed number of items after each block, and stop where it decides.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forgetscope.statistics import net_change
from forgetscope.statistics.anytime_interval import above_log_e
from simulate.outcome import Outcome, at_most, shown, stream
from simulate.worlds import binary_differences

N_DOMAINS, N_ITEMS, MARGIN, ALPHA = 8, 2_000, 0.02, 0.05
ENDS = (50, 100, 150, 200, 250, 313, 392, 490, 613, 767, 959, 1199, 1499, 1874, 2000)
"""Items at each look, as `evaluation.blocks` cuts them."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What a checkpoint did to every domain."""

    words: str
    discordance: float
    loss: float
    """True loss, a share."""


WORLDS = (
    World(words="nothing changed", discordance=0.0, loss=0.0),
    World(words="intact", discordance=0.02, loss=0.0),
    World(words="restless", discordance=0.1, loss=0.0),
    World(words="lost just the margin", discordance=0.06, loss=MARGIN),
    World(words="lost 10 points", discordance=0.16, loss=0.10),
    World(words="lost 30 points", discordance=0.34, loss=0.30),
)


def stops(seed: int, trials: int) -> Iterator[Outcome]:
    """Check the error of a whole suite, and show the share of its items that were asked."""
    for world in WORLDS:
        yield from suites(seed, trials, world)


def suites(seed: int, trials: int, world: World) -> Iterator[Outcome]:
    """Check one world."""
    rng = stream(seed, "stopping", world.discordance, world.loss)
    false, peeked, share_R = 0, 0, np.zeros(trials)
    for run in range(trials):
        down, up = (world.discordance + world.loss) / 2, (world.discordance - world.loss) / 2
        path_DI = binary_differences(rng, (N_DOMAINS, N_ITEMS), down, up, 1)[:, :, 0]
        asked_D, verdict_D = _by_bets(path_DI)
        false += _is_false(verdict_D, world)
        peeked += _is_false([_peeked(path_I) for path_I in path_DI], world)
        share_R[run] = np.mean(asked_D) / N_ITEMS
    setting = f"{world.words}: discordance {world.discordance:g}, loss {world.loss:g}"
    yield at_most("until the verdict: any domain false", setting, false, trials, ALPHA)
    naive = "a look at a fixed-n interval after each block: any domain false"
    yield shown(naive, setting, np.arange(trials) < peeked)
    yield shown("until the verdict: share of items asked", setting, share_R)


def _by_bets(path_DI: np.ndarray) -> tuple[list[int], list[str]]:
    """Return after how many items each domain is decided, and what; both ways at the end."""
    each = ALPHA / N_DOMAINS / 2
    needed = math.log(1 / each)
    held_DI = np.maximum.accumulate(above_log_e(path_DI, -MARGIN), axis=1) >= needed
    forgot_DI = np.maximum.accumulate(above_log_e(-path_DI, MARGIN), axis=1) >= needed
    asked_D, verdict_D = [], []
    for path_I, held_I, forgot_I in zip(path_DI, held_DI, forgot_DI, strict=True):
        n = next((n for n in ENDS if held_I[n - 1] or forgot_I[n - 1]), N_ITEMS)
        told = "FORGOT" if forgot_I[n - 1] else "HELD" if held_I[n - 1] else ""
        asked_D.append(n)
        verdict_D.append(told or _fixed(path_I, each))
    return asked_D, verdict_D


def _peeked(path_I: np.ndarray) -> str:
    """Return the first verdict of an interval for a fixed number of items."""
    found = (_fixed(path_I[:n], ALPHA / N_DOMAINS) for n in ENDS)
    return next(filter(None, found), "")


def _fixed(difference_I: np.ndarray, alpha: float) -> str:
    before_I = np.where(difference_I < 0, 1.0, 0.0)
    change = net_change(before_I, before_I + difference_I, np.arange(len(difference_I)))
    interval = change.interval(alpha)
    if interval.high < -MARGIN:
        return "FORGOT"
    return "HELD" if interval.low > -MARGIN else ""


def _is_false(verdicts: Sequence[str], world: World) -> bool:
    """Whether any is false, of the kind that can be: at the margin itself, HELD."""
    return ("HELD" if world.loss >= MARGIN else "FORGOT") in verdicts
