"""Loading refuses what is not the checkpoint; engines are named without loading."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from forgetscope.errors import CheckpointError, UsageError
from forgetscope.scoring import (
    EngineConfig,
    describe_engine,
    engine_fingerprint,
    open_engine,
    open_tokenizer,
)
from tests.scoring.conftest import ask_pair, ask_text, change_weights, checkpoint_of, engine_of
from tests.tiny import save_tiny_llama


def test_missing_weights_are_an_error_not_random_numbers(model):
    change_weights(model, lambda weights: weights.pop("model.layers.1.mlp.up_proj.weight"))
    with pytest.raises(CheckpointError, match=r"lacks 1 weights .*layers\.1\.mlp\.up_proj"):
        engine_of(model)


def test_weights_of_another_shape_are_an_error(model):
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, "intermediate_size": 48}))
    with pytest.raises(CheckpointError, match=r"do not fit its `config\.json`"):
        engine_of(model)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model_type": "nothing-known"}, "cannot be used"),
        ({"model_type": "t5"}, "not a decoder"),
        ({"model_type": "vit"}, "not a decoder"),
    ],
)
def test_what_is_no_decoder_is_refused(model, settings, message):
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, **settings}))
    with pytest.raises(CheckpointError, match=message):
        engine_of(model)


def test_code_inside_a_checkpoint_is_never_run(model, tmp_path):
    trace = tmp_path / "ran"
    code = f"import pathlib; pathlib.Path({str(trace)!r}).touch()\n"
    (model / "code.py").write_text(code)
    config = json.loads((model / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "code.C"}}
    (model / "config.json").write_text(json.dumps(config))
    with pytest.raises(CheckpointError):
        engine_of(model)
    assert not trace.exists()


def test_the_engine_is_named_without_loading_weights(llama, tmp_path):
    copy = Path(shutil.copytree(llama, tmp_path / "copy"))
    checkpoint = checkpoint_of(copy)
    tokenizer = open_tokenizer(checkpoint)
    expected = open_engine(checkpoint, tokenizer, EngineConfig()).fingerprint
    (copy / "model.safetensors").write_bytes(b"gone")
    assert engine_fingerprint(tokenizer, EngineConfig(), checkpoint=checkpoint) == expected


def test_the_fingerprint_follows_what_changes_answers_and_not_the_batch(llama):
    checkpoint = checkpoint_of(llama)
    tokenizer = open_tokenizer(checkpoint)

    def named(**config):
        return engine_fingerprint(tokenizer, EngineConfig(**config), checkpoint=checkpoint)

    assert named(batch_tokens=7) == named() == named(dtype="float32") == named(max_length=128)
    assert len({named(), named(dtype="bfloat16"), named(max_length=64)}) == 3
    described = describe_engine(tokenizer, EngineConfig(), checkpoint=checkpoint)
    assert described["dtype"] == "float32"
    assert described["tokenizer"] == tokenizer.fingerprint


def test_auto_dtype_is_what_the_weights_were_saved_in(model):
    config = json.loads((model / "config.json").read_text())
    del config["dtype"]
    (model / "config.json").write_text(json.dumps(config))
    change_weights(model, lambda w: w.update({n: t.bfloat16() for n, t in w.items()}))
    checkpoint = checkpoint_of(model)
    described = describe_engine(open_tokenizer(checkpoint), EngineConfig(), checkpoint=checkpoint)
    assert described["dtype"] == "bfloat16"
    (answer,) = engine_of(model).answer([ask_pair(0, "The", " fox")])
    assert answer.logprob < 0


@pytest.mark.parametrize(
    "config",
    [{"dtype": "int8"}, {"max_length": 1}, {"batch_tokens": 0}, {"pass_share": 0.0}],
    ids=str,
)
def test_settings_out_of_range_are_refused(config):
    with pytest.raises(UsageError):
        EngineConfig(**config)


@pytest.mark.parametrize("device", ["abacus", "cuda:99"])
def test_a_device_that_is_not_there_is_refused(llama, device):
    if device.startswith("cuda") and torch.cuda.is_available():
        pytest.skip("a GPU is there")
    with pytest.raises(UsageError, match="device"):
        engine_of(llama, device=device)


def test_sharded_weights_answer_like_whole_ones(tmp_path):
    whole = save_tiny_llama(tmp_path / "whole")
    sharded = save_tiny_llama(tmp_path / "sharded", max_shard_size="30kB")
    asked = [ask_pair(0, "One", " fox"), ask_text(1, "One and two are three")]
    one, two = (list(engine_of(folder).answer(asked)) for folder in (whole, sharded))
    assert one == two
