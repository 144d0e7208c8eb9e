"""Whether planned sizes suffice, and how near the best paired test we come. C distinct cases."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import bdtr, ndtri

from forgetscope.statistics import NetChange, further_items, net_change, required_items
from simulate.intervals import of_counts
from simulate.outcome import Outcome, at_least, planned, shown, stream

MARGIN = 0.02


def planned_power(seed: int, trials: int) -> Iterator[Outcome]:
    """Check that the planned number of items proves HELD in 80 % of cases, and FORGOT."""
    for discordance in (0.05, 0.1, 0.2):
        n = required_items(discordance, gap=MARGIN, alpha=0.05)
        held = _share(
            stream(seed, "planned", discordance),
            trials,
            (n, discordance, 0.0),
            lambda change: change.interval(0.05).low > -MARGIN,
        )
        setting = f"HELD at margin {MARGIN:g}, no change, discordance {discordance:g}: N = {n:,}"
        yield planned("power at the planned N", setting, held.sum(), trials, 0.80)
        loss = 0.05
        variance = discordance - loss**2
        n = required_items(variance, gap=loss - MARGIN, alpha=0.05)
        forgot = _share(
            stream(seed, "planned forgot", discordance),
            trials,
            (n, discordance, loss),
            lambda change: change.interval(0.05).high < -MARGIN,
        )
        setting = f"FORGOT, true loss {loss:g}, discordance {discordance:g}: N = {n:,}"
        yield planned("power at the planned N", setting, forgot.sum(), trials, 0.80)


def needed_power(seed: int, trials: int) -> Iterator[Outcome]:
    """Check that the further items which an open case asks for settle it in 80 % of cases."""
    worlds = ((200, 0.1, 0.0), (500, 0.1, 0.0), (500, 0.05, 0.0), (500, 0.1, 0.05))
    for n, discordance, loss in worlds:
        rng = stream(seed, "needed", n, discordance, loss)
        share_3 = [(discordance + loss) / 2, (discordance - loss) / 2, 1 - discordance]
        settled = []
        for lost, gained, _ in rng.multinomial(n, share_3, size=trials).tolist():
            seen = net_change(*of_counts(lost, gained, n))
            more = further_items(seen, margin=MARGIN, alpha=0.05)
            if is_settled(seen) or more is None:
                continue
            lost_more, gained_more, _ = rng.multinomial(more, share_3).tolist()
            whole = of_counts(lost + lost_more, gained + gained_more, n + more)
            settled.append(is_settled(net_change(*whole)))
        setting = f"n = {n}, discordance {discordance:g}, true loss {loss:g}, margin {MARGIN:g}"
        hits = sum(settled)
        yield planned("power with the items asked for", setting, hits, len(settled), 0.80)


def is_settled(change: NetChange) -> bool:
    """Whether HELD or FORGOT is proved of one cell."""
    interval = change.interval(0.05)
    return interval.low > -MARGIN or interval.high < -MARGIN


def paired_optimum(seed: int, trials: int) -> Iterator[Outcome]:
    """Compare the proof of a 5 pp loss with one-sided McNemar tests at the same level."""
    loss = 0.05
    for alpha, words in ((0.05, "one cell"), (0.05 / 80, "one of 80 cells")):
        for n, discordance in ((200, 0.1), (200, 0.2), (500, 0.1), (1319, 0.1), (1319, 0.2)):
            world = (n, discordance, loss)
            setting = f"loss {loss:g}, n = {n}, discordance {discordance:g}, {words}"
            rates = {}
            for name, proves in _tests(alpha).items():
                rng = stream(seed, "optimum", alpha, n, discordance)
                rates[name] = _share(rng, trials, world, proves)
            best = float(np.mean(rates["asymptotic McNemar"]))
            ours = float(np.sum(rates["ours"]))
            yield at_least("power against McNemar's", setting, ours, trials, 0.95 * best)
            for name in ("asymptotic McNemar", "exact McNemar", "unpaired z"):
                yield shown(f"power of {name}", setting, rates[name])


def _tests(alpha: float) -> dict[str, Callable[[NetChange], bool]]:
    reach = -float(ndtri(alpha))

    def asymptotic(change: NetChange) -> bool:
        fell, rose = change.fell, change.rose
        return fell > rose and (fell - rose) / math.sqrt(fell + rose) > reach

    def exact(change: NetChange) -> bool:
        return float(bdtr(change.rose, change.fell + change.rose, 0.5)) <= alpha

    def unpaired(change: NetChange) -> bool:
        # of two samples that are each right on about half of their items
        return -change.change / math.sqrt(0.5 / change.n) > reach

    return {
        "ours": lambda change: change.interval(alpha).high < 0,
        "asymptotic McNemar": asymptotic,
        "exact McNemar": exact,
        "unpaired z": unpaired,
    }


def _share(
    rng: np.random.Generator,
    trials: int,
    world: tuple[int, float, float],
    proves: Callable[[NetChange], bool],
) -> np.ndarray:
    """Return, per replication, whether a test proves its claim; equal tables are judged once."""
    n, discordance, loss = world
    share_3 = [(discordance + loss) / 2, (discordance - loss) / 2, 1 - discordance]
    count_R3 = rng.multinomial(n, share_3, size=trials)
    case_C3, case_R = np.unique(count_R3, axis=0, return_inverse=True)
    proved_C = [
        proves(net_change(*of_counts(lost, gained, n))) for lost, gained, _ in case_C3.tolist()
    ]
    return np.array(proved_C, dtype=float)[case_R.ravel()]
