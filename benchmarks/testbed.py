"""What plain GRPO on the testbed's target gains and forgets, seed by seed, with its verdicts.

    python benchmarks/testbed.py [--seeds 0 1 2 3 4] [--size small] [--out reports/testbed]

Each seed: a base model from nothing, GRPO on sums with the default settings, and the suite
`testbed` on the base and on the last checkpoint. Every line is measured on held-out prompts. The
settings were chosen on other seeds (100 to 102). `--out` gets `README.md` and `table.json`.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from forgetscope import testbed
from forgetscope.api.evaluation_request import EvaluationRequest
from forgetscope.api.series import evaluate_into
from forgetscope.api.study import Study
from forgetscope.recap import TESTBED_RUN, Recipe, load_sources, train
from forgetscope.records import Cell, OutputType, Role
from forgetscope.store import Study as StoredStudy
from forgetscope.suites import TESTBED

MARGIN = 0.02
DAMAGE = 0.10
"""A loss of so much counts as damage, where it is FORGOT too."""
MASTERED = 0.90
STRICT_BASE = (0.20, 0.50)
CHOSEN_ON = "100 101 102"


def main() -> None:
    """Train, evaluate, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--size", default="small", choices=sorted(testbed.SIZES))
    parser.add_argument("--out", type=Path, help="folder of README.md and table.json")
    parser.add_argument("--work", type=Path, help="keep models and studies here")
    arguments = parser.parse_args()
    runs = []
    with tempfile.TemporaryDirectory() as scratch:
        for seed in arguments.seeds:
            work = (arguments.work or Path(scratch)) / f"{arguments.size}-{seed}"
            runs.append(measured(seed, size=arguments.size, work=work))
            print("\n".join(lines_of(runs[-1])), flush=True)
    print("\n".join(wanted(runs)))
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        table = {"provenance": provenance(arguments), "runs": runs}
        (arguments.out / "table.json").write_text(json.dumps(table, indent=1) + "\n")
        (arguments.out / "README.md").write_text(page(table))


def measured(seed: int, *, size: str, work: Path) -> dict[str, Any]:
    """Return what one seed did; a base or a run that `work` holds is not made again."""
    seconds: dict[str, float] = {}
    base = timed(
        seconds, "base", lambda: testbed.train_base(seed=seed, size=size, cache=work / "cache")
    )
    run = work / "grpo"
    if not run.is_dir():
        timed(seconds, "grpo", lambda: trained(base, run, seed=seed))
    last = max(run.glob("checkpoint-*"), key=lambda folder: int(folder.name.split("-")[1]))
    request = EvaluationRequest(suite=TESTBED, command=f"python benchmarks/testbed.py {seed}")
    timed(
        seconds,
        "evaluation of two checkpoints",
        lambda: evaluate_into([str(base), str(last)], work / "study", request=request),
    )
    with Study(work / "study") as study:
        labels = study.labels
        (comparison,) = study.diagnose(margin=MARGIN).comparisons
        gate = study.gate(margin=MARGIN)
    with StoredStudy(work / "study") as stored:
        leaks = [marks(stored, label) for label in labels]
    return {
        "seed": seed,
        "cpu_seconds": seconds,
        "gate_passed": gate.passed,
        "domains": [told(cell, leaks=leaks) for cell in comparison.domains],
        "tasks": [told(cell) for cell in comparison.tasks],
    }


def trained(base: Path, run: Path, *, seed: int) -> None:
    train(
        base,
        run,
        recipe=Recipe(method="grpo", run=replace(TESTBED_RUN, seed=seed)),
        reasoning=load_sources(["testbed:math?n=2000"], seed=seed),
    )


def timed(seconds: dict[str, float], name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401
    started = time.process_time()
    result = work()
    seconds[name] = round(time.process_time() - started, 1)
    return result


def marks(stored: StoredStudy, label: str) -> dict[str, float]:
    """Return, per domain, the share of written answers that hold a `#`."""
    shares = {}
    for column in stored.profile(label).columns:
        if column.task.output_type is OutputType.GENERATE:
            scores = stored.answers_of(label).scores(column.item_ids)
            shares[column.task.domain] = sum("#" in s.answer for s in scores.values()) / len(scores)
    return shares


def told(cell: Cell, *, leaks: Sequence[dict[str, float]] = ()) -> dict[str, Any]:
    """Return a cell as plain values."""
    found = cell.findings.readings
    row = {
        name: getattr(cell, name)
        for name in ("name", "n", "before", "after", "change", "low", "high", "lost")
    }
    row |= {"role": cell.role.value, "verdict": cell.verdict.value}
    row |= {"adjuncts": [adjunct.value for adjunct in cell.adjuncts]}
    row |= {"format_share": cell.format_share if cell.lost else None}
    if found is not None:
        row |= {"lenient_change": found.lenient.value, "lenient_low": found.lenient.low}
    if leaks:
        row["marked"] = [leak[cell.name] for leak in leaks]
    return row


def is_damaged(row: dict[str, Any]) -> bool:
    return row["verdict"] == "FORGOT" and row["change"] <= -DAMAGE


def general(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in run["domains"] if row["role"] == Role.GENERAL.value]


def target(run: dict[str, Any]) -> dict[str, Any]:
    return next(row for row in run["domains"] if row["role"] == Role.TARGET.value)


def wanted(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Say for how many seeds each thing holds that the testbed is made for."""
    low, high = STRICT_BASE
    tests = {
        f"the base's strict target is {low:.0%} to {high:.0%}": lambda run: (
            low <= target(run)["before"] <= high
        ),
        f"at least five general domains of the base are {MASTERED:.0%} or more": lambda run: (
            sum(row["before"] >= MASTERED for row in general(run)) >= 5
        ),
        "at least two domains are FORGOT": lambda run: (
            sum(row["verdict"] == "FORGOT" for row in general(run)) >= 2
        ),
        f"at least two domains are FORGOT and lost {100 * DAMAGE:.0f} points or more": lambda run: (
            sum(map(is_damaged, general(run))) >= 2
        ),
        "the target's accuracy rose beyond doubt, its form set aside": lambda run: (
            target(run)["lenient_low"] > 0
        ),
        "at least two general domains lost less than 2 points": lambda run: (
            sum(row["change"] > -MARGIN for row in general(run)) >= 2
        ),
    }
    return [
        f"- {sum(map(holds, runs))} of {len(runs)} seeds: {name}" for name, holds in tests.items()
    ]


def lines_of(run: dict[str, Any]) -> list[str]:
    """Return the table of one seed."""
    seconds = ", ".join(f"{name} {value:.0f}" for name, value in run["cpu_seconds"].items())
    lines = [
        f"## Seed {run['seed']}",
        "",
        f"CPU seconds: {seconds}. Gate: {'passed' if run['gate_passed'] else 'failed'}.",
        "",
        "| domain or task | items | base % | after % | change, points | lenient change | verdict "
        "| lost by form % | `#` in answers % |",
        "|:--|--:|--:|--:|:--|--:|:--|--:|:--|",
    ]
    rows = [*run["domains"], *(row for row in run["tasks"] if row["name"].endswith("_mc"))]
    return [*lines, *map(line_of, rows), ""]


def line_of(row: dict[str, Any]) -> str:
    marked = " to ".join(f"{100 * share:.0f}" for share in row.get("marked", ()))
    form = "" if row["format_share"] is None else f"{100 * row['format_share']:.0f}"
    lenient = f"{100 * row['lenient_change']:+.1f}" if "lenient_change" in row else ""
    cells = (
        row["name"].removeprefix("testbed_"),
        f"{row['n']:,}",
        f"{100 * row['before']:.1f}",
        f"{100 * row['after']:.1f}",
        f"{100 * row['change']:+.1f} [{100 * row['low']:+.1f}, {100 * row['high']:+.1f}]",
        lenient,
        " ".join((row["verdict"], *row["adjuncts"])),
        form,
        marked,
    )
    return f"| {' | '.join(cells)} |"


def provenance(arguments: argparse.Namespace) -> dict[str, str]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    packages = ("forgetscope", "torch", "transformers", "trl", "lm-eval")
    size = "" if arguments.size == "small" else f" --size {arguments.size}"
    seeds = " ".join(map(str, arguments.seeds))
    return {
        "command": f"python benchmarks/testbed.py --seeds {seeds}{size} --out {arguments.out}",
        "commit": commit.stdout.strip(),
        "versions": f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in packages),
        "hardware": f"{os.cpu_count()} cores, one used",
        "settings chosen on seeds": CHOSEN_ON,
        "date": time.strftime("%Y-%m-%d"),
    }


def page(table: dict[str, Any]) -> str:
    """Return the report."""
    runs = table["runs"]
    lines = [
        "# What plain GRPO forgets on the testbed",
        "",
        f"    {table['provenance']['command']}",
        "",
        *(f"- {name}: {value}" for name, value in table["provenance"].items() if name != "command"),
        "",
        "Domain rows pool the written task and, where there is one, the task by choice (`_mc`).",
        "The lenient reading overlooks `#` and the working around an answer. `lost by form` is the",
        "share of the lost answers whose form failed or that hold the right answer elsewhere.",
        "The learning rate and the mix were chosen before, on the seeds named above and 200",
        "held-out questions a domain, out of the same pools; no setting was changed afterwards.",
        "",
        "## What was wanted",
        "",
        *wanted(runs),
        "",
    ]
    for run in runs:
        lines += lines_of(run)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    main()
