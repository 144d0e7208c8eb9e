"""The engine answers every request, whatever the batch around it, and refuses nonsense."""

from __future__ import annotations

import pytest
import torch

from forgetscope.errors import CheckpointError, EngineError, UsageError
from forgetscope.records import Decoding, StopReason
from forgetscope.scoring import (
    EngineConfig,
    HfEngine,
    open_tokenizer,
)
from forgetscope.scoring.blueprint import open_blueprint
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.generation import Generator
from forgetscope.scoring.loading import load_model
from forgetscope.scoring.loglikelihood import PlainScorer
from tests.scoring.conftest import (
    ask_answer,
    ask_pair,
    ask_text,
    change_weights,
    checkpoint_of,
    count_passes,
    decoder_of,
    engine_of,
)

GREEDY = Decoding(stops=("e",), max_new_tokens=12)
SAMPLED = Decoding(max_new_tokens=8, do_sample=True, temperature=1.0, top_p=0.9)
WORDS = "The quick brown fox jumps over the lazy dog. "

MIXED = [
    *(ask_pair(n, WORDS * (n % 4), " fox" * (1 + n % 3)) for n in range(12)),
    *(ask_text(100 + n, WORDS * (1 + 2 * n)) for n in range(4)),
    *(ask_answer(200 + n, WORDS[: 5 + 7 * n], decoding=GREEDY) for n in range(5)),
    *(ask_answer(300 + n, WORDS[: 5 + 7 * n], decoding=SAMPLED) for n in range(5)),
]


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
    calls = count_passes(engine)
    answers = engine.answer([ask_pair(n, WORDS[: 9 + n], " fox") for n in range(6)])
    next(answers)
    after_first = len(calls)
    assert len(list(answers)) == 5
    assert len(calls) > after_first


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
    model = decoder_of(engine_of(llama)).model
    forward = model.forward

    def shared(ids, *, logits_to_keep=0, use_cache=True):
        output = forward(ids, use_cache=use_cache)
        wanted = slice(None) if isinstance(logits_to_keep, int) else logits_to_keep
        output.logits = output.logits[:, wanted]
        return output

    def full(ids, *, use_cache=True):
        return forward(ids, use_cache=use_cache)

    model.forward = shared if head == "SHARED" else full
    decoder = Decoder(model, name="older")
    assert decoder._rows.name == head
    tokenizer = open_tokenizer(checkpoint_of(llama))
    engine = HfEngine(
        scorer=PlainScorer(decoder, batch_tokens=300),
        generator=Generator(decoder, tokenizer, kept_tokens=9600),
        tokenizer=tokenizer,
        max_length=128,
        fingerprint="older",
        name="older",
    )
    for key, answer in by_id(engine.answer(MIXED[:12])).items():
        assert answer.logprob == pytest.approx(expected[key].logprob, abs=1e-4)


def test_exhausted_memory_costs_no_request_that_can_be_read_in_stretches(llama):
    engine = engine_of(llama)
    model = decoder_of(engine).model
    forward = model.forward

    def small(ids, **keywords):
        if ids.numel() > 40:
            raise torch.OutOfMemoryError("out of memory")
        return forward(ids, **keywords)

    model.forward = small
    asked = [ask_pair(n, "The quick brown"[: 5 + n], " fox") for n in range(9)]
    answers = by_id(engine.answer([*asked, ask_pair(9, WORDS * 2, " fox")]))
    expected = by_id(engine_of(llama).answer([*asked, ask_pair(9, WORDS * 2, " fox")]))
    for key, answer in answers.items():
        assert answer.logprob == pytest.approx(expected[key].logprob, abs=1e-4)


def test_exhausted_memory_costs_one_answer_not_the_run(llama):
    engine = engine_of(llama)
    model = decoder_of(engine).model
    forward = model.forward

    def small(*args, input_ids=None, **keywords):
        if input_ids is not None and input_ids.shape[1] > 20:
            raise torch.OutOfMemoryError("out of memory")
        return forward(*args, input_ids=input_ids, **keywords)

    model.forward = small
    asked = [ask_answer(n, "The quick brown"[: 5 + n], decoding=GREEDY) for n in range(9)]
    answers = by_id(engine.answer([*asked, ask_answer(9, WORDS * 2, decoding=GREEDY)]))
    assert "out of memory" in answers.pop("r9").error
    assert all(answer.error is None for answer in answers.values())
