"""From a recipe to a report: training, evaluation, rivals, budgets, overlap."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import forgetscope
from forgetscope import api
from forgetscope.cli.train import _content
from forgetscope.errors import UsageError
from forgetscope.recap import GrpoRun, Recipe, Retention
from forgetscope.store import Study
from forgetscope.store.training import training_of
from forgetscope.testbed import BaseRecipe, train_recipe

RUN = GrpoRun(steps=2, save_steps=1, n_prompts=2, group_size=2, max_new_tokens=4, n_threads=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    recipe = BaseRecipe(layers=1, width=16, heads=2, steps=4, batch=8, warmup=2)
    return train_recipe(recipe, seed=0, cache=tmp_path_factory.mktemp("cache"))


def request(base: Path, out: Path, **changes) -> api.TrainingRequest:
    recipe = Recipe(
        model=str(base),
        reasoning=("testbed:math?n=20",),
        replay=("testbed:reading?n=20",),
        run=RUN,
        retention=Retention(probe_rows=2, probe_every=1),
        evaluation={"limit": 12},
    )
    return api.TrainingRequest(recipe=replace(recipe, **changes), out=out)


@pytest.fixture(scope="module")
def compared(base, tmp_path_factory):
    out = tmp_path_factory.mktemp("training")
    asked = replace(request(base, out), compare=("grpo",))
    outcome = api.train_and_report(asked)
    assert outcome is not None
    return out, outcome


def test_a_training_ends_in_a_report_of_base_and_every_checkpoint(compared):
    out, outcome = compared
    results = json.loads((out / "report" / "results.json").read_text())
    labels = [checkpoint["label"] for checkpoint in results["checkpoints"]]
    assert labels == ["base", "checkpoint-1", "checkpoint-2"]
    assert (out / "report" / "figures" / "weights.png").is_file()
    assert list(outcome.views) == ["recap", "grpo"]


def test_a_rival_is_trained_beside_it_and_both_are_diffed(compared):
    out, outcome = compared
    assert list(outcome.diffs) == ["grpo"]
    results = json.loads((out / "diff-grpo" / "results.json").read_text())
    assert [checkpoint["label"] for checkpoint in results["checkpoints"]] == ["grpo", "recap"]
    with forgetscope.Study(out / "compare-grpo" / "study") as study:
        assert study.labels == ("base", "checkpoint-1", "checkpoint-2")


def test_a_program_is_told_what_the_files_of_the_reports_hold(compared):
    out, outcome = compared
    for folder, content in (
        (out / "report", outcome.results["recap"]),
        (out / "compare-grpo" / "report", outcome.results["grpo"]),
        (out / "diff-grpo", outcome.diff_results["grpo"]),
    ):
        assert json.loads((folder / "results.json").read_text()) == content
    told = json.loads(json.dumps(_content(outcome, method="recap"), allow_nan=False))
    assert told["schema"] == "forgetscope.train/1"
    assert len(told["checkpoints"]) == 2
    assert told["reports"] == outcome.results


def test_each_study_remembers_how_its_checkpoints_were_made_and_its_rival(compared):
    out, _ = compared
    for folder, method, rival in ((out, "recap", "grpo"), (out / "compare-grpo", "grpo", "recap")):
        with Study(folder / "study") as study:
            training = training_of(study.meta("training"))
        assert (training.method, training.steps) == (method, 2)
        assert [other.method for other in training.rivals] == [rival]
        assert [point.label for point in training.rivals[0].points] == [
            "checkpoint-1",
            "checkpoint-2",
        ]


def test_both_methods_start_from_the_same_answers_of_the_base(compared):
    out, _ = compared
    profiles = []
    for folder in (out, out / "compare-grpo"):
        with Study(folder / "study") as study:
            profiles.append(study.profile("base"))
    for own, other in zip(*(profile.columns for profile in profiles), strict=True):
        assert own.item_ids == other.item_ids
        assert own.value_I.tolist() == other.value_I.tolist()


def test_the_same_call_again_trains_and_asks_nothing(compared, base):
    out, _ = compared
    before = {path: path.stat().st_mtime_ns for path in out.glob("checkpoint-*/*")}
    stages = []

    def note(stage: str, done: int, total: int, /, **_: object) -> None:
        stages.append((stage, done, total))

    api.train_and_report(replace(request(base, out), compare=("grpo",)), progress=note)
    assert not [stage for stage, *_ in stages if stage.startswith("train")]
    assert {path: path.stat().st_mtime_ns for path in out.glob("checkpoint-*/*")} == before


def test_a_budget_is_judged_by_the_gate_that_asks_for_proof(base, tmp_path):
    outcome = api.train_and_report(request(base, tmp_path, rule={"name": "budget", "budget": 0.02}))
    assert outcome is not None
    assert outcome.gate is not None
    # a dozen items a domain prove nothing, or the base is at the floor
    assert outcome.gate.exit_code in {0, 1, 5}
    with forgetscope.Study(tmp_path / "study") as study:
        assert study.gate(margin=0.02, require="held") == outcome.gate


def test_adapters_are_merged_before_they_are_asked(base, tmp_path):
    api.train_and_report(
        request(base, tmp_path, method="grpo", lora={"r": 2, "target_modules": "all-linear"})
    )
    assert (tmp_path / "checkpoint-2" / "adapter_model.safetensors").is_file()
    assert (tmp_path / "merged" / "checkpoint-2" / "model.safetensors").is_file()
    with forgetscope.Study(tmp_path / "study") as study:
        assert study.labels == ("base", "checkpoint-1", "checkpoint-2")


def test_the_held_out_part_of_a_target_is_evaluated(base, tmp_path):
    rows = [{"prompt": f"{a}+{b}=", "answer": str(a + b)} for a in range(9) for b in range(9)]
    file = tmp_path / "sums.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = f"jsonl:{file}?domain=math"
    asked = request(
        base,
        tmp_path / "out",
        method="grpo",
        reasoning=(source,),
        evaluation={"suite": "testbed", "limit": 6},
    )
    outcome = api.train_and_report(asked)
    assert outcome is not None
    with forgetscope.Study(tmp_path / "out" / "study") as study:
        tasks = {cell.name for cell in study.compare("base", "checkpoint-2").tasks}
    assert any(name.startswith("jsonl:") for name in tasks)


def test_training_on_what_is_evaluated_is_refused_before_any_training(base, tmp_path):
    from forgetscope.testbed import tasks

    (task,) = [task for task in tasks(n_items=600) if task.name == "testbed_reading"]
    rows = [{"prompt": d.prompt, "answer": d.gold} for d in task.documents]
    file = tmp_path / "reading.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = request(
        base, tmp_path / "out", replay=(f"jsonl:{file}?as=loss",), evaluation={"suite": "testbed"}
    )
    with pytest.raises(UsageError, match="also evaluated") as caught:
        api.train_and_report(asked)
    assert "--allow-overlap" in (caught.value.hint or "")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": ""}, "no model"),
        ({"reasoning": ()}, "target"),
        ({"replay": ()}, "nothing to replay"),
        ({"reasoning": ("gym:chain_sum?n=20",), "evaluation": {}}, "nothing to evaluate"),
        ({"evaluation": {"limit": "ten"}}, "a whole number"),
        ({"evaluation": {"engine": "vlm"}}, "unknown engine `vlm`"),
        ({"evaluation": {"dtype": "float33"}}, "unknown dtype `float33`"),
        ({"evaluation": {"system": "Be brief."}}, "speaks to a chat template"),
    ],
)
def test_what_cannot_work_is_said_before_any_compute(base, tmp_path, changes, message):
    with pytest.raises(UsageError, match=message):
        api.train_and_report(request(base, tmp_path / "out", **changes))
    assert not (tmp_path / "out").exists()
