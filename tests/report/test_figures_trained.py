"""The pictures of training and blending, by what they hold."""

import struct

import pytest
from matplotlib.colors import same_color

from forgetscope.report import figures
from forgetscope.report.figures import NAMES, blend, dumbbell, tradeoff, weights
from forgetscope.report.theme import RUNS, TOKENS
from tests.report import behind_training as bt
from tests.report.test_html import hostile


@pytest.fixture(scope="module")
def known():
    return bt.view().trained


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def titles(figure, where="left"):
    return [axes.get_title(loc=where) for axes in figure.axes if axes.get_title(loc=where)]


def lines(axes, marker):
    return [line for line in axes.lines if line.get_marker() == marker]


def test_titles_state_the_finding(known):
    assert tradeoff(known.trade).get_suptitle().replace("\n", " ") == known.trade.finding
    assert weights(known.weights).get_suptitle().replace("\n", " ") == known.weights.finding
    assert dumbbell(known.dumbbell).get_suptitle() == known.dumbbell.finding
    assert blend(known.blend).get_suptitle().replace("\n", " ") == known.blend.finding


def test_the_trade_off_has_a_path_from_the_base_for_every_method(known):
    [axes] = tradeoff(known.trade).axes
    paths = [line for line in axes.lines if len(line.get_xdata()) == 3]
    drawn = {(tuple(line.get_xdata()), tuple(line.get_ydata())) for line in paths}
    assert drawn == {
        (
            (0.0, *(mark.general for mark in path.marks)),
            (0.0, *(mark.gain for mark in path.marks)),
        )
        for path in known.trade.paths
    }


def test_marks_of_methods_differ_in_shape_and_colour_and_the_last_is_filled(known):
    [axes] = tradeoff(known.trade).axes
    rivals = lines(axes, "D")
    assert [line.get_xdata()[0] for line in rivals] == [-3.0, -5.0]
    assert same_color(rivals[0].get_markerfacecolor(), TOKENS["card"].light)
    assert same_color(rivals[1].get_markerfacecolor(), RUNS["run-b"].light)


def test_whiskers_are_the_intervals_of_the_last_marks(known):
    [axes] = tradeoff(known.trade).axes
    pairs = [(tuple(line.get_xdata()), tuple(line.get_ydata())) for line in axes.lines]
    for path in known.trade.paths:
        last = path.marks[-1]
        assert ((path.general_low, path.general_high), (last.gain,) * 2) in pairs
        assert ((last.general,) * 2, (path.gain_low, path.gain_high)) in pairs


def test_the_margin_and_the_last_marks_are_named(known):
    found = texts(tradeoff(known.trade))
    assert {"margin −2.0", "RECAP · 2,000", "GRPO · 20", "base"} <= set(found)


def test_the_dumbbell_has_a_row_per_domain_with_numbers_beside_it(known):
    figure = dumbbell(known.dumbbell)
    [axes] = figure.axes
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        f"{row.label}  {row.n}" for row in known.dumbbell.rows
    ]
    assert {"RECAP", "GRPO", "−9.0 [−11.0, −7.0]", "−12.0 [−13.0, −11.0]"} <= set(texts(figure))
    ends = [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in lines(axes, "D")
        if len(line.get_xdata())
    ]
    assert ends == [(-12.0, 0), (-6.0, 3), (15.0, 5)]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["RECAP", "GRPO"]


def test_every_objective_has_its_weight_and_value(known):
    figure = weights(known.weights)
    assert titles(figure) == ["weight", "mean reward", "weight", "loss", "held-out loss"]
    assert titles(figure, "right") == ["0.62", "0.700", "1.38", "0.700", "0.500"]
    labels = [panel.label for panel in known.weights.panels]
    assert [text for text in texts(figure) if text in labels] == labels
    first = figure.axes[0].lines[-1]
    assert list(first.get_ydata()) == [1.0, 0.9, 0.7, 0.62]


def test_a_curve_breaks_in_the_picture_too():
    gap = bt.trace(steps=(1, 2, 3, 9), weights=(0.5, 0.6, 0.7, 1.5))
    section = bt.view(training=bt.training(traces=[gap])).trained.weights
    weight = weights(section).axes[0]
    assert [list(line.get_xdata()) for line in weight.lines] == [[1, 2, 3], [9]]


def test_the_band_of_nearly_uniform_weights_is_drawn(known):
    [band] = weights(known.weights).axes[0].patches
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((0.95, 1.05))


def test_every_domain_of_a_blend_has_its_curve_and_marks(known):
    figure = blend(known.blend)
    assert titles(figure) == ["Math (target)", "Logic"]
    _, axes = figure.axes
    dots = lines(axes, "o")
    assert [line.get_xdata()[0] for line in dots] == [0.0, 0.25, 0.5, 1.0]
    hollow = [same_color(line.get_markerfacecolor(), TOKENS["card"].light) for line in dots]
    assert hollow == [False, False, False, True]
    upright = [line.get_xdata()[0] for line in axes.lines if list(line.get_ydata()) == [0, 1]]
    assert upright == [0.5]
    assert "upright: chosen 50 %" in figure.get_supxlabel()


def test_without_a_choice_nothing_is_marked_as_chosen():
    section = bt.view(blend=bt.blend(chosen=None, final=())).trained.blend
    assert "chosen" not in blend(section).get_supxlabel()


def test_pictures_are_files_of_equal_bytes_in_the_order_of_the_page():
    view = bt.view()
    first, second = dict(figures.figures(view)), dict(figures.figures(view))
    assert tuple(first) == tuple(f"{name}.png" for name in NAMES if name != "calibration")
    assert first == second
    for picture in first.values():
        width, height = struct.unpack(">II", picture[16:24])
        assert picture.startswith(b"\x89PNG")
        assert width >= 1000
        assert height >= 400


def test_hostile_names_can_be_drawn():
    known = hostile().trained
    for draw in (
        lambda: tradeoff(known.trade),
        lambda: weights(known.weights),
        lambda: dumbbell(known.dumbbell),
        lambda: blend(known.blend),
    ):
        assert figures.png(draw).startswith(b"\x89PNG")
