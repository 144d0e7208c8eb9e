"""Domains that were asked only until their verdict was proved."""

import math
from dataclasses import replace

import numpy as np
import pytest

from forgetscope.diagnosis import compare, diagnose, judge
from forgetscope.diagnosis.early import verdict_so_far
from forgetscope.errors import PairingError
from forgetscope.records import DomainPolicy, Findings, Look, Policy, Role, Verdict
from forgetscope.statistics import anytime_change, tickets
from tests.strategies import column, profile, task

SHARE = 0.3


def look(domain="science", *, share=SHARE, n=0, of=2000, seed=0, largest=1):
    return Look(domain=domain, n=n, of=of, share=share, seed=seed, largest=largest, margin=0.02)


def world(*, lost, gained=0.0, n=2000, seed=0, name="arc", domain="science", role=Role.GENERAL):
    """Scores of a base that is right in nine of ten, and of a checkpoint."""
    rng = np.random.default_rng(seed)
    before_I = (rng.random(n) < 0.9).astype(float)
    draw_I = rng.random(n)
    after_I = np.where((before_I == 1) & (draw_I < lost / 0.9), 0.0, before_I)
    after_I = np.where((before_I == 0) & (draw_I < gained / 0.1), 1.0, after_I)
    of = task(name, domain=domain, role=role)
    return column(of, before_I), column(of, after_I)


def sides(*columns, looks):
    before, after = zip(*columns, strict=True)
    return profile("base", *before), replace(profile("tuned", *after), looks=tuple(looks))


def test_the_verdict_of_a_stopped_domain_is_that_of_its_bets():
    first, second = world(lost=0.01, gained=0.01)
    comparison = compare(*sides((first, second), looks=[look()]))
    (cell,) = comparison.domains
    ticket_I = tickets(first.item_ids, seed=0)
    asked_I = np.flatnonzero(ticket_I < SHARE)
    path_I = asked_I[np.argsort(ticket_I[asked_I])]
    bets = anytime_change(
        (second.value_I - first.value_I)[path_I],
        np.arange(len(path_I)),
        margins=(0.02,),
        alpha=0.025,
    ).interval(0.025)
    assert (cell.n, cell.stopped_of, cell.method) == (len(path_I), 2000, "anytime bets")
    assert (cell.low, cell.high) == (bets.low, bets.high)


def test_an_interval_for_a_fixed_number_of_items_is_never_used_at_a_stop():
    """Where it alone would prove HELD, nothing is proved."""
    pair = world(lost=0.0005, gained=0.0005, n=1000)
    share = 0.18
    stopped = compare(*sides(pair, looks=[look(share=share, of=1000)])).domains[0]
    asked_I = np.flatnonzero(tickets(pair[0].item_ids, seed=0) < share)
    fixed = compare(
        profile("base", column(pair[0].task, pair[0].value_I[asked_I])),
        profile("tuned", column(pair[1].task, pair[1].value_I[asked_I])),
    ).domains[0]
    assert (fixed.n, fixed.verdict) == (stopped.n, Verdict.HELD)
    assert stopped.verdict is Verdict.UNDECIDED


def test_what_was_answered_beyond_the_stop_says_nothing():
    first, second = world(lost=0.05)
    beyond_I = tickets(first.item_ids, seed=0) >= SHARE
    spoilt = replace(second, value_I=np.where(beyond_I, 0.0, second.value_I))
    found = [compare(*sides((first, each), looks=[look()])) for each in (second, spoilt)]
    assert found[0].domains == found[1].domains
    assert found[0].warnings == found[1].warnings == ()


def test_a_task_with_no_item_before_the_stop_is_no_missing_task():
    pair = world(lost=0.3)
    late = [f"late-{i}" for i in range(400)]
    late = [name for name, t in zip(late, tickets(late, seed=0), strict=True) if t >= SHARE][:20]
    rare = column(task("rare", domain="science"), np.ones(20), ids=late)
    before = profile("base", pair[0], rare)
    after = replace(profile("tuned", pair[1]), looks=(look(),))
    comparison = compare(before, after)
    assert [cell.name for cell in comparison.tasks] == ["arc"]
    assert comparison.warnings == ()


