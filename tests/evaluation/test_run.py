import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
import torch

from forgetscope.errors import PairingError, UsageError
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.scoring import EngineConfig, resolve_series
from forgetscope.statistics import Portion
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import write_mirror
from tests.tiny import CHAT_TEMPLATE, save_tiny_llama


def _suite(*names, **changes):
    return Suite(name="test", choices=tuple(TaskChoice(name=n, **changes) for n in names))


def _evaluate(folder, sources, suite, mirror, **changes):
    options = EvaluationOptions(data_dir=mirror, engine=EngineConfig(dtype="float32"), **changes)
    with Study(folder, create=True) as study:
        series = resolve_series([str(source) for source in sources])
        return evaluate_series(series, open_suite(suite, options=options), study, options=options)


def _values(folder):
    """Every stored answer and score, to the last digit."""
    with Study(folder) as study:
        found = {}
        for checkpoint in study.series():
            for column in study.profile(checkpoint.label).columns:
                answers = study.answers_of(checkpoint.label).by_item(column.item_ids)
                for item_id, value in zip(column.item_ids, column.value_I.tolist(), strict=True):
                    found[checkpoint.label, item_id] = (value, answers[item_id])
        return found


def test_a_finished_study_computes_nothing_again(tmp_path, mirror, models):
    suite = _suite("arc_easy", "lambada_openai")
    first = _evaluate(tmp_path / "s", models, suite, mirror)
    again = _evaluate(tmp_path / "s", models, suite, mirror)
    assert first.computed == 2 * (12 * 4 + 12)
    assert (again.computed, again.kept) == (0, first.computed)


def test_adding_a_task_or_a_checkpoint_computes_only_what_is_missing(tmp_path, mirror, models):
    base, tuned = models
    _evaluate(tmp_path / "s", [base], _suite("arc_easy"), mirror)
    task = _evaluate(tmp_path / "s", [base], _suite("arc_easy", "lambada_openai"), mirror)
    assert (task.computed, task.kept) == (12, 48)
    checkpoint = _evaluate(
        tmp_path / "s", [base, tuned], _suite("arc_easy", "lambada_openai"), mirror
    )
    assert (checkpoint.computed, checkpoint.kept) == (60, 60)


def test_a_larger_subset_computes_only_the_new_items(tmp_path, mirror, models):
    _evaluate(tmp_path / "s", models[:1], _suite("lambada_openai"), mirror, limit=5)
    more = _evaluate(tmp_path / "s", models[:1], _suite("lambada_openai"), mirror, limit=9)
    assert (more.computed, more.kept) == (4, 5)


def test_portions_share_the_items_among_them_and_answer_as_the_whole(tmp_path, mirror, models):
    suite = _suite("arc_easy", "lambada_openai")
    parts = [Portion(low=low, high=low + 0.5, seed=3) for low in (0.0, 0.5)]
    computed = [
        _evaluate(tmp_path / name, models[:1], suite, mirror, portion=part).computed
        for name, part in zip(("first", "second"), parts, strict=True)
    ]
    halves = [_values(tmp_path / name) for name in ("first", "second")]
    assert all(count > 0 for count in computed)
    assert not halves[0].keys() & halves[1].keys()
    rest = _evaluate(tmp_path / "first", models[:1], suite, mirror)
    assert (rest.computed, rest.kept) == (computed[1], computed[0])
    whole = {key: value for key, (value, _) in _values(tmp_path / "first").items()}
    assert whole == {key: value for half in halves for key, (value, _) in half.items()}


def test_new_weights_under_an_old_path_are_evaluated_again(tmp_path, mirror, models):
    model = shutil.copytree(models[0], tmp_path / "model")
    suite = _suite("lambada_openai")
    _evaluate(tmp_path / "s", [model], suite, mirror)
    before = _values(tmp_path / "s")
    shutil.copy(models[1] / "model.safetensors", model / "model.safetensors")
    summary = _evaluate(tmp_path / "s", [model], suite, mirror)
    assert summary.computed == 12
    assert "weights of `model` changed" in summary.notes[0]
    after = _values(tmp_path / "s")
    assert after.keys() == before.keys()
    assert after != before


def test_one_label_from_two_places_is_refused(tmp_path, mirror, models):
    other = shutil.copytree(models[1], tmp_path / "elsewhere" / "base")
    _evaluate(tmp_path / "s", models[:1], _suite("lambada_openai"), mirror)
    with pytest.raises(UsageError, match="already has a checkpoint `base`"):
        _evaluate(tmp_path / "s", [other], _suite("lambada_openai"), mirror)


def test_a_task_under_other_settings_is_refused_before_anything_is_computed(
    tmp_path, mirror, models
):
    _evaluate(tmp_path / "s", models[:1], _suite("gsm8k", shots=1, max_new_tokens=2), mirror)
    before = _values(tmp_path / "s")
    with pytest.raises(UsageError, match="with 1 few-shot examples, now 2") as caught:
        _evaluate(tmp_path / "s", models, _suite("gsm8k", shots=2, max_new_tokens=2), mirror)
    assert caught.value.exit_code == 2
    assert _values(tmp_path / "s") == before


