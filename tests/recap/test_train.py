from __future__ import annotations

import dataclasses
import gc
import importlib
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig, GRPOTrainer

from forgetscope import recap
from forgetscope.errors import CheckpointError, TrainingError, UnknownNameError, UsageError
from forgetscope.recap import GrpoRun, Material, Trained
from forgetscope.records import Kind, Lesson
from tests.recap.small_run import (
    IMITATED,
    RETENTION,
    REWARDED,
    RUN,
    TARGET,
    has_a_digit,
    largest_difference,
    length,
    recipe,
)
from tests.tiny import CHAT_TEMPLATE, save_tiny_llama


def _train(base: Path, out: Path, method: str = "grpo", **options: object) -> Trained:
    replay = options.pop("replay", ())
    made = recipe(method, **options)
    return recap.train(base, out, recipe=made, reasoning=[TARGET], replay=replay)


def test_a_run_writes_readable_checkpoints_whose_weights_moved(base: Path, tmp_path: Path):
    trained = _train(base, tmp_path / "run")
    assert [path.name for path in trained.checkpoints] == ["checkpoint-1", "checkpoint-2"]
    for path in trained.checkpoints:
        AutoModelForCausalLM.from_pretrained(path)
        read = AutoTokenizer.from_pretrained(path)
        assert read.decode(read.encode("3+6=#9")) == "3+6=#9"
        assert largest_difference(base, path) > 0
    assert largest_difference(*trained.checkpoints) > 0


def test_a_finished_run_leaves_no_model_in_memory(base: Path, tmp_path: Path):
    def heavy() -> set[int]:
        kinds = (GRPOTrainer, torch.optim.Optimizer, torch.nn.Embedding)
        # `isinstance` would ask things that answer with warnings
        return {id(each) for each in gc.get_objects() if issubclass(type(each), kinds)}

    gc.collect()
    gc.disable()  # what is unreachable would go in time, but the next model comes before
    try:
        before = heavy()
        _train(base, tmp_path / "run", "replay", replay=[REWARDED])
        assert heavy() <= before
    finally:
        gc.enable()


def test_a_finished_run_keeps_nothing_that_only_served_to_go_on(base: Path, tmp_path: Path):
    trained = _train(base, tmp_path / "run")
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"recipe.yaml", "run.json", "training.parquet", "checkpoint-1", "checkpoint-2"}
    kept = {path.name for folder in trained.checkpoints for path in folder.iterdir()}
    assert not kept & {"optimizer.pt", "scheduler.pt", "rng_state.pth"}


def test_equal_seeds_make_equal_runs_and_others_do_not(base: Path, tmp_path: Path):
    other = GrpoRun(**{name: getattr(RUN, name) for name in GrpoRun.__slots__} | {"seed": 9})
    a, b, c = (
        _train(base, tmp_path / name, run=run).checkpoints[-1]
        for name, run in (("a", RUN), ("b", RUN), ("c", other))
    )
    assert largest_difference(a, b) == 0
    assert largest_difference(a, c) > 0


def test_grpo_without_a_rule_is_plain_trl_to_the_last_bit(base: Path, tmp_path: Path):
    ours = _train(base, tmp_path / "ours").checkpoints[-1]

    def digit(completions: list[str], **_: object) -> list[float]:
        return [has_a_digit(text, TARGET.lessons[0]) for text in completions]

    def long(completions: list[str], **_: object) -> list[float]:
        return [length(text, TARGET.lessons[0]) for text in completions]

    order = random.Random("0 0 math 0")  # the deck's own seed: run, place, domain, round
    rows = list(range(len(TARGET.lessons)))
    order.shuffle(rows)
    prompts = [TARGET.lessons[row].prompt for row in rows[: RUN.steps * RUN.n_prompts]]
    config = GRPOConfig(
        output_dir=str(tmp_path / "plain"),
        max_steps=RUN.steps,
        save_strategy="steps",
        save_steps=RUN.save_steps,
        learning_rate=RUN.learning_rate,
        lr_scheduler_type="linear",
        per_device_train_batch_size=RUN.n_prompts * RUN.group_size,
        num_generations=RUN.group_size,
        max_completion_length=RUN.max_new_tokens,
        beta=0.0,
        seed=RUN.seed,
        shuffle_dataset=False,
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
        logging_strategy="no",
        report_to="none",
    )
    trainer = GRPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(base),
        processing_class=AutoTokenizer.from_pretrained(base, padding_side="left"),
        reward_funcs=[digit, long],
        train_dataset=Dataset.from_dict({"prompt": prompts}),
        args=config,
    )
    trainer.train()
    assert largest_difference(ours, tmp_path / "plain" / "checkpoint-2") == 0


