"""A run that goes on computes the same batches, and so the same digits."""

import pytest

from forgetscope.records import Decoding, Request, RequestKind
from forgetscope.scoring import EngineConfig, open_engine, open_tokenizer, resolve_series
from tests.tiny import save_tiny_llama


def _requests():
    decoding = Decoding(max_new_tokens=4)
    texts = [f"One and {number} are three; " * (1 + number % 3) for number in range(12)]
    pairs = [
        Request(
            id=f"pair-{i}",
            item_id=str(i),
            index=0,
            kind=RequestKind.LOGLIKELIHOOD,
            context=text,
            continuation=" and seven",
        )
        for i, text in enumerate(texts)
    ]
    written = [
        Request(
            id=f"text-{i}",
            item_id=str(i),
            index=0,
            kind=RequestKind.GENERATE,
            context=text,
            decoding=decoding,
        )
        for i, text in enumerate(texts)
    ]
    return pairs + written


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = save_tiny_llama(tmp_path_factory.mktemp("model"))
    (checkpoint,) = resolve_series([str(folder)])
    tokenizer = open_tokenizer(checkpoint)
    return open_engine(checkpoint, tokenizer, EngineConfig(batch_tokens=96))


def test_the_rest_of_a_run_has_the_digits_of_the_whole(engine):
    requests = _requests()
    whole = {answer.request_id: answer for answer in engine.answer(requests)}
    order = list(whole)
    for n_answered in (1, 7, 13, 20):
        answered = set(order[:n_answered])
        rest = {a.request_id: a for a in engine.answer(requests, answered=answered)}
        assert set(rest) >= set(whole) - answered
        assert all(whole[request_id] == answer for request_id, answer in rest.items())


def test_a_batch_that_is_answered_is_passed_over(engine):
    requests = _requests()
    everything = {request.id for request in requests}
    assert list(engine.answer(requests, answered=everything)) == []
    pairs = {request.id for request in requests if request.kind is RequestKind.LOGLIKELIHOOD}
    rest = {answer.request_id for answer in engine.answer(requests, answered=pairs)}
    assert rest == everything - pairs
