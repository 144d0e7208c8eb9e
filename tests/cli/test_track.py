"""`--track`, from the command to the event file."""

import json
import shutil
from pathlib import Path

import pytest

from forgetscope import Study
from forgetscope.api import track
from tests.interchange.test_trackers import events


@pytest.fixture(scope="module")
def copied(tmp_path_factory, study):
    """A copy of the study, which others want as it is."""
    return shutil.copytree(study, tmp_path_factory.mktemp("tracked") / "mine")


def _tags(folder):
    (file,) = folder.glob("*-mine/events*")
    return {(value.tag, event.step) for event in events(file) for value in event.summary.value}


@pytest.mark.parametrize("command", ["report", "eval"])
def test_every_checkpoint_of_a_study_is_logged_at_its_step(
    command, call, copied, run_folder, mirror, tmp_path
):
    options = {
        "report": [copied, f"--out={tmp_path / 'report'}"],
        "eval": [run_folder / "run", f"--out={copied}", f"--data-dir={mirror}"],
    }
    code, _, err = call(command, *options[command], f"--track=tensorboard:{tmp_path}")
    assert code == 0, err
    assert f"4 checkpoints logged to tensorboard:{tmp_path}" in err.replace("\n", "")
    tags = _tags(tmp_path)
    assert {step for tag, step in tags if tag == "forgetting/math/score"} == {0, 5, 10, 100}
    assert {step for tag, step in tags if tag == "forgetting/overall/change"} == {5, 10, 100}


def test_two_studies_of_one_name_do_not_replace_each_other(copied, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for recipe in ("plain", "recap"):
        Path(recipe).mkdir()
        (Path(recipe) / "study").symlink_to(copied)
        with Study(f"{recipe}/study") as study:
            track(study, "tensorboard:runs")
    assert sorted(folder.name for folder in Path("runs").iterdir()) == [
        "plain-study",
        "recap-study",
    ]


@pytest.mark.parametrize(
    ("track", "code", "said"),
    [
        ("tensorbord:x", 2, "did you mean `tensorboard`?"),
        ("wandb:", 2, "write `wandb:PROJECT`"),
    ],
)
def test_a_tracker_that_makes_no_sense_is_refused_before_anything_is_done(
    track, code, said, call, copied, tmp_path
):
    found, out, err = call("report", copied, f"--out={tmp_path / 'r'}", f"--track={track}")
    assert (found, out) == (code, "")
    assert said in err
    assert not (tmp_path / "r").exists()


def test_a_tracker_that_fails_ends_in_one_line_after_the_whole_result(call, copied, tmp_path):
    (tmp_path / "file").write_text("no folder")
    code, out, err = call(
        "report",
        copied,
        "--json",
        f"--out={tmp_path / 'r'}",
        f"--track=tensorboard:{tmp_path}/file",
    )
    assert code == 4
    assert json.loads(out)["schema"] == "forgetscope.report/1"
    assert "tensorboard could not log to" in err
    assert "Traceback" not in err
    assert (tmp_path / "r" / "report.html").exists()
