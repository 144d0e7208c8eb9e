"""Every way to end has one exit code, and none of them but a failed gate is 1."""

import errno
import json
import subprocess
import sys

import pytest

from forgetscope import errors
from forgetscope.cli import main as main_module
from forgetscope.cli.endings import ending_of
from forgetscope.cli.main import run

OutOfMemoryError = type("OutOfMemoryError", (RuntimeError,), {})

CODES = {
    errors.UsageError("m"): 2,
    errors.UnknownNameError("task", "x", known=[]): 2,
    errors.PairingError("m"): 2,
    errors.CheckpointError("m"): 4,
    errors.DataError("m"): 4,
    errors.StudyError("m"): 4,
    errors.EngineError("m"): 4,
    errors.LogError("m"): 4,
    errors.TrainingError("m"): 4,
    errors.ForgetscopeError("m"): 3,
    KeyboardInterrupt(): 130,
    MemoryError(): 4,
    OutOfMemoryError("CUDA out of memory"): 4,
    OSError(errno.ENOSPC, "No space left on device"): 4,
    PermissionError(errno.EACCES, "Permission denied", "/x"): 4,
    ConnectionResetError("reset"): 4,
    TimeoutError("late"): 4,
    BrokenPipeError(): 3,
    ZeroDivisionError("boom"): 3,
    RecursionError("deep"): 3,
    SystemError("odd"): 3,
    GeneratorExit(): 3,
    FileNotFoundError(errno.ENOENT, "No such file"): 3,
}
"""Frozen: pipelines act on these."""


@pytest.mark.parametrize("error", CODES, ids=lambda error: type(error).__name__)
def test_the_table_of_exit_codes_is_frozen(error, call, monkeypatch):
    from forgetscope import api

    def broken(*_arguments, **_options):
        raise error

    monkeypatch.setattr(api, "shown_diff", broken)
    code, out, err = call("diff", "a", "b")
    assert code == CODES[error]
    assert out == ""
    assert err.strip()
    assert "Traceback" not in err


def test_every_error_of_ours_has_a_code_of_its_own():
    kinds = [each for each in vars(errors).values() if isinstance(each, type)]
    ours = [each for each in kinds if issubclass(each, errors.ForgetscopeError)]
    codes = [each("m").code for each in ours if each is not errors.UnknownNameError]
    assert len(set(codes)) == len(codes)
    assert errors.UnknownNameError("task", "x", known=[]).code == "unknown_name"


@pytest.mark.parametrize("code", [1, "a library's last words", 7])
def test_a_library_that_exits_over_our_heads_is_a_bug_and_no_verdict(code, call, monkeypatch):
    from forgetscope import api

    def leaving(*_arguments, **_options):
        sys.exit(code)

    monkeypatch.setattr(api, "shown_diff", leaving)
    assert call("diff", "a", "b")[0] == 3


def test_what_cannot_be_told_still_has_its_code(monkeypatch):
    monkeypatch.setattr(main_module, "_tell", lambda *_arguments, **_options: 1 / 0)
    assert run(["gate", "nowhere"]) == 4


@pytest.mark.parametrize("option", [["--json"], ["--format", "json"], ["--format=jsonl"]])
@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["gate", "nowhere"], 4, "study"),
        (["gate"], 2, "usage"),
        (["gate", "x", "--margn", "1"], 2, "usage"),
        (["gate", "x", "--margin", "2"], 2, "usage"),
        (["eval", "x", "--tasks", "a", "--engine", "vlm"], 2, "unknown_name"),
    ],
)
def test_an_error_is_json_where_json_was_asked_for(option, arguments, code, word, call):
    found, out, err = call(*arguments, *option)
    content = json.loads(err)
    assert (found, out) == (code, "")
    assert content.keys() == {"schema", "code", "exit_code", "message", "hint"}
    assert content["schema"] == "forgetscope.error/1"
    assert (content["code"], content["exit_code"]) == (word, code)
    assert content["message"]


def test_behind_two_dashes_nothing_is_an_option(call):
    assert call("gate", "--", "--json")[2].startswith("error: ")


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["evla"], "`eval`"),
        (["gaet", "study"], "`gate`"),
        (["gate", "x", "--margn", "2pp"], "`--margin`"),
        (["gate", "x", "--require", "hold"], "`held`"),
        (["gate", "x", "--format", "jnuit"], "`junit`"),
        (["diff", "x", "y", "--color", "allways"], "`always`"),
        (["eval", "x", "--suite", "smal"], "`small`"),
        (["eval", "x", "--tasks", "a", "--target", "mahts"], "`math`"),
    ],
)
def test_a_slip_is_answered_with_what_was_probably_meant(arguments, meant, call):
    code, _, err = call(*arguments)
    assert code == 2
    assert f"did you mean {meant}" in err


def test_the_way_on_after_an_interruption_is_the_command_itself():
    ending = ending_of(KeyboardInterrupt(), arguments=["eval", "a b", "--out", "s"])
    assert "`forgetscope eval 'a b' --out s`" in (ending.hint or "")


def test_a_traceback_is_shown_when_asked_for_and_holds_no_locals(call, monkeypatch):
    from forgetscope import api

    def broken(*_arguments, **_options):
        secret = "hf_token"  # noqa: F841  # what must not be shown
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(api, "shown_diff", broken)
    code, _, err = call("diff", "a", "b", "--traceback")
    assert code == 3
    assert "Traceback (most recent call last)" in err
    assert "= 'hf_token'" not in err


def test_an_escape_in_a_name_does_not_reach_the_terminal(call):
    _, _, err = call("gate", "\x1b[31mred")
    assert "\x1b" not in err
    assert "[ESC][31mred" in err


def _piped(command, *, lines):
    """Run a command whose reader leaves after some lines; return its exit code and stderr."""
    process = subprocess.Popen(
        [sys.executable, "-m", "forgetscope", *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        for _ in range(lines):
            process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()
    return process.returncode, told.decode()


@pytest.mark.parametrize("form", ["plain", "table", "json"])
def test_a_reader_who_leaves_changes_no_exit_code(study, call, form):
    whole = call("gate", study)[0]
    code, told = _piped(["gate", study, "--format", form, "--color=always"], lines=0)
    assert code == whole
    assert "Traceback" not in told
    assert "BrokenPipe" not in told


def test_a_reader_of_the_help_may_leave():
    code, told = _piped(["--help"], lines=1)
    assert (code, told) == (0, "")
