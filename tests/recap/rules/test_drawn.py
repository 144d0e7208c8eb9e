"""The rule `random`: blind weights of a known spread."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import UsageError
from forgetscope.recap import make_rule
from forgetscope.recap.rules.drawn import log_spread
from tests.recap.rules.made import OBJECTIVES, made, tell

STEP = dict.fromkeys(OBJECTIVES, 0.5)


def run(rule, n_steps):
    rows = []
    for _ in range(n_steps):
        tell(rule, STEP)
        rows.append(rule.weights())
    return rows


@given(st.integers(0, 1000), st.floats(0, 3), st.integers(2, 9))
def test_every_draw_has_exactly_the_stated_spread(seed, spread, n):
    rule = make_rule("random", seed=seed, spread=spread, objectives=[f"d{k}/x" for k in range(n)])
    log_K = np.log(list(rule.weights().values()))
    assert log_K.std() == pytest.approx(spread, abs=1e-9)


def test_the_spread_of_another_rule_can_be_measured_and_matched():
    rule, rng = made("code", temperature=0.5), np.random.default_rng(3)
    rows = []
    for _ in range(40):
        tell(rule, {name: rng.uniform(0.1, 1) for name in OBJECTIVES})
        rows.append(rule.weights().values())
    spread = log_spread(rows)
    control = run(made("random", spread=spread), 40)
    assert 0.05 < spread < 1
    assert log_spread(row.values() for row in control) == pytest.approx(spread)


def test_every_step_draws_anew_and_asking_again_does_not():
    rule = made("random")
    first, second = run(rule, 2)
    assert first != second
    assert rule.weights() == second == rule.weights()


def test_a_step_may_be_observed_in_parts():
    """As a trainer does: rewards when completions are scored, replay losses later."""
    whole, parts = (made("random", objectives=list(OBJECTIVES)) for _ in range(2))
    for _ in range(3):
        tell(whole, STEP)
        for objective, value in STEP.items():
            parts.weights()
            tell(parts, {objective: value})
        assert parts.weights() == whole.weights()


def test_a_draw_may_be_kept_for_several_steps():
    rows = run(made("random", hold_steps=3), 9)
    assert rows[0] == rows[1] == rows[2] != rows[3]
    assert rows[3] == rows[4] == rows[5] != rows[6]


def test_the_seed_decides_the_draws():
    assert run(made("random", seed=1), 4) == run(made("random", seed=1), 4)
    assert run(made("random", seed=1), 4) != run(made("random", seed=2), 4)


def test_no_objective_is_favoured():
    """The mean log weight of each objective over 2,000 draws lies within 4 standard errors of 0."""
    rows = run(made("random", spread=0.5), 2000)
    log_SK = np.log([list(row.values()) for row in rows])
    centred_SK = log_SK - log_SK.mean(axis=1, keepdims=True)
    assert (np.abs(centred_SK.mean(axis=0)) < 4 * 0.5 / math.sqrt(2000)).all()


def test_an_objective_alone_weighs_one():
    rule = made("random")
    rule.observe("math/accuracy", 0.1)
    assert rule.weights() == {"math/accuracy": 1.0}


def test_without_a_seed_nothing_is_drawn():
    with pytest.raises(UsageError, match="needs a seed") as caught:
        make_rule("random")
    assert caught.value.hint == 'make_rule("random", seed=0)'


@pytest.mark.parametrize("steps", [[], [[]], [[1.0, 0.0]], [[1.0], [-1.0]]])
def test_a_spread_is_measured_on_weights_above_zero(steps):
    with pytest.raises(UsageError, match="weights above 0"):
        log_spread(steps)
