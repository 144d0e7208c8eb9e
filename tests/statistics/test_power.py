"""How many items a proof needs."""

import numpy as np
import pytest

from forgetscope.statistics import (
    detectable_change,
    further_items,
    net_change,
    required_items,
)


def changed(lost, gained, n):
    before, after = np.ones(n), np.ones(n)
    after[:lost] = 0.0
    before[lost : lost + gained] = 0.0
    return net_change(before, after, np.arange(n))


@pytest.mark.parametrize(
    ("discordance", "margin", "items"),
    [
        (0.02, 0.02, 310),
        (0.05, 0.02, 773),
        (0.10, 0.02, 1546),
        (0.20, 0.02, 3092),
        (0.10, 0.01, 6183),
    ],
)
def test_planning_table(discordance, margin, items):
    assert required_items(discordance, gap=margin, alpha=0.05) == items


def test_worked_example_of_miller_2024():
    """Two-sided 5 %, power 80 %, variance 1/9, three points."""
    assert required_items(1 / 9, gap=0.03, alpha=0.025) == 969


@pytest.mark.parametrize(("n", "points"), [(164, 6.14), (200, 5.56), (1319, 2.17)])
def test_detectable_change_of_known_benchmark_sizes(n, points):
    assert 100 * detectable_change((0.10 / n) ** 0.5, alpha=0.05) == pytest.approx(
        points, abs=0.005
    )


def test_no_number_of_items_closes_a_gap_of_zero():
    assert required_items(0.1, gap=0.0, alpha=0.05) is None


def test_needed_items_shrink_with_the_margin_and_grow_with_certainty():
    change = changed(10, 10, 200)
    wide, narrow = (further_items(change, margin=m, alpha=0.05) for m in (0.05, 0.02))
    strict = further_items(change, margin=0.02, alpha=0.005)
    assert wide < narrow < strict


def test_an_open_case_without_net_change_needs_the_planned_number():
    # discordance 20 / 200; the variance floor (1 + 20) / 202 is what one changed pair more shows
    assert further_items(changed(10, 10, 200), margin=0.02, alpha=0.05) == (
        required_items(21 / 202, gap=0.02, alpha=0.05) - 200
    )


def test_half_of_a_loss_within_the_margin_is_put_down_to_chance():
    expected = required_items(52 / 302, gap=0.02 - 0.005, alpha=0.05)
    assert further_items(changed(27, 24, 300), margin=0.02, alpha=0.05) == expected - 300


def test_an_estimate_beyond_the_margin_is_planned_as_a_proof_of_loss():
    change = changed(30, 10, 400)
    expected = required_items(41 / 402, gap=0.03, alpha=0.05)  # 40 changed, and one more
    assert further_items(change, margin=0.02, alpha=0.05) == expected - 400


def test_clusters_multiply_what_is_needed():
    single = changed(10, 10, 200)
    before = np.ones(200)
    after = np.ones(200)
    before[:10], after[10:20] = 0.0, 0.0
    clustered = net_change(before, after, np.repeat(np.arange(20), 10))
    assert clustered.design_effect > 5
    assert further_items(clustered, margin=0.02, alpha=0.05) > 4 * further_items(
        single, margin=0.02, alpha=0.05
    )


@pytest.mark.slow
def test_the_planned_number_has_the_planned_power():
    """Held at no true change: 80 % within four points (4,000 seeded studies)."""
    rng = np.random.default_rng(17)
    n = required_items(0.10, gap=0.02, alpha=0.05)
    held = 0
    for _ in range(4_000):
        lost, gained, _ = rng.multinomial(n, [0.05, 0.05, 0.90])
        held += changed(lost, gained, n).interval(0.05).low > -0.02
    assert held / 4_000 == pytest.approx(0.80, abs=0.04)


@pytest.mark.parametrize("alpha", [0.05, 0.002, 0.0002])
def test_where_nothing_changed_the_items_asked_for_are_enough(alpha):
    n = 100 + further_items(changed(0, 0, 100), margin=0.02, alpha=alpha)
    assert changed(0, 0, n).interval(alpha).low > -0.02


def test_where_nothing_changed_and_much_is_asked_no_item_too_many_is_asked_for():
    n = 100 + further_items(changed(0, 0, 100), margin=0.02, alpha=0.002)
    assert changed(0, 0, n - 1).interval(0.002).low <= -0.02
