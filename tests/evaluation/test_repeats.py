"""Asking again: samples of answers drawn at random, and reruns of the others."""

import dataclasses
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from forgetscope.errors import UsageError
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.scoring import EngineConfig, resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice

SUITE = Suite(
    name="test",
    choices=(
        TaskChoice(name="gsm8k", shots=0, max_new_tokens=4, temperature=1.0, limit=6),
        TaskChoice(name="arc_easy", limit=6),
        TaskChoice(name="lambada_openai", limit=6),
    ),
)
N_DRAWN, N_FIXED = 6, 6 * 4 + 6


def _evaluate(folder, sources, mirror, *, suite=SUITE, **changes):
    options = EvaluationOptions(data_dir=mirror, engine=EngineConfig(dtype="float32"), **changes)
    with Study(folder, create=True) as study:
        series = resolve_series([str(source) for source in sources])
        return evaluate_series(series, open_suite(suite, options=options), study, options=options)


def _answers(folder, label, *, sample):
    """Every answer of one sample, by request."""
    with Study(folder) as study:
        held, found = study.answers_of(label), {}
        for column in study.profile(label).columns:
            for given in held.by_item(column.item_ids, sample=sample).values():
                found |= {answer.request_id: answer for answer in given}
        return found


def _columns(folder, label):
    with Study(folder) as study:
        return {column.task.name: column for column in study.profile(label).columns}


def test_only_tasks_that_draw_their_answers_are_asked_several_times(tmp_path, mirror, models):
    summary = _evaluate(tmp_path / "s", models[:1], mirror, repeats=3)
    assert summary.computed == N_FIXED + 3 * N_DRAWN
    assert [len(_answers(tmp_path / "s", "base", sample=k)) for k in range(4)] == [
        N_FIXED + N_DRAWN,
        N_DRAWN,
        N_DRAWN,
        0,
    ]
    columns = _columns(tmp_path / "s", "base")
    assert columns["gsm8k"].evidence.sample_IK.shape == (6, 3)
    assert columns["arc_easy"].evidence.sample_IK.shape == (6, 1)


def test_samples_of_one_request_differ_and_each_is_the_same_whenever_it_is_drawn(
    tmp_path, mirror, models
):
    _evaluate(tmp_path / "grown", models[:1], mirror, repeats=1)
    more = _evaluate(tmp_path / "grown", models[:1], mirror, repeats=3)
    _evaluate(tmp_path / "once", models[:1], mirror, repeats=3)
    assert (more.computed, more.kept) == (2 * N_DRAWN, N_FIXED + N_DRAWN)
    texts = []
    for sample in range(3):
        grown = _answers(tmp_path / "grown", "base", sample=sample)
        assert grown == _answers(tmp_path / "once", "base", sample=sample)
        texts.append(tuple(answer.text for _, answer in sorted(grown.items())))
    assert len(set(texts)) == 3


def test_asking_less_often_keeps_what_was_asked(tmp_path, mirror, models):
    _evaluate(tmp_path / "s", models[:1], mirror, repeats=3)
    less = _evaluate(tmp_path / "s", models[:1], mirror)
    assert less.computed == 0
    assert _columns(tmp_path / "s", "base")["gsm8k"].evidence.sample_IK.shape == (6, 3)


def test_repeats_of_answers_that_are_never_drawn_are_said_to_be_pointless(tmp_path, mirror, models):
    suite = dataclasses.replace(SUITE, choices=SUITE.choices[1:])
    summary = _evaluate(tmp_path / "s", models[:1], mirror, suite=suite, repeats=4)
    assert summary.computed == N_FIXED
    (note,) = summary.notes
    assert "each was asked once" in note
    assert "temperature" in note


def test_a_rerun_asks_the_base_alone_and_only_what_is_not_drawn(tmp_path, mirror, models):
    first = _evaluate(tmp_path / "s", models, mirror)
    second = _evaluate(tmp_path / "s", models, mirror, rerun=True)
    third = _evaluate(tmp_path / "s", models, mirror, rerun=True)
    assert first.computed == 2 * (N_FIXED + N_DRAWN)
    assert (second.computed, second.kept) == (N_FIXED, first.computed)
    assert third.computed == 0
    again = _answers(tmp_path / "s", "base", sample=1)
    assert len(again) == N_FIXED
    assert {answer.sample_index for answer in again.values()} == {1}
    assert _answers(tmp_path / "s", "checkpoint-10", sample=1) == {}


