"""Tiny random adapters for tests, as peft saves them after training."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def save_tiny_adapter(
    base: Path, folder: Path, *, seed: int = 0, names: Path | str | None = None, **settings: object
) -> Path:
    """Save an adapter with random matrices that changes answers clearly.

    Parameters
    ----------
    names
        What the adapter calls its base; default: where it lies.
    settings
        Of `LoraConfig`.
    """
    fields = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "down_proj"], **settings}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **fields))
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weight, std=0.3)
            elif "modules_to_save" in name:
                weight.data.add_(torch.randn_like(weight), alpha=0.1)
    model.save_pretrained(folder)
    if names is not None:
        change_config(folder, base_model_name_or_path=str(names))
    return folder


def change_config(folder: Path, **changes: object) -> None:
    """Change what an adapter says of itself."""
    file = folder / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def merged(base: Path, adapter: Path, folder: Path) -> Path:
    """Save what peft itself makes of a base and an adapter, with the base's tokenizer."""
    from peft import PeftModel
    from transformers import AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    PeftModel.from_pretrained(model, adapter).merge_and_unload().save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    return folder
