"""Time and memory of the statistics of a large series, and where the time goes.

    python benchmarks/statistics_speed.py [--tasks 50] [--checkpoints 20] [--items 2000] [--json F]

Runs `diagnose` on whole records (10,000 draws behind its simultaneous intervals), three times, and
prints the median. Beside it, in the same run, the plain way: `scipy.stats.bootstrap` (percentile,
10,000 draws) on the paired differences of single cells, on a stated number of cells.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import FrameType

import numpy as np
from scipy.stats import bootstrap

from forgetscope.diagnosis import diagnose
from forgetscope.records import Column, Evidence, OutputType, Policy, Profile, Task

DRAWS = 10_000
OPTIONS = 4
TASKS_PER_DOMAIN = 5
SAMPLED_EVERY_SECONDS = 0.005


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=50)
    parser.add_argument("--checkpoints", type=int, default=20)
    parser.add_argument("--items", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-cells", type=int, default=10)
    parser.add_argument("--without-evidence", action="store_true", help="scores alone")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    series = made(
        arguments.tasks,
        arguments.checkpoints,
        arguments.items,
        has_evidence=not arguments.without_evidence,
    )
    before = peak_megabytes()
    runs = [timed(lambda: diagnose(series, policy=Policy())) for _ in range(arguments.runs)]
    middle = statistics.median(run["wall"] for run in runs)
    n_cells = sum(len(each.domains) + len(each.tasks) + 1 for each in runs[0]["result"].comparisons)
    peer = timed(lambda: plain(series, arguments.peer_cells))
    ours, theirs = (
        statistics.median(run["cpu"] for run in runs) / n_cells,
        peer["cpu"] / arguments.peer_cells,
    )
    row = {
        "tasks": arguments.tasks,
        "checkpoints": arguments.checkpoints,
        "items": arguments.items,
        "has_evidence": not arguments.without_evidence,
        "cells": n_cells,
        "wall_seconds": middle,
        "cpu_seconds": statistics.median(run["cpu"] for run in runs),
        "peak_megabytes": peak_megabytes(),
        "peak_megabytes_of_the_input": before,
        "cpu_seconds_per_cell": ours,
        "peer_cpu_seconds_per_cell": theirs,
        "peer_cells": arguments.peer_cells,
        "peer_ratio": theirs / ours,
        "shares": shares(lambda: diagnose(series, policy=Policy())),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scipy": version("scipy"),
        "cores": os.cpu_count(),
    }
    print(text(row))
    if arguments.json:
        arguments.json.write_text(json.dumps(row, indent=1) + "\n")
    return 0


def made(n_tasks: int, n_checkpoints: int, n: int, *, has_evidence: bool) -> list[Profile]:
    """Return a series of 0/1 scores that wanders: at each checkpoint 2 % of the items flip."""
    rng = np.random.default_rng(0)
    tasks = [task(place) for place in range(n_tasks)]
    ids = [tuple(f"{each.name}-{i}" for i in range(n)) for each in tasks]
    value_JI = (rng.random((n_tasks, n)) < 0.6).astype(float)
    series = []
    for t in range(n_checkpoints + 1):
        columns = tuple(
            Column(
                task=each,
                item_ids=names,
                prompt_hashes=names,
                clusters=("",) * n,
                chance_I=np.full(n, 1 / OPTIONS),
                value_I=value_I,
                form_I=np.full(n, -1, dtype=np.int8),
                evidence=evidence(rng, value_I) if has_evidence else None,
            )
            for each, names, value_I in zip(tasks, ids, value_JI, strict=True)
        )
        series.append(Profile(label=f"step-{100 * t}", columns=columns, step=100 * t))
        value_JI = np.abs(value_JI - (rng.random(value_JI.shape) < 0.02))
    return series


def task(place: int) -> Task:
    """Return one of several multiple-choice tasks, five to a domain."""
    return Task(
        name=f"task{place}",
        domain=f"domain{place // TASKS_PER_DOMAIN}",
        metric="acc",
        chance=1 / OPTIONS,
        output_type=OutputType.MULTIPLE_CHOICE,
        version="1",
        n_shots=0,
        fingerprint=str(place),
    )


def evidence(rng: np.random.Generator, value_I: np.ndarray) -> Evidence:
    """Return what an evaluation records of multiple-choice answers: choices and probabilities."""
    n, fields = len(value_I), Evidence.unknown(len(value_I))
    top_I = rng.uniform(1 / OPTIONS, 1, size=n)
    gold_I = np.where(value_I == 1, top_I, (1 - top_I) / (OPTIONS - 1))
    known = {
        "choice_I": np.where(value_I == 1, 0, rng.integers(1, OPTIONS, size=n)),
        "n_options_I": np.full(n, OPTIONS),
        "top_share_I": top_I,
        "gold_share_I": gold_I,
        "gold_bits_I": -np.log2(gold_I) / 8,
        "gold_bytes_I": np.full(n, 8.0),
        "brier_I": np.square(1 - gold_I) * OPTIONS / (OPTIONS - 1),
    }
    rest = {name: getattr(fields, name) for name in Evidence.__slots__ if name not in known}
    return Evidence(**known, **rest)


def plain(series: list[Profile], n_cells: int) -> None:
    """Bootstrap some cells one by one, as a person would without a library for it."""
    base, last = series[0], series[-1]
    for place in range(n_cells):
        column = place % len(base.columns)
        difference_I = last.columns[column].value_I - base.columns[column].value_I
        bootstrap(
            (difference_I,),
            np.mean,
            n_resamples=DRAWS,
            batch=1_000,
            method="percentile",
            rng=np.random.default_rng(place),
        )


def timed(work: Callable[[], object]) -> dict:
    """Return the wall and CPU seconds of some work, and its result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "result": result,
    }


def peak_megabytes() -> float:
    """Return the largest memory this process has used so far (Linux counts kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def shares(work: Callable[[], object]) -> dict[str, float]:
    """Return which module of forgetscope was at work how often, by looking every 5 ms."""
    seen: Counter[str] = Counter()
    main_thread, done = threading.main_thread().ident, threading.Event()

    def look() -> None:
        while not done.wait(SAMPLED_EVERY_SECONDS):
            seen[module_of(sys._current_frames().get(main_thread))] += 1

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return {name: count / seen.total() for name, count in seen.most_common()}


def module_of(frame: FrameType | None) -> str:
    """Return the module of the innermost frame that belongs to forgetscope, with its function."""
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("forgetscope."):
            return f"{name.removeprefix('forgetscope.')}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "elsewhere"


def text(row: dict) -> str:
    """Return the numbers as lines."""
    kind = "with" if row["has_evidence"] else "without"
    lines = [
        f"{row['tasks']} tasks x {row['checkpoints']} checkpoints x {row['items']:,} items, "
        f"{kind} evidence: {row['cells']:,} cells",
        f"diagnose: {row['wall_seconds']:.2f} s wall, {row['cpu_seconds']:.2f} s CPU, "
        f"peak {row['peak_megabytes']:,.0f} MB (input {row['peak_megabytes_of_the_input']:,.0f})",
        f"per cell: {1000 * row['cpu_seconds_per_cell']:.2f} ms CPU; scipy.stats.bootstrap "
        f"{1000 * row['peer_cpu_seconds_per_cell']:.0f} ms on {row['peer_cells']} cells: "
        f"{row['peer_ratio']:.0f} times",
        "where the time goes:",
    ]
    lines += [f"  {100 * share:5.1f} %  {name}" for name, share in list(row["shares"].items())[:15]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
