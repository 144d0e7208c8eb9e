"""The same claims over more worlds and longer; each test a part of the benchmark's table."""

import pytest
from simulate import (
    anytime,
    course,
    guessing,
    intervals,
    joint,
    macro,
    margins,
    noise,
    power,
    still,
)
from simulate.outcome import at_most
from simulate.series import ALARM, CLAIMS, count_claims
from simulate.worlds import Drift

from tests.calibration.judge import not_above

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("is_walk", [False, True])
@pytest.mark.parametrize("size", [1, 8])
@pytest.mark.parametrize(("n", "discordance"), [(100, 0.2), (200, 0.1), (1319, 0.02)])
def test_families_of_eighty_cells_without_change_seldom_hold_a_false_claim(
    n, discordance, size, is_walk
):
    drift = Drift(n=n, discordance=discordance, size=size, is_walk=is_walk)
    claims = count_claims(20, 20, drift)
    for claim in CLAIMS:
        assert not_above(at_most(claim, "", claims[claim], 20)), claim


def test_small_families_without_change_seldom_hold_a_false_alarm_in_many_series():
    drift = Drift(n=200, discordance=0.2, is_walk=True)
    claims = count_claims(21, 200, drift, n_domains=1, n_checkpoints=5)
    assert not_above(at_most("", "", claims[ALARM], 200))
    assert not_above(at_most("", "", claims["GAINED"], 200))


def test_domains_that_lost_exactly_the_margin_are_seldom_forgot_or_held():
    for outcome in margins.at_the_margin(22, 12):
        assert not_above(outcome), outcome


def test_one_domain_at_the_margin_is_seldom_held_whatever_its_churn_and_clusters():
    for outcome in margins.false_held(23, 2_000):
        hits = outcome.measured * outcome.replications
        # the score test is not exact: a tenth above the level is tolerated
        assert not_above(at_most("", "", hits, outcome.replications, 0.055)), outcome


def test_no_interval_covers_the_truth_less_often_than_it_says():
    failures = [outcome for outcome in intervals.coverage(24, 3_000) if outcome.is_failure]
    assert not failures


def test_equally_weighted_tasks_are_covered_and_seldom_lost_by_chance():
    assert not [outcome for outcome in macro.coverage(25, 400) if outcome.is_failure]


def test_ways_of_a_series_are_told_as_they_were():
    for outcome in course.ways(26, 12):
        if outcome.status != "shown":
            assert not_above(outcome), outcome


def test_lost_knowledge_has_no_bias_in_any_world():
    failures = [outcome for outcome in guessing.corrected_losses(27, 300) if outcome.is_failure]
    assert not failures


def test_no_path_of_five_thousand_items_errs_more_often_than_it_says():
    assert not [outcome for outcome in anytime.looks(28, 600) if outcome.is_failure]


def test_churn_is_found_at_its_level():
    assert not [outcome for outcome in noise.churn(29, 300) if outcome.is_failure]


def test_planned_items_suffice_and_the_paired_optimum_is_near():
    assert not [outcome for outcome in power.planned_power(30, 8_000) if outcome.is_failure]
    assert not [outcome for outcome in power.paired_optimum(31, 4_000) if outcome.is_failure]


def test_a_joint_proof_is_near_the_ideal_one_and_beats_bonferroni_on_walks():
    rows = list(joint.joint_power(32, 30))
    assert not [row for row in rows if row.is_failure]
    walk = [row for row in rows if row.setting.endswith("a walk")]
    ours = sum(row.measured for row in walk if row.property == "power of a joint proof")
    plain = sum(row.measured for row in walk if row.property == "power with Bonferroni's levels")
    assert ours > plain


def test_tasks_that_changed_alike_are_seldom_called_shifted():
    for outcome in still.shifted(33, 30):
        assert not_above(outcome), outcome
