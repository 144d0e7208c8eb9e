"""A server on this machine that serves a tiny model's real log-probabilities, end to end."""

from __future__ import annotations

import pytest

from forgetscope.api.provenance import provenance_of
from forgetscope.api.study import Study as OpenStudy
from forgetscope.errors import EngineError, UnavailableError
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.evaluation.harness import open_any_engine
from forgetscope.records import Decoding, Request, RequestKind
from forgetscope.report.trust import trust
from forgetscope.scoring import EngineConfig, open_tokenizer, resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice
from tests.fake_server import FakeServer, serving

CONFIG = EngineConfig(dtype="float32", device="cpu")
SUITE = Suite(
    name="test",
    choices=(
        TaskChoice(name="arc_easy"),
        TaskChoice(name="wikitext"),
        TaskChoice(name="gsm8k", shots=1, max_new_tokens=5),
    ),
)


@pytest.fixture(scope="module")
def server(models):
    with serving(FakeServer(models[0])) as served:
        yield served


@pytest.fixture(scope="module")
def evaluate(mirror):
    options = EvaluationOptions(data_dir=mirror, engine=CONFIG, limit=12)
    suite = open_suite(SUITE, options=options)

    def evaluate_into(folder, *sources):
        with Study(folder, create=True) as study:
            return evaluate_series(resolve_series(sources), suite, study, options=options)

    return evaluate_into


def _answers(folder, label):
    with Study(folder) as study:
        columns = study.profile(label).columns
        return {
            answer.request_id: answer
            for column in columns
            for given in study.answers_of(label).by_item(column.item_ids).values()
            for answer in given
        }


def test_a_server_s_answers_are_kept_when_it_fails_and_equal_those_of_our_engine(
    server, models, evaluate, tmp_path
):
    source = f"served={server.url}?tokenizer={models[0]}#tiny"
    server.n_good = server.n_asked + 1 + 32 + 3  # a probe, a chunk, and a part of the next
    with pytest.raises(EngineError, match="500") as caught:
        evaluate(tmp_path / "study", str(models[0]), source)
    assert caught.value.exit_code == 4
    assert "same command again" in (caught.value.hint or "")
    server.n_good = None

    resumed = evaluate(tmp_path / "study", str(models[0]), source)
    n = 12 * 4 + 12 + 12
    assert resumed.kept == n + 32, "the base, and the chunk that was whole"
    assert resumed.computed == n - 32
    ours, theirs = (_answers(tmp_path / "study", label) for label in ("base", "served"))
    assert ours.keys() == theirs.keys()
    for key, answer in ours.items():
        other = theirs[key]
        assert (other.text, other.is_greedy) == (answer.text, answer.is_greedy)
        assert other.n_tokens == answer.n_tokens
        if answer.logprob is not None:
            assert other.logprob == pytest.approx(answer.logprob, abs=1e-3)

    with OpenStudy(tmp_path / "study") as study:
        sides = [study.side(label) for label in study.labels]
        found = trust(
            study.diagnose(), checkpoints=study.checkpoints, provenance=provenance_of(sides)
        )
    said = [check.text for check in found.checks if not check.is_passed]
    assert any("served answered from a server" in text for text in said)


def _open(server, folder):
    (checkpoint,) = resolve_series([f"{server.url}?tokenizer={folder}#tiny"])
    return open_any_engine(checkpoint, open_tokenizer(checkpoint), CONFIG)


@pytest.fixture(scope="module")
def opened(server, models):
    return _open(server, models[0])


def _request(kind, context, continuation="", decoding=None):
    return Request(
        id=f"{context}|{continuation}", item_id="i", index=0, kind=kind, context=context,
        continuation=continuation, decoding=decoding,
    )  # fmt: skip


def _asked(engine, *requests, **how):
    return {answer.request_id: answer for answer in engine.answer(requests, **how)}


def test_one_request_that_cannot_be_asked_costs_one_item(opened):
    pair = RequestKind.LOGLIKELIHOOD
    found = _asked(opened, _request(pair, "One", " two"), _request(pair, "One", ""))
    assert found["One| two"].logprob < 0
    assert "no tokens" in found["One|"].error


def test_texts_of_different_lengths_come_back_to_those_who_asked(opened):
    asked = [
        _request(RequestKind.GENERATE, text, decoding=Decoding(max_new_tokens=n))
        for n, text in ((4, "The quick brown fox"), (2, "One"), (4, "Paris is"))
    ]
    together = _asked(opened, *asked)
    assert len(together) == 3
    for each in asked:
        assert _asked(opened, each) == {each.id: together[each.id]}


def test_samples_are_drawn_with_seeds_of_their_own(opened, server):
    server.seeds.clear()
    sampled = Decoding(max_new_tokens=1, do_sample=True, temperature=1.0)
    request = _request(RequestKind.GENERATE, "One", decoding=sampled)
    for sample in (0, 1, 0):
        (answer,) = _asked(opened, request, sample_index=sample).values()
        assert answer.sample_index == sample
    assert len(server.seeds) == 2
    assert max(server.seeds) < 2**31


def test_what_is_answered_is_not_asked_again(opened, server):
    pair = RequestKind.LOGLIKELIHOOD
    before = server.n_asked
    requests = [_request(pair, "One", f" {word}") for word in ("two", "fox")]
    assert _asked(opened, *requests, answered={r.id for r in requests}) == {}
    assert server.n_asked == before


def test_a_server_without_the_prompt_s_log_probabilities_is_one_error(server, models, capfd):
    engine = _open(server, models[0])
    server.echoes = False
    try:
        with pytest.raises(EngineError, match="no log-probabilities of the prompt") as caught:
            _asked(engine, _request(RequestKind.LOGLIKELIHOOD, "One", " two"))
    finally:
        server.echoes = True
    assert "vLLM" in (caught.value.hint or "")
    assert capfd.readouterr().err == ""


def test_without_the_packages_that_ask_servers_it_is_one_error(server, models, monkeypatch):
    from lm_eval.models import api_models

    monkeypatch.setattr(api_models, "find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match="not installed") as caught:
        _open(server, models[0])
    assert "forgetscope[api]" in (caught.value.hint or "")
