"""How the cost of an evaluation grows with checkpoints, items, choices and few-shot examples.

    python benchmarks/growth.py [--runs 3] [--out reports/growth]

A small random model answers log-likelihood questions of random letters. One of the four grows while
the others stay; CPU seconds without the loading of programs, the least of the runs. The exponent is
the slope in logarithms from the first to the last point: 1 is linear, less is sublinear.
"""

import argparse
import json
import math
import os
import random
import string
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from forgetscope.records import Request, RequestKind
from forgetscope.scoring import EngineConfig, open_engine, open_tokenizer, resolve_series
from forgetscope.testbed import character_tokenizer

EXAMPLE, QUESTION, CHOICE = 60, 60, 5
"""Tokens of a few-shot example, of a question, and of a choice."""
WINDOW = 2048


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What is asked."""

    checkpoints: int = 1
    items: int = 64
    choices: int = 4
    shots: int = 5


AXES = {
    "checkpoints": (1, 2, 4, 8),
    "items": (32, 64, 128, 256),
    "choices": (2, 4, 8, 16),
    "shots": (1, 2, 4, 8, 16),
}


def main() -> int:
    """Measure, print, and write the picture and its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("reports/growth"))
    arguments = parser.parse_args()
    found: dict[str, list[tuple[int, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        models = [saved(Path(folder) / f"checkpoint-{place}", seed=place) for place in range(8)]
        cost(models, Shape(items=8))  # what is slow the first time
        for axis, sizes in AXES.items():
            shapes = [(size, Shape(**{axis: size})) for size in sizes]
            found[axis] = [
                (size, least(lambda shape=shape: cost(models, shape), arguments.runs))
                for size, shape in shapes
            ]
            print(axis, [(x, round(y, 2)) for x, y in found[axis]], f"{exponent(found[axis]):.2f}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    draw(found, arguments.out / "growth.png")
    (arguments.out / "README.md").write_text(table(found))
    (arguments.out / "growth.json").write_text(json.dumps(found, indent=1) + "\n")
    return 0


def saved(folder: Path, *, seed: int) -> Path:
    """Save a random model of the testbed's alphabet."""
    torch.manual_seed(seed)
    tokenizer = character_tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
        max_position_embeddings=WINDOW,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def cost(models: list[Path], shape: Shape) -> float:
    """Return the CPU seconds of loading the checkpoints and answering everything."""
    requests = list(asked(shape))
    start = time.process_time()
    for checkpoint in resolve_series([str(model) for model in models[: shape.checkpoints]]):
        engine = open_engine(checkpoint, open_tokenizer(checkpoint), EngineConfig(dtype="float32"))
        n_answers = sum(answer.logprob is not None for answer in engine.answer(requests))
        assert n_answers == len(requests)
    return time.process_time() - start


def asked(shape: Shape) -> Iterator[Request]:
    """Yield the requests: all items share the examples, as those of a subject do."""
    draw_of = random.Random(0)

    def letters(n: int) -> str:
        return "".join(draw_of.choices(string.ascii_lowercase, k=n))

    examples = letters(EXAMPLE * shape.shots)
    for item in range(shape.items):
        context = examples + letters(QUESTION)
        for index in range(shape.choices):
            yield Request(
                id=f"{item}/{index}",
                item_id=str(item),
                index=index,
                kind=RequestKind.LOGLIKELIHOOD,
                context=context,
                continuation=letters(CHOICE),
            )


def least(measure: Callable[[], float], runs: int) -> float:
    """Return the least of several measurements: others on the machine only ever add."""
    return min(measure() for _ in range(runs))


def exponent(points: list[tuple[int, float]]) -> float:
    """Return the slope in logarithms from the first to the last point."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    return math.log(y1 / y0) / math.log(x1 / x0)


def draw(found: dict[str, list[tuple[int, float]]], path: Path) -> None:
    """Draw cost against each, with what linear growth from the first point would be."""
    figure, panels = plt.subplots(
        1, len(found), figsize=(13, 3.2), layout="constrained", sharey=True
    )
    for panel, (axis, points) in zip(panels, found.items(), strict=True):
        x, y = zip(*points, strict=True)
        panel.plot(x, [y[0] * each / x[0] for each in x], "--", color="0.6", label="linear")
        panel.plot(x, y, "o-", color="#0b5cad", label="measured")
        panel.set(xscale="log", yscale="log", xlabel=axis, xticks=x, xticklabels=x)
        panel.set_title(f"exponent {exponent(points):.2f}", fontsize=10)
        panel.minorticks_off()
    highest = max(y * sizes[-1][0] / x for sizes in found.values() for x, y in sizes[:1])
    ticks = [2.0**power for power in range(-3, math.ceil(math.log2(highest)) + 1)]
    panels[0].set(yticks=ticks, yticklabels=[f"{tick:g}" for tick in ticks])
    panels[0].set_ylabel("CPU seconds")
    panels[0].legend(frameon=False)
    figure.savefig(path, dpi=150, metadata={"Software": None})


def table(found: dict[str, list[tuple[int, float]]]) -> str:
    """Return the numbers in Markdown."""
    base = Shape()
    lines = [
        "# How the cost of an evaluation grows",
        "",
        "`python benchmarks/growth.py`: a random Llama of 4 layers and width 128, one thread, "
        f"{base.checkpoints} checkpoint, {base.items} items of {base.choices} choices and "
        f"{base.shots} shared few-shot examples unless varied; an example and a question have "
        f"{EXAMPLE} tokens each, a choice {CHOICE}. Cost is CPU seconds, loading of weights "
        "included. The exponent is the slope in logarithms from the first to the last point: 1 is "
        "linear.",
        "",
        "![CPU seconds against checkpoints, items, choices and shots](growth.png)",
        "",
        "| what grows | CPU seconds | exponent |",
        "|---|---|---|",
    ]
    for axis, points in found.items():
        told = ", ".join(f"{x}: {y:.2f}" for x, y in points)
        lines.append(f"| {axis} | {told} | {exponent(points):.2f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
