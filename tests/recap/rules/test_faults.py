"""The known faults of RECAP, shown, and what was done about each.

Axes: N prompts, G completions of one prompt.
"""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.recap.rules.made import made

TINY = 1e-4
"""What GRPO adds to the standard deviation of a group."""


def advantages(reward_NG):
    centred_NG = reward_NG - reward_NG.mean(axis=1, keepdims=True)
    return centred_NG / (reward_NG.std(axis=1, ddof=1, keepdims=True) + TINY)


def rewards(seed, share):
    return (np.random.default_rng(seed).random((16, 8)) < share).astype(float)


seeds = st.integers(0, 10_000)
weights = st.sampled_from([0.2, 0.5, 2.0, 5.0])


@given(seeds, weights)
def test_a_weight_common_to_all_rewards_of_a_domain_cancels_in_group_normalised_advantages(
    seed, weight
):
    reward_NG = rewards(seed, 0.4)
    np.testing.assert_allclose(advantages(weight * reward_NG), advantages(reward_NG), atol=4e-3)


@given(seeds, st.sampled_from([0.5, 2.0]))
def test_of_weights_on_rewards_only_the_ratio_inside_a_domain_acts(seed, ratio):
    accuracy_NG, form_NG = rewards(seed, 0.4), rewards(seed + 1, 0.7)
    alike_NG = advantages(accuracy_NG + form_NG)
    np.testing.assert_allclose(advantages(5.0 * accuracy_NG + 5.0 * form_NG), alike_NG, atol=4e-3)
    other_NG = advantages(ratio * accuracy_NG + form_NG)
    assert np.abs(other_NG - alike_NG).max() > 0.05


@given(seeds, weights)
def test_a_weight_on_normalised_advantages_acts_in_full(seed, weight):
    advantage_NG = weight * advantages(rewards(seed, 0.4))
    size = np.abs(advantage_NG).mean() / np.abs(advantages(rewards(seed, 0.4))).mean()
    assert size == pytest.approx(weight)


@given(seeds, st.sampled_from([0.5, 10.0]))
def test_normalised_first_no_reward_scale_leaks_into_the_weighted_sum(seed, scale):
    """As `advantage` and `budget` are applied: normalise each objective, then weigh."""
    first_NG, second_NG = rewards(seed, 0.4), rewards(seed + 1, 0.7)
    plain_NG = 1.4 * advantages(first_NG) + 0.6 * advantages(second_NG)
    scaled_NG = 1.4 * advantages(scale * first_NG) + 0.6 * advantages(second_NG)
    np.testing.assert_allclose(scaled_NG, plain_NG, atol=6e-3)


def noise_beside_damage(rule, seed):
    """The weights after 40 steps, in which one loss is mastered noise and another is damaged."""
    rng = np.random.default_rng(seed)
    for step in range(40):
        rule.observe("mastered/replay", 1e-3 * rng.exponential() ** 2, kind="loss")
        rule.observe("damaged/replay", 0.1 + 0.01 * step + 0.01 * rng.normal(), kind="loss")
        for k in range(3):
            rule.observe(f"steady{k}/replay", 0.5 + 0.02 * rng.normal(), kind="loss")
        rule.observe("math/accuracy", 0.3 + 0.01 * step)
    return rule.weights()


def firsts(name, **options):
    """How often each objective has the largest weight in 100 such worlds."""
    worlds = [noise_beside_damage(made(name, **options), seed) for seed in range(100)]
    return Counter(max(world, key=world.__getitem__) for world in worlds)


def test_scale_free_signals_prefer_the_noise_of_a_mastered_objective_to_a_damaged_one():
    assert firsts("code", temperature=1.0) == {"mastered/replay": 100}
    assert firsts("paper", temperature=1.0)["damaged/replay"] == 0
    world = noise_beside_damage(made("code", temperature=1.0), seed=3)
    assert world["mastered/replay"] > 1.5 > world["damaged/replay"]


@pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
def test_with_a_floor_the_damaged_objective_has_the_largest_weight(temperature):
    assert firsts("code", temperature=temperature, floor=0.05)["damaged/replay"] >= 95


def test_signals_in_nats_see_the_damage_and_not_the_noise():
    assert firsts("advantage") == {"damaged/replay": 100}
    world = noise_beside_damage(made("advantage"), seed=3)
    assert world["damaged/replay"] > 1.2
    assert world["mastered/replay"] == pytest.approx(world["steady0/replay"], rel=0.1)


def test_the_two_published_rules_disagree_on_who_gains():
    """Fault 1: the objective that improved fastest is first for one and last for the other."""
    orders = {}
    for name in ("code", "paper"):
        rule = made(name, window=2, temperature=0.2)
        for step in range(4):
            rule.observe("fast/replay", 1.0 - 0.2 * step, kind="loss")
            rule.observe("slow/replay", 1.0 - 0.05 * step, kind="loss")
        found = rule.weights()
        orders[name] = max(found, key=found.__getitem__)
    assert orders == {"code": "slow/replay", "paper": "fast/replay"}
