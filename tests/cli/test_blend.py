"""`forgetscope blend`, from the command to its exit code."""

import json

import pytest

TASKS = "--tasks=testbed_math,testbed_reading,testbed_safety"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("blend") / "out"


@pytest.fixture
def blended(call, tuned_pair, folder):
    """The same call for every test: the first one searches, the others find it done."""
    return call("blend", *tuned_pair, TASKS, "--limit=160", "--margin=2pp", f"--out={folder}")


def test_the_curve_is_a_line_for_each_blend_and_the_verdict_follows(blended):
    code, out, _ = blended
    assert code == 0
    head, *lines = out.splitlines()
    assert head.split()[:2] == ["share", "math"]
    rows = lines[: lines.index("on the items kept back:")]
    shares = [float(row.split()[0]) for row in rows]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    chosen = [row for row in rows if row.endswith(" chosen")]
    assert len(chosen) == 1
    assert rows[-1].endswith("tuned, forgot reading, safety")
    assert any(row.endswith("forgot reading, so it was stopped") for row in rows)
    verdict = lines[len(rows) + 1 :]
    assert verdict[0].startswith("gate passed: nothing is proved forgotten by `blend-0.")
    assert [line.split()[1] for line in verdict[1:]] == ["math:", "reading:", "safety:"]


def test_talk_goes_to_the_other_stream_and_says_where_things_are(blended, folder):
    _, out, err = blended
    assert f"the blend is in {folder / 'checkpoint'}" in err
    assert f"open {folder / 'report' / 'report.html'}" in err
    assert "warning: reading is" in err
    assert "warning" not in out


def test_the_report_is_of_the_kept_back_items_and_the_gate_repeats_the_verdict(
    blended, folder, call
):
    results = json.loads((folder / "report" / "results.json").read_text())
    labels = [c["label"] for c in results["checkpoints"]]
    assert labels[:2] == ["base", "tuned"]
    assert labels[2].startswith("blend-0.")
    assert all(c["source"] for c in results["checkpoints"])
    assert results["gate"]["exit_code"] == blended[0]
    code, out, _ = call("gate", folder / "study", "--margin", "2pp")
    assert code == blended[0]
    assert out.splitlines()[0] in blended[1]


def test_the_exit_code_is_that_of_the_kept_back_items(call, tuned_pair, tmp_path):
    """Whatever the items said that made the choice: a seed's halves may disagree."""
    for seed in range(1, 3):
        code, out, _ = call(
            "blend",
            *tuned_pair,
            TASKS,
            "--limit=60",
            "--margin=1pp",
            f"--seed={seed}",
            f"--out={tmp_path / str(seed)}",
        )
        kept_back = out.split("kept back:")[-1]
        assert code == ("FORGOT" in kept_back)
        assert ("gate failed: `blend-" in out) == bool(code)


def test_a_folder_that_is_missing_is_named_with_the_nearest_one(call, tuned_pair, tmp_path):
    base, tuned = tuned_pair
    code, out, err = call("blend", base, f"{tuned}d", TASKS, f"--out={tmp_path / 'out'}")
    assert (code, out) == (4, "")
    assert f"`{tuned}d` does not exist" in err
    assert f"did you mean `{tuned}`?" in err
    assert not (tmp_path / "out").exists()


def test_models_that_do_not_match_are_refused_by_the_first_tensor(
    call, tuned_pair, run_folder, tmp_path
):
    code, out, err = call(
        "blend", tuned_pair[0], run_folder / "base", TASKS, f"--out={tmp_path / 'out'}"
    )
    assert (code, out) == (4, "")
    assert "do not match: only the first holds `" in err
    assert "hint: only checkpoints of one architecture can be blended" in err


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--require=hold", "did you mean `held`?"),
        ("--suite=testbde", "did you mean `testbed`?"),
        ("--target=mahts", "did you mean `math`?"),
        ("--margin=2", "2pp"),
        ("--margin=150pp", "margin"),
        ("--dtype=float23", "unknown dtype `float23`"),
        ("--tasks=testbed_maht", "testbed_maht"),
    ],
)
def test_a_slip_of_the_pen_is_told_before_anything_is_asked(
    call, tuned_pair, tmp_path, option, told
):
    code, out, err = call("blend", *tuned_pair, TASKS, option, f"--out={tmp_path / 'out'}")
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_without_a_place_for_the_result_nothing_begins(call, tuned_pair):
    code, _, err = call("blend", *tuned_pair, TASKS)
    assert code == 2
    assert "--out" in err
