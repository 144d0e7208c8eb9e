"""Forgetting watched from inside TRL's trainers."""

import pytest
import torch
from datasets import Dataset
from transformers import AutoTokenizer
from trl import GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

from forgetscope import ForgettingCallback
from tests.recap.small_run import small_base
from tests.tiny import save_tiny_llama

COMMON = {
    "max_steps": 2,
    "save_strategy": "steps",
    "save_steps": 1,
    "per_device_train_batch_size": 4,
    "learning_rate": 1e-3,
    "use_cpu": True,
    "bf16": False,
    "report_to": "none",
    "disable_tqdm": True,
    "logging_steps": 2,
    "gradient_checkpointing": False,
    "dataloader_pin_memory": False,
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return small_base(tmp_path_factory.mktemp("base"))


def _digits(completions, **_):
    return [float(sum(c.isdigit() for c in text)) for text in completions]


def _grpo(base, out):
    return GRPOTrainer(
        model=str(base),
        reward_funcs=_digits,
        args=GRPOConfig(str(out), num_generations=4, max_completion_length=4, **COMMON),
        train_dataset=Dataset.from_dict({"prompt": ["1+1=", "2+2=", "3+1=", "4+2="]}),
        processing_class=AutoTokenizer.from_pretrained(base),
    )


def _told(trainer):
    """Return what the trainer logs of itself, without times."""
    return [
        {
            key: value
            for key, value in entry.items()
            if "time" not in key and "second" not in key and "runtime" not in key
        }
        for entry in trainer.state.log_history
        if not any(key.startswith("forgetting/") for key in entry)
    ]


def test_grpo_samples_learns_and_logs_as_if_nobody_had_looked(base, tmp_path):
    alone = _grpo(base, tmp_path / "alone")
    alone.train()
    watched = _grpo(base, tmp_path / "watched")
    callback = ForgettingCallback(study=tmp_path / "study", tasks=["testbed_reading"], limit=8)
    callback.attach(watched)
    watched.train()
    assert callback.failures == ()
    mine, theirs = watched.model.state_dict(), alone.model.state_dict()
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    # its means are of both steps: logging between them must not have emptied what it collects
    assert _told(watched) == _told(alone)
    steps = [e["step"] for e in watched.state.log_history if "forgetting/forgot" in e]
    assert steps == [1, 2]


def test_sft_is_watched_too(tmp_path):
    base = save_tiny_llama(tmp_path / "base", window=256)
    callback = ForgettingCallback(study=tmp_path / "study", tasks=["testbed_reading"], limit=8)
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.pad_token = tokenizer.eos_token
    trainer = SFTTrainer(
        model=str(base),
        args=SFTConfig(str(tmp_path / "run"), max_length=16, **COMMON),
        train_dataset=Dataset.from_dict({"text": ["The quick brown fox jumps"] * 8}),
        processing_class=tokenizer,
        callbacks=[callback],
    )
    trainer.train()
    assert callback.failures == ()
    assert [c.after for c in callback.diagnosis.comparisons] == ["checkpoint-1", "checkpoint-2"]
