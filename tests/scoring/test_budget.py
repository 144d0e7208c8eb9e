"""A pass holds what was asked for, or as much as its logits allow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from transformers import LlamaConfig

from forgetscope.scoring import EngineConfig, open_blueprint, open_tokenizer, resolve_series
from forgetscope.scoring.budget import kept_tokens, tokens_of_pass

CPU = EngineConfig(device="cpu")


@pytest.fixture
def blueprint(llama):
    (checkpoint,) = resolve_series([str(llama)])
    return open_blueprint(checkpoint, open_tokenizer(checkpoint), CPU)


@pytest.mark.parametrize(
    ("vocabulary", "dtype", "tokens"),
    [
        (49_152, "float32", 1024),
        (151_936, "float32", 441),
        (151_936, "bfloat16", 883),
        (1_000_000, "float32", 256),
    ],
)
def test_the_logits_of_a_pass_take_a_quarter_of_a_gibibyte_at_most(
    blueprint, vocabulary, dtype, tokens
):
    large = replace(blueprint, model_config=LlamaConfig(vocab_size=vocabulary), dtype=dtype)
    assert tokens_of_pass(CPU, large) == tokens


def test_what_was_asked_for_is_what_a_pass_holds(blueprint):
    large = replace(blueprint, model_config=LlamaConfig(vocab_size=1_000_000))
    asked = replace(CPU, batch_tokens=2000)
    assert tokens_of_pass(asked, large) == 2000


@pytest.mark.parametrize("vocabulary", [49_152, 104_857, 151_936])
def test_a_share_of_a_pass_is_a_share_of_what_the_model_would_get(blueprint, vocabulary):
    model = replace(blueprint, model_config=LlamaConfig(vocab_size=vocabulary))
    whole = tokens_of_pass(CPU, model)
    assert tokens_of_pass(replace(CPU, pass_share=0.625), model) == whole * 5 // 8


def test_longer_passes_keep_no_more_for_texts():
    assert kept_tokens(CPU) == 64 * 256
    assert kept_tokens(replace(CPU, batch_tokens=100)) == 6400
