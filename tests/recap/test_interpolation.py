from __future__ import annotations

import json
import resource
import shutil
import weakref
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from forgetscope.errors import CheckpointError
from forgetscope.recap.interpolation import check_matching, interpolate
from forgetscope.recap.weights import TensorSpec, write_tensors
from forgetscope.scoring import resolve_series
from tests.tiny import save_tiny_gpt2, save_tiny_llama


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("models")
    return save_tiny_llama(folder / "base"), save_tiny_llama(folder / "after", seed=1)


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    return {k: v for file in folder.glob("*.safetensors") for k, v in load_file(file).items()}


def _changed(folder: Path, target: Path, change) -> Path:
    """Copy a model of one file with other tensors."""
    shutil.copytree(folder, target)
    weights = load_file(target / "model.safetensors")
    save_file(change(weights) or weights, target / "model.safetensors", metadata={"format": "pt"})
    return target


def _same_bits(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(
        first[k].dtype == second[k].dtype
        and torch.equal(first[k].view(torch.uint8), second[k].view(torch.uint8))
        for k in first
    )


def test_the_ends_of_the_line_are_the_checkpoints_bit_for_bit(models, tmp_path: Path):
    base, after = models
    zero = interpolate(base, after, tmp_path / "zero", share=0.0)
    one = interpolate(base, after, tmp_path / "one", share=1.0)
    assert _same_bits(_weights(zero), _weights(base))
    assert _same_bits(_weights(one), _weights(after))


@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 0.9])
def test_between_them_every_weight_lies_on_the_line(models, tmp_path: Path, share: float):
    base, after = (_weights(folder) for folder in models)
    blend = _weights(interpolate(*models, tmp_path / "blend", share=share))
    assert blend.keys() == after.keys()
    for name, found in blend.items():
        wanted = (1 - share) * base[name].double() + share * after[name].double()
        assert torch.allclose(found.double(), wanted, rtol=1e-6, atol=1e-7)


def test_two_steps_on_the_line_are_one(models, tmp_path: Path):
    half = interpolate(*models, tmp_path / "half", share=0.5)
    quarter = _weights(interpolate(models[0], half, tmp_path / "quarter", share=0.5))
    direct = _weights(interpolate(*models, tmp_path / "direct", share=0.25))
    assert all(torch.allclose(quarter[k], direct[k], atol=1e-6) for k in direct)


def test_what_did_not_change_stays_as_it_is_to_the_bit(models, tmp_path: Path):
    frozen = "model.embed_tokens.weight"
    base = load_file(models[0] / "model.safetensors")

    def freeze(weights):
        weights[frozen] = base[frozen]

    after = _changed(models[1], tmp_path / "after", freeze)
    for share in (0.1, 0.3, 0.7):
        blend = _weights(interpolate(models[0], after, tmp_path / f"{share}", share=share))
        assert torch.equal(blend[frozen], base[frozen])


def test_files_may_be_divided_in_any_way_and_the_blend_is_divided_as_the_later(tmp_path: Path):
    whole = [save_tiny_llama(tmp_path / f"w{s}", seed=s) for s in (0, 1)]
    parted = [save_tiny_llama(tmp_path / f"p{s}", seed=s, max_shard_size="30KB") for s in (0, 1)]
    assert len(list(parted[0].glob("*.safetensors"))) > 2
    blends = [
        interpolate(first, second, tmp_path / f"blend{place}", share=0.3)
        for place, (first, second) in enumerate(
            [(whole[0], whole[1]), (parted[0], parted[1]), (whole[0], parted[1])]
        )
    ]
    first, *others = map(_weights, blends)
    assert all(_same_bits(first, other) for other in others)
    names = [sorted(f.name for f in folder.glob("*.safetensors*")) for folder in (*blends, *parted)]
    assert names[1] == names[2] == names[4]
    index = json.loads((blends[1] / "model.safetensors.index.json").read_text())
    assert (
        index["weight_map"]
        == json.loads((parted[1] / "model.safetensors.index.json").read_text())["weight_map"]
    )
    AutoModelForCausalLM.from_pretrained(blends[2])


