"""How many items a proof needs."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm

from forgetscope.statistics import (
    chance_of_proof,
    detectable_change,
    detectable_from,
    further_items,
    net_change,
    planned_change,
    planned_items,
    repeats_help,
    required_items,
    sufficient_items,
    tango_interval,
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
def test_planned_items_of_the_planning_table(discordance, margin, items):
    assert planned_items(discordance, margin=margin, alpha=0.05) == items


@pytest.mark.parametrize(("n", "points"), [(164, 6.14), (200, 5.56), (1319, 2.17)])
def test_planned_change_of_known_benchmark_sizes(n, points):
    assert 100 * planned_change(n, 0.10, alpha=0.05) == pytest.approx(points, abs=0.005)


def test_a_plan_for_a_true_loss_beyond_the_margin_is_a_proof_of_that_loss():
    """Four points lost, of which two count: the gap is what lies between."""
    expected = required_items(0.10 - 0.04**2, gap=0.02, alpha=0.05)
    assert planned_items(0.10, margin=0.02, alpha=0.05, change=-0.04) == expected


def test_a_change_on_the_margin_is_never_settled():
    for plan in (planned_items, sufficient_items):
        assert plan(0.10, margin=0.02, alpha=0.05, change=-0.02) is None


def test_however_few_items_change_a_proof_needs_those_that_exclude_the_margin():
    for plan in (planned_items, sufficient_items):
        n = plan(0.0001, margin=0.02, alpha=0.05)
        assert changed(0, 0, n).interval(0.05).low > -0.02
    assert planned_items(0.0001, margin=0.02, alpha=0.05) == 133


@pytest.mark.parametrize(("discordance", "change"), [(0.0, 0.0), (0.05, -0.06), (1.1, 0.0)])
def test_more_net_change_than_changed_items_is_refused(discordance, change):
    for plan in (planned_items, sufficient_items):
        with pytest.raises(ValueError, match="share of changed items"):
            plan(discordance, margin=0.02, alpha=0.05, change=change)
    with pytest.raises(ValueError, match="share of changed items"):
        chance_of_proof(100, discordance, margin=0.02, alpha=0.05, change=change)


@given(
    st.floats(0.01, 0.5),
    st.floats(0.005, 0.1),
    st.floats(-0.9, 0.9),
    st.sampled_from([0.05, 0.005]),
)
def test_sufficient_items_are_the_fewest_with_the_wanted_chance(discordance, margin, part, alpha):
    change = part * discordance
    assume(abs(change + margin) > 0.002)
    n = sufficient_items(discordance, margin=margin, alpha=alpha, change=change)
    for items, is_enough in ((n, True), (n - 1, False)):
        chances = chance_of_proof(items, discordance, margin=margin, alpha=alpha, change=change)
        chance = chances.held if change > -margin else chances.forgot
        if is_enough:
            assert chance >= 0.8 - 1e-9
        elif n > z_squared(alpha) * (1 - margin) / margin + 1:  # not raised for other reasons
            assert chance < 0.8


def z_squared(alpha):
    return norm.ppf(alpha) ** 2


def test_a_study_without_items_is_refused():
    for study in (
        lambda: planned_change(0, 0.1, alpha=0.05),
        lambda: chance_of_proof(0, 0.1, margin=0.02, alpha=0.05),
        lambda: repeats_help(0, between=0.1, within=0.1, samples=1, alpha=0.05),
    ):
        with pytest.raises(ValueError, match="at least one item, not 0"):
            study()


def test_with_many_changed_items_both_plans_agree():
    for discordance in (0.10, 0.20, 0.40):
        one, other = (
            plan(discordance, margin=0.02, alpha=0.05) for plan in (planned_items, sufficient_items)
        )
        assert one == pytest.approx(other, rel=0.03)


def test_at_the_margin_each_proof_is_as_likely_as_its_error_allows():
    chances = chance_of_proof(500, 0.10, margin=0.02, alpha=0.05, change=-0.02)
    assert chances.held == pytest.approx(0.05)
    assert chances.forgot == pytest.approx(0.05)


def test_certain_changes_are_proved_for_certain_with_enough_items():
    # every item lost: nothing is left to chance
    assert chance_of_proof(10, 1.0, margin=0.02, alpha=0.05, change=-1.0).forgot == 1.0
    assert chance_of_proof(10, 1.0, margin=0.02, alpha=0.05, change=-1.0).held == 0.0


def test_detectable_change_of_a_finished_study():
    change = changed(30, 20, 1_000)
    z = norm.ppf(0.95) + norm.ppf(0.80)
    assert detectable_from(change, alpha=0.05) == pytest.approx(
        z * change.estimate.standard_error, rel=0.02
    )


def test_a_study_without_change_can_still_overlook_something():
    z = norm.ppf(0.95) + norm.ppf(0.80)
    seen = detectable_from(changed(0, 0, 100), alpha=0.05)
    assert seen == pytest.approx(z * np.sqrt(1 / 102 / 100))  # as if one item were to change
    ones = np.ones(8)
    assert np.isnan(detectable_from(net_change(ones, ones, np.zeros(8, int)), alpha=0.05))
    assert np.isnan(detectable_from(changed(0, 0, 0), alpha=0.05))


def test_repeats_remove_sampling_noise_and_nothing_else():
    one = repeats_help(400, between=0.04, within=0.30, samples=1, alpha=0.05)
    many = repeats_help(400, between=0.04, within=0.30, samples=1_000_000, alpha=0.05)
    assert one.least == many.least == pytest.approx(2.4865 * 0.2 / 20, rel=1e-4)
    assert one.now == pytest.approx(2.4865 * np.sqrt(0.34 / 400), rel=1e-4)
    assert many.now == pytest.approx(many.least, rel=1e-4)


def test_repeats_make_a_study_of_samples_as_sharp_as_predicted():
    """The mean change of sampled answers scatters as the formula says."""
    rng = np.random.default_rng(5)
    p, q = rng.beta(0.5, 0.5, size=(2, 300))
    changes = [(rng.binomial(4, q) - rng.binomial(4, p)).mean() / 4 for _ in range(4_000)]
    noise = (p * (1 - p) + q * (1 - q)).mean() / 4
    reach = norm.ppf(0.95) + norm.ppf(0.80)
    help_ = repeats_help(300, between=0.0, within=4 * noise, samples=4, alpha=0.05)
    assert help_.now / reach == pytest.approx(np.std(changes), rel=0.05)


def proved(rng, n, discordance, *, margin, change, trials):
    """Shares of seeded studies that prove HELD and FORGOT with the real interval."""
    lost, gained = (discordance - change) / 2, (discordance + change) / 2
    counts = rng.multinomial(n, [lost, gained, 1 - discordance], size=trials)[:, :2]
    kinds, times = np.unique(counts, axis=0, return_counts=True)
    ends = np.array(
        [
            (i.low > -margin, i.high < -margin)
            for i in (changed(lost, gained, n).interval(0.05) for lost, gained in kinds.tolist())
        ]
    )
    return times @ ends / trials


def test_the_chance_of_a_proof_is_that_of_simulated_studies():
    rng = np.random.default_rng(23)
    for n, discordance, change in ((300, 0.05, 0.0), (500, 0.15, 0.01), (400, 0.12, -0.06)):
        held, forgot = proved(rng, n, discordance, margin=0.02, change=change, trials=400)
        chances = chance_of_proof(n, discordance, margin=0.02, alpha=0.05, change=change)
        assert held == pytest.approx(chances.held, abs=0.09)  # four standard errors and two points
        assert forgot == pytest.approx(chances.forgot, abs=0.09)


PLANS = [
    (0.05, 0.02, 0.0),
    (0.10, 0.02, 0.0),
    (0.20, 0.02, 0.0),
    (0.10, 0.01, 0.0),
    (0.10, 0.02, -0.01),
    (0.10, 0.02, -0.05),
    (0.20, 0.02, -0.06),
    (0.10, 0.02, 0.01),
]


@pytest.mark.slow
@pytest.mark.parametrize(("discordance", "margin", "change"), PLANS)
def test_planned_items_prove_in_eighty_percent_of_studies(discordance, margin, change):
    rng = np.random.default_rng(
        [int(1e4 * discordance), int(1e4 * margin), int(1e3 + 1e4 * change)]
    )
    n = planned_items(discordance, margin=margin, alpha=0.05, change=change)
    found = proved(rng, n, discordance, margin=margin, change=change, trials=3_000)
    assert found[0 if change > -margin else 1] == pytest.approx(0.80, abs=0.04)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("discordance", "margin", "change"),
    [*PLANS, (0.02, 0.02, 0.0), (0.05, 0.02, -0.04)],
)
def test_sufficient_items_prove_in_eighty_percent_even_where_little_changes(
    discordance, margin, change
):
    rng = np.random.default_rng(
        [int(1e4 * discordance), int(1e4 * margin), int(1e3 + 1e4 * change)]
    )
    n = sufficient_items(discordance, margin=margin, alpha=0.05, change=change)
    found = proved(rng, n, discordance, margin=margin, change=change, trials=3_000)
    assert found[0 if change > -margin else 1] == pytest.approx(0.80, abs=0.04)


@pytest.mark.slow
def test_with_few_changed_items_the_plain_plan_falls_short():
    """310 items at 2 % changing: the score interval proves HELD in two studies of three only."""
    rng = np.random.default_rng(29)
    held, _ = proved(rng, 310, 0.02, margin=0.02, change=0.0, trials=3_000)
    chance = chance_of_proof(310, 0.02, margin=0.02, alpha=0.05).held
    assert held == pytest.approx(chance, abs=0.04)
    assert held < 0.74


@pytest.mark.slow
def test_sufficient_items_of_which_two_are_to_change_are_too_many_rather_than_too_few():
    rng = np.random.default_rng(31)
    n = sufficient_items(0.02, margin=0.05, alpha=0.05)
    held, _ = proved(rng, n, 0.02, margin=0.05, change=0.0, trials=3_000)
    assert 0.76 < held < 0.90


@pytest.mark.parametrize("table", [(5, 2, 710), (12, 0, 400), (9, 4, 900)])
def test_an_open_case_always_says_how_many_more(table):
    """Few changes, a strict level: plans by the variance find the items at hand enough."""
    change = changed(*table)
    interval = change.interval(0.001)
    assert interval.low <= -0.02 <= interval.high
    more = further_items(change, margin=0.02, alpha=0.001)
    assert more > 0
    # if it goes on like this, so many more decide, or nearly so
    factor = (change.n + more) / change.n
    after = tango_interval(table[0] * factor, table[1] * factor, table[2] * factor, alpha=0.001)
    assert after.low > -0.0202 or after.high < -0.02
