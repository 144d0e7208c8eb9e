"""Planning: how many items a proof needs, and what the items at hand can prove."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from forgetscope.api import Level, plan, reach_of_suite
from forgetscope.api.power import DISCORDANCES, provable
from forgetscope.api.reach import reach_of_diagnosis
from forgetscope.diagnosis import diagnose
from forgetscope.errors import UsageError
from forgetscope.records import DomainPolicy, Estimate, Policy, Repeats, Verdict
from forgetscope.statistics import chance_of_proof, tango_interval
from forgetscope.suites import Suite, TaskChoice, load_suite
from tests.strategies import column, counts, profile, task

# ---- without a study -----------------------------------------------------------------


@pytest.mark.parametrize("claims", [1, 20])
@pytest.mark.parametrize("share", DISCORDANCES)
def test_the_planned_items_are_the_fewest_that_reach_the_power(share, claims):
    level = Level(claims=claims)
    (row,) = plan(margin=0.02, discordances=[share], level=level).rows
    setting = {"margin": 0.02, "alpha": 0.05 / claims}
    assert chance_of_proof(row.items, share, **setting).held >= 0.8 - 1e-9
    unchanged = norm.isf(0.05 / claims) ** 2 * 0.98 / 0.02
    assert row.items >= unchanged
    if row.items - 1 > unchanged:
        assert chance_of_proof(row.items - 1, share, **setting).held < 0.8


def test_the_164_items_of_a_coding_benchmark_prove_two_points_only_if_almost_none_changes():
    (tenth,) = plan(margin=0.02, discordances=[0.10]).rows
    assert tenth.items > 9 * 164
    (light,) = plan(margin=0.10, discordances=[0.10]).rows
    assert light.items < 164


_SHARES = st.floats(0.001, 1.0)
_MARGINS = st.floats(0.002, 0.4)


@given(share=_SHARES, margin=_MARGINS, claims=st.integers(1, 200))
def test_more_is_needed_for_a_smaller_margin_more_claims_and_more_change(share, margin, claims):
    def items(share=share, margin=margin, claims=claims, power=0.8):
        level = Level(claims=claims, power=power)
        return plan(margin=margin, discordances=[share], level=level).rows[0].items

    now = items()
    assert items(margin=margin / 2) >= now
    assert items(claims=claims + 1) >= now
    assert items(power=0.9) >= now
    assert items(share=min(2 * share, 1.0)) >= now


@given(share=_SHARES, n=st.integers(1, 100_000), claims=st.integers(1, 100))
def test_more_items_prove_a_smaller_loss_and_no_loss_exceeds_the_scale(share, n, claims):
    level = Level(claims=claims)
    loss = provable(n, share, level=level)
    assert 0 < loss <= 1
    assert provable(2 * n, share, level=level) <= loss
    reach = norm.isf(0.05 / claims) + norm.ppf(0.8)
    assert loss >= min(reach * math.sqrt(share / n), 1.0) - 1e-12
    # where the loss exceeds what was assumed to change, the assumption is no matter
    if loss > share:
        assert provable(n, share / 2, level=level) == loss


@pytest.mark.parametrize(("n", "share"), [(400, 0.10), (1500, 0.20), (300, 0.01)])
def test_the_provable_loss_is_proved_four_times_in_five(n, share):
    loss = provable(n, share, level=Level())
    changed = max(share, loss)
    rates = [(changed + loss) / 2, (changed - loss) / 2, 1 - changed]
    draws = np.random.default_rng(5).multinomial(n, rates, size=600)
    proved = sum(
        tango_interval(int(lost), int(gained), n, alpha=0.05).high < 0 for lost, gained, _ in draws
    )
    # normal theory; where few items change it errs on the safe side
    assert binomtest(proved, 600, 0.72, alternative="less").pvalue > 0.001
    assert binomtest(proved, 600, 0.95, alternative="greater").pvalue > 0.001


def test_without_items_nothing_is_provable():
    assert math.isnan(provable(0, 0.1, level=Level()))


def test_each_number_of_items_has_its_column():
    found = plan(items=[164, 500], discordances=[0.05, 0.5])
    assert [len(row.losses) for row in found.rows] == [2, 2]
    assert found.rows[0].losses == tuple(provable(n, 0.05, level=Level()) for n in (164, 500))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Level(alpha=0.0),
        lambda: Level(alpha=0.5),
        lambda: Level(alpha=math.nan),
        lambda: Level(power=0.4),
        lambda: Level(power=1.0),
        lambda: Level(claims=0),
        lambda: plan(margin=0.0),
        lambda: plan(margin=math.nan),
        lambda: plan(discordances=[0.1, 0.0]),
        lambda: plan(discordances=[math.nan]),
        lambda: plan(items=[5, 0]),
    ],
)
def test_what_is_out_of_range_is_refused(make):
    with pytest.raises(UsageError):
        make()


# ---- of a study ----------------------------------------------------------------------


def series(*tables, clusters=None, **fields):
    tasks = [task(f"t{j}", domain=f"d{j}", chance=math.nan, **fields) for j, _ in enumerate(tables)]
    made = [(of, counts(*table)) for of, table in zip(tasks, tables, strict=True)]
    return [
        profile(label, *(column(of, values[side], clusters=clusters) for of, values in made))
        for side, label in enumerate(("base", "step-40"))
    ]


def reaches(profiles, *, policy=None, discordance=0.1, **level):
    policy = policy or Policy()
    return reach_of_diagnosis(
        diagnose(profiles, policy=policy),
        policy=policy,
        level=Level(alpha=policy.alpha, **level),
        discordance=discordance,
    )


def test_each_domain_stands_before_its_tasks():
    rows = reaches(series((20, 20, 500), (5, 5, 500)))
    assert [(row.kind, row.name) for row in rows] == [
        ("domain", "d0"),
        ("task", "t0"),
        ("domain", "d1"),
        ("task", "t1"),
    ]
    assert all(row.is_measured for row in rows)
    assert [row.n for row in rows] == [500] * 4


@pytest.mark.parametrize("table", [(25, 25, 500), (4, 4, 300), (100, 100, 500)])
def test_with_the_items_it_asks_for_and_no_change_a_domain_is_held(table):
    (row, _) = reaches(series(table))
    assert row.needed > table[2]
    assert row.further == row.needed - table[2]
    assert f"needs {row.further:,} more items" in row.advice
    half = row.needed * table[0] // table[2]
    enough = series((half, half, row.needed))
    (again, _) = reaches(enough)
    assert diagnose(enough).comparisons[0].domains[0].verdict is Verdict.HELD
    assert again.advice == ""


def test_with_a_third_of_them_it_is_not():
    (row, _) = reaches(series((25, 25, 500)))
    few = series((row.needed // 60, row.needed // 60, row.needed // 3))
    assert diagnose(few).comparisons[0].domains[0].verdict is Verdict.UNDECIDED


def test_the_margin_it_advises_is_one_that_the_items_prove():
    (row, _) = reaches(series((25, 25, 500)))
    wide = row.holdable
    assert f"margin of {100 * wide:.1f} points" in row.advice
    (fine, _) = reaches(series((25, 25, 500)), policy=Policy(margin=wide))
    (close, _) = reaches(series((25, 25, 500)), policy=Policy(margin=wide - 0.002))
    assert (fine.advice, close.advice != "") == ("", True)


def test_the_provable_loss_is_that_of_the_cell_where_enough_changed():
    profiles = series((80, 60, 1000))
    (row, _) = reaches(profiles)
    cell = diagnose(profiles).comparisons[0].domains[0]
    assert row.detectable == pytest.approx(cell.detectable)
    (surer, _) = reaches(profiles, power=0.9)
    alpha = 0.05
    expected = (norm.isf(alpha) + norm.ppf(0.9)) / (norm.isf(alpha) + norm.ppf(0.8))
    assert surer.detectable == pytest.approx(expected * row.detectable)


def test_too_few_items_are_told_so_however_little_changes():
    (row, of_task) = reaches(series((0, 0, 100)))
    assert "100 items cannot prove 2.0 points even if none changes" in row.advice
    assert "within its domain" in of_task.advice
    assert row.detectable > 0
    assert diagnose(series((0, 0, 100))).comparisons[0].domains[0].verdict is Verdict.UNDECIDED


def test_items_of_common_sources_are_worth_less():
    clusters = [f"c{i // 10}" for i in range(1000)]
    (apart, _) = reaches(series((100, 60, 1000)))
    (shared, _) = reaches(series((100, 60, 1000), clusters=clusters))
    assert shared.needed > 2 * apart.needed
    assert shared.detectable > apart.detectable


def test_each_domain_has_its_own_margin():
    policy = Policy(margin=0.02, domains={"d1": DomainPolicy(margin=0.05)})
    rows = reaches(series((25, 25, 500), (25, 25, 500)), policy=policy)
    of = {row.name: row for row in rows}
    assert (of["d0"].margin, of["d1"].margin, of["t1"].margin) == (0.02, 0.05, 0.05)
    assert of["d0"].needed > 4 * of["d1"].needed


def test_more_checkpoints_share_the_level():
    base, other = series((25, 25, 500))
    later = replace(other, label="step-80")
    (one, _), (two, _) = reaches([base, other]), reaches([base, other, later])
    assert two.detectable >= one.detectable


def test_a_base_alone_is_planned_with_what_is_assumed():
    base = series((25, 25, 500))[0]
    (row, _) = reaches([base], discordance=0.2)
    assert not row.is_measured
    assert row.needed == plan(discordances=[0.2]).rows[0].items
    assert row.detectable == provable(500, 0.2, level=Level())


def test_what_cannot_be_measured_says_why_and_plans_nothing():
    guesses = [column(task(), np.tile([1.0, 0, 0, 0], 50)) for _ in range(2)]
    for profiles in (
        [profile("base", guesses[0]), profile("step-40", guesses[1])],
        [profile("base", guesses[0])],
    ):
        for row in reaches(profiles):
            assert "at chance" in row.advice
            assert row.needed is None
            assert math.isnan(row.detectable)


def test_an_unbounded_metric_is_planned_in_its_own_unit():
    of = task("wiki", domain="language", metric="perplexity", is_bounded=False, chance=math.nan)
    noise = np.random.default_rng(0).normal(0.0, 0.1, (2, 200))
    profiles = [profile("base", column(of, -8 + noise[0])), profile("b", column(of, -8 + noise[1]))]
    (row, _) = reaches(profiles)
    cell = diagnose(profiles).comparisons[0].domains[0]
    assert row.unit == "perplexity"
    assert row.detectable == pytest.approx(cell.detectable)
    assert row.needed == math.ceil(200 * (cell.detectable / 0.02) ** 2)
    (alone, _) = reaches(profiles[:1])
    assert (alone.needed, alone.advice != "") == (None, True)


def test_a_score_that_is_no_mean_of_items_has_no_plan():
    found = diagnose(series((25, 25, 500)))
    (comparison,) = found.comparisons
    (cell,) = comparison.domains
    matthews = replace(cell, metric="mcc", detectable=math.nan)
    made = replace(found, comparisons=(replace(comparison, domains=(matthews,)),))
    row, of_task = reach_of_diagnosis(made, policy=Policy(), level=Level(), discordance=0.1)
    assert (row.needed, row.advice.split()[0]) == (None, "mcc")
    assert of_task.needed is not None


@pytest.mark.parametrize(("share", "helps"), [(0.99, True), (0.1, False)])
def test_repeats_help_as_far_as_sampling_explains_the_noise(share, helps):
    found = diagnose(series((25, 25, 500)))
    nothing = Estimate(value=0.0, low=0.0, high=0.0)
    repeats = Repeats(
        samples_before=1.0,
        samples_after=1.0,
        lost=nothing,
        gained=nothing,
        self_flip=0.0,
        beyond_sampling_p=0.5,
        within_share=share,
    )
    (comparison,) = found.comparisons
    (cell,) = comparison.domains
    sampled = replace(cell, findings=replace(cell.findings, repeats=repeats))
    made = replace(found, comparisons=(replace(comparison, domains=(sampled,)),))
    row, _ = reach_of_diagnosis(made, policy=Policy(), level=Level(), discordance=0.1)
    assert row.with_repeats == pytest.approx(row.detectable * math.sqrt(1 - share))
    assert ("sample each answer more often" in row.advice) == helps
    assert ("at best" in row.advice) == (not helps)


@settings(max_examples=25, deadline=None)
@given(lost=st.integers(0, 60), gained=st.integers(0, 60), n=st.integers(130, 400), power=_SHARES)
def test_any_study_gets_numbers_in_range(lost, gained, n, power):
    rows = reaches(series((lost, gained, n)), power=0.5 + 0.49 * power)
    for row in rows:
        assert 0 < row.discordance <= 1
        assert 0 < row.detectable <= 1
        assert row.needed >= 1
        assert (row.advice == "") == (row.needed <= n)
        assert math.isnan(row.holdable) or 0 < row.holdable <= 0.5
        assert (row.holdable <= row.margin) == (row.needed <= n)


# ---- of a suite ----------------------------------------------------------------------


def suite_reaches(suite, *, policy=None, **settings):
    policy = policy or Policy()
    settings = {"checkpoints": 1, "discordance": 0.1, "level": Level()} | settings
    return {row.name: row for row in reach_of_suite(suite, policy=policy, **settings)}


def test_a_suite_is_planned_by_its_limits():
    choices = (
        TaskChoice(name="arc_easy", limit=300),
        TaskChoice(name="arc_challenge", limit=200),
        TaskChoice(name="gsm_plus"),
        TaskChoice(name="mine", limit=50),
    )
    rows = suite_reaches(Suite(name="s", choices=choices), checkpoints=4)
    assert (rows["knowledge"].n, rows["math"].n, rows["other"].n) == (500, None, 50)
    assert rows["knowledge"].detectable < rows["arc_easy"].detectable
    assert rows["math"].needed == plan(discordances=[0.1], level=Level(claims=12)).rows[0].items
    assert math.isnan(rows["gsm_plus"].detectable)


def test_the_testbed_knows_its_questions():
    rows = suite_reaches(load_suite("testbed"))
    assert all(row.n for row in rows.values())
    assert rows["knowledge"].n == rows["testbed_knowledge"].n + rows["testbed_knowledge_mc"].n


def test_a_policy_must_name_domains_of_the_suite():
    suite = Suite(name="s", choices=(TaskChoice(name="gsm8k", limit=100),))
    own = Policy(domains={"math": DomainPolicy(margin=0.1)})
    assert suite_reaches(suite, policy=own)["gsm8k"].margin == 0.1
    with pytest.raises(UsageError, match="safety"):
        suite_reaches(suite, policy=Policy(domains={"safety": DomainPolicy()}))
    with pytest.raises(UsageError, match="share"):
        suite_reaches(suite, discordance=0.0)
