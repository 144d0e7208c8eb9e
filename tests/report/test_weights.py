"""Weights, rewards and probes of a run."""

import math

from forgetscope.records import Kind
from forgetscope.report import wording
from forgetscope.report.curve import MOST_POINTS
from forgetscope.report.weights import weights
from tests.report.behind_training import trace, training


def told(*traces, **others):
    return weights(training(traces=traces, **others) if traces else training(**others))


def entry(section, column, row=0):
    return section.table.rows[row].entries[section.table.columns.index(column)].text


def test_objectives_stand_in_the_order_of_the_record_and_probes_last():
    found = told(
        trace("facts/probe", Kind.PROBE), trace("math/accuracy"), trace("facts/replay", Kind.LOSS)
    )
    assert [panel.label for panel in found.panels] == [
        "Math: accuracy",
        "Facts: replay",
        "Facts: probe",
    ]


def test_the_finding_names_the_range_and_who_went_there():
    assert told().finding == "Weights ranged from 0.62 (Math: accuracy) to 1.38 (Logic: replay)"


def test_weights_within_the_band_are_called_nearly_uniform():
    found = told(trace(weights=(1.0, 1.05, 0.95, 1.0)))
    assert found.finding == ("The weights were nearly uniform: all stayed within 0.950 to 1.050")
    beyond = told(trace(weights=(1.0, 1.0501, 0.95, 1.0)))
    assert beyond.finding.startswith("Weights ranged")


def test_the_scale_of_weights_is_one_for_all_and_never_narrower_than_the_band():
    calm, wild = trace("a/b", weights=(1.0, 1.01, 1.0, 1.0)), trace("c/d", weights=(1, 2, 3, 4))
    [one] = told(calm).panels
    assert one.weight.axis.low <= 0.9
    assert one.weight.axis.high >= 1.1
    first, second = told(calm, wild).panels
    assert first.weight.axis == second.weight.axis
    assert first.value.axis is not second.value.axis


def test_weights_that_never_moved_are_not_drawn():
    found = told(trace("a/b"), trace("c/d"))
    assert found.finding == "Every weight was 1 throughout"
    assert [panel.weight for panel in found.panels] == [None, None]


def test_a_run_without_weights_says_so():
    found = told(trace(weights=()), trace("a/b", weights=()))
    assert found.finding == "2 objectives, none of them weighted"


def test_a_panel_shows_the_points_of_the_record():
    panel = told().panels[0]
    [piece] = panel.weight.pieces
    assert [(point.step, point.value) for point in piece] == list(
        zip((1, 2, 3, 4), (1.0, 0.9, 0.7, 0.62), strict=True)
    )
    assert (panel.weight.text, panel.value.text) == ("0.62", "0.700")


def test_a_probe_has_a_loss_and_no_weight():
    panel = told().panels[-1]
    assert panel.weight is None
    assert panel.value.title == "held-out loss"


def test_lines_break_where_steps_are_missing_and_the_page_says_so():
    gap = trace(steps=(1, 2, 3, 9), weights=(0.5, 0.6, 0.7, 1.5))
    found = told(gap)
    assert [len(piece) for piece in found.panels[0].weight.pieces] == [3, 1]
    assert any("breaks where steps are missing" in note for note in found.notes)
    assert not any("breaks" in note for note in told().notes)


def test_many_steps_are_thinned_and_the_page_says_so():
    n = 5000
    long = trace(n=n, weights=[1 + 0.5 * (-1) ** place for place in range(n)])
    found = told(long)
    for curve in (found.panels[0].weight, found.panels[0].value):
        assert sum(map(len, curve.pieces)) <= MOST_POINTS + 4
    assert any("training.parquet has all" in note for note in found.notes)
    assert not any("training.parquet" in note for note in told().notes)


def test_a_noisy_reward_has_the_mean_of_stretches_and_ends_at_the_last():
    n = 400
    noisy = trace(n=n, values=tuple(float(place % 2) for place in range(n)))
    panel = told(noisy).panels[0]
    assert {point.value for piece in panel.value.means for point in piece} == {0.5}
    assert panel.value.text == "0.500"


def test_what_was_done_is_not_averaged():
    n = 400
    assert not told(trace(n=n, weights=(0.5, 1.5) * (n // 2))).panels[0].weight.means


def test_the_table_has_ends_and_extremes_of_every_objective():
    found = told()
    assert entry(found, "Weight at the end") == "0.62"
    assert (entry(found, "Lowest", 1), entry(found, "Highest", 1)) == ("1.000", "1.38")
    assert (entry(found, "At the start"), entry(found, "At the end")) == ("0.100", "0.700")
    assert entry(found, "Weight at the end", 2) == wording.UNDEFINED
    assert entry(found, "Seen at", 2) == "2 steps"


def test_rule_steps_time_and_seed_are_told():
    assert told().about == "RECAP, rule code, 2,000 steps, 14 min of training, seed 3"
    bare = told(method="grpo", rule="", seconds=math.nan)
    assert bare.about == "GRPO, 2,000 steps, seed 3"


def test_values_that_are_undefined_leave_no_curve_and_no_number():
    found = told(trace(values=(math.nan,) * 4, weights=(1.0, 2.0, math.nan, 0.5)))
    [panel] = found.panels
    assert panel.value is None
    assert [len(piece) for piece in panel.weight.pieces] == [2, 1]
    assert "At the end" not in found.table.columns


def test_rewards_of_nothing_but_zeros_can_be_read():
    [panel] = told(trace(values=(0.0,) * 4)).panels
    assert panel.value.text == "0.000"
    assert next(tick.text for tick in panel.value.axis.ticks) == "0"


def test_without_a_trace_there_is_no_section():
    assert weights(training(traces=())) is None
    assert weights(training(traces=[trace(n=0)])) is None
