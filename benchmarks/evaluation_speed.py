"""How fast are answers? CPU and wall time against stock lm-eval on the same requests, by shape.

    python benchmarks/evaluation_speed.py --model MODEL --data-dir MIRROR [--shapes A,B] [--runs 3]

The peer is lm-eval's own HFLM (float32, float32 softmax) in this process, on the same threads, turn
by turn with us; its batch size is the fastest of `--batch-sizes` on the first items. Printed are,
for each shape, the median ratios of CPU and of wall time, the largest difference of a
log-probability, both scores, and how much of what the machine's matrix products alone would take we
take in all: the multiplications of every token that was read, and of the head where it was asked,
each at the best speed of this model's own layers on passes of 256 and of 1024 rows. Building
prompts is left out on both sides; our proof of a new architecture is taken before, as it is taken
once on a machine.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from lm_eval.models.huggingface import HFLM
from parity import mean, stock_answers

from forgetscope.evaluation.harness import Built, build, load_tasks
from forgetscope.records import Answer
from forgetscope.scoring import EngineConfig, open_engine, open_tokenizer, resolve_series
from forgetscope.suites import Suite, TaskChoice

ROWS = (256, 1024)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One kind of requests."""

    task: str
    shots: int
    items: int
    wanted: float
    """Ratio that was asked for."""
    max_new_tokens: int = 128


# `gsm8k_cot` shows the same eight examples to every item, `gsm8k` draws eight for each, as ARC does
SHAPES = {
    "hellaswag-0": Shape(task="hellaswag", shots=0, items=200, wanted=2.6),
    "arc-5": Shape(task="arc_easy", shots=5, items=60, wanted=5),
    "mmlu-5": Shape(task="mmlu_astronomy", shots=5, items=100, wanted=7),
    "gsm8k-cot-8": Shape(task="gsm8k_cot", shots=8, items=32, wanted=4),
    "gsm8k-8": Shape(task="gsm8k", shots=8, items=16, wanted=4),
}


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one run took, in seconds."""

    cpu: float
    wall: float


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Multiplications and additions per CPU second of matrix products."""

    body: float
    head: float


@dataclass
class Work:
    """Tokens that went through the model, and rows that went through its head."""

    tokens: int = 0
    rows: int = 0


def main() -> int:
    """Measure every shape and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="folder of a checkpoint")
    parser.add_argument("--data-dir", required=True, type=Path)
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--items", type=int, help="items of every shape instead of its own")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-sizes", default="1,4,8")
    parser.add_argument("--json", type=Path, help="write the rows here")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    (checkpoint,) = resolve_series([arguments.model])
    engine = open_engine(checkpoint, open_tokenizer(checkpoint), EngineConfig(dtype="float32"))
    model = engine._scorer._plain._decoder.model
    speed = matmul_speed(model)
    print(
        f"matrix products: {speed.body / 1e9:.0f} GFLOP per CPU second in its layers,"
        f" {speed.head / 1e9:.0f} in its head"
    )
    rows = []
    for name in arguments.shapes.split(","):
        built = built_of(SHAPES[name], data_dir=arguments.data_dir, items=arguments.items)
        row = {"shape": name, **measured(built, engine, model, arguments, speed=speed)}
        row["wanted"] = SHAPES[name].wanted
        print(text_of(row), flush=True)
        rows.append(row)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def built_of(shape: Shape, *, data_dir: Path, items: int | None) -> Built:
    """Return the requests of a shape."""
    choice = TaskChoice(name=shape.task, shots=shape.shots, max_new_tokens=shape.max_new_tokens)
    suite = Suite(name="speed", choices=(choice,))
    (loaded,) = load_tasks(suite, data_dir=data_dir)
    return build(loaded, seed=suite.seed, limit=items or shape.items)


def measured(
    built: Built,
    engine: Any,  # noqa: ANN401
    model: Any,  # noqa: ANN401
    arguments: argparse.Namespace,
    *,
    speed: Speed,
) -> dict:
    """Return ratios, differences and our share of the machine's limit."""
    list(engine.answer(built.requests[:16]))  # the proof
    stock = fastest_stock(built, arguments)
    ours, theirs = [], []
    for _ in range(arguments.runs):
        with counting(model) as work:
            answers, cost = timed(lambda: {a.request_id: a for a in engine.answer(built.requests)})
        ours.append(cost)
        expected, cost = timed(lambda: stock_answers(built, stock))
        theirs.append(cost)
    pairs = list(zip(ours, theirs, strict=True))
    cpu = statistics.median(cost.cpu for cost in ours)
    return {
        "items": len(built.items),
        "requests": len(built.requests),
        "runs": arguments.runs,
        "threads": arguments.threads,
        "stock_batch_size": stock.batch_size,
        "cpu_ratio": statistics.median(b.cpu / a.cpu for a, b in pairs),
        "wall_ratio": statistics.median(b.wall / a.wall for a, b in pairs),
        "ours": [asdict(cost) for cost in ours],
        "stock": [asdict(cost) for cost in theirs],
        "max_difference_nats": difference(answers, expected),
        "texts_differ": sum(answers[k].text != expected[k].text for k in expected),
        "score": mean(built, answers),
        "stock_score": mean(built, expected),
        "tokens_read": work.tokens,
        "share_of_limit": limit(model, work, speed) / cpu,
    }


