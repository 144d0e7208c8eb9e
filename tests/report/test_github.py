"""What a workflow is told: within the limits of its page, and no command from outside."""

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import Role, Verdict
from forgetscope.report import ReportView, github_errors, github_outputs, render_github
from forgetscope.report.fit import COMMENT_BYTES, fitted
from forgetscope.report.github import N_ERRORS
from forgetscope.report.markdown import N_ITEMS, render_markdown
from tests.report import made

ODD = (*made.HOSTILE, "::error::gone", "a\n::add-mask::b", "##[error]x", "</details>\n\n# big")


def view(*, domains=None, stories=(), **options):
    diagnosis = made.diagnosis(made.comparison(domains=domains))
    return ReportView.of(diagnosis, stories=stories, checkpoints=made.SERIES, **options)


def stories(texts):
    return [
        made.story(n, prompt=text, gold=text, before=text, after=text)
        for n, text in enumerate(texts)
    ]


def test_the_summary_has_the_verdict_a_row_per_domain_and_the_margin():
    lines = render_github(view(provenance={"study": "run"})).splitlines()
    assert lines[0] == "## Step 2,000 forgot one of five general domains"
    assert "**Gate passed · exit code 0.** nothing is FORGOT" in lines
    row = "| Instruction following | 400 | 60.0 | 51.0 | −9.0 [−11.0, −7.0] | 38 | 2 | ▼ FORGOT |"
    assert row in lines
    (foot,) = [line for line in lines if line.startswith("Margin 2.0 points")]
    assert foot.startswith("Margin 2.0 points, one-sided level 5 % · study run · Checks: ")
    assert sum(line.startswith("|") for line in lines) == 2 + len(made.example_domains())


def test_the_checks_that_failed_are_named():
    warned = made.diagnosis(made.comparison(warnings=["`a` is odd"]))
    lines = render_github(ReportView.of(warned)).splitlines()
    assert "- **!** \\`a\\` is odd" in lines
    assert not [line for line in lines if "✓" in line]


def test_the_first_lost_items_are_folded_and_the_others_counted():
    text = render_github(view(stories=stories(f"q {n}" for n in range(N_ITEMS + 7))))
    assert text.count("<details>") == text.count("</details>") == N_ITEMS
    assert f"**{N_ITEMS + 7} answers were lost**" in text
    assert "7 more lie in the report" in text


def test_gained_items_are_no_lost_ones():
    told = [made.story(transition=made.Transition.GAINED)]
    assert "<details>" not in render_github(view(stories=told))


@pytest.mark.parametrize("render", [render_github, render_markdown])
@pytest.mark.parametrize("letter", ["x", "€", "`"])
def test_long_answers_leave_room_for_the_verdict_in_a_comment(render, letter):
    text = render(view(stories=stories([f"{n}" + 9000 * letter for n in range(12)])))
    assert len(text.encode()) <= COMMENT_BYTES
    assert "forgot one of five" in text
    assert "not fit" in text


def test_any_number_of_domains_fits():
    domains = [made.cell(f"d{n}" * 40, Verdict.FORGOT, change=-0.1) for n in range(900)]
    text = render_github(view(domains=domains))
    assert len(text.encode()) <= COMMENT_BYTES
    assert re.search(r"The rest \(\d+ lines or items\) did not fit", text)


@given(st.lists(st.text(max_size=9), max_size=9), st.integers(0, 60))
def test_what_is_fitted_keeps_whole_blocks_in_order_and_counts_the_rest(blocks, room):
    left = "left out\n"
    limit = len(left.encode()) + 5 + room
    text = fitted(blocks, limit=limit, more=lambda n: f"{left}{n}")
    assert len(text.encode()) <= limit
    kept, _, count = text.partition(left)
    n_kept = len(blocks) - int(count or 0)
    assert kept == "".join(blocks[:n_kept])


@pytest.mark.parametrize("text", ODD)
def test_nothing_a_model_wrote_is_a_command_to_the_runner(text):
    domains = [replace(made.cell(text, Verdict.FORGOT, change=-0.1), reason=text)]
    told = [replace(story, domain=text) for story in stories([text])]
    shown = view(domains=domains, stories=told, provenance={"study": text})
    for line in render_github(shown).splitlines():
        assert not line.strip().startswith("::")
        assert "##[" not in line
    (error,) = github_errors(shown)
    assert error.startswith("::error title=forgetscope::")
    assert "##[" not in error
    assert len(error.splitlines()) == 1


