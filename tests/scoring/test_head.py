"""Targets are worth the same, whether their logits were in memory at once or tile by tile."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from forgetscope.scoring import head as module
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.head import Head
from forgetscope.scoring.spans import Span
from forgetscope.scoring.tree import TreeScorer
from tests.largest import Largest
from tests.scoring.conftest import decoder_of, engine_of

N_TOKENS = 300


class _Bare(torch.nn.Module):
    """A model of a head alone, which may do something to its logits."""

    device = torch.device("cpu")

    def __init__(self, *, bias, after=lambda logits: logits, dtype=torch.float32):
        super().__init__()
        torch.manual_seed(0)
        self.head = torch.nn.Linear(16, N_TOKENS, bias=bias, dtype=dtype)
        self.after = after

    def get_output_embeddings(self):
        return self.head

    def forward(self, hidden):
        return self.after(self.head(hidden))


def expected(model, hidden, row_M, target_M):
    logprobs = model(hidden)[0].float().log_softmax(dim=1)
    return logprobs[row_M, target_M], logprobs.argmax(dim=1)[row_M] == torch.from_numpy(target_M)


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(module, "_TILE", 64)  # 300 tokens are four tiles and a part of one


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@torch.inference_mode()
def test_tiles_give_the_softmax_over_the_whole_vocabulary(bias, dtype):
    model = _Bare(bias=bias, dtype=dtype)
    hidden = 3 * torch.randn(1, 7, 16, generator=torch.Generator().manual_seed(1)).to(dtype)
    greedy = model(hidden)[0].argmax(dim=1).numpy()
    row_M = np.array([0, 0, 3, 6, 6, 1, 2])
    target_M = np.array([0, 299, 64, 63, greedy[6], greedy[1], 128])
    found = Head(model).targets(lambda: model(hidden), row_M=row_M, target_M=target_M)
    logprob_M, is_greedy_M = expected(model, hidden, row_M, target_M)
    torch.testing.assert_close(found.logprob_M.float(), logprob_M, atol=1e-5, rtol=1e-5)
    assert found.is_greedy_M.tolist() == is_greedy_M.tolist()
    assert found.is_greedy_M[4:6].all()


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize(
    "after", [lambda logits: logits / 3, lambda logits: 5 * torch.tanh(logits / 5)]
)
@torch.inference_mode()
def test_a_model_that_changes_its_logits_is_asked_for_them(after):
    model = _Bare(bias=False, after=after)
    hidden = torch.randn(1, 4, 16, generator=torch.Generator().manual_seed(1))
    row_M, target_M = np.array([0, 1, 3]), np.array([5, 70, 299])
    passes = []
    head = Head(model)
    for _ in range(2):
        found = head.targets(
            lambda: passes.append(1) or model(hidden), row_M=row_M, target_M=target_M
        )
        logprob_M, _ = expected(model, hidden, row_M, target_M)
        torch.testing.assert_close(found.logprob_M.float(), logprob_M, atol=1e-5, rtol=1e-5)
    assert len(passes) == 3, "found out once"


class _Doubled(torch.nn.Linear):
    def forward(self, hidden):
        return 2 * super().forward(hidden)


def _fetching(head):
    forward = head.forward
    head.forward = lambda hidden: 3 * forward(hidden)
    return head


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize(
    "head",
    [_Doubled(16, N_TOKENS), _fetching(torch.nn.Linear(16, N_TOKENS))],
    ids=["of a derived class", "with a forward of its own"],
)
@torch.inference_mode()
def test_a_head_that_is_more_than_a_product_is_left_alone(head):
    model = _Bare(bias=False)
    model.head = head
    hidden = torch.randn(1, 2, 16, generator=torch.Generator().manual_seed(1))
    row_M, target_M = np.array([0, 1]), np.array([5, 70])
    found = Head(model).targets(lambda: model(hidden), row_M=row_M, target_M=target_M)
    logprob_M, _ = expected(model, hidden, row_M, target_M)
    torch.testing.assert_close(found.logprob_M.float(), logprob_M, atol=1e-5, rtol=1e-5)


def test_the_logits_of_a_pass_are_never_in_memory_at_once(llama, monkeypatch):
    monkeypatch.setattr(module, "_TILE", 32)
    engine = engine_of(llama)
    decoder = decoder_of(engine)
    assert isinstance(decoder, Decoder)
    tokens = tuple(range(10, 110))
    span = Span(inputs=tokens[:-1], targets=tokens[1:])
    scorer = TreeScorer(decoder, batch_tokens=200)
    with Largest() as largest:
        found = list(itertools.chain.from_iterable(scorer.score([span])))
    n_vocabulary = len(decoder.model.get_output_embeddings().weight)
    assert largest.n < len(span.targets) * n_vocabulary
    with torch.inference_mode():
        logprobs = decoder.model(torch.tensor([span.inputs])).logits[0].log_softmax(dim=1)
    wanted = logprobs[torch.arange(len(span.targets)), torch.tensor(span.targets)].sum()
    assert found[0].logprob == pytest.approx(float(wanted), abs=1e-3)


def test_the_head_makes_logits_again_after_a_pass(llama):
    decoder = decoder_of(engine_of(llama))
    scorer = TreeScorer(decoder, batch_tokens=64)
    list(scorer.score([Span(inputs=(5, 6, 7), targets=(8,))]))
    head = decoder.model.get_output_embeddings()
    assert decoder.last_logits([(5, 6)], [1])[0].shape == (1, len(head.weight))
