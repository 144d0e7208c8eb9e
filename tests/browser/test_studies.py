"""Several studies in a real browser: closed to what they were named, open to everybody."""

import pytest

from forgetscope.report.html import render_studies
from tests.report.test_studies import hostile, view


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_no_violation_and_nothing_sticks_out(opening, violations, theme, width):
    html = render_studies(view(warnings=["`a` is odd"], command="forgetscope view a b"))
    size = {"width": width, "height": 900}
    with opening(html, color_scheme=theme, viewport=size) as opened:
        assert violations(opened.page) == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [1440, 390])
def test_hostile_names_run_nothing_ask_for_nothing_and_do_not_stick_out(opening, width):
    size = {"width": width, "height": 900}
    with opening(render_studies(hostile()), viewport=size) as opened:
        page = opened.page
        assert [url[:5] for url in opened.requests] == ["file:"]
        assert (opened.dialogs, opened.complaints) == ([], [])
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.locator("main img, main script").count() == 0


def test_the_theme_turns_by_keyboard(opening):
    with opening(render_studies(view()), color_scheme="light") as opened:
        page = opened.page
        page.locator("#theme").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_without_a_script_all_tables_and_charts_are_there(opening):
    with opening(render_studies(view()), java_script_enabled=False) as opened:
        page = opened.page
        assert page.locator("#theme").is_hidden()
        assert page.locator("main table:visible").count() == 4
        assert page.locator("main svg:visible").count() > 10