def test_a_checkpoint_that_would_be_asked_other_prompts_is_refused(tmp_path, mirror):
    other = CHAT_TEMPLATE.replace("[{{", "<{{")
    models = [
        save_tiny_llama(tmp_path / "base", chat_template=CHAT_TEMPLATE, window=512),
        save_tiny_llama(tmp_path / "tuned", seed=1, chat_template=other, window=512),
    ]
    suite = _suite("arc_easy", limit=4)
    with pytest.raises(PairingError, match="4 of 4 prompts of `arc_easy`") as caught:
        _evaluate(tmp_path / "s", models, suite, mirror, chat_template=True)
    assert caught.value.exit_code == 2
    assert {label for label, _ in _values(tmp_path / "s")} == {"base"}


def test_data_that_changed_under_the_same_name_are_refused_and_not_mixed_with_the_old(
    tmp_path, mirror, models
):
    suite = _suite("lambada_openai")
    _evaluate(tmp_path / "s", models[:1], suite, mirror, limit=9)
    before = _values(tmp_path / "s")
    other = write_mirror(tmp_path / "other", seed=7)
    for asked in (models[:1], models):
        with pytest.raises(PairingError, match="the data of `lambada_openai` changed: 9 of 12"):
            _evaluate(tmp_path / "s", asked, suite, other)
    assert _values(tmp_path / "s") == before


def test_documents_that_came_behind_the_old_ones_are_more_of_the_same_data(
    tmp_path, mirror, models
):
    suite = _suite("lambada_openai")
    longer = write_mirror(tmp_path / "longer")
    file = longer / "EleutherAI/lambada_openai/default/test.jsonl"
    file.write_text(file.read_text() + '{"text": "The dog walks home"}\n')
    _evaluate(tmp_path / "s", models[:1], suite, mirror)
    more = _evaluate(tmp_path / "s", models[:1], suite, longer)
    assert (more.computed, more.kept) == (1, 12)


def test_progress_ends_with_everything_done(tmp_path, mirror, models):
    seen = []
    with Study(tmp_path / "s", create=True) as study:
        options = EvaluationOptions(data_dir=mirror)
        evaluate_series(
            resolve_series([str(models[0])]),
            open_suite(_suite("lambada_openai"), options=options),
            study,
            options=options,
            progress=lambda *state, **_: seen.append(state),
        )
    assert seen[-1] == ("base (1 of 1)", 12, 12)


def test_scores_of_an_older_judge_are_made_anew_from_the_stored_answers(tmp_path, mirror, models):
    suite = _suite("arc_easy", "gsm8k", shots=0, limit=4, max_new_tokens=4)
    _evaluate(tmp_path / "s", models[:1], suite, mirror)
    whole = _stored_scores(tmp_path / "s")
    connection = sqlite3.connect(tmp_path / "s" / "study.sqlite")
    with connection:
        connection.execute(
            "UPDATE scores SET edition = 1, form = NULL, n_tokens = NULL, gold_bytes = NULL"
        )
    connection.close()
    assert _stored_scores(tmp_path / "s") != whole
    assert _evaluate(tmp_path / "s", models[:1], suite, mirror).computed == 0
    assert _stored_scores(tmp_path / "s") == whole
    assert any(score.form is not None for score in whole.values())
    assert any(score.likelihood is not None for score in whole.values())


def _stored_scores(folder):
    with Study(folder) as study:
        ids = [i for column in study.profile("base").columns for i in column.item_ids]
        return study.answers_of("base").scores(ids)


_EVALUATE = """
import sys
from pathlib import Path
from tests.evaluation.test_run import _evaluate, _suite
folder, mirror, *models = map(Path, sys.argv[1:])
from forgetscope.evaluation import session
session.in_batches = lambda answers: ([answer] for answer in answers)
suite = _suite("arc_easy", "boolq", "winogrande", "gsm8k", max_new_tokens=4)
_evaluate(folder, models, suite, mirror)
"""


def test_a_killed_evaluation_goes_on_and_ends_with_the_same_digits(tmp_path, mirror, models):
    def start(folder):
        command = [sys.executable, "-c", _EVALUATE, str(folder), str(mirror), *map(str, models)]
        return subprocess.Popen(command)

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert start(whole).wait() == 0
    process, n_kills = start(broken), 0
    while n_kills < 2 and process.poll() is None:
        time.sleep(0.01)
        if _n_answers(broken) >= 30 * (n_kills + 1):
            process.send_signal(signal.SIGKILL)
            process.wait()
            process, n_kills = start(broken), n_kills + 1
    assert process.wait() == 0
    assert n_kills > 0
    assert _values(broken) == _values(whole)


def _n_answers(folder):
    path = folder / "study.sqlite"
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT COUNT(*) FROM answers").fetchone()[0]
    except sqlite3.OperationalError:
        return 0  # not made yet


def test_a_study_remembers_that_an_architecture_failed_its_proof(
    tmp_path, mirror, models, monkeypatch
):
    from forgetscope.scoring.decoder import Decoder

    # as an architecture does that makes its own mask: every branch sees its neighbours
    monkeypatch.setattr(
        Decoder,
        "_branch_mask",
        lambda _, pack: torch.zeros(len(pack.tokens_N), pack.base + len(pack.tokens_N)),
    )
    monkeypatch.setenv("FORGETSCOPE_CACHE", str(tmp_path / "cache"))
    suite = _suite("arc_easy")
    first = _evaluate(tmp_path / "s", models[:1], suite, mirror)
    again = _evaluate(tmp_path / "s", models[:1], suite, mirror)
    assert any("request by request" in note for note in first.notes)
    assert again.computed == 0
    with Study(tmp_path / "s") as study:
        (engine,) = study.engines().values()
    assert "request by request" in engine["notes"], "also where nothing was asked any more"
