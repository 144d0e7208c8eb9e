"""What was held equal: differing settings are marked, what is compared is not."""

import pytest

from forgetscope.report import ReportView
from forgetscope.report.held import held
from forgetscope.report.html import render_html
from forgetscope.report.markdown import render_markdown
from tests.report import behind, made
from tests.report.test_html import Page


def side(label="base", **others):
    fields = {
        "label": label,
        "source": f"runs/{label}",
        "step": None,
        "weights": "ab" * 32,
        "suite": "tiny",
        "suite_fingerprint": "cd" * 8,
        "prompts": {"items": 4750, "fingerprint": "ef" * 32},
        "chat_template": False,
        "seed": 3,
        "engine": {"engine": "transformers", "dtype": "float32", "fingerprint": "12" * 32},
        "versions": {"forgetscope": "0.1.0", "torch": "2.13.0"},
    }
    return fields | others


def rows(before, after):
    return {row.name: row for row in held([before, after]).rows}


def other(**others):
    return side("step-20", step=20, weights="ba" * 32, **others)


def test_equal_settings_are_not_marked_and_stand_together():
    found = rows(side(), other())
    assert not any(row.is_marked for row in found.values())
    assert found["Engine"].before == "transformers · dtype float32 · fingerprint 121212121212"
    assert found["Prompts"].before == "items 4,750 · fingerprint efefefefefef"
    assert found["Versions"].after == "forgetscope 0.1.0 · torch 2.13.0"
    assert found["Chat template"].before == "no"


def test_checkpoints_differ_in_source_step_and_weights_and_that_is_no_fault():
    found = rows(side(), other())
    for name, texts in (
        ("Source", ("runs/base", "runs/step-20")),
        ("Step", ("–", "20")),
        ("Weights", ("abababababab", "babababababa")),
    ):
        assert (found[name].before, found[name].after) == texts
        assert not found[name].is_marked


def test_a_part_that_differs_has_a_marked_row_of_its_own():
    engine = {"engine": "transformers", "dtype": "bfloat16", "fingerprint": "12" * 32}
    found = held([side(), other(engine=engine)])
    assert found.marked == ("Engine: dtype",)
    named = {row.name: row for row in found.rows}
    assert (named["Engine: dtype"].before, named["Engine: dtype"].after) == ("float32", "bfloat16")
    assert "dtype" not in named["Engine"].before


def test_a_setting_of_one_side_alone_differs():
    found = held([side(), other(engine={"engine": "vllm", "graph": True}, extra="x")])
    assert set(found.marked) == {
        *("Engine: engine", "Engine: dtype", "Engine: fingerprint", "Engine: graph", "Extra")
    }


@pytest.mark.parametrize("sides", [None, [], [side()], "ab", [1, 2], [side()] * 3])
def test_without_two_sides_nothing_is_told(sides):
    assert held(sides) is None


def view(**others):
    provenance = {
        "sides": [side(), other(**others)],
        "commands": ["forgetscope eval base", "forgetscope eval step-20"],
        "again": "forgetscope report study",
        "seed": 3,
        "engine": {"dtype": "float32"},
    }
    return ReportView.of(behind.full(), checkpoints=made.SERIES, provenance=provenance)


def test_the_page_shows_both_sides_marks_what_differs_and_has_every_command():
    page = Page(render_html(view(seed=4)))
    marked = [tag for tag, attributes in page.tags if attributes.get("class") == "differs"]
    assert marked == ["tr"]
    assert "Seed 3 ≠ differs: 4" in page.text
    assert "forgetscope eval base forgetscope eval step-20 forgetscope report study" in page.text


def texts(found):
    return {check.text: check.is_passed for check in found.trust.checks}


def test_checks_pass_where_settings_are_equal_and_fail_where_they_differ():
    assert texts(view())["Engine, suite and settings are the same on both sides"]
    assert texts(view(seed=4))["Settings differ: Seed"] is False


def test_items_with_one_score_fail_a_check():
    found = view()
    assert texts(found)["3 items have a score on one side only and are left out"] is False
    whole = ReportView.of(made.diagnosis(made.comparison(domains=[made.cell(n=400)])))
    assert texts(whole)["All 400 items have a score on both sides"]


def test_lost_forms_fail_a_check_that_names_their_domains():
    found = texts(view())
    assert found["More answers are cut off at the token limit in Instruction following"] is False
    [line] = [text for text in found if text.startswith("The base was asked again")]
    assert found[line]
    assert "items change sides and log-probabilities differ by at most 3.1e-05 nat" in line


def test_a_base_that_was_not_asked_again_is_said():
    plain = ReportView.of(made.diagnosis(made.comparison()))
    [line] = [text for text in texts(plain) if "--rerun" in text]
    assert texts(plain)[line] is False


def test_every_warning_is_among_the_checks_and_counts_against_them():
    warned = made.comparison(warnings=["12 prompts were cut"])
    found = ReportView.of(made.diagnosis(warned))
    assert texts(found)["12 prompts were cut"] is False
    passed = sum(check.is_passed for check in found.trust.checks)
    assert found.trust.checks_text == f"Checks: {passed} of {len(found.trust.checks)} passed"


def test_a_base_alone_has_nothing_to_check():
    assert ReportView.of(made.diagnosis()).trust.checks == ()


def test_other_formats_still_tell_the_settings_of_the_last_side():
    assert "Engine: dtype float32" in render_markdown(view())
