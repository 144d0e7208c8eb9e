"""Reading items: filters, search, keys and links lead to the item they name."""

import pytest

from tests.browser import pages


@pytest.fixture
def reader(opening):
    with opening(pages.full(), viewport={"width": 1440, "height": 900}) as opened:
        yield opened.wait_for_items()
        assert opened.complaints == []


def count(page, expected):
    pages.until(page, "told => document.querySelector('#count').textContent === told", expected)


def choice(page):
    return page.inner_text("#detail .about b")


def choice_is(page, key):
    pages.until(page, "key => document.querySelector('#detail .about b')?.textContent === key", key)


def test_the_lost_items_come_first_and_their_number_is_told(reader):
    count(reader, "210 items")
    assert reader.get_attribute("#list .entry", "aria-selected") == "true"
    assert "▼ lost" in reader.inner_text("#detail .about")


def test_gained_items_are_one_press_away(reader):
    reader.get_by_role("button", name="▲ Gained 90").click()
    count(reader, "90 items")
    assert "▲ gained" in reader.inner_text("#detail .about")
    reader.get_by_role("button", name="All 300").click()
    count(reader, "300 items")


def test_filters_combine(reader):
    reader.select_option("#by-failure", label="hit the token limit")
    count(reader, "40 items")
    reader.select_option("#by-domain", label="Culture")
    count(reader, "0 items")
    assert reader.inner_text("#detail") == "No item matches."
    reader.select_option("#by-failure", label="Any failure")
    count(reader, "20 items")


@pytest.mark.parametrize(("kind", "told"), [("form", "40 items"), ("answer", "170 items")])
def test_lost_form_is_told_from_lost_answers(reader, kind, told):
    reader.select_option("#by-failure", kind)
    count(reader, told)
    assert reader.inner_text("#detail .why").startswith(f"{kind}: ")


def test_a_search_looks_into_prompts_and_answers_and_marks_what_it_finds(reader):
    reader.fill("#search", "Perhaps 17 OR so")
    count(reader, "1 item")
    choice_is(reader, "riddles-17")
    assert reader.inner_text("#detail mark") == "perhaps 17 or so"
    reader.uncheck("#in-answers")
    count(reader, "0 items")
    reader.fill("#search", "number 281")
    count(reader, "1 item")
    choice_is(reader, "directions-281")


def test_the_domain_table_leads_to_the_items_of_a_domain(reader):
    reader.click("a[data-domain=Culture]")
    count(reader, "20 items")
    assert reader.input_value("#by-domain") == reader.evaluate(
        "[...document.querySelectorAll('#by-domain option')].find(o => o.text === 'Culture').value"
    )


def test_an_item_of_options_shows_both_probabilities_and_no_texts(reader):
    reader.select_option("#by-domain", label="Culture")
    choice_is(reader, "directions-280")
    rows = reader.locator("#detail .options tbody tr").all_inner_texts()
    assert [" ".join(text.split()) for text in rows] == [
        "north 10.0 % 10.0 %",
        "south ✓ right answer 70.0 % chosen 20.0 %",
        "east 15.0 % 10.0 %",
        "west 5.0 % 60.0 % chosen",
    ]
    assert reader.locator("#detail .pair").count() == 0
    widths = reader.eval_on_selector_all(
        "#detail .track i",
        "all => all.map(bar => bar.offsetWidth / bar.parentElement.offsetWidth)",
    )
    assert widths == pytest.approx([0.1, 0.1, 0.7, 0.2, 0.15, 0.1, 0.05, 0.6], abs=0.01)


def test_what_all_prompts_share_is_shown_once_and_closed(reader):
    reader.select_option("#by-domain", label="Logic")
    choice_is(reader, "riddles-0")
    assert not reader.evaluate("document.querySelector('#detail details').open")
    assert reader.text_content("#detail details .text") == pages.HEAD
    prompt = reader.locator("#detail > .text").first
    assert prompt.inner_text().startswith("Q: what is")


def test_keys_walk_search_and_turn_the_theme(reader):
    first = choice(reader)
    reader.keyboard.press("j")
    choice_is(reader, reader.text_content("#entry-1 b"))
    reader.keyboard.press("k")
    choice_is(reader, first)
    reader.keyboard.press("/")
    assert reader.evaluate("document.activeElement.id") == "search"
    reader.keyboard.type("tj/k")
    assert reader.input_value("#search") == "tj/k"
    assert reader.evaluate("document.documentElement.dataset.theme") is None
    reader.locator("#search").blur()
    reader.keyboard.press("t")
    assert reader.evaluate("document.documentElement.dataset.theme") == "dark"


def test_keys_of_one_letter_can_be_turned_off(reader):
    first = choice(reader)
    reader.click("#keys")
    for key in "jt/":
        reader.keyboard.press(key)
    assert choice(reader) == first
    assert reader.evaluate("document.documentElement.dataset.theme") is None
    assert reader.evaluate("document.activeElement.id") == "keys"
    reader.keyboard.press("Enter")
    reader.keyboard.press("t")
    assert reader.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_list_is_one_stop_with_a_moving_choice(reader):
    listed = reader.locator("#list")
    listed.focus()
    for key, place in (("End", 209), ("ArrowUp", 208), ("PageUp", 199), ("Home", 0)):
        listed.press(key)
        assert listed.get_attribute("aria-activedescendant") == f"entry-{place}"
        entry = reader.locator(f"#entry-{place}")
        assert entry.get_attribute("aria-selected") == "true"
        assert entry.get_attribute("aria-posinset") == str(place + 1)
        assert entry.get_attribute("aria-setsize") == "210"
        assert entry.is_visible()
    name = reader.locator("#entry-0").get_attribute("aria-label")
    assert name.startswith(f"lost, {choice(reader)}, Culture, base: right, ")
    assert reader.locator("[role=option][aria-selected=true]").count() == 1


def test_few_of_many_items_are_in_the_page_at_a_time(reader):
    assert 10 < reader.locator("#list .entry").count() < 60


def test_a_link_opens_its_item_and_the_address_follows_the_choice(opening):
    with opening(pages.full(), fragment="#item=riddles-200") as opened:
        page = opened.wait_for_items()
        choice_is(page, "riddles-200")
        count(page, "90 items")
        page.fill("#search", "nothing of this kind")
        count(page, "0 items")
        page.evaluate("location.hash = '#item=riddles-3'")
        choice_is(page, "riddles-3")
        count(page, "210 items")
        assert page.input_value("#search") == ""
        page.locator("#list").press("ArrowDown")
        pages.until(page, "location.hash !== '#item=riddles-3'")
        assert page.evaluate("decodeURIComponent(location.hash)") == f"#item={choice(page)}"


def test_a_browser_that_cannot_unpack_is_told_where_the_items_lie(opening):
    with opening(pages.full(), before="delete window.DecompressionStream") as opened:
        assert "items.parquet" in opened.page.inner_text(".fallback")
        assert opened.page.locator("#reader").is_hidden()
        assert opened.complaints == []
