"""Forgetting watched from inside a training, which goes on as if nobody had looked."""

import inspect
import json
import logging
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from datasets import Dataset
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
)

from forgetscope import ForgettingCallback, Study
from forgetscope.api import EvaluationSettings
from forgetscope.api import callback as callback_file
from forgetscope.api.callback_base import base_source
from forgetscope.api.untouched import untouched
from forgetscope.errors import CheckpointError, UnknownNameError, UsageError
from forgetscope.records import Verdict
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_gpt2

SUITE = {"tasks": ["testbed_reading"], "limit": 60}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    return write_mirror(tmp_path_factory.mktemp("mirror"))


@pytest.fixture(scope="module")
def dropping_out(tmp_path_factory):
    """A model whose every step draws random numbers."""
    return save_tiny_gpt2(tmp_path_factory.mktemp("gpt2") / "model", window=512)


def trainer_of(model, out, *callbacks, steps=4, lr=1e-3, **settings):
    loaded = AutoModelForCausalLM.from_pretrained(model)
    rng = np.random.default_rng(0)
    rows = rng.integers(0, loaded.config.vocab_size, (32, 12)).tolist()
    arguments = TrainingArguments(
        str(out),
        max_steps=steps,
        learning_rate=lr,
        lr_scheduler_type="constant",
        per_device_train_batch_size=4,
        use_cpu=True,
        report_to=settings.pop("report_to", "none"),
        disable_tqdm=True,
        logging_strategy="no",
        dataloader_pin_memory=False,
        **{"save_strategy": "steps", "save_steps": 2} | settings,
    )
    return Trainer(
        model=loaded,
        args=arguments,
        train_dataset=Dataset.from_dict({"input_ids": rows, "labels": rows}),
        processing_class=AutoTokenizer.from_pretrained(model),
        data_collator=default_data_collator,
        callbacks=list(callbacks),
    )


def _tensors(value):
    """Return every tensor in a nest of lists and mappings."""
    if isinstance(value, torch.Tensor):
        return [value]
    inside = value.values() if isinstance(value, dict) else value
    nested = isinstance(value, (dict, list, tuple))
    return [tensor for each in inside for tensor in _tensors(each)] if nested else []


