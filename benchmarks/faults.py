"""Is anything lost when a command is killed, or a file is damaged? Many times, at random.

    python benchmarks/faults.py [--kills 200] [--damages 40] [--seed S] [--out FOLDER]

On two small random models and invented data: `eval`, `train` and `report` are killed (SIGKILL) at
moments drawn uniformly over the time an uninterrupted run takes (six in ten `eval`, two `train`,
two `report`), and run again. After each kill the study is read off a copy and checked; at the end
everything is compared with the uninterrupted run: answers and scores to the bit, `results.json`
but for provenance, files of the report and weights byte for byte. Then bytes of a finished study
and of weights are changed, and `gate` or `eval` is run on them. Exits with 1 if anything is not as
it must.

Each command runs in a process forked from one that has imported everything, which has one thread
and has computed nothing. A kill tells nothing about a power cut: what was written is still in the
system's hands.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))  # the tests' models and data

SHARES = {"eval": 0.6, "train": 0.2, "report": 0.2}
PACKAGES = ("torch", "transformers", "safetensors", "lm-eval", "trl", "datasets")


def main() -> int:
    """Kill, damage, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="over the three commands together")
    parser.add_argument("--damages", type=int, default=40, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write table.md and table.json here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        _own_caches(Path(temporary) / "cache")
        rows, damaged = _campaign(Path(temporary), arguments)
    content = {"provenance": _provenance(arguments), "kills": rows, "damages": damaged}
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "table.json").write_text(json.dumps(content, indent=1) + "\n")
        (arguments.out / "table.md").write_text(_markdown(content))
    return int(any(row["faults"] for row in rows) or any(row["bugs"] for row in damaged))


def _own_caches(folder: Path) -> None:
    # read when the libraries are imported
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["FORGETSCOPE_CACHE"] = str(folder / "forgetscope")
    os.environ["HF_DATASETS_CACHE"] = str(folder / "datasets")


def _campaign(
    folder: Path, arguments: argparse.Namespace
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    from crashes.child import prepare
    from crashes.damage import KINDS, damages
    from crashes.trials import make_references, trials

    prepare()
    references = make_references(_made_elsewhere(folder / "world"))
    rows, damaged = [], []
    for command, share in SHARES.items() if arguments.kills else ():
        begun = time.monotonic()
        kills = round(share * arguments.kills)
        found = list(trials(command, references, kills=kills, seed=arguments.seed))
        rows.append(_row(command, found, seconds=time.monotonic() - begun))
        print(_line(rows[-1]), flush=True)
    for kind in KINDS if arguments.damages else ():
        damaged.append(asdict(damages(kind, references, n=arguments.damages, seed=arguments.seed)))
        print(_line(damaged[-1]), flush=True)
    return rows, damaged


def _made_elsewhere(folder: Path) -> Any:  # noqa: ANN401  # the module is imported late
    """Make the world in a child: this process shall compute nothing before it forks."""
    from crashes.world import World, make_world

    process = os.fork()
    if process == 0:
        try:
            make_world(folder)
        finally:
            os._exit(0)
    os.waitpid(process, 0)
    return World(folder=folder)


def _row(command: str, found: Sequence[Any], *, seconds: float) -> dict[str, Any]:
    stored = [trial.n_stored for trial in found]
    return {
        "command": command,
        "kills": len(found),
        "latest_kill_seconds": round(max(trial.after_seconds for trial in found), 2),
        "before_anything_was_stored": stored.count(0),
        "most_stored_at_a_kill": max(stored),
        "stored_answers_computed_again": sum(
            "a stored answer was computed again" in trial.faults for trial in found
        ),
        "kills_with_a_fault": sum(bool(trial.faults) for trial in found),
        "faults": sorted({fault for trial in found for fault in trial.faults}),
        "seconds": round(seconds),
    }


def _line(row: dict[str, Any]) -> str:
    return "  ".join(f"{key} {value}" for key, value in row.items())


def _provenance(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "command": f"python benchmarks/faults.py --kills {arguments.kills} "
        f"--damages {arguments.damages} --seed {arguments.seed}",
        "seed": arguments.seed,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "python": platform.python_version(),
        "sqlite": __import__("sqlite3").sqlite_version,
        "system": platform.system(),
        **{name: version(name) for name in PACKAGES},
    }


def _markdown(content: dict[str, Any]) -> str:
    lines = ["# Kills and damaged files", ""]
    lines += [f"- {key}: {value}" for key, value in content["provenance"].items()]
    for title, rows in (("Kills", content["kills"]), ("Damaged files", content["damages"])):
        if not rows:
            continue
        names = list(rows[0])
        lines += ["", f"## {title}", "", f"| {' | '.join(n.replace('_', ' ') for n in names)} |"]
        lines += ["|---" * len(names) + "|"]
        lines += [f"| {' | '.join(_cell(row[name]) for name in names)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "none"
    return str(value)


if __name__ == "__main__":
    sys.exit(main())
