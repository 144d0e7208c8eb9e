"""`--embed` and `--redact`: what of the items a report repeats."""

import re

import pandas as pd
import pytest

from forgetscope.records import Transition
from forgetscope.report.packing import TURNS, unpack


def rows(folder):
    """Return the index rows of the items in a page; nothing where it holds none."""
    text = (folder / "report.html").read_text("utf-8")
    found = re.search('id="items-index">([^<]*)<', text)
    return unpack(found[1])["rows"] if found else []


def blocks(folder):
    text = (folder / "report.html").read_text("utf-8")
    return [unpack(each) for each in re.findall('class="items-block">([^<]*)<', text)]


@pytest.mark.parametrize(
    ("mode", "turns"),
    [
        ("none", set()),
        ("lost", {Transition.LOST}),
        ("changed", {Transition.LOST, Transition.GAINED}),
        ("all", set(Transition)),
    ],
)
def test_the_page_holds_the_items_that_were_asked_for(study, call, tmp_path, mode, turns):
    code, _, err = call("report", study, "--out", tmp_path, "--embed", mode)
    assert code == 0
    frame = pd.read_parquet(tmp_path / "items.parquet")
    last = frame[frame["checkpoint"] == frame["checkpoint"].iloc[-1]]
    expected = last["transition"].isin({turn.value for turn in turns}).sum()
    found = rows(tmp_path)
    assert len(found) == expected
    assert {TURNS[row[3]] for row in found} <= turns
    assert len(frame) > len(found)
    assert "warning: " not in err or "MB" not in err


def test_a_redacted_report_keeps_the_answers_and_not_the_prompts(study, call, tmp_path):
    call("report", study, "--out", tmp_path / "open", "--embed", "all")
    call("report", study, "--out", tmp_path / "hidden", "--embed", "all", "--redact", "prompts")
    known = pd.read_parquet(tmp_path / "open" / "items.parquet")
    hidden = pd.read_parquet(tmp_path / "hidden" / "items.parquet")
    assert set(hidden["prompt"]) == {""}
    assert list(hidden["score"]) == list(known["score"])
    prompts = set(known["prompt"]) - {""}
    texts = {texts[0] for block in blocks(tmp_path / "hidden") for texts in block}
    assert prompts
    assert texts
    assert not any(text in prompt for text in texts for prompt in prompts)


def test_an_unknown_mode_is_a_usage_error_that_names_the_modes(study, call, tmp_path):
    code, _, err = call("report", study, "--out", tmp_path, "--embed", "some")
    assert code == 2
    assert "changed" in err
