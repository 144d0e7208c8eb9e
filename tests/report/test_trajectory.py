"""Paths of domains: the same numbers as the record, in page and picture."""

import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from forgetscope.records import Role, Verdict
from forgetscope.report import ReportView
from forgetscope.report.figures import paths
from forgetscope.report.svg_trajectory import path_plot
from forgetscope.report.trajectory import trajectories
from tests.report import behind, made


def series(*changes, steps=True, **others):
    """Logic at one checkpoint after another, and a target beside it."""
    labels = [f"s{place}" for place in range(1, len(changes) + 1)]
    comparisons = [
        made.comparison(
            label,
            domains=[
                made.unmeasured("logic")
                if math.isnan(change)
                else made.cell("logic", change=change, **others),
                made.cell("math", change=0.2, role=Role.TARGET),
            ],
        )
        for label, change in zip(labels, changes, strict=True)
    ]
    checkpoints = [made.checkpoint("base")]
    checkpoints += [
        made.checkpoint(label, step=10 * 2**place if steps else None)
        for place, label in enumerate(labels)
    ]
    return made.diagnosis(*comparisons), checkpoints


def ways(*changes, steps=True, order=("logic", "math"), **others):
    diagnosis, checkpoints = series(*changes, steps=steps, **others)
    return trajectories(diagnosis, order=order, checkpoints=checkpoints, name=lambda label: label)


def test_a_path_begins_at_the_base_with_no_change_and_follows_the_record():
    [logic, _] = ways(-0.01, -0.04, half=0.01).panels
    [piece] = logic.pieces
    assert [(dot.at, dot.change) for dot in piece] == [(0, 0), (10, -1), (20, -4)]
    assert (piece[0].low, piece[0].high) == (0, 0)
    assert (piece[2].low, piece[2].high) == pytest.approx((-5, -3))


def test_without_steps_checkpoints_stand_one_after_the_other():
    found = ways(-0.01, -0.04, steps=False)
    assert [dot.at for dot in found.panels[0].pieces[0]] == [0, 1, 2]
    assert [tick.text for tick in found.along.ticks] == ["base", "s2"]


def test_first_and_last_step_are_always_named():
    diagnosis, checkpoints = series(-0.01, -0.02, -0.03, -0.04)
    found = trajectories(diagnosis, order=["logic"], checkpoints=checkpoints, name=str)
    assert [tick.text for tick in found.along.ticks] == ["0", "40", "80"]
    assert found.along.title == "training step"


@pytest.mark.parametrize(
    ("last", "texts"), [(15000, ["0", "5,000", "15,000"]), (250000, ["0", "100,000", "250,000"])]
)
def test_no_label_of_a_step_covers_another(last, texts):
    diagnosis, checkpoints = series(-0.01, -0.02)
    steps = [replace(one, step=step) for one, step in zip(checkpoints, (0, 1, last), strict=True)]
    found = trajectories(diagnosis, order=["logic"], checkpoints=steps, name=str)
    assert [tick.text for tick in found.along.ticks] == texts


def test_steps_that_run_backwards_are_no_axis():
    diagnosis, checkpoints = series(-0.01, -0.04)
    checkpoints[2] = made.checkpoint("s2", step=3)
    found = trajectories(diagnosis, order=["logic"], checkpoints=checkpoints, name=str)
    assert [dot.at for dot in found.panels[0].pieces[0]] == [0, 1, 2]


def test_a_checkpoint_that_was_not_measured_breaks_the_path():
    [logic, _] = ways(-0.01, math.nan, -0.04).panels
    assert [len(piece) for piece in logic.pieces] == [2, 1]


def test_what_could_be_lost_shares_one_scale_and_the_target_has_its_own():
    diagnosis, checkpoints = series(-0.01, -0.04)
    wide = [made.cell("culture", change=-0.2), *diagnosis.comparisons[1].domains]
    both = [replace(one, domains=(*wide, *one.domains[:0])) for one in diagnosis.comparisons]
    found = trajectories(
        replace(diagnosis, comparisons=tuple(both)),
        order=["culture", "logic", "math"],
        checkpoints=checkpoints,
        name=str,
    )
    culture, logic, math_panel = found.panels
    assert culture.change == logic.change
    assert culture.change.low <= -20
    assert math_panel.change != logic.change
    assert "own scale" in math_panel.remark
    assert math.isnan(math_panel.margin)


