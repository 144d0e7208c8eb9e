"""What does the verdict on one more checkpoint cost? CPU time, against stock lm-eval on all of it.

    python benchmarks/cost_of_a_verdict.py --base MODEL --data-dir MIRROR --tasks A,B
        [--after NAME=MODEL ...] [--noise 0.002,0.3] [--limit N] [--margin 2pp] [--threads 2]

The base has answered everything, as in a series that goes on. Then for each checkpoint two whole
processes are measured, imports and loading included: `forgetscope eval ... --until-verdict`, and
lm-eval's own HFLM (float32, float32 softmax) over every request of the suite. To build the prompts
the peer uses our builder, which is quicker than its own. Children are given by `--after`, or made
by `--noise`: the base with Gaussian noise of that share of each matrix's spread, which leaves it
intact or damages it. Printed are the ratio, what of ours the same command takes when nothing is
left to ask, and every domain with its verdict: where one is not decided, all of it was asked, and
the ratio is that of the scorer alone.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from forgetscope import api
from forgetscope.cli.units import parse_margin

DECIDED = ("FORGOT", "HELD", "GAINED")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a process took, in seconds."""

    cpu: float
    wall: float


def main() -> int:
    """Measure every checkpoint and print a line for each, and one for each domain."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", required=True, type=Path, help="folder of the base")
    parser.add_argument("--after", action="append", default=[], metavar="NAME=MODEL")
    parser.add_argument("--noise", default="", help="make children with these shares of noise")
    parser.add_argument("--tasks", required=True, help="tasks of lm-eval")
    parser.add_argument("--data-dir", type=Path, help="local mirror of benchmark data")
    parser.add_argument("--limit", type=int, help="items of each task")
    parser.add_argument("--margin", default="2pp")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=8, help="of stock lm-eval")
    parser.add_argument("--work", type=Path, default=Path("cost_of_a_verdict"))
    parser.add_argument("--json", type=Path, help="write the rows here")
    parser.add_argument("--stock", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stock:
        answer_all(arguments)
        return 0
    arguments.work.mkdir(parents=True, exist_ok=True)
    children = children_of(arguments)
    run(eval_command(arguments, [f"base={arguments.base}"], arguments.work / "base"), arguments)
    rows = []
    for name, model in children.items():
        rows.append(measured(name, model, arguments))
        print(text_of(rows[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def children_of(arguments: argparse.Namespace) -> dict[str, Path]:
    """Return the folders of the checkpoints by name; those of noise are made if need be."""
    found = {}
    for text in arguments.after:
        name, _, folder = text.partition("=")
        found[name] = Path(folder)
    for share in filter(None, arguments.noise.split(",")):
        folder = arguments.work / f"noise-{share}"
        if not folder.exists():
            save_noisy(arguments.base, folder, share=float(share))
        found[folder.name] = folder
    return found


def save_noisy(base: Path, folder: Path, *, share: float) -> None:
    """Write the base with noise in every matrix; a folder appears when it is complete."""
    import torch
    from safetensors.torch import load_file, save_file

    unfinished = folder.with_suffix(".part")
    shutil.copytree(base, unfinished, dirs_exist_ok=True)
    generator = torch.Generator().manual_seed(0)
    for file in sorted(unfinished.glob("*.safetensors")):
        weights = load_file(file)
        for name, weight in sorted(weights.items()):
            if weight.ndim == 2:
                noise = torch.randn(weight.shape, generator=generator)
                weights[name] = (weight + share * weight.float().std() * noise).to(weight.dtype)
        save_file(weights, file, metadata={"format": "pt"})
    unfinished.rename(folder)


def measured(name: str, model: Path, arguments: argparse.Namespace) -> dict:
    """Return what both ways took for one checkpoint, and what was decided."""
    study = arguments.work / f"study-{name}"
    shutil.rmtree(study, ignore_errors=True)
    shutil.copytree(arguments.work / "base", study)
    series = [f"base={arguments.base}", f"{name}={model}"]
    until = ["--until-verdict", "--margin", arguments.margin]
    command = [*eval_command(arguments, series, study), *until]
    ours, idle = run(command, arguments), run(command, arguments)
    stock = run([sys.executable, *sys.argv, "--stock", str(model)], arguments)
    with api.Study(study) as opened:
        found = opened.compare("base", name, margin=parse_margin(arguments.margin))
    return {
        "checkpoint": name,
        "ours": asdict(ours),
        "idle": asdict(idle),
        "stock": asdict(stock),
        "cpu_ratio": stock.cpu / ours.cpu,
        "domains": [
            {
                "name": cell.name,
                "verdict": str(cell.verdict),
                "asked": cell.n,
                "of": cell.stopped_of or cell.n,
                "change": cell.change,
            }
            for cell in found.domains
        ],
    }


def eval_command(arguments: argparse.Namespace, series: list[str], study: Path) -> list[str]:
    """Return the command that evaluates a series into a study."""
    command = [sys.executable, "-m", "forgetscope", "eval", *series, "--dtype", "float32"]
    command += ["--tasks", arguments.tasks, "--out", str(study)]
    command += ["--data-dir", str(arguments.data_dir)] if arguments.data_dir else []
    return command + (["--limit", str(arguments.limit)] if arguments.limit else [])


def run(command: list[str], arguments: argparse.Namespace) -> Cost:
    """Run a process and return what it cost."""
    environment = os.environ | {"OMP_NUM_THREADS": str(arguments.threads)}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu=cpu, wall=time.perf_counter() - began)


def answer_all(arguments: argparse.Namespace) -> None:
    """Answer every request of the suite with lm-eval's own model, as a process of its own."""
    from lm_eval.models.huggingface import HFLM
    from parity import stock_answers

    from forgetscope.api.own_tasks import own_tasks
    from forgetscope.evaluation.harness import build, load_tasks
    from forgetscope.suites import Suite, TaskChoice

    names = arguments.tasks.split(",")
    suite = Suite(name="cost", choices=tuple(TaskChoice(name=name) for name in names))
    stock = HFLM(
        pretrained=str(arguments.stock),
        dtype="float32",
        softmax_dtype="float32",
        batch_size=arguments.batch_size,
        device="cpu",
    )
    for loaded in load_tasks(suite, data_dir=arguments.data_dir, own=own_tasks(suite)):
        stock_answers(build(loaded, seed=suite.seed, limit=arguments.limit), stock)


def text_of(row: dict) -> str:
    """Return the lines of one checkpoint."""
    asked, of = (sum(domain[key] for domain in row["domains"]) for key in ("asked", "of"))
    n_open = sum(domain["verdict"] not in DECIDED for domain in row["domains"])
    decided = "every domain decided" if not n_open else f"{n_open} domains not decided"
    lines = [
        f"{row['checkpoint']:14} CPU {row['ours']['cpu']:.0f} s against {row['stock']['cpu']:.0f} s"
        f" = {row['cpu_ratio']:.1f}x ({row['idle']['cpu']:.0f} s of ours to start and to look), "
        f"{asked:,} of {of:,} items, {decided}"
    ]
    lines += [
        f"  {d['name']:14} {d['verdict']:14} {100 * d['change']:+.1f} points after "
        f"{d['asked']:,} of {d['of']:,}"
        for d in row["domains"]
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