def test_a_rerun_differs_by_rounding_at_most_and_is_scored_like_the_first(tmp_path, mirror, models):
    _evaluate(tmp_path / "s", models[:1], mirror, rerun=True)
    first = _answers(tmp_path / "s", "base", sample=0)
    for request, answer in _answers(tmp_path / "s", "base", sample=1).items():
        assert answer.logprob == pytest.approx(first[request].logprob, abs=1e-3)
    column = _columns(tmp_path / "s", "base")["arc_easy"]
    assert column.evidence.sample_IK.shape == (6, 2)
    assert np.isfinite(column.evidence.sample_IK).all()
    # the value stays that of the first run: a rerun measures noise, it does not average it away
    assert column.value_I.tolist() == column.evidence.sample_IK[:, 0].tolist()


def test_the_batches_of_a_rerun_are_others_and_the_study_says_how(tmp_path, mirror, models):
    _evaluate(tmp_path / "s", models[:1], mirror, rerun=True)
    with Study(tmp_path / "s") as study:
        (run,) = study.runs()
    assert run["repeats"] == 1
    assert run["rerun"]["checkpoint"] == "base"
    assert run["rerun"]["pass_share"] == 0.625
    assert "second request" in run["rerun"]["order"]


def test_a_rerun_beside_repeats_keeps_both_apart(tmp_path, mirror, models):
    summary = _evaluate(tmp_path / "s", models[:1], mirror, repeats=2, rerun=True)
    assert summary.computed == 2 * (N_FIXED + N_DRAWN)
    columns = _columns(tmp_path / "s", "base")
    assert {name: column.evidence.sample_IK.shape[1] for name, column in columns.items()} == {
        "gsm8k": 2,
        "arc_easy": 2,
        "lambada_openai": 2,
    }


def test_a_rerun_without_the_base_is_refused_before_anything_is_asked(tmp_path, mirror, models):
    _evaluate(tmp_path / "s", models[:1], mirror)
    with pytest.raises(UsageError, match="the base `base` is none of the checkpoints") as caught:
        _evaluate(tmp_path / "s", models[1:], mirror, rerun=True)
    assert "name the base too" in (caught.value.hint or "")
    with Study(tmp_path / "s") as study:
        assert [checkpoint.label for checkpoint in study.series()] == ["base"]


def test_less_than_one_repeat_is_refused():
    with pytest.raises(UsageError, match="at least once"):
        EvaluationOptions(repeats=0)


_EVALUATE = """
import os, signal, sys
from pathlib import Path
from tests.evaluation.test_repeats import _evaluate
from forgetscope.evaluation import session
folder, mirror, model, n_batches = sys.argv[1:]
left = [int(n_batches)]
def killed(answers):
    for answer in answers:
        yield [answer]
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
session.in_batches = killed
_evaluate(Path(folder), [model], Path(mirror), repeats=3, rerun=True)
"""


def test_samples_and_reruns_that_were_killed_go_on_and_end_with_the_same_digits(
    tmp_path, mirror, models
):
    command = [sys.executable, "-c", _EVALUATE, str(tmp_path / "s"), str(mirror), str(models[0])]
    # in the middle of the second sample, then of the rerun
    for n_batches in (N_FIXED + N_DRAWN + 3, N_DRAWN + 10):
        done = subprocess.run([*command, str(n_batches)], check=False, env=dict(os.environ))
        assert done.returncode == -signal.SIGKILL
    _evaluate(tmp_path / "s", models[:1], mirror, repeats=3, rerun=True)
    _evaluate(tmp_path / "whole", models[:1], mirror, repeats=3, rerun=True)
    for sample in range(3):
        assert _answers(tmp_path / "s", "base", sample=sample) == _answers(
            tmp_path / "whole", "base", sample=sample
        )