def test_nothing_else_is_claimed_of_a_stopped_domain():
    comparison = compare(*sides(world(lost=0.3), looks=[look()]))
    (cell,) = comparison.domains
    assert cell.verdict is Verdict.FORGOT
    assert (cell.findings, cell.adjuncts) == (Findings(), ())


def test_domains_that_stopped_apart_have_no_verdict_together():
    pairs = [world(lost=0.3), world(lost=0.0, seed=1, name="nli", domain="logic")]
    comparison = compare(*sides(*pairs, looks=[look(), look("logic", share=0.9)]))
    assert comparison.overall.verdict is Verdict.CANNOT_MEASURE
    assert "different shares" in comparison.overall.reason
    assert math.isnan(comparison.overall.low)
    assert math.isnan(comparison.overall.p_value)


def test_a_domain_asked_to_its_end_is_judged_by_both_and_has_paid_for_it():
    pair = world(lost=0.015, gained=0.005, n=1000)
    plain = compare(*sides(pair, looks=[])).domains[0]
    watched = compare(*sides(pair, looks=[look(share=1.0, of=1000)])).domains[0]
    stopped = compare(*sides(pair, looks=[look(share=0.9999999, of=1000)])).domains[0]
    assert watched.n == plain.n == stopped.n
    assert watched.stopped_of is None
    assert stopped.low <= watched.low <= plain.low
    assert plain.high <= watched.high <= stopped.high
    assert watched.findings == plain.findings


def test_weights_of_a_policy_leave_nothing_to_bet_on():
    pairs = [world(lost=0.3), world(lost=0.0, seed=1, name="nli")]
    policy = Policy(domains={"science": DomainPolicy(weights="tasks")})
    stopped = compare(*sides(*pairs, looks=[look()]), policy=policy).domains[0]
    assert stopped.verdict is Verdict.CANNOT_MEASURE
    assert "plain means" in stopped.reason
    whole = compare(*sides(*pairs, looks=[look(share=1.0)]), policy=policy).domains[0]
    assert whole.verdict is Verdict.FORGOT


def test_two_random_orders_cannot_be_read_together():
    before, after = sides(world(lost=0.1), looks=[look(seed=1)])
    with pytest.raises(PairingError, match="different random orders"):
        compare(replace(before, looks=(look(),)), after)


def test_the_shorter_way_of_two_counts():
    before, after = sides(world(lost=0.1), looks=[look(share=0.5)])
    both = compare(replace(before, looks=(look(share=0.2),)), after).domains[0]
    alone = compare(before, replace(after, looks=(look(share=0.2),))).domains[0]
    assert both.n == alone.n < compare(before, after).domains[0].n


def test_gate_and_series_read_stopped_domains():
    held = world(lost=0.0, n=3000)
    base, tuned = sides(held, looks=[look(share=0.4, of=3000)])
    other = replace(tuned, label="later")
    result = diagnose([base, tuned, other], require="held")
    assert [c.domains[0].verdict for c in result.comparisons] == [Verdict.HELD] * 2
    assert result.gate.passed
    assert result.courses == ()
    bad = compare(*sides(world(lost=0.4), looks=[look()]))
    assert judge(bad).exit_code == 1


def test_it_is_decided_on_the_way_as_a_reader_would():
    pair = world(lost=0.05, gained=0.0, n=3000, seed=5)
    policy = Policy(margin=0.02)
    found = []
    for share in (0.1, 0.3, 0.6, 0.9):
        before, after = sides(pair, looks=[look(share=share, of=3000)])
        read = diagnose([before, *(replace(after, label=f"c{i}") for i in range(3))])
        verdict = verdict_so_far(before, after, policy=policy, n_claims=3)
        assert read.comparisons[0].domains[0].verdict is verdict
        found.append(verdict)
    assert len(set(found)) > 1


def test_one_can_look_from_either_side_of_a_single_item():
    """The first block may hold next to nothing: no verdict, and no error."""
    pair = world(lost=0.0, n=60)
    before, after = sides(pair, looks=[look(share=0.02, of=60)])
    found = verdict_so_far(before, after, policy=Policy(), n_claims=1)
    assert found is Verdict.CANNOT_MEASURE
