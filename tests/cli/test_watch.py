"""`forgetscope watch` as a person and a program see it."""

import json

import pytest

from forgetscope import api


def _watch(call, run_folder, mirror, tmp_path, *more):
    return call(
        "watch",
        run_folder / "base",
        run_folder / "run",
        "--tasks=blimp_causative",
        f"--data-dir={mirror}",
        f"--out={tmp_path / 'study'}",
        "--until=100",
        "--every=0.05",
        *more,
    )


def test_each_checkpoint_is_one_line_and_one_event(call, run_folder, mirror, tmp_path):
    code, out, err = _watch(call, run_folder, mirror, tmp_path)
    lines = out.splitlines()
    assert code == 0
    assert [line.split("  ")[0] for line in lines] == [
        "base",
        "checkpoint-5",
        "checkpoint-10",
        "checkpoint-100",
    ]
    assert lines[0].startswith("base  base  (48 answers in ")
    assert "next: forgetscope report" in err

    code, out, _ = _watch(call, run_folder, mirror, tmp_path, "--format=jsonl")
    events = [json.loads(line) for line in out.splitlines() if '"checkpoint"' in line]
    events = [event for event in events if event["event"] == "checkpoint"]
    assert code == 0
    assert [event["step"] for event in events] == [None, 5, 10, 100]
    assert {event["computed"] for event in events} == {0}


def test_checkpoints_are_asked_as_by_eval(call, run_folder, mirror, tmp_path):
    asked = ("--tasks", "gsm8k", "--data-dir", mirror, "--limit", "6", "--out", tmp_path / "s")
    written = ("--max-new-tokens", "3", "--temperature", "1", "--top-p", "0.9", "--repeats", "2")
    code, _, err = call("eval", run_folder / "base", *asked, *written)
    assert (code, "12 answers computed" in err) == (0, True)
    code, out, _ = call("watch", run_folder / "base", *asked, *written, "--idle=0.1", "--every=0.1")
    assert code == 0
    assert "(12 answers kept)" in out


def test_lost_domains_stand_by_name():
    from forgetscope.api.watching_records import Watched, WatchedState
    from forgetscope.cli.watch import _line

    news = Watched(
        label="checkpoint-5\x1b[31m",
        step=5,
        state=WatchedState.DONE,
        computed=1200,
        seconds=3.0,
        forgot=("knowledge", "reading"),
        verdicts={"knowledge": "FORGOT", "reading": "FORGOT", "math": "GAINED", "logic": "HELD"},
    )
    assert _line(news).endswith(
        "FORGOT Knowledge, Reading · 1 HELD · 1 GAINED  (1,200 answers in 3.0 s)"
    )
    assert "\x1b" not in _line(news)


@pytest.mark.parametrize("error", [KeyboardInterrupt])
def test_ctrl_c_exits_130_with_how_to_go_on(error, call, run_folder, mirror, tmp_path, monkeypatch):
    def stopped(*_arguments, **_options):
        raise error

    monkeypatch.setattr(api, "watch", stopped)
    code, _, err = _watch(call, run_folder, mirror, tmp_path)
    assert code == 130
    assert "run the same command again" in err
    assert "forgetscope watch" in err


def test_a_folder_in_which_nothing_came_ends_without_a_study(call, mirror, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    out = tmp_path / "study"
    where = ("--tasks=blimp_causative", f"--data-dir={mirror}", f"--out={out}")
    code, _, err = call("watch", empty, *where, "--idle=0.1", "--every=0.05")
    assert code == 0, err
    assert "no checkpoint came" in err
    assert not out.exists()
