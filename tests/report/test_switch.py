"""The checkpoint switch: each state is the domain table as it stood at that checkpoint."""

import json
import re
from dataclasses import replace

import pytest

from forgetscope.records import Adjunct, Verdict
from forgetscope.report import ReportView
from forgetscope.report.html import render_html
from forgetscope.report.nodes import nodes_of
from forgetscope.report.packing import unpack
from forgetscope.report.switch import MOST_SEGMENTS
from tests.report import made
from tests.report.test_html import Page, hostile


def steps(*verdicts, tasks=()):
    return [
        made.comparison(
            f"step-{place}",
            domains=[made.cell("logic", verdict, change=-0.01 * place), made.cell("culture")],
            tasks=[made.cell(name, domain="logic", change=-0.01 * place) for name in tasks],
        )
        for place, verdict in enumerate(verdicts, start=1)
    ]


def view(*verdicts, tasks=()):
    return ReportView.of(made.diagnosis(*steps(*verdicts, tasks=tasks)))


def states_in(page):
    [packed] = re.findall(r'id="switch-states">([^<]*)<', page)
    return unpack(packed)


def filled(known, state, place):
    """A row as the page's script fills it: markup in lists."""
    shape, *numbers = state[place].split(" ")
    text = re.sub("\x01(\\d+)\x01", lambda hole: numbers[int(hole[1])], known["shapes"][int(shape)])
    name = json.dumps(known["labels"][place], ensure_ascii=False)[1:-1]
    return json.loads(text.replace("\u2028", name))


def rows_in(page):
    [section] = re.findall(r'<section id="domains">.*?</section>', page, flags=re.DOTALL)
    rows = re.findall(r'<tr class="(?:row|task) .*?</tr>', section, flags=re.DOTALL)
    return [nodes_of(row)[0] for row in rows]


def slots(node):
    if isinstance(node, str):
        return []
    if "data-slot" in node[1]:
        return [node]
    return [slot for child in node[2:] for slot in slots(child)]


@pytest.mark.parametrize("made_view", [lambda: view("FORGOT", "HELD", tasks=["a", "b"]), hostile])
def test_the_last_state_is_the_table_as_the_page_shows_it(made_view):
    page = render_html(made_view())
    known = states_in(page)
    shown = rows_in(page)
    assert len(known["states"][-1]) == len(shown) > 0
    for place, (_, attributes, heading, *cells) in enumerate(shown):
        tone, found_slots, found_cells = filled(known, known["states"][-1], place)
        assert tone in attributes["class"].split()
        assert found_slots == slots(heading)
        assert found_cells == cells


def test_a_state_shows_the_numbers_and_the_verdict_of_its_checkpoint():
    made_view = view(Verdict.SLIPPED, Verdict.HELD, Verdict.FORGOT)
    known = states_in(render_html(made_view))
    for place, word in enumerate(("SLIPPED", "HELD", "FORGOT")):
        logic = [row.name for row in made_view.switch.choices[place].rows].index("logic")
        text = str(filled(known, known["states"][place], logic))
        assert word in text
        assert made_view.switch.choices[place].rows[logic].interval in text


def test_rows_keep_the_order_of_the_last_checkpoint():
    early = [made.cell("logic", change=-0.05), made.cell("culture", change=0.01)]
    late = [made.cell("logic", change=0.01), made.cell("culture", change=-0.05)]
    both = [made.comparison("s1", domains=early), made.comparison("s2", domains=late)]
    found = ReportView.of(made.diagnosis(*both))
    assert [row.name for row in found.ledger.rows] == ["culture", "logic"]
    for choice in found.switch.choices:
        assert [row.name for row in choice.rows] == ["culture", "logic"]


def test_one_scale_holds_the_changes_of_every_checkpoint():
    low = [made.comparison("s1", domains=[made.cell("logic", change=-0.2)])]
    high = [made.comparison("s2", domains=[made.cell("logic", change=0.0)])]
    assert ReportView.of(made.diagnosis(*low, *high)).ledger.scale.low <= -20


