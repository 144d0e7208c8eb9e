"""Time and memory of `diff`, `report` and `gate` on a study of a million judged answers.

    python benchmarks/large_study.py [--checkpoints 20] [--tasks 10] [--items 5000] [--json F]

Makes a study through the store's own interface: half of the tasks are written (a prompt of about
270 characters, an answer of about 110), half are multiple choice with four options, whose four
log-probabilities are stored; one item in eight differs between base and last checkpoint. Then each
command runs in a process of its own, as a person starts it; CPU, wall time and peak memory are the
operating system's. `--study DIR` keeps the study there, and uses one that is there already.
"""

import argparse
import hashlib
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from forgetscope.records import (
    Answer,
    Checkpoint,
    CheckpointKind,
    FormatClass,
    Item,
    Likelihood,
    OutputType,
    Request,
    RequestKind,
    Score,
    StopReason,
    Task,
)
from forgetscope.store import Study, is_study

OPTIONS = ("first", "second", "third", "fourth")
CHANGED = 1 / 8
"""Share of the items that differ between the base and the last checkpoint."""


def main() -> int:
    """Make the study, run the commands, print and keep the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoints", type=int, default=20)
    parser.add_argument("--tasks", type=int, default=10)
    parser.add_argument("--items", type=int, default=5000, help="of each task")
    parser.add_argument("--study", type=Path, help="make the study here, or use the one here")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.study or Path(temporary) / "study"
        if not is_study(folder):
            start = time.perf_counter()
            make(folder, arguments.checkpoints, arguments.tasks, arguments.items)
            print(f"made in {time.perf_counter() - start:.0f} s", flush=True)
        rows = [counted(folder)]
        print(json.dumps(rows[0]), flush=True)
        for name, words in commands(folder, Path(temporary) / "report").items():
            rows.append({"command": name} | measured(words))
            print(text(rows[-1]), flush=True)
    if arguments.json:
        machine = {"python": platform.python_version(), "cores": os.cpu_count()}
        arguments.json.write_text(json.dumps(machine | {"rows": rows}, indent=1) + "\n")
    return 0


def commands(folder: Path, out: Path) -> dict[str, list[str]]:
    """Return what is measured: the words of each command."""
    with Study(folder) as study:
        labels = [checkpoint.label for checkpoint in study.series()]
    ends = [f"{folder}:{labels[0]}", f"{folder}:{labels[-1]}"]
    return {
        "gate": ["gate", str(folder), "--exit-zero"],
        "diff": ["diff", *ends],
        "diff --out": ["diff", *ends, "--out", str(out / "diff")],
        "report": ["report", str(folder), "--out", str(out / "whole")],
    }


def measured(words: list[str]) -> dict[str, float]:
    """Run one command in a process of its own; return seconds and peak megabytes."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "forgetscope", *words]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {running.returncode}")
    return {
        "wall_seconds": time.perf_counter() - start,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_megabytes": used.ru_maxrss / 1024,
    }


def text(row: dict[str, Any]) -> str:
    """Return the numbers as a line."""
    return (
        f"{row['command']:<11} {row['wall_seconds']:6.1f} s wall {row['cpu_seconds']:6.1f} s CPU "
        f"{row['peak_megabytes']:6.0f} MB peak"
    )


def counted(folder: Path) -> dict[str, Any]:
    """Return what the study holds."""
    with Study(folder) as study:
        tasks, labels = study.tasks(), [checkpoint.label for checkpoint in study.series()]
        n_items = sum(len(study.prompt_hashes(task.name)) for task in tasks)
        n_answers = sum(len(study.answers_of(label).answered()) for label in labels)
    return {
        "checkpoints": len(labels),
        "tasks": len(tasks),
        "items": n_items,
        "judged": n_items * len(labels),
        "answers": n_answers,
        "megabytes": round((folder / "study.sqlite").stat().st_size / 1e6),
    }


def make(folder: Path, n_checkpoints: int, n_tasks: int, n_items: int) -> None:
    """Write the study: items and requests once, then answers and scores by checkpoint and task."""
    rng = np.random.default_rng(0)
    tasks = [task_of(place) for place in range(n_tasks)]
    items = {task.name: list(items_of(task, n_items)) for task in tasks}
    flips = 0.5 * (1 - (1 - 2 * CHANGED) ** (1 / max(n_checkpoints - 1, 1)))
    value_TI = (rng.random((n_tasks, n_items)) < 0.6).astype(float)
    with Study(folder, create=True) as study:
        study.add_tasks(tasks)
        for of_task in items.values():
            study.add_items(of_task)
            study.add_requests(request for item in of_task for request in requests_of(item))
        study.set_meta("base", "base")
        for place in range(n_checkpoints):
            checkpoint = checkpoint_of(place)
            study.put_checkpoint(checkpoint, engine=digest("engine") * 2, description={})
            answers = study.answers(model=checkpoint.fingerprint, engine=digest("engine") * 2)
            for task, value_I in zip(tasks, value_TI, strict=True):
                given = list(given_of(items[task.name], value_I.tolist(), place))
                answers.append(answer for of_item, _ in given for answer in of_item)
                hashes = {item.id: item.prompt_hash for item in items[task.name]}
                answers.put_scores((score for _, score in given), prompt_hashes=hashes)
            value_TI = np.abs(value_TI - (rng.random(value_TI.shape) < flips))


