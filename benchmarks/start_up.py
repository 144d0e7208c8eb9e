"""What a command costs before it does anything.

    python benchmarks/start_up.py [--limit 100] [--runs 5] [--json F]

On a small random model and the testbed's tasks: `forgetscope --help`; `eval` again on a study that
is finished, with its receipt and without (which is what it costs to load the tasks, build the
prompts and open the tokenizer); and `eval` of one more checkpoint on that study, until it begins to
load weights and until its first answers are stored, with the prompts that the study keeps. Beside
them what the interpreter alone costs, and importing torch and the model's code in transformers, as
any engine on them must. Medians of CPU and wall time; every command is a process of its own.
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

HEAVY = "import torch, transformers.models.llama.modeling_llama"


def main() -> int:
    """Measure, print and keep the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=100, help="items of each task")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as temporary:
        world = World(Path(temporary), limit=arguments.limit)
        measures: dict[str, Callable[[], dict[str, float]]] = {
            "python -c pass": lambda: measured([sys.executable, "-c", "pass"]),
            "import torch, transformers": lambda: measured([sys.executable, "-c", HEAVY]),
            "forgetscope --help": lambda: measured(forgetscope("--help")),
            "eval again, finished": lambda: measured(world.evaluation(world.study, "base")),
            "eval again, no receipt": world.without_receipt,
            "eval of one more checkpoint": world.first_answers,
        }
        rows = []
        for name, measure in measures.items():
            runs = [measure() for _ in range(arguments.runs)]
            rows.append(
                {"what": name}
                | {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            )
            print(text(rows[-1]), flush=True)
    if arguments.json:
        machine = {"python": platform.python_version(), "cores": os.cpu_count()}
        arguments.json.write_text(json.dumps(machine | {"rows": rows}, indent=1) + "\n")
    return 0


class World:
    """Two small random models, and a study of the first that is finished."""

    def __init__(self, folder: Path, *, limit: int) -> None:
        self.folder = folder
        self.limit = limit
        self.study = folder / "study"
        for seed, name in enumerate(("base", "other")):
            save_model(folder / name, seed=seed)
        time.sleep(3)  # files that changed just now get no receipt
        measured(self.evaluation(self.study, "base"))

    def evaluation(self, study: Path, *names: str) -> list[str]:
        """Return the words of `eval`."""
        sources = [str(self.folder / name) for name in names]
        limit = ["--limit", str(self.limit)]
        return forgetscope("eval", *sources, "--suite", "testbed", *limit, "--out", str(study))

    def without_receipt(self) -> dict[str, float]:
        """Evaluate the finished study again, its receipt taken away."""
        with closing(sqlite3.connect(self.study / "study.sqlite")) as database, database:
            database.execute("DELETE FROM meta WHERE key LIKE 'receipt:%'")
        return measured(self.evaluation(self.study, "base"))

    def first_answers(self) -> dict[str, float]:
        """Evaluate one more checkpoint; return when it was loaded, and when answers were stored."""
        study = self.folder / "warm"
        shutil.rmtree(study, ignore_errors=True)
        shutil.copytree(self.study, study)
        before = n_answers(study)
        start = time.perf_counter()
        running = subprocess.Popen(
            self.evaluation(study, "base", "other"), stderr=subprocess.PIPE, text=True
        )
        loading = stored = cpu = 0.0
        assert running.stderr is not None
        for line in running.stderr:
            if "loading" in line and not loading:
                loading = time.perf_counter() - start
                while n_answers(study) == before and running.poll() is None:
                    time.sleep(0.01)
                stored, cpu = time.perf_counter() - start, cpu_seconds(running.pid)
        _, _, used = os.wait4(running.pid, 0)
        running.returncode = 0
        return {
            "until_loading_seconds": loading,
            "until_answers_seconds": stored,
            "until_answers_cpu_seconds": cpu,
            "cpu_seconds_whole": used.ru_utime + used.ru_stime,
        }


def save_model(folder: Path, *, seed: int) -> None:
    """Save a random model of the testbed's alphabet."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from forgetscope.testbed import character_tokenizer

    torch.manual_seed(seed)
    tokenizer = character_tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=256,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def forgetscope(*words: str) -> list[str]:
    """Return a command as words."""
    return [sys.executable, "-m", "forgetscope", *words]


def measured(command: list[str]) -> dict[str, float]:
    """Run a command in a process of its own; return seconds."""
    start = time.perf_counter()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    return {
        "wall_seconds": time.perf_counter() - start,
        "cpu_seconds": used.ru_utime + used.ru_stime,
    }


def cpu_seconds(pid: int) -> float:
    """Return what a process that runs has taken so far; nan where the system does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return float("nan")
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def n_answers(study: Path) -> int:
    """Return how many answers a study holds."""
    with closing(sqlite3.connect(study / "study.sqlite", timeout=10)) as database:
        return int(database.execute("SELECT COUNT(*) FROM answers").fetchone()[0])


def text(row: dict[str, Any]) -> str:
    """Return the numbers as a line."""
    numbers = "  ".join(f"{key} {value:.2f}" for key, value in row.items() if key != "what")
    return f"{row['what']:<28} {numbers}"


if __name__ == "__main__":
    sys.exit(main())
