"""The files of a report."""

import json
import subprocess
import sys

import pytest

from forgetscope.report import write, write_pictures, write_report
from tests.report import behind_training, made

NAMES = [
    *("report.html", "report.md", "results.json"),
    *("figures/profile.png", "figures/forest.png", "figures/heat.png"),
    *("figures/paths.png", "figures/transitions.png"),
]


@pytest.fixture(scope="module")
def given():
    diagnosis = made.diagnosis(made.comparison("step-10"), made.comparison("step-20"))
    options = {
        "stories": [made.story(number) for number in range(3)],
        "checkpoints": made.SERIES,
        "provenance": {"study": "run", "seed": 1},
    }
    return diagnosis, options


def all_bytes(folder):
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_all_files_are_written_and_equal_input_gives_equal_bytes(tmp_path, given):
    diagnosis, options = given
    write_report(diagnosis, tmp_path / "a", **options)
    write_report(diagnosis, tmp_path / "b", **options)
    assert sorted(all_bytes(tmp_path / "a")) == sorted(NAMES)
    assert all_bytes(tmp_path / "a") == all_bytes(tmp_path / "b")


def test_pictures_of_an_earlier_report_do_not_stay_behind(tmp_path, given):
    diagnosis, options = given
    write_report(diagnosis, tmp_path, **options)
    write_report(made.diagnosis(), tmp_path, checkpoints=made.SERIES[:1])
    assert sorted(all_bytes(tmp_path)) == sorted(NAMES[:4])
    assert json.loads((tmp_path / "results.json").read_text())["comparisons"] == []


def test_pictures_in_further_formats_lie_beside_and_go_with_the_next_report(tmp_path, given):
    diagnosis, options = given
    view = write_report(diagnosis, tmp_path, **options)
    added = write_pictures(view, tmp_path, kinds=("svg", "pdf"))
    assert {path.suffix for path in added} == {".svg", ".pdf"}
    stems = {path.stem for path in (tmp_path / "figures").glob("*.png")}
    assert {path.stem for path in added} == stems
    write_report(diagnosis, tmp_path, **options)
    assert sorted(all_bytes(tmp_path)) == sorted(NAMES)


def test_a_training_run_and_a_blend_add_their_pictures_and_go_with_them(tmp_path, given):
    diagnosis, options = given
    known = {"training": behind_training.training(), "blend": behind_training.blend()}
    write_report(diagnosis, tmp_path, **options, **known)
    added = {f"figures/{name}.png" for name in ("tradeoff", "weights", "dumbbell", "blend")}
    assert set(all_bytes(tmp_path)) == {*NAMES, *added}
    assert {"training", "blend"} <= set(json.loads((tmp_path / "results.json").read_text()))
    write_report(diagnosis, tmp_path, **options)
    assert set(all_bytes(tmp_path)) == set(NAMES)


def test_a_failure_leaves_the_earlier_file_whole(tmp_path, given, monkeypatch):
    diagnosis, options = given
    write_report(made.diagnosis(), tmp_path)
    before = all_bytes(tmp_path)

    def full(*_):
        raise OSError("disk full")

    monkeypatch.setattr(write.Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        write_report(diagnosis, tmp_path, **options)
    assert all_bytes(tmp_path) == before


def test_importing_the_room_draws_nothing_yet():
    code = (
        "import sys, forgetscope.report;"
        "print([m for m in ('matplotlib', 'jinja2', 'pandas', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
