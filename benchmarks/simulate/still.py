"""Checkpoints that are the base again, and domains whose tasks changed alike. T, D, I as ever."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from forgetscope.diagnosis import diagnose
from forgetscope.records import Adjunct, Column, Policy, Profile, Verdict
from simulate.outcome import Outcome, at_most, stream
from simulate.series import claims_of, judged
from simulate.worlds import Drift, answers, profiles

CLAIMS = {"FORGOT", "SLIPPED", "GAINED", "proved drop from a peak", "onset", "recovery"}


def same_again(seed: int, trials: int) -> Iterator[Outcome]:
    """Check copies of the base, in another order of items, and greedy reruns that flip 1 %."""
    for n in (100, 1319):
        rng = stream(seed, "same", n)
        drift = Drift(n=n, discordance=0.1)
        hits = 0
        for _ in range(trials):
            value_TDI = answers(rng, drift, n_domains=4, n_checkpoints=1)
            (base,) = profiles(value_TDI[:1])
            copies = [shuffled(rng, base, f"copy-{t}") for t in range(4)]
            claims = claims_of(diagnose([base, *copies], policy=Policy()))
            hits += bool(claims & CLAIMS)
        yield at_most(
            "identical checkpoints: any claim",
            f"n = {n}, 4 domains, 4 copies, items in another order",
            hits,
            trials,
            0.0,
        )
        drift = Drift(n=n, discordance=0.01)
        made = (answers(rng, drift, n_domains=4, n_checkpoints=4) for _ in range(trials))
        hits = sum(bool(claims_of(judged(value_TDI)) & CLAIMS) for value_TDI in made)
        yield at_most(
            "reruns that flip 1 % of the items: any claim",
            f"n = {n}, 4 domains, 4 reruns",
            hits,
            trials,
        )


def shuffled(rng: np.random.Generator, profile: Profile, label: str) -> Profile:
    """Return the same answers in another order of the items."""

    def column(before: Column) -> Column:
        row_i = rng.permutation(len(before.item_ids))
        return replace(
            before,
            item_ids=tuple(before.item_ids[i] for i in row_i),
            prompt_hashes=tuple(before.prompt_hashes[i] for i in row_i),
            clusters=tuple(before.clusters[i] for i in row_i),
            value_I=before.value_I[row_i],
        )

    return replace(profile, label=label, columns=tuple(map(column, profile.columns)))


def shifted(seed: int, trials: int) -> Iterator[Outcome]:
    """Check how often a domain whose tasks did not change is called SHIFTED, or FORGOT."""
    for n_tasks, n in ((4, 100), (4, 400), (12, 60), (12, 200)):
        for discordance in (0.03, 0.1, 0.2):
            drift = Drift(n=n, discordance=discordance)
            rng = stream(seed, "shifted", n_tasks, drift)
            marks = 0
            for _ in range(trials):
                value_TDI = answers(rng, drift, n_domains=n_tasks, n_checkpoints=1)
                (comparison,) = diagnose(profiles(value_TDI, tasks=n_tasks)).comparisons
                (row,) = comparison.domains
                marks += Adjunct.SHIFTED in row.adjuncts
                assert row.verdict is not Verdict.CANNOT_MEASURE
            setting = f"one domain of {n_tasks} tasks, n = {n} each, discordance {discordance:g}"
            yield at_most("no change: SHIFTED", setting, marks, trials)
    yield shifted_series(seed, trials)


def shifted_series(seed: int, trials: int) -> Outcome:
    """Check the same over a series: all its tests share one level."""
    rng, marks = stream(seed, "shifted series"), 0
    for _ in range(trials):
        value_TDI = answers(rng, Drift(n=60, discordance=0.1), n_domains=16, n_checkpoints=5)
        diagnosis = diagnose(profiles(value_TDI, tasks=4))
        marks += any(
            Adjunct.SHIFTED in row.adjuncts
            for each in diagnosis.comparisons
            for row in each.domains
        )
    setting = "5 checkpoints x 4 domains of 4 tasks, n = 60 each, discordance 0.1"
    return at_most("no change: any SHIFTED", setting, marks, trials)