def test_a_blend_is_a_checkpoint_with_the_later_one_s_tokenizer_and_settings(models, tmp_path):
    after = Path(shutil.copytree(models[1], tmp_path / "after"))
    (after / "trainer_state.json").write_text("{}")
    (after / "optimizer.pt").write_bytes(b"a pickle")
    (after / "modeling_odd.py").write_text("print('run me')")
    blend = interpolate(models[0], after, tmp_path / "blend", share=0.5)
    (checkpoint,) = resolve_series([str(blend)])
    assert checkpoint.fingerprint not in {
        c.fingerprint for c in resolve_series(list(map(str, models)))
    }
    _, report = AutoModelForCausalLM.from_pretrained(blend, output_loading_info=True)
    assert not any(report.values())
    assert AutoTokenizer.from_pretrained(blend).decode([40, 41])
    assert (blend / "config.json").read_bytes() == (after / "config.json").read_bytes()
    kept = {file.name for file in blend.iterdir()}
    assert not kept & {"trainer_state.json", "optimizer.pt", "modeling_odd.py"}


def test_numbers_are_computed_in_float32_and_stored_as_the_base_has_them(models, tmp_path: Path):
    base = _changed(
        models[0], tmp_path / "base", lambda w: {k: v.to(torch.bfloat16) for k, v in w.items()}
    )
    blend = interpolate(base, models[1], tmp_path / "blend", share=0.3)
    first, second, found = (_weights(folder) for folder in (base, models[1], blend))
    for name in found:
        exact = torch.lerp(first[name].float(), second[name], 0.3)
        assert torch.equal(found[name], exact.to(torch.bfloat16))
    assert json.loads((blend / "config.json").read_text())["dtype"] == "bfloat16"
    assert AutoModelForCausalLM.from_pretrained(blend).dtype == torch.bfloat16


def test_tied_weights_may_be_saved_once_or_twice(tmp_path: Path):
    base, after = (save_tiny_gpt2(tmp_path / f"{seed}", seed=seed) for seed in (0, 1))

    def spell_out(weights):
        weights["lm_head.weight"] = weights["transformer.wte.weight"].clone()

    twice = [_changed(f, tmp_path / f"twice{i}", spell_out) for i, f in enumerate((base, after))]
    plain = _weights(interpolate(base, after, tmp_path / "plain", share=0.4))
    one = _weights(interpolate(twice[0], after, tmp_path / "one", share=0.4))
    two = _weights(interpolate(base, twice[1], tmp_path / "two", share=0.4))
    assert _same_bits(plain, one)
    assert torch.equal(two.pop("lm_head.weight"), two["transformer.wte.weight"])
    assert _same_bits(plain, two)


def test_a_tensor_that_one_side_lacks_is_named(models, tmp_path: Path):
    name = "model.layers.1.mlp.up_proj.weight"
    without = _changed(
        models[1], tmp_path / "without", lambda w: {k: v for k, v in w.items() if k != name}
    )
    for pair in ((models[0], without), (without, models[0])):
        with pytest.raises(CheckpointError, match=f"only the first holds `{name}`"):
            check_matching(*pair)


def test_a_tensor_of_another_shape_is_named_and_nothing_is_written(models, tmp_path: Path):
    def widen(weights):
        weights["lm_head.weight"] = torch.zeros(330, 32)

    other = _changed(models[1], tmp_path / "other", widen)
    with pytest.raises(CheckpointError, match=r"`lm_head.weight` is \(320, 32\) in .* \(330, 32\)"):
        interpolate(models[0], other, tmp_path / "blend", share=0.5)
    assert not (tmp_path / "blend").exists()


