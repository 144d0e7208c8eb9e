"""The trade-off tells every method's gain and cost, as the records have them."""

import math
from dataclasses import replace

import pytest

from forgetscope.diagnosis import trade_points
from forgetscope.records import Role, Verdict
from forgetscope.report import wording
from forgetscope.report.runs import SHAPES, duration, runs_of
from forgetscope.report.trade import trade_off
from tests.report import made
from tests.report.behind_training import UNDEFINED, point, rival, training

STEPS = ("step-10", "step-20")


def name(label):
    return label.replace("step-", "step ")


def off(*, domains=None, **others):
    diagnosis = made.diagnosis(*(made.comparison(label, domains=domains) for label in STEPS))
    return trade_off(diagnosis, training(**others), checkpoints=made.SERIES, name=name)


def test_the_series_of_the_page_comes_first_with_a_mark_for_each_checkpoint():
    own, other = off().paths
    diagnosis = made.diagnosis(*map(made.comparison, STEPS))
    points = trade_points(diagnosis, made.SERIES)
    assert own.run.name == "RECAP"
    assert [(mark.gain, mark.general) for mark in own.marks] == [
        (100 * point.gain, 100 * point.general) for point in points
    ]
    assert [mark.label for mark in own.marks] == ["10", "2,000"]
    assert (own.label, other.label) == ("RECAP · 2,000", "GRPO · 20")


def test_the_whiskers_are_the_intervals_of_the_last_checkpoint():
    _, other = off().paths
    last = point()
    assert (other.gain_low, other.gain_high) == (100 * last.gain_low, 100 * last.gain_high)
    assert (other.general_low, other.general_high) == (
        100 * last.general_low,
        100 * last.general_high,
    )


def test_methods_differ_in_shape_and_word():
    many = off(rivals=[rival(method) for method in ("grpo", "replay", "random", "blend")])
    assert len({path.run.shape for path in many.paths}) == 5
    assert len({path.run.name for path in many.paths}) == 5
    assert {path.run.shape for path in many.paths} == set(SHAPES)


def test_a_method_that_comes_twice_looks_the_same_twice():
    _, first, second = off(rivals=[rival("grpo"), rival("grpo", gain=0.1)]).paths
    assert first.run == second.run


def test_the_finding_names_gain_and_cost_of_every_method():
    assert off().finding == (
        "Math +10.3 at −2.0 in general domains with RECAP; +15.0 at −5.0 with GRPO"
    )
    many = off(rivals=[rival(method) for method in ("grpo", "replay", "random", "blend")])
    assert many.finding.endswith("; and two more")


def test_the_table_has_the_last_checkpoint_with_its_intervals():
    table = off().table
    assert table.columns == ("Checkpoint", "Math", "All general domains")
    assert [row.label for row in table.rows] == ["RECAP", "GRPO"]
    checkpoint, gain, general = table.rows[1].entries
    assert checkpoint.text == "step 20"
    assert (gain.text, gain.note) == ("+15.0", "[+13.0, +17.0]")
    assert (general.text, general.note) == ("−5.0", "[−7.0, −3.0]")


def test_every_mark_is_told_in_words():
    told = off()
    assert "GRPO, step 10: Math +8.0 [+6.0, +10.0], general domains −3.0" in told.summary
    assert told.summary.count("Math") == 4


def test_the_axes_hold_base_margin_and_every_mark():
    told = off()
    for axis, values in (
        (told.general, [0.0, told.margin, *(m.general for p in told.paths for m in p.marks)]),
        (told.gain, [0.0, *(m.gain for p in told.paths for m in p.marks)]),
    ):
        assert axis.low <= min(values)
        assert max(values) <= axis.high
    assert told.margin == -2.0


def test_a_wild_interval_does_not_flatten_the_paths():
    wild = replace(point(), gain_high=9.0, general_low=-math.inf)
    told = off(rivals=[replace(rival(), points=(wild,))])
    assert told.gain.high < 40
    assert told.general.low > -20


def test_without_a_target_there_is_no_trade_off():
    assert off(domains=[made.cell()]) is None


def test_a_target_that_the_base_cannot_do_is_gain_all_the_same():
    floor = made.cell("math", Verdict.CANNOT_MEASURE, change=0.2, role=Role.TARGET)
    assert off(domains=[floor, made.cell()]).paths[0].marks[-1].gain == 20


def test_a_rival_that_was_not_measured_has_no_path_but_its_row():
    nothing = replace(rival(), points=(UNDEFINED,))
    told = off(rivals=[nothing])
    assert [path.run.name for path in told.paths] == ["RECAP"]
    assert told.table.rows[1].entries[1].text == wording.UNDEFINED
    assert off(rivals=[replace(rival(), points=())]).table.rows[-1].label == "RECAP"


def test_a_change_without_an_interval_says_so():
    bare = replace(point(), gain_low=math.nan, gain_high=math.nan)
    told = off(rivals=[replace(rival(), points=(bare,))])
    assert told.table.rows[1].entries[1].note == "no interval"
    assert math.isnan(told.paths[1].gain_low)


def test_the_seed_is_named_and_what_one_seed_cannot_tell():
    assert "seed 3" in off().note
    assert "How far two runs of one method lie apart" in off().note
    assert off(rivals=()).note == "This is one training run, with seed 3."


def test_unknown_methods_keep_their_name_clean():
    [run] = runs_of(["my\x1b[2J\nmethod"]).values()
    assert run.name == "my[ESC][2J method"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (99.4, "99 s"), (100, "2 min"), (5940, "99 min"), (6000, "1 h 40 min")],
)
def test_times_are_rounded_to_what_matters(seconds, text):
    assert duration(seconds) == text
    assert duration(math.nan) == duration(0.0) == ""
