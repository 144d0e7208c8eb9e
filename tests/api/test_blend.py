"""The search over blends, from two folders to a checkpoint and its verdict."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
import torch
from peft import LoraConfig
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from forgetscope import api
from forgetscope.diagnosis.blending import choose
from forgetscope.errors import CheckpointError, UsageError
from forgetscope.records import Role
from forgetscope.store import Study
from forgetscope.store.blend import blend_curve
from tests.tiny import save_tiny_llama
from tests.tuned import save_tuned

TASKS = ("testbed_math", "testbed_reading", "testbed_safety")


def _request(**changes) -> api.BlendRequest:
    fields = {"tasks": TASKS, "limit": 160, "dtype": "float32"}
    own = {name: changes.pop(name) for name in ("margin", "require", "seed") if name in changes}
    return api.BlendRequest(evaluation=api.EvaluationRequest(**(fields | changes)), **own)


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("blend") / "out"


@pytest.fixture(scope="module")
def found(tuned_pair, out) -> api.Blended:
    return api.blend(*map(str, tuned_pair), out, request=_request())


def _ids(folder: Path) -> dict[str, set[str]]:
    """The items that each checkpoint of a study answered."""
    with Study(folder) as study:
        return {
            checkpoint.label: {
                item_id
                for column in study.profile(checkpoint.label).columns
                for item_id in column.item_ids
            }
            for checkpoint in study.series()
        }


def test_a_blend_keeps_gain_that_the_tuned_weights_paid_for_with_other_domains(found):
    curve = found.curve
    by_share = {point.share: point for point in curve.points}
    assert "reading" in by_share[1.0].reason, "tuning forgot something, or there is no remedy"
    assert 0 < curve.chosen < 1
    assert by_share[curve.chosen].is_allowed
    change = {cell.domain: cell.change for cell in curve.final}
    tuned = {cell.domain: cell.change for cell in curve.after_final}
    assert change["math"] > 0
    assert change["reading"] > tuned["reading"] + 0.2


def test_the_choice_is_that_of_the_points_and_the_curve_has_both_ends(found):
    curve = found.curve
    shares = [point.share for point in curve.points]
    assert shares == sorted(set(shares))
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert {0.1, 0.3, 0.5, 0.7, 0.9} <= set(shares)
    assert curve.chosen == choose(curve.points).share
    base = curve.points[0]
    assert all(cell.change == 0 for cell in base.cells)


def test_items_that_choose_and_items_that_judge_are_different_and_all_there_are(found, out):
    search, final = _ids(out / "search"), _ids(out / "study")
    assert not set.union(*search.values()) & set.union(*final.values())
    assert len(search["base"]) + len(final["base"]) == 3 * 160
    assert 0.35 < len(final["base"]) / 480 < 0.65
    assert set(final) == {"base", "tuned", f"blend-{found.curve.chosen:g}"}
    assert len({frozenset(ids) for ids in final.values()}) == 1


def test_a_blend_that_plainly_forgot_something_is_not_asked_everything(found, out):
    stopped = [point for point in found.curve.points if point.was_stopped]
    assert stopped
    asked = _ids(out / "search")
    for point in stopped:
        assert not point.is_allowed
        assert len(asked[f"blend-{point.share:g}"]) < 0.7 * len(asked["base"])
        assert sum(cell.n for cell in point.cells) == len(asked[f"blend-{point.share:g}"])


def test_only_the_chosen_weights_are_kept_and_they_are_the_interpolation(found, out, tuned_pair):
    assert sorted(f.name for f in out.iterdir()) == ["checkpoint", "report", "search", "study"]
    base, tuned, blend = (
        load_file(folder / "model.safetensors") for folder in (*tuned_pair, found.checkpoint)
    )
    share = found.curve.chosen
    for name, weight in blend.items():
        assert torch.equal(weight, torch.lerp(base[name], tuned[name], share))
    AutoModelForCausalLM.from_pretrained(found.checkpoint)


def test_the_verdict_is_the_gate_s_on_the_study_of_the_kept_back_items(found, out):
    with api.Study(out / "study") as study:
        assert study.gate(require="not-forgot") == found.gate
        assert study.labels == ("base", "tuned", f"blend-{found.curve.chosen:g}")
    assert [cell.role for cell in found.target] == [Role.TARGET]
    assert {cell.name for cell in found.general} == {"reading", "safety"}
    assert (out / "report" / "report.html").is_file()
    with Study(out / "study") as study:
        assert repr(blend_curve(study)) == repr(found.curve)


def test_a_finished_search_is_shown_again_and_asks_nothing(found, out, tuned_pair):
    before = [_runs(out / name) for name in ("search", "study")]
    told = []
    again = api.blend(
        *map(str, tuned_pair), out, request=_request(), progress=lambda *a, **_: told.append(a)
    )
    assert repr(again) == repr(found)
    assert [_runs(out / name) for name in ("search", "study")] == before
    assert told == []


def _runs(folder: Path) -> int:
    with Study(folder) as study:
        return len(study.runs())


class _InterruptedError(Exception):
    pass


def _interrupt_at(moment):
    """A progress that is interrupted at the first call of which the moment is true."""

    def progress(stage, done, total, /, note=""):
        if moment(stage, done, total, note):
            raise _InterruptedError

    return progress


def test_an_interrupted_search_goes_on_where_it_was(found, tuned_pair, tmp_path, out):
    moments = [
        lambda stage, done, _total, _note: stage == "tuned" and done > 0,
        lambda stage, _done, _total, note: stage == "blend-0.5" and note == "writing the weights",
        lambda stage, done, total, _note: stage == "blend-0.9" and done < total,
        lambda stage, _done, _total, _note: stage.startswith("blend-0.") and "kept" in stage,
    ]
    names = [str(folder) for folder in tuned_pair]
    for moment in moments:
        with pytest.raises(_InterruptedError):
            api.blend(*names, tmp_path, request=_request(), progress=_interrupt_at(moment))
    left = tmp_path / "blends" / ".blend-0.9.unfinished"
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"half a fi")
    stages = []
    again = api.blend(
        *names, tmp_path, request=_request(), progress=lambda stage, *_, **__: stages.append(stage)
    )
    assert repr(again.curve) == repr(found.curve)
    assert again.gate == found.gate
    searched = {stage for stage in stages if stage.startswith("blend-") and "kept" not in stage}
    assert searched == set(), "what was tried is not tried again"
    assert _answers(tmp_path) == _answers(out)
    assert not (tmp_path / "blends").exists()


def _answers(folder: Path) -> list[tuple[object, ...]]:
    """Every answer of both studies, whatever the order in which they came."""
    found = []
    for name in ("search", "study"):
        connection = sqlite3.connect(folder / name / "study.sqlite")
        found += connection.execute(
            "SELECT model, engine, request, sample, text FROM answers ORDER BY 1, 2, 3, 4"
        ).fetchall()
        connection.close()
    return found


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"margin": 0.05}, r"margin was 0.02, now 0.05"),
        ({"seed": 1}, r"seed was 0, now 1"),
        ({"require": "held"}, r"require was not-forgot, now held"),
        ({"limit": 200}, r"limit was 160, now 200"),
        ({"system": "Be brief."}, r"system was None, now Be brief"),
        ({"think_tags": ("<t>", "</t>")}, r"think_tags was None, now"),
        ({"tasks": (*TASKS, "testbed_logic")}, r"the tasks were others"),
    ],
)
def test_one_folder_holds_one_search(out, tuned_pair, changes, told):
    with pytest.raises(UsageError, match=told) as caught:
        api.blend(*map(str, tuned_pair), out, request=_request(**changes))
    assert "--out" in caught.value.hint


@pytest.mark.usefixtures("found")
def test_other_weights_do_not_go_on_with_the_search(out, tuned_pair, tmp_path):
    other = shutil.copytree(tuned_pair[0], tmp_path / "base")
    config = other / "generation_config.json"
    config.write_text(config.read_text().replace("{", '{"top_k": 7,', 1))
    with pytest.raises(UsageError, match="the weights of the base were others"):
        api.blend(str(other), str(tuned_pair[1]), out, request=_request())


def test_a_folder_with_somebody_else_s_checkpoint_is_left_alone(tuned_pair, tmp_path):
    mine = tmp_path / "checkpoint"
    mine.mkdir()
    (mine / "precious").touch()
    with pytest.raises(UsageError, match="belongs to no search over blends"):
        api.blend(*map(str, tuned_pair), tmp_path, request=_request())
    assert (mine / "precious").exists()


def test_where_nothing_is_allowed_nothing_is_written_and_the_code_says_why(tuned_pair, tmp_path):
    """A few items and a margin of next to nothing prove no domain held."""
    request = _request(limit=50, require="held", margin=0.001)
    found = api.blend(*map(str, tuned_pair), tmp_path / "held", request=request)
    assert (found.checkpoint, found.curve.chosen, found.curve.final) == (None, None, ())
    assert (found.gate.passed, found.gate.exit_code) == (False, 5)
    assert "proved to hold every general domain" in found.gate.reason
    assert found.curve.after_final, "what tuning did is judged all the same"
    assert not (tmp_path / "held" / "checkpoint").exists()
    again = api.blend(*map(str, tuned_pair), tmp_path / "held", request=request)
    assert repr(again) == repr(found)


def test_an_adapter_stays_one_with_its_change_scaled(tuned_pair, tmp_path):
    base, _ = tuned_pair
    lora = LoraConfig(task_type="CAUSAL_LM", r=4, target_modules=["q_proj", "v_proj", "up_proj"])
    adapter = save_tuned(base, tmp_path / "adapter", lora=lora, lr=1e-2)
    request = _request(margin=0.2)
    found = api.blend(str(base), str(adapter), tmp_path / "out", request=request)
    assert found.curve.after == "adapter"
    kept = load_file(found.checkpoint / "adapter_model.safetensors")
    whole = load_file(adapter / "adapter_model.safetensors")
    for name, matrix in kept.items():
        part = found.curve.chosen if "lora_B" in name else 1.0
        assert torch.allclose(matrix, part * whole[name])
    AutoModelForCausalLM.from_pretrained(found.checkpoint)
    assert not (tmp_path / "out" / "blends").exists()
    assert _ids(tmp_path / "out" / "study").keys() >= {"base", "adapter"}


def test_checkpoints_that_do_not_match_are_refused_before_anything_is_asked(tuned_pair, tmp_path):
    other = save_tiny_llama(tmp_path / "other")
    with pytest.raises(CheckpointError, match=r"do not match|is \("):
        api.blend(str(tuned_pair[0]), str(other), tmp_path / "out", request=_request())
    assert not (tmp_path / "out").exists()


def test_a_checkpoint_with_itself_has_no_blend(tuned_pair, tmp_path):
    copy = shutil.copytree(tuned_pair[0], tmp_path / "copy")
    with pytest.raises(UsageError, match="hold the same weights"):
        api.blend(str(tuned_pair[0]), str(copy), tmp_path / "out", request=_request())


def test_a_run_of_several_checkpoints_is_not_guessed_at(tuned_pair, tmp_path):
    for step in (5, 10):
        shutil.copytree(tuned_pair[1], tmp_path / "run" / f"checkpoint-{step}")
    with pytest.raises(UsageError, match="holds 2 checkpoints") as caught:
        api.blend(str(tuned_pair[0]), str(tmp_path / "run"), tmp_path / "out", request=_request())
    assert "checkpoint-10" in caught.value.hint


def test_two_folders_of_one_name_get_labels_that_tell_them_apart(tuned_pair, tmp_path):
    from forgetscope.api.blend_ends import blend_ends

    for place, folder in zip("ab", tuned_pair, strict=True):
        shutil.copytree(folder, tmp_path / place / "model")
    ends = blend_ends(str(tmp_path / "a" / "model"), str(tmp_path / "b" / "model"))
    assert (ends.base.label, ends.after_label) == ("a/model", "b/model")


@pytest.mark.parametrize(
    ("tasks", "told", "hint"),
    [
        (("testbed_reading", "testbed_safety"), "there is no gain to keep", "--target"),
        (("testbed_math",), "nothing that could be forgotten", "--suite"),
    ],
)
def test_without_a_target_or_without_anything_to_lose_there_is_no_choice(
    tuned_pair, tmp_path, tasks, told, hint
):
    with pytest.raises(UsageError, match=told) as caught:
        api.blend(*map(str, tuned_pair), tmp_path / "out", request=_request(tasks=tasks))
    assert hint in caught.value.hint
    assert not (tmp_path / "out").exists()
