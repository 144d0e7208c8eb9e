"""Gumbel noise draws from the softmax, each row from its own seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from forgetscope.scoring.sampling import GumbelNoise, seed_of

LOGITS = torch.tensor([2.0, 1.0, 0.0, -1.0])


def draws(n, **settings):
    noise = GumbelNoise([seed_of("request", i) for i in range(n)], **settings)
    return noise(torch.empty(0), LOGITS.repeat(n, 1)).argmax(dim=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_draws_follow_the_softmax_at_any_temperature(temperature):
    n = 4000
    counts = np.bincount(draws(n, temperature=temperature, top_p=1.0), minlength=4)
    expected = (LOGITS.double() / temperature).softmax(0).numpy() * n
    assert stats.chisquare(counts, expected).pvalue > 1e-3


@pytest.mark.parametrize(("top_p", "kept"), [(0.5, {0}), (0.7, {0, 1}), (0.95, {0, 1, 2})])
def test_top_p_keeps_the_fewest_tokens_that_hold_its_mass(top_p, kept):
    assert set(draws(2000, temperature=1.0, top_p=top_p).tolist()) == kept


def test_seeds_differ_between_requests_and_between_samples():
    seeds = {seed_of(request, index) for request in ("a", "b", "a:1") for index in range(20)}
    assert len(seeds) == 60
    assert all(0 <= seed < 2**63 for seed in seeds)
