"""The engine answers every request, whatever the batch around it, and refuses nonsense."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from forgetscope.errors import CheckpointError, EngineError, UsageError
from forgetscope.records import Decoding, StopReason
from forgetscope.scoring import (
    EngineConfig,
    describe_engine,
    engine_fingerprint,
    open_engine,
    open_tokenizer,
)
from forgetscope.scoring.blueprint import open_blueprint
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.loading import load_model
from tests.scoring.conftest import ask_answer, ask_pair, ask_text, checkpoint_of, engine_of
from tests.tiny import save_tiny_llama

GREEDY = Decoding(stops=("e",), max_new_tokens=12)
SAMPLED = Decoding(max_new_tokens=8, do_sample=True, temperature=1.0, top_p=0.9)
WORDS = "The quick brown fox jumps over the lazy dog. "

MIXED = [
    *(ask_pair(n, WORDS * (n % 4), " fox" * (1 + n % 3)) for n in range(12)),
    *(ask_text(100 + n, WORDS * (1 + 2 * n)) for n in range(4)),
    *(ask_answer(200 + n, WORDS[: 5 + 7 * n], decoding=GREEDY) for n in range(5)),
    *(ask_answer(300 + n, WORDS[: 5 + 7 * n], decoding=SAMPLED) for n in range(5)),
]


@pytest.fixture
def model(llama, tmp_path) -> Path:
    return Path(shutil.copytree(llama, tmp_path / "model"))


def change_weights(folder: Path, change) -> None:
    file = folder / "model.safetensors"
    weights = load_file(file)
    change(weights)
    save_file(weights, file, metadata={"format": "pt"})


def by_id(answers):
    answers = list(answers)
    found = {answer.request_id: answer for answer in answers}
    assert len(found) == len(answers)
    return found


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def folder(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("batch_tokens", [1, 40, 300])
def test_answers_do_not_depend_on_the_batch_budget(folder, batch_tokens):
    expected = by_id(engine_of(folder, batch_tokens=10_000).answer(MIXED))
    answers = by_id(engine_of(folder, batch_tokens=batch_tokens).answer(reversed(MIXED)))
    assert answers.keys() == {request.id for request in MIXED}
    for key, answer in answers.items():
        assert answer.text == expected[key].text
        assert answer.logprob == pytest.approx(expected[key].logprob, abs=1e-3)
        assert answer.n_tokens == expected[key].n_tokens
        assert answer.is_greedy == expected[key].is_greedy
        assert answer.stop_reason == expected[key].stop_reason
        assert answer.error is None


def test_answers_arrive_batch_by_batch(llama):
    engine = engine_of(llama, batch_tokens=1)
    calls = 0
    forward = engine._scorer._decoder.model.forward

    def counted(*args, **keywords):
        nonlocal calls
        calls += 1
        return forward(*args, **keywords)

    engine._scorer._decoder.model.forward = counted
    answers = engine.answer([ask_pair(n, WORDS[: 9 + n], " fox") for n in range(6)])
    next(answers)
    assert calls == 1
    assert len(list(answers)) == 5
    assert calls == 6


def test_one_token_options_share_a_forward_pass(llama):
    engine = engine_of(llama, batch_tokens=1)
    seen = []
    forward = engine._scorer._decoder.model.forward
    engine._scorer._decoder.model.forward = lambda ids, **k: (seen.append(ids), forward(ids, **k))[
        1
    ]
    options = [ask_pair(n, "One and two are", option) for n, option in enumerate("abcd")]
    assert len(by_id(engine.answer(options))) == 4
    assert len(seen) == 1


def test_log_probabilities_of_all_one_token_options_sum_to_one(llama):
    engine = engine_of(llama)
    from forgetscope.scoring.spans import Span

    spans = [Span(inputs=(3, 4, 5), targets=(token,)) for token in range(320)]
    scores = [score for batch in engine._scorer.score(spans) for score in batch]
    assert torch.tensor([s.logprob for s in scores]).exp().sum() == pytest.approx(1, abs=1e-5)
    assert sum(score.is_greedy for score in scores) == 1


def test_cut_off_context_is_counted(llama):
    engine = engine_of(llama, max_length=16)
    n_context = len(open_tokenizer(checkpoint_of(llama)).encode(WORDS.rstrip() * 4))
    asked = [
        ask_pair(0, WORDS.rstrip() * 4, " fox"),
        ask_pair(1, "The", " fox"),
        ask_answer(2, WORDS.rstrip() * 4, decoding=GREEDY),
    ]
    answers = by_id(engine.answer(asked))
    assert answers["r0"].n_truncated == n_context + answers["r0"].n_tokens - 17
    assert answers["r1"].n_truncated == 0
    assert answers["r2"].n_truncated == n_context - (16 - GREEDY.max_new_tokens)


def test_a_request_that_cannot_be_answered_fails_alone(llama):
    engine = engine_of(llama, max_length=16)
    asked = [
        ask_pair(0, "One", WORDS),
        ask_pair(1, "One", ""),
        ask_pair(2, "One", " fox"),
    ]
    answers = by_id(engine.answer(asked))
    assert "does not fit the window of 16" in answers["r0"].error
    assert "no tokens" in answers["r1"].error
    assert answers["r2"].error is None


def test_an_empty_text_has_probability_one(llama):
    (answer,) = engine_of(llama).answer([ask_text(0, "")])
    assert (answer.logprob, answer.n_tokens, answer.is_greedy) == (0.0, 0, None)


def test_nothing_asked_is_nothing_answered(llama):
    assert list(engine_of(llama).answer([])) == []


def test_an_answer_longer_than_the_window_leaves_no_room_for_a_prompt(llama):
    asked = [ask_answer(0, "One", decoding=Decoding(max_new_tokens=128))]
    with pytest.raises(UsageError, match="window of 128"):
        # before any other answer is computed
        next(engine_of(llama).answer([MIXED[0], *asked]))


def test_a_generation_request_must_say_how_to_decode(llama):
    with pytest.raises(UsageError, match="how to decode"):
        next(engine_of(llama).answer([MIXED[0], ask_answer(0, "One")]))


def test_loading_and_answering_print_nothing(llama, capfd):
    capfd.readouterr()
    list(engine_of(llama).answer(MIXED))
    assert capfd.readouterr() == ("", "")


def test_truncated_answers_say_so(llama):
    decoding = Decoding(max_new_tokens=5)
    (answer,) = engine_of(llama).answer([ask_answer(0, "One and two", decoding=decoding)])
    assert (answer.n_tokens, answer.stop_reason) == (5, StopReason.LENGTH)


def test_the_end_token_ends_an_answer(model):
    # an output layer of equal rows but one: the end token always wins
    def prefer_end(weights):
        weights["model.norm.weight"].fill_(1.0)
        weights["lm_head.weight"].zero_()
        weights["model.embed_tokens.weight"].fill_(1.0)
        weights["lm_head.weight"][1] = 1.0
        for name in weights:
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                weights[name].zero_()

    change_weights(model, prefer_end)
    (answer,) = engine_of(model).answer([ask_answer(0, "One", decoding=GREEDY)])
    assert (answer.text, answer.n_tokens, answer.stop_reason) == ("", 1, StopReason.STOP)


def test_samples_depend_on_request_and_index_alone(llama):
    engine = engine_of(llama)
    asked = [ask_answer(n, "One and two", decoding=SAMPLED) for n in range(4)]
    first = by_id(engine.answer(asked))
    assert len({answer.text for answer in first.values()}) > 1
    (alone,) = engine.answer(asked[2:3])
    assert alone == first["r2"]
    again = by_id(engine.answer(asked, sample_index=1))
    assert all(answer.sample_index == 1 for answer in again.values())
    assert {a.text for a in again.values()} != {a.text for a in first.values()}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("request_", [MIXED[0], MIXED[12], MIXED[16]], ids=["pair", "text", "gen"])
def test_weights_that_are_no_numbers_are_an_error_that_names_the_checkpoint(model, value, request_):
    change_weights(model, lambda weights: weights["model.norm.weight"].fill_(value))
    with pytest.raises(EngineError, match="`model` answers no numbers") as caught:
        list(engine_of(model).answer([request_]))
    assert caught.value.exit_code == 4


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


def test_a_model_that_sees_the_future_is_refused(llama):
    checkpoint = checkpoint_of(llama)
    tokenizer = open_tokenizer(checkpoint)
    blueprint = open_blueprint(checkpoint, tokenizer, EngineConfig())
    causal = load_model(checkpoint, blueprint, device=torch.device("cpu"))
    forward = causal.forward

    def backwards(ids, **keywords):
        return forward(ids.flip(1), **keywords)

    causal.forward = backwards
    with pytest.raises(CheckpointError, match="no causal language model"):
        Decoder(causal, name="backwards")


@pytest.mark.parametrize("head", ["SHARED", "FULL"])
def test_models_with_an_older_head_give_the_same_scores(llama, head):
    expected = by_id(engine_of(llama).answer(MIXED[:12]))
    engine = engine_of(llama)
    model = engine._scorer._decoder.model
    forward = model.forward

    def shared(ids, *, logits_to_keep=0, use_cache=True):
        output = forward(ids, use_cache=use_cache)
        wanted = slice(None) if isinstance(logits_to_keep, int) else logits_to_keep
        output.logits = output.logits[:, wanted]
        return output

    def full(ids, *, use_cache=True):
        return forward(ids, use_cache=use_cache)

    model.forward = shared if head == "SHARED" else full
    engine._scorer._decoder = Decoder(model, name="older")
    assert engine._scorer._decoder._head.name == head
    for key, answer in by_id(engine.answer(MIXED[:12])).items():
        assert answer.logprob == pytest.approx(expected[key].logprob, abs=1e-4)


def test_exhausted_memory_costs_one_request_not_the_run(llama):
    engine = engine_of(llama)
    model = engine._scorer._decoder.model
    forward = model.forward

    def small(ids, **keywords):
        if ids.numel() > 40:
            raise torch.OutOfMemoryError("out of memory")
        return forward(ids, **keywords)

    model.forward = small
    asked = [ask_pair(n, "The quick brown"[: 5 + n], " fox") for n in range(9)]
    answers = by_id(engine.answer([*asked, ask_pair(9, WORDS * 2, " fox")]))
    assert "out of memory" in answers.pop("r9").error
    assert all(answer.error is None for answer in answers.values())


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
    "config", [{"dtype": "int8"}, {"max_length": 1}, {"batch_tokens": 0}], ids=str
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
    one, two = (by_id(engine_of(folder).answer(MIXED[:3])) for folder in (whole, sharded))
    assert one == two
