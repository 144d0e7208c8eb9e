"""Small random models, invented benchmark data, and the commands that are killed on them."""

from dataclasses import dataclass
from pathlib import Path

from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama

__all__ = ["World", "make_world"]

SUITE = """\
target = "math"

[[task]]
name = "arc_easy"

[[task]]
name = "lambada_openai"

[[task]]
name = "gsm8k"
limit = 12
max_new_tokens = 4
"""
RECIPE = """\
run: {steps: 8, save_steps: 1, n_prompts: 2, group_size: 2, max_new_tokens: 4, n_threads: 1}
retention: {probe_rows: 2, probe_every: 1}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where models and data lie."""

    folder: Path

    def evaluation(self, study: Path) -> list[str]:
        """Return the words of `eval`."""
        models = [str(self.folder / name) for name in ("base", "tuned")]
        data = ["--suite", str(self.folder / "suite.toml"), "--data-dir", str(self.folder / "data")]
        return ["eval", *models, *data, "--out", str(study), "--format", "jsonl"]

    def report(self, study: Path, out: Path) -> list[str]:
        """Return the words of `report`."""
        return ["report", str(study), "--out", str(out), "--margin", "5pp"]

    def training(self, out: Path) -> list[str]:
        """Return the words of `train`."""
        words = ["train", "--recap", "--model", str(self.folder / "base"), "--no-eval"]
        sources = ["--reasoning", "testbed:math?n=20", "--replay", "testbed:reading?n=20"]
        return [*words, *sources, "--config", str(self.folder / "recipe.yaml"), "--out", str(out)]


def make_world(folder: Path, *, n_documents: int = 16) -> World:
    """Make two random models that differ, data for three tasks, and a training of eight steps."""
    write_mirror(folder / "data", n_documents=n_documents)
    for seed, name in enumerate(("base", "tuned")):
        save_tiny_llama(folder / name, seed=seed, window=512)
    (folder / "suite.toml").write_text(SUITE)
    (folder / "recipe.yaml").write_text(RECIPE)
    return World(folder=folder)
