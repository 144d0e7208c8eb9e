"""Which recipe keeps what the model knew? Every method on the testbed, paired by seed.

    python benchmarks/recap_study.py --out recap-study [--seeds 0 1 2 3 4] [--jobs 2] [--arms A,B]

At each seed one base is trained, and from it every arm, with the same steps, the same target
prompts in the same order and the same learning rate; plain GRPO's weights are blended with the
base's. All of them answer the same held-out items. Writes `results.json` (a row per seed, arm and
domain), `table.md`, and two pictures. Repeating the command goes on where it was.
"""

import argparse
import json
import platform
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from study.arms import ARMS, Arm
from study.compare import SeedResult, read_seed
from study.draw import draw
from study.run import run_seed
from study.table import render


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("recap-study"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--jobs", type=int, default=1, help="seeds at a time, a core each")
    parser.add_argument("--arms", default="", help="only these, comma separated")
    parser.add_argument("--report", type=Path, help="where table and pictures go; default: --out")
    arguments = parser.parse_args()
    names = [name for name in arguments.arms.split(",") if name]
    arms = tuple(arm for arm in ARMS if not names or arm.name in names)
    began = time.monotonic()
    results = run_all(arguments.out, arms, seeds=arguments.seeds, jobs=arguments.jobs)
    write(results, arguments.report or arguments.out, seconds=time.monotonic() - began)


def run_all(out: Path, arms: Sequence[Arm], *, seeds: Sequence[int], jobs: int) -> list[SeedResult]:
    tasks = [(out / f"seed-{seed}", arms, seed) for seed in seeds]
    if jobs == 1:
        return [result for task in tasks for result in one_seed(*task)]
    # a fresh interpreter each: torch and forked processes do not go together
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        found = [pool.submit(one_seed, *task) for task in tasks]
        return [result for future in found for result in future.result()]


def one_seed(folder: Path, arms: Sequence[Arm], seed: int) -> list[SeedResult]:
    began = time.monotonic()
    study = run_seed(folder, arms, seed=seed, progress=_say(seed))
    print(f"seed {seed} in {time.monotonic() - began:.0f} s", flush=True)
    return read_seed(study, seed=seed)


class _say:  # noqa: N801 (called like a function)
    """A line when a stage ends."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __call__(self, stage: str, done: int, total: int, /, note: str = "") -> None:
        if done == total:
            now = time.strftime("%H:%M:%S")
            print(f"[{now}] seed {self._seed}: {stage} {done}/{total} {note}", flush=True)


def write(results: Sequence[SeedResult], out: Path, *, seconds: float) -> None:
    out.mkdir(parents=True, exist_ok=True)
    content = {
        "versions": {name: version(name) for name in ("forgetscope", "torch", "trl", "lm-eval")}
        | {"python": platform.python_version()},
        "seconds": round(seconds),
        "arms": {arm.name: asdict(arm) for arm in ARMS},
        "results": [asdict(result) for result in results],
    }
    (out / "results.json").write_text(json.dumps(content, indent=1) + "\n")
    text = render(results)
    (out / "table.md").write_text(text)
    print(text)
    draw(results, out)


if __name__ == "__main__":
    main()
