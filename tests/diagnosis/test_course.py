"""The way of a domain through a series."""

import math
from dataclasses import replace

import numpy as np
import pytest

from forgetscope.diagnosis import diagnose
from forgetscope.records import DomainPolicy, Policy
from tests.strategies import column, profile, task

N = 1200


def series(*shares, steps=None, n=N, seed=0):
    """A base that knows 70 %, and checkpoints that lost (or gained) so many shares of the items."""
    rng = np.random.default_rng(seed)
    of = task(chance=math.nan)
    base = (np.arange(n) < 0.7 * n).astype(float)
    made = [profile("base", column(of, base))]
    for place, share in enumerate(shares):
        after = base.copy()
        if share < 0:
            after[: round(-share * n)] = 0.0
        else:
            after[n - round(share * n) :] = 1.0
        noisy = rng.choice(n, 24, replace=False)
        after[noisy] = 1 - after[noisy]
        step = None if steps is None else steps[place]
        made.append(profile(f"step-{place + 1}", column(of, after), step=step))
    return made


def course(*shares, **settings):
    policy = settings.pop("policy", Policy())
    (found,) = diagnose(series(*shares, **settings), policy=policy).courses
    return found


def test_one_checkpoint_has_no_course():
    assert diagnose(series(-0.1)).courses == ()


def test_the_worst_drop_is_from_the_proved_peak():
    found = course(0.1, 0.15, -0.1)
    assert found.worst == "step-2"
    assert found.worst_drop.value == pytest.approx(0.25, abs=0.03)
    assert 0.15 < found.worst_drop.low < found.worst_drop.value
    assert math.isnan(found.worst_drop.high)
    assert found.naive_drop >= found.worst_drop.value


def test_a_series_that_stands_still_has_no_proved_drop():
    found = course(0.0, 0.0, 0.0, 0.0)
    assert found.worst_drop.low <= 0.0
    assert (found.onset, found.recovery, found.trough) == (None, None, None)


def test_the_onset_is_where_the_loss_begins_and_stays():
    assert course(0.0, -0.1, -0.12).onset == "step-2"
    assert course(-0.1, 0.0, -0.12).onset == "step-3"
    assert course(-0.1, -0.12, 0.0).onset is None


def test_a_recovery_is_told_from_its_trough_and_may_be_full():
    full = course(-0.15, -0.2, 0.0)
    assert (full.trough, full.recovery, full.is_full_recovery) == ("step-2", "step-3", True)
    part = course(-0.3, -0.15)
    assert (part.trough, part.recovery, part.is_full_recovery) == ("step-1", "step-2", False)


def test_the_margin_of_the_domain_says_what_full_means():
    wide = Policy(domains={"science": DomainPolicy(margin=0.3)})
    assert course(-0.4, -0.15, policy=wide).is_full_recovery


def test_a_trend_needs_steps():
    shares = (-0.05, -0.1, -0.15)
    found = course(*shares, steps=(10, 100, 1000))
    assert found.trend.value < 0.0
    assert found.trend.high < 0.0
    assert found.trend.p_value < 0.01
    assert math.isnan(course(*shares).trend.value)


def test_the_noise_of_steps_needs_five_checkpoints():
    assert math.isnan(course(0.0, 0.0, 0.0, 0.0).step_noise)
    restless = course(0.1, -0.1, 0.1, -0.1, 0.1, -0.1)
    calm = course(*[0.0] * 6)
    assert restless.step_noise > 0.1 > calm.step_noise
    assert restless.advised_margin == pytest.approx(2 * restless.step_noise)
    assert calm.advised_margin == 0.02
    assert restless.run_level.high - restless.run_level.low > 0.2
    assert math.isnan(course(0.0, 0.0).run_level.low)


def test_the_noise_of_steps_is_a_floor_for_the_cells():
    found = diagnose(series(0.1, -0.1, 0.1, -0.1, 0.1, -0.1))
    row = found.comparisons[-1].domains[0]
    assert row.findings.noise.step == found.courses[0].step_noise
    assert row.noise_floor == pytest.approx(2 * found.courses[0].step_noise)


def test_checkpoints_are_followed_over_the_items_they_share():
    """A checkpoint that lacks items does not stop the course; the others' items wait."""
    made = series(0.0, -0.1, -0.12)
    short = made[2].columns[0]
    made[2] = replace(
        made[2],
        columns=(
            replace(
                short,
                item_ids=short.item_ids[:1000],
                prompt_hashes=short.prompt_hashes[:1000],
                clusters=short.clusters[:1000],
                chance_I=short.chance_I[:1000],
                value_I=short.value_I[:1000],
                form_I=short.form_I[:1000],
            ),
        ),
    )
    (found,) = diagnose(made).courses
    base, last = made[0].columns[0].value_I[:1000], made[3].columns[0].value_I[:1000]
    assert found.worst_drop.value >= (base - last).mean() - 1e-12


def test_domains_without_evidence_have_no_course():
    of = task(chance=math.nan)
    few = [profile(str(k), column(of, np.ones(5))) for k in range(4)]
    assert diagnose(few).courses == ()


def test_weights_of_the_policy_reach_the_course():
    rng = np.random.default_rng(1)
    tasks = [task("big", chance=math.nan), task("small", chance=math.nan)]
    base = [(rng.random(n) < 0.7).astype(float) for n in (900, 100)]
    lost = [base[0], np.where(rng.random(100) < 0.5, 0.0, base[1])]
    made = [
        profile(label, *(column(of, x) for of, x in zip(tasks, values, strict=True)))
        for label, values in (("base", base), ("one", base), ("two", lost))
    ]
    policy = Policy(domains={"science": DomainPolicy(weights="tasks")})
    found = diagnose(made, policy=policy)
    assert found.courses[0].worst_drop.value == pytest.approx(
        -found.comparisons[-1].domains[0].change
    )
