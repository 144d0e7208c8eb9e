"""The gate over one comparison, and the series that leads to it."""

import math

import numpy as np
import pytest

from forgetscope.diagnosis import compare, diagnose, gate_rows, held_at_gate, judge
from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.records import DomainPolicy, Policy, Role, Verdict
from tests.strategies import column, counts, profile, task

FORGOT, SLIPPED, HELD = (60, 20, 500), (30, 10, 500), (12, 10, 1000)
OPEN_CASE, GAINED = (30, 24, 300), (5, 30, 500)


def series(*tables, role=Role.GENERAL):
    """A base and one checkpoint; each table is the only task of a domain d0, d1, ..."""
    tasks = [task(f"t{j}", domain=f"d{j}", role=role, chance=math.nan) for j in range(len(tables))]
    made = [(of, counts(*table)) for of, table in zip(tasks, tables, strict=True)]
    return [
        profile(label, *(column(of, values[side]) for of, values in made))
        for side, label in enumerate(("base", "step-40"))
    ]


def gate(*tables, role=Role.GENERAL, **settings):
    return diagnose(series(*tables, role=role), **settings).gate


@pytest.mark.parametrize(
    ("table", "by_default", "by_proof"),
    [
        (FORGOT, 1, 1),
        (SLIPPED, 0, 5),
        (OPEN_CASE, 0, 5),
        (HELD, 0, 0),
        (GAINED, 0, 0),
        ((0, 0, 5), 0, 5),
    ],
)
def test_exit_codes(table, by_default, by_proof):
    loose, strict = gate(table), gate(table, require="held")
    assert (loose.exit_code, loose.passed) == (by_default, by_default == 0)
    assert (strict.exit_code, strict.passed) == (by_proof, by_proof == 0)


def test_one_forgotten_domain_fails_whatever_the_others_gained():
    result = gate((200, 20, 500), GAINED, GAINED)
    assert result.exit_code == 1
    assert "d0" in result.reason
    assert "`step-40`" in result.reason


def test_a_failure_outranks_what_is_not_proved():
    assert gate((200, 20, 500), OPEN_CASE, require="held").exit_code == 1


@pytest.mark.parametrize("role", [Role.TARGET, Role.WATCH])
def test_target_and_watch_domains_are_left_out(role):
    result = gate(FORGOT, role=role)
    assert (result.exit_code, result.reason) == (0, "nothing was compared")
    assert gate(FORGOT, role=role, require="held").exit_code == 5


def test_domains_can_be_chosen():
    tables = ((200, 20, 500), HELD)
    assert gate(*tables, domains=["d1"]).exit_code == 0
    assert gate(*tables, domains=["d0", "d1"]).exit_code == 1
    with pytest.raises(UnknownNameError, match="`d7`"):
        gate(*tables, domains=["d7"])


def test_the_rows_of_the_gate_are_the_general_domains_or_the_named_ones():
    comparison = diagnose(series(FORGOT, HELD, GAINED)).comparisons[0]
    assert [row.name for row in gate_rows(comparison)] == ["d0", "d1", "d2"]
    assert [row.name for row in gate_rows(comparison, ["d2", "d0", "d2"])] == ["d2", "d0"]
    trained_for = diagnose(series(FORGOT, role=Role.TARGET)).comparisons[0]
    assert gate_rows(trained_for) == ()
    assert [row.name for row in gate_rows(trained_for, ["d0"])] == ["d0"]


@pytest.mark.parametrize("require", ["not-forgot", "held"])
@pytest.mark.parametrize("tables", [(FORGOT, SLIPPED), (OPEN_CASE, SLIPPED), (SLIPPED, HELD)])
def test_the_largest_loss_is_named_whatever_is_proved(tables, require):
    losses = [100 * (lost - gained) / n for lost, gained, n in tables]
    worst = losses.index(max(losses))
    reason = gate(*tables, require=require).reason
    assert reason.endswith(f" (largest loss: d{worst}, {max(losses):.1f} points)")


def test_where_nothing_fell_no_loss_is_named():
    assert "largest" not in gate(GAINED, (5, 5, 1000)).reason
    # 1 of 5,000 is no tenth of a point
    assert "largest" not in gate((11, 10, 5000)).reason


def test_what_cannot_be_measured_is_no_largest_loss():
    assert "largest" not in gate((4, 0, 5), GAINED).reason


def test_a_loss_in_another_unit_is_named_only_beside_no_points():
    of = task("wiki", domain="language", metric="perplexity", is_bounded=False, chance=math.nan)
    noise = np.random.default_rng(0).normal(0.5, 0.1, 200)
    words = [column(of, np.full(200, -8.0)), column(of, -8.0 - noise)]
    alone = diagnose([profile("base", words[0]), profile("step-40", words[1])])
    fell = -alone.comparisons[0].domains[0].change
    assert alone.gate.reason.endswith(f"(largest loss: language, {fell:.3f} perplexity)")
    beside = [
        profile(side.label, *side.columns, text)
        for side, text in zip(series(SLIPPED), words, strict=True)
    ]
    assert diagnose(beside).gate.reason.endswith("(largest loss: d0, 4.0 points)")


def test_each_domain_is_held_to_its_own_margin():
    table = (30, 24, 1000)  # a loss of 0.6 points
    policy = Policy(margin=0.02, domains={"d1": DomainPolicy(margin=0.005)})
    result = diagnose(series(table, table), policy=policy, require="held").gate
    assert result.exit_code == 5
    assert result.reason.startswith("not proved that `step-40` held d1 (")
    wide = Policy(margin=0.005, domains={"d0": DomainPolicy(margin=0.05)})
    rows = diagnose(series(table, table), policy=wide).comparisons[0].domains
    assert [held_at_gate(row) for row in rows] == [True, False]


