"""The main claims, in few worlds and at fixed seeds; `test_long.py` has more of both."""

import numpy as np
import pytest
from scipy.stats import binom
from simulate import anytime, guessing, intervals, macro, margins, naive, noise, power, still
from simulate.course import LATE_LOSS, begins_before, recovers
from simulate.outcome import at_most, near
from simulate.series import CLAIMS, count_claims, judged
from simulate.worlds import Drift, led

from tests.calibration.judge import not_above, not_below


@pytest.mark.parametrize("drift", [Drift(n=100, discordance=0.1), Drift(n=700, discordance=0.03)])
def test_nothing_is_claimed_of_series_without_change(drift):
    claims = count_claims(1, 30, drift, n_domains=3, n_checkpoints=4)
    for claim in CLAIMS:
        assert not_above(at_most(claim, "", claims[claim], 30)), claim


def test_nothing_is_claimed_of_walks_of_clustered_items_without_change():
    drift = Drift(n=200, discordance=0.2, size=8, is_walk=True)
    claims = count_claims(2, 30, drift, n_domains=3, n_checkpoints=6)
    for claim in CLAIMS:
        assert not_above(at_most(claim, "", claims[claim], 30)), claim


def test_copies_of_the_base_in_another_order_raise_no_claim_and_reruns_seldom():
    for outcome in still.same_again(3, 4):
        assert not_above(outcome)


def test_intervals_of_separate_and_clustered_answers_cover_the_truth():
    for outcome in intervals.tango_coverage(4, 2_000, n=200, discordance=0.1):
        assert not_below(outcome)
    for outcome in intervals.clustered_coverage(5, 400, n_clusters=40, discordance=0.1):
        assert not_below(outcome)
    assert not any(outcome.is_failure for outcome in intervals.unequal(6, 200))
    for outcome in intervals.fractional_coverage(6, 300, n_clusters=120, size=8):
        assert not_below(outcome)


def test_a_mean_of_equally_weighted_tasks_is_not_lost_by_chance():
    made = macro.macro_changes(7, 300, (50, 100, 200), 0.1, 0.0)
    hits = sum(each.interval(0.05).high < 0 for each in made)
    assert not_above(at_most("", "", hits, 300))


def test_the_gate_that_asks_for_proof_seldom_passes_a_domain_that_lost_the_margin():
    assert not_above(margins.gate_passes(8, 20, n=300, size=1))


def test_the_planned_number_of_items_proves_what_was_planned():
    assert not any(outcome.is_failure for outcome in power.planned_power(9, 800))
    assert not any(outcome.is_failure for outcome in power.needed_power(9, 100))


def test_no_paired_test_proves_a_loss_much_more_often_and_an_unpaired_one_far_less():
    rows = list(power.paired_optimum(10, 600))
    compared = [row for row in rows if row.property == "power against McNemar's"]
    assert len(compared) == 10
    assert all(not_below(row) for row in compared)
    alone = {row.property: row.measured for row in rows if row.setting == compared[2].setting}
    assert compared[2].measured > 2 * alone["power of unpaired z"]


@pytest.mark.parametrize("copying", [0.0, 0.9])
def test_lost_knowledge_is_estimated_without_the_guesses(copying):
    bias, bound, published = guessing.corrected_loss(11, 150, 4, copying, 0.05)
    assert not bias.is_failure
    assert not_above(bound)
    assert abs(published.measured - 0.05) > 5 * abs(bias.measured - 0.05)


def test_evidence_may_be_looked_at_after_every_item_and_a_p_value_may_not():
    rng_paths = list(anytime.paths(12, 300, discordance=0.2, loss=0.0))
    ours = sum(int(anytime.ever(anytime.loss_path(path_RI)).sum()) for path_RI in rng_paths)
    naive_alarms = sum(int(anytime.peeked(path_RI).sum()) for path_RI in rng_paths)
    assert not_above(at_most("", "", ours, 300))
    assert not not_above(at_most("", "", naive_alarms, 300))


def test_bets_at_the_margin_seldom_win_however_long_one_looks():
    for outcome in anytime.bets(13, 200, margin=0.02, discordance=0.1):
        assert not_above(outcome)


def test_sampling_noise_is_no_churn_and_churn_is_found():
    alarm_R = noise.churned(14, 60, n=50, samples=4, moved=0.0)
    assert not_above(at_most("", "", alarm_R.sum(), 60))
    assert noise.churned(15, 20, n=200, samples=8, moved=0.3).mean() > 0.9


def test_steps_of_training_are_measured_and_allowed_for():
    rows = list(noise.steps(16, 200))
    assert not any(row.is_failure for row in rows)


def test_an_onset_is_not_named_before_the_loss_and_a_lasting_loss_is_no_recovery():
    rng = np.random.default_rng(17)
    made = [judged(led(rng, LATE_LOSS, n=300, n_domains=2, churn=0.02)) for _ in range(25)]
    assert not_above(at_most("", "", sum(map(begins_before(6), made)), 25))
    assert not_above(at_most("", "", sum(map(recovers, made)), 25))
    assert sum(map(begins_before(99), made)) >= 15


@pytest.mark.parametrize(("n", "threshold"), [(20, 0.10), (100, 0.05), (164, 0.02)])
def test_gates_by_threshold_cry_wolf_as_often_as_theory_says(n, threshold):
    """The chance that items lost exceed items gained by more than the threshold, 9 times."""
    changed = np.arange(n + 1)
    fewest_lost = np.floor((changed + threshold * n + 1e-9) / 2) + 1
    alarm = float(
        binom.pmf(changed, n, naive.DISCORDANCE) @ binom.sf(fewest_lost - 1, changed, 0.5)
    )
    expected = 1 - (1 - alarm) ** naive.N_CATEGORIES
    rule = next(rule for rule in naive.RULES if rule.n == n and rule.name != naive.OURS)
    alarm_R = naive.alarms(18, 600, rule, loss=0.0)
    assert not near("", "", alarm_R, expected, 0.0).is_failure
    assert expected > 0.45


def test_best_minus_last_reads_a_loss_where_there_is_none():
    for outcome in naive.best_minus_last_bias(19, 200):
        assert outcome.measured > 0.015
