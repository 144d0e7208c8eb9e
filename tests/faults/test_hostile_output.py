"""Each text of the corpus, through everything that a person or a program is shown."""

import csv
import io
import json
import re
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest
import yaml

from forgetscope.api import EXPORTS, Study, export
from forgetscope.interchange.logs import harmless
from forgetscope.interchange.out.portable import portable
from forgetscope.report import (
    github_errors,
    github_outputs,
    plain_lines,
    render_csv,
    render_github,
    render_junit,
    render_junit_error,
    render_latex,
    wording,
)
from forgetscope.report.html import render_html, render_notebook
from forgetscope.report.markdown import fenced, inline, render_markdown
from forgetscope.store import Study as Stored
from forgetscope.store.rows import storable
from tests.faults.corpus import PATHS, corpus, in_utf8
from tests.faults.hostile_study import LABELS, NAMES, WHOLE, write_study
from tests.report.test_html import KNOWN_TAGS, Page

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""What moves, hides or colours text in a terminal."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("hostile") / "study")


@pytest.fixture(scope="module")
def shown(folder):
    with Study(folder) as study:
        return study.shown(margin=0.02)


@pytest.fixture(scope="module")
def exported(folder, tmp_path_factory):
    """Every format, each in a folder of its own."""
    home = tmp_path_factory.mktemp("exports")
    return {to: (home / to, export(folder, to, home / to)) for to in EXPORTS}


def test_the_corpus_has_more_than_five_hundred_texts_and_is_always_the_same():
    assert len(corpus()) == len(set(corpus())) >= 500
    assert len(corpus()) - len(in_utf8()) >= 5
    first = corpus()
    corpus.cache_clear()
    assert corpus() == first


def test_a_study_gives_back_every_text_to_the_letter(folder):
    with Stored(folder) as study:
        items = study.items([f"w{number}" for number in range(len(corpus()))])
        answers = study.answers_of(LABELS[0])
        scores = answers.scores(list(items))
        said = answers.by_request([f"r-{identity}" for identity in items])
        assert {task.name for task in study.tasks()} == {WHOLE, *NAMES}
        assert tuple(checkpoint.label for checkpoint in study.series()) == LABELS
    for number, text in enumerate(corpus()):
        # a lone surrogate, which no file can hold, is kept as its name
        kept, identity = storable(text), f"w{number}"
        assert items[identity].prompt == items[identity].gold == kept
        assert items[identity].choices == (kept, f"{kept}2")
        assert scores[identity].answer == scores[identity].extracted == kept
        assert said[f"r-{identity}"].text == kept
        if text in in_utf8():
            assert kept == text


@pytest.mark.parametrize("render", [render_html, render_notebook])
def test_a_page_has_its_own_tags_alone_and_loads_nothing(shown, render):
    page = Page(render(shown.view))
    assert {tag for tag, _ in page.tags} <= KNOWN_TAGS
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        assert not {"style", "srcdoc", "srcset", "action", "formaction"} & set(attributes)
        assert attributes.get("href", "#").startswith(("#", "https://", "http://www.w3.org"))
        assert attributes.get("src") is None


def test_whatever_is_inline_in_markdown_stays_one_line_without_a_mark():
    for text in corpus():
        line = inline(text)
        assert "\n" not in line
        assert not UNSEEN.search(line)
        assert not re.search(r"(?<!\\)[`*_\[\]<>|#~]", line.replace("&lt;", "")), (text, line)


def test_whatever_is_fenced_in_markdown_cannot_close_its_fence():
    for text in corpus():
        block = fenced(text)
        fence = block.split("\n")[0]
        mark = re.match("[`~]+", fence)[0]
        inner = block.split("\n")[1:-1]
        assert not any(re.match(rf" {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}", x) for x in inner)
        assert not UNSEEN.search(block)


def test_a_report_in_markdown_shows_no_raw_control(shown):
    assert not UNSEEN.search(render_markdown(shown.view))


def test_junit_is_read_by_a_strict_parser_and_names_every_task(shown):
    text = render_junit(shown.view)
    assert len(list(ET.fromstring(text.encode()).iter("testcase"))) > len(NAMES)


def test_any_message_of_an_error_makes_a_valid_junit_file():
    for text in corpus():
        ET.fromstring(render_junit_error(text).encode("utf-8"))


