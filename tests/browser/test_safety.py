"""Nothing leaves the page and nothing that a model or a data set wrote ever runs."""

from forgetscope.report import wording
from forgetscope.report.entry import shortened
from tests.browser import pages

SHOWN = """box => {
  const copy = box.cloneNode(true);
  for (const badge of copy.querySelectorAll('.badge')) badge.replaceWith(`[${badge.textContent}]`);
  return copy.textContent;
}"""


def shown_texts(page):
    return page.eval_on_selector_all("#detail .text, #detail .option", f"all => all.map({SHOWN})")


def test_a_full_page_asks_nobody_for_anything_and_makes_no_complaint(opening):
    with opening(pages.full()) as opened:
        opened.wait_for_items()
        assert [url[:5] for url in opened.requests] == ["file:"]
        assert opened.complaints == []


def test_a_hostile_corpus_runs_nothing_loads_nothing_and_is_shown_to_the_letter(opening, canary):
    texts, html = pages.hostile_page(canary.url)
    with opening(html) as opened:
        page = opened.wait_for_items()
        for place, text in enumerate(texts):
            pages.until(
                page,
                "number => document.querySelector('#detail b')?.textContent.endsWith('-' + number)",
                place,
            )
            if "\ud800" not in text:  # the browser has no lone surrogates in its strings
                assert wording.clean(text) in shown_texts(page)
            page.locator("#list").press("ArrowDown")
        for button in page.locator(".twisty, [data-state]").all():
            button.click()
        assert page.evaluate("window.pwned") is None
        assert opened.dialogs == []
        assert opened.complaints == []
        assert [url[:5] for url in opened.requests] == ["file:"]
    assert canary.asked == []


def test_what_is_searched_is_text_and_no_pattern(opening, canary):
    texts, html = pages.hostile_page(canary.url)
    with opening(html) as opened:
        page = opened.wait_for_items()
        for query in ("<img src=x onerror=alert(1)>", "(.*)+$[", "\\", "</script>", "u{1f}"):
            expected = sum(query in text.lower() for text in texts)
            page.fill("#search", query)
            pages.until(
                page,
                "told => document.querySelector('#count').textContent === told",
                f"{expected} {'item' if expected == 1 else 'items'}",
            )
        assert (opened.dialogs, opened.complaints) == ([], [])


def test_a_hostile_link_is_shown_as_text(opening):
    fragment = "#item=%3Cimg%20src=x%20onerror=alert(1)%3E%E0%A4%A"
    with opening(pages.full(), fragment=fragment) as opened:
        page = opened.wait_for_items()
        assert "holds no item" in page.inner_text("#detail")
        assert page.locator("#detail img").count() == 0
        assert opened.complaints == []


def test_an_answer_of_a_megabyte_opens_and_says_what_was_left_out(opening):
    assert len(pages.LONG) > 1_000_000
    with opening(pages.one_item(after=pages.LONG)) as opened:
        page = opened.wait_for_items()
        assert shortened(pages.LONG) in shown_texts(page)
        assert "characters left out" in page.inner_text("#detail")


ATTACKS = (
    "document.body.innerHTML = '<img src=x onerror=pwned=1>'",
    "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "eval('window.pwned = 1')",
    "document.write('<script>pwned=1<' + '/script>')",
)


def test_the_policy_stops_a_script_that_would_turn_text_into_code(opening):
    with opening(pages.one_item()) as opened:
        opened.wait_for_items()
        for attack in ATTACKS:
            # later, as a script of the page would try it: what evaluates now may more than that
            refused = opened.page.evaluate(
                "() => new Promise((done) => setTimeout(() => { "
                f"try {{ {attack}; done(''); }} catch (error) {{ done(error.name); }} }}))"
            )
            assert refused in ("TypeError", "EvalError"), attack
        assert opened.page.evaluate("window.pwned") is None


def test_the_policy_stops_requests_styles_and_forms(opening, canary):
    with opening(pages.one_item()) as opened:
        opened.wait_for_items()
        failed = opened.page.evaluate(
            "url => fetch(url).then(() => 'sent', error => error.name)", canary.url
        )
        assert failed == "TypeError"
        opened.page.evaluate(
            """url => {
              const image = new Image(); image.src = url + '/image'; document.body.append(image);
              const link = document.createElement('link');
              link.rel = 'stylesheet'; link.href = url + '/css'; document.head.append(link);
              const form = document.createElement('form');
              form.action = url + '/form'; document.body.append(form); form.submit();
              const box = document.querySelector('h1'); box.setAttribute('style', 'color:red');
            }""",
            canary.url,
        )
        opened.page.wait_for_timeout(200)
        assert len(opened.complaints) >= 4
        assert opened.page.evaluate("document.querySelector('h1').style.color") == ""
    assert canary.asked == []
