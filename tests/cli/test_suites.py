import json
import subprocess
import sys

import pytest

from forgetscope.suites import load_suite, preset_names

ROWS = "".join(
    json.dumps({"question": f"Is {n} odd?", "choices": ["yes", "no"], "answer": (n + 1) % 2}) + "\n"
    for n in range(24)
)
SUITE = """\
description = "what I ask"
margin = "40pp"

[[task]]
file = "odd.jsonl"
domain = "logic"
purpose = "held-out"

[[task]]
name = "chartqa"
optional = true
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mine")
    (folder / "odd.jsonl").write_text(ROWS)
    (folder / "mine.toml").write_text(SUITE)
    return folder / "mine.toml"


@pytest.fixture(scope="module")
def study(mine, run_folder):
    from forgetscope.cli.main import run

    checkpoints = [str(run_folder / "base"), str(run_folder / "run" / "checkpoint-5")]
    folder = mine.parent / "study"
    assert run(["eval", *checkpoints, f"--suite={mine}", f"--out={folder}", "-q"]) == 0
    return folder


def test_all_presets_are_listed_with_what_they_are_for(call):
    code, out, err = call("suites")
    assert code == 0
    lines = out.splitlines()
    for name in preset_names():
        (line,) = [line for line in lines if line.split()[0] == name]
        assert load_suite(name).description in line
    assert "forgetscope suites NAME" in err


def test_a_suite_tells_items_metric_chance_label_and_what_loss_it_proves(call):
    code, out, err = call("suites", "quick")
    assert code == 0
    lines = {line.split()[0]: line.split() for line in out.splitlines()[2:]}
    assert lines["boolq"] == ["boolq", "200", "acc", "50.0", "dev"]
    assert lines["mmlu"][:4] == ["mmlu", "(57", "tasks)", "250"]
    assert lines["knowledge"][1] == "650"
    assert lines["logic"][-1] == "held-out"
    assert float(lines["commonsense"][2]) < float(lines["logic"][2])
    assert "gated: its data may ask for an account" in err


def test_the_loss_a_suite_proves_is_that_of_power(call):
    listed = json.loads(call("suites", "quick", "--json")[1])["domains"]
    planned = json.loads(call("power", "--suite", "quick", "--json")[1])["rows"]
    reaches = {row["name"]: row for row in planned if row["kind"] == "domain"}
    for domain in listed:
        assert domain["n"] == reaches[domain["name"]]["n"]
        assert domain["detectable"] == reaches[domain["name"]]["detectable"]


def test_what_never_runs_here_counts_no_items(call):
    domains = json.loads(call("suites", "full", "--json")[1])["domains"]
    code = next(domain for domain in domains if domain["name"] == "code")
    assert (code["n"], code["detectable"]) == (0, None)
    assert not any(task["can_run"] for task in code["tasks"])


def test_numbers_that_were_not_verified_are_not_told(call):
    out, err = call("suites", "standard")[1:]
    items = {line.split()[0]: line.split()[1] for line in out.splitlines()[2:]}
    assert (items["piqa"], items["social_iqa"]) == ("1,838", "?")
    assert items["commonsense"].endswith("+")
    assert "?, +: how many items" in err


def test_a_suite_file_is_listed_with_its_own_questions(call, mine):
    out = call("suites", mine)[1]
    assert out.startswith("mine: what I ask\n")
    odd = next(line for line in out.splitlines() if line.split()[:1] == ["odd"])
    assert odd.split() == ["odd", "24", "acc", "50.0", "held-out"]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [("qick", 2, "did you mean `quick`?"), (".", 2, "unknown suite"), ("none.toml", 2, "unknown")],
)
def test_an_unknown_suite_is_told(call, name, code, said):
    found, out, err = call("suites", name)
    assert (found, out) == (code, "")
    assert said in err


def test_suites_are_listed_without_torch_or_lm_eval():
    program = (
        "import sys\n"
        "from forgetscope.cli.main import run\n"
        "assert run(['suites']) == 0 == run(['suites', 'full'])\n"
        "heavy = {'torch', 'transformers', 'lm_eval', 'datasets', 'pandas', 'matplotlib'}\n"
        "sys.exit(1 if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0


def test_a_label_reaches_results_and_page(study, call):
    assert call("report", study, "-qq")[0] == 0
    (comparison,) = json.loads((study / "report" / "results.json").read_text())["comparisons"]
    assert {cell["name"]: cell["purpose"] for cell in comparison["tasks"]} == {"odd": "held-out"}
    assert [cell["purpose"] for cell in comparison["domains"]] == ["held-out"]
    page = (study / "report" / "report.html").read_text()
    assert '<small class="remark">held-out</small>' in page


@pytest.mark.parametrize(
    ("options", "margin"),
    [([], 0.4), (["--margin", "30pp"], 0.3), (["--policy", "POLICY"], 0.02)],
)
def test_the_policy_of_the_suite_holds_unless_the_call_says_otherwise(
    study, call, tmp_path, options, margin
):
    policy = tmp_path / "policy.yaml"
    policy.write_text("alpha: 0.05\n")
    options = [str(policy) if option == "POLICY" else option for option in options]
    found = json.loads(call("gate", study, "--json", *options)[1])
    assert found["margin"] == margin
    diff = json.loads(call("diff", f"{study}:base", study, "--json", *options)[1])
    assert diff["margin"] == margin
    rows = json.loads(call("power", study, "--json", *options)[1])["rows"]
    assert {row["margin"] for row in rows} == {margin}


def test_the_policy_of_a_suite_file_is_planned_with(call, mine):
    rows = json.loads(call("power", "--suite", mine, "--json")[1])["rows"]
    assert {row["margin"] for row in rows} == {0.4}


def test_what_is_left_out_is_told_when_it_is_evaluated(study, mine, run_folder, call):
    code, _, err = call("eval", run_folder / "base", "--suite", mine, "--out", study)
    assert code == 0
    assert "note: left out `chartqa`: the task `chartqa`" in err
    assert "0 answers computed" in err
    provenance = json.loads(call("report", study, "--json")[1])["provenance"]
    assert provenance["left out"][0].startswith("left out `chartqa`")


def test_a_file_of_questions_is_a_task_by_its_path(mine, run_folder, call, tmp_path):
    rows = mine.parent / "odd.jsonl"
    base = run_folder / "base"
    assert call("eval", base, "--tasks", rows, "--out", tmp_path / "s", "-qq")[0] == 0
    code, _, err = call("eval", base, "--tasks", tmp_path / "od.jsonl", "--out", tmp_path / "s")
    assert code == 2
    assert "unknown task file" in err


def test_questions_that_changed_are_asked_though_the_command_is_the_same(
    run_folder, call, tmp_path
):
    rows = tmp_path / "odd.jsonl"
    for n in (10, 24):
        rows.write_text("".join(ROWS.splitlines(keepends=True)[:n]))
        call("eval", run_folder / "base", "--tasks", rows, "--out", tmp_path / "s", "-qq")
    profile = json.loads(call("report", tmp_path / "s", "--json")[1])["profile"]
    assert {cell["n"] for cell in profile} == {24}
