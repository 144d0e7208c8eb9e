"""Stopping at the verdict: how often it is false, and how many items it saves. R runs of I items.

Every run is one checkpoint of a suite: D domains, each looked at block by block as `forgetscope
eval --until-verdict` does, at the level of a reader of all of them; those that nothing decides are
judged at their end by both ways at half the level. Beside it what many do: look at the interval
for a fixed number of items after each block, and stop where it decides.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from forgetscope.statistics import anytime_change, net_change
from simulate.outcome import Outcome, at_most, shown, stream
from simulate.worlds import binary_differences

N_DOMAINS, N_ITEMS, MARGIN, ALPHA = 8, 2_000, 0.02, 0.05
_FEWEST, _GROWTH = 50, 0.25


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
        setting = f"{world.words}: discordance {world.discordance:g}, loss {world.loss:g}"
        rng = stream(seed, "stopping", world.discordance, world.loss)
        false, peeked, share = 0, 0, []
        for _ in range(trials):
            runs = [_run(_path(rng, world)) for _ in range(N_DOMAINS)]
            false += any(_is_false(verdict, world) for _, verdict, _ in runs)
            peeked += any(_is_false(verdict, world) for _, _, verdict in runs)
            share.append(np.mean([n for n, _, _ in runs]) / N_ITEMS)
        yield at_most("until the verdict: any domain false", setting, false, trials, ALPHA)
        yield shown(
            "naive: stop where a fixed-n interval decides",
            setting,
            np.arange(trials) < peeked,
        )
        yield shown("until the verdict: share of items asked", setting, np.array(share))


def _path(rng: np.random.Generator, world: World) -> np.ndarray:
    up, down = (world.discordance - world.loss) / 2, (world.discordance + world.loss) / 2
    return binary_differences(rng, (1, N_ITEMS), down, up, 1)[0, :, 0]


def _run(path_I: np.ndarray) -> tuple[int, str, str]:
    """Return after how many items the bets decide, what, and what a peeker decides."""
    each, found, peeked = ALPHA / N_DOMAINS, "", ""
    for n in _ends():
        seen_I, alone_I = path_I[:n], np.arange(n)
        if not found:
            bets = anytime_change(seen_I, alone_I, margins=(MARGIN,), alpha=each / 2)
            found, asked = _verdict(bets.interval(each / 2)), n
        if not peeked:
            peeked = _verdict(_fixed(seen_I, each))
        if found and peeked:
            break
    if not found:
        found = _verdict(_fixed(path_I, each / 2))
    return asked, found, peeked


def _fixed(difference_I: np.ndarray, alpha: float) -> object:
    before_I = np.where(difference_I < 0, 1.0, 0.0)
    change = net_change(before_I, before_I + difference_I, np.arange(len(difference_I)))
    return change.interval(alpha)


def _verdict(interval: object) -> str:
    low, high = getattr(interval, "low", math.nan), getattr(interval, "high", math.nan)
    if high < -MARGIN:
        return "FORGOT"
    return "HELD" if low > -MARGIN else ""


def _is_false(verdict: str, world: World) -> bool:
    """Whether a verdict is wrong; at the margin itself every verdict is."""
    return (verdict == "HELD" and world.loss >= MARGIN) or (
        verdict == "FORGOT" and world.loss <= MARGIN
    )


def _ends() -> Iterator[int]:
    n = 0
    while n < N_ITEMS:
        n = min(N_ITEMS, n + math.ceil(max(_FEWEST, _GROWTH * n)))
        yield n
