"""What pipelines rely on: commands, flags, exit codes. To add one, edit the list and say why."""

import subprocess
import sys

import pytest
import typer

from forgetscope.cli.app import app

SHARED = {
    "--ascii",
    "--color",
    "--format",
    "--json",
    "--progress",
    "--quiet",
    "--traceback",
    "--verbose",
}
"""What every command understands."""

# reasoning models and chats are asked alike wherever checkpoints are evaluated
ASKING = {
    "--allow-code",
    "--max-new-tokens",
    "--system",
    "--temperature",
    "--think-tags",
    "--thinking",
    "--top-p",
}
FLAGS = {
    "blend": ASKING
    | {
        "--chat-template",
        "--data-dir",
        "--dtype",
        "--limit",
        "--margin",
        "--out",
        "--require",
        "--seed",
        "--suite",
        "--target",
        "--tasks",
    },
    "demo": {"--out", "--seed"},
    # --until-verdict and --margin: asking stops where the verdict is proved
    "eval": {
        # --allow-code: programs that a model wrote run by choice alone
        "--allow-code",
        "--base",
        "--chat-template",
        "--data-dir",
        "--dtype",
        "--engine",
        # --executor and --workers: a series is evaluated on as many machines as there are
        "--executor",
        "--limit",
        "--margin",
        # --max-new-tokens, --temperature and --top-p: how answers are written, without a suite file
        "--max-new-tokens",
        "--out",
        "--probe",
        "--repeats",
        "--rerun",
        "--suite",
        # --system, --think-tags and --thinking: models that are asked by a template and think first
        "--system",
        "--target",
        "--tasks",
        "--temperature",
        "--think-tags",
        "--thinking",
        "--top-p",
        # --track: results where people watch their runs
        "--track",
        "--until-verdict",
        "--workers",
    },
    # the study's options are those of eval; --until, --idle and --every say when to look and to end
    "watch": ASKING
    | {
        "--base",
        "--chat-template",
        "--data-dir",
        "--dtype",
        "--engine",
        "--every",
        "--idle",
        "--limit",
        "--margin",
        "--out",
        "--repeats",
        "--suite",
        "--target",
        "--tasks",
        "--until",
    },
    # --embed and --redact: a page may be too large, and a data set may forbid being published again
    "diff": {"--embed", "--margin", "--out", "--policy", "--redact"},
    # --figures: pictures that stay sharp in print
    # --track: results where people watch their runs
    "report": {
        "--embed",
        "--figures",
        "--margin",
        "--open",
        "--out",
        "--policy",
        "--redact",
        "--track",
    },
    "view": {"--margin", "--open", "--out", "--policy"},
    "train": {
        "--allow-overlap",
        "--budget",
        "--chat-template",
        "--compare",
        "--config",
        "--data-dir",
        "--dtype",
        "--eval",
        "--limit",
        "--method",
        "--model",
        "--out",
        "--reasoning",
        "--recap",
        "--replay",
        "--rule",
        "--seed",
        "--set",
        "--steps",
        "--suite",
        "--target",
        "--tasks",
    },
    # suites: what a preset or suite file holds is looked at before it is run
    "suites": set(),
    "import": {"--base", "--label", "--out", "--step", "--target", "--tasks"},
    "export": {"--label", "--margin", "--out", "--policy", "--redact", "--to"},
    "gate": {"--domains", "--exit-zero", "--margin", "--policy", "--require"},
    # doctor takes what eval takes, as far as it decides what can run
    "doctor": {
        "--chat-template",
        "--data-dir",
        "--dtype",
        "--engine",
        "--limit",
        "--margin",
        "--out",
        "--suite",
        "--tasks",
    },
    "power": {
        "--alpha",
        "--checkpoints",
        "--discordance",
        "--domains",
        "--items",
        "--margin",
        "--policy",
        "--power",
        "--suite",
    },
}


def _commands():
    return typer.main.get_command(app).commands


def test_the_commands_and_their_flags_are_frozen():
    found = {
        name: {
            option
            for parameter in command.params
            for option in (*parameter.opts, *parameter.secondary_opts)
            if option.startswith("--") and option != "--help"
        }
        for name, command in _commands().items()
    }
    found = {name: {o for o in opts if not o.startswith("--no-")} for name, opts in found.items()}
    assert found == {name: flags | SHARED for name, flags in FLAGS.items()}


@pytest.mark.parametrize("name", FLAGS)
def test_every_command_has_help_with_an_example_and_the_exit_codes(name, call):
    code, out, _ = call(name, "--help")
    text = " ".join(out.split())
    assert code == 0
    assert "Example: forgetscope" in text
    assert "130 interrupted" in text


def test_a_call_without_anything_shows_the_help(call):
    code, out, err = call()
    assert (code, err) == (0, "")
    assert "Commands" in out


def test_help_loads_no_torch_and_neither_does_the_package():
    program = (
        "import sys, forgetscope\n"
        "from forgetscope.cli.main import run\n"
        "assert run(['--help']) == 0\n"
        "heavy = {'torch', 'transformers', 'lm_eval', 'datasets', 'matplotlib', 'pandas'}\n"
        "sys.exit(1 if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0


def test_the_version_is_the_package_s(call):
    from importlib.metadata import version

    assert call("--version")[1] == f"forgetscope {version('forgetscope')}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("evla",),
        ("eval",),
        ("eval", "x", "--limit", "0"),
        ("gate", "x", "--require", "hold"),
        ("report", "x", "--nonsense"),
    ],
)
def test_a_call_that_makes_no_sense_exits_2_with_one_line_and_a_hint(arguments, call):
    code, out, err = call(*arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert "see `forgetscope" in err
    assert "Traceback" not in err


def test_a_bug_exits_3_and_never_1(call, monkeypatch):
    from forgetscope import api

    def broken(*_arguments, **_options):
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(api, "shown_diff", broken)
    code, _, err = call("diff", "a", "b")
    assert code == 3
    assert "internal error: ZeroDivisionError: boom" in err
    assert "Traceback" not in err


def test_an_interruption_exits_130_and_says_how_to_go_on(call, monkeypatch):
    from forgetscope import api

    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "shown_diff", interrupted)
    code, _, err = call("diff", "a", "b")
    assert code == 130
    assert "same command again" in err
