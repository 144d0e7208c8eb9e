"""results.json keeps its contract."""

import json
import math

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Adjunct, Verdict
from forgetscope.report import SCHEMA, results, results_schema
from forgetscope.report.results import render_results
from tests.report import made

CELL_KEYS = {
    *("name", "domain", "role", "metric", "n", "before", "after", "change", "low", "high"),
    *("unadjusted", "p_value", "verdict", "adjuncts", "lost", "gained", "format_share", "chance"),
    "needs",
}
PROVENANCE = {
    "study": "run",
    "suite": {"name": "tiny", "fingerprint": "ab"},
    "seed": 3,
    "versions": {"forgetscope": "0.1.0"},
    "odd": (math.nan, {"x": math.inf}),
}


def content(*comparisons, **options):
    options = {"checkpoints": made.SERIES, "provenance": PROVENANCE} | options
    return json.loads(render_results(results(made.diagnosis(*comparisons), **options)))


def valid(found):
    jsonschema.validate(found, results_schema(), cls=jsonschema.Draft202012Validator)
    return found


def test_the_schema_is_one_itself():
    jsonschema.Draft202012Validator.check_schema(results_schema())


def test_a_report_is_valid_and_has_every_key_of_the_contract():
    task = made.cell("riddles", domain="logic", adjuncts=(Adjunct.FORMAT,))
    found = valid(content(made.comparison("step-10", tasks=[task]), made.comparison()))
    assert found["schema"] == SCHEMA == "forgetscope.report/1"
    assert (found["study"], found["suite"]["name"], found["base"]) == ("run", "tiny", "base")
    assert [one["after"] for one in found["comparisons"]] == ["step-10", "step-20"]
    for one in found["comparisons"]:
        for cell in (one["overall"], *one["domains"], *one["tasks"]):
            assert set(cell) >= CELL_KEYS
    assert found["comparisons"][0]["tasks"][0]["adjuncts"] == ["FORMAT"]


def test_the_undefined_is_null_and_never_zero():
    domains = [made.unmeasured(), made.cell(low=-math.inf)]
    first, second = valid(content(made.comparison(domains=domains)))["comparisons"][0]["domains"]
    for key in ("change", "low", "high", "p_value", "format_share"):
        assert first[key] is None
    assert first["unadjusted"] == {"low": None, "high": None}
    assert second["low"] is None
    assert second["high"] is not None


def test_a_base_alone_has_a_profile_and_no_comparison():
    found = valid(content(checkpoints=made.SERIES[:1]))
    assert found["comparisons"] == []
    assert [cell["before"] for cell in found["profile"]] == [0.6, 0.6]
    assert {cell["after"] for cell in found["profile"]} == {None}


def test_without_provenance_the_report_is_still_valid():
    found = valid(content(made.comparison(), provenance=None, checkpoints=()))
    assert found["suite"] == {"name": None, "fingerprint": None}


def test_values_of_provenance_that_json_lacks_become_null():
    assert content(made.comparison())["provenance"]["odd"] == [None, {"x": None}]


@given(st.floats(allow_nan=True), st.sampled_from(list(Verdict)), st.text(max_size=20))
def test_any_cell_gives_strict_json(number, verdict, name):
    cell = made.cell(name, verdict, low=number, high=number, chance=number)
    text = render_results(results(made.diagnosis(made.comparison(domains=[cell]))))
    assert "NaN" not in text.replace(json.dumps(name), "")

    def refuse(constant):
        raise AssertionError(constant)

    found = json.loads(text, parse_constant=refuse)["comparisons"][0]["domains"][0]
    assert found["low"] == (number if math.isfinite(number) else None)


def test_shares_are_written_exactly():
    cell = made.cell(change=-0.1 / 3)
    found = content(made.comparison(domains=[cell]))["comparisons"][0]["domains"][0]
    assert found["change"] == cell.change


@pytest.mark.parametrize(
    ("key", "value"), [("schema", "forgetscope.report/2"), ("margin", -0.02), ("gate", {})]
)
def test_the_schema_refuses_what_breaks_the_contract(key, value):
    found = content(made.comparison())
    with pytest.raises(jsonschema.ValidationError):
        valid(found | {key: value})
