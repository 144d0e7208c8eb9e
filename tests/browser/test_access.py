"""Everybody can read the page: with a keyboard, without a script, on a phone, in both themes."""

import re

import pytest

from tests.browser import pages
from tests.report.test_html import Page

FOCUSABLE = """() => [...document.querySelectorAll(
  'a[href], button, select, input, summary, [tabindex="0"]')]
  .filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled)
  .map(e => { e.dataset.stop = e.dataset.stop || String(window.stops = (window.stops || 0) + 1);
    return e.dataset.stop; })"""
STOP = """() => { const e = document.activeElement, style = getComputedStyle(e);
  return e === document.body ? null
    : [e.dataset.stop, e.outerHTML.slice(0, 80), style.outlineStyle, style.outlineWidth]; }"""


@pytest.mark.parametrize(
    ("name", "width", "theme"),
    [
        ("full", 1440, "light"),
        ("full", 1440, "dark"),
        ("full", 390, "dark"),
        ("base_alone", 1440, "light"),
        ("base_alone", 390, "dark"),
    ],
)
def test_axe_finds_no_violation(opening, violations, name, width, theme):
    size = {"width": width, "height": 900}
    with opening(getattr(pages, name)(), color_scheme=theme, viewport=size) as opened:
        if name == "full":
            page = opened.wait_for_items()
            page.select_option("#by-domain", label="Culture")
            page.wait_for_selector("#detail .options")
            page.evaluate("document.querySelectorAll('.twisty').forEach(b => b.click())")
        assert violations(opened.page) == []


def test_the_tab_key_reaches_everything_shows_where_it_is_and_comes_out_again(opening):
    with opening(pages.full(), viewport={"width": 1440, "height": 900}) as opened:
        page = opened.wait_for_items()
        wanted = set(page.evaluate(FOCUSABLE))
        seen = []
        for _ in range(3 * len(wanted)):
            page.keyboard.press("Tab")
            stop = page.evaluate(STOP)
            if stop is None:
                break
            seen.append(stop)
    assert stop is None
    assert wanted <= {name for name, *_ in seen}
    assert not [html for _, html, style, width in seen if style == "none" or width == "0px"]


def test_the_first_stop_skips_to_the_content(opening):
    with opening(pages.full()) as opened:
        opened.page.keyboard.press("Tab")
        opened.page.keyboard.press("Enter")
        assert opened.page.evaluate("location.hash") == "#verdict"


def test_tasks_open_and_the_theme_turns_by_keyboard_alone(opening):
    with opening(pages.full()) as opened:
        page = opened.wait_for_items()
        button = page.locator(".twisty").first
        row = page.locator(f"tr.task[data-parent='{button.get_attribute('data-opens')}']").first
        assert not row.is_visible()
        button.focus()
        page.keyboard.press("Enter")
        assert row.is_visible()
        assert button.get_attribute("aria-expanded") == "true"
        page.locator("#theme").focus()
        page.keyboard.press("Space")
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_the_table_of_an_earlier_checkpoint_is_one_press_away_and_no_word_is_lost(opening):
    with opening(pages.full()) as opened:
        page = opened.wait_for_items()
        names = page.locator("#domains tr.row th a").all_inner_texts()
        buttons = page.locator("[data-state]")
        assert buttons.count() == 2
        for number in (0, 1):
            buttons.nth(number).focus()
            page.keyboard.press("Enter")
            pressed = "number => document.querySelectorAll('[data-state]')[number].ariaPressed"
            pages.until(page, f"{pressed} === 'true'", number)
            assert page.locator("#domains tr.row th a").all_inner_texts() == names
        page.click("a[data-domain=Culture]")
        assert page.input_value("#by-domain") != ""
        assert opened.complaints == []


def test_without_a_script_verdict_tables_and_charts_are_there(opening):
    html = pages.full()
    with opening(html, java_script_enabled=False) as opened:
        page = opened.page
        text = " ".join(page.inner_text("main").split())
        headline = re.search("<h1>(.*?)</h1>", html)[1]
        assert headline in text
        for words in ("FORGOT", "SLIPPED", "CANNOT MEASURE", "need JavaScript to be read"):
            assert words in text
        assert page.locator("#theme").is_hidden()
        assert page.locator("#reader").is_hidden()
        assert page.locator("tr.task").first.is_visible()
        tables = page.locator("main table:visible")
        assert tables.count() == html.count("<table")
        charts = page.eval_on_selector_all(
            "main svg",
            "all => all.filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect().width)",
        )
        assert len(charts) > 20
        assert min(charts) > 0


@pytest.mark.parametrize("name", ["full", "hostile", "base_alone", "studies"])
def test_no_screen_is_so_narrow_that_the_page_scrolls_sideways(opening, name):
    html = pages.hostile_page("x:")[1] if name == "hostile" else getattr(pages, name)()
    with opening(html) as opened:
        if 'id="reader"' in html:
            opened.wait_for_items()
        for width in (320, 390, 768, 1024, 1440):
            opened.page.set_viewport_size({"width": width, "height": 800})
            beyond = opened.page.evaluate(
                """() => { const wide = document.documentElement.clientWidth;
                  return document.documentElement.scrollWidth <= wide ? [] : [wide,
                    ...[...document.querySelectorAll('body *')]
                      .filter(e => e.getBoundingClientRect().right > wide + 1)
                      .map(e => e.outerHTML.slice(0, 90))]; }"""
            )
            assert beyond == []


def test_on_paper_the_page_is_light_and_the_reader_is_left_out(opening):
    with opening(pages.full(), color_scheme="dark") as opened:
        page = opened.wait_for_items()
        page.emulate_media(media="print")
        assert page.locator("#items").is_hidden()
        assert page.locator(".rail").is_hidden()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        assert page.locator("h1").is_visible()


def test_with_forced_colours_filled_and_hollow_pressed_and_chosen_stay_apart(opening):
    with opening(pages.full(), forced_colors="active") as opened:
        page = opened.wait_for_items()
        fill = "e => getComputedStyle(e).backgroundColor"
        for one, other in (
            (".squares .right", ".squares .wrong"),
            (".switch [aria-pressed=true]", ".switch [aria-pressed=false]"),
        ):
            assert page.eval_on_selector(one, fill) != page.eval_on_selector(other, fill)
        outline = "e => getComputedStyle(e).outlineStyle"
        assert page.eval_on_selector("[role=option][aria-selected=true]", outline) == "solid"
        assert page.eval_on_selector("[role=option][aria-selected=false]", outline) == "none"


def test_the_accessible_names_of_charts_hold_their_numbers(opening):
    with opening(pages.full()) as opened:
        names = opened.page.eval_on_selector_all(
            "#domains tbody svg", "all => all.map(e => e.getAttribute('aria-label'))"
        )
    assert names
    assert all(re.search(r"\d", name) for name in names)
    assert Page(pages.full()).open == []
