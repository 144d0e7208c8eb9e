"""`forgetscope eval --probe recover`, from the command to the page."""

import json
import shutil

import pytest


@pytest.fixture(scope="module")
def probed(tmp_path_factory, study):
    """A copy of the study, which others want as it is."""
    return shutil.copytree(study, tmp_path_factory.mktemp("probed") / "study")


def _last_comparison(folder):
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))["comparisons"][-1]


def _probe(call, run_folder, mirror, folder, *, name="recover"):
    return call(
        "eval",
        run_folder / "base",
        run_folder / "run",
        f"--data-dir={mirror}",
        f"--out={folder}",
        f"--probe={name}",
    )


def test_an_unknown_probe_is_refused_with_the_nearest_one(call, run_folder, mirror, probed):
    code, out, err = _probe(call, run_folder, mirror, probed, name="recvoer")
    assert (code, out) == (2, "")
    assert "unknown probe `recvoer`" in err
    assert "did you mean `recover`?" in err


def test_what_came_back_is_told_stored_and_shown(call, run_folder, mirror, probed, tmp_path):
    code, _, err = _probe(call, run_folder, mirror, probed)
    assert code == 0, err
    told = " ".join(err.split())
    for step in (5, 10, 100):
        assert f"`checkpoint-{step}` asked again behind examples:" in told
    assert " 0 answers computed" in told
    code, _, err = call("report", probed, f"--out={tmp_path}")
    assert code == 0, err
    overall = _last_comparison(tmp_path)["overall"]
    found = overall["findings"]["recovered"]
    assert [probe["kind"] for probe in found] == ["examples"]
    assert 0 < found[0]["n"] <= overall["lost"]
    assert 0.0 <= found[0]["came_back"]["low"] <= found[0]["came_back"]["high"] <= 1.0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Asked again in other words" in page
    assert "Stayed right" in page


def test_asking_again_moves_no_score_and_no_verdict(call, study, probed, tmp_path):
    pages = []
    for name, folder in (("plain", study), ("probed", probed)):
        assert call("report", folder, f"--out={tmp_path / name}")[0] == 0
        results = _last_comparison(tmp_path / name)
        pages.append(
            [
                {key: value for key, value in cell.items() if key != "findings"}
                for cell in (*results["domains"], *results["tasks"], results["overall"])
            ]
        )
    assert pages[0] == pages[1]
