"""The tree gives the plain path's scores, reads what is shared once, and goes on without memory."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forgetscope.scoring.loglikelihood import PlainScorer
from forgetscope.scoring.spans import Span
from forgetscope.scoring.tree import TreeScorer
from tests.scoring.conftest import count_passes, decoder_of, engine_of

SHOTS = tuple(range(10, 60))


def branches(prefix, *, n_documents, n_options=3, seed=0):
    """Spans of documents after one prefix, each with options of one to three tokens."""
    generator = torch.Generator().manual_seed(seed)
    draw = lambda n: tuple(torch.randint(3, 300, (n,), generator=generator).tolist())  # noqa: E731
    spans = []
    for _ in range(n_documents):
        document = prefix + draw(8)
        for option in range(n_options):
            targets = draw(1 + option)
            spans.append(Span(inputs=document + targets[:-1], targets=targets))
    return spans


def scores_of(scorer, spans, **keywords):
    found = list(itertools.chain.from_iterable(scorer.score(spans, **keywords)))
    assert len({score.index for score in found}) == len(found)
    return {score.index: score for score in found}


def assert_alike(found, expected):
    assert found.keys() == expected.keys()
    for index, score in found.items():
        assert score.logprob == pytest.approx(expected[index].logprob, abs=1e-4)
        assert score.is_greedy == expected[index].is_greedy


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def decoder(request):
    return decoder_of(engine_of(request.getfixturevalue(request.param)))


@pytest.mark.parametrize("batch_tokens", [1, 7, 20, 64, 1000])
def test_every_budget_gives_the_scores_of_the_plain_path(decoder, batch_tokens):
    spans = branches(SHOTS[:30], n_documents=5) + branches((), n_documents=5, seed=1)
    spans += [Span(inputs=SHOTS, targets=(*SHOTS[1:], 4)), spans[0]]
    expected = scores_of(PlainScorer(decoder, batch_tokens=300), spans)
    assert_alike(scores_of(TreeScorer(decoder, batch_tokens=batch_tokens), spans), expected)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sequences=st.lists(
        st.lists(st.integers(3, 5), min_size=2, max_size=30).map(tuple), min_size=1, max_size=8
    ),
    batch_tokens=st.integers(1, 40),
    data=st.data(),
)
def test_any_set_of_spans_is_scored_alike(decoder, sequences, batch_tokens, data):
    spans = []
    for sequence in sequences:
        n_targets = data.draw(st.integers(1, len(sequence) - 1))
        spans.append(Span(inputs=sequence[:-1], targets=sequence[-n_targets:]))
    expected = scores_of(PlainScorer(decoder, batch_tokens=300), spans)
    assert_alike(scores_of(TreeScorer(decoder, batch_tokens=batch_tokens), spans), expected)


def test_a_shared_beginning_is_read_once(llama):
    engine = engine_of(llama)
    passes = count_passes(engine)
    spans = branches(SHOTS, n_documents=20)
    scores_of(TreeScorer(decoder_of(engine), batch_tokens=60), spans)
    distinct = {span.inputs[:n] for span in spans for n in range(1, len(span.inputs) + 1)}
    assert sum(passes) == len(distinct)


def test_little_in_common_is_read_again_instead_of_kept(llama):
    engine = engine_of(llama)
    passes = count_passes(engine)
    spans = branches(SHOTS[:4], n_documents=20)
    distinct = {span.inputs[:n] for span in spans for n in range(1, len(span.inputs) + 1)}
    scores_of(TreeScorer(decoder_of(engine), batch_tokens=60), spans)
    assert sum(passes) <= len(distinct) + 4 * len(passes)
    assert all(n <= 60 for n in passes)


def test_what_is_done_is_passed_over_and_changes_no_digit(llama):
    engine = engine_of(llama)
    spans = branches(SHOTS, n_documents=12)
    scorer = TreeScorer(decoder_of(engine), batch_tokens=40)
    whole = scores_of(scorer, spans)
    passes = count_passes(engine)
    done = range(18)
    rest = scores_of(scorer, spans, done=done)
    assert set(rest) >= set(range(18, 36))
    assert all(rest[index] == whole[index] for index in range(18, 36))
    assert len(passes) > 0
    passes.clear()
    assert scores_of(scorer, spans, done=range(36)) == {}
    assert passes == []


def test_without_memory_passes_become_smaller_and_stay_so(llama):
    engine = engine_of(llama)
    spans = branches(SHOTS, n_documents=12)
    expected = scores_of(PlainScorer(decoder_of(engine), batch_tokens=300), spans)
    model = decoder_of(engine).model
    forward = model.forward
    refused = []

    def small(ids, **keywords):
        if ids.numel() > 30:
            refused.append(ids.numel())
            raise torch.OutOfMemoryError("out of memory")
        return forward(ids, **keywords)

    model.forward = small
    scorer = TreeScorer(decoder_of(engine), batch_tokens=1000)
    assert_alike(scores_of(scorer, spans), expected)
    n_refused = len(refused)
    assert_alike(scores_of(scorer, spans), expected)
    assert len(refused) == n_refused


def test_what_never_fits_has_no_number_and_the_rest_goes_on(llama):
    engine = engine_of(llama)
    model = decoder_of(engine).model
    forward = model.forward

    def hopeless(ids, *, past_key_values, **keywords):
        if past_key_values.get_seq_length() >= 40:
            raise torch.OutOfMemoryError("out of memory")
        return forward(ids, past_key_values=past_key_values, **keywords)

    model.forward = hopeless
    spans = [*branches((), n_documents=3), Span(inputs=SHOTS, targets=(4,))]
    found = scores_of(TreeScorer(decoder_of(engine), batch_tokens=16), spans)
    assert found[len(spans) - 1].logprob is None
    assert all(found[index].logprob is not None for index in range(len(spans) - 1))
