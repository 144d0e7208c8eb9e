"""`forgetscope view`: tables on stdout, the page beside them."""

import shutil

import pytest


@pytest.fixture
def copy(study, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(study, folder)
    return folder


def test_two_studies_become_one_page(study, copy, call, tmp_path):
    code, out, err = call("view", f"one={study}", f"two={copy}", "--out", tmp_path / "v")
    assert code == 0
    assert out.startswith("Of ")
    assert "How far from one" in out
    assert f"open {tmp_path / 'v' / 'view.html'}" in err
    assert {path.name for path in (tmp_path / "v").iterdir()} == {"view.html", "view.md", "figures"}


def test_the_margin_holds_for_all_of_them(study, copy, call, tmp_path):
    arguments = ("view", f"one={study}", f"two={copy}", "--margin", "45pp")
    assert call(*arguments, "--out", tmp_path / "v")[0] == 0
    assert "Margin: 45.0 points" in (tmp_path / "v" / "view.md").read_text(encoding="utf-8")


def test_one_study_or_none_that_exists_is_an_error_and_nothing_is_written(study, call, tmp_path):
    code, out, err = call("view", study, "--out", tmp_path / "v")
    assert (code, out) == (2, "")
    assert "hint: for one study run `forgetscope report STUDY`" in err
    assert call("view", study, tmp_path / "none", "--out", tmp_path / "v")[0] == 4
    assert not (tmp_path / "v").exists()
