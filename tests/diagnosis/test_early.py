"""Blends that are dropped before all items were asked, and parts of profiles."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from forgetscope.diagnosis.early import forgotten_so_far
from forgetscope.diagnosis.part import part_of
from forgetscope.records import Policy, Role
from forgetscope.statistics import Portion
from tests.strategies import column, evidence, profile, task

ENDS = (0.125, 0.25, 0.5)
POLICY = Policy(margin=0.05)


def world(rng, *losses, n=600, size=1, role=Role.GENERAL):
    """A base and a blend over domains of clusters of up to `size` items, each with its loss."""
    before, after = [], []
    for place, loss in enumerate(losses):
        of = task(f"t{place}", domain=f"d{place}", role=role, chance=math.nan)
        cluster_I = np.repeat(np.arange(n), rng.integers(1, size + 1, size=n))[:n]
        is_lost_I = (rng.random(n) < loss + 0.02)[cluster_I]
        is_gained_I = (rng.random(n) < 0.02)[cluster_I]
        base_I = np.where(is_gained_I & ~is_lost_I, 0.0, 1.0)
        blend_I = np.where(is_lost_I, 0.0, 1.0)
        base_I = np.where(is_lost_I & is_gained_I, 0.0, base_I)
        clusters = [f"{place}-{c}" for c in cluster_I]
        before.append(column(of, base_I, clusters=clusters))
        after.append(column(of, blend_I, clusters=clusters))
    return profile("base", *before), profile("blend", *after)


def looks(before, after, *, seed, policy=POLICY):
    """What is said at each look, and after how many items."""
    for end in ENDS:
        part = part_of(after, Portion(low=0.0, high=end, seed=seed))
        yield (
            forgotten_so_far(before, part, policy=policy, seed=seed),
            len(part.columns[0].item_ids),
        )


@pytest.mark.parametrize("size", [1, 6])
def test_a_domain_that_lost_just_its_margin_is_rarely_dropped_however_often_one_looks(size):
    """At the edge of the claim: 3 domains at most alpha together, over all looks."""
    rng = np.random.default_rng(5 + size)
    n_runs = 300
    wrong = 0
    for seed in range(n_runs):
        # lost 0.05 + 0.02, gained 0.02 less what both take: a true loss of 0.05 or less
        before, after = world(rng, 0.05, 0.05, 0.05, n=300, size=size)
        wrong += any(names for names, _ in looks(before, after, seed=seed))
    assert binomtest(wrong, n_runs, 0.05, alternative="greater").pvalue > 0.01


def test_a_plain_loss_is_seen_after_an_eighth_of_the_items():
    rng = np.random.default_rng(2)
    before, after = world(rng, 0.0, 0.4, 0.0)
    found = [names for names, _ in looks(before, after, seed=0)]
    assert found == [("d1",)] * 3


def test_what_was_trained_for_is_never_a_reason_to_stop():
    rng = np.random.default_rng(3)
    before, after = world(rng, 0.5, role=Role.TARGET)
    assert [names for names, _ in looks(before, after, seed=0)] == [()] * 3


def test_a_base_that_has_nothing_to_lose_stops_nothing():
    of = task("t", domain="d", chance=0.5)
    guess_I = np.tile([0.0, 1.0], 200)
    before = profile("base", column(of, guess_I))
    after = profile("blend", column(of, np.zeros(400)))
    assert forgotten_so_far(before, after, policy=POLICY, seed=0) == ()


def test_scores_without_bounds_are_left_to_the_end():
    of = task("t", domain="d", metric="word_perplexity", is_bounded=False, chance=math.nan)
    rng = np.random.default_rng(0)
    values_I = rng.normal(3.0, 0.1, 300)
    before, after = (
        profile("base", column(of, values_I)),
        profile("blend", column(of, values_I - 2)),
    )
    assert forgotten_so_far(before, after, policy=POLICY, seed=0) == ()


def test_the_order_in_which_items_are_listed_says_nothing():
    rng = np.random.default_rng(4)
    before, after = world(rng, 0.12, size=4)
    found = list(looks(before, after, seed=9))
    order = rng.permutation(600)

    def shuffled(side):
        (only,) = side.columns
        return profile(
            side.label,
            column(
                only.task,
                only.value_I[order],
                ids=[only.item_ids[i] for i in order],
                prompts=[only.prompt_hashes[i] for i in order],
                clusters=[only.clusters[i] for i in order],
            ),
        )

    assert list(looks(shuffled(before), shuffled(after), seed=9)) == found


def test_parts_of_a_profile_share_its_items_and_keep_all_that_is_known_of_them():
    of, other = task("a"), task("b")
    n = 40
    whole = profile(
        "base",
        column(of, np.arange(n) % 2, evidence=evidence(n, tokens_I=np.arange(n, dtype=float))),
        column(other, np.ones(1), clusters=["alone"]),
        step=7,
    )
    halves = [part_of(whole, Portion(low=low, high=low + 0.5, seed=1)) for low in (0.0, 0.5)]
    ids = [{i for each in half.columns for i in each.item_ids} for half in halves]
    assert ids[0] | ids[1] == {i for each in whole.columns for i in each.item_ids}
    assert not ids[0] & ids[1]
    assert sorted(len(half.columns) for half in halves) == [1, 2], "an empty column is dropped"
    for half in halves:
        first = half.columns[0]
        places = [int(name.removeprefix("a-")) for name in first.item_ids]
        assert first.evidence.tokens_I.tolist() == places
        assert first.value_I.tolist() == [place % 2 for place in places]
        assert half.step == 7
