"""The pictures, by what they hold."""

import io
import struct

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from forgetscope.report import ReportView, wording
from forgetscope.report.figures import figures, forest, heat, png, transitions
from forgetscope.report.theme import HEAT, TOKENS
from tests.report import made


@pytest.fixture(scope="module")
def view():
    steps = [made.comparison("step-10"), made.comparison("step-20")]
    return ReportView.of(made.diagnosis(*steps), checkpoints=made.SERIES)


def texts(figure):
    [axes] = figure.axes
    return [text.get_text().strip() for text in axes.texts]


def labels(figure):
    [axes] = figure.axes
    return [text.get_text() for text in axes.get_yticklabels()]


def same_colour(first, second):
    from matplotlib.colors import same_color

    return same_color(first, second)


def test_the_forest_has_a_row_per_domain_in_the_order_of_the_table(view):
    assert labels(forest(view)) == [f"{row.label}  {row.n}" for row in view.ledger.rows]


def test_the_forest_says_verdict_and_numbers_beside_each_row(view):
    found = texts(forest(view))
    for row in view.ledger.rows:
        assert f"{row.mark.glyph} {row.mark.word}" in found
        assert (f"{row.change} {row.interval}" if row.is_drawn else row.words) in found


def test_dots_stand_at_the_change_and_hollow_means_not_settled(view):
    [axes] = forest(view).axes
    dots = {line.get_ydata()[0]: line for line in axes.lines if line.get_marker() == "o"}
    rows = view.ledger.rows
    assert sorted(dots) == [place for place, row in enumerate(rows) if row.is_drawn]
    for place, line in dots.items():
        row = rows[place]
        assert line.get_xdata()[0] == pytest.approx(row.change_points)
        assert same_colour(line.get_markeredgecolor(), TOKENS[row.mark.tone].light)
        is_hollow = same_colour(line.get_markerfacecolor(), TOKENS["card"].light)
        assert is_hollow != row.mark.is_filled


def upright(figure):
    """Where upright lines stand, by the row they belong to (0.5 for the whole height)."""
    [axes] = figure.axes
    lines = [line for line in axes.lines if len(set(line.get_ydata())) == 2]
    return {sum(line.get_ydata()) / 2: line.get_xdata()[0] for line in lines}


def test_the_forest_marks_zero_and_the_margin_of_every_drawn_row(view):
    drawn = [place for place, row in enumerate(view.ledger.rows) if row.is_drawn]
    assert upright(forest(view)) == {0.5: 0.0} | dict.fromkeys(drawn, -2.0)


def test_a_row_keeps_its_own_margin_and_its_noise():
    domains = [
        made.cell("logic", change=-0.01, margin=0.05),
        made.cell("culture", change=0.01, margin=0.02, noise_floor=0.03),
        made.cell("language", change=0.02, margin=0.02, noise_floor=0.9),
    ]
    found = ReportView.of(made.diagnosis(made.comparison(domains=domains)))
    figure = forest(found)
    assert upright(figure) == {0.5: 0.0, 0: -5.0, 1: -2.0, 2: -2.0}
    [axes] = figure.axes
    calm, wild = [(p.get_x(), p.get_x() + p.get_width()) for p in axes.patches]
    assert calm == pytest.approx((-3, 3))
    low, high = axes.get_xlim()
    assert low <= wild[0] < wild[1] <= high


def test_titles_state_the_finding(view):
    titles = [draw(view).get_suptitle() for draw in (forest, heat, transitions)]
    assert titles == [
        "Step 2,000 forgot one of five general domains",
        "Instruction following is FORGOT first, at step 10",
        "72 general items lost, 48 gained at step 2,000",
    ]


def test_the_heat_picture_has_the_numbers_and_colours_of_the_table(view):
    figure = heat(view)
    rows = [view.heat.overall, *(row for group in view.heat.groups for row in group)]
    cells = [cell for row in rows for cell in row.cells]
    assert labels(figure) == [row.label for row in rows]
    assert texts(figure) == [f"{cell.glyph} {cell.text}".strip() for cell in cells]
    [axes] = figure.axes
    for patch, cell in zip(axes.patches, cells, strict=True):
        assert same_colour(patch.get_facecolor(), HEAT[cell.bin].light)
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["10", "2,000"]


def test_transition_bars_point_left_for_lost_and_right_for_gained(view):
    [axes] = transitions(view).axes
    widths = [patch.get_width() for patch in axes.patches]
    rows = [row for row in view.ledger.rows if row.is_drawn]
    assert widths[::2] == pytest.approx([-100 * row.lost_share for row in rows])
    assert widths[1::2] == pytest.approx([100 * row.gained_share for row in rows])
    assert f"{rows[0].lost} lost" in texts(transitions(view))


def test_pictures_are_files_of_equal_bytes(view):
    first, second = dict(figures(view)), dict(figures(view))
    assert list(first) == [
        *("profile.png", "forest.png", "heat.png", "paths.png", "transitions.png"),
    ]
    assert first == second
    for picture in first.values():
        width, height = struct.unpack(">II", picture[16:24])
        assert picture.startswith(b"\x89PNG")
        assert width >= 1400
        assert height >= 400
        assert b"Software" not in picture


def test_a_long_title_is_broken_rather_than_cut():
    long = made.comparison("grpo-with-a-very-long-run-name-" * 3 + "end")
    figure = forest(ReportView.of(made.diagnosis(long)))
    assert "\n" in figure.get_suptitle()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    assert figure._suptitle.get_window_extent(canvas.get_renderer()).x1 <= figure.bbox.x1


def test_without_a_measured_domain_there_are_no_bars_to_draw():
    nothing = ReportView.of(made.diagnosis(made.comparison(domains=[made.unmeasured()])))
    assert [name for name, _ in figures(nothing)] == ["forest.png"]


def test_a_base_alone_has_its_profile_and_no_other_picture():
    alone = ReportView.of(made.diagnosis())
    assert [name for name, _ in figures(alone)] == ["profile.png"]
    for draw in (forest, heat, transitions):
        with pytest.raises(ValueError, match="needs"):
            draw(alone)


def test_names_that_look_like_formulas_or_lack_a_glyph_can_be_drawn():
    name = "$\\frac{ 数学 \u202e"
    domains = [made.cell(name, change=-0.01), made.cell("far", change=0.9, half=0.3)]
    found = ReportView.of(made.diagnosis(made.comparison(domains=domains)))
    assert any(wording.title(name) in label for label in labels(forest(found)))
    from matplotlib import image

    pixels = image.imread(io.BytesIO(png(lambda: forest(found))))
    assert pixels.min() < 0.5