def test_a_metric_that_is_not_in_points_keeps_its_unit_and_scale():
    [logic, _] = ways(-1.5, -3.0, half=0.5, metric="word_perplexity", margin=0.4).panels
    assert [dot.change for dot in logic.pieces[0]] == [0, -1.5, -3.0]
    assert logic.margin == -0.4
    assert (logic.end_text, logic.remark) == ("−3.000", "in word_perplexity, own scale")


def test_a_domain_with_a_margin_of_its_own_is_dashed_there_and_the_key_says_so():
    usual, own = ways(-0.01, -0.02, margin=0.02), ways(-0.01, -0.02, margin=0.05)
    assert (usual.panels[0].margin, usual.has_own_margin) == (-2, False)
    assert (own.panels[0].margin, own.has_own_margin) == (-5, True)


def test_an_interval_far_out_does_not_flatten_the_others():
    [logic, _] = ways(-0.01, -0.04, half=0.9).panels
    assert -30 < logic.change.low < logic.change.high < 30


def test_the_finding_tells_which_proved_losses_last():
    full = behind.full()
    order = ["instruction_following", "logic", "culture"]
    found = trajectories(full, order=order, checkpoints=(), name=str)
    assert found.finding == (
        "Proved losses that last: Instruction following from step-10, Logic from step-10"
    )
    still = replace(full, courses=(behind.still_course("logic"),))
    assert trajectories(still, order=order, checkpoints=(), name=str).finding == (
        "No proved loss of a general domain lasts to step-20"
    )


def test_of_many_lasting_losses_three_are_named():
    domains = [made.cell(name, Verdict.FORGOT, change=-0.1) for name in "abcde"]
    steps = [made.comparison(label, domains=domains) for label in ("s1", "s2")]
    courses = tuple(behind.course(name, onset="s1") for name in "abcde")
    diagnosis = replace(made.diagnosis(*steps), courses=courses)
    finding = trajectories(diagnosis, order="abcde", checkpoints=(), name=str).finding
    assert finding == "Proved losses that last: A from s1, B from s1, C from s1, and 2 more"


def test_one_checkpoint_beyond_the_base_makes_no_path():
    diagnosis, checkpoints = series(-0.01)
    assert trajectories(diagnosis, order=["logic"], checkpoints=checkpoints, name=str) is None


def test_nothing_measured_makes_no_path():
    steps = [made.comparison(label, domains=[made.unmeasured()]) for label in ("s1", "s2")]
    assert trajectories(made.diagnosis(*steps), order=["tools"], checkpoints=(), name=str) is None


def of_class(text, kind):
    return [one for one in ElementTree.fromstring(text).iter() if kind in one.get("class", "")]


@pytest.mark.parametrize("verdict", [Verdict.FORGOT, Verdict.SLIPPED])
def test_the_last_dot_of_the_svg_is_filled_or_hollow_as_the_verdict(verdict):
    found = ways(-0.01, -0.04, verdict=verdict)
    text = path_plot(found.panels[0], of=found)
    [dot] = of_class(text, "dot")
    assert ("hollow" in dot.get("class")) == (verdict is Verdict.SLIPPED)
    assert "−4.0" in [one.text for one in of_class(text, "end-value")]


def test_the_line_of_the_svg_falls_where_the_score_falls():
    found = ways(-0.01, -0.04)
    [curve] = of_class(path_plot(found.panels[0], of=found), "curve")
    places = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", curve.get("d"))]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted(y for _, y in places)


def test_the_picture_has_a_panel_per_domain_with_the_numbers_of_the_model():
    view = ReportView.of(behind.full(), checkpoints=made.SERIES)
    figure = paths(view.trajectories)
    assert figure.get_suptitle() == view.trajectories.finding
    assert len(figure.axes) == len(view.trajectories.panels)
    for axes, panel in zip(figure.axes, view.trajectories.panels, strict=True):
        assert panel.label in axes.get_title(loc="left")
        line = next(one for one in axes.lines if len(one.get_xdata()) == 3)
        assert list(line.get_ydata()) == [dot.change for dot in panel.pieces[0]]
        assert panel.end_text in [text.get_text() for text in axes.texts]
