"""Stopping at the verdict, in few suites; `benchmarks/calibration.py --only stopping` has more."""

import numpy as np
import pytest
from simulate import stopping
from simulate.outcome import at_most

from forgetscope.evaluation.blocks import _cut
from tests.calibration.judge import not_above


def test_the_simulated_looks_are_those_of_an_evaluation():
    sizes = [(ticket, 1) for ticket in np.linspace(0, 1, stopping.N_ITEMS, endpoint=False)]
    assert tuple(b.n_so_far for b in _cut(sizes, fewest=50)) == stopping.ENDS


@pytest.mark.parametrize("world", stopping.WORLDS, ids=lambda world: world.words)
def test_a_suite_seldom_has_a_false_verdict_and_plain_cases_save_most_items(world):
    error, _, share = stopping.suites(21, 12, world)
    assert not_above(error)
    wanted = {"nothing changed": 0.25, "lost 10 points": 0.3, "lost 30 points": 0.06}
    assert share.measured <= wanted.get(world.words, 1.0)


def test_a_look_after_each_block_at_a_fixed_interval_holds_too_often_what_lost_the_margin():
    world = stopping.World(words="at the margin", discordance=0.04, loss=stopping.MARGIN)
    error, naive, _ = stopping.suites(22, 60, world)
    assert not_above(error)
    assert not not_above(at_most("", "", round(naive.measured * 60), 60))
