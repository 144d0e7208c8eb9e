"""What does the verdict on one more checkpoint cost? CPU time, against stock lm-eval on all of it.

    python benchmarks/cost_of_a_verdict.py --base MODEL --data-dir MIRROR [--suite small]
        [--without gsm8k] [--after NAME=MODEL ...] [--noise 0.002,0.1] [--stock-share 0.01]
        [--margin 2pp] [--threads 2]

The base has answered everything, as in a series that goes on: that is done first, unmeasured, and
only once for a folder of `--work`. Then `forgetscope eval ... --until-verdict` is measured for each
checkpoint as a whole process, imports and loading included. Children are given by `--after`, or
made by `--noise`: the base with Gaussian noise of that share of each matrix's spread, which leaves
it intact, damages it, or neither.

The peer is stock lm-eval (its command line, HFLM, float32), over the base: what it takes does not
depend on weights, but for texts that end sooner. With `--stock-share` it is measured on a random
share of each task's items and on one item of each, and a straight line through both gives the
whole: its start-up is in it once. Printed are the ratio, what of ours the same command takes when
nothing is left to ask, and every domain with its verdict: where one is not decided, all of it was
asked, and the ratio is that of the scorer alone.
"""

import argparse
import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from stock import Cost, lm_eval_command, run, save_noisy, thin_mirror, write_tasks

from forgetscope import api
from forgetscope.cli.units import parse_margin
from forgetscope.suites import load_suite

DECIDED = ("FORGOT", "HELD", "GAINED")


def main() -> int:
    """Measure every checkpoint and print a line for each, and one for each domain."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--base", required=True, type=Path, help="folder of the base")
    parser.add_argument("--after", action="append", default=[], metavar="NAME=MODEL")
    parser.add_argument("--noise", default="", help="make children with these shares of noise")
    parser.add_argument("--suite", default="small")
    parser.add_argument("--without", default="", help="tasks of the suite to leave out")
    parser.add_argument("--data-dir", required=True, type=Path, help="mirror of benchmark data")
    parser.add_argument("--items", type=int, default=10**9, help="at most so many of each task")
    parser.add_argument("--stock-share", type=float, default=1.0, help="of lm-eval's items")
    parser.add_argument("--batch-size", type=int, default=4, help="of lm-eval")
    parser.add_argument("--margin", default="2pp")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prepare", action="store_true", help="only have the base answer all")
    parser.add_argument("--work", type=Path, default=Path("cost_of_a_verdict"))
    parser.add_argument("--json", type=Path, help="write the rows here")
    arguments = parser.parse_args()
    left_out = arguments.without.split(",")
    arguments.names = [
        c.name for c in load_suite(arguments.suite).choices if c.name not in left_out
    ]
    arguments.work.mkdir(parents=True, exist_ok=True)
    children = children_of(arguments)
    mirror = arguments.work / "mirror"
    if not mirror.exists():  # its files keep their times, by which answers are known again
        thin_mirror(
            arguments.names, data_dir=arguments.data_dir, folder=mirror, items=arguments.items
        )
    base = eval_command(arguments, [f"base={arguments.base}"], arguments.work / "base")
    run(base, threads=arguments.threads)
    if arguments.prepare:
        return 0
    stock, told = stock_cost(arguments)
    print(told, flush=True)
    rows = []
    for name, model in children.items():
        rows.append(measured(name, model, arguments, stock=stock))
        print(text_of(rows[-1]), flush=True)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps({"stock": told, "rows": rows}, indent=1) + "\n")
    return 0


def stock_cost(arguments: argparse.Namespace) -> tuple[Cost, str]:
    """Return what lm-eval takes over the suite, and how that was found, in words."""
    found = {}
    items = {}
    for part, limits in {"one": {"items": 1}, "share": {"share": arguments.stock_share}}.items():
        folder = arguments.work / f"stock-{part}"
        items[part] = thin_mirror(
            arguments.names, data_dir=arguments.work / "mirror", folder=folder / "mirror", **limits
        )
        write_tasks(arguments.names, data_dir=folder / "mirror", folder=folder / "tasks")
        command = lm_eval_command(
            arguments.base,
            arguments.names,
            include=folder / "tasks",
            batch_size=arguments.batch_size,
        )
        if part == "one":
            run(command, threads=arguments.threads)  # unmeasured: fills the cache of the data sets
        found[part] = run(command, threads=arguments.threads)
    everything = thin_mirror(
        arguments.names, data_dir=arguments.work / "mirror", folder=arguments.work / "all"
    )
    one, share = found["one"], found["share"]
    scale = (everything - items["one"]) / max(items["share"] - items["one"], 1)
    whole = Cost(
        cpu=one.cpu + scale * (share.cpu - one.cpu), wall=one.wall + scale * (share.wall - one.wall)
    )
    told = (
        f"stock lm-eval, {everything:,} items: {whole.cpu:.0f} s CPU, a line through "
        f"{share.cpu:.0f} s for {items['share']:,} and {one.cpu:.0f} s for {items['one']:,}"
    )
    return whole, told


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


def measured(name: str, model: Path, arguments: argparse.Namespace, *, stock: Cost) -> dict:
    """Return what both ways took for one checkpoint, and what was decided."""
    study = arguments.work / f"study-{name}"
    shutil.rmtree(study, ignore_errors=True)
    shutil.copytree(arguments.work / "base", study)
    series = [f"base={arguments.base}", f"{name}={model}"]
    until = ["--until-verdict", "--margin", arguments.margin]
    command = [*eval_command(arguments, series, study), *until]
    ours, idle = (run(command, threads=arguments.threads) for _ in range(2))
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
    command += ["--tasks", ",".join(arguments.names), "--out", str(study)]
    return [*command, "--data-dir", str(arguments.work / "mirror")]


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