def digest(text: str) -> str:
    """Return 32 hexadecimal digits, as ids have."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def checkpoint_of(place: int) -> Checkpoint:
    """Return one checkpoint of the series."""
    label = f"step-{100 * place}" if place else "base"
    return Checkpoint(
        label=label,
        source=f"runs/{label}",
        kind=CheckpointKind.FOLDER,
        fingerprint=digest(label) * 2,
        step=100 * place,
    )


def task_of(place: int) -> Task:
    """Return one task; two of them make a domain, one written and one multiple choice."""
    is_choice = place % 2 == 1
    return Task(
        name=f"task{place}",
        domain=f"domain{place // 2}",
        metric="acc" if is_choice else "exact_match",
        chance=1 / len(OPTIONS) if is_choice else 0.0,
        output_type=OutputType.MULTIPLE_CHOICE if is_choice else OutputType.GENERATE,
        version="1",
        n_shots=0,
        fingerprint=digest(f"task{place}"),
    )


def items_of(task: Task, n: int) -> Iterator[Item]:
    """Yield the items of a task, with prompts of random words."""
    draw = random.Random(task.name)
    is_choice = task.output_type is OutputType.MULTIPLE_CHOICE
    for number in range(n):
        name = digest(f"{task.name}/{number}")
        yield Item(
            id=name,
            task=task.name,
            document_id=number,
            prompt=words(draw, 40),
            prompt_hash=digest(name),
            gold=draw.choice(OPTIONS) if is_choice else str(draw.randrange(1000)),
            choices=OPTIONS if is_choice else (),
            chance=task.chance,
            cluster=name,
        )


def words(draw: random.Random, n: int) -> str:
    """Return random words of six letters."""
    return " ".join(hex(draw.getrandbits(24) | 1 << 23)[2:] for _ in range(n))


def requests_of(item: Item) -> Iterator[Request]:
    """Yield what is asked for an item."""
    kind = RequestKind.LOGLIKELIHOOD if item.choices else RequestKind.GENERATE
    for index in range(max(len(item.choices), 1)):
        yield Request(
            id=digest(f"{item.id}/{index}"),
            item_id=item.id,
            index=index,
            kind=kind,
            context=item.prompt,
        )


def given_of(
    items: list[Item], values: list[float], place: int
) -> Iterator[tuple[list[Answer], Score]]:
    """Yield the answers of one checkpoint to the items of a task, with their scores."""
    draw = random.Random(f"{items[0].task}/{place}")
    for item, value in zip(items, values, strict=True):
        yield (chosen if item.choices else written)(item, value, draw)


def written(item: Item, value: float, draw: random.Random) -> tuple[list[Answer], Score]:
    """Return a generated answer; of the wrong ones some have no answer in them."""
    read = item.gold if value else str(draw.randrange(1000, 2000))
    answer = f"{words(draw, 15)} #### {read}"
    n_tokens = draw.randrange(20, 60)
    given = Answer(
        request_id=digest(f"{item.id}/0"),
        text=answer,
        n_tokens=n_tokens,
        stop_reason=StopReason.STOP,
    )
    form = FormatClass.INVALID if draw.random() < 0.1 else FormatClass.DIFFERENT
    score = Score(
        item_id=item.id,
        value=value,
        answer=answer,
        extracted=read,
        is_invalid=not value and form is FormatClass.INVALID,
        form=None if value else form,
        n_tokens=n_tokens,
    )
    return [given], score


def chosen(item: Item, value: float, draw: random.Random) -> tuple[list[Answer], Score]:
    """Return the log-probabilities of the options, and the choice they make."""
    gold = item.choices.index(item.gold)
    choice = gold if value else (gold + draw.randrange(1, 4)) % 4
    top = 0.3 + 0.7 * draw.random()
    share_N = [top if place == choice else (1 - top) / 3 for place in range(4)]
    given = [
        Answer(
            request_id=digest(f"{item.id}/{place}"),
            logprob=float(np.log(max(share, 1e-9))),
            is_greedy=place == choice,
            n_tokens=2,
        )
        for place, share in enumerate(share_N)
    ]
    score = Score(
        item_id=item.id,
        value=value,
        answer=item.choices[choice],
        likelihood=Likelihood(
            gold_bits=-float(np.log2(max(share_N[gold], 1e-9))) / len(item.gold),
            gold_bytes=len(item.gold),
            gold_share=share_N[gold],
            top_share=top,
            brier=sum((share - (place == gold)) ** 2 for place, share in enumerate(share_N)),
            choice=choice,
            n_options=4,
        ),
    )
    return given, score


if __name__ == "__main__":
    sys.exit(main())
