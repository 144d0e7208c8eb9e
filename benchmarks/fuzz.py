"""Whether any input makes a reader fail otherwise than with an error of forgetscope.

    python benchmarks/fuzz.py [--runs 1000000] [--seed 0] [--only NAME] [--json F] [--table F]

Each target is a reader of files, texts or studies, in a process of its own. atheris (extra `fuzz`)
mutates valid seeds guided by coverage of the package, every other time by tokens instead of bytes;
without atheris, or with `--plain`, tokens alone are mutated. An input may be accepted or refused by
a `ForgetscopeError`; any other exception is a finding, told once for each place in the code, and so
are more than ten seconds for one input.
"""

import argparse
import importlib.util
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.fuzzing.mutate import mutated
from benchmarks.fuzzing.targets import TARGETS

PACKAGE = str(Path(__file__).resolve().parents[1] / "forgetscope")


def main() -> int:
    """Run the targets one after the other, print and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000, help="inputs over all targets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="one target")
    parser.add_argument("--plain", action="store_true", help="do without atheris")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--table", type=Path, help="write a table in Markdown")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    is_plain = arguments.plain or importlib.util.find_spec("atheris") is None
    if arguments.child:
        fuzz(arguments.child, arguments.only, arguments.runs, arguments.seed, is_plain=is_plain)
        return 0
    rows = []
    for name, target in TARGETS.items():
        if arguments.only in (None, name):
            runs = arguments.runs if arguments.only else round(arguments.runs * target.share)
            rows.append(measured(name, runs, arguments.seed, is_plain=is_plain))
            print(json.dumps(rows[-1]), flush=True)
    result = {
        "command": f"python benchmarks/fuzz.py --runs {arguments.runs} --seed {arguments.seed}",
        "seed": arguments.seed,
        "mutation": "tokens" if is_plain else f"atheris {version('atheris')} and tokens",
        "python": platform.python_version(),
        "forgetscope": version("forgetscope"),
        "inputs": sum(row["inputs"] for row in rows),
        "targets": rows,
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    if arguments.table:
        arguments.table.write_text(table(result))
    return 0


def measured(name: str, runs: int, seed: int, *, is_plain: bool) -> dict[str, Any]:
    """Run one target in a process of its own."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as room:
        command = [sys.executable, __file__, "--child", room, "--only", name]
        command += ["--runs", str(runs), "--seed", str(seed), *(["--plain"] if is_plain else [])]
        done = subprocess.run(command, capture_output=True, check=False, env=environment())
        said = done.stderr.decode("utf-8", "replace")
        found = Path(room) / "findings.jsonl"
        findings = (
            [json.loads(line) for line in found.read_text().splitlines()] if found.is_file() else []
        )
    counted = re.search(r"Done (\d+) (?:runs )?in", said)
    if counted is None:
        findings.append({"error": "the fuzzer ended early", "place": said[-800:]})
    return {
        "target": name,
        "inputs": int(counted[1]) if counted else 0,
        "seconds": round(time.perf_counter() - began, 1),
        "findings": findings,
    }


def environment() -> dict[str, str]:
    """Return an environment in which nothing leaves the machine."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}


def fuzz(room: str, name: str, runs: int, seed: int, *, is_plain: bool) -> None:
    """Feed one target."""
    if is_plain:
        one = feeder(Path(room), name)
        rng, seeds = random.Random(seed), TARGETS[name].seeds
        for _ in range(runs):
            one(mutated(rng.choice(seeds), rng))
        print(f"Done {runs} runs in all", file=sys.stderr)
        return
    import atheris

    with atheris.instrument_imports(include=["forgetscope"]):
        one = feeder(Path(room), name)
    corpus = Path(room) / "corpus"
    corpus.mkdir()
    for number, data in enumerate(TARGETS[name].seeds):
        (corpus / str(number)).write_bytes(data)

    def mutate(data: bytes, size: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.5:
            return atheris.Mutate(data, size)
        return mutated(data, rng)[:size]

    options = [f"-runs={runs}", f"-seed={seed + 1}", "-timeout=10", "-rss_limit_mb=4096"]
    options += ["-max_len=3000", "-print_final_stats=0", f"-artifact_prefix={room}/"]
    atheris.Setup([sys.argv[0], str(corpus), *options], one, custom_mutator=mutate)
    atheris.Fuzz()


def feeder(room: Path, name: str) -> Callable[[bytes], None]:
    """Return what takes one input; a finding is written down and the next input is taken."""
    from forgetscope.errors import ForgetscopeError

    read = TARGETS[name].make()
    folder = room / "in"
    folder.mkdir()
    known: set[str] = set()

    def one(data: bytes) -> None:
        try:
            read(bytes(data), folder)
        except ForgetscopeError:
            return
        except Exception as error:
            place = _place(error)
            if f"{type(error).__name__} {place}" not in known:
                known.add(f"{type(error).__name__} {place}")
                finding = {"error": f"{type(error).__name__}: {str(error)[:200]}", "place": place}
                finding |= {"input": ascii(bytes(data)[:1500])}
                with (room / "findings.jsonl").open("a") as file:
                    file.write(json.dumps(finding) + "\n")

    return one


def _place(error: Exception) -> str:
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(PACKAGE)
    ]
    last = frames[-1] if frames else None
    return f"{last.filename.removeprefix(PACKAGE)}:{last.lineno}" if last else "outside"


def table(result: dict[str, Any]) -> str:
    """Return the result for people."""
    lines = [
        "# Fuzzing",
        "",
        f"`{result['command']}`: {result['inputs']:,} inputs, {result['mutation']}, "
        f"Python {result['python']}, forgetscope {result['forgetscope']}, seed {result['seed']}.",
        "",
        "| target | inputs | seconds | findings |",
        "|---|---:|---:|---|",
    ]
    for row in result["targets"]:
        told = "; ".join(f"`{f['error'][:80]}` at {f['place']}" for f in row["findings"])
        lines.append(
            f"| {row['target']} | {row['inputs']:,} | {row['seconds']:,} | {told or 'none'} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
