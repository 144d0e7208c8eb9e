"""JUnit: red exactly where the gate is, and well-formed whatever it holds."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.diagnosis import judge
from forgetscope.records import Role, Verdict
from forgetscope.report import ReportView, render_junit, render_junit_error
from tests.report import made

TASKS = (
    made.cell("riddles", Verdict.FORGOT, change=-0.09, domain="logic"),
    made.cell("grammar", Verdict.FORGOT, change=-0.09, domain="instruction_following"),
    made.cell("verbs", Verdict.UNDECIDED, change=-0.01, domain="instruction_following"),
)


def suite(domains=None, *, tasks=(), **options):
    view = ReportView.of(made.diagnosis(made.comparison(domains=domains, tasks=tasks)))
    return ET.fromstring(render_junit(view, **options))


def outcomes(root):
    return {
        (case.get("classname"), case.get("name")): [part.tag for part in case]
        for case in root.iter("testcase")
    }


def test_what_is_forgotten_fails_what_is_open_speaks_and_what_is_not_measured_is_skipped():
    assert outcomes(suite()) == {
        ("instruction_following", "instruction_following"): ["failure"],
        ("culture", "culture"): ["system-out"],
        ("logic", "logic"): ["system-out"],
        ("language", "language"): ["system-out"],
        ("knowledge", "knowledge"): ["system-out"],
        ("tools", "tools"): ["skipped"],
        ("math", "math"): ["system-out"],
    }


def test_where_proof_is_asked_for_all_that_is_not_proved_fails():
    found = outcomes(suite([*_with_margins()], require="held"))
    failed = {name for (name, _), parts in found.items() if parts == ["failure"]}
    assert failed == {"instruction_following", "culture", "knowledge", "tools"}


def _with_margins():
    for cell in made.example_domains():
        yield made.cell(**{name: getattr(cell, name) for name in cell.__slots__} | {"margin": 0.02})


def test_the_text_of_a_failure_stands_in_its_body():
    failure = suite().find(".//failure")
    assert failure.text.startswith("Instruction following: FORGOT, −9.0 points [−11.0, −7.0]")
    assert failure.text == failure.get("message")
    assert failure.get("type") == "FORGOT"


def test_what_is_open_says_how_many_items_are_missing():
    case = suite().find(".//testcase[@name='knowledge']")
    assert "needs 120 more items" in case.find("system-out").text


def test_a_task_fails_only_where_its_domain_does():
    found = outcomes(suite(tasks=TASKS))
    assert found["logic", "riddles"] == ["system-out"]
    assert found["instruction_following", "grammar"] == ["failure"]
    assert found["instruction_following", "verbs"] == ["system-out"]


cells = st.builds(
    lambda verdict, role, low: made.cell(
        verdict=verdict, role=role, margin=0.02, unadjusted_low=low
    ),
    st.sampled_from(list(Verdict)),
    st.sampled_from(list(Role)),
    st.sampled_from([-0.1, 0.0]),
)


@given(st.lists(cells, max_size=5), st.sampled_from(["held", "not-forgot"]), st.booleans())
def test_it_is_red_exactly_where_the_gate_is(domains, require, is_chosen):
    domains = [made.renamed(cell, f"d{n}") for n, cell in enumerate(domains)]
    chosen = [cell.name for cell in domains[:2]] if is_chosen else None
    made_of = made.comparison(domains=domains)
    gate = judge(made_of, require=require, domains=chosen)
    view = ReportView.of(made.diagnosis(made_of))
    root = ET.fromstring(render_junit(view, require=require, domains=chosen))
    assert (int(root.get("failures")) == 0) == gate.passed


def test_the_counts_are_those_of_the_cases():
    root = suite(tasks=TASKS)
    for tag, attribute in (("failure", "failures"), ("skipped", "skipped"), ("error", "errors")):
        assert int(root.get(attribute)) == len(root.findall(f".//{tag}"))
        assert root.get(attribute) == root.find("testsuite").get(attribute)
    assert int(root.get("tests")) == len(list(root.iter("testcase"))) == 10


def test_a_base_alone_compares_nothing():
    view = ReportView.of(made.diagnosis())
    for require, tag in (("not-forgot", "skipped"), ("held", "failure")):
        root = ET.fromstring(render_junit(view, require=require))
        assert root.find(f".//{tag}").text == "nothing was compared"


def test_what_could_not_run_is_an_error():
    root = ET.fromstring(render_junit_error("no study at `x`"))
    assert (root.get("tests"), root.get("errors"), root.get("failures")) == ("1", "1", "0")
    assert root.find(".//error").text == "no study at `x`"


@pytest.mark.parametrize("text", [*made.HOSTILE, "]]><failure/>", "\ufffe\uffff"])
def test_hostile_names_stay_text(text):
    domains = [made.cell(text, Verdict.FORGOT), made.unmeasured("x", reason=text)]
    tasks = [made.cell(text, domain=text)]
    root = suite(domains, tasks=tasks)
    assert len(root.findall(".//testcase")) == 3
    assert len(root.findall(".//failure")) == 1
    assert ET.fromstring(render_junit_error(text)).find(".//error") is not None


@given(st.text())
def test_any_text_gives_well_formed_xml(text):
    ET.fromstring(render_junit_error(text))


def test_equal_views_give_equal_text():
    view = ReportView.of(made.diagnosis(made.comparison(tasks=TASKS)))
    assert render_junit(view) == render_junit(view)