def test_the_tier_of_a_policy_goes_before_the_role_of_the_tasks():
    watched = Policy(domains={"d0": DomainPolicy(role=Role.WATCH)})
    assert gate(FORGOT, HELD, policy=watched).exit_code == 0
    judged = Policy(domains={"d0": DomainPolicy(role=Role.GENERAL)})
    assert gate(FORGOT, role=Role.TARGET, policy=judged).exit_code == 1


def test_weights_decide_whether_a_small_task_can_be_forgotten():
    """A task of 100 items lost 30 points, one of 1,900 nothing: 1.5 points an item, 15 a task."""
    small, large = (task(name, domain="d0", chance=math.nan) for name in ("small", "large"))
    tables = {small: counts(30, 0, 100), large: counts(10, 10, 1900)}
    sides = [
        profile(label, *(column(of, values[side]) for of, values in tables.items()))
        for side, label in enumerate(("base", "step-40"))
    ]

    def change(weights):
        policy = Policy(domains={"d0": DomainPolicy(weights=weights)})
        found = diagnose(sides, policy=policy)
        return found.comparisons[0].domains[0].change, found.gate.exit_code

    assert change("items") == (pytest.approx(-0.015), 0)
    assert change("tasks") == (pytest.approx(-0.15), 1)
    assert change({"small": 1.0, "large": 4.0}) == (pytest.approx(-0.06), 1)


def test_held_at_the_gate_is_the_unadjusted_lower_end_beyond_minus_the_margin():
    for row in diagnose(series(FORGOT, SLIPPED, OPEN_CASE, HELD, (0, 0, 5))).comparisons[0].domains:
        measured = row.verdict is not Verdict.CANNOT_MEASURE
        assert held_at_gate(row) == (measured and row.unadjusted_low > -row.margin)


def test_what_is_open_is_a_warning_with_the_items_it_needs():
    diagnosis = diagnose(series(OPEN_CASE, (0, 0, 5)))
    needs = diagnosis.comparisons[0].domains[0].needs
    first, second = diagnosis.gate.warnings
    assert first == f"d0 is UNDECIDED: needs {needs:,} more items"
    assert "d1 cannot be measured" in second


def test_all_held_needs_no_correction_for_many_domains():
    """Rows that are open at the joint level can be proved at the gate's own."""
    diagnosis = diagnose(series(*[(25, 22, 900)] * 6), require="held")
    rows = diagnosis.comparisons[0].domains
    assert {row.verdict for row in rows} == {Verdict.UNDECIDED}
    assert all(row.unadjusted_low > -0.02 for row in rows)
    assert diagnosis.gate.exit_code == 0
    assert "at the gate's level" in diagnosis.gate.reason


def test_a_bare_comparison_can_be_judged():
    comparison = compare(*series(HELD))
    assert judge(comparison).exit_code == 0
    assert judge(comparison, require="held").exit_code == 0
    with pytest.raises(UsageError, match="`proved`"):
        judge(comparison, require="proved")


def path(*tables):
    """A series whose checkpoints differ from the base, all wrong to all right, by these tables."""
    of = task("t0", domain="d0", chance=math.nan)
    n = tables[0][2]
    base = np.repeat([1.0, 0.0], n // 2)
    made = [profile("base", column(of, base))]
    for step, (lost, gained, _) in enumerate(tables, 1):
        after = base.copy()
        after[:lost] = 0.0
        after[n - gained :] = 1.0
        made.append(profile(f"step-{step}", column(of, after)))
    return made


def test_the_last_checkpoint_is_judged_and_the_last_clean_one_named():
    fine, bad = (20, 20, 2000), (300, 20, 2000)
    assert diagnose(path(fine, fine, bad)).last_clean == "step-2"
    assert diagnose(path(fine, fine, bad)).gate.exit_code == 1
    recovered = diagnose(path(fine, bad, fine))
    assert recovered.last_clean == "step-1"
    assert recovered.gate.exit_code == 0
    assert diagnose(path(bad, fine)).last_clean is None
    assert diagnose(path(fine, fine)).last_clean == "step-2"


def test_comparisons_keep_the_order_of_the_series():
    diagnosis = diagnose(path(*[(60, 40, 1000)] * 4))
    assert [c.after for c in diagnosis.comparisons] == [f"step-{i}" for i in range(1, 5)]


def test_a_base_alone_has_a_profile_and_nothing_to_judge():
    base = series(HELD, (0, 0, 5))[0]
    diagnosis = diagnose([base])
    assert diagnosis.comparisons == ()
    assert [row.name for row in diagnosis.profile] == ["d0", "d1", "t0", "t1"]
    assert diagnosis.profile[0].before == pytest.approx(base.columns[0].value_I.mean())
    assert math.isnan(diagnosis.profile[0].after)
    assert (diagnosis.gate.exit_code, diagnosis.last_clean) == (0, None)
    assert diagnose([base], require="held").gate.exit_code == 5
    with pytest.raises(UnknownNameError):
        diagnose([base], domains=["d9"])


def test_the_profile_says_where_the_base_knows_too_little():
    guesses = column(task(), np.tile([1.0, 0, 0, 0], 50))
    assert "at chance" in diagnose([profile("base", guesses)]).profile[0].reason


def test_a_series_needs_distinct_checkpoints():
    base, other = series(HELD)
    with pytest.raises(UsageError, match="two checkpoints are called `step-40`"):
        diagnose([base, other, other])
    with pytest.raises(UsageError, match="at least one"):
        diagnose([])
