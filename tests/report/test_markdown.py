"""Markdown: the same words, and no text from outside that formats or links."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Verdict
from forgetscope.report import ReportView, wording
from forgetscope.report.markdown import N_ITEMS, fenced, inline, render_markdown
from tests.report import behind, behind_training, made
from tests.report.test_html import hostile


def render(*, domains=None, stories=(), **options):
    diagnosis = made.diagnosis(made.comparison(domains=domains))
    return render_markdown(
        ReportView.of(diagnosis, stories=stories, checkpoints=made.SERIES, **options)
    )


def test_the_headline_comes_first_and_every_domain_has_a_line():
    text = render()
    assert text.startswith("# Step 2,000 forgot one of five general domains\n")
    for line in (
        "| Instruction following | 400 | 60.0 | 51.0 | −9.0 [−11.0, −7.0] | 38 | 2 | ▼ FORGOT |",
        "| Math | 400 | 60.0 | 70.3 | +10.3 [+8.3, +12.3] | 0 | 41 | ▲ GAINED |",
    ):
        assert line in text.splitlines()


def test_all_rows_of_the_table_have_the_same_number_of_cells():
    domains = [made.cell(text, Verdict.FORGOT) for text in made.HOSTILE]
    table = [line for line in render(domains=domains).splitlines() if line.startswith("|")]
    assert len(table) == 2 + len(made.HOSTILE)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {9}


@given(st.text())
def test_a_fence_is_longer_than_any_run_of_backticks_inside(text):
    lines = fenced(text).split("\n")
    fence = re.match("`+", lines[0])[0]
    assert lines[-1] == fence
    assert not any(fence in line for line in lines[1:-1])
    assert "\n".join(lines[1:-1]) == wording.clean(text)


@pytest.mark.parametrize("sign", list("\\`*_{}[]<>#!|~$&@"))
def test_no_sign_keeps_its_meaning_inline(sign):
    assert inline(f"a{sign}b") == f"a\\{sign}b"


def test_no_address_becomes_a_link():
    assert inline("see https://example.org") == "see https\\://example.org"
    assert "www." not in inline("see www.example.org")


def test_hostile_items_stay_inside_their_blocks():
    stories = [made.story(n, prompt=t, gold=t, after=t) for n, t in enumerate(made.HOSTILE)]
    outside, fence = [], None
    for line in render(stories=stories).splitlines():
        opening = re.match("(`{3,})(text)?$", line)
        if fence is None and opening:
            fence = opening[1]
        elif fence == line:
            fence = None
        elif fence is None:
            outside.append(line)
    assert fence is None
    assert not [line for line in outside if re.search(r"(?<!\\)[<>]|alert|not a heading", line)]


def test_only_the_first_lost_items_are_shown_and_the_rest_counted():
    text = render(stories=[made.story(n) for n in range(N_ITEMS + 5)])
    assert f"## Answers that were lost ({N_ITEMS} of {N_ITEMS + 5})" in text
    assert text.count("\n### ") == N_ITEMS


def test_of_a_choice_every_option_is_shown_with_both_probabilities():
    told = made.story(
        1,
        gold="south",
        choices=("north", "south"),
        before="south",
        after="north",
        before_shares=(0.3, 0.7),
        after_shares=(0.8, 0.2),
    )
    lines = render(stories=[told]).splitlines()
    heading = lines.index("Options\\: Before, base; After, step 2,000:")
    assert lines[heading + 3 : heading + 5] == [
        "north: 30.0 %; 80.0 % chosen",
        "south (right): 70.0 % chosen; 20.0 %",
    ]


def test_of_a_choice_without_probabilities_the_chosen_options_are_shown():
    told = made.story(1, gold="south", choices=("north", "south"), before="south", after="north")
    text = render(stories=[told])
    assert "north: –; chosen" in text
    assert "south (right): chosen; –" in text


def test_every_domain_is_shown_before_any_is_shown_at_length():
    domains = ["logic"] * 30 + ["culture"] + ["language"] * 30
    text = render(stories=[made.story(n, domain=name) for n, name in enumerate(domains)])
    shown = re.findall("^### .*: ([A-Z][a-z]+), ", text, flags=re.MULTILINE)
    assert sorted(shown) == ["Culture"] + ["Language"] * 4 + ["Logic"] * 5
    assert len(set(re.findall("^### .*", text, flags=re.MULTILINE))) == N_ITEMS


def test_without_items_the_heading_is_left_out():
    assert "Answers" not in render()


def test_settings_warnings_and_command_are_named():
    text = render(provenance={"seed": 7, "command": "forgetscope report x"})
    assert "- Seed: 7" in text
    assert "- Margin: 2.0 points, one-sided level 5 %" in text
    assert "```text\nforgetscope report x\n```" in text


def test_checks_and_every_command_are_listed():
    diagnosis = made.diagnosis(made.comparison(warnings=["`a` is odd"]))
    known = {"commands": ["forgetscope eval a", "forgetscope eval b"]}
    lines = render_markdown(ReportView.of(diagnosis, provenance=known)).splitlines()
    checks = [line for line in lines if line.startswith(("- ✓ ", "- **!** "))]
    passed = sum("✓" in line for line in checks)
    assert f"## Checks: {passed} of {len(checks)} passed" in lines
    assert "- **!** \\`a\\` is odd" in checks
    assert lines[-4:] == ["```text", "forgetscope eval a", "forgetscope eval b", "```"]


def test_a_setting_that_differs_between_the_sides_is_named():
    sides = [{"label": "base", "dtype": "float32"}, {"label": "step-20", "dtype": "bfloat16"}]
    assert "- Differs: Dtype, float32 and bfloat16\n" in render(provenance={"sides": sides})


def test_a_base_alone_gives_its_profile():
    text = render_markdown(ReportView.of(made.diagnosis()))
    assert "| Logic | 400 | 60.0 | 25.0 |" in text
    assert "Gate" not in text


def test_what_stands_behind_the_verdicts_is_listed_below_the_table():
    text = render_markdown(ReportView.of(behind.full(), checkpoints=made.SERIES))
    assert "| ▼ FORGOT ¶ FORMAT |" in text
    assert "- Instruction following\\: 31 of 38 lost answers are format\n" in text
    assert "proven drop from step 10 of at least 3.1 points" in text
    assert text.index("| ∅ CANNOT MEASURE |") < text.index("31 of 38") < text.index("## Settings")


def test_training_and_blend_have_a_short_section_each():
    lines = render_markdown(behind_training.view()).splitlines()
    for line in (
        "## What the gain cost",
        "| GRPO | step 20 | +15.0 \\[+13.0, +17.0\\] | −5.0 \\[−7.0, −3.0\\] |",
        "Weights ranged from 0.62 (Math\\: accuracy) to 1.38 (Logic\\: replay).",
        "## Between base and tuned weights",
        "| Logic | 400 | −0.8 \\[−1.8, +0.2\\] | ● HELD | −5.2 \\[−6.2, −4.2\\] | ▼ FORGOT |",
    ):
        assert line in lines
    assert lines.index("## What the gain cost") < lines.index("## Settings")


def test_tables_of_hostile_runs_keep_their_columns():
    tables = re.findall(r"(?:^\|.*\n)+", render_markdown(hostile()), flags=re.MULTILINE)
    assert len(tables) >= 3
    for table in tables:
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1
