"""One result in the formats that other programs read."""

import csv
import io
import json
from xml.etree import ElementTree

import pytest

VERDICTS = {"FORGOT", "SLIPPED", "HELD", "GAINED", "UNDECIDED", "CANNOT_MEASURE", "CANNOT MEASURE"}


@pytest.mark.parametrize("command", ["diff", "gate"])
def test_json_is_the_results_of_the_report(command, study, call, tmp_path):
    call("report", study, "--out", tmp_path / "r")
    arguments = [f"{study}:base", study] if command == "diff" else [study]
    code, out, _ = call(command, *arguments, "--json")
    found = json.loads(out)
    assert found["schema"] == "forgetscope.report/1"
    assert code == (found["gate"]["exit_code"] if command == "gate" else 0)
    if command == "gate":
        written = json.loads((tmp_path / "r" / "results.json").read_text())
        # only a report knows the command that makes it again
        del found["provenance"], written["provenance"]
        assert found == written


def test_each_line_of_jsonl_is_one_event_and_the_gate_comes_last(study, call):
    code, out, _ = call("gate", study, "--format", "jsonl")
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in (events[0], events[-1])] == ["study", "gate"]
    assert events[-1]["exit_code"] == code
    rows = [event for event in events if event["event"] == "row"]
    assert len(rows) == 3 * (1 + 5 + 5)
    assert {row["verdict"] for row in rows} <= VERDICTS


def test_csv_has_a_row_for_each_domain(study, call):
    _, out, _ = call("gate", study, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {"knowledge", "reading", "math"} <= {value for row in rows for value in row.values()}


@pytest.mark.parametrize("require", ["not-forgot", "held"])
def test_junit_is_red_where_the_gate_is(require, study, call):
    for margin in ("2pp", "60pp"):
        code, out, _ = call(
            *("gate", study, "--format", "junit", "--require", require, "--margin", margin)
        )
        failures = int(ElementTree.fromstring(out).get("failures", "0"))
        assert (failures > 0) == (code != 0)


@pytest.mark.parametrize(
    ("form", "start"), [("md", "#"), ("github", "#"), ("latex", "\\"), ("plain", "gate")]
)
def test_texts_for_people_and_papers_hold_every_domain(form, start, study, call):
    _, out, _ = call("gate", study, "--format", form)
    first = next(line for line in out.splitlines() if not line.startswith("%"))
    assert first.startswith(start) or form == "github"
    for name in ("nowledge", "eading", "anguage"):
        assert name in out


@pytest.mark.parametrize(
    ("suffix", "form"),
    [("json", "json"), ("csv", "csv"), ("md", "md"), ("xml", "junit"), ("tex", "latex")],
)
def test_a_file_gets_the_format_of_its_suffix_and_stdout_nothing(
    suffix, form, study, call, tmp_path
):
    code, shown, _ = call("gate", study, "--format", form)
    path = tmp_path / f"result.{suffix}"
    found, out, err = call("gate", study, "-o", path)
    assert (found, out) == (code, "")
    assert path.read_bytes().decode() == shown
    assert f"result in {path}" in err


def test_the_same_plain_lines_lie_in_a_file_whatever_the_terminal(study, call, tmp_path):
    _, shown, _ = call("gate", study)
    call("gate", study, "-o", tmp_path / "x.txt", "--color=always")
    assert (tmp_path / "x.txt").read_text() == shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "x.docx"], "suffix"),
        (["-o", "missing/x.json"], "cannot write"),
        (["--json", "--format", "csv"], "exclude"),
        (["--format", "yaml"], "unknown format"),
    ],
)
def test_a_place_or_format_that_cannot_be_is_refused(
    arguments, said, study, call, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    code, out, err = call("gate", study, *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_a_command_without_a_format_says_which_it_has(call):
    code, _, err = call("eval", "x", "--tasks", "a", "--format", "junit")
    assert code == 2
    assert "no format `junit`" in err
    assert "plain" in err


def test_a_failed_command_leaves_an_earlier_result_alone(call, tmp_path):
    path = tmp_path / "x.json"
    path.write_text("earlier")
    assert call("gate", tmp_path / "nowhere", "-o", path)[0] == 4
    assert path.read_text() == "earlier"


def test_a_pipeline_that_reads_junit_sees_that_nothing_could_be_run(call, tmp_path):
    code, _, _ = call("gate", tmp_path / "nowhere", "-o", tmp_path / "x.xml")
    assert code == 4
    assert ElementTree.parse(tmp_path / "x.xml").getroot().get("errors") == "1"


def test_quiet_leaves_the_verdict_line_and_more_so_the_exit_code(study, call):
    code, out, _ = call("gate", study)
    assert call("gate", study, "-q")[:2] == (code, out.splitlines()[0] + "\n")
    assert call("gate", study, "-qq") == (code, "", "")


def test_exit_zero_is_for_verdicts_alone(study, call, tmp_path):
    strict = ("--require", "held", "--margin", "1pp")
    assert call("gate", study, *strict)[0] in {1, 5}
    code, out, _ = call("gate", study, *strict, "--exit-zero")
    assert code == 0
    assert "gate failed" in out
    assert call("gate", tmp_path / "nowhere", "--exit-zero")[0] == 4
    assert call("gate", study, "--margn", "1", "--exit-zero")[0] == 2


def test_an_evaluation_tells_a_program_what_was_computed(study, call, run_folder, mirror):
    code, out, _ = call(
        "eval", run_folder / "base", f"--data-dir={mirror}", f"--out={study}", "--json"
    )
    found = json.loads(out)
    assert code == 0
    assert (found["schema"], found["computed"]) == ("forgetscope.eval/1", 0)
    assert found["kept"] > 0


def test_a_report_says_what_it_wrote_and_what_to_do_next(study, call, tmp_path):
    _, _, err = call("report", study, "--out", tmp_path / "r", "--margin", "3pp")
    assert f"open {tmp_path / 'r' / 'report.html'}" in err
    assert "KB" in err
    hint = next(line for line in err.splitlines() if line.startswith("hint: "))
    command, code = hint.split("`")[1], int(hint.split("exits ")[1].split()[0])
    assert call(*command.split()[1:])[0] == code


def test_the_browser_is_asked_to_open_the_page(study, call, tmp_path, monkeypatch):
    import webbrowser

    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    code, _, _ = call("report", study, "--out", tmp_path / "r", "--open")
    assert code == 0
    assert opened == [(tmp_path / "r" / "report.html").as_uri()]
    monkeypatch.setattr(webbrowser, "open", lambda _url: False)
    code, _, err = call("report", study, "--out", tmp_path / "r", "--open")
    assert code == 0
    assert "no browser was found" in err


def test_an_evaluation_as_events_is_a_line_each_and_ends_with_what_was_done(
    call, run_folder, mirror, tmp_path
):
    code, out, _ = call(
        *("eval", run_folder / "base", "--tasks=arc_easy", f"--data-dir={mirror}"),
        *(f"--out={tmp_path / 's'}", "--format", "jsonl"),
    )
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert {event["event"] for event in events[:-1]} == {"progress"}
    assert (events[-1]["event"], events[-1]["computed"]) == ("done", 96)
    last = events[-2]
    assert (last["checkpoint"], last["share"], last["seconds_left"]) == ("base", 1.0, 0)
