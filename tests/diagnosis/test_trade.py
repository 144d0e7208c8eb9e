"""What a series gained on its target, and what that cost elsewhere."""

import math

from forgetscope.diagnosis import rival_of, trade_points
from forgetscope.diagnosis.trade import target_of
from forgetscope.records import Role, Verdict
from tests.report import made


def series(*steps):
    return made.diagnosis(*steps)


def sums(**others):
    fields = {"verdict": Verdict.GAINED, "role": Role.TARGET, "change": 0.2}
    return made.cell("sums", **(fields | others))


def test_every_checkpoint_has_a_point_with_the_intervals_of_its_cells():
    found = trade_points(
        series(made.comparison("step-10"), made.comparison("step-20")), made.SERIES
    )
    assert [(point.label, point.step) for point in found] == [("step-10", 10), ("step-20", 2000)]
    target, overall = made.example_domains()[-1], made.comparison().overall
    for point in found:
        assert (point.gain, point.gain_low, point.gain_high) == (
            target.change,
            target.low,
            target.high,
        )
        assert (point.general, point.general_low, point.general_high) == (
            overall.change,
            overall.low,
            overall.high,
        )


def test_a_base_that_cannot_do_the_target_still_gains_on_it():
    floor = sums(verdict=Verdict.CANNOT_MEASURE, reason="base at the floor")
    assert target_of(series(made.comparison(domains=[floor]))) == "sums"
    [point] = trade_points(series(made.comparison(domains=[floor])))
    assert point.gain == 0.2


def test_without_a_target_the_gain_is_undefined_and_the_cost_is_not():
    diagnosis = series(made.comparison(domains=[made.cell()]))
    assert target_of(diagnosis) is None
    [point] = trade_points(diagnosis)
    assert math.isnan(point.gain)
    assert math.isnan(point.gain_low)
    assert point.general == -0.02
    assert point.step is None


def test_of_two_targets_the_first_that_has_a_share_is_told_at_every_checkpoint():
    words = sums(metric="word_perplexity")
    sorting = made.cell("sorting", role=Role.TARGET, change=0.3)
    early = made.comparison("a", domains=[sums()])
    late = made.comparison("b", domains=[words, sorting, made.cell()])
    assert target_of(series(early, late)) == "sorting"
    first, second = trade_points(series(early, late))
    assert math.isnan(first.gain)
    assert second.gain == 0.3


def test_a_rival_has_the_points_and_the_last_domains_of_its_series():
    diagnosis = series(made.comparison("step-10"), made.comparison("step-20"))
    rival = rival_of(diagnosis, method="grpo", checkpoints=made.SERIES)
    assert rival.method == "grpo"
    assert rival.points == trade_points(diagnosis, made.SERIES)
    # what has no change has no place in it
    assert [cell.domain for cell in rival.cells] == [
        cell.name for cell in made.example_domains() if cell.name != "tools"
    ]
    logic = next(cell for cell in rival.cells if cell.domain == "logic")
    whole = made.example_domains()[2]
    assert (logic.n, logic.change, logic.low, logic.high, logic.verdict) == (
        whole.n,
        whole.change,
        whole.low,
        whole.high,
        whole.verdict,
    )


def test_a_base_alone_has_no_point_and_is_no_rival():
    assert trade_points(series()) == ()
    assert rival_of(series(), method="grpo").cells == ()
