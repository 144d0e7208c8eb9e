"""What the file of a task says about its needs, before its data are touched."""

import pytest

from forgetscope.errors import UnknownNameError
from forgetscope.evaluation.harness import survey, surveys
from forgetscope.evaluation.harness.surveys import _imports, _is_fetched


def _one(name):
    (found,) = survey(name)
    return found


def test_code_and_images_show_in_the_file():
    assert _one("humaneval").runs_code
    assert _one("mmmu_val_art").is_multimodal
    arc = _one("arc_easy")
    assert (arc.data_set, arc.configuration) == ("allenai/ai2_arc", "ARC-Easy")
    against = (arc.runs_code, arc.is_multimodal, arc.missing_packages, arc.fetched_metrics)
    assert not any(against)


def test_packages_that_the_code_of_a_task_imports_are_looked_for(monkeypatch):
    monkeypatch.setattr(surveys, "_is_there", lambda package: package != "immutabledict")
    assert _one("ifeval").missing_packages == ("immutabledict",)


def test_what_a_task_can_do_without_is_not_needed(tmp_path):
    source = tmp_path / "utils.py"
    (tmp_path / "beside.py").write_text("")
    source.write_text(
        "import os, first.inner\nfrom second import x\nfrom beside import y\n"
        "try:\n    import third\nexcept ImportError:\n    third = None\n"
        "try:\n    import fourth\nexcept ImportError as error:\n    raise RuntimeError from error\n"
        "def late():\n    import fifth\n"
    )
    assert set(_imports(source)) == {"os", "first", "second", "fourth"}
    source.write_text("this is no Python")
    assert set(_imports(source)) == set()


def test_a_metric_that_lm_eval_does_not_have_is_fetched():
    assert _is_fetched("squad_v2")
    assert not _is_fetched("exact_match")


def test_a_group_is_surveyed_task_by_task():
    names = [each.name for each in survey("mmlu_stem")]
    assert "mmlu_anatomy" in names
    assert len(names) == len(set(names)) > 10


def test_a_name_that_nobody_knows_is_an_error():
    with pytest.raises(UnknownNameError, match="arc_esay"):
        survey("arc_esay")
