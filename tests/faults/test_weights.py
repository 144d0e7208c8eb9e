"""Checkpoints whose weights, tokenizer or index are not what they say."""

import json
import random
import shutil
import struct
from pathlib import Path

import pytest
import torch
from crashes.stored import read_study
from safetensors.torch import load_file, save_file

from forgetscope.errors import CheckpointError
from forgetscope.scoring import resolve_series
from tests.scoring.conftest import change_weights
from tests.tiny import save_tiny_llama, tiny_tokenizer

UP, GATE = (f"model.layers.0.mlp.{name}_proj.weight" for name in ("up", "gate"))


@pytest.fixture
def model(world, tmp_path):
    """A copy of a model, to be harmed."""
    return Path(shutil.copytree(world.folder / "tuned", tmp_path / "harmed"))


@pytest.fixture
def evaluate(world, tmp_path, call):
    """Evaluate the base, a harmed checkpoint, and a sound one after it."""

    def evaluate_it(model, *, study=tmp_path / "study"):
        folder = world.folder
        return call(
            *("eval", folder / "base", model, f"last={folder / 'tuned'}", "--tasks", "arc_easy"),
            *("--data-dir", folder / "data", "--out", study, "--no-progress"),
        )

    return evaluate_it


def _labels(study):
    return {row[0] for row in read_study(study).tables["checkpoints"]}


def _change_header(model, change):
    file = model / "model.safetensors"
    content = file.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    change(header)
    text = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + size :])


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_weights_of_no_numbers_are_an_error_for_that_checkpoint_alone(
    model, evaluate, tmp_path, number
):
    change_weights(model, lambda weights: weights[UP].fill_(number))
    code, _, err = evaluate(model)
    assert code == 4
    assert err.count("error: ") == 1
    assert "`harmed` answers no numbers: its logits are NaN or infinite" in err
    assert "the other checkpoints were evaluated" in err
    assert _labels(tmp_path / "study") == {"base", "last"}


def test_a_tokenizer_with_more_tokens_than_the_model_is_an_error_for_that_checkpoint(
    model, evaluate, tmp_path
):
    tiny_tokenizer(vocab_size=400).save_pretrained(model)
    code, _, err = evaluate(model)
    assert code == 4
    assert "the tokenizer of `harmed` makes token 3" in err
    assert "its model knows 320 tokens" in err
    assert _labels(tmp_path / "study") == {"base", "last"}


def test_a_tokenizer_that_cannot_be_opened_costs_no_other_checkpoint(model, evaluate, tmp_path):
    (model / "tokenizer.json").write_text("{")
    code, _, err = evaluate(model)
    assert code == 4
    assert "the tokenizer of" in err
    assert _labels(tmp_path / "study") == {"base", "last"}


def test_another_tokenizer_than_the_base_s_is_compared_and_said(model, evaluate):
    tiny_tokenizer(vocab_size=300).save_pretrained(model)
    code, _, err = evaluate(model)
    assert code == 0
    assert "answered by different engines or tokenizers" in err


def test_code_beside_a_known_architecture_is_not_run_and_that_is_said(model, evaluate, tmp_path):
    trace = tmp_path / "ran"
    (model / "modeling_own.py").write_text(f"open({str(trace)!r}, 'w')\n")
    config = json.loads((model / "config.json").read_text())
    config["auto_map"] = {"AutoModelForCausalLM": "modeling_own.Own"}
    (model / "config.json").write_text(json.dumps(config))
    code, _, err = evaluate(model)
    assert code == 0
    assert "`harmed`: brings code of its own (`auto_map`), which is never run" in err
    assert not trace.exists()


def test_a_tokenizer_that_is_a_program_is_refused_with_the_reason(model, evaluate, tmp_path):
    trace = tmp_path / "ran"
    (model / "own.py").write_text(f"open({str(trace)!r}, 'w')\n")
    settings = json.loads((model / "tokenizer_config.json").read_text())
    settings |= {"auto_map": {"AutoTokenizer": ["own.Own", None]}, "tokenizer_class": "Own"}
    (model / "tokenizer_config.json").write_text(json.dumps(settings))
    code, _, err = evaluate(model)
    assert code == 4
    assert "is a program of its own" in err
    assert "never run" in err
    assert not trace.exists()


def _refusal(model):
    with pytest.raises(CheckpointError) as caught:
        resolve_series([str(model)])
    assert caught.value.hint
    return caught.value.message


def test_weights_that_are_called_integers_are_refused(model):
    _change_header(model, lambda header: header[UP].update(dtype="I32"))
    assert f"calls the weight `{UP}` I32" in _refusal(model)


def test_packed_weights_that_the_configuration_knows_are_not_refused(model):
    _change_header(model, lambda header: header[UP].update(dtype="I32"))
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | {"quantization_config": {}}))
    assert resolve_series([str(model)])


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header[UP].update(dtype="F16"),
        lambda header: header[UP].update(data_offsets=header[GATE]["data_offsets"]),
        lambda header: header[UP].update(shape=[1, 1]),
        lambda header: header.pop(UP),
    ],
)
def test_a_header_that_does_not_fit_the_numbers_is_refused(model, change):
    _change_header(model, change)
    assert "model.safetensors` is broken" in _refusal(model)


def test_a_header_of_any_changed_bit_is_refused_or_another_checkpoint(model):
    file = model / "model.safetensors"
    whole, rng = file.read_bytes(), random.Random(0)
    (size,) = struct.unpack("<Q", whole[:8])
    sound = resolve_series([str(model)])[0].fingerprint
    for _ in range(60):
        content = bytearray(whole)
        content[rng.randrange(8 + size)] ^= 1 << rng.randrange(8)
        file.write_bytes(content)
        try:
            (found,) = resolve_series([str(model)])
        except CheckpointError:
            continue
        assert found.fingerprint != sound


@pytest.fixture
def sharded(tmp_path):
    return save_tiny_llama(tmp_path / "sharded", max_shard_size="30kB")


@pytest.mark.parametrize("place", ["../outside.safetensors", "/outside.safetensors", "a/b", ".."])
def test_an_index_may_not_lead_out_of_its_folder(sharded, place):
    file = sharded / "model.safetensors.index.json"
    index = json.loads(file.read_text())
    index["weight_map"][UP] = place
    file.write_text(json.dumps(index))
    assert f"names `{place}`, which is no safetensors file of its own folder" in _refusal(sharded)


def test_a_tensor_in_two_files_is_refused(sharded):
    first, second, *_ = sorted(sharded.glob("*.safetensors"))
    weights = load_file(second)
    name = next(iter(load_file(first)))
    save_file(weights | {name: torch.zeros(1)}, second, metadata={"format": "pt"})
    assert f"holds `{name}` twice" in _refusal(sharded)
