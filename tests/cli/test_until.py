"""`forgetscope eval --until-verdict` and what reads its study."""

import json

import pytest

TASKS = "--tasks=testbed_reading,testbed_safety"


@pytest.fixture(scope="module")
def watched(tuned_pair, tmp_path_factory):
    from forgetscope.cli.main import run

    base, tuned = tuned_pair
    study = tmp_path_factory.mktemp("watched") / "study"
    code = run(
        [
            *("eval", str(base), str(tuned), TASKS, "--limit=400"),
            *("--until-verdict", "--margin=5pp", f"--out={study}"),
        ]
    )
    assert code == 0
    return study


def test_gate_and_diff_judge_a_stopped_study_by_its_bets(watched, call, tmp_path):
    code, out, _ = call("gate", watched, "--margin=5pp")
    assert code == 1
    assert "forgot" in out
    code, out, _ = call("diff", f"{watched}:base", f"{watched}:tuned", "--margin=5pp")
    assert code == 0
    assert "stopped after 50 of 400 items" in " ".join(out.split())
    code, _, _ = call("report", watched, "--margin=5pp", f"--out={tmp_path}")
    assert code == 0
    found = json.loads((tmp_path / "results.json").read_text())
    cells = {cell["name"]: cell for cell in found["comparisons"][0]["domains"]}
    assert cells["reading"]["verdict"] == "FORGOT"
    assert cells["reading"]["method"] == "anytime bets"
    assert cells["reading"]["stopped_of"] == 400


def test_a_margin_without_a_stop_is_refused_with_what_to_do(tuned_pair, call, tmp_path):
    code, _, err = call("eval", *tuned_pair, TASKS, "--margin=5pp", f"--out={tmp_path / 's'}")
    assert code == 2
    assert "add `--until-verdict`" in err
    code, _, err = call(
        "eval", *tuned_pair, TASKS, "--until-verdict", "--rerun", f"--out={tmp_path / 's'}"
    )
    assert code == 2
    assert "asked once" in err
