"""The heat table by keyboard: one stop, arrows from cell to cell, words at the cell in focus."""

from forgetscope.report import ReportView
from forgetscope.report.html import render_html
from tests.report import made


def report():
    return ReportView.of(made.diagnosis(*(made.comparison(f"step-{n}") for n in (1, 2, 3))))


FOCUS = "() => document.activeElement.title"


def test_arrows_walk_from_cell_to_cell_and_the_words_of_each_are_shown(opening):
    view = report()
    first, second = view.heat.groups[0][:2]
    with opening(render_html(view)) as opened:
        page = opened.page
        page.focus(".heat td[tabindex='0']")
        assert page.evaluate(FOCUS) == view.heat.overall.cells[-1].hint
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Home")
        assert page.evaluate(FOCUS) == first.cells[0].hint
        assert page.inner_text("#heat-tip") == first.cells[0].hint
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        assert page.evaluate(FOCUS) == second.cells[1].hint
        page.keyboard.press("Escape")
        assert not page.locator("#heat-tip").is_visible()
        assert opened.complaints == []


def test_the_edge_of_the_table_is_the_end_of_the_way(opening):
    with opening(render_html(report())) as opened:
        page = opened.page
        page.focus(".heat td[tabindex='0']")
        before = page.evaluate(FOCUS)
        for key in ("ArrowRight", "ArrowUp"):
            page.keyboard.press(key)
            assert page.evaluate(FOCUS) == before


def test_the_table_is_one_stop_and_is_come_back_to_where_it_was_left(opening):
    with opening(render_html(report())) as opened:
        page = opened.page
        page.focus(".heat td[tabindex='0']")
        page.keyboard.press("ArrowDown")
        left = page.evaluate(FOCUS)
        assert page.locator(".heat [tabindex='0']").count() == 1
        page.keyboard.press("Tab")
        assert page.evaluate("() => !document.activeElement.closest('.heat')")
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(FOCUS) == left


def test_the_words_stay_inside_the_page_on_a_phone(opening):
    with opening(render_html(report()), viewport={"width": 390, "height": 800}) as opened:
        page = opened.page
        page.focus(".heat td[tabindex='0']")
        box = page.locator("#heat-tip").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
