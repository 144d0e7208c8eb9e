"""Commands on a study of hostile names: nothing raw reaches a terminal, whatever the format."""

import json
import re

import pytest

from forgetscope.cli.main import run
from forgetscope.store import Study
from tests.faults.hostile_study import LABELS, write_study

RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("terminal") / "study")


@pytest.mark.parametrize("form", ["table", "plain", "json"])
def test_a_gate_says_nothing_raw_in_any_format(folder, capsys, form):
    code = run(["gate", str(folder), "--format", form, "--no-progress"])
    out, err = capsys.readouterr()
    assert code == 1
    assert not RAW.search(out + err)
    if form == "json":
        json.loads(out)


def test_a_label_that_nobody_knows_is_told_harmlessly(folder, capsys):
    for label in (*LABELS, "\x1b]0;x\x07", "[bold]x[/bold]", "\u202ex"):
        code = run(["diff", f"{folder}:{label}x", str(folder)])
        out, err = capsys.readouterr()
        assert code in (2, 4)
        assert not RAW.search(out + err)
        assert "[bold]" in err or "[bold]" not in label


def test_colour_and_links_of_a_label_are_text_on_a_terminal(folder, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    run(["gate", str(folder), "--format", "table", "--color", "always"])
    out, _ = capsys.readouterr()
    without_colours = re.sub(r"\x1b\[[\d;]*m", "", out)
    assert not RAW.search(without_colours)
    assert "{{7*7}}" in without_colours or "::error::x" in without_colours


def test_the_study_still_has_its_names(folder):
    with Study(folder) as study:
        assert tuple(checkpoint.label for checkpoint in study.series()) == LABELS
