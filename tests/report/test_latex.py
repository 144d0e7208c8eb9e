"""LaTeX: the same digits, and no text from outside that is a command."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.report import ReportView, render_latex
from forgetscope.report.latex import escaped
from tests.report import behind, made


def render(domains=None, **options):
    diagnosis = made.diagnosis(made.comparison(domains=domains))
    return render_latex(ReportView.of(diagnosis, checkpoints=made.SERIES, **options))


def test_a_domain_has_its_numbers_with_a_true_minus():
    assert (
        r"Instruction following & $400$ & $60.0$ & $51.0$ & $-9.0$ & $[-11.0,\ -7.0]$ & FORGOT \\"
    ) in render().splitlines()


def test_the_caption_says_what_was_found_and_what_the_interval_is():
    (caption,) = [line for line in render().splitlines() if line.startswith(r"\caption")]
    assert "Step 2,000 forgot one of five general domains." in caption
    assert r"one-sided level 5\,\% at each end" in caption
    assert "margin 2.0 points" in caption


def test_thousands_are_no_arguments():
    assert "$12{,}345$" in render([made.cell(n=12_345)])


def test_what_cannot_be_measured_says_why_over_two_columns():
    (line,) = [line for line in render().splitlines() if line.startswith("Tools")]
    assert r"\multicolumn{2}{l}{base at chance: 24.6 against 25.0} & CANNOT MEASURE" in line


def test_remarks_stand_beside_the_verdict():
    assert "FORGOT, FORMAT" in render_latex(ReportView.of(behind.full()))


def test_a_base_alone_gives_its_scores():
    text = render_latex(ReportView.of(made.diagnosis()))
    assert r"Logic & $400$ & $60.0$ & $25.0$ \\" in text


def columns(line):
    """How many columns a row fills."""
    spans = [int(n) for n in re.findall(r"\\multicolumn\{(\d)\}", line)]
    return len(re.findall(r"(?<!\\)&", line)) + 1 + sum(spans) - len(spans)


@pytest.mark.parametrize("text", [*made.HOSTILE, r"\input{/etc/passwd}", "a & b \\\\ c", "[5cm]*"])
def test_hostile_names_neither_command_nor_break_the_table(text):
    domains = [made.cell(text), made.unmeasured("x", reason=text)]
    rows = [line for line in render(domains).splitlines() if line.endswith(r" \\")]
    assert {columns(row) for row in rows} == {7}


PLAIN = re.compile(
    r"\\(?:textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar"
    r"|textasciigrave|char34)\{\}|\\[{}$&#%_]|\$(?:-|\\pm|\\infty|\\cdot|\\to|\\neq)\$|-\{\}"
    r"|\{[\[\]*]\}"
)


@given(st.text())
def test_no_sign_keeps_its_meaning(text):
    assert not re.search(r"[\\{}$&#^_%~\[\]*<>|`\"\n]", PLAIN.sub("", escaped(text)))


def test_braces_are_balanced():
    text = re.sub(r"\\[{}]", "", render([made.cell(text) for text in made.HOSTILE]))
    assert text.count("{") == text.count("}")
