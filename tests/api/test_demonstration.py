"""The demo's loop, on a model that is hardly trained: the steps, not the effect."""

import dataclasses
import functools
import json
import shutil

import pytest

from forgetscope import recap, testbed
from forgetscope.cli.main import run
from forgetscope.testbed import BaseRecipe
from forgetscope.testbed.base import SIZES


@pytest.fixture
def small_steps(monkeypatch, tmp_path):
    recipe = BaseRecipe(steps=6, batch=8, layers=1, width=32, heads=2, warmup=2)
    monkeypatch.setitem(SIZES, "small", recipe)
    short = dataclasses.replace(recap.TESTBED_RUN, steps=2, save_steps=1, n_prompts=2, group_size=2)
    monkeypatch.setattr("forgetscope.recap.recipe.TESTBED_RUN", short)
    monkeypatch.setattr(testbed, "tasks", functools.partial(testbed.tasks, n_items=40))
    monkeypatch.setenv("FORGETSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _results(folder):
    return json.loads((folder / "demo" / "report" / "results.json").read_text())


def test_the_demo_goes_from_nothing_to_a_report_and_again_without_training(small_steps, capsys):
    assert run(["demo", "--out", "demo", "--seed", "3"]) == 0
    first = _results(small_steps)
    assert [c["label"] for c in first["checkpoints"]] == ["base", "checkpoint-1", "checkpoint-2"]
    assert first["provenance"]["command"] == "forgetscope demo --seed 3"
    assert all(not c["source"].startswith("/") for c in first["checkpoints"])
    domains = {cell["name"] for cell in first["comparisons"][-1]["domains"]}
    assert {"math", "knowledge", "reading", "instruction", "language", "safety"} <= domains
    capsys.readouterr()

    assert run(["demo", "--out", "demo", "--seed", "3"]) == 0
    talk = capsys.readouterr().err
    assert "train by" not in talk
    assert "blend-" not in talk
    assert _results(small_steps)["comparisons"] == first["comparisons"]


def test_the_demo_reports_recap_beside_plain_grpo_and_their_difference(small_steps):
    assert run(["demo", "--out", "demo"]) == 0
    results = json.loads((small_steps / "demo" / "report-recap" / "results.json").read_text())
    assert results["training"]["method"] == "recap"
    assert _results(small_steps)["training"]["method"] == "grpo"
    difference = small_steps / "demo" / "seed-0" / "diff-grpo" / "results.json"
    labels = [c["label"] for c in json.loads(difference.read_text())["checkpoints"]]
    assert labels == ["grpo", "recap"]
    page = (small_steps / "demo" / "view" / "view.md").read_text(encoding="utf-8")
    head = next(line for line in page.splitlines() if line.startswith("| Domain"))
    assert head == "| Domain | Items | GRPO | RECAP | Blend |"


def test_the_demo_blends_the_base_with_the_checkpoint_of_plain_grpo(small_steps, capsys):
    assert run(["demo", "--out", "demo"]) == 0
    results = json.loads((small_steps / "demo" / "report-blend" / "results.json").read_text())
    curve = results["blend"]
    assert (curve["before"], curve["after"]) == ("base", "checkpoint-2")
    assert {0.1, 0.5, 0.9} <= {point["share"] for point in curve["points"]}
    printed = capsys.readouterr()
    assert "as the search saw it" in printed.out
    assert "report-blend" in printed.err


def test_without_the_training_extra_the_demo_says_what_to_install(small_steps, monkeypatch, capsys):
    import sys

    monkeypatch.setitem(sys.modules, "trl", None)
    shutil.rmtree(small_steps / "demo", ignore_errors=True)
    assert run(["demo", "--out", "demo"]) == 4
    err = capsys.readouterr().err
    assert "error: training needs the package `trl`" in err
    assert "pip install 'forgetscope[train]'" in err


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_trained(small_steps, capsys):
    (small_steps / "file").write_text("")
    assert run(["demo", "--out", "file/demo"]) == 2
    err = capsys.readouterr().err
    assert "error: cannot write the demo to `file/demo/seed-0`" in err
    assert "--out" in err
    assert "train" not in err
