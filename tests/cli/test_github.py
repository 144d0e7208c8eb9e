"""`gate` inside a workflow on GitHub: summary, outputs and error lines, and the same exit code."""

import pytest

from forgetscope.api import Shown
from forgetscope.cli.github import in_workflow, tell_workflow
from forgetscope.report import ReportView
from tests.report import made

NAMES = ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ACTIONS")


@pytest.fixture(autouse=True)
def _outside(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def workflow(monkeypatch, tmp_path):
    files = {name: tmp_path / name for name in NAMES[:2]}
    for name, path in files.items():
        monkeypatch.setenv(name, str(path))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    return files


def tell(report, *, domains=None):
    diagnosis = made.diagnosis(made.comparison(), last_clean="step-20")
    view = ReportView.of(diagnosis, checkpoints=made.SERIES)
    shown = Shown(view=view, results={}, diagnosis=diagnosis)
    tell_workflow(shown, checkpoints=made.SERIES, report=report, domains=domains)


def test_the_environment_tells_whether_a_workflow_listens():
    assert not in_workflow({})
    assert not in_workflow({"GITHUB_OUTPUT": ""})
    assert all(in_workflow({name: "x"}) for name in NAMES)


def test_the_files_are_appended_to(workflow, tmp_path):
    workflow["GITHUB_OUTPUT"].write_text("before=1\n")
    page = tmp_path / "report.html"
    page.write_text("x")
    tell(page)
    assert workflow["GITHUB_OUTPUT"].read_text() == (
        f"before=1\nverdict=FORGOT\nlast-clean-step=2000\nreport={page}\n"
    )
    summary = workflow["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
    assert summary.startswith("## Step 2,000 forgot one of five general domains\n")


def test_a_report_that_was_not_written_is_not_named(workflow, tmp_path):
    tell(tmp_path / "report.html")
    assert "report=\n" in workflow["GITHUB_OUTPUT"].read_text()


@pytest.mark.usefixtures("workflow")
def test_errors_are_said_on_stderr_and_stdout_stays_empty(tmp_path, capsys):
    tell(tmp_path)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("::error title=forgetscope::Instruction following: FORGOT")
    tell(tmp_path, domains=["logic"])
    assert capsys.readouterr().err == ""


def test_a_file_that_cannot_be_written_is_a_warning(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "such" / "folder"))
    tell(tmp_path)
    assert "warning: cannot write GITHUB_STEP_SUMMARY" in capsys.readouterr().err


def test_the_gate_tells_the_workflow_and_exits_as_elsewhere(study, call, workflow):
    outside = call("gate", study, "--margin", "1pp", "--require", "held")
    for path in workflow.values():
        assert path.is_file()
        path.unlink()
    code, out, _ = call("gate", study, "--margin", "1pp", "--require", "held", "--json")
    assert code == outside[0]
    assert out.startswith("{")
    assert workflow["GITHUB_OUTPUT"].read_text().count("\n") == 3
    assert "**Gate" in workflow["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")


def test_elsewhere_nothing_is_said(tmp_path, capsys):
    tell(tmp_path)
    assert capsys.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
