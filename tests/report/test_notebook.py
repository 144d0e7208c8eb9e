"""In a notebook: the domain table, styled for itself alone, running nothing."""

import re

import pytest

import forgetscope.api.study  # noqa: F401  # it paints the records
from forgetscope.report import ReportView
from forgetscope.report.html import render_notebook
from tests.report import behind_training, made
from tests.report.test_html import KNOWN_TAGS, Page, full, hostile
from tests.report.test_studies import view as studies

VIEWS = {
    "full": full,
    "trained": behind_training.view,
    "hostile": hostile,
    "base": lambda: ReportView.of(made.diagnosis()),
}


@pytest.mark.parametrize("name", VIEWS)
def test_it_runs_nothing_loads_nothing_and_styles_only_itself(name):
    text = render_notebook(VIEWS[name]())
    page = Page(text)
    assert page.open == []
    assert {tag for tag, _ in page.tags} <= KNOWN_TAGS - {"script", "html", "a"} | {"defs", "g"}
    names = {attribute for _, attributes in page.tags for attribute in attributes}
    assert not names & {"style", "src", "href"}
    assert not [attribute for attribute in names if attribute.startswith("on")]
    [style] = re.findall("<style>(.*?)</style>", text, flags=re.DOTALL)
    selectors = [part for rule in re.findall(r"([^{}]+)\{", style) for part in rule.split(",")]
    assert {part.split()[0].split(":")[0] for part in selectors} == {".forgetscope-table"}


def test_every_domain_has_its_numbers_and_its_verdict():
    text = Page(render_notebook(full())).text
    for words in (
        "Step 2,000 forgot one of five general domains",
        "Instruction following 400 60.0 51.0",
        "−9.0 [−11.0, −7.0] ▼ FORGOT ¶ FORMAT",
        "base at chance: 24.6 against 25.0 ∅ CANNOT MEASURE",
    ):
        assert words in text


def test_hostile_names_stay_text():
    text = render_notebook(hostile())
    for raw in ("<script", "<img", '" onmouseover', "\x1b"):
        assert raw not in text


def test_a_comparison_shows_as_html_and_as_text():
    comparison = made.comparison(domains=[made.cell("logic", margin=0.05)])
    shown = comparison._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    assert shown["text/html"] == comparison._repr_html_()
    assert "margin −5.0" in shown["text/html"]
    assert "Logic" in shown["text/plain"]


def test_records_without_a_margin_are_shown_all_the_same():
    assert "Logic" in made.comparison()._repr_html_()


def test_a_series_and_a_view_show_the_same_table():
    diagnosis = made.diagnosis(made.comparison())
    view = ReportView.of(diagnosis)
    assert diagnosis._repr_mimebundle_() == view._repr_mimebundle_()


def test_several_studies_show_as_tables_of_text():
    shown = studies()._repr_mimebundle_()
    assert shown["text/markdown"].startswith("# Of five general domains")
    assert shown["text/plain"] == shown["text/markdown"]


def test_equal_views_give_equal_pieces():
    assert render_notebook(full()) == render_notebook(full())