def test_a_run_is_silent_and_tells_progress_every_step(
    base: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    told: list[tuple[int, int]] = []

    def note(_stage: str, done: int, total: int, /, **_: object) -> None:
        told.append((done, total))

    recap.train(base, tmp_path / "run", recipe=recipe(), reasoning=[TARGET], progress=note)
    assert told == [(0, 2), (1, 2), (2, 2)]
    heard = capfd.readouterr()
    assert (heard.out, heard.err) == ("", "")


def _numpy_state() -> np.ndarray:
    return np.random.get_state()[1].copy()  # noqa: NPY002 (the trainer seeds this one)


def test_a_run_gives_threads_and_random_states_back(base: Path, tmp_path: Path):
    threads, python = torch.get_num_threads(), random.getstate()
    numpy, state = _numpy_state(), torch.random.get_rng_state()
    _train(base, tmp_path / "run")
    assert torch.get_num_threads() == threads
    assert random.getstate() == python
    assert np.array_equal(_numpy_state(), numpy)
    assert torch.equal(torch.random.get_rng_state(), state)


def _spied(seen: list[str]) -> Material:
    def spy(completion: str, lesson: Lesson) -> float:
        seen.append(lesson.prompt)
        return float(len(completion) % 2)

    return Material(name="sums", domain="math", lessons=TARGET.lessons, rewards={"spy": spy})


def test_the_targets_prompts_come_in_the_same_order_for_every_method(base: Path, tmp_path: Path):
    orders = []
    for method in ("grpo", "grpo-kl", "replay"):
        seen: list[str] = []
        recap.train(
            base,
            tmp_path / method,
            recipe=recipe(method),
            reasoning=[_spied(seen)],
            replay=[REWARDED, IMITATED],
        )
        orders.append(seen)
    assert orders[0] == orders[1] == orders[2]
    assert len(set(orders[0])) == RUN.steps * RUN.n_prompts


@pytest.mark.parametrize(
    ("replay", "objectives"),
    [
        ([REWARDED], {"math/digit", "math/length", "language/letter"}),
        ([IMITATED], {"math/digit", "math/length", "knowledge/replay", "knowledge/probe"}),
        (
            [REWARDED, IMITATED],
            {
                "math/digit",
                "math/length",
                "language/letter",
                "knowledge/replay",
                "knowledge/probe",
            },
        ),
    ],
)
def test_replay_by_rewards_and_by_imitation_works_alone_and_mixed(
    base: Path, tmp_path: Path, replay: list[Material], objectives: set[str]
):
    trained = _train(base, tmp_path / "run", "replay", replay=replay)
    traces = {trace.objective: trace for trace in trained.training.traces}
    assert set(traces) == objectives
    for name, trace in traces.items():
        if trace.kind is Kind.PROBE:
            # the starting model, then after every step
            assert trace.steps == (0, 1, 2)
            assert trace.weights == ()
        else:
            assert trace.steps == (1, 2)
            assert trace.weights == (1.0, 1.0), name


def test_replay_by_imitation_moves_the_weights_elsewhere(base: Path, tmp_path: Path):
    alone = _train(base, tmp_path / "alone").checkpoints[-1]
    beside = _train(base, tmp_path / "beside", "replay", replay=[IMITATED]).checkpoints[-1]
    assert largest_difference(alone, beside) > 1e-5


def test_what_a_method_without_replay_is_given_to_replay_changes_nothing(
    base: Path, tmp_path: Path
):
    alone = _train(base, tmp_path / "alone").checkpoints[-1]
    beside = _train(base, tmp_path / "beside", replay=[IMITATED]).checkpoints[-1]
    assert largest_difference(alone, beside) == 0


def test_what_is_imitated_is_learnt(base: Path, tmp_path: Path):
    run = GrpoRun(
        steps=12, save_steps=12, n_prompts=1, group_size=2, max_new_tokens=2, learning_rate=1e-2
    )
    same = dataclasses.replace(IMITATED, held_out=IMITATED.lessons)
    trained = _train(base, tmp_path / "run", "replay", run=run, replay=[same])
    probe = next(t for t in trained.training.traces if t.kind is Kind.PROBE)
    assert probe.values[-1] < probe.values[0] - 0.5


def test_batches_in_parts_make_the_same_step(base: Path, tmp_path: Path):
    whole = _train(base, tmp_path / "whole", "replay", replay=[REWARDED, IMITATED])
    parts = _train(
        base,
        tmp_path / "parts",
        "replay",
        replay=[REWARDED, IMITATED],
        trainer={"gradient_accumulation_steps": 3},
    )
    # a replay loss added thrice, or a third of it once, would part them by far more
    moved = largest_difference(base, whole.checkpoints[0])
    apart = largest_difference(whole.checkpoints[0], parts.checkpoints[0])
    assert moved == pytest.approx(1e-3, rel=0.05)
    assert apart < 0.02 * moved


def test_a_kl_penalty_moves_the_weights_elsewhere(base: Path, tmp_path: Path):
    plain = _train(base, tmp_path / "plain").checkpoints[-1]
    held = _train(base, tmp_path / "held", "grpo-kl").checkpoints[-1]
    assert largest_difference(plain, held) > 0


def test_arithmetic_in_bfloat16_keeps_the_weights_in_float32(base: Path, tmp_path: Path):
    run = GrpoRun(steps=1, save_steps=1, n_prompts=1, group_size=4, max_new_tokens=4)
    last = _train(base, tmp_path / "run", run=run, dtype="bfloat16").checkpoints[-1]
    # a step of 1e-6 would vanish in the 8 bits of bfloat16
    assert 0 < largest_difference(base, last) < 1e-5


def test_checkpoints_of_another_run_are_never_mixed_with_new_ones(base: Path, tmp_path: Path):
    (tmp_path / "run" / "checkpoint-7").mkdir(parents=True)
    with pytest.raises(UsageError, match="earlier run"):
        _train(base, tmp_path / "run")
    assert (tmp_path / "run" / "checkpoint-7").is_dir()


def test_a_folder_without_a_model_is_named(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match="empty"):
        _train(tmp_path / "empty", tmp_path / "run")


@pytest.mark.parametrize(
    ("reasoning", "replay", "words"),
    [
        ((), (), "no target"),
        ((IMITATED,), (REWARDED,), "`facts` has no reward"),
        ((TARGET,), (), "nothing to replay"),
        ((TARGET,), (Material(name="void", domain="x", lessons=()),), "`void` has nothing"),
        ((TARGET, TARGET, TARGET), (REWARDED,), "3 targets share 2 prompts"),
    ],
)
def test_material_that_teaches_nothing_is_refused(
    base: Path, tmp_path: Path, reasoning: object, replay: object, words: str
):
    with pytest.raises(UsageError, match=words):
        recap.train(base, tmp_path, recipe=recipe("replay"), reasoning=reasoning, replay=replay)


@pytest.mark.parametrize("worth", [None, float("nan"), float("inf")])
def test_a_reward_without_a_value_is_named(base: Path, tmp_path: Path, worth: float | None):
    broken = Material(
        name="sums", domain="math", lessons=TARGET.lessons, rewards={"odd": lambda *_: worth}
    )
    with pytest.raises(TrainingError, match=f"`math/odd` of `sums` returned {worth}"):
        recap.train(base, tmp_path / "run", recipe=recipe(), reasoning=[broken])


def test_parts_that_do_not_divide_a_step_are_told_before_training(base: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="8 completions per step do not fall into 3 equal parts"):
        _train(base, tmp_path / "run", trainer={"gradient_accumulation_steps": 3})


def test_a_missing_trl_is_told_with_the_command_that_installs_it(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("build", "settings", "trainer"):
        monkeypatch.delitem(sys.modules, f"forgetscope.recap.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "trl", None)  # importing it now fails as if not installed
    with pytest.raises(TrainingError, match="trl") as caught:
        _train(base, tmp_path / "run")
    assert caught.value.hint == "pip install 'forgetscope[train]'"


def test_looking_into_the_room_loads_neither_torch_nor_trl():
    code = (
        "import sys, forgetscope.recap; forgetscope.recap.GrpoRun();"
        "sys.exit(any(name in sys.modules for name in ('torch', 'trl', 'transformers')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_function_is_found_though_its_file_has_the_same_name(monkeypatch: pytest.MonkeyPatch):
    file = importlib.import_module("forgetscope.recap.train")
    # as after `from forgetscope.recap.train import ...`, which puts the file in its place
    monkeypatch.setattr(recap, "train", file)
    monkeypatch.delattr(recap, "Trained", raising=False)
    assert recap.Trained is file.Trained
    assert recap.train is file.train


def test_prompts_of_a_chat_model_go_through_its_template(tmp_path: Path):
    model = save_tiny_llama(tmp_path / "model", chat_template=CHAT_TEMPLATE)
    seen: list[str] = []

    def spy(completion: str, lesson: Lesson) -> float:
        seen.append(lesson.system)
        return len(completion) / 10

    lessons = tuple(Lesson(prompt=f"{n}?", gold=str(n), system="be brief") for n in range(4))
    target = Material(name="t", domain="math", lessons=lessons, rewards={"spy": spy})
    trained = recap.train(
        model,
        tmp_path / "run",
        recipe=recipe("replay", chat_template=True),
        reasoning=[target],
        replay=[IMITATED],
    )
    assert set(seen) == {"be brief"}
    assert {t.objective for t in trained.training.traces} >= {"math/spy", "knowledge/replay"}
    read = AutoTokenizer.from_pretrained(trained.checkpoints[-1])
    assert read.chat_template == CHAT_TEMPLATE


def test_a_model_without_a_chat_template_is_told_before_training(base: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="no chat template"):
        _train(base, tmp_path / "run", chat_template=True)


def test_a_model_without_a_pad_token_can_be_trained(tmp_path: Path):
    model = save_tiny_llama(tmp_path / "model")
    assert AutoTokenizer.from_pretrained(model).pad_token is None
    trained = _train(model, tmp_path / "run", "replay", replay=[IMITATED])
    assert largest_difference(model, trained.checkpoints[-1]) > 0


def test_a_budget_without_held_out_answers_is_told_before_training(base: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="`budget` needs held-out answers"):
        _train(base, tmp_path / "run", "recap", rule={"name": "budget"}, replay=[REWARDED])


def test_a_budget_without_probes_is_told_before_training(base: Path, tmp_path: Path):
    unwatched = dataclasses.replace(RETENTION, probe_every=0)
    with pytest.raises(UsageError, match="`budget` needs probes"):
        _train(
            base,
            tmp_path / "run",
            "recap",
            rule={"name": "budget"},
            retention=unwatched,
            replay=[IMITATED],
        )


def test_the_multiplier_of_a_budget_is_logged_beside_its_probe(base: Path, tmp_path: Path):
    rule = {"name": "budget", "budget": 0.0, "step_size": 1000.0, "max_multiplier": 5.0}
    _train(base, tmp_path / "run", "recap", rule=rule, replay=[IMITATED])
    rows = pq.read_table(tmp_path / "run" / "training.parquet").to_pylist()
    probes = [row for row in rows if row["kind"] == "probe"]
    assert [row["step"] for row in probes] == [0, 1, 2]
    assert probes[0]["weight"] == 1.0, "all objectives are alike before the first step"
    rise = probes[1]["value"] - probes[0]["value"]
    assert probes[1]["weight"] == pytest.approx(min(max(1 + 1000 * rise, 0.0), 5.0))


def test_fixed_weights_name_every_objective_of_the_run(base: Path, tmp_path: Path):
    rule = {"name": "static", "weights": {"math/digit": 1, "math/length": 1}}
    with pytest.raises(UnknownNameError, match="knowledge/replay"):
        _train(base, tmp_path / "run", "static", rule=rule, replay=[IMITATED])
    rule["weights"]["knowledge/replay"] = 4
    trained = _train(base, tmp_path / "run", "static", rule=rule, replay=[IMITATED])
    weights = {t.objective: t.weights for t in trained.training.traces if t.weights}
    assert weights == {
        "math/digit": (0.5, 0.5),
        "math/length": (0.5, 0.5),
        "knowledge/replay": (2.0, 2.0),
    }


def test_equal_fixed_weights_train_as_plain_replay_does(base: Path, tmp_path: Path):
    weights = dict.fromkeys(("math/digit", "math/length", "knowledge/replay"), 1)
    fixed = _train(
        base,
        tmp_path / "fixed",
        "static",
        rule={"name": "static", "weights": weights},
        replay=[IMITATED],
    )
    plain = _train(base, tmp_path / "plain", "replay", replay=[IMITATED])
    # not to the last bit: the parts of an advantage add up to it but for the rounding
    moved = largest_difference(base, plain.checkpoints[-1])
    assert largest_difference(fixed.checkpoints[-1], plain.checkpoints[-1]) < 0.05 * moved


def test_random_weights_are_drawn_from_the_runs_own_seed(base: Path, tmp_path: Path):
    drawn = []
    for seed in (0, 0, 1):
        out = tmp_path / str(len(drawn))
        run = dataclasses.replace(RUN, seed=seed, steps=1)
        trained = _train(base, out, "random", run=run, replay=[IMITATED])
        drawn.append([t.weights for t in trained.training.traces if t.weights])
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
