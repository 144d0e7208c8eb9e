from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from forgetscope.recap.advantages import weighted_advantages

NAN = math.nan
G = 4


def _advantages(rewards_BK: torch.Tensor, weights: list[float]) -> torch.Tensor:
    return weighted_advantages(rewards_BK, weights_K=torch.tensor(weights), group_size=G)


def _two_domains(seed: int) -> torch.Tensor:
    """Return the rewards of two groups: the first judged by objectives 0 and 1, the other by 2."""
    rewards_BK = torch.rand((2 * G, 3), generator=torch.Generator().manual_seed(seed))
    rewards_BK[:G, 2] = NAN
    rewards_BK[G:, :2] = NAN
    return rewards_BK


def test_the_worked_example():
    # one group of rewards 0, 0, 1, 1: mean 1/2, deviation sqrt(1/3), so -+ sqrt(3) / 2, whose own
    # deviation over the batch is 1
    rewards_BK = torch.tensor([[0.0], [0.0], [1.0], [1.0]])
    expected = math.sqrt(3) / 2
    found = _advantages(rewards_BK, [1.0])
    assert found.tolist() == pytest.approx([-expected, -expected, expected, expected], abs=1e-3)


def _gdpo(rewards_BK: torch.Tensor) -> torch.Tensor:
    """GDPO with equal weights, written row by row with Python's own numbers."""
    sums = []
    for i in range(len(rewards_BK)):
        group = rewards_BK[i - i % G : i - i % G + G].tolist()
        total = 0.0
        for k, value in enumerate(rewards_BK[i].tolist()):
            judged = [row[k] for row in group if not math.isnan(row[k])]
            if math.isnan(value):
                continue
            mean = sum(judged) / len(judged)
            variance = sum((other - mean) ** 2 for other in judged) / max(len(judged) - 1, 1)
            total += (value - mean) / (math.sqrt(variance) + 1e-4)
        sums.append(total)
    mean = sum(sums) / len(sums)
    deviation = math.sqrt(sum((total - mean) ** 2 for total in sums) / (len(sums) - 1))
    return torch.tensor([(total - mean) / (deviation + 1e-4) for total in sums])


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**31), factor=st.floats(0.1, 10))
def test_equal_weights_give_the_advantages_of_gdpo_times_the_weight(seed: int, factor: float):
    rewards_BK = _two_domains(seed)
    found = _advantages(rewards_BK, [factor] * 3)
    torch.testing.assert_close(found, factor * _gdpo(rewards_BK), rtol=1e-3, atol=1e-3)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**31), factor=st.floats(0.1, 10))
def test_a_factor_common_to_one_domain_scales_its_advantages_and_no_others(
    seed: int, factor: float
):
    rewards_BK = _two_domains(seed)
    plain = _advantages(rewards_BK, [1.0, 1.0, 1.0])
    weighted = _advantages(rewards_BK, [factor, factor, 1.0])
    torch.testing.assert_close(weighted[:G], factor * plain[:G], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(weighted[G:], plain[G:])


def test_the_same_factor_on_rewards_cancels_in_a_group():
    # the fault that weights on advantages do not have: only the +1e-4 keeps it from being exact
    rewards_BK = _two_domains(0)
    scaled_BK = rewards_BK * torch.tensor([5.0, 5.0, 1.0])
    torch.testing.assert_close(
        _advantages(scaled_BK, [1.0] * 3), _advantages(rewards_BK, [1.0] * 3), rtol=1e-2, atol=1e-2
    )


@pytest.mark.parametrize(
    "group",
    [
        [[1.0]] * G,  # all alike
        [[NAN]] * G,  # nothing judged
        [[0.7], [NAN], [NAN], [NAN]],  # one judged alone
    ],
)
def test_a_group_without_a_difference_teaches_nothing(group: list[list[float]]):
    other = [[0.0], [1.0], [0.0], [1.0]]
    found = _advantages(torch.tensor(group + other), [1.0])
    assert found[:G].tolist() == [0.0] * G
    assert found[G:].isfinite().all()
    assert (found[G:] != 0).all()


def test_a_batch_without_any_difference_has_no_advantage():
    assert _advantages(torch.ones((2 * G, 2)), [1.0, 1.0]).tolist() == [0.0] * 2 * G


def test_advantages_of_a_group_add_up_to_zero():
    sums = _advantages(_two_domains(3), [2.0, 0.5, 0.5]).view(-1, G).sum(dim=1)
    assert sums.abs().max() < 1e-5
