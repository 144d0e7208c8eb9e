"""The tree is used where it gives the plain path's numbers, and nowhere else."""

from __future__ import annotations

import shutil

import pytest
from transformers import LlamaConfig, MistralConfig, Qwen2Config

from forgetscope.scoring import EngineConfig, describe_engine, open_tokenizer
from forgetscope.scoring.loglikelihood import SpanScore
from forgetscope.scoring.proof import ProvenScorer, _probes, reads_branches
from forgetscope.scoring.spans import Span
from forgetscope.store.files import cache_folder
from tests.scoring.conftest import ask_pair, checkpoint_of, decoder_of, engine_of

PAIRS = [ask_pair(n, "The quick brown fox" * (1 + n % 5), f" number {n}") for n in range(40)]


def changed_engine(folder):
    """Return an engine of an architecture that will be changed, and that nobody has met yet."""
    shutil.rmtree(cache_folder() / "proofs", ignore_errors=True)
    return engine_of(folder)


def logprobs(engine):
    return {answer.request_id: answer.logprob for answer in engine.answer(PAIRS)}


def test_a_model_that_reads_branches_is_scored_by_the_tree(llama):
    engine = engine_of(llama)
    logprobs(engine)
    proof = engine._scorer.proof
    assert proof.is_passed
    assert 0 <= proof.difference < 1e-3
    assert proof.n_spans >= 8
    assert engine.notes == ()


def test_a_model_that_ignores_the_mask_falls_back_and_says_so(llama):
    expected = logprobs(engine_of(llama))
    engine = changed_engine(llama)
    model = decoder_of(engine).model
    forward = model.forward
    # as an architecture does that makes its own mask
    model.forward = lambda ids, **keywords: forward(
        ids, **{k: v for k, v in keywords.items() if k not in ("attention_mask", "branches")}
    )
    assert logprobs(engine) == pytest.approx(expected, abs=1e-3)
    (note,) = engine.notes
    assert "request by request" in note
    assert "differ" in note


def test_a_model_that_knows_no_positions_falls_back_and_says_so(llama):
    expected = logprobs(engine_of(llama))
    engine = changed_engine(llama)
    model = decoder_of(engine).model
    forward = model.forward
    model.forward = lambda ids, *, use_cache, logits_to_keep: forward(
        ids, use_cache=use_cache, logits_to_keep=logits_to_keep
    )
    assert logprobs(engine) == pytest.approx(expected, abs=1e-3)
    (note,) = engine.notes
    assert "TypeError" in note


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (LlamaConfig(), True),
        (MistralConfig(sliding_window=4096), False),
        (MistralConfig(sliding_window=None), True),
        (Qwen2Config(use_sliding_window=False), True),
        (Qwen2Config(use_sliding_window=True, sliding_window=64, max_window_layers=0), False),
        (
            LlamaConfig(
                rope_scaling={"rope_type": "dynamic", "factor": 2.0, "rope_theta": 10000.0}
            ),
            False,
        ),
    ],
)
def test_only_layers_that_see_everything_before_read_branches(config, expected):
    assert reads_branches(config) is expected


def test_the_fingerprint_says_how_log_likelihoods_are_computed(llama):
    checkpoint = checkpoint_of(llama)
    described = describe_engine(open_tokenizer(checkpoint), EngineConfig(), checkpoint=checkpoint)
    assert described["scorer"] == "tree"


def test_an_architecture_proves_itself_once(llama, gpt2):
    first = engine_of(llama)
    logprobs(first)
    again = engine_of(llama)
    assert again._scorer.proof == first._scorer.proof is not None
    assert engine_of(llama, dtype="bfloat16")._scorer.proof is None
    assert engine_of(gpt2)._scorer.proof is None


def test_a_proof_that_cannot_be_read_is_given_again(llama):
    first = engine_of(llama)
    logprobs(first)
    (file,) = (cache_folder() / "proofs").iterdir()
    for broken in ("", "{", "[]", '{"n_spans": 3}'):
        file.write_text(broken)
        engine = engine_of(llama)
        assert engine._scorer.proof is None
        logprobs(engine)
        assert engine._scorer.proof == first._scorer.proof


def test_probes_are_cut_but_keep_beginning_and_end():
    long = Span(inputs=tuple(range(1000)), targets=(7,))
    text = Span(inputs=tuple(range(2000, 3000)), targets=tuple(range(1000)))
    short = Span(inputs=(1, 2), targets=(3,))
    cut = _probes([long, text, short])
    assert Span(inputs=(*range(48), *range(952, 1000)), targets=(7,)) in cut
    assert short in cut
    assert max(len(span.inputs) for span in cut) == 256
    assert all(len(span.targets) <= len(span.inputs) for span in cut)


class _Fixed:
    """Scores every span alike."""

    notes = ()

    def __init__(self, logprob):
        self.logprob = logprob

    def score(self, spans, **_):
        yield [SpanScore(index=i, logprob=self.logprob, is_greedy=True) for i in range(len(spans))]


@pytest.mark.parametrize(
    ("dtype", "difference", "is_passed"),
    [
        ("float32", 0.0009, True),
        ("float32", 0.0011, False),
        ("bfloat16", 0.09, True),
        ("bfloat16", 0.11, False),
    ],
)
def test_the_tolerance_is_a_thousandth_or_a_twentieth_a_token(dtype, difference, is_passed):
    scorer = ProvenScorer(tree=_Fixed(-1.0 - difference), plain=_Fixed(-1.0), dtype=dtype)
    spans = [Span(inputs=(1, 2, 3 + n), targets=(2, 4)) for n in range(3)]
    ((first, *_),) = scorer.score(spans)
    assert scorer.proof.is_passed is is_passed
    assert first.logprob == (-1.0 - difference if is_passed else -1.0)
