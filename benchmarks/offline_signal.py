"""Which tasks carry signal: score against chance of the base of a study, task by task.

Run: forgetscope eval base --suite offline --limit 50 --out study
     python benchmarks/offline_signal.py study

A task asked by options carries signal where its score lies above chance by more than two standard
errors of guessing. A written task has no chance to speak of: it carries signal where at least five
in a hundred answers are right.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forgetscope.records import Column
from forgetscope.store import Study

ENOUGH_Z, ENOUGH_SHARE = 2.0, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What one task told of one checkpoint."""

    domain: str
    task: str
    n: int
    score: float
    chance: float
    z: float
    """Standard errors of guessing above chance; nan where nothing is guessed."""

    @property
    def is_there(self) -> bool:
        """Whether a loss on it could be seen."""
        return self.score >= ENOUGH_SHARE if math.isnan(self.z) else self.z >= ENOUGH_Z


def signal_of(column: Column) -> Signal:
    """Return the signal of one task."""
    n = len(column.value_I)
    spread = math.sqrt(float((column.chance_I * (1 - column.chance_I)).sum())) / n
    score, chance = float(column.value_I.mean()), float(column.chance_I.mean())
    return Signal(
        domain=column.task.domain,
        task=column.task.name,
        n=n,
        score=score,
        chance=chance,
        z=(score - chance) / spread if spread else math.nan,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    with Study(parser.parse_args().study) as study:
        columns = study.profile(study.series()[0].label).columns
    found = [signal_of(c) for c in columns if len(c.value_I) and not np.isnan(c.chance_I).any()]
    print("| domain | task | items | score | chance | z | signal |")
    print("|---|---|---|---|---|---|---|")
    for each in found:
        z = "" if math.isnan(each.z) else f"{each.z:.1f}"
        cells = (each.domain, each.task, each.n, f"{each.score:.2f}", f"{each.chance:.2f}", z)
        print(f"| {' | '.join(map(str, cells))} | {'yes' if each.is_there else 'no'} |")
    domains = dict.fromkeys(each.domain for each in found)
    with_signal = {each.domain for each in found if each.is_there}
    print(f"\n{len(with_signal)} of {len(domains)} domains carry signal")


if __name__ == "__main__":
    main()
