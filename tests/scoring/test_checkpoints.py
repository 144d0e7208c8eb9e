"""What a person names becomes a series, in order, with labels; what cannot be used is said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forgetscope.errors import CheckpointError, UsageError
from forgetscope.records import CheckpointKind
from forgetscope.scoring import resolve_series
from tests.tiny import save_tiny_llama


def labels(*arguments: object) -> list[str]:
    return [checkpoint.label for checkpoint in resolve_series([str(a) for a in arguments])]


@pytest.fixture
def sharded(tmp_path) -> Path:
    return save_tiny_llama(tmp_path / "sharded", max_shard_size="30kB")


def refusal(path: object) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        resolve_series([str(path)])
    assert caught.value.exit_code == 4
    assert not caught.value.message.endswith(".")
    return caught.value


def test_a_folder_is_one_checkpoint_named_after_it(model):
    (checkpoint,) = resolve_series([str(model)])
    assert checkpoint.label == "model"
    assert checkpoint.source == str(model)
    assert checkpoint.kind is CheckpointKind.FOLDER
    assert checkpoint.step is None


@pytest.mark.parametrize(
    "names",
    [
        ["checkpoint-20", "checkpoint-100", "checkpoint-1000"],
        ["step_5", "step_10"],
        ["step-5", "step-10"],
        ["iter_0000500", "iter_0001000"],
        ["global_step_9", "global_step_10"],
    ],
)
def test_step_folders_expand_in_numeric_order(llama, tmp_path, names):
    for name in reversed(names):
        shutil.copytree(llama, tmp_path / "run" / name)
    for other in ("logs", "checkpoint-best", "runs"):
        (tmp_path / "run" / other).mkdir()
    series = resolve_series([str(tmp_path / "run")])
    assert [c.label for c in series] == names
    steps = [c.step for c in series]
    assert steps == sorted(steps)


def test_final_weights_beside_step_folders_come_last(llama, bos_llama, tmp_path):
    run = Path(shutil.copytree(bos_llama, tmp_path / "run"))
    shutil.copytree(llama, run / "checkpoint-10")
    assert labels(run) == ["checkpoint-10", "run"]


def test_final_weights_equal_to_the_last_step_are_not_evaluated_twice(llama, bos_llama, tmp_path):
    run = Path(shutil.copytree(llama, tmp_path / "run"))
    shutil.copytree(bos_llama, run / "checkpoint-10")
    shutil.copytree(llama, run / "checkpoint-20")
    assert labels(run) == ["checkpoint-10", "checkpoint-20"]


def test_an_optimiser_state_beside_weights_is_no_checkpoint(model):
    (model / "global_step500").mkdir()
    (model / "global_step500" / "mp_rank_00_model_states.pt").write_bytes(b"state")
    assert labels(model) == ["model"]


def test_several_arguments_keep_the_order_they_were_given_in(llama, gpt2):
    assert labels(gpt2, llama) == ["gpt2", "llama"]


def test_a_label_in_front_names_the_checkpoint(model, tmp_path):
    assert labels(f"before={model}") == ["before"]
    shutil.copytree(model, tmp_path / "run" / "step_7")
    (labelled,) = resolve_series([f"ours={tmp_path / 'run'}"])
    assert (labelled.label, labelled.step) == ("ours/step_7", 7)


def test_an_existing_folder_with_an_equals_sign_is_a_folder(model):
    renamed = model.rename(model.parent / "lr=0.1")
    assert labels(renamed) == ["lr=0.1"]


def test_equal_folder_names_are_told_apart_by_their_parents(llama, tmp_path):
    one = shutil.copytree(llama, tmp_path / "a" / "final")
    two = shutil.copytree(llama, tmp_path / "b" / "final")
    series = resolve_series([str(one), str(two)])
    assert [c.label for c in series] == ["a/final", "b/final"]
    assert series[0].fingerprint == series[1].fingerprint


def test_one_checkpoint_twice_needs_labels(model):
    with pytest.raises(UsageError, match="called") as caught:
        resolve_series([str(model), str(model)])
    assert "LABEL=SOURCE" in (caught.value.hint or "")
    assert labels(f"a={model}", f"b={model}") == ["a", "b"]


@pytest.mark.parametrize("arguments", [[], [""], [" "]])
def test_nothing_named_is_a_usage_error(arguments):
    with pytest.raises(UsageError):
        resolve_series(arguments)


def test_the_current_folder_has_the_name_of_the_folder(model, monkeypatch):
    monkeypatch.chdir(model)
    assert labels(".") == ["model"]


def test_a_missing_folder_names_its_nearest_sibling(model):
    error = refusal(model.parent / "modle")
    assert "does not exist" in error.message
    assert str(model) in (error.hint or "")


def test_a_missing_parent_is_said(tmp_path):
    assert "does not exist either" in (refusal(tmp_path / "no" / "where").hint or "")


def test_an_unreachable_hub_says_that_no_folder_has_the_name(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    error = refusal("nobody/nothing@main")
    assert "`nobody/nothing`" in error.message
    assert "no folder of that name" in (error.hint or "")


def test_a_mistyped_relative_path_is_no_hub_name(model, monkeypatch):
    monkeypatch.chdir(model.parent.parent)
    error = refusal(f"{model.parent.name}/modle")
    assert "does not exist" in error.message


def test_a_folder_without_weights_is_refused(tmp_path):
    assert "empty" in (refusal(tmp_path).hint or "")
    (tmp_path / "notes.txt").write_text("nothing here")
    error = refusal(tmp_path)
    assert "no weights" in error.message
    assert "notes.txt" in (error.hint or "")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "consolidated.00.pth", "model.pt"])
def test_pickled_weights_are_refused_with_the_way_out(model, name):
    (model / "model.safetensors").rename(model / name)
    (model / "training_args.bin").write_bytes(b"not weights")
    error = refusal(model)
    assert name in error.message
    assert "training_args" not in error.message
    assert "pickle" in error.message
    assert "save_pretrained" in (error.hint or "")


@pytest.mark.parametrize("kept", [0, 5, 300, -1])
def test_truncated_weights_are_found_before_any_compute(model, kept):
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:kept])
    error = refusal(model)
    assert "model.safetensors" in error.message
    assert "cut off" in (error.hint or "")


def test_a_git_lfs_pointer_is_recognised(model):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    (model / "model.safetensors").write_text(pointer)
    assert "git lfs pull" in (refusal(model).hint or "")


def test_a_missing_shard_is_named(sharded):
    shards = sorted(sharded.glob("*.safetensors"))
    assert len(shards) > 2
    shards[1].unlink()
    error = refusal(sharded)
    assert shards[1].name in error.message
    assert f"1 of {len(shards)}" in error.message


def test_a_truncated_shard_is_named(sharded):
    last = sorted(sharded.glob("*.safetensors"))[-1]
    last.write_bytes(last.read_bytes()[:-10])
    assert last.name in refusal(sharded).message


def test_a_shard_of_another_model_is_found(sharded):
    shards = sorted(sharded.glob("*.safetensors"))
    shutil.copy(shards[0], shards[1])
    assert shards[1].name in refusal(sharded).message


@pytest.mark.parametrize("text", ["{", "[]", '{"weight_map": {}}'])
def test_a_broken_index_is_refused(sharded, text):
    (sharded / "model.safetensors.index.json").write_text(text)
    assert "index" in refusal(sharded).message


def test_weights_under_another_name_are_refused(model):
    (model / "model.safetensors").rename(model / "weights.safetensors")
    assert "weights.safetensors" in refusal(model).message


def test_a_missing_config_is_said(model):
    (model / "config.json").unlink()
    assert "config.json" in refusal(model).message


@pytest.mark.parametrize("text", ["", "{not json", "[]", json.dumps({"hidden_size": 32})])
def test_a_config_that_configures_nothing_is_refused(model, text):
    (model / "config.json").write_text(text)
    assert "config.json" in refusal(model).message


def test_a_missing_tokenizer_is_said(model):
    (model / "tokenizer.json").unlink()
    assert "tokenizer" in refusal(model).message


def test_a_weight_file_is_not_a_checkpoint_but_its_folder_is(model):
    error = refusal(model / "model.safetensors")
    assert str(model) in (error.hint or "")


def test_a_gguf_file_is_a_checkpoint_and_a_broken_one_is_not(tmp_path):
    file = tmp_path / "tiny.gguf"
    file.write_bytes(b"GGUF and more")
    (checkpoint,) = resolve_series([str(file)])
    assert (checkpoint.label, checkpoint.kind) == ("tiny", CheckpointKind.GGUF)
    assert resolve_series([str(tmp_path)])[0].source == str(file)
    file.write_bytes(b"something else")
    assert "GGUF" in refusal(file).message


def test_two_gguf_files_in_a_folder_are_a_question(tmp_path):
    for name in ("a.gguf", "b.gguf"):
        (tmp_path / name).write_bytes(b"GGUF")
    error = refusal(tmp_path)
    assert "a.gguf" in error.message
    assert "b.gguf" in error.message


def test_a_broken_step_folder_is_named_and_not_skipped(llama, tmp_path):
    shutil.copytree(llama, tmp_path / "run" / "step_1")
    (tmp_path / "run" / "step_2").mkdir()
    assert "step_2" in refusal(tmp_path / "run").message


def test_naming_checkpoints_loads_no_torch(llama):
    program = (
        "import sys; from forgetscope.scoring import resolve_series;"
        f"resolve_series([{str(llama)!r}]);"
        "assert not {'torch', 'transformers', 'huggingface_hub'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
