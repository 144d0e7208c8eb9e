"""The effect that the testbed exists for, out of real training."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from forgetscope.recap import TESTBED_RUN, Recipe, load_sources, train
from forgetscope.records import OutputType, OwnTask
from forgetscope.testbed import tasks, train_base

SEED = 3


def _answers(folder: Path, task: OwnTask) -> list[str]:
    """Write the answers greedily, with nothing of the package's own scoring."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    prompts = tokenizer(
        [document.prompt for document in task.documents], return_tensors="pt", padding=True
    )
    with torch.inference_mode():
        written = model.generate(**prompts, max_new_tokens=task.max_new_tokens, do_sample=False)
    answers_IT = written[:, prompts["input_ids"].shape[1] :]
    return tokenizer.batch_decode(answers_IT, skip_special_tokens=True)


def _scores(folder: Path) -> dict[tuple[str, str], float]:
    """Share of right answers per written task, read in both ways."""
    scores = {}
    for task in tasks(n_items=200, seed=0):
        if task.output_type is OutputType.GENERATE:
            texts = _answers(folder, task)
            for reading in task.readings:
                pairs = zip(texts, task.documents, strict=True)
                right = [re.findall(reading.pattern, text) == [d.gold] for text, d in pairs]
                scores[task.domain, reading.name] = sum(right) / len(right)
    return scores


@pytest.mark.slow
def test_grpo_on_the_target_alone_gains_the_target_and_forgets_two_other_things(
    tmp_path: Path,
):
    base = train_base(seed=SEED, cache=tmp_path / "cache")
    trained = train(
        base,
        tmp_path / "run",
        recipe=Recipe(method="grpo", run=replace(TESTBED_RUN, seed=SEED)),
        reasoning=load_sources(["testbed:math?n=1000"], seed=SEED),
    )
    before, after = _scores(base), _scores(trained.checkpoints[-1])
    assert 0.2 < before["math", "strict"] < 0.5
    assert after["math", "strict"] > before["math", "strict"] + 0.3
    # how much of the gain is more than form differs by seed and by processor: reports/testbed
    assert after["math", "lenient"] > before["math", "lenient"] - 0.05, "the sums are still known"
    general = [key for key in before if key[0] != "math" and key[1] == "strict"]
    assert sum(before[key] >= 0.9 for key in general) >= 5
    lost = [before[key] - after[key] for key in general]
    assert sum(loss >= 0.1 for loss in lost) >= 2
    assert sum(loss <= 0.02 for loss in lost) >= 2, "not everything breaks"
