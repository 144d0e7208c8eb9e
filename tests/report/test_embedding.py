"""Which items a page holds: what is asked for, then what fits, and never in silence."""

from dataclasses import replace

import pytest

from forgetscope.records import Transition
from forgetscope.report import ReportView
from forgetscope.report.embedding import fitted
from forgetscope.report.entry import WITHHELD
from forgetscope.report.html import render_html
from forgetscope.report.packing import pack_items, unpack
from forgetscope.report.reading import item_page
from tests.report import made
from tests.report.test_html import Page

CHECKPOINTS = ("base", "step 2,000")
STORIES = tuple(
    made.story(number, transition=turn, before=f"{number} before " * 40, after=f"{number} " * 40)
    for number, turn in enumerate(Transition)
    for number in range(100 * number, 100 * number + 20)
)
CHANGES = tuple(
    made.change_of(story)
    for story in STORIES
    if story.transition in (Transition.LOST, Transition.GAINED)
)


def page(stories, changes=CHANGES):
    return item_page(stories, order=["logic"], checkpoints=CHECKPOINTS, changes=changes)


def n_bytes(*turns):
    entries = [entry for entry in page(STORIES).entries if entry.transition in turns]
    return pack_items(entries, checkpoints=CHECKPOINTS).n_bytes


def turns_in(packed):
    return {row[3] for row in unpack(packed.index)["rows"]}


@pytest.mark.parametrize(
    ("kept", "word", "missing"),
    [
        ((Transition.LOST, Transition.GAINED), "the changed ones", "items.parquet"),
        ((Transition.LOST,), "the lost ones", "Not in this page: 20 gained items"),
        ((), "none of them", "Not in this page: 20 lost and 20 gained items"),
    ],
)
def test_a_page_too_large_holds_fewer_items_and_says_which(kept, word, missing):
    whole = page(STORIES)
    small = fitted(whole, largest=max(n_bytes(*kept), 1))
    assert {entry.transition for entry in small.entries} == set(kept)
    assert len(unpack(small.packed.index)["rows"]) == 20 * len(kept)
    assert word in small.notice
    assert missing in small.notice
    assert word in small.warning
    assert (small.n_lost, small.n_gained) == (20, 20)


def test_a_page_that_fits_holds_everything_and_has_nothing_to_say():
    whole = fitted(page(STORIES))
    assert len(unpack(whole.packed.index)["rows"]) == len(STORIES)
    assert (whole.notice, whole.warning) == ("", "")
    assert [tab.word for tab in whole.tabs] == ["Lost", "Gained", "Unsolved", "Retained", "All"]
    assert [tab.count for tab in whole.tabs] == ["20", "20", "20", "20", "80"]


def test_a_page_that_opens_slowly_is_written_with_a_warning():
    large = fitted(page(STORIES), large=100)
    assert len(large.entries) == len(STORIES)
    assert "--embed lost" in large.warning
    assert large.notice == ""


def test_a_fitted_page_is_not_packed_again():
    small = fitted(page(STORIES), largest=1)
    assert fitted(small) is small


def test_items_left_out_on_purpose_are_counted_and_their_place_is_named():
    lost = [story for story in STORIES if story.transition is Transition.LOST]
    found = page(lost)
    assert found.notice == (
        "Not in this page: 20 gained items. items.parquet beside it holds them all."
    )
    assert page([]).notice.startswith("Not in this page: 20 lost and 20 gained items.")
    assert page([], changes=()) is None


def test_a_page_without_items_has_no_reader_but_says_where_they_are():
    comparison = replace(made.comparison(), changes=CHANGES)
    view = ReportView.of(made.diagnosis(comparison), checkpoints=made.SERIES)
    text = render_html(view)
    assert "20 lost and 20 gained items" in Page(text).text
    assert "items.parquet" in text
    assert "gzip+base64" not in text
    assert 'id="reader"' not in text


def test_withheld_prompts_are_named_as_such_and_options_keep_their_probabilities():
    told = made.story(
        prompt="",
        gold="option 2",
        choices=("option 1", "option 2"),
        before="option 2",
        after="option 1",
        before_shares=(0.25, 0.75),
        after_shares=(0.5996, 0.4004),
        is_redacted=True,
    )
    found = page([told], changes=())
    [entry] = found.entries
    assert (entry.prompt, entry.preview) == (WITHHELD, "prompt withheld")
    assert found.withheld
    first, second = entry.options
    assert (first.before, first.after, first.is_chosen, first.was_chosen) == (
        "25.0",
        "60.0",
        True,
        False,
    )
    assert (second.before, second.after, second.is_gold) == ("75.0", "40.0", True)


def test_options_of_unknown_probability_are_shown_without_one():
    told = made.story(choices=("yes", "no"), gold="yes", before="yes", after="no")
    [entry] = page([told], changes=()).entries
    assert [(o.text, o.before, o.after) for o in entry.options] == [("yes", "", ""), ("no", "", "")]
    assert [o.was_chosen for o in entry.options] == [True, False]
    assert [o.is_chosen for o in entry.options] == [False, True]
