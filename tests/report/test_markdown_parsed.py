"""What a Markdown parser makes of hostile text: paragraphs, tables and code, and nothing else."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from forgetscope.records import Verdict
from forgetscope.report import ReportView, render_github, render_markdown
from forgetscope.report.studies_text import render_studies_markdown
from tests.report import made
from tests.report.test_html import hostile
from tests.report.test_studies import hostile as hostile_studies

HARMLESS = {
    *("paragraph", "heading", "table", "thead", "tbody", "tr", "th", "td", "blockquote"),
    *("bullet_list", "list_item", "fence", "inline", "text", "strong", "softbreak", "html_block"),
}


def tokens(text):
    found = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    for token in found:
        yield token
        yield from token.children or ()


def kinds(text):
    return {re.sub("_(open|close)$", "", token.type) for token in tokens(text)}


def raw(text):
    return [token.content for token in tokens(text) if token.type.startswith("html_")]


@pytest.mark.parametrize(
    "render",
    [
        lambda: render_markdown(hostile()),
        lambda: render_github(hostile()),
        lambda: render_studies_markdown(hostile_studies()),
    ],
)
def test_hostile_text_becomes_text(render):
    text = render()
    assert kinds(text) - HARMLESS == set()
    for block in raw(text):
        assert set(re.findall("</?[a-z]+", block)) <= {
            "<details",
            "<summary",
            "</summary",
            "</details",
        }


def test_only_the_summary_of_a_workflow_has_html_of_its_own():
    assert raw(render_markdown(hostile())) == []
    assert raw(render_github(hostile())) != []


@settings(max_examples=40)
@given(st.text(alphabet="`*_[]()<>!#|\\~&@:-+=. \n\tabc1", max_size=30))
def test_no_text_gets_out_of_its_place(text):
    domains = [made.cell(text, Verdict.FORGOT), made.unmeasured("x", reason=text)]
    told = [made.story(1, prompt=text, gold=text, before=text, after=text)]
    diagnosis = made.diagnosis(made.comparison(domains=domains, warnings=[text]))
    view = ReportView.of(diagnosis, stories=told, provenance={"study": text, "note": text})
    for render in (render_markdown, render_github):
        assert kinds(render(view)) - HARMLESS == set()
    assert raw(render_markdown(view)) == []


@pytest.mark.parametrize("render", [render_markdown, render_github])
def test_a_code_block_holds_the_whole_answer(render):
    answer = "```\n\n> quoted\n# title\n\n````text\n"
    told = [made.story(1, after=answer)]
    view = ReportView.of(made.diagnosis(made.comparison()), stories=told)
    blocks = [token.content for token in tokens(render(view)) if token.type == "fence"]
    assert f"{answer}\n" in blocks