def test_what_a_checkpoint_did_not_answer_has_no_number_and_no_verdict_there():
    early, late = steps(Verdict.HELD, Verdict.HELD, tasks=["riddles"])
    found = ReportView.of(made.diagnosis(replace(early, domains=early.domains[1:], tasks=()), late))
    rows = {row.name: row for row in found.switch.choices[0].rows}
    assert rows["logic"].mark.word == rows["riddles"].mark.word == "NOT EVALUATED"
    assert not rows["logic"].is_drawn
    assert rows["culture"].mark.word == "HELD"
    assert "−" not in rows["logic"].summary


def test_a_segment_bears_the_worst_verdict_of_a_general_domain():
    found = view(Verdict.HELD, Verdict.UNDECIDED, Verdict.SLIPPED, Verdict.FORGOT)
    assert [choice.mark.word for choice in found.switch.choices] == [
        *("HELD", "UNDECIDED", "SLIPPED", "FORGOT")
    ]


def test_each_state_says_its_conclusion():
    found = view(Verdict.HELD, Verdict.FORGOT)
    assert [choice.headline for choice in found.switch.choices] == [
        "No forgetting found at step-1: both general domains held",
        "step-2 forgot one of two general domains",
    ]


def test_a_long_series_is_chosen_from_a_list():
    few, many = view(*["HELD"] * MOST_SEGMENTS), view(*["HELD"] * (MOST_SEGMENTS + 1))
    assert not few.switch.is_list
    assert many.switch.is_list
    page = Page(render_html(many))
    chosen = [attributes for tag, attributes in page.tags if tag == "option"]
    assert len(chosen) == MOST_SEGMENTS + 1
    assert ["selected" in attributes for attributes in chosen].index(True) == MOST_SEGMENTS


def test_steps_are_named_once():
    checkpoints = [made.checkpoint("base"), made.checkpoint("a", step=10)]
    checkpoints.append(made.checkpoint("b", step=2000))
    both = [made.comparison(label) for label in "ab"]
    found = ReportView.of(made.diagnosis(*both), checkpoints=checkpoints)
    assert [choice.short for choice in found.switch.choices] == ["10", "2,000"]
    assert "Compare base with step" in Page(render_html(found)).text


def test_one_checkpoint_beyond_the_base_leaves_nothing_to_switch():
    found = ReportView.of(made.diagnosis(made.comparison()))
    assert found.switch is None
    page = render_html(found)
    assert "switch-states" not in page


def test_remarks_and_chips_belong_to_their_checkpoint():
    early = made.comparison("s1", domains=[made.cell("logic", adjuncts=(Adjunct.SHIFTED,))])
    late = made.comparison("s2", domains=[made.cell("logic", n_missing=7)])
    known = states_in(render_html(ReportView.of(made.diagnosis(early, late))))
    first, second = (str(filled(known, state, 0)) for state in known["states"])
    assert "SHIFTED" in first
    assert "7 items" not in first
    assert "7 items have a score on one side only" in second


def test_names_of_html_and_svg_keep_their_case_and_texts_their_blanks():
    made_nodes = nodes_of('<svg viewBox="0 0 1 1"><path d="M0 0"/></svg><b>1</b> <i>&lt;2&gt;</i>')
    assert made_nodes == [
        ["svg", {"viewBox": "0 0 1 1"}, ["path", {"d": "M0 0"}]],
        ["b", {}, "1"],
        " ",
        ["i", {}, "<2>"],
    ]


def test_nothing_in_a_state_can_run():
    known = states_in(render_html(hostile()))

    def walk(node):
        if isinstance(node, str):
            return
        assert node[0] in {"td", "b", "i", "span", "small", "svg", "path", "line", "rect"} | {
            *("circle", "polygon", "text", "use")
        }
        assert not [name for name in node[1] if name.startswith("on") or name == "style"]
        assert node[1].get("href", "#").startswith("#")
        for child in node[2:]:
            walk(child)

    for state in known["states"]:
        for place in range(len(state)):
            _, found_slots, cells = filled(known, state, place)
            for node in (*found_slots, *cells):
                walk(node)
