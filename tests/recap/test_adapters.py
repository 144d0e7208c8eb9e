from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, PreTrainedModel

from forgetscope.errors import CheckpointError
from forgetscope.recap.adapters import check_adapter, is_adapter, merge_adapter, scale_adapter
from forgetscope.recap.blends import check_blendable, save_blend, write_blend
from forgetscope.scoring import resolve_series
from tests.tiny import save_tiny_gpt2, save_tiny_llama

TOKENS = torch.arange(3, 35).reshape(2, 16)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_llama(tmp_path_factory.mktemp("models") / "base", max_shard_size="60KB")


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_gpt2(tmp_path_factory.mktemp("models") / "gpt2")


def _adapter(base: Path, folder: Path, **settings: object) -> Path:
    """Save an adapter with random matrices, as peft does after training."""
    torch.manual_seed(3)
    fields = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "down_proj"], **settings}
    model = get_peft_model(_model(base), LoraConfig(task_type="CAUSAL_LM", **fields))
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)
    return folder


def _model(folder: Path) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def _logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        return model.eval()(TOKENS).logits


def _with_part_of(base: Path, adapter: Path, share: float) -> torch.Tensor:
    """Logits with the adapter's change scaled by peft itself."""
    model = PeftModel.from_pretrained(_model(base), adapter)
    for module in model.modules():
        if hasattr(module, "scale_layer") and hasattr(module, "lora_A"):
            module.scale_layer(share)
    return _logits(model)


SETTINGS = [
    {},
    {"use_rslora": True},
    {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"layers.1.mlp.down_proj": 3}},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_scaled_and_merged_adapters_are_the_base_plus_a_part_of_the_change(
    llama: Path, tmp_path: Path, settings: dict[str, object]
):
    adapter = _adapter(llama, tmp_path / "adapter", **settings)
    for share in (0.3, 1.0):
        wanted = _with_part_of(llama, adapter, share)
        scaled = scale_adapter(adapter, tmp_path / f"scaled{share}", share=share)
        merged = merge_adapter(llama, adapter, tmp_path / f"merged{share}", share=share)
        read = _logits(PeftModel.from_pretrained(_model(llama), scaled))
        assert torch.allclose(read, wanted, atol=1e-4)
        assert torch.allclose(_logits(_model(merged)), wanted, atol=1e-4)
    assert not torch.allclose(wanted, _logits(_model(llama)), atol=1e-1)


def test_layers_whose_weights_lie_the_other_way_are_merged_too(gpt2: Path, tmp_path: Path):
    adapter = _adapter(
        gpt2, tmp_path / "adapter", target_modules=["c_attn", "c_proj"], fan_in_fan_out=True
    )
    merged = merge_adapter(gpt2, adapter, tmp_path / "merged", share=0.4)
    assert torch.allclose(_logits(_model(merged)), _with_part_of(gpt2, adapter, 0.4), atol=1e-4)


def test_nothing_of_an_adapter_is_the_base_and_all_of_it_the_adapter(llama: Path, tmp_path: Path):
    adapter = _adapter(llama, tmp_path / "adapter")
    zero = merge_adapter(llama, adapter, tmp_path / "zero", share=0.0)
    for file in llama.glob("*.safetensors"):
        kept = load_file(zero / file.name)
        assert all(torch.equal(kept[name], value) for name, value in load_file(file).items())
    one = scale_adapter(adapter, tmp_path / "one", share=1.0)
    before, after = (load_file(f / "adapter_model.safetensors") for f in (adapter, one))
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert json.loads((one / "adapter_config.json").read_text()) == json.loads(
        (adapter / "adapter_config.json").read_text()
    )


def test_a_merged_adapter_is_a_whole_checkpoint(llama: Path, tmp_path: Path):
    adapter = _adapter(llama, tmp_path / "adapter")
    assert (is_adapter(adapter), is_adapter(llama)) == (True, False)
    check_blendable(llama, adapter)
    merged = write_blend(llama, adapter, tmp_path / "merged", share=0.5)
    assert resolve_series([str(merged)])[0].label == "merged"
    assert not (merged / "adapter_config.json").exists()
    kept = save_blend(llama, adapter, tmp_path / "kept", share=0.5)
    assert is_adapter(kept)


BEYOND = [
    {"use_dora": True},
    {"bias": "lora_only"},
    {"modules_to_save": ["lm_head"]},
    {"init_lora_weights": "pissa"},
]


@pytest.mark.parametrize("settings", BEYOND, ids=lambda settings: next(iter(settings)))
def test_an_adapter_whose_change_is_more_than_two_matrices_is_refused(
    llama: Path, tmp_path: Path, settings: dict[str, object]
):
    adapter = _adapter(llama, tmp_path / "adapter", **settings)
    with pytest.raises(CheckpointError, match=f"uses `{next(iter(settings))}`") as caught:
        check_adapter(llama, adapter)
    assert "merge_and_unload" in (caught.value.hint or "")


def test_an_adapter_of_another_base_is_refused_by_name(llama: Path, gpt2: Path, tmp_path: Path):
    adapter = _adapter(llama, tmp_path / "adapter")
    with pytest.raises(CheckpointError, match=r"no weight for `model.layers.0"):
        check_adapter(gpt2, adapter)

    wider = Path(shutil.copytree(adapter, tmp_path / "wider"))
    matrices = load_file(wider / "adapter_model.safetensors")
    name = next(name for name in matrices if name.endswith("q_proj.lora_B.weight"))
    matrices[name] = torch.zeros(48, 4)
    save_file(matrices, wider / "adapter_model.safetensors")
    with pytest.raises(CheckpointError, match=r"is \(32, 32\) in .* a weight of \(48, 32\)"):
        check_adapter(llama, wider)


def test_what_is_no_lora_matrix_is_named(llama: Path, tmp_path: Path):
    adapter = _adapter(llama, tmp_path / "adapter")
    file = adapter / "adapter_model.safetensors"
    matrices = load_file(file)
    save_file(matrices | {"base_model.model.score.weight": torch.zeros(2, 2)}, file)
    with pytest.raises(CheckpointError, match=r"holds `base_model.model.score.weight`"):
        scale_adapter(adapter, tmp_path / "scaled", share=0.5)
    lone = next(name for name in matrices if "lora_A" in name)
    save_file({name: value for name, value in matrices.items() if name != lone}, file)
    with pytest.raises(CheckpointError, match="half a pair"):
        scale_adapter(adapter, tmp_path / "scaled", share=0.5)


def test_missing_and_broken_adapter_files_are_named(llama: Path, tmp_path: Path):
    adapter = _adapter(llama, tmp_path / "adapter")
    file = adapter / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"adapter_model.safetensors` is broken"):
        check_adapter(llama, adapter)
    file.unlink()
    with pytest.raises(CheckpointError, match=r"has no `adapter_model.safetensors`"):
        check_adapter(llama, adapter)
