"""Adapters on a base: found, checked, put on, and taken off again."""

from __future__ import annotations

import importlib.util
import itertools
import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from forgetscope.errors import CheckpointError, UnavailableError
from forgetscope.records import CheckpointKind, Decoding
from forgetscope.scoring import (
    EngineConfig,
    Turns,
    check_weights,
    open_engine,
    open_tokenizer,
    resolve_series,
)
from tests.scoring.conftest import ask_answer, ask_pair, ask_text, engine_of
from tests.tiny import save_tiny_gpt2, save_tiny_llama
from tests.tiny_adapters import change_config, merged, save_tiny_adapter

CONTEXT = "Question: which of these animals can fly?\nAnswer:"
REQUESTS = [
    *(ask_pair(n, CONTEXT, f" {end}") for n, end in enumerate(("the sparrow", "the fox", "Rome"))),
    ask_pair(3, "One and two are", " three"),
    ask_text(4, "Paris is the capital of France."),
    ask_answer(5, "The quick brown", decoding=Decoding(max_new_tokens=6)),
    ask_answer(6, "The quick lazy", decoding=Decoding(max_new_tokens=6)),
]
FLOAT = EngineConfig(dtype="float32", device="cpu")


@pytest.fixture(scope="module")
def run(llama, tmp_path_factory) -> Path:
    """A training output: two adapters and, beside them, the last one once more."""
    folder = tmp_path_factory.mktemp("run") / "lora"
    for step in (2, 10):
        save_tiny_adapter(llama, folder / f"checkpoint-{step}", seed=step)
    for file in (folder / "checkpoint-10").iterdir():
        shutil.copy(file, folder)
    return folder


@pytest.fixture
def adapter(run, tmp_path) -> Path:
    """A copy of an adapter that a test may break."""
    return Path(shutil.copytree(run / "checkpoint-2", tmp_path / "adapter"))


def _answers(engine):
    found = {answer.request_id: answer for answer in engine.answer(REQUESTS)}
    return {key: found[key] for key in sorted(found)}


def _same(ours, theirs, *, tolerance):
    for one, other in zip(ours.values(), theirs.values(), strict=True):
        assert one.text == other.text
        assert one.is_greedy == other.is_greedy
        if one.logprob is not None:
            assert one.logprob == pytest.approx(other.logprob, abs=tolerance)


def _open(argument, turns=None):
    (checkpoint,) = resolve_series([str(argument)])
    return open_engine(checkpoint, open_tokenizer(checkpoint), FLOAT, turns=turns)


def _refusal(argument) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        resolve_series([str(argument)])
    return caught.value


def test_a_run_of_adapters_expands_in_step_order_and_ends_where_it_repeats_itself(run):
    series = resolve_series([str(run)])
    assert [(c.label, c.step) for c in series] == [("checkpoint-2", 2), ("checkpoint-10", 10)]
    assert {c.kind for c in series} == {CheckpointKind.ADAPTER}
    assert series[0].source == str(run / "checkpoint-2")


def test_a_base_may_be_named_before_a_run_or_a_single_adapter(llama, run):
    series = resolve_series([f"{llama}+{run}"])
    assert [c.source for c in series] == [f"{llama}+{run}/checkpoint-{n}" for n in (2, 10)]
    assert [c.fingerprint for c in series] == [c.fingerprint for c in resolve_series([str(run)])]
    (one,) = resolve_series([f"mine={llama}+{run / 'checkpoint-2'}"])
    assert (one.label, one.fingerprint) == ("mine", series[0].fingerprint)


def test_a_folder_with_a_plus_in_its_name_is_a_folder(llama, tmp_path):
    folder = shutil.copytree(llama, tmp_path / "a+b")
    (checkpoint,) = resolve_series([str(folder)])
    assert (checkpoint.kind, checkpoint.label) == (CheckpointKind.FOLDER, "a+b")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"use_rslora": True, "rank_pattern": {"q_proj": 2}},
        {"modules_to_save": ["lm_head"]},
        {"use_dora": True},
    ],
    ids=lambda settings: "-".join(settings) or "plain",
)
def test_an_adapter_answers_as_the_model_it_is_merged_into(llama, tmp_path, settings):
    adapter = save_tiny_adapter(llama, tmp_path / "adapter", **settings)
    engine = _open(adapter)
    whole = engine_of(merged(llama, adapter, tmp_path / "merged"), dtype="float32")
    found = _answers(engine)
    _same(found, _answers(whole), tolerance=1e-3)
    assert engine.notes == (), "branches and slots prove themselves with an adapter too"
    plain = _answers(engine_of(llama, dtype="float32"))
    moved = [abs(found[key].logprob - plain[key].logprob) for key in ("r0", "r1", "r2")]
    assert max(moved) > 0.02, "it is not the base that answers"