def test_nothing_that_a_runner_reads_is_a_command_but_our_own(shown):
    summary = render_github(shown.view)
    assert not re.search(r"^\s*(::|##\[|##vso)", summary, re.MULTILINE)
    assert not UNSEEN.search(summary)
    for line in github_errors(shown.view):
        assert line.startswith("::error")
        assert "\n" not in line
        assert "\r" not in line
        assert line.count("::error") == 1 or "::error" in LABELS[1]


def test_no_cell_of_a_table_starts_as_a_formula(shown, exported):
    texts = [render_csv(shown.view)]
    texts += [path.read_text("utf-8") for path in exported["csv"][1].files]
    for text in texts:
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len({len(row) for row in rows}) == 1
        assert len(rows) > len(NAMES)
        for cell in (cell for row in rows for cell in row):
            is_number = re.fullmatch(r"[+-]?\d[\d.,e-]*", cell)
            assert is_number or not re.match(r"[\s\x00]*[=+\-@\t\r＝＋－＠]", cell), repr(cell)


def test_latex_has_no_command_of_a_text(shown):
    from forgetscope.report.latex import escaped

    own = {
        *("textbackslash", "textasciitilde", "textasciicircum", "textgreater", "textless"),
        *("textbar", "textquotedbl", "textasciigrave", "textquotesingle", "char"),
    }
    for text in corpus():
        found = escaped(text)
        assert set(re.findall(r"\\([a-zA-Z]+)", found)) <= own, (text, found)
        assert not UNSEEN.search(found)
        assert "\n" not in found
        assert not re.search(r"(?<!\\)[&%$#_]", found), (text, found)
    assert "\\input" not in render_latex(shown.view)
    assert "\\write" not in render_latex(shown.view)


def test_json_is_strict_and_holds_every_name(exported):
    def refused(name):
        raise AssertionError(name)

    (path,) = exported["json"][1].files
    read = json.loads(path.read_text("utf-8"), parse_constant=refused)
    names = {cell["name"] for each in read["comparisons"] for cell in each["tasks"]}
    assert names == {WHOLE, *NAMES}
    assert {each["label"] for each in read["checkpoints"]} == set(LABELS)


def test_parquet_holds_every_text_to_the_letter(exported):
    (path,) = exported["parquet"][1].files
    table = pq.read_table(path)
    assert {storable(text) for text in corpus()} <= set(table["prompt"].to_pylist())
    assert {WHOLE, *NAMES} == set(table["task"].to_pylist())


def test_lines_for_a_terminal_have_no_raw_control_and_are_single_lines(shown):
    for use_ascii in (False, True):
        for line in plain_lines(shown.view, use_ascii=use_ascii):
            assert not UNSEEN.search(line)
            assert "\n" not in line
    for text in corpus():
        assert not UNSEEN.search(wording.clean(text))
        assert "\n" not in wording.one_line(text)


def test_a_model_card_s_head_is_data_and_its_body_has_no_raw_control(exported):
    (path,) = exported["model-card"][1].files
    text = path.read_text("utf-8")
    head = yaml.safe_load(text.split("\n---\n")[0])
    assert isinstance(head, dict)
    assert not UNSEEN.search(text.split("\n---\n", 1)[1])


def test_every_export_lies_inside_the_folder_that_was_asked_for(exported):
    for home, written in exported.values():
        every = {path.resolve() for path in home.rglob("*") if path.is_file()}
        assert {path.resolve() for path in written.files} <= every
        outside = {path.name for path in home.parent.iterdir()} - set(EXPORTS)
        assert not outside


def test_no_text_becomes_the_name_of_a_file_elsewhere(tmp_path):
    for text in (*corpus(), *PATHS):
        for name in (portable(text), harmless(text)):
            assert (tmp_path / name).resolve().parent == tmp_path.resolve(), (text, name)
            assert len(name.encode("utf-8", "backslashreplace")) < 600
        (tmp_path / portable(text)).write_text("x", errors="backslashreplace")


@pytest.mark.parametrize(
    "label", [*LABELS, "x\n::error::y", "a\rlast-clean-step=b", "\x85verdict=x"]
)
def test_an_output_for_a_runner_is_one_line_whatever_it_says(shown, label):
    text = github_outputs(shown.diagnosis, report=label)
    assert [line.partition("=")[0] for line in text.split("\n")] == [
        *("verdict", "last-clean-step", "report", "")
    ]
    assert text.count("\n") == len(text.splitlines()) == 3
