"""`forgetscope gate` with a policy: what a release is staked on."""

import json
import math

import pytest

from forgetscope.cli.gate import gate_line
from forgetscope.diagnosis import diagnose
from forgetscope.records import Policy, Verdict
from tests.strategies import column, counts, profile, task


def _cells(*tables, **settings):
    tasks = [task(f"t{j}", domain=f"d{j}", chance=math.nan) for j, _ in enumerate(tables)]
    made = [(of, counts(*table)) for of, table in zip(tasks, tables, strict=True)]
    profiles = [
        profile(label, *(column(of, values[side]) for of, values in made))
        for side, label in enumerate(("base", "step-40"))
    ]
    return diagnose(profiles, policy=Policy(**settings)).comparisons[0].domains


def test_a_line_of_the_gate_holds_verdict_change_interval_and_margin():
    (row,) = _cells((60, 20, 500))
    line = gate_line(row, require="not-forgot")
    assert line.startswith("▼ d0: FORGOT −8.0 [−")
    assert line.endswith("], margin 2.0 points")
    low, high = f"{-100 * row.low:.1f}", f"{-100 * row.high:.1f}"
    assert f"[−{low}, −{high}]" in line


def test_what_is_open_says_what_it_needs():
    (row,) = _cells((30, 24, 300))
    assert row.verdict is Verdict.UNDECIDED
    assert gate_line(row, require="not-forgot").endswith(f", needs {row.needs:,} more items")


def test_where_proof_is_asked_the_interval_is_that_of_the_domain_alone():
    rows = _cells(*[(25, 22, 900)] * 6)
    for row in rows:
        assert row.verdict is Verdict.UNDECIDED
        strict, loose = (gate_line(row, require=name) for name in ("held", "not-forgot"))
        assert f"[−{-100 * row.unadjusted_low:.1f}, " in strict
        assert f"[−{-100 * row.low:.1f}, " in loose
        assert "held at the gate's level" in strict
        assert "held at the gate's level" not in loose


def test_what_cannot_be_measured_says_why():
    (row,) = _cells((0, 0, 5))
    assert gate_line(row, require="held") == f"∅ d0: CANNOT MEASURE ({row.reason})"


# ---- end to end ----------------------------------------------------------------------


@pytest.fixture
def policy(tmp_path):
    def write(content):
        path = tmp_path / "policy.toml"
        path.write_text(content)
        return path

    return write


def _lines(out):
    return {line.split()[1].rstrip(":"): line for line in out.splitlines()[1:]}


def test_the_gate_prints_a_line_for_each_domain_it_judges(study, call):
    code, out, _ = call("gate", study)
    assert code in {0, 1}
    assert out.startswith("gate ")
    assert set(_lines(out)) == {"knowledge", "commonsense", "reading", "language"}
    _, out, _ = call("gate", study, "--domains", "math,reading")
    assert list(_lines(out)) == ["math", "reading"]


def test_each_domain_is_judged_by_its_own_margin(study, call, policy):
    path = policy('margin = "4pp"\n[domains.reading]\nmargin = "45pp"\n')
    lines = _lines(call("gate", study, "--policy", path)[1])
    for name, margin in (("reading", "45.0"), ("language", "4.0")):
        assert "CANNOT" in lines[name] or f"margin {margin} points" in lines[name]
    beside = _lines(call("gate", study, "--policy", path, "--margin", "3pp")[1])
    for name, margin in (("reading", "45.0"), ("language", "3.0")):
        assert "CANNOT" in beside[name] or f"margin {margin} points" in beside[name]


def test_the_tier_of_a_policy_overrides_the_role_of_the_suite(study, call, policy):
    path = policy('[domains.reading]\ntier = "watch"\n[domains.math]\ntier = "gate"\n')
    assert set(_lines(call("gate", study, "--policy", path)[1])) == {
        "knowledge",
        "commonsense",
        "language",
        "math",
    }


def test_the_policy_says_what_is_required_unless_the_command_does(study, call, policy):
    path = policy('require = "held"\nmargin = "1pp"\n')
    loose, strict = call("gate", study, "--margin", "1pp"), call("gate", study, "--policy", path)
    assert strict == call("gate", study, "--margin", "1pp", "--require", "held")
    assert loose == call("gate", study, "--policy", path, "--require", "not-forgot")
    # two dozen items cannot prove a margin of one point
    assert strict[0] in {1, 5}
    assert strict[0] == 1 or loose[0] == 0


def test_weights_of_tasks_are_those_of_the_policy(study, call, policy):
    path = policy(
        '[domains.knowledge]\nweights = { arc_easy = 3.0 }\n[domains.math]\nweights = "tasks"'
    )
    assert call("gate", study, "--policy", path)[0] in {0, 1}
    code, _, err = call("gate", study, "--policy", policy("[domains.math]\nweights = { gsm = 1 }"))
    assert code == 2
    assert "did you mean `gsm8k`" in err


def test_report_diff_and_gate_read_one_policy_alike(study, call, policy, tmp_path):
    path = policy('require = "held"\nalpha = 0.1\n[domains.reading]\nmargin = "45pp"\n')
    code, _, _ = call("report", study, "--out", tmp_path / "r", "--policy", path)
    results = json.loads((tmp_path / "r" / "results.json").read_text())
    assert code == 0
    assert results["alpha"] == 0.1
    gate_code, gate_out, _ = call("gate", study, "--policy", path)
    assert gate_code == results["gate"]["exit_code"]
    assert results["gate"]["reason"] in gate_out
    margins = {cell["name"]: cell["margin"] for cell in results["comparisons"][-1]["domains"]}
    assert (margins["reading"], margins["language"]) == (0.45, 0.02)
    code, _, _ = call(
        *("diff", f"{study}:base", f"{study}:checkpoint-100", "--policy", path),
        *("--out", tmp_path / "d"),
    )
    (comparison,) = json.loads((tmp_path / "d" / "results.json").read_text())["comparisons"]
    assert code == 0
    assert {cell["name"]: cell["margin"] for cell in comparison["domains"]} == margins


@pytest.mark.parametrize("command", ["gate", "report", "power"])
def test_a_policy_for_other_domains_is_refused_and_nothing_is_written(
    command, study, call, policy, tmp_path
):
    path = policy('[domains.safety]\ntier = "gate"\n')
    arguments = [command, study, "--policy", path]
    if command == "report":
        arguments += ["--out", tmp_path / "r"]
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert "domains.safety" in err
    assert str(path) in err
    assert not (tmp_path / "r").exists()