def test_an_adapter_on_layers_that_lie_turned_answers_as_the_merged_model(tmp_path):
    base = save_tiny_gpt2(tmp_path / "gpt2")
    adapter = save_tiny_adapter(
        base, tmp_path / "adapter", target_modules=["c_attn"], fan_in_fan_out=True
    )
    whole = engine_of(merged(base, adapter, tmp_path / "merged"), dtype="float32")
    _same(_answers(_open(adapter)), _answers(whole), tolerance=1e-3)


def test_the_base_of_a_series_is_loaded_once(llama, run):
    turns = Turns()
    first = _answers(_open(llama, turns))
    engines = [_open(folder, turns) for folder in (run / "checkpoint-2", run / "checkpoint-10")]
    asked = [_answers(engine) for engine in engines]
    again = _answers(_open(llama, turns))
    assert turns.n_loaded == 1
    assert again == first, "the base is the same to the bit after adapters were on it"
    assert asked[0] != asked[1]


def test_engines_that_share_a_base_may_take_turns_in_mid_answer(llama, run):
    alone = [_answers(_open(run / f"checkpoint-{n}")) for n in (2, 10)]
    turns = Turns()
    base = _open(llama, turns)
    engines = [_open(run / f"checkpoint-{n}", turns) for n in (2, 10)]
    mixed = [{}, {}]
    for both in itertools.zip_longest(*(engine.answer(REQUESTS) for engine in engines)):
        for found, answer in zip(mixed, both, strict=True):
            found[answer.request_id] = answer
    for found, expected in zip(mixed, alone, strict=True):
        assert {key: found[key] for key in sorted(found)} == expected
    assert _answers(base) == _answers(_open(llama))


def test_another_base_takes_the_place_of_the_first(llama, bos_llama):
    turns = Turns()
    for source in (llama, bos_llama, llama):
        _open(source, turns)
    assert turns.n_loaded == 3


def test_the_fingerprint_follows_base_matrices_and_settings_and_no_path(llama, run, tmp_path):
    (known,) = resolve_series([str(run / "checkpoint-2")])
    base = shutil.copytree(llama, tmp_path / "base")
    moved = shutil.copytree(run / "checkpoint-2", tmp_path / "elsewhere")
    change_config(moved, base_model_name_or_path=str(base))
    (same,) = resolve_series([str(moved)])
    assert same.fingerprint == known.fingerprint
    seen = {known.fingerprint}
    change_config(moved, lora_alpha=9)
    seen.add(resolve_series([str(moved)])[0].fingerprint)
    weights = load_file(moved / "adapter_model.safetensors")
    weights[next(iter(weights))] += 1
    save_file(weights, moved / "adapter_model.safetensors")
    seen.add(resolve_series([str(moved)])[0].fingerprint)
    (base / "generation_config.json").write_text("{}")
    seen.add(resolve_series([str(moved)])[0].fingerprint)
    assert len(seen) == 4


def test_an_adapter_that_changed_meanwhile_is_noticed_where_it_is_loaded(adapter):
    (checkpoint,) = resolve_series([str(adapter)])
    check_weights(checkpoint)
    change_config(adapter, lora_alpha=9)
    with pytest.raises(CheckpointError, match="holds other weights"):
        check_weights(checkpoint)


def test_the_tokenizer_is_the_adapter_s_where_it_brings_one(llama, bos_llama, adapter):
    (checkpoint,) = resolve_series([str(adapter)])
    (base,) = resolve_series([str(llama)])
    assert open_tokenizer(checkpoint).fingerprint == open_tokenizer(base).fingerprint
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(bos_llama / name, adapter)
    assert open_tokenizer(checkpoint).fingerprint != open_tokenizer(base).fingerprint


def test_a_missing_base_is_one_error_that_says_how_to_name_it(llama, adapter):
    change_config(adapter, base_model_name_or_path=f"{llama}s")
    error = _refusal(adapter)
    assert f"`{llama}s`" in error.message
    assert f"`{llama}`" in (error.hint or "")
    assert "BASE+" in (error.hint or "")
    change_config(adapter, base_model_name_or_path=None)
    assert "does not name its base" in _refusal(adapter).message


