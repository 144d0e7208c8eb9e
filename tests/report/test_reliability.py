"""What confidence is worth: the record's bins, drawn as they are."""

import math
import re
from xml.etree import ElementTree

import pytest

from forgetscope.records import Findings
from forgetscope.report import ReportView
from forgetscope.report.figures import calibration
from forgetscope.report.html import render_html
from forgetscope.report.reliability import FEW_ITEMS, reliability
from forgetscope.report.svg_reliability import reliability_plot
from tests.report import behind, made
from tests.report.test_html import Page


def section(**domains):
    """The section for domains with these findings on confidence."""
    cells = [
        made.cell(name, findings=Findings(calibration=found)) for name, found in domains.items()
    ]
    return reliability(made.comparison(domains=cells), order=list(domains), name=str.upper)


def entries(found):
    [row] = found.table.rows
    return dict(zip(found.table.columns, row.entries, strict=True))


@pytest.mark.parametrize(("n", "is_warned"), [(FEW_ITEMS - 1, True), (FEW_ITEMS, False)])
def test_the_table_warns_of_its_bias_with_few_items(n, is_warned):
    found = section(logic=behind.calibration(n))
    assert ("biased upwards" in found.table.note) == is_warned
    assert (entries(found)["ECE"].note == "biased upwards") == is_warned
    assert "not proof" in found.table.note
    assert entries(found)["Brier"].note == "[+0.024, +0.044]"
    assert entries(found)["AUROC"].text == "0.744 → 0.701"


def test_confidence_that_was_never_measured_is_not_told():
    unknown = dict.fromkeys(("ece_before", "ece_after", "auroc_before", "auroc_after"), math.nan)
    assert not {"ECE", "AUROC"} & set(entries(section(logic=behind.calibration(**unknown))))
    assert section() is None


@pytest.mark.parametrize(
    ("brier", "words"),
    [
        (0.034, "Confidence is proved to mean less in Logic and Law"),
        (-0.034, "Confidence is proved to mean more in Logic and Law"),
        (0.004, "No change of what confidence is worth is proved"),
    ],
)
def test_the_finding_says_only_what_is_proved(brier, words):
    found = behind.calibration(brier=behind.estimate(brier, 0.01))
    assert section(logic=found, law=found).finding == words


def test_of_many_domains_three_are_named():
    found = section(**dict.fromkeys("abcde", behind.calibration()))
    assert found.finding.endswith("in A, B, C and 2 more")


def test_each_dot_is_a_bin_of_the_record():
    record = behind.calibration()
    [panel] = section(logic=record).panels
    for dots, bins in ((panel.before, record.bins_before), (panel.after, record.bins_after)):
        assert [(dot.confidence, dot.accuracy) for dot in dots] == [
            (one.confidence, one.accuracy) for one in bins
        ]
    assert panel.text == "0.041 → 0.093"


def test_without_bins_there_are_numbers_and_no_chart():
    found = section(logic=behind.calibration(bins_before=(), bins_after=()))
    assert found.panels == ()
    assert found.table is not None


def test_a_dot_of_the_svg_lies_below_the_diagonal_where_confidence_is_too_high():
    found = section(logic=behind.calibration())
    svg = ElementTree.fromstring(reliability_plot(found.panels[0], of=found))
    before, after = (dots_of(svg, kind) for kind in ("bins-before", "bins-after"))
    assert len(before) == len(after) == 5
    for (x, y), (late_x, late_y) in zip(before, after, strict=True):
        assert x == late_x
        assert late_y > y


def dots_of(svg, kind):
    [path] = [one for one in svg.iter() if one.get("class") == kind]
    pairs = re.findall(r"M([\d.]+) ([\d.]+)h0", path.get("d"))
    return [(float(x), float(y)) for x, y in pairs]


def test_the_picture_has_the_bins_of_the_model_under_the_finding():
    found = section(logic=behind.calibration(), law=behind.calibration())
    figure = calibration(found)
    assert " ".join(figure.get_suptitle().split()) == found.finding
    assert len(figure.axes) == 2
    for axes, panel in zip(figure.axes, found.panels, strict=True):
        assert axes.get_title(loc="left") == panel.label
        _, before, after = axes.lines
        assert list(before.get_ydata()) == [dot.accuracy for dot in panel.before]
        assert list(after.get_xdata()) == [dot.confidence for dot in panel.after]
    assert "hollow: BASE, filled: STEP-20" in figure._supxlabel.get_text()


def test_the_page_has_the_section_with_its_numbers():
    page = Page(render_html(ReportView.of(behind.full())))
    assert "Is confidence still worth something?" in page.text
    assert "ECE 0.041 → 0.093" in page.text
