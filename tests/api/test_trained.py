"""A report tells of training and blending only where they belong to what is shown."""

import json
import shutil

import pytest

import forgetscope
from forgetscope.api.difference import diff
from forgetscope.api.trained import blend_behind, training_behind
from forgetscope.errors import StudyError
from forgetscope.store import Study
from forgetscope.store.blend import blend_json
from forgetscope.store.training import training_json
from tests.report.behind_training import blend, training
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study of three checkpoints that knows how they were made."""
    root = tmp_path_factory.mktemp("trained")
    mirror = write_mirror(root / "mirror", n_documents=24)
    models = [str(save_tiny_llama(root / name, seed=i)) for i, name in enumerate("abc")]
    tasks = ["blimp_causative", "arc_easy"]
    asked = {"tasks": tasks, "target": "language", "data_dir": mirror, "out": root / "s"}
    with forgetscope.evaluate(models, **asked) as study:
        assert study.labels == ("a", "b", "c")
    with Study(root / "s") as study:
        study.set_meta("training", training_json(training()))
        study.set_meta("blend", blend_json(blend(before="a", after="c")))
    return root / "s"


def sides(study, *labels):
    return [study.side(label) for label in labels]


def test_the_whole_series_is_told_with_its_training_and_its_blend(folder, tmp_path):
    with forgetscope.Study(folder) as study:
        view = study.save_report(tmp_path)
        assert training_behind(sides(study, "a", "b", "c")) == training()
    assert view.trained.trade.paths[0].run.name == "RECAP"
    assert view.trained.blend.chosen == 0.5
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["training"] == training_json(training())
    assert found["blend"]["before"] == "a"
    pictures = {path.stem for path in (tmp_path / "figures").iterdir()}
    assert pictures >= {"tradeoff", "weights", "dumbbell", "blend"}


def test_a_difference_from_the_base_of_the_run_is_told_too(folder):
    assert diff(f"{folder}:a", f"{folder}:c").trained is not None


def test_a_difference_from_another_checkpoint_is_not_what_was_trained(folder):
    assert diff(f"{folder}:b", f"{folder}:c").trained is None


def test_a_base_alone_was_not_trained(folder):
    with forgetscope.Study(folder) as study:
        assert training_behind(sides(study, "a")) is None
        assert blend_behind(sides(study, "a")) is None


def test_two_studies_have_no_training_in_common(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    assert diff(f"{folder}:a", f"{tmp_path / 'copy'}:c").trained is None


def test_a_blend_of_another_base_is_not_told(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    with Study(tmp_path / "copy") as stored:
        stored.set_meta("blend", blend_json(blend(before="elsewhere")))
    with forgetscope.Study(tmp_path / "copy") as study:
        assert blend_behind(sides(study, "a", "c")) is None
        assert training_behind(sides(study, "a", "c")) is not None


def test_what_cannot_be_read_is_an_error_and_no_silent_gap(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    with Study(tmp_path / "copy") as stored:
        stored.set_meta("training", {"method": "recap"})
    with forgetscope.Study(tmp_path / "copy") as study, pytest.raises(StudyError, match="training"):
        study.save_report(tmp_path / "report")
