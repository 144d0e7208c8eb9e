"""Stock lm-eval for the other benchmarks: its own command line, on its own task files.

Nothing to run here. A task file of lm-eval is included whole by one beside it that says where the
data lie on this machine; the prompts, metrics and filters stay those of lm-eval. For runs that end
in bounded time the evaluated split can be thinned to random items, for both sides alike.
"""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.evaluation.harness.index import TaskIndex
from forgetscope.suites import find_data

PREFIX = "stock_"
"""Of the task names: lm-eval has the others itself."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a process took with all its children, in seconds."""

    cpu: float
    wall: float


def run(command: Sequence[str], *, threads: int) -> Cost:
    """Run a process and return what it cost; it ends this one if it fails."""
    environment = os.environ | {
        "OMP_NUM_THREADS": str(threads),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
    }
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}"
        )
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu=cpu, wall=time.perf_counter() - began)


def lm_eval_command(
    model: Path | str, tasks: Sequence[str], *, include: Path, batch_size: int
) -> list[str]:
    """Return the command line of lm-eval over tasks that `write_tasks` wrote."""
    return [
        *(sys.executable, "-m", "lm_eval", "run"),
        *("--model", "hf", "--model_args", f"pretrained={model},dtype=float32", "--device", "cpu"),
        *("--tasks", ",".join(PREFIX + name for name in tasks), "--include_path", str(include)),
        *("--batch_size", str(batch_size)),
    ]


def write_tasks(tasks: Sequence[str], *, data_dir: Path, folder: Path) -> None:
    """Write a task file for each task, which includes lm-eval's and reads the mirror."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, path, config in _configurations(tasks):
        found = find_data(data_dir, config["dataset_path"], config.get("dataset_name"))
        if found is None:
            raise SystemExit(f"`{data_dir}` does not hold the data of `{name}`")
        own = {
            "include": str(path),
            "task": PREFIX + name,
            "tag": None,
            "dataset_path": found.format,
            "dataset_name": None,
            "dataset_kwargs": {"data_files": {s: str(f) for s, f in found.splits.items()}},
        }
        # JSON is YAML
        (folder / f"{PREFIX}{name}.yaml").write_text(json.dumps(own))


def thin_mirror(
    tasks: Sequence[str], *, data_dir: Path, folder: Path, share: float = 1.0, items: int = 10**9
) -> int:
    """Write a mirror with random items of what the tasks evaluate; return how many those are.

    Parameters
    ----------
    share, items
        At most so large a share of a task's items, and at most so many of them; at least one.
    """
    shutil.rmtree(folder, ignore_errors=True)
    n_items = 0
    for name, _, config in _configurations(tasks):
        found = find_data(data_dir, config["dataset_path"], config.get("dataset_name"))
        if found is None or found.format != "json":
            raise SystemExit(f"`{data_dir}` does not hold the data of `{name}` as JSON lines")
        evaluated = config.get("test_split") or config.get("validation_split")
        target = folder / found.folder.relative_to(data_dir.resolve())
        target.mkdir(parents=True, exist_ok=True)
        for split, file in found.splits.items():
            lines = file.read_bytes().splitlines(keepends=True)
            if split == evaluated:
                n_kept = max(1, min(items, round(share * len(lines))))
                kept = sorted(
                    random.Random(name).sample(range(len(lines)), min(n_kept, len(lines)))
                )
                lines = [lines[place] for place in kept]
                n_items += len(lines)
            (target / file.name).write_bytes(b"".join(lines))
    return n_items


def save_noisy(base: Path, folder: Path, *, share: float, seed: int = 0) -> None:
    """Write the base with Gaussian noise of a share of each matrix's spread.

    A folder appears when it is complete.
    """
    import torch
    from safetensors.torch import load_file, save_file

    unfinished = folder.with_suffix(".part")
    shutil.copytree(base, unfinished, dirs_exist_ok=True)
    generator = torch.Generator().manual_seed(seed)
    for file in sorted(unfinished.glob("*.safetensors")):
        weights = load_file(file)
        for name, weight in sorted(weights.items()):
            if weight.ndim == 2:
                noise = torch.randn(weight.shape, generator=generator)
                weights[name] = (weight + share * weight.float().std() * noise).to(weight.dtype)
        save_file(weights, file, metadata={"format": "pt"})
    unfinished.rename(folder)


def _configurations(tasks: Sequence[str]) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    index = TaskIndex(tasks)
    for name in tasks:
        entry = index._manager(name).task_index[name]
        yield name, entry.yaml_path, entry.cfg
