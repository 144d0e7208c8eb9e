"""Tiny random models for tests: a tokenizer and decoders small enough to run in milliseconds."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

BOS, EOS = "<s>", "</s>"

CHAT_TEMPLATE = (
    "{% for message in messages %}[{{ message['role'] }}] {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant] {% endif %}"
)

_CORPUS = (
    "The quick brown fox jumps over the lazy dog. ",
    "Question: which of these animals can fly?\nAnswer: the sparrow\n",
    "One and two are three; three and four are seven. ",
    "She opened the door, looked at the garden and said nothing.\n",
    "Paris is the capital of France, and Rome is the capital of Italy. ",
)


@lru_cache
def _trained(vocab_size: int) -> str:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[BOS, EOS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_CORPUS, trainer)
    return tokenizer.to_str()


def tiny_tokenizer(
    *, adds_bos: bool = False, chat_template: str | None = None, vocab_size: int = 320
) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer: every text has tokens, `<s>` and `</s>` are special."""
    backend = Tokenizer.from_str(_trained(vocab_size))
    if adds_bos:
        backend.post_processor = processors.TemplateProcessing(
            single=f"{BOS} $A", special_tokens=[(BOS, backend.token_to_id(BOS))]
        )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token=BOS, eos_token=EOS)
    if chat_template is not None:
        tokenizer.chat_template = chat_template
    return tokenizer


def save_tiny_llama(
    folder: Path,
    *,
    seed: int = 0,
    window: int = 128,
    adds_bos: bool = False,
    chat_template: str | None = None,
    max_shard_size: str = "1GB",
) -> Path:
    """Save a random two-layer Llama with its tokenizer; `window` is its context in tokens."""
    tokenizer = tiny_tokenizer(adds_bos=adds_bos, chat_template=chat_template)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=window,
        initializer_range=0.3,  # far from uniform, so that a wrong position shows
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return _save(LlamaForCausalLM, config, folder, tokenizer, seed, max_shard_size)


def save_tiny_gpt2(folder: Path, *, seed: int = 0, window: int = 64) -> Path:
    """Save a random two-layer GPT-2 (learned positions, tied embeddings) with its tokenizer."""
    tokenizer = tiny_tokenizer()
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=window,
        initializer_range=0.3,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return _save(GPT2LMHeadModel, config, folder, tokenizer, seed, "1GB")


def _save(
    model_class: type[PreTrainedModel],
    config: LlamaConfig | GPT2Config,
    folder: Path,
    tokenizer: PreTrainedTokenizerFast,
    seed: int,
    max_shard_size: str,
) -> Path:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = model_class(config)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder, max_shard_size=max_shard_size)
    tokenizer.save_pretrained(folder)
    return folder
