"""Which blend is taken, and which are tried."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.diagnosis import compare
from forgetscope.diagnosis.blending import (
    COARSE,
    FINER,
    choose,
    finer_shares,
    gain_of,
    point_of,
    why_none,
    worst_of,
)
from forgetscope.records import BlendCell, BlendPoint, Policy, Role, Verdict
from tests import strategies
from tests.strategies import column, counts, profile, task

FORGOT, HELD, OPEN = (60, 20, 500), (12, 10, 1000), (30, 24, 300)


def cell(change, *, domain="math", role=Role.TARGET, n=100, **others):
    fields = {"low": change, "high": change, "verdict": Verdict.GAINED}
    return BlendCell(domain=domain, role=role, n=n, change=change, **(fields | others))


def point(share, gain, *, is_allowed=True):
    return BlendPoint(share=share, cells=(cell(gain),), is_allowed=is_allowed)


def blended(*tables, target=(10, 60, 200)):
    """A base and a blend: a target domain, and a general one for each table of transitions."""
    goal = task("sums", domain="math", role=Role.TARGET, chance=math.nan)
    others = [task(f"t{j}", domain=f"d{j}", chance=math.nan) for j, _ in enumerate(tables)]
    made = [(of, counts(*t)) for of, t in zip((goal, *others), (target, *tables), strict=True)]
    before, after = (
        profile(label, *(column(of, values[side]) for of, values in made))
        for side, label in enumerate(("base", "blend-0.3"))
    )
    return compare(before, after, policy=Policy(margin=0.02))


@given(points=st.lists(strategies.blend_points(), max_size=8))
def test_what_is_chosen_is_allowed_and_no_allowed_blend_gains_more(points):
    chosen = choose(points)
    gains = [gain_of(p) for p in points if p.is_allowed and p.share > 0]
    if chosen is None:
        assert not any(gain > 0 for gain in gains)
    else:
        assert chosen.is_allowed
        assert chosen.share > 0
        assert gain_of(chosen) == max(gain for gain in gains if gain > 0)


def test_of_two_equal_blends_the_nearer_to_the_base_is_chosen():
    assert choose([point(0.5, 0.3), point(0.3, 0.3), point(0.7, 0.2)]).share == 0.3


def test_nothing_is_chosen_where_nothing_is_allowed_or_gained():
    assert choose([point(0.0, 0.0), point(0.3, 0.4, is_allowed=False)]) is None
    assert choose([point(0.1, 0.0), point(0.3, -0.1), point(0.5, math.nan)]) is None


def test_the_gain_counts_every_item_of_every_target_domain_once():
    cells = (cell(0.5, n=300), cell(0.1, domain="code", n=100), cell(math.nan, n=0))
    general = cell(-0.9, domain="reading", role=Role.GENERAL)
    blend = BlendPoint(share=0.3, cells=(*cells, general), is_allowed=True)
    assert gain_of(blend) == pytest.approx(0.4)
    assert math.isnan(gain_of(BlendPoint(share=0.3, cells=(general,), is_allowed=True)))


def test_the_worst_general_domain_is_told_in_points_where_one_can_be():
    text = cell(-7.0, domain="language", role=Role.GENERAL, metric="word_perplexity")
    fell = cell(-0.04, domain="reading", role=Role.GENERAL)
    held = cell(0.0, domain="logic", role=Role.GENERAL)
    unknown = cell(math.nan, domain="safety", role=Role.GENERAL)
    target = cell(-0.5)

    def blend(*cells):
        return BlendPoint(share=0.3, cells=cells, is_allowed=True)

    assert worst_of(blend(text, fell, held, unknown, target)) is fell
    assert worst_of(blend(text, target)) is text
    assert worst_of(blend(unknown, target)) is None


@pytest.mark.parametrize(
    ("table", "require", "reason"),
    [
        (HELD, "not-forgot", ""),
        (OPEN, "not-forgot", ""),
        (FORGOT, "not-forgot", "forgot d1"),
        (HELD, "held", ""),
        (OPEN, "held", "not proved held: d1"),
        (FORGOT, "held", "forgot d1"),
    ],
)
def test_a_blend_is_allowed_by_its_verdicts(table, require, reason):
    found = point_of(blended(HELD, table), share=0.3, require=require)
    assert (found.reason, found.is_allowed) == (reason, not reason)
    assert [each.domain for each in found.cells] == ["math", "d0", "d1"]
    assert not found.was_stopped


def test_the_target_may_fall_without_being_called_forgotten():
    found = point_of(blended(HELD, target=(60, 10, 200)), share=0.3, require="not-forgot")
    assert found.is_allowed
    assert choose([found]) is None


def test_of_a_blend_that_was_stopped_only_what_stopped_it_is_said():
    comparison = blended(OPEN, FORGOT)
    found = point_of(comparison, share=0.3, require="not-forgot", stopped=("d0",))
    assert (found.reason, found.is_allowed, found.was_stopped) == ("forgot d0", False, True)


@given(points=st.lists(strategies.blend_points(), max_size=8), step=st.sampled_from(FINER))
def test_finer_shares_are_new_and_lie_a_step_from_the_best(points, step):
    chosen = choose(points)
    centre = 0.0 if chosen is None else chosen.share
    shares = finer_shares(points, step=step)
    assert not {p.share for p in points} & set(shares)
    for share in shares:
        assert 0 < share < 1
        assert abs(share - centre) == pytest.approx(step)


def test_the_whole_search_ends_within_a_twentieth_of_the_best_share():
    """Gain rises with the share, and nothing beyond a limit is allowed."""
    for limit in (0.04, 0.07, 0.24, 0.5, 0.86, 1.0):
        points = [point(share, share, is_allowed=share <= limit) for share in (0.0, 1.0, *COARSE)]
        for step in FINER:
            points += [
                point(share, share, is_allowed=share <= limit)
                for share in finer_shares(points, step=step)
            ]
        chosen = choose(points)
        assert len(points) <= 2 + len(COARSE) + 4
        assert (chosen is None) if limit < 0.05 else 0 <= limit - chosen.share < 0.05 + 1e-9


def test_a_blend_of_which_nothing_general_is_known_is_not_allowed():
    for require in ("not-forgot", "held"):
        found = point_of(blended((2, 0, 5), (0, 0, 6)), share=0.3, require=require)
        assert (found.reason, found.is_allowed) == ("no general domain can be measured", False)
        assert why_none([found], require=require).startswith("no general domain can be measured")


def test_why_nothing_was_chosen_is_told_by_what_is_missing():
    gains_nothing = [point(0.0, 0.0), point(0.3, -0.1)]
    assert why_none(gains_nothing, require="held") == "no blend gains on the target"
    costs = [*gains_nothing, point(0.5, 0.2, is_allowed=False)]
    assert why_none(costs, require="not-forgot").endswith("gains on the target forgot something")
    assert "proved to hold every general domain" in why_none(costs, require="held")
