"""Domains: tasks together, with weights."""

import math
from dataclasses import replace

import numpy as np
import pytest

from forgetscope.diagnosis import compare
from forgetscope.errors import UsageError
from forgetscope.records import DomainPolicy, OutputType, Policy, Purpose, Role
from tests.strategies import column, counts, evidence, profile, task


def sides(*made):
    return [
        profile(label, *(column(of, values[k]) for of, values in made))
        for k, label in enumerate(("base", "later"))
    ]


def weighted(weights, *tables):
    made = [(task(f"t{j}", chance=math.nan), counts(*table)) for j, table in enumerate(tables)]
    policy = Policy(domains={"science": DomainPolicy(weights=weights)})
    return compare(*sides(*made), policy=policy).domains[0]


BIG, SMALL = (0, 0, 900), (20, 0, 100)


def test_items_weigh_alike_unless_the_policy_says_otherwise():
    assert weighted("items", BIG, SMALL).change == pytest.approx(-20 / 1000)
    assert weighted("tasks", BIG, SMALL).change == pytest.approx(-(0 / 900 + 20 / 100) / 2)
    own = weighted({"t0": 3.0, "t1": 1.0}, BIG, SMALL)
    assert own.change == pytest.approx(-(3 * 0 + 1 * 0.2) / 4)


def test_a_cell_names_its_weighting():
    assert weighted("items", BIG, SMALL).weighting == "items"
    assert weighted("tasks", BIG, SMALL).weighting == "tasks"
    assert weighted({"t0": 3.0, "t1": 1.0}, BIG, SMALL).weighting == "own"


def test_sparse_strata_take_the_published_mover_interval():
    """Macro mean of (3,1,100), (0,0,50), (6,2,200): -0.013333, (-0.045788, 0.017013) at 95 %."""
    policy = Policy(alpha=0.025, domains={"science": DomainPolicy(weights="tasks")})
    tables = [(3, 1, 100), (0, 0, 50), (6, 2, 200)]
    made = [(task(f"t{j}", chance=math.nan), counts(*table)) for j, table in enumerate(tables)]
    row = compare(*sides(*made), policy=policy).domains[0]
    assert row.change == pytest.approx(-0.013333, abs=1e-6)
    assert (row.unadjusted_low, row.unadjusted_high) == pytest.approx(
        (-0.045788, 0.017013), abs=1e-6
    )


@pytest.mark.parametrize("weights", [{"t0": 1.0}, {"t0": 1.0, "t1": 1.0, "t9": 1.0}])
def test_weights_that_fit_no_tasks_are_refused(weights):
    with pytest.raises(UsageError, match="weights of science") as caught:
        weighted(weights, BIG, SMALL)
    assert "t0" in caught.value.hint


def test_a_tier_of_the_policy_outranks_the_role_of_the_suite():
    policy = Policy(domains={"science": DomainPolicy(role=Role.WATCH)})
    found = compare(*sides((task(chance=math.nan), counts(90, 0, 300))), policy=policy)
    assert found.domains[0].role is Role.WATCH
    assert found.tasks[0].role is Role.WATCH


def test_a_watched_domain_is_no_part_of_the_total():
    policy = Policy(domains={"reading": DomainPolicy(role=Role.WATCH)})
    made = [
        (task("a", domain="science", chance=math.nan), counts(0, 0, 300)),
        (task("b", domain="reading", chance=math.nan), counts(90, 0, 300)),
    ]
    assert compare(*sides(*made), policy=policy).overall.change == 0.0


def mixed(policy):
    """One task that could be lost, and one of its domain that is watched and rose."""
    made = [
        (replace(task("bias", domain="safety"), chance=math.nan), counts(90, 0, 300)),
        (replace(task("hazard", domain="safety"), role=Role.WATCH), counts(0, 200, 300)),
    ]
    return compare(*sides(*made), policy=policy)


@pytest.mark.parametrize("weights", ["items", "tasks", {"bias": 1.0, "hazard": 2.0}])
def test_a_watched_task_cannot_hide_the_loss_of_the_domain_it_lies_in(weights):
    found = mixed(Policy(domains={"safety": DomainPolicy(weights=weights)}))
    (safety,) = found.domains
    assert (safety.n, safety.role, str(safety.verdict)) == (300, Role.GENERAL, "FORGOT")
    assert [cell.role for cell in found.tasks] == [Role.GENERAL, Role.WATCH]


def test_a_policy_that_names_the_tier_of_a_domain_judges_all_of_it():
    (safety,) = mixed(Policy(domains={"safety": DomainPolicy(role=Role.GENERAL)})).domains
    assert safety.n == 600


def test_a_domain_is_held_out_where_all_its_tasks_are():
    dev, held_out = task("a", chance=math.nan), task("b", chance=math.nan)
    held_out = replace(held_out, purpose=Purpose.HELD_OUT)
    table = counts(9, 3, 100)
    alone = compare(*sides((held_out, table)))
    both = compare(*sides((dev, table), (held_out, table)))
    assert alone.domains[0].purpose is Purpose.HELD_OUT
    assert both.domains[0].purpose is None
    assert [cell.purpose for cell in both.tasks] == [Purpose.DEV, Purpose.HELD_OUT]


def test_each_domain_has_the_margin_of_its_policy():
    policy = Policy(margin=0.02, domains={"reading": DomainPolicy(margin=0.2)})
    table = counts(60, 10, 500)
    made = [
        (task("a", domain="science", chance=math.nan), table),
        (task("b", domain="reading", chance=math.nan), table),
    ]
    science, reading = compare(*sides(*made), policy=policy).domains
    assert (science.margin, str(science.verdict)) == (0.02, "FORGOT")
    assert (reading.margin, str(reading.verdict)) == (0.2, "HELD")


def test_bits_per_byte_are_a_ratio_of_totals():
    """A long text counts by its bytes, not as one among texts."""
    of = task(
        "wikitext",
        metric="bits_per_byte",
        higher_is_better=False,
        is_bounded=False,
        chance=math.nan,
        output_type=OutputType.ROLLING,
    )
    rng = np.random.default_rng(0)
    n_bytes = rng.integers(100, 10_000, 50).astype(float)
    before, after = rng.uniform(0.8, 1.2, 50), rng.uniform(0.9, 1.3, 50)
    known = evidence(50, gold_bytes_I=n_bytes)
    row = compare(
        profile("base", column(of, before, evidence=known)),
        profile("later", column(of, after, evidence=known)),
    ).tasks[0]
    assert row.before == pytest.approx((before @ n_bytes) / n_bytes.sum())
    assert row.change == pytest.approx(-((after - before) @ n_bytes) / n_bytes.sum())
    assert row.weighting == "bytes"
