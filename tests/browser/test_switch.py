"""The checkpoint switch in a browser: another checkpoint's rows, and the first ones again."""

import pytest

from forgetscope.records import Verdict
from forgetscope.report import ReportView
from forgetscope.report.html import render_html
from tests.browser import pages
from tests.report import made

ROWS = "() => document.querySelector('#domains table').innerHTML"


def report(n=3, **others):
    """A page whose domain logic loses a point more at each checkpoint."""
    steps = [
        made.comparison(
            f"step-{place}",
            domains=[
                made.cell("logic", Verdict.FORGOT, change=-0.01 * place, **others),
                made.cell("culture", adjuncts=()),
            ],
            tasks=[made.cell("riddles", domain="logic", change=-0.02 * place)],
        )
        for place in range(1, n + 1)
    ]
    return ReportView.of(made.diagnosis(*steps))


def text_of(page, name):
    return page.locator("#domains tr", has_text=name).first.inner_text()


def test_a_chosen_checkpoint_shows_its_own_rows_and_says_its_conclusion(opening):
    view = report()
    with opening(render_html(view)) as opened:
        page = opened.page
        assert "−3.0" in text_of(page, "Logic")
        page.click("[data-state='0']")
        pages.until(page, "() => document.getElementById('steps-said').textContent")
        assert "−1.0" in text_of(page, "Logic")
        assert page.inner_text("#steps-said") == view.switch.choices[0].headline
        assert page.inner_text("[data-now]") == "step-1"
        pressed = page.locator("[data-state][aria-pressed=true]")
        assert pressed.get_attribute("data-state") == "0"
        label = page.locator("#domains svg[aria-label^='Logic:']").get_attribute("aria-label")
        assert label == view.switch.choices[0].rows[0].summary
        assert opened.complaints == []


def test_the_last_checkpoint_again_is_the_table_as_it_was(opening):
    with opening(render_html(report())) as opened:
        page = opened.page
        before = page.evaluate(ROWS)
        page.click("[data-state='1']")
        pages.until(page, "() => document.querySelector('[data-now]').textContent === 'step-2'")
        assert page.evaluate(ROWS) != before
        page.click("[data-state='2']")
        pages.until(page, "() => document.querySelector('[data-now]').textContent === 'step-3'")
        squeezed = "".join(page.evaluate(ROWS).split())
        assert squeezed == "".join(before.split())


def test_open_tasks_stay_open_and_change_too(opening):
    with opening(render_html(report())) as opened:
        page = opened.page
        page.click(".twisty")
        assert "−6.0" in text_of(page, "riddles")
        page.click("[data-state='0']")
        pages.until(page, "() => document.querySelector('[data-now]').textContent === 'step-1'")
        assert page.locator("#domains tr", has_text="riddles").is_visible()
        assert "−2.0" in text_of(page, "riddles")
        page.click(".twisty")
        assert not page.locator("#domains tr", has_text="riddles").is_visible()


def test_a_long_series_is_chosen_from_a_list_by_keyboard(opening):
    with opening(render_html(report(18))) as opened:
        page = opened.page
        page.focus("#steps-list")
        page.keyboard.press("Home")
        pages.until(page, "() => document.querySelector('[data-now]').textContent === 'step-1'")
        assert "−1.0" in text_of(page, "Logic")


def test_charts_that_refer_to_shared_lines_draw_them(opening):
    with opening(pages.full()) as opened:
        widths = opened.page.eval_on_selector_all(
            "main use",
            "all => all.filter(e => e.checkVisibility()).map("
            "e => e.getBBox().width || e.getBBox().height)",
        )
    assert len(widths) > 10
    assert min(widths) > 0


@pytest.mark.parametrize("width", [390, 1440])
def test_hostile_names_stay_text_when_switched(opening, width):
    from tests.report.test_html import hostile

    size = {"width": width, "height": 900}
    with opening(render_html(hostile()), viewport=size) as opened:
        page = opened.page
        page.click("[data-state='0']")
        pages.until(page, "() => document.getElementById('steps-said').textContent")
        assert page.locator("#domains").inner_text().count("<img src=x onerror=alert(1)>") >= 1
        assert opened.dialogs == []
        assert not [url for url in opened.requests if not url.startswith("file:")]
        assert [text for text in opened.complaints if "gzip" not in text] == []


def test_without_a_script_there_is_no_switch(opening):
    with opening(render_html(report()), java_script_enabled=False) as opened:
        assert not opened.page.locator("#steps").is_visible()
        assert "−3.0" in text_of(opened.page, "Logic")
