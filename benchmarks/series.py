"""What does a series of checkpoints cost? `forgetscope eval` against one `lm_eval` each.

    python benchmarks/series.py --base MODEL --data-dir MIRROR [--items 10] [--checkpoints 8]
        [--suite small] [--threads 2] [--batch-sizes 1,4,8]

The base and children of it (small seeded noise in every matrix) are evaluated on random `--items`
of each task, the same on both sides: once by one `forgetscope eval` into a new study, and by stock
lm-eval (HFLM, float32) with a command of its own for each checkpoint. Whole processes, start-up
included, CPU and wall time. The batch size of lm-eval is the fastest of `--batch-sizes` on three
items of each task. `--stock-runs` measures fewer of lm-eval's runs and takes their mean for the
others, which differ from them by their weights alone; what was measured is printed.
"""

import argparse
import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from stock import Cost, lm_eval_command, run, save_noisy, thin_mirror, write_tasks

from forgetscope.suites import load_suite

NOISE = 0.002
TUNING_ITEMS = 3


def main() -> int:
    """Measure both sides and print their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", required=True, type=Path, help="folder of the base")
    parser.add_argument("--data-dir", required=True, type=Path, help="mirror of benchmark data")
    parser.add_argument("--suite", default="small")
    parser.add_argument("--without", default="", help="tasks of the suite to leave out")
    parser.add_argument("--items", type=int, default=10, help="random items of each task")
    parser.add_argument("--checkpoints", type=int, default=8, help="the base and its children")
    parser.add_argument("--stock-runs", type=int, help="of lm-eval; default: one a checkpoint")
    parser.add_argument("--batch-sizes", default="1,4,8", help="of lm-eval, the fastest is taken")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path("series"))
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    left_out = arguments.without.split(",")
    names = [c.name for c in load_suite(arguments.suite).choices if c.name not in left_out]
    series = checkpoints(arguments)
    n_items = thin_mirror(
        names, data_dir=arguments.data_dir, folder=arguments.work / "mirror", items=arguments.items
    )
    batch_size = fastest(names, series[0], arguments)
    write_tasks(names, data_dir=arguments.work / "mirror", folder=arguments.work / "tasks")
    # once, unmeasured: the data sets are read into the cache that both sides use
    run(
        stock_command(names, series[0], arguments, batch_size=batch_size), threads=arguments.threads
    )
    ours = run(our_command(names, series, arguments), threads=arguments.threads)
    print(f"ours: {text(ours)} for {len(series)} checkpoints of {n_items} items", flush=True)
    stock = []
    for checkpoint in series[: arguments.stock_runs]:
        command = stock_command(names, checkpoint, arguments, batch_size=batch_size)
        stock.append(run(command, threads=arguments.threads))
        print(f"stock, {checkpoint.name}: {text(stock[-1])}", flush=True)
    row = compared(ours, stock, n=len(series))
    row |= {
        "checkpoints": len(series),
        "tasks": len(names),
        "items": n_items,
        "stock_batch_size": batch_size,
        "threads": arguments.threads,
    }
    print(
        f"CPU {row['cpu_ratio']:.2f}x, wall {row['wall_ratio']:.2f}x (asked: 6x), batches of "
        f"{batch_size}, {len(stock)} of {len(series)} runs of lm-eval measured"
    )
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(row, indent=1) + "\n")
    return 0


def checkpoints(arguments: argparse.Namespace) -> list[Path]:
    """Return the folders of the series, base first; children are made if need be."""
    children = [
        arguments.work / f"checkpoint-{number}" for number in range(1, arguments.checkpoints)
    ]
    for seed, folder in enumerate(children, start=1):
        if not folder.exists():
            save_noisy(arguments.base, folder, share=NOISE, seed=seed)
    return [arguments.base, *children]


def fastest(names: list[str], model: Path, arguments: argparse.Namespace) -> int:
    """Return the batch size that suits lm-eval best here."""
    sizes = [int(size) for size in arguments.batch_sizes.split(",")]
    if len(sizes) == 1:
        return sizes[0]
    few = arguments.work / "few"
    thin_mirror(names, data_dir=arguments.data_dir, folder=few, items=TUNING_ITEMS)
    write_tasks(names, data_dir=few, folder=arguments.work / "tasks")
    commands = [stock_command(names, model, arguments, batch_size=size) for size in sizes]
    run(commands[0], threads=arguments.threads)
    found = {
        size: run(command, threads=arguments.threads)
        for size, command in zip(sizes, commands, strict=True)
    }
    for size, cost in found.items():
        print(f"stock, {TUNING_ITEMS} items a task in batches of {size}: {text(cost)}", flush=True)
    return min(found, key=lambda size: found[size].cpu)


def our_command(names: list[str], series: list[Path], arguments: argparse.Namespace) -> list[str]:
    """Return one command over all checkpoints, into a study of its own."""
    study = arguments.work / "study"
    shutil.rmtree(study, ignore_errors=True)
    sources = [f"{path.name}={path}" for path in series]
    return [
        *(sys.executable, "-m", "forgetscope", "eval", *sources, "--tasks", ",".join(names)),
        *("--data-dir", str(arguments.work / "mirror"), "--dtype", "float32", "--out", str(study)),
    ]


def stock_command(
    names: list[str], model: Path, arguments: argparse.Namespace, *, batch_size: int
) -> list[str]:
    """Return lm-eval's command over one checkpoint."""
    include = arguments.work / "tasks"
    return lm_eval_command(model, names, include=include, batch_size=batch_size)


def compared(ours: Cost, stock: list[Cost], *, n: int) -> dict:
    """Return both sides and their ratios; runs that were not measured cost what the others did."""
    scale = n / len(stock)
    return {
        "ours": asdict(ours),
        "stock": [asdict(cost) for cost in stock],
        "cpu_ratio": scale * sum(cost.cpu for cost in stock) / ours.cpu,
        "wall_ratio": scale * sum(cost.wall for cost in stock) / ours.wall,
    }


def text(cost: Cost) -> str:
    """Return a cost for a person."""
    return f"{cost.cpu:.1f} s CPU, {cost.wall:.1f} s wall"


if __name__ == "__main__":
    sys.exit(main())
