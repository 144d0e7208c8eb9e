"""What a worker answers of a pass, and what it refuses to answer."""

import shutil

import pytest
import torch

from forgetscope.errors import CheckpointError, EngineError
from forgetscope.evaluation.executor.shards import cut
from forgetscope.evaluation.executor.worker import Question, Worker
from forgetscope.records import Decoding, Request, RequestKind
from forgetscope.scoring import (
    EngineConfig,
    engine_fingerprint,
    open_engine,
    open_tokenizer,
    reading_units,
    resolve_series,
)
from tests.tiny import save_tiny_llama

CONFIG = EngineConfig(dtype="float32", batch_tokens=64)


def _requests():
    texts = [f"One and {n} are three; " * (1 + n % 5) for n in range(20)]
    pairs = [
        Request(
            id=f"pair {n} {word}",
            item_id=str(n),
            index=index,
            kind=RequestKind.LOGLIKELIHOOD,
            context=text,
            continuation=f" {word}",
        )
        for n, text in enumerate(texts)
        for index, word in enumerate(("seven", "four and three"))
    ]
    whole = [
        Request(id=f"text {n}", item_id=f"t{n}", index=0, kind=RequestKind.ROLLING, context=text)
        for n, text in enumerate(texts[:5])
    ]
    written = [
        Request(
            id=f"written {n}",
            item_id=f"w{n}",
            index=0,
            kind=RequestKind.GENERATE,
            context=text,
            decoding=Decoding(
                max_new_tokens=4, do_sample=n % 2 == 0, temperature=float(n % 2 == 0)
            ),
        )
        for n, text in enumerate(texts)
    ]
    return (*written, *pairs, *whole)


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    """A worker owns its process; here it must leave folder and threads as they were."""
    before = torch.get_num_threads()
    monkeypatch.chdir(".")
    yield
    torch.set_num_threads(before)


@pytest.fixture
def checkpoint(tmp_path):
    (found,) = resolve_series([str(save_tiny_llama(tmp_path / "model"))])
    return found


@pytest.fixture
def worker(tmp_path):
    return Worker(folder=str(tmp_path), n_threads=1)


def _question(checkpoint, config=CONFIG):
    tokenizer = open_tokenizer(checkpoint)
    engine = engine_fingerprint(tokenizer, config, checkpoint=checkpoint)
    return Question(checkpoint=checkpoint, config=config, engine=engine, sample_index=0)


def _answered(worker, question, asked):
    replies = worker.answer(question, _requests(), asked)
    return {a.request_id: a for answers, _ in replies for a in answers if a.request_id in asked}


@pytest.mark.parametrize("n_most", [1, 2, 5, 40])
def test_shards_answer_together_what_one_process_answers_to_the_last_bit(
    checkpoint, worker, n_most
):
    tokenizer = open_tokenizer(checkpoint)
    engine = open_engine(checkpoint, tokenizer, CONFIG)
    whole = {answer.request_id: answer for answer in engine.answer(_requests())}
    units = reading_units(_requests(), tokenizer, CONFIG, checkpoint=checkpoint)
    shards = cut(units, whole.keys(), n_most=n_most, least_cost=1)
    question = _question(checkpoint)
    found = {}
    for shard in reversed(shards):
        found |= _answered(worker, question, shard)
    assert found == whole
    assert n_most == 1 or len(shards) > 1


def test_units_come_in_the_order_in_which_the_engine_answers(checkpoint):
    tokenizer = open_tokenizer(checkpoint)
    units = reading_units(_requests(), tokenizer, CONFIG, checkpoint=checkpoint)
    place = {each: number for number, unit in enumerate(units) for each in unit.ids}
    assert sorted(place) == sorted(request.id for request in _requests())
    engine = open_engine(checkpoint, tokenizer, CONFIG)
    kinds = {request.id: request.kind for request in _requests()}
    answered = [place[answer.request_id] for answer in engine.answer(_requests())]
    assert {kinds[each] for each in units[0].ids} == {RequestKind.LOGLIKELIHOOD}
    scored = [p for p in answered if kinds[units[p].ids[0]] is RequestKind.LOGLIKELIHOOD]
    # answers of one pass come in any order, and a pass holds few of them
    assert max(abs(p - number) for number, p in enumerate(scored)) <= 8


def test_texts_that_are_written_in_one_group_are_one_unit(checkpoint):
    units = reading_units(_requests(), open_tokenizer(checkpoint), CONFIG, checkpoint=checkpoint)
    written = [unit for unit in units if unit.ids[0].startswith("written")]
    assert sum(len(unit.ids) for unit in written) == 20
    assert len(written) < 20


def test_a_worker_refuses_weights_that_are_others_than_were_asked_for(tmp_path, checkpoint, worker):
    other = save_tiny_llama(tmp_path / "other", seed=7)
    shutil.copy(other / "model.safetensors", tmp_path / "model" / "model.safetensors")
    with pytest.raises(CheckpointError, match="holds other weights on"):
        _answered(worker, _question(checkpoint), {"text 0"})


def test_a_worker_without_the_files_says_that_they_must_be_shared(tmp_path, checkpoint, worker):
    question = _question(checkpoint)
    shutil.rmtree(tmp_path / "model")
    with pytest.raises(CheckpointError, match="does not exist on") as caught:
        _answered(worker, question, {"text 0"})
    assert "share" in caught.value.hint


def test_a_worker_that_would_answer_otherwise_refuses(checkpoint, worker):
    question = _question(checkpoint, EngineConfig(dtype="bfloat16"))
    mixed = Question(checkpoint=checkpoint, config=CONFIG, engine=question.engine, sample_index=0)
    with pytest.raises(EngineError, match="otherwise than this machine says"):
        _answered(worker, mixed, {"text 0"})
