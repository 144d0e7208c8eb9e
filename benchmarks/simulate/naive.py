"""What the gates in use today do in the same worlds. D categories, T checkpoints, I items."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from forgetscope.records import Verdict
from simulate.outcome import Outcome, at_most, shown, stream
from simulate.series import judged
from simulate.worlds import Drift, answers

N_CATEGORIES = 9
DISCORDANCE = 0.15
LOSS = 0.10
CHEAP = 20
"""Series that a gate without intervals judges while ours judges one."""
FALSE_ALARM = "gates in use today, no change: alarm"
TRUE_ALARM = f"gates in use today, one category lost {100 * LOSS:g} points: alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A gate, and the evaluation that it is used on."""

    name: str
    n: int
    n_checkpoints: int
    alarms: Callable[[np.ndarray], bool]


def gates_today(seed: int, trials: int) -> Iterator[Outcome]:
    """Show how often each gate cries wolf, and how often it sees one category lose 10 points."""
    for rule in RULES:
        is_ours = rule.name == OURS
        count = trials if is_ours else CHEAP * trials
        where = f"n = {rule.n}, {N_CATEGORIES} categories, {rule.n_checkpoints} checkpoints"
        setting = f"{where}: {rule.name}"
        false_R = alarms(seed, count, rule, loss=0.0)
        if is_ours:
            yield at_most(FALSE_ALARM, setting, false_R.sum(), count)
        else:
            yield shown(FALSE_ALARM, setting, false_R)
        yield shown(TRUE_ALARM, setting, alarms(seed, count, rule, loss=LOSS))


def alarms(seed: int, trials: int, rule: Rule, *, loss: float) -> np.ndarray:
    """Return, per series, whether a rule raises an alarm; equal worlds for all rules."""
    rng = stream(seed, "gates", rule.n, rule.n_checkpoints)
    still = Drift(n=rule.n, discordance=DISCORDANCE)
    struck = Drift(n=rule.n, discordance=DISCORDANCE, loss=loss)
    shape = {"n_checkpoints": rule.n_checkpoints}
    alarm_R = []
    for _ in range(trials):
        value_TDI = answers(rng, still, n_domains=N_CATEGORIES, **shape)
        if loss:
            value_TDI[:, :1] = answers(rng, struck, n_domains=1, **shape)
        alarm_R.append(rule.alarms(value_TDI))
    return np.array(alarm_R, dtype=float)


def falls_beyond(threshold: float) -> Callable[[np.ndarray], bool]:
    """Alarm where a category of any checkpoint falls by more than a threshold."""

    def alarms(value_TDI: np.ndarray) -> bool:
        mean_TD = value_TDI.mean(axis=2)
        # counts are whole numbers: half an item decides no tie
        return bool((mean_TD[0] - mean_TD[1:] > threshold + 1e-9).any())

    return alarms


def differs_unpaired(alpha: float) -> Callable[[np.ndarray], bool]:
    """Alarm where a category falls and a two-sample z test is significant, two-sided."""
    reach = -float(ndtri(alpha / 2))

    def alarms(value_TDI: np.ndarray) -> bool:
        mean_TD, n = value_TDI.mean(axis=2), value_TDI.shape[2]
        spread_TD = mean_TD * (1 - mean_TD) / n
        return bool(
            ((mean_TD[0] - mean_TD[1:]) > reach * np.sqrt(spread_TD[0] + spread_TD[1:])).any()
        )

    return alarms


def falls_from_best(threshold: float) -> Callable[[np.ndarray], bool]:
    """Alarm where the last checkpoint of a category is further below the best one."""

    def alarms(value_TDI: np.ndarray) -> bool:
        mean_TD = value_TDI.mean(axis=2)
        return bool((mean_TD.max(axis=0) - mean_TD[-1] > threshold + 1e-9).any())

    return alarms


def proves_loss(value_TDI: np.ndarray) -> bool:
    """Alarm where forgetscope says FORGOT or SLIPPED."""
    return any(
        row.verdict in (Verdict.FORGOT, Verdict.SLIPPED)
        for each in judged(value_TDI).comparisons
        for row in each.domains
    )


OURS = "FORGOT or SLIPPED"
RULES = tuple(
    Rule(name=name, n=n, n_checkpoints=n_checkpoints, alarms=alarms)
    for n, n_checkpoints, naive in (
        (20, 1, (("a fall over 10 points", falls_beyond(0.10)),)),
        (100, 1, (("a fall over 5 points", falls_beyond(0.05)),)),
        (164, 1, (("a fall over 2 points", falls_beyond(0.02)),)),
        (200, 1, (("an unpaired z test at 5 %", differs_unpaired(0.05)),)),
        (
            200,
            10,
            (
                ("best minus last over 0", falls_from_best(0.0)),
                ("best minus last over 2 points", falls_from_best(0.02)),
            ),
        ),
        (
            200,
            20,
            (
                ("best minus last over 0", falls_from_best(0.0)),
                ("best minus last over 2 points", falls_from_best(0.02)),
            ),
        ),
    )
    for name, alarms in (*naive, (OURS, proves_loss))
)


def best_minus_last_bias(seed: int, trials: int) -> Iterator[Outcome]:
    """Show what `best minus last` reads on average in one category where nothing changed."""
    for n, n_checkpoints in ((500, 10), (200, 20)):
        rng = stream(seed, "best minus last", n, n_checkpoints)
        drift = Drift(n=n, discordance=0.2)
        fall_R = np.empty(trials)
        for r in range(trials):
            mean_T = answers(rng, drift, n_domains=1, n_checkpoints=n_checkpoints).mean(axis=2)
            fall_R[r] = float(mean_T.max() - mean_T[-1, 0])
        setting = f"n = {n}, discordance 0.2, {n_checkpoints} checkpoints"
        yield shown("no change: mean of best minus last", setting, fall_R)