def test_whole_numbers_must_be_equal_because_there_is_no_half_way(models, tmp_path: Path):
    def with_mask(number):
        def change(weights):
            weights["mask"] = torch.full((3,), number)

        return change

    base = _changed(models[0], tmp_path / "base", with_mask(1))
    same = _changed(models[1], tmp_path / "same", with_mask(1))
    other = _changed(models[1], tmp_path / "other", with_mask(2))
    blend = interpolate(base, same, tmp_path / "blend", share=0.5)
    assert _weights(blend)["mask"].tolist() == [1, 1, 1]
    with pytest.raises(CheckpointError, match=r"`mask` is I64 .* no half way"):
        interpolate(base, other, tmp_path / "blend", share=0.5)


def test_quantised_weights_are_refused(models, tmp_path: Path):
    def quantise(weights):
        weights["lm_head.weight"] = weights["lm_head.weight"].to(torch.float8_e4m3fn)

    other = _changed(models[1], tmp_path / "other", quantise)
    with pytest.raises(CheckpointError, match=r"quantised \(`lm_head.weight` is F8_E4M3\)"):
        check_matching(models[0], other)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_beyond_the_line_there_is_nothing(models, tmp_path: Path, share: float):
    with pytest.raises(ValueError, match="must be in"):
        interpolate(*models, tmp_path / "blend", share=share)


@contextmanager
def _small_files():
    """Let no file grow beyond 20 kB, as on a disk that is nearly full.

    The limit must be gone before the test ends: the runner's own log may be a longer file.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_leaves_nothing_half_written(models, tmp_path):
    earlier = interpolate(*models, tmp_path / "blend", share=0.2)
    before = _weights(earlier)
    problem = pytest.raises(CheckpointError, match=r"cannot write the weights to `.*blend`")
    with problem as caught, _small_files():
        interpolate(*models, tmp_path / "blend", share=0.5)
    assert "free some space" in (caught.value.hint or "")
    assert _same_bits(_weights(earlier), before)
    assert [f.name for f in tmp_path.iterdir()] == ["blend"]


def test_no_more_than_a_tensor_is_in_memory_while_a_file_is_written(tmp_path: Path):
    alive: list[weakref.ref[torch.Tensor]] = []
    most = 0

    def numbers(_spec: TensorSpec):
        nonlocal most
        for _ in range(4):
            piece = torch.full((8,), float(len(alive)))
            alive.append(weakref.ref(piece))
            most = max(most, sum(ref() is not None for ref in alive))
            yield piece

    specs = [TensorSpec(name=f"t{i}", dtype="F32", shape=(4, 8)) for i in range(6)]
    write_tensors(tmp_path / "file.safetensors", specs, numbers)
    assert most <= 2
    assert load_file(tmp_path / "file.safetensors")["t5"][3, 0] == 23


def test_a_file_that_is_written_piece_by_piece_is_the_library_s_own(tmp_path: Path):
    tensors = {
        "b": torch.randn(3, 5).to(torch.bfloat16),
        "a": torch.arange(7),
        "none": torch.zeros(0, 4),
        "one": torch.tensor(2.5),
        "odd": torch.tensor([True, False, True]),
        "é": torch.randn(2),
    }
    save_file(tensors, tmp_path / "theirs", metadata={"format": "pt"})
    with safe_open(tmp_path / "theirs", framework="pt") as file:
        specs = [
            TensorSpec(name=k, dtype=file.get_slice(k).get_dtype(), shape=tuple(v.shape))
            for k, v in tensors.items()
        ]
    write_tensors(tmp_path / "ours", specs, lambda spec: [tensors[spec.name]])
    ours = load_file(tmp_path / "ours")
    assert all(torch.equal(ours[k], v) for k, v in tensors.items())
    assert safe_open(tmp_path / "ours", framework="pt").metadata() == {"format": "pt"}


def test_numbers_that_do_not_fill_a_tensor_are_an_error(tmp_path: Path):
    spec = TensorSpec(name="t", dtype="F32", shape=(3,))
    with pytest.raises(ValueError, match="8 bytes, not 12"):
        write_tensors(tmp_path / "file", [spec], lambda _: [torch.zeros(2)])
