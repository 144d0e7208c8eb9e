"""results.json keeps its contract."""

import json
import math
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Adjunct, FormatClass, Verdict, blend, findings, training
from forgetscope.report import SCHEMA, results, results_schema
from forgetscope.report.json_values import json_object, json_value
from forgetscope.report.results import render_results
from tests.report import behind, behind_training, made

CELL_KEYS = {
    *("name", "domain", "role", "metric", "n", "before", "after", "change", "low", "high"),
    *("unadjusted", "p_value", "verdict", "adjuncts", "lost", "gained", "format_share", "chance"),
    "needs",
}
OPTIONAL = ("training", "blend")
ADDED = (
    *("bins_before", "bins_after", "delivery_before", "delivery_after", "passes"),
    *("rerun_n", "rerun_nats"),
)
"""Fields that files of earlier versions lack; programs must not rely on them."""
PROVENANCE = {
    "study": "run",
    "suite": {"name": "tiny", "fingerprint": "ab"},
    "seed": 3,
    "versions": {"forgetscope": "0.1.0"},
    "odd": (math.nan, {"x": math.inf}),
}


def content(*comparisons, **options):
    return written(made.diagnosis(*comparisons), **options)


def written(diagnosis, **options):
    options = {"checkpoints": made.SERIES, "provenance": PROVENANCE} | options
    return json.loads(render_results(results(diagnosis, **options)))


def valid(found, schema=None):
    jsonschema.validate(found, schema or results_schema(), cls=jsonschema.Draft202012Validator)
    return found


def strict(schema):
    """The schema, with every key it describes required, `OPTIONAL` ones apart, no other allowed."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: strict(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict):
        required = [key for key in schema["properties"] if key not in OPTIONAL]
        found |= {"required": required, "additionalProperties": False}
    return found


def numbers_of(value):
    """All numbers of a record or of what was made of it, in no order."""
    if is_dataclass(value):
        value = [getattr(value, field.name) for field in fields(value)]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return sorted(number for part in value for number in numbers_of(part))
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return [value] if is_number and math.isfinite(value) else []


def test_the_schema_is_one_itself():
    jsonschema.Draft202012Validator.check_schema(results_schema())


def properties(schema):
    """Every property of the schema at any depth, with its name."""
    if isinstance(schema, list):
        schema = dict(enumerate(schema))
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict):
        yield from schema["properties"].items()
    for part in schema.values():
        yield from properties(part)


def test_every_key_says_what_it_means():
    found = [(name, one) for name, one in properties(results_schema()) if isinstance(one, dict)]
    assert len(found) > 150
    assert [name for name, one in found if not one.get("description")] == []


@pytest.mark.parametrize("name", ["demo", "smollm2", "smollm2-recap"])
def test_the_committed_reports_still_fit_the_schema(name):
    path = Path(__file__).parents[2] / "reports" / name / "results.json"
    valid(json.loads(path.read_text(encoding="utf-8")))


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


def test_every_key_that_is_written_is_described_and_every_described_key_is_written():
    valid(written(behind.full()), strict(results_schema()))
    valid(content(checkpoints=made.SERIES[:1]), strict(results_schema()))


@pytest.mark.parametrize("name", findings.__all__)
def test_the_schema_knows_every_field_of_every_finding(name):
    names = [field.name for field in fields(getattr(findings, name))]
    described = results_schema()["$defs"][name]
    assert list(described["properties"]) == names
    assert described["required"] == [name for name in names if name not in ADDED]


def test_a_training_run_and_a_blend_are_written_whole_and_described_to_the_key():
    known = {"training": behind_training.training(), "blend": behind_training.blend()}
    found = valid(written(behind.full(), **known), strict(results_schema()))
    assert found["training"]["traces"][0]["weights"] == [1.0, 0.9, 0.7, 0.62]
    for key in OPTIONAL:
        assert numbers_of(found[key]) == numbers_of(known[key])


def test_what_is_undefined_of_a_training_run_is_null():
    rival = behind_training.rival(cells=())
    rival = replace(rival, points=(behind_training.UNDEFINED,))
    trace = behind_training.trace(n=1, values=(math.nan,))
    found = valid(
        written(
            made.diagnosis(made.comparison()),
            training=behind_training.training(rivals=[rival], traces=[trace]),
            blend=behind_training.blend(chosen=None),
        )
    )
    assert found["training"]["rivals"][0]["points"][0]["gain"] is None
    assert found["training"]["traces"][0]["values"] == [None]
    assert found["blend"]["chosen"] is None


def test_without_a_training_run_there_is_no_key_for_one():
    assert not set(content(made.comparison())) & set(OPTIONAL)


@pytest.mark.parametrize(
    ("module", "name"),
    [(training, name) for name in ("Training", "Trace", "Rival", "TradePoint")]
    + [(blend, name) for name in blend.__all__],
)
def test_the_schema_knows_every_field_of_training_runs_and_blends(module, name):
    names = [field.name for field in fields(getattr(module, name))]
    described = results_schema()["$defs"][name]
    assert list(described["properties"]) == described["required"] == names


def test_a_report_of_before_the_findings_still_fits_the_schema():
    found = content(made.comparison())
    del found["courses"], found["seed"]
    new = ("margin", "weighting", "detectable", "noise_floor", "n_missing", "findings")
    for cell in (*found["comparisons"][0]["domains"], *found["profile"]):
        for key in new:
            del cell[key]
    valid(found)


def test_every_number_of_the_findings_is_written_as_it_is():
    diagnosis = behind.full()
    found = written(diagnosis)
    for cell, told in zip(
        diagnosis.comparisons[-1].domains, found["comparisons"][-1]["domains"], strict=True
    ):
        assert numbers_of(told["findings"]) == numbers_of(cell.findings)
    assert numbers_of(found["courses"]) == numbers_of(diagnosis.courses)
    assert found["seed"] == diagnosis.seed


def test_an_estimate_keeps_its_value_its_ends_and_its_p_value():
    found = written(behind.full())["courses"][0]["worst_drop"]
    assert found == {"value": 0.052, "low": 0.031, "high": None, "p_value": None}


def test_what_is_not_known_of_a_cell_is_null():
    found = written(behind.full())["comparisons"][0]["domains"][4]["findings"]
    assert found.pop("recovered") == []
    assert set(found.values()) == {None}


def test_lost_items_are_counted_by_class_in_the_order_of_the_record():
    domain = written(behind.full())["comparisons"][0]["domains"][0]
    assert domain["findings"]["causes"]["by_class"][:2] == [
        [str(FormatClass.TRUNCATED), 20],
        [str(FormatClass.INVALID), 8],
    ]


def test_numbers_of_numpy_stay_numbers():
    cell = made.cell(n=np.int64(40), change=np.float64(-0.25), needs=np.int64(3))
    found = json_object(cell)
    assert (found["n"], found["change"], found["needs"]) == (40, -0.25, 3)
    assert {type(found[key]) for key in ("n", "needs")} == {int}


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=8))
def test_any_value_becomes_what_json_can_hold(value):
    json.dumps(
        json_value({"x": value, "record": replace(made.cell(), chance=0.1)}), allow_nan=False
    )
