"""What a reader is told of domains that were asked no further than to their verdict."""

import json
from dataclasses import replace

import jsonschema

from forgetscope.records import Verdict
from forgetscope.report import ReportView, results, results_schema
from forgetscope.report.html import render_html
from forgetscope.report.markdown import render_markdown
from forgetscope.report.plain import plain_lines
from forgetscope.report.results import render_results
from tests.report import made

WORDS = "stopped after 400 of 2,000 items"


def diagnosis():
    domains = (
        made.cell("logic", Verdict.FORGOT, change=-0.1, stopped_of=2000, method="anytime bets"),
        made.cell("reading", Verdict.HELD, n=600),
    )
    overall = made.unmeasured("overall", reason="its domains stopped at different shares")
    comparison = replace(made.comparison(domains=domains), overall=overall)
    return made.diagnosis(comparison)


def test_every_face_of_the_report_says_where_asking_stopped_and_what_that_saved():
    view = ReportView.of(diagnosis(), checkpoints=made.SERIES)
    saved = "62 % of 2,600 items were saved"
    for text in ("\n".join(plain_lines(view)), render_markdown(view), render_html(view)):
        assert WORDS in text
    assert saved in "\n".join(plain_lines(view))
    assert saved in render_markdown(view)


def test_a_domain_that_was_asked_to_its_end_says_nothing_of_it():
    view = ReportView.of(diagnosis(), checkpoints=made.SERIES)
    by_name = {row.name: row for row in view.ledger.rows}
    assert WORDS in by_name["logic"].remarks
    assert not any("stopped" in remark for remark in by_name["reading"].remarks)
    assert "Reading stopped" not in "\n".join(plain_lines(view))
    plain = ReportView.of(made.diagnosis(made.comparison()), checkpoints=made.SERIES)
    assert "stopped after" not in "\n".join(plain_lines(plain))


def test_programs_read_how_many_items_the_domain_has():
    found = json.loads(render_results(results(diagnosis(), checkpoints=made.SERIES)))
    jsonschema.validate(found, results_schema(), cls=jsonschema.Draft202012Validator)
    cells = {cell["name"]: cell for cell in found["comparisons"][0]["domains"]}
    assert (cells["logic"]["n"], cells["logic"]["stopped_of"]) == (400, 2000)
    assert cells["reading"]["stopped_of"] is None
