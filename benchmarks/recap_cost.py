"""What RECAP costs per optimiser step, beside plain TRL on the same prompts and rewards.

    python benchmarks/recap_cost.py [--model DIR] [--steps 20] [--runs 7]

Both trainers run in this process, turn by turn: the target and a replayed domain of the testbed,
both rewarded, no supervised replay, no probes, rule `code`. The learning rate is 0 and the seed the
same, so that step for step both do the same work. A run is `--steps` steps after two that do not
count. Printed are, of each trainer, the median over the runs of the mean step, and the sum of every
step's shortest time over the runs, from which other work on the machine drops out; then the CPU
time of what RECAP adds, taken inside the step: observing the rewards, the weights and the log. The
default model is the small one of the testbed: any other takes longer for a step, and no longer for
what is added.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from datasets import Dataset
from transformers import PrinterCallback, TrainerCallback, set_seed
from trl import GRPOTrainer

from forgetscope import testbed
from forgetscope.recap import GrpoRun, Material, Recipe, Retention, load_source
from forgetscope.recap.build import build_trainer
from forgetscope.recap.loading import load_network
from forgetscope.recap.state import RunFolder
from forgetscope.testbed.quiet import no_bars, no_telemetry, torch_threads

SOURCES = ("testbed:math?n=500", "testbed:knowledge?n=500&as=reward")
Observe = Callable[[torch.Tensor], None]
"""Takes in the rewards of a step."""
UNTIMED = 2
"""Steps before the clock starts."""


def main() -> int:
    """Measure both trainers and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="default: the small model of the testbed")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    model = arguments.model or str(testbed.train_base(seed=0))
    recipe = made_recipe(arguments.steps)
    materials = [load_source(source, seed=0) for source in SOURCES]
    runs = [
        measured_run(model, recipe, materials, is_recap_first=run % 2 == 1)
        for run in range(arguments.runs)
    ]
    tell(runs, arguments)
    return 0


def made_recipe(steps: int) -> Recipe:
    """Return RECAP's recipe at a learning rate of 0."""
    return Recipe(
        method="recap",
        run=GrpoRun(
            steps=UNTIMED + steps,
            save_steps=UNTIMED + steps,
            learning_rate=0.0,
            n_prompts=16,
            group_size=8,
            max_new_tokens=12,
        ),
        retention=Retention(prompts=4, probe_every=0),
    )


def measured_run(
    model: str, recipe: Recipe, materials: list[Material], *, is_recap_first: bool
) -> dict[str, np.ndarray]:
    """Return the CPU and the wall seconds of every step of both trainers, and of what is added."""
    with tempfile.TemporaryDirectory() as folder, quiet():
        recap, _ = build_trainer(
            model,
            RunFolder(Path(folder), asked=""),
            recipe=recipe,
            materials=materials,
            n_targets=1,
        )
        network = load_network(model)
        plain = GRPOTrainer(
            model=network.model,
            processing_class=network.processor,
            reward_funcs=list(recap.reward_funcs),
            train_dataset=Dataset.from_list(list(recap.train_dataset)),
            args=recap.args,
        )
        added: list[float] = []
        recap._weigh = clocked(recap._weigh, added)
        trainers = {"plain": plain, "recap": recap}
        order = sorted(trainers, reverse=is_recap_first)
        times_2S = {name: timed(trainers[name]) for name in order}
        return {**times_2S, "added": np.array([added[UNTIMED:]])}


def clocked(work: Observe, seconds: list[float]) -> Observe:
    """Return the work, whose CPU time is noted at every call."""

    def noted(rewards_BK: torch.Tensor) -> None:
        began = time.process_time()
        work(rewards_BK)
        seconds.append(time.process_time() - began)

    return noted


@contextmanager
def quiet() -> Iterator[None]:
    """Use one thread, and let nobody talk."""
    with torch_threads(1), no_bars(), no_telemetry():
        yield


class Clock(TrainerCallback):
    """Notes when every step ends."""

    def __init__(self) -> None:
        self.marks: list[tuple[float, float]] = []

    def on_step_end(self, *_: object, **__: object) -> None:
        """Take the time."""
        self.marks.append((time.process_time(), time.perf_counter()))


def timed(trainer: GRPOTrainer) -> np.ndarray:
    """Return the CPU and the wall seconds of every step that counts."""
    clock = Clock()
    trainer.add_callback(clock)
    trainer.remove_callback(PrinterCallback)
    set_seed(0)
    trainer.train()
    return np.diff(np.array(clock.marks[UNTIMED - 1 :]).T, axis=1)


def tell(runs: list[dict[str, np.ndarray]], arguments: argparse.Namespace) -> None:
    """Print what was measured, in milliseconds per step."""
    print(
        f"{arguments.runs} runs of {arguments.steps} steps, one thread; "
        f"{arguments.model or 'the small model of the testbed'}; ms per step"
    )
    print(f"{'':<8}{'CPU median':>14}{'CPU shortest':>14}{'wall median':>14}{'wall shortest':>14}")
    rows = {name: summary(runs, name) for name in ("plain", "recap")}
    for name, row in rows.items():
        print(f"{name:<8}" + "".join(f"{1000 * value:>14.2f}" for value in row))
    ratios = [recap / plain for recap, plain in zip(rows["recap"], rows["plain"], strict=True)]
    print(f"{'ratio':<8}" + "".join(f"{ratio:>14.4f}" for ratio in ratios))
    added = float(np.median([run["added"].mean() for run in runs]))
    share = added / rows["plain"][1]
    print(f"added inside the step: {1000 * added:.3f} ms of CPU, {share:.3%} of plain's shortest")


def summary(runs: list[dict[str, np.ndarray]], name: str) -> list[float]:
    """Return median and shortest step, of the CPU and then of the wall time."""
    times_R2S = np.array([run[name] for run in runs])
    medians_2 = np.median(times_R2S.mean(axis=2), axis=0)
    shortest_2 = times_R2S.min(axis=0).mean(axis=1)
    return [medians_2[0], shortest_2[0], medians_2[1], shortest_2[1]]


if __name__ == "__main__":
    sys.exit(main())
