"""Do the verdicts err as seldom as they say? Every property, in worlds where the truth is known.

    python benchmarks/calibration.py [--replications N] [--seed S] [--only STUDY] [--out FOLDER]

Prints a line per property and setting (measured rate, what was wanted, replications) and writes
the table. A rate fails beyond its target plus three standard errors. Exits with 1 if one fails.
`--replications` counts whole series through `diagnose`; cheap studies take a multiple of it.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from simulate import (
    anytime,
    course,
    guessing,
    intervals,
    joint,
    macro,
    margins,
    naive,
    noise,
    power,
    series,
    still,
    stopping,
)
from simulate.outcome import Outcome
from simulate.table import line_text, summary, write

Study = Callable[[int, int], Iterator[Outcome]]

STUDIES: dict[str, tuple[Study, float]] = {
    "intervals": (intervals.coverage, 40),
    "skewed": (intervals.skewed, 20),
    "unequal": (intervals.unequal, 20),
    "macro": (macro.coverage, 10),
    "series": (series.false_alarms, 0.25),
    "courses": (course.ways, 0.5),
    "margin": (margins.at_the_margin, 0.5),
    "held": (margins.false_held, 40),
    "guessing": (guessing.corrected_losses, 5),
    "anytime": (anytime.looks, 10),
    "stopping": (stopping.stops, 10),
    "churn": (noise.churn, 5),
    "steps": (noise.steps, 20),
    "power": (power.planned_power, 40),
    "needs": (power.needed_power, 10),
    "optimum": (power.paired_optimum, 40),
    "joint": (joint.joint_power, 1),
    "same": (still.same_again, 0.5),
    "shifted": (still.shifted, 1),
    "gates": (naive.gates_today, 0.5),
    "peaks": (naive.best_minus_last_bias, 10),
}
"""Each study, and its replications per replication of a whole series."""


def main() -> int:
    """Run the studies and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", choices=sorted(STUDIES))
    parser.add_argument("--out", type=Path, help="write table.md, table.json and table.png here")
    arguments = parser.parse_args()
    began, code, outcomes, seconds = time.process_time(), commit(), [], {}
    for name in arguments.only or STUDIES:
        study, factor = STUDIES[name]
        study_began = time.process_time()
        for outcome in study(arguments.seed, round(factor * arguments.replications)):
            outcomes.append(outcome)
            print(line_text(outcome), flush=True)
        seconds[name] = round(time.process_time() - study_began, 1)
    print(summary(outcomes))
    if arguments.out:
        taken = time.process_time() - began
        write(arguments.out, outcomes, {**provenance(arguments, taken, seconds), "commit": code})
    return int(any(outcome.is_failure for outcome in outcomes))


def provenance(
    arguments: argparse.Namespace, taken: float, seconds: dict[str, float]
) -> dict[str, object]:
    """Return what is needed to make the table again."""
    packages = ("forgetscope", "numpy", "scipy")
    return {
        "command": "python benchmarks/calibration.py "
        f"--replications {arguments.replications} --seed {arguments.seed}",
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{p} {version(p)}" for p in packages)]
        ),
        "hardware": f"{os.cpu_count()} cores, one used",
        "CPU seconds": round(taken),
        "of which": ", ".join(f"{name} {share:g}" for name, share in seconds.items()),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def commit() -> str:
    """Return the commit of the checkout; `unknown` outside of one."""
    here = Path(__file__).parent
    called = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
    )
    return called.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