def test_a_base_that_is_an_adapter_is_refused(run, adapter):
    assert "an adapter itself" in _refusal(f"{run / 'checkpoint-2'}+{adapter}").message


def test_a_plus_before_a_whole_model_is_refused(llama, model):
    assert "holds no adapter" in _refusal(f"{llama}+{model}").message


def test_a_pickled_adapter_is_refused(adapter):
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    error = _refusal(adapter)
    assert "pickle" in error.message
    assert "save_pretrained" in (error.hint or "")


def test_an_adapter_without_weights_or_with_half_of_them_is_refused(adapter):
    weights = adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    assert "is broken" in _refusal(adapter).message
    weights.unlink()
    assert "has no `adapter_model.safetensors`" in _refusal(adapter).message


def test_ranks_that_the_configuration_does_not_say_are_refused(adapter):
    change_config(adapter, r=3)
    assert "of rank 4 and 4" in _refusal(adapter).message


def test_an_adapter_of_a_larger_model_is_refused_before_any_compute(adapter, gpt2, tmp_path):
    from transformers import LlamaConfig, LlamaForCausalLM

    from tests.tiny import tiny_tokenizer

    wide = tmp_path / "wide"
    config = LlamaConfig(
        vocab_size=320, hidden_size=48, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(wide)
    tiny_tokenizer().save_pretrained(wide)
    error = _refusal(f"{wide}+{adapter}")
    assert "does not fit the base" in error.message
    assert "(48, 64)" in error.message
    # of another architecture no weight has the name: told when it is put on
    with pytest.raises(CheckpointError, match="does not fit its base"):
        _open(f"{gpt2}+{adapter}")


def test_matrices_that_are_missing_or_unknown_are_refused_and_leave_the_base_alone(llama, adapter):
    file = adapter / "adapter_model.safetensors"
    weights = load_file(file)
    gone = sorted(weights)[:2]
    save_file({name: w for name, w in weights.items() if name not in gone}, file)
    turns = Turns()
    before = _answers(_open(llama, turns))
    with pytest.raises(CheckpointError, match="it lacks"):
        _open(adapter, turns)
    save_file({**weights, "base_model.model.model.layers.9.x.weight": torch.zeros(1)}, file)
    with pytest.raises(CheckpointError, match="nothing there is called"):
        _open(adapter, turns)
    assert _answers(_open(llama, turns)) == before
    assert turns.n_loaded == 1


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"peft_type": "PROMPT_TUNING"}, "PROMPT_TUNING"),
        ({"init_lora_weights": "pissa"}, "changes the base itself"),
        ({"peft_type": None}, "what kind of adapter"),
    ],
)
def test_adapters_that_cannot_be_taken_off_again_are_refused(adapter, change, word):
    change_config(adapter, **change)
    assert word in _refusal(adapter).message


def test_an_unknown_kind_of_adapter_is_one_error(adapter):
    change_config(adapter, peft_type="OF_TOMORROW")
    with pytest.raises(CheckpointError, match="does not fit its base"):
        _open(adapter)


def test_without_peft_an_adapter_is_one_error_with_what_to_install(run, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "forgetscope.scoring.turns.find_spec", lambda name: None if name == "peft" else found(name)
    )
    with pytest.raises(UnavailableError, match="peft") as caught:
        _open(run / "checkpoint-2")
    assert "pip install 'forgetscope[train]'" in (caught.value.hint or "")


@pytest.mark.slow
def test_a_base_that_computes_in_16_bits_takes_an_adapter(tmp_path):
    base = save_tiny_llama(tmp_path / "base")
    config = json.loads((base / "config.json").read_text()) | {"dtype": "bfloat16"}
    (base / "config.json").write_text(json.dumps(config))
    adapter = save_tiny_adapter(base, tmp_path / "adapter")
    (checkpoint,) = resolve_series([str(adapter)])
    engine = open_engine(checkpoint, open_tokenizer(checkpoint), EngineConfig(device="cpu"))
    whole = engine_of(merged(base, adapter, tmp_path / "merged"), dtype="bfloat16")
    for one, other in zip(_answers(engine).values(), _answers(whole).values(), strict=True):
        if one.logprob is not None:
            assert one.logprob == pytest.approx(other.logprob, abs=1.0)
