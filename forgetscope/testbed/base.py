"""The base model of the testbed: trained from nothing in under a minute, then kept."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from forgetscope.errors import UnknownNameError
from forgetscope.records import Progress, no_progress
from forgetscope.store.files import cache_folder
from forgetscope.testbed.domains import DomainMix, domains, rows
from forgetscope.testbed.quiet import no_bars, torch_threads
from forgetscope.testbed.tokens import character_tokenizer

__all__ = ["SIZES", "BaseRecipe", "train_base", "train_recipe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRecipe:
    """How a base model is made; equal recipes and seeds give equal models."""

    layers: int = 3
    """Transformer layers."""
    width: int = 96
    """Hidden width."""
    heads: int = 4
    """Attention heads."""
    steps: int = 1100
    """Optimiser steps."""
    batch: int = 48
    """Rows per step."""
    learning_rate: float = 3e-3
    """Peak of AdamW, falling linearly to 0."""
    warmup: int = 50
    """Steps in which the learning rate rises."""
    initial_deviation: float = 0.05
    """Standard deviation of the weights before training."""
    mix: DomainMix = field(default_factory=DomainMix)
    """What the rows are."""
    version: int = 1
    """Raised when the training code, not a setting, changes what comes out."""


SIZES = {
    "small": BaseRecipe(),
    "large": BaseRecipe(layers=4, width=256, heads=8, learning_rate=1.5e-3, initial_deviation=0.03),
}
"""The recipes that have a name: 0.4 million weights in 45 CPU seconds, 3 million in 200."""


def train_base(
    *,
    seed: int,
    size: str = "small",
    cache: Path | None = None,
    progress: Progress = no_progress,
) -> Path:
    """Return the folder of the base model, trained now unless the cache has it.

    Parameters
    ----------
    seed
        Of the weights and of the rows.
    size
        A name in `SIZES`.
    cache
        Folder of all cached models; `None`: see `store.files.cache_folder`.
    progress
        Told every optimiser step; not called when the cache answers.

    Returns
    -------
    Path
        Weights (safetensors), configuration and tokenizer, readable by transformers.

    Raises
    ------
    UnknownNameError
        No size has that name.
    """
    if size not in SIZES:
        raise UnknownNameError("testbed size", size, known=SIZES)
    return train_recipe(SIZES[size], seed=seed, cache=cache, progress=progress)


def train_recipe(
    recipe: BaseRecipe,
    *,
    seed: int,
    cache: Path | None = None,
    progress: Progress = no_progress,
) -> Path:
    """Return the folder of the base model that `recipe` makes; see `train_base`."""
    folder = (cache or cache_folder()) / f"base-{_digest(recipe, seed)}"
    if folder.is_dir():
        return folder
    tokenizer = character_tokenizer()
    with torch_threads(1), no_bars():
        model = _train(recipe, tokenizer, seed=seed, progress=progress)
        _keep(model, tokenizer, folder)
    return folder


def _digest(recipe: BaseRecipe, seed: int) -> str:
    """Return a digest of all that decides the weights: the recipe, and rows as they come out."""
    rows_seen = list(itertools.islice(_texts(recipe, seed=seed), 10))
    text = json.dumps([dataclasses.asdict(recipe), seed, rows_seen], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _train(
    recipe: BaseRecipe, tokenizer: PreTrainedTokenizerFast, *, seed: int, progress: Progress
) -> LlamaForCausalLM:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(_config(recipe, tokenizer))
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min((step + 1) / recipe.warmup, 1 - step / recipe.steps),
    )
    batches = _batches(recipe, tokenizer, seed=seed)
    for step, parts in enumerate(itertools.islice(batches, recipe.steps), start=1):
        loss = _step_loss(model, parts)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        progress("train the base model", step, recipe.steps, note=f"loss {loss.item():.2f}")
    return model


def _step_loss(model: LlamaForCausalLM, parts: list[dict[str, torch.Tensor]]) -> torch.Tensor:
    """Return the mean negative log-likelihood per answer token over all parts, in nats."""
    n_answer_tokens = sum(int((part["labels"] >= 0).sum()) for part in parts)
    losses = [model(**part, num_items_in_batch=n_answer_tokens).loss for part in parts]
    return torch.stack(losses).sum()


def _config(recipe: BaseRecipe, tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.width,
        intermediate_size=recipe.width * 8 // 3,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        max_position_embeddings=64,
        initializer_range=recipe.initial_deviation,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )


def _texts(recipe: BaseRecipe, *, seed: int) -> Iterator[list[tuple[str, str]]]:
    """Yield the prompts and answers of one step after the other, the short ones first."""
    rng = random.Random(seed)
    mix = domains(recipe.mix)
    streams = [rows(domain, rng, held_out=False) for domain in mix]
    weights = [domain.weight for domain in mix]
    while True:
        chosen = rng.choices(streams, weights, k=recipe.batch)
        texts = [(row.prompt, row.answer) for row in map(next, chosen)]
        yield sorted(texts, key=lambda text: len(text[0]) + len(text[1]))


def _batches(
    recipe: BaseRecipe, tokenizer: PreTrainedTokenizerFast, *, seed: int
) -> Iterator[list[dict[str, torch.Tensor]]]:
    """Yield the rows of one step as two parts, the short rows and the long ones.

    Half of a common batch would be padding.
    """
    half = recipe.batch // 2
    for texts in _texts(recipe, seed=seed):
        yield [_collate(part, tokenizer) for part in (texts[:half], texts[half:])]


def _collate(
    texts: list[tuple[str, str]], tokenizer: PreTrainedTokenizerFast
) -> dict[str, torch.Tensor]:
    """Return a batch (B rows, T tokens), padded on the right; only the answers carry loss."""
    encoded = [
        (tokenizer.encode(prompt), [*tokenizer.encode(answer), tokenizer.eos_token_id])
        for prompt, answer in texts
    ]
    width = max(len(prompt) + len(answer) for prompt, answer in encoded)
    input_ids_BT = torch.full((len(encoded), width), tokenizer.pad_token_id)
    labels_BT = torch.full((len(encoded), width), -100)  # the label that carries no loss
    for i, (prompt, answer) in enumerate(encoded):
        end = len(prompt) + len(answer)
        input_ids_BT[i, :end] = torch.tensor(prompt + answer)
        labels_BT[i, len(prompt) : end] = torch.tensor(answer)
    # no mask: padding stands on the right, and no token looks to its right
    return {"input_ids": input_ids_BT, "labels": labels_BT}


def _keep(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Save all files, then give the folder its name in one step, so that it is whole or absent."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        model.save_pretrained(part)
        tokenizer.save_pretrained(part)
        GenerationConfig(
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        ).save_pretrained(part)
        part.chmod(0o755)
        part.replace(folder)
    except OSError:
        # another run was faster: its model is the same
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