def test_a_model_cannot_leave_its_block():
    text = render_github(view(stories=stories(ODD)))
    outside = [line for line in text.splitlines() if not line.startswith(">")]
    assert not [line for line in outside if "alert" in line or "# big" in line]
    assert text.count("</details>") == N_ITEMS + sum("> </details>" in x for x in text.splitlines())


def test_a_summary_is_text_not_markup():
    (told,) = stories(["x"])
    told = replace(told, item=replace(told.item, task="<b>&amp;"))
    text = render_github(view(stories=[told]))
    title = re.search("<summary>(.*)</summary>", text)[1]
    assert html.unescape(title) == "<b>&amp;-0: Logic, different answer"
    assert "<" not in title


def test_an_error_line_for_each_forgotten_general_domain():
    (line,) = github_errors(view())
    assert line.startswith(
        "::error title=forgetscope::Instruction following: FORGOT, −9.0 points [−11.0, −7.0]"
    )


def test_the_percent_sign_of_an_error_is_written_as_the_runner_reads_it():
    (line,) = github_errors(view(domains=[made.cell("50%0A", Verdict.FORGOT, change=-0.1)]))
    assert "::50%250A: FORGOT" in line


def test_the_errors_are_at_most_ten_and_the_last_one_counts_the_others():
    domains = [made.cell(f"d{n}", Verdict.FORGOT, change=-0.1) for n in range(13)]
    lines = github_errors(view(domains=domains))
    assert len(lines) == N_ERRORS
    assert lines[-1] == "::error title=forgetscope::4 more domains are FORGOT"
    assert len(github_errors(view(domains=domains[:10]))) == 10
    assert "more" not in github_errors(view(domains=domains[:10]))[-1]


def test_only_the_domains_that_are_judged_give_errors():
    domains = [
        made.cell("logic", Verdict.FORGOT, change=-0.1),
        made.cell("math", Verdict.FORGOT, change=-0.1, role=Role.TARGET),
    ]
    shown = view(domains=domains)
    assert [line.split("::")[2].split(":")[0] for line in github_errors(shown)] == ["Logic"]
    assert "Math" in github_errors(shown, domains=["math"])[0]
    assert github_errors(ReportView.of(made.diagnosis())) == ()


def outputs(diagnosis, **options):
    text = github_outputs(diagnosis, **options)
    return dict(line.split("=", 1) for line in text.splitlines())


def test_the_outputs_name_the_worst_verdict_the_last_clean_step_and_the_report():
    diagnosis = made.diagnosis(made.comparison(), last_clean="step-20")
    assert outputs(diagnosis, checkpoints=made.SERIES, report="r/report.html") == {
        "verdict": "FORGOT",
        "last-clean-step": "2000",
        "report": "r/report.html",
    }


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ((Verdict.HELD, Verdict.GAINED), "HELD"),
        ((Verdict.GAINED, Verdict.SLIPPED, Verdict.UNDECIDED), "SLIPPED"),
        ((Verdict.HELD, Verdict.CANNOT_MEASURE), "HELD"),
        ((Verdict.CANNOT_MEASURE,), "CANNOT MEASURE"),
        ((), ""),
    ],
)
def test_the_verdict_of_a_checkpoint_is_the_worst_of_its_general_domains(verdicts, worst):
    domains = [made.cell(f"d{n}", verdict) for n, verdict in enumerate(verdicts)]
    domains.append(made.cell("math", Verdict.FORGOT, role=Role.TARGET))
    assert outputs(made.diagnosis(made.comparison(domains=domains)))["verdict"] == worst


def test_where_no_checkpoint_is_clean_the_step_is_empty():
    for last_clean in (None, "base"):
        diagnosis = made.diagnosis(made.comparison(), last_clean=last_clean)
        assert outputs(diagnosis)["last-clean-step"] == ""
    unnumbered = made.diagnosis(made.comparison("final"), last_clean="final")
    assert outputs(unnumbered)["last-clean-step"] == "final"


@pytest.mark.parametrize("text", ODD)
def test_no_label_adds_an_output(text):
    diagnosis = made.diagnosis(made.comparison(text), last_clean=text)
    found = github_outputs(diagnosis, report=text)
    assert [line.split("=")[0] for line in found.splitlines()] == [
        "verdict",
        "last-clean-step",
        "report",
    ]
