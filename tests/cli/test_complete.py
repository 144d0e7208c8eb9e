"""What a shell offers when the tab key is pressed."""

import os
import subprocess
import sys

import pytest

from forgetscope.cli.complete import complete_checkpoint, complete_domains, complete_suite
from forgetscope.suites import preset_names


def _offered(*words):
    done = subprocess.run(
        [sys.executable, "-m", "forgetscope"],
        env=os.environ
        | {
            "_FORGETSCOPE_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(["forgetscope", *map(str, words)]),
            "COMP_CWORD": str(len(words)),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_a_shell_is_offered_commands_options_and_values(study):
    assert _offered("ga") == ["gate"]
    assert _offered("gate", study, "--marg") == ["--margin"]
    assert _offered("gate", study, "--format", "j") == ["json", "jsonl", "junit"]
    assert _offered("diff", f"{study}:checkpoint-1") == [
        f"{study}:checkpoint-10",
        f"{study}:checkpoint-100",
    ]


def test_a_press_of_the_tab_key_loads_nothing_heavy(study):
    program = (
        "import sys\n"
        "from forgetscope.cli.complete import complete_checkpoint, complete_suite\n"
        f"assert complete_checkpoint({str(study) + ':'!r}) and complete_suite('s')\n"
        "heavy = {'torch', 'transformers', 'lm_eval', 'datasets', 'matplotlib', 'pandas'}\n"
        "sys.exit(1 if heavy & set(sys.modules) else 0)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_labels_are_those_of_the_study(study):
    assert complete_checkpoint(f"{study}:b") == [f"{study}:base"]
    assert complete_checkpoint(f"{study}:zzz") == []
    assert str(study) in complete_checkpoint(str(study)[:-2])


@pytest.mark.parametrize("typed", ["", "nowhere/", "nowhere:", ":", "\x00", "a" * 5000])
def test_nothing_that_is_typed_is_an_error(typed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert complete_checkpoint(typed) == []
    assert set(complete_suite(typed)) <= set(preset_names())


def test_a_broken_study_offers_nothing(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "study.sqlite").write_bytes(b"no database")
    assert complete_checkpoint(f"{tmp_path / 's'}:") == []


def test_a_list_of_domains_is_continued_without_those_it_has():
    assert "reading" in complete_domains("r")
    assert complete_domains("reading,r") == []
    assert complete_domains("logic,re") == ["logic,reading"]


def test_suites_are_presets_and_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small-own.toml").touch()
    assert complete_suite("sm") == ["small", "small-own.toml"]
