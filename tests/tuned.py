"""A base of the testbed that can do something, and what a few steps on the target make of it."""

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from forgetscope.testbed import BaseRecipe, target_prompts, train_recipe
from forgetscope.testbed.quiet import no_bars

RECIPE = BaseRecipe(layers=2, width=48, heads=4, steps=260, batch=32, warmup=30)


def save_base(folder: Path) -> Path:
    """Train a base in a few seconds: it copies and refuses well and marks few of its sums."""
    return train_recipe(RECIPE, seed=0, cache=folder).rename(folder / "base")


def save_tuned(base: Path, folder: Path, *, steps: int = 30, lr: float = 1e-3) -> Path:
    """Imitate marked answers to the target's questions alone, which costs what lies near them."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    with no_bars():
        model = AutoModelForCausalLM.from_pretrained(base)
    optimiser = torch.optim.AdamW(model.parameters(), lr=lr)
    documents = target_prompts(n=steps * 16, seed=0)
    for step in range(steps):
        rows = [
            (tokenizer.encode(d.prompt), [*tokenizer.encode(f"#{d.gold}"), tokenizer.eos_token_id])
            for d in documents[16 * step : 16 * (step + 1)]
        ]
        width = max(len(prompt) + len(answer) for prompt, answer in rows)
        tokens = torch.full((len(rows), width), tokenizer.pad_token_id)
        labels = torch.full((len(rows), width), -100)
        for i, (prompt, answer) in enumerate(rows):
            end = len(prompt) + len(answer)
            tokens[i, :end] = torch.tensor(prompt + answer)
            labels[i, len(prompt) : end] = torch.tensor(answer)
        model(input_ids=tokens, labels=labels).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    with no_bars():
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder
