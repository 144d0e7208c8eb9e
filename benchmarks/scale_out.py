"""Workers on a local Ray cluster against one process: same bits, and the ratio of their times.

    python benchmarks/scale_out.py MODEL [--data-dir MIRROR] [--tasks A,B] [--limit N] [--workers N]

Both sides compute with one thread a process, so that every bit must be equal, and ask the same
requests of the same checkpoint in fresh studies. What passes until the first answers are stored
(starting workers, loading) is shown beside the whole: a longer series spends it once.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from forgetscope.api import EvaluationRequest, evaluate_into
from forgetscope.records import Standing


def run(model: str, folder: Path, **settings: Any) -> tuple[float, float]:  # noqa: ANN401
    """Evaluate; return the seconds in all, and those until the first answers were stored."""
    seen: list[float] = []

    def note(
        _stage: str, done: int, _total: int, /, note: str = "", standing: Standing | None = None
    ) -> None:
        del note
        if done and not seen and standing is not None:
            seen.append(time.perf_counter())

    start = time.perf_counter()
    evaluate_into([model], folder, request=EvaluationRequest(**settings), progress=note)
    end = time.perf_counter()
    return end - start, (seen[0] if seen else end) - start


def answers(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return every stored answer."""
    with sqlite3.connect(folder / "study.sqlite") as connection:
        rows = connection.execute(
            "SELECT request, logprob, is_greedy, text, n_tokens, stop_reason FROM answers"
        )
        return {request: tuple(rest) for request, *rest in rows}


def _rest(alone: tuple[float, float], shared: tuple[float, float]) -> float:
    return (alone[0] - alone[1]) / (shared[0] - shared[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--tasks", default="arc_easy")
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    settings = {
        "tasks": tuple(given.tasks.split(",")),
        "limit": given.limit,
        "data_dir": given.data_dir,
        "dtype": "float32",
    }
    with tempfile.TemporaryDirectory() as name:
        one, many = Path(name, "one"), Path(name, "many")
        alone = run(given.model, one, **settings)
        shared = run(given.model, many, executor="ray", workers=given.workers, **settings)
        is_equal = answers(one) == answers(many)
        n_answers = len(answers(one))
    print(f"{n_answers:,} answers, equal in every bit: {'yes' if is_equal else 'NO'}")
    for who, (whole, first) in (("one process", alone), (f"{given.workers} workers", shared)):
        print(f"{who:12} {whole:7.1f} s in all, {first:5.1f} s until the first answers")
    print(
        f"in all {alone[0] / shared[0]:.2f}x; after the first answers {_rest(alone, shared):.2f}x"
    )
    raise SystemExit(0 if is_equal else 1)


if __name__ == "__main__":
    main()
