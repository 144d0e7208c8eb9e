"""Two processes on one machine, as `accelerate launch` starts them.

With `--cpu` alone it starts one and leaves the others to `mpirun`; `--multi_gpu` starts them all,
and where there is no GPU they talk over gloo.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.recap.small_run import largest_difference

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def out(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the script on two processes and return its folder."""
    folder = tmp_path_factory.mktemp("two")
    command = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
    command += ["--num_processes", "2", "--num_machines", "1", "--main_process_port", "0"]
    command += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    command += [str(ROOT / "tests" / "recap" / "two_processes.py"), str(base), str(folder)]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def _told(out: Path, rule: str) -> list[dict[str, Any]]:
    return [json.loads((out / f"told-{rank}.json").read_text())[rule] for rank in range(2)]


@pytest.mark.parametrize("rule", ["code", "advantage"])
def test_two_processes_hold_the_same_model_and_the_same_rule(out: Path, rule: str):
    told = _told(out, rule)
    assert [one["n_processes"] for one in told] == [2, 2]
    assert [one["batch"] for one in told] == [6, 6], "3 prompts x 4 completions fall to 2 processes"
    models = [torch.load(out / f"{rule}-{rank}.pt") for rank in range(2)]
    assert all(torch.equal(models[0][name], models[1][name]) for name in models[0])
    assert told[0]["weights"] == told[1]["weights"]
    assert len(set(told[0]["weights"].values())) > 1
    assert told[0]["log"] == told[1]["log"]


@pytest.mark.parametrize("rule", ["code", "advantage"])
def test_one_run_is_on_disk_and_both_processes_speak_of_it(out: Path, rule: str):
    told = _told(out, rule)
    assert [one["is_main"] for one in told] == [True, False]
    assert [one["checkpoints"] for one in told] == [["checkpoint-2", "checkpoint-3"]] * 2
    assert told[0]["traces"] == told[1]["traces"] == told[0]["log"]
    names = {path.relative_to(out / rule).as_posix() for path in (out / rule).rglob("*")}
    assert {name for name in names if "/" not in name} == {
        "checkpoint-2",
        "checkpoint-3",
        "recipe.yaml",
        "run.json",
        "training.parquet",
    }
    assert not [name for name in names if "rng_state" in name or "optimizer" in name]


def test_an_interrupted_run_of_two_processes_ends_where_the_other_did(out: Path):
    last = [out / name / "checkpoint-3" for name in ("code", "interrupted")]
    assert largest_difference(*last) <= 1e-6
