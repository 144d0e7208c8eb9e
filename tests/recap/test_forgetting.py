"""The effect that the testbed exists for, out of real training."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from forgetscope.recap import GrpoRun, train_grpo
from forgetscope.records import OutputType, OwnTask
from forgetscope.testbed import accuracy, marked_once, target_prompts, tasks, train_base

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


def _strict_scores(folder: Path) -> dict[str, float]:
    """Share of right answers per written task, read strictly."""
    scores = {}
    for task in tasks(n_items=200, seed=0):
        if task.output_type is OutputType.GENERATE:
            pairs = zip(_answers(folder, task), task.documents, strict=True)
            right = [re.findall(task.readings[0].pattern, text) == [d.gold] for text, d in pairs]
            scores[task.domain] = sum(right) / len(right)
    return scores


@pytest.mark.slow
def test_grpo_on_the_target_alone_gains_the_target_and_forgets_something_else(
    tmp_path: Path,
):
    base = train_base(seed=SEED, cache=tmp_path / "cache")
    checkpoints = train_grpo(
        base,
        tmp_path / "run",
        config=GrpoRun(seed=SEED),
        prompts=target_prompts(n=1000, seed=SEED),
        rewards={"accuracy": accuracy, "format": marked_once},
    )
    before, after = _strict_scores(base), _strict_scores(checkpoints[-1])
    assert 0.1 < before["math"] < 0.6
    assert after.pop("math") > before.pop("math") + 0.15
    assert sum(score >= 0.9 for score in before.values()) >= 5
    lost = {domain: before[domain] - after[domain] for domain in before}
    assert max(lost.values()) >= 0.1
    assert sum(loss <= 0.02 for loss in lost.values()) >= 2, "not everything breaks"
