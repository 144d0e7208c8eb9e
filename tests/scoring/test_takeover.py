"""Taking over changes nothing: what was copied into a model answers as what was loaded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from forgetscope.errors import CheckpointError, EngineError
from forgetscope.records import Decoding, Request, RequestKind
from forgetscope.scoring import EngineConfig, Turns, open_engine, open_tokenizer, read_ahead
from tests.scoring.conftest import change_weights, checkpoint_of
from tests.tiny import save_tiny_gpt2, save_tiny_llama

REQUESTS = [
    *(
        Request(
            id=f"{number}{text}",
            item_id=str(number),
            index=0,
            kind=RequestKind.LOGLIKELIHOOD,
            context=f"Question number {number}: which animal can fly?",
            continuation=text,
        )
        for number in range(3)
        for text in (" a dog", " the sparrow")
    ),
    Request(
        id="g",
        item_id="g",
        index=0,
        kind=RequestKind.GENERATE,
        context="One and two are",
        decoding=Decoding(max_new_tokens=5),
    ),
]


def _answers(engine):
    return sorted(map(repr, engine.answer(REQUESTS)))


def _opened(folder, *, turns=None, **config):
    checkpoint = replace(checkpoint_of(folder), label=folder.name)
    return open_engine(checkpoint, open_tokenizer(checkpoint), EngineConfig(**config), turns=turns)


def _model_of(engine):
    return engine._generator._decoder._model


def _tie(folder):
    """Make a model whose head is its embedding, stored once."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": True}))
    change_weights(folder, lambda weights: weights.pop("lm_head.weight"))


def _halve(folder):
    file = folder / "model.safetensors"
    weights = {name: tensor.bfloat16() for name, tensor in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("change", "dtype", "is_reused"),
    [
        (lambda folder: None, "float32", True),  # noqa: ARG005
        (_tie, "float32", True),
        (_halve, "float32", True),
        (lambda folder: None, "bfloat16", True),  # noqa: ARG005
    ],
)
def test_checkpoints_that_take_the_seat_answer_as_if_loaded(tmp_path, change, dtype, is_reused):
    folders = [save_tiny_llama(tmp_path / str(seed), seed=seed, window=128) for seed in (0, 1, 2)]
    for folder in folders:
        change(folder)
    turns = Turns()
    models = set()
    for folder in (*folders, folders[0]):
        expected = _answers(_opened(folder, dtype=dtype))
        engine = _opened(folder, dtype=dtype, turns=turns)
        models.add(id(_model_of(engine)))
        kept = engine  # the model must not be freed and its id taken by the next
        assert _answers(engine) == expected
    assert (len(models) == 1) is is_reused
    assert kept is engine


def test_architectures_may_change_in_turns(tmp_path):
    folders = [
        save_tiny_llama(tmp_path / "a", seed=0, window=128),
        save_tiny_gpt2(tmp_path / "b", seed=1, window=128),
        save_tiny_gpt2(tmp_path / "c", seed=2, window=128),
        save_tiny_llama(tmp_path / "d", seed=3, window=128),
    ]
    turns = Turns()
    for folder in folders:
        assert _answers(_opened(folder, turns=turns)) == _answers(_opened(folder))


def test_another_way_to_end_a_text_is_not_taken_over(tmp_path):
    folders = [save_tiny_llama(tmp_path / name, seed=0, window=128) for name in "ab"]
    tokens = open_tokenizer(checkpoint_of(folders[0])).encode("One and two are three")
    settings = json.loads((folders[1] / "generation_config.json").read_text())
    settings |= {"eos_token_id": [*range(max(tokens) + 1)]}
    (folders[1] / "generation_config.json").write_text(json.dumps(settings))
    turns = Turns()
    for folder in folders:
        assert _answers(_opened(folder, turns=turns)) == _answers(_opened(folder))


def test_a_checkpoint_that_fails_leaves_nothing_wrong(tmp_path):
    good, broken = (save_tiny_llama(tmp_path / n, seed=i, window=128) for i, n in enumerate("ab"))
    expected = _answers(_opened(good))
    tokenizer = open_tokenizer(checkpoint_of(broken))
    checkpoint = checkpoint_of(broken)
    file = broken / "model.safetensors"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    turns = Turns()
    assert _answers(_opened(good, turns=turns)) == expected
    with pytest.raises(CheckpointError):
        open_engine(checkpoint, tokenizer, EngineConfig(), turns=turns)
    assert _answers(_opened(good, turns=turns)) == expected


def test_a_missing_tensor_is_refused_in_turns_too(tmp_path):
    good, broken = (save_tiny_llama(tmp_path / n, seed=i, window=128) for i, n in enumerate("ab"))
    change_weights(broken, lambda weights: weights.pop("model.layers.1.mlp.up_proj.weight"))
    turns = Turns()
    _opened(good, turns=turns)
    with pytest.raises(CheckpointError, match=r"lacks 1 weights"):
        _opened(broken, turns=turns)


def test_an_engine_whose_weights_were_taken_answers_no_more(tmp_path):
    folders = [save_tiny_llama(tmp_path / n, seed=i, window=128) for i, n in enumerate("ab")]
    turns = Turns()
    first = _opened(folders[0], turns=turns)
    begun = first.answer(REQUESTS)
    next(begun)
    _opened(folders[1], turns=turns)
    with pytest.raises(EngineError, match="gave its place"):
        list(begun)
    with pytest.raises(EngineError, match="gave its place"):
        list(first.answer(REQUESTS))


def test_tensors_that_were_changed_on_their_way_are_never_copied(tmp_path, monkeypatch):
    from forgetscope.scoring import turns as rooms

    folders = [save_tiny_llama(tmp_path / n, seed=i, window=128) for i, n in enumerate("ab")]
    load = rooms.load_model

    def moved(*args, **more):
        model = load(*args, **more)
        with torch.no_grad():
            weight = model.model.layers[0].self_attn.q_proj.weight
            weight.copy_(weight.roll(1, dims=0))
        return model

    monkeypatch.setattr(rooms, "load_model", moved)
    turns = Turns()
    first = _opened(folders[0], turns=turns)
    second = _opened(folders[1], turns=turns)
    assert _model_of(first) is not _model_of(second)


def test_reading_ahead_needs_files_that_are_there(tmp_path):
    folder = save_tiny_llama(tmp_path / "a", window=128)
    checkpoint = checkpoint_of(folder)
    thread = read_ahead(checkpoint)
    assert thread is not None
    thread.join(10)
    assert not thread.is_alive()
    shutil.rmtree(folder)
    assert read_ahead(checkpoint) is None


def test_files_that_would_not_fit_into_memory_are_left_alone(tmp_path, monkeypatch):
    from forgetscope.scoring import ahead

    checkpoint = checkpoint_of(save_tiny_llama(tmp_path / "a", window=128))
    monkeypatch.setattr(ahead, "_available_bytes", lambda: 1000)
    assert read_ahead(checkpoint) is None


def test_what_was_found_out_once_is_not_looked_for_again(tmp_path, monkeypatch):
    from forgetscope.scoring.decoder import Decoder

    folder = save_tiny_llama(tmp_path / "a", window=128)
    expected = _answers(_opened(folder))

    def never(_):
        raise AssertionError("it is remembered")

    monkeypatch.setattr(Decoder, "_probe", never)
    assert _answers(_opened(folder)) == expected
