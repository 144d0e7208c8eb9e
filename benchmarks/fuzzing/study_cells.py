"""A small study, and values put into its cells that do not belong there."""

import random
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from forgetscope.api import Study
from forgetscope.records import Answer, Checkpoint, CheckpointKind, Item, OutputType, Score, Task
from forgetscope.store import Study as Stored

__all__ = ["damaged", "read_all"]

VALUES = (
    *(None, -1, 0, 1, 10**9, 2**62, -(2**62), 0.5, 1e308, float("inf"), "", "x", "null", "[]"),
    *("{}", "{", "NaN", "[1]", '{"a": 1}', '"text"', "[[[[", b"", b"\xff\x00", b"{}", "\x00"),
    *('{"name": 1}', "9" * 400, "true", "[" * 3000, '{"chance": "x"}', "1e999"),
)


@cache
def whole() -> bytes:
    """Return the database of a study of two checkpoints on six items."""
    folder = Path(mkdtemp())
    with Stored(folder, create=True) as study:
        _fill(study)
    with closing(sqlite3.connect(folder / "study.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode = DELETE")
    return (folder / "study.sqlite").read_bytes()


def _fill(study: Stored) -> None:
    task = Task(
        name="sums",
        domain="math",
        metric="exact_match",
        filter="strict",
        chance=0.0,
        output_type=OutputType.GENERATE,
        version="1",
        n_shots=0,
        fingerprint="f" * 16,
    )
    items = [
        Item(
            id=f"i{n}",
            task="sums",
            document_id=n,
            prompt=f"{n} =",
            prompt_hash="p",
            gold=str(n),
            choices=("a", "b"),
            chance=0.0,
            cluster=f"i{n}",
        )
        for n in range(6)
    ]
    study.set_meta("suite", {"name": "s", "target": None, "seed": 1, "task": [{"name": "sums"}]})
    study.set_meta("base", "base")
    study.add_tasks([task])
    study.add_items(items)
    for label in ("base", "tuned"):
        checkpoint = Checkpoint(
            label=label,
            source=f"/m/{label}",
            kind=CheckpointKind.FOLDER,
            step=len(label),
            fingerprint=label * 8,
        )
        study.put_checkpoint(checkpoint, engine="e", description={"name": "hf", "dtype": "float32"})
        answers = study.answers(model=checkpoint.fingerprint, engine="e")
        answers.append([Answer(request_id=f"r{n}", text=str(n), n_tokens=2) for n in range(6)])
        scores = [
            Score(item_id=f"i{n}", value=float(n % 2), answer=str(n), others={"em,x": 1.0})
            for n in range(6)
        ]
        answers.put_scores(scores, prompt_hashes={item.id: "p" for item in items})
    study.finish_run(
        study.start_run(command="forgetscope eval", started="now", provenance={"seed": 1}),
        finished="later",
    )


def damaged(data: bytes, folder: Path) -> None:
    """Write the study with some cells changed, or some bytes of its file."""
    rng = random.Random(data)
    path = folder / "study.sqlite"
    for other in folder.iterdir():
        other.unlink()
    path.write_bytes(whole())
    if rng.random() < 0.3:
        raw = bytearray(path.read_bytes())
        for _ in range(rng.randint(1, 30)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        path.write_bytes(bytes(raw[: rng.randrange(len(raw))] if rng.random() < 0.1 else raw))
        return
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA synchronous = OFF")
        for _ in range(rng.randint(1, 2)):
            _change(database, rng)
        database.commit()


def _change(database: sqlite3.Connection, rng: random.Random) -> None:
    tables = [
        row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type='table'")
    ]
    table = rng.choice(sorted(name for name in tables if not name.startswith("sqlite_")))
    columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
    column, value = rng.choice(columns), rng.choice(VALUES)
    few = "" if rng.random() < 0.5 else " WHERE rowid % 2 = 0"
    try:
        database.execute(f'UPDATE "{table}" SET "{column}" = ?{few}', (value,))
    except sqlite3.Error:  # keys must differ, or a table has no rowid
        return


def read_all(folder: Path) -> None:
    """Read what reports and exports read."""
    with Stored(folder) as study:
        study.tasks()
        study.engines()
        study.runs()
        study.items(["i0", "i1"])
        for checkpoint in study.series():
            answers = study.answers_of(checkpoint.label)
            answers.by_request(["r0"])
            answers.scores(["i0", "i1"])
            study.profile(checkpoint.label)
            answers.told()
    with Study(folder) as opened:
        opened.settled()
        opened.diagnose()
