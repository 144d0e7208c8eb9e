"""In a real terminal: what a person sees, and what pressing Ctrl-C does."""

import pytest

pty = pytest.importorskip("pty", reason="no pseudo-terminal here")

from tests.cli.pseudo_terminal import see  # noqa: E402  # needs a pseudo-terminal


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_table_fits_the_terminal_and_is_coloured(study, columns):
    seen = see("diff", f"{study}:base", study, columns=columns)
    assert seen.code == 0
    assert "\x1b[" in seen.screen
    assert max(map(len, seen.lines)) <= columns
    head = next(line for line in seen.lines if line.strip().startswith("domain "))
    assert ("base" in head) == (columns == 120)
    assert any("┊" in line for line in seen.lines) or columns == 60


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_without_colours_no_escape_is_written(study, environment):
    seen = see("diff", f"{study}:base", study, **environment)
    assert seen.code == 0
    assert "\x1b" not in seen.screen
    assert any(line.strip().startswith("domain ") for line in seen.lines)


def test_an_option_goes_before_the_environment(study):
    assert "\x1b[" in see("diff", f"{study}:base", study, "--color=always", NO_COLOR="1").screen
    assert (
        "\x1b" not in see("diff", f"{study}:base", study, "--color=never", FORCE_COLOR="1").screen
    )


def test_the_gate_says_the_same_on_a_terminal_and_in_a_log(study, call):
    code, out, _ = call("gate", study)
    seen = see("gate", study, columns=200, apart=True)
    assert seen.code == code
    assert "\x1b[" in seen.screen
    assert [line.rstrip() for line in seen.lines if line] == out.splitlines()


def test_results_and_talk_go_their_own_ways(study, tmp_path):
    seen = see("report", study, "--out", tmp_path / "r", apart=True)
    assert seen.code == 0
    assert "report in" in seen.talk
    assert "hint: " in seen.talk
    assert "report in" not in seen.screen
    assert "domain" in seen.screen
    assert "domain" not in seen.talk


def test_ctrl_c_stops_with_130_and_the_same_command_goes_on(run_folder, mirror, tmp_path):
    command = (
        *("eval", run_folder / "base", run_folder / "run", "--tasks=arc_easy,lambada_openai"),
        *(f"--data-dir={mirror}", f"--out={tmp_path / 's'}"),
    )
    seen = see(*command, columns=100, press=("prompts", b"\x03"))
    assert seen.code == 130
    text = "\n".join(seen.lines)
    assert "interrupted" in text
    assert "forgetscope eval" in text
    assert "Traceback" not in text
    again = see(*command, columns=100)
    assert again.code == 0
    assert any("answers computed" in line for line in again.lines)


def test_progress_leaves_a_line_for_each_checkpoint(run_folder, mirror, tmp_path):
    seen = see(
        *("eval", run_folder / "base", run_folder / "run", "--tasks=arc_easy"),
        *(f"--data-dir={mirror}", f"--out={tmp_path / 's'}"),
        columns=100,
    )
    assert seen.code == 0
    for number, name in enumerate(("base", "checkpoint-5", "checkpoint-10", "checkpoint-100"), 1):
        assert any(f"{name} ({number} of 4) 96/96 in" in line for line in seen.lines)
    assert any(line.startswith("study") and "checkpoint" in line for line in seen.lines)