def _same(mine, theirs):
    pairs = zip(_tensors(mine), _tensors(theirs), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.fixture(scope="module")
def twins(dropping_out, mirror, tmp_path_factory):
    """The same training without and with a callback that looks at every second save."""
    folder = tmp_path_factory.mktemp("twins")
    alone = trainer_of(dropping_out, folder / "alone", save_steps=1)
    alone.train()
    callback = ForgettingCallback(
        study=folder / "study", tasks=["arc_easy", "lambada_openai"], data_dir=mirror, every=2
    )
    watched = trainer_of(dropping_out, folder / "watched", save_steps=1, report_to="tensorboard")
    callback.attach(watched)
    evaluate = callback_file.evaluate_into

    def drawing(*arguments, **options):
        """Evaluate, and draw as an engine or a task of somebody else might."""
        random.random(), np.random.rand(), torch.rand(3)  # noqa: NPY002
        return evaluate(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(callback_file, "evaluate_into", drawing)
        watched.train()
    return alone, watched, callback, folder


def test_a_watched_training_is_the_same_to_the_last_bit(twins):
    alone, watched, callback, folder = twins
    assert callback.failures == ()
    assert _same(alone.model.state_dict(), watched.model.state_dict())
    for name in ("optimizer.pt", "rng_state.pth"):
        states = [
            torch.load(folder / side / "checkpoint-4" / name, weights_only=False)
            for side in ("alone", "watched")
        ]
        assert _same(*states), name
    assert len(_tensors(states[0])) > 0


def test_every_second_save_is_in_the_study_beside_the_base(twins):
    *_, callback, folder = twins
    with Study(folder / "study") as study:
        assert study.labels == ("base", "checkpoint-2", "checkpoint-4")
        assert study.diagnose().comparisons == callback.diagnosis.comparisons


def test_the_log_of_the_trainer_and_its_trackers_hear_of_every_domain(twins):
    from tests.interchange.test_trackers import events

    _, watched, callback, folder = twins
    logged = {
        (key, entry["step"]): value
        for entry in watched.state.log_history
        for key, value in entry.items()
        if key.startswith("forgetting/")
    }
    assert {step for _, step in logged} == {0, 2, 4}
    last = callback.diagnosis.comparisons[-1]
    for cell in last.domains:
        assert logged[f"forgetting/{cell.domain}/score", 4] == cell.after
    (file,) = (folder / "watched" / "runs").rglob("events*")
    shown = {
        (value.tag.removeprefix("train/"), event.step): value.simple_value
        for event in events(file)
        for value in event.summary.value
        if "/forgetting/" in value.tag
    }
    assert shown == {key: pytest.approx(value) for key, value in logged.items()}


def test_random_numbers_come_as_if_nothing_had_been_between():
    def draw():
        return random.random(), np.random.rand(), torch.rand(1).item()  # noqa: NPY002  # theirs

    random.seed(1), np.random.seed(1), torch.manual_seed(1)  # noqa: NPY002, TID251  # theirs
    expected = draw()
    random.seed(1), np.random.seed(1), torch.manual_seed(1)  # noqa: NPY002, TID251
    with untouched():
        assert draw() == expected
        draw()
    assert draw() == expected


def test_a_training_that_forgets_is_flagged_and_stopped(tuned_pair, tmp_path, caplog):
    base, _ = tuned_pair
    callback = ForgettingCallback(study=tmp_path / "study", **SUITE, stop_on="forgot")
    trainer = trainer_of(base, tmp_path / "run", callback, steps=8, lr=0.05)
    with caplog.at_level(logging.WARNING, logger="forgetscope"):
        trainer.train()
    assert callback.failures == ()
    assert trainer.state.global_step == 2, "the first checkpoint of random tokens is ruined"
    forgot = [
        c.name for c in callback.diagnosis.comparisons[-1].domains if c.verdict is Verdict.FORGOT
    ]
    assert forgot
    assert f"`{forgot[0]}` is FORGOT at `checkpoint-2`: −" in caplog.text
    (entry,) = (e for e in trainer.state.log_history if "forgetting/forgot" in e)
    assert entry["forgetting/forgot"] >= 1
    assert entry[f"forgetting/{forgot[0]}/verdict"] == -2


class _Spoil(TrainerCallback):
    """Breaks a checkpoint between its being saved and its being evaluated."""

    def __init__(self, step):
        self._step = step

    def on_save(self, args, state, control, **_):
        if state.global_step == self._step:
            (Path(args.output_dir) / f"checkpoint-{self._step}" / "model.safetensors").write_bytes(
                b""
            )
        return control


def test_an_evaluation_that_fails_is_noted_and_training_goes_on(
    dropping_out, mirror, tmp_path, caplog
):
    callback = ForgettingCallback(
        study=tmp_path / "study", tasks=["arc_easy"], data_dir=mirror, base=str(dropping_out)
    )
    trainer = trainer_of(dropping_out, tmp_path / "run", _Spoil(2), callback)
    with caplog.at_level(logging.WARNING, logger="forgetscope"):
        trainer.train()
    assert trainer.state.global_step == 4
    (failure,) = callback.failures
    assert (failure.step, "CheckpointError" in failure.message) == (2, True)
    assert "forgetting was not measured at step 2" in caplog.text
    with Study(tmp_path / "study") as study:
        assert study.labels == ("base", "checkpoint-4")
        assert study.checkpoints[0].source == str(dropping_out)
    assert not (tmp_path / "study" / "model-before").exists(), "the base was named"
    # it was not attached: what it found stands in the history alone
    steps = [e["step"] for e in trainer.state.log_history if "forgetting/forgot" in e]
    assert steps == [4]


def test_whoever_wants_it_ends_the_training_with_the_error(dropping_out, tmp_path):
    callback = ForgettingCallback(
        study=tmp_path / "study", tasks=["arc_easy"], base=str(tmp_path / "no"), on_error="raise"
    )
    trainer = trainer_of(dropping_out, tmp_path / "run", callback)
    with pytest.raises(CheckpointError, match="does not exist"):
        trainer.train()
    assert trainer.state.global_step == 0


def test_a_training_that_goes_on_keeps_the_base_it_began_with(dropping_out, mirror, tmp_path):
    settings = {"study": tmp_path / "study", "tasks": ["arc_easy"], "data_dir": mirror}
    trainer_of(dropping_out, tmp_path / "run", ForgettingCallback(**settings), steps=2).train()
    again = ForgettingCallback(**settings)
    trainer_of(dropping_out, tmp_path / "run", again).train(resume_from_checkpoint=True)
    assert again.failures == ()
    with Study(tmp_path / "study") as study:
        assert study.labels == ("base", "checkpoint-2", "checkpoint-4")
        assert [c.step for c in study.checkpoints] == [None, 2, 4]


def test_a_training_that_goes_on_without_its_base_says_what_to_name(tmp_path):
    with pytest.raises(UsageError, match="goes on at step 6") as caught:
        base_source(tmp_path, model=None, tokenizer=None, step=6, is_sharded=False)
    assert "ForgettingCallback(base=...)" in caught.value.hint


def test_the_base_of_an_adapter_is_what_it_was_put_upon(tmp_path):
    config = SimpleNamespace(base_model_name_or_path="org/base")
    model = SimpleNamespace(peft_config={"default": config})
    assert base_source(tmp_path, model=model, tokenizer=None, step=0, is_sharded=True) == "org/base"


def test_a_model_that_lies_in_parts_is_not_saved_before_training(tmp_path):
    with pytest.raises(UsageError, match="in parts on several devices"):
        base_source(tmp_path, model=None, tokenizer=object(), step=0, is_sharded=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"tasks": ()}, UsageError, "nothing to evaluate on"),
        ({"suite": "smal"}, UnknownNameError, "unknown suite `smal`"),
        ({"task": ["piqa"]}, UnknownNameError, "unknown setting of the evaluation `task`"),
        ({"limit": "ten"}, UsageError, "a whole number of at least 1"),
        ({"every": 0}, UsageError, "`every` is 0"),
        ({"stop_on": "forgt"}, UnknownNameError, "unknown `stop_on` `forgt`"),
        ({"on_error": "ignore"}, UnknownNameError, "unknown `on_error` `ignore`"),
        ({"policy": "nowhere.toml"}, UsageError, "nowhere.toml"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_before_the_training(wrong, error, said, tmp_path):
    with pytest.raises(error, match=said):
        ForgettingCallback(**{"study": tmp_path / "s", "tasks": ["arc_easy"]} | wrong)


def test_the_package_is_imported_without_transformers():
    program = (
        "import sys, forgetscope; forgetscope.__all__; sys.exit('transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.slow
def test_two_processes_stop_together_and_only_one_evaluates(tuned_pair, tmp_path):
    base, _ = tuned_pair
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
    command += ["--num_processes", "2", "--num_machines", "1", "--main_process_port", "0"]
    command += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    command += [str(root / "tests" / "api" / "watched_by_two.py"), str(base), str(tmp_path)]
    environment = {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    done = subprocess.run(
        command,
        env=os.environ | environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    first, second = (json.loads((tmp_path / f"told-{rank}.json").read_text()) for rank in (0, 1))
    assert first["forgot"]["n"] == 2
    assert first["forgot"]["step"] == second["forgot"]["step"] == 2
    assert first["forgot"]["has_diagnosis"]
    assert not second["forgot"]["has_diagnosis"]
    assert first["broken"]["step"] == second["broken"]["step"] == 0
    assert "CheckpointError" in first["broken"]["error"]
    assert "CheckpointError" in second["broken"]["error"]


def test_the_lines_of_the_page_work_as_written(dropping_out, mirror, tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[2] / "docs" / "inside_training.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```py\n(.*?)```", page, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("mirror").symlink_to(mirror)
    names = {"trainer": trainer_of(dropping_out, tmp_path / "run", steps=1, save_steps=1)}
    exec(lines, names)
    assert names["callback"].failures == ()
    assert capsys.readouterr().out.splitlines()[-1] in set(Verdict)
    keys = {key for entry in names["trainer"].state.log_history for key in entry}
    for key in re.findall(r"`(forgetting/[\w/]+)`", page):
        assert key.replace("DOMAIN", "knowledge") in keys or "verdict" in key
    own = set(inspect.signature(ForgettingCallback).parameters) - {"evaluation"}
    for setting in own | set(EvaluationSettings.__annotations__):
        assert f"`{setting}" in page or f"{setting}=" in lines