def fastest_stock(built: Built, arguments: argparse.Namespace) -> HFLM:
    """Return lm-eval's model with the batch size that suits it best here."""
    found = []
    for size in map(int, arguments.batch_sizes.split(",")):
        stock = HFLM(
            pretrained=arguments.model,
            dtype="float32",
            softmax_dtype="float32",
            batch_size=size,
            device="cpu",
        )
        instances = [i for item in built.items[:8] for i in built.instances[item.id]]
        method = getattr(stock, built.requests[0].kind.value)
        _, cost = timed(lambda method=method, i=instances: method(i, disable_tqdm=True))
        found.append((cost.cpu, size, stock))
    return min(found, key=lambda each: each[:2])[2]


def difference(ours: dict[str, Answer], theirs: dict[str, Answer]) -> float | None:
    """Return the largest difference of a log-probability, nats."""
    found = [
        abs(ours[key].logprob - other.logprob)
        for key, other in theirs.items()
        if other.logprob is not None
    ]
    return max(found, default=None)


def timed(work: Callable[[], Any]) -> tuple[Any, Cost]:
    """Return what a call returns, and what it cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, Cost(cpu=time.process_time() - cpu, wall=time.perf_counter() - wall)


class counting:  # noqa: N801  read as a word of a `with` line
    """Counts what goes through a model within its block."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        self._head = model.get_output_embeddings()
        self._body = model.get_input_embeddings()

    def __enter__(self) -> Work:
        work = Work()

        def tokens(_module: Any, _inputs: Any, output: torch.Tensor) -> None:  # noqa: ANN401
            work.tokens += output.shape[:-1].numel()

        def rows(_module: Any, _inputs: Any, output: torch.Tensor) -> None:  # noqa: ANN401
            work.rows += output.shape[:-1].numel()

        self._hooks = [
            self._body.register_forward_hook(tokens),
            self._head.register_forward_hook(rows),
        ]
        return work

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()


def layers_of(model: Any) -> list[torch.nn.Linear]:  # noqa: ANN401
    """Return the linear layers besides the head."""
    head = model.get_output_embeddings()
    return [m for m in model.modules() if isinstance(m, torch.nn.Linear) and m is not head]


def limit(model: Any, work: Work, speed: Speed) -> float:  # noqa: ANN401
    """Return the CPU seconds of the linear layers' products alone, attention left out."""
    body = 2.0 * work.tokens * sum(layer.weight.numel() for layer in layers_of(model))
    head = 2.0 * work.rows * model.get_output_embeddings().weight.numel()
    return body / speed.body + head / speed.head


@torch.inference_mode()
def matmul_speed(model: Any, *, runs: int = 7) -> Speed:  # noqa: ANN401
    """Return what the model's linear layers alone reach."""
    head = [model.get_output_embeddings()]
    return Speed(
        body=max(speed_of(layers_of(model), rows=rows, runs=runs) for rows in ROWS),
        head=max(speed_of(head, rows=rows, runs=runs) for rows in ROWS),
    )


def speed_of(layers: list[torch.nn.Linear], *, rows: int, runs: int) -> float:
    """Return the best speed of some layers, one after the other on inputs of their own."""
    inputs = [torch.randn(rows, layer.in_features) for layer in layers]
    amount = sum(2.0 * rows * layer.weight.numel() for layer in layers)
    best = float("inf")
    for _ in range(runs):
        _, cost = timed(
            lambda: [layer(x) for layer, x in zip(layers, inputs, strict=True)] and None
        )
        best = min(best, cost.cpu)
    return amount / best


def text_of(row: dict) -> str:
    """Return one line of the table."""
    apart = row["max_difference_nats"]
    equal = f"{apart:.1e} nat" if apart is not None else f"{row['texts_differ']} texts differ"
    return (
        f"{row['shape']:12} {row['items']:4} items  CPU {row['cpu_ratio']:.2f}x  "
        f"wall {row['wall_ratio']:.2f}x  (asked {row['wanted']:g}x)  {equal}  "
        f"{row['score']:.4f} against {row['stock_score']:.4f}  "
        f"{100 * row['share_of_limit']:.0f} % of the limit"
    )


if __name__ == "__main__":
    sys.exit(main())
