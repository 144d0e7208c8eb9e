"""The recovery probe, from checkpoints that forgot to what is kept of asking them again.

Models are random; what they know is made up for them: a document's gold is what the base writes.
"""

import functools
import json

import pytest

from forgetscope.errors import UsageError
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite, recover
from forgetscope.records import Document, OutputType, OwnTask, ProbeKind, Reading
from forgetscope.scoring import EngineConfig, resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice
from tests.tiny import CHAT_TEMPLATE, save_tiny_llama

MARK = "Answer: "
WORDS = ("fox", "dog", "garden", "door", "sparrow", "three", "seven", "Paris", "Rome", "Italy")


def _prompts():
    return [f"{first} and {second} are" for first in WORDS[:6] for second in WORDS[:4]]


def _own(golds):
    """A written task and one by choice; even questions have the gold that is given for them."""
    return (
        OwnTask(
            name="own_words",
            domain="knowledge",
            output_type=OutputType.GENERATE,
            documents=tuple(
                Document(prompt=prompt, gold=golds.get(prompt, "nothing that is ever written"))
                for prompt in _prompts()
            ),
            readings=(Reading(name="whole", pattern=r"(?s)^(.+)$"),),
            stops=("\n",),
            max_new_tokens=4,
        ),
        OwnTask(
            name="own_choice",
            domain="reading",
            output_type=OutputType.MULTIPLE_CHOICE,
            documents=tuple(
                Document(
                    prompt=prompt,
                    gold=WORDS[place % 4],
                    choices=WORDS[:4],
                    cluster=f"source {place // 2}",
                )
                for place, prompt in enumerate(_prompts())
            ),
        ),
    )


def _evaluate(folder, sources, own, *, progress=None, **changes):
    options = EvaluationOptions(own=own, engine=EngineConfig(dtype="float32"), **changes)
    suite = Suite(name="test", choices=tuple(TaskChoice(name=task.name) for task in own))
    more = {} if progress is None else {"progress": progress}
    with Study(folder, create=True) as study:
        series = resolve_series([str(source) for source in sources])
        return evaluate_series(
            series, open_suite(suite, options=options), study, options=options, **more
        )


@pytest.fixture(scope="module")
def own(models, tmp_path_factory):
    """Tasks of which the base knows most: it is asked, and its answers are called right."""
    folder = tmp_path_factory.mktemp("ask") / "study"
    _evaluate(folder, models[:1], _own({})[:1])
    with Study(folder) as study:
        column = study.profile("base").columns[0]
        items = study.items(column.item_ids)
        texts = study.answers_of("base").scores(column.item_ids)
        written = {items[id_].prompt: texts[id_].answer for id_ in column.item_ids}
    return _own({p: text for p, text in list(written.items())[:16] if text})


@pytest.fixture(scope="module")
def probed(models, own, tmp_path_factory):
    """A finished study with the probe, and what was said of it."""
    folder = tmp_path_factory.mktemp("probed") / "study"
    summary = _evaluate(folder, models, own, recover=True)
    return folder, summary


def _rows(folder):
    """Every stored probe: item, kind, prompt, text and value."""
    import sqlite3

    connection = sqlite3.connect(folder / "study.sqlite")
    rows = connection.execute("SELECT item, kind, prompt, text, value FROM probes ORDER BY 1, 2")
    found = rows.fetchall()
    connection.close()
    return found


def _moved(folder, label="checkpoint-10"):
    """Item ids by score before and now."""
    with Study(folder) as study:
        moved = {}
        for before, after in zip(
            study.profile("base").columns, study.profile(label).columns, strict=True
        ):
            assert before.item_ids == after.item_ids
            for item, old, new in zip(
                before.item_ids, before.value_I.tolist(), after.value_I.tolist(), strict=True
            ):
                moved.setdefault((old, new), set()).add(item)
    return moved


def test_all_lost_items_and_controls_of_both_tasks_are_asked_again(probed):
    folder, _ = probed
    moved = _moved(folder)
    asked = {item for item, *_ in _rows(folder)}
    assert moved[1.0, 0.0]
    assert moved[1.0, 0.0] <= asked
    assert not asked & moved.get((0.0, 1.0), set())
    with Study(folder) as study:
        assert {item.task for item in study.items(asked).values()} == {"own_words", "own_choice"}


def test_the_base_itself_is_not_asked_again(probed):
    folder, _ = probed
    with Study(folder) as study:
        assert study.probes("base") == ()
        assert len(study.probes("checkpoint-10")) == len(_rows(folder))
        assert study.profile("checkpoint-10").probes == study.probes("checkpoint-10")


def test_no_example_gives_away_the_answer_to_its_own_question(probed):
    folder, _ = probed
    with Study(folder) as study:
        items = study.items([item for item, *_ in _rows(folder)])
    for item, kind, prompt, *_ in _rows(folder):
        if kind == ProbeKind.EXAMPLES:
            assert prompt.endswith(items[item].prompt)
            assert prompt.count(items[item].prompt) == 1
            assert prompt.count("\n\n") >= 3


def test_how_items_were_drawn_is_on_record(probed):
    folder, _ = probed
    lost = _moved(folder)[1.0, 0.0]
    with Study(folder) as study:
        record = study.meta("recover")
        tasks = record["checkpoints"]["checkpoint-10"]
        assert (record["base"], record["cap"], record["examples"]) == ("base", 100, 3)
        assert sum(task["lost"] for task in tasks.values()) == len(lost)
        assert all(task["lost_asked"] == task["lost"] for task in tasks.values())
        assert all(task["control_asked"] <= task["lost"] for task in tasks.values())
        assert study.runs()[-1]["recover"] is True


def test_the_notes_count_what_the_study_holds(probed):
    folder, summary = probed
    rows = {item: value for item, kind, _, _, value in _rows(folder) if kind == "examples"}
    moved = _moved(folder)
    (note,) = (note for note in summary.notes if "behind examples" in note)
    for group in ((1.0, 0.0), (0.0, 0.0), (1.0, 1.0)):
        values = [rows[item] for item in moved.get(group, ()) if item in rows]
        assert f"{sum(values):.0f} of {len(values)}" in note


def test_asking_twice_computes_nothing_again(probed, models, own):
    folder, first = probed
    rows = _rows(folder)
    again = _evaluate(folder, models, own, recover=True)
    assert f"recovery: {len(rows)} answers computed, 0 kept" in first.notes
    assert f"recovery: 0 answers computed, {len(rows)} kept" in again.notes
    assert _rows(folder) == rows


def test_an_interrupted_probe_goes_on_and_ends_with_the_same_digits(
    tmp_path, probed, models, own, monkeypatch
):
    whole = _rows(probed[0])
    monkeypatch.setattr(recover, "in_batches", functools.partial(recover.in_batches, seconds=0.0))

    def interrupt(stage, done, total, /, **_):
        if stage.startswith("recover") and 0 < done < total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _evaluate(tmp_path / "s", models, own, recover=True, progress=interrupt)
    part = _rows(tmp_path / "s")
    assert 0 < len(part) < len(whole)
    assert set(part) < set(whole)
    summary = _evaluate(tmp_path / "s", models, own, recover=True)
    computed = len(whole) - len(part)
    assert f"recovery: {computed} answers computed, {len(part)} kept" in summary.notes
    assert _rows(tmp_path / "s") == whole


def test_a_finished_evaluation_can_be_probed_later_to_the_same_end(tmp_path, probed, models, own):
    _evaluate(tmp_path / "s", models, own)
    assert _rows(tmp_path / "s") == []
    summary = _evaluate(tmp_path / "s", models[1:], own, recover=True)
    assert summary.computed == 0
    assert _rows(tmp_path / "s") == _rows(probed[0])


def test_the_cap_bounds_the_lost_and_both_controls_of_each_task(tmp_path, models, own, monkeypatch):
    monkeypatch.setattr(
        "forgetscope.evaluation.run.RecoveryOptions",
        functools.partial(recover.RecoveryOptions, cap=2),
    )
    _evaluate(tmp_path / "s", models, own, recover=True)
    with Study(tmp_path / "s") as study:
        for task in study.meta("recover")["checkpoints"]["checkpoint-10"].values():
            asked = [task[f"{group}_asked"] for group in ("lost", "control", "kept")]
            assert max(asked) <= 2
            assert asked[0] == min(2, task["lost"])


def test_equal_weights_lost_nothing_and_are_asked_nothing(tmp_path, models, own):
    summary = _evaluate(tmp_path / "s", [models[0], f"copy={models[0]}"], own, recover=True)
    assert "recovery: 0 answers computed, 0 kept" in summary.notes
    assert "`copy` lost no item: nothing was asked again" in summary.notes


def test_without_the_base_s_answers_nothing_is_known_to_be_lost(tmp_path, models, own):
    with pytest.raises(UsageError, match="`base` is not evaluated yet"):
        _interrupted_base(tmp_path / "s", models, own)


def _interrupted_base(folder, models, own):
    def interrupt(stage, *_, **__):
        if stage.startswith("base"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _evaluate(folder, models, own, progress=interrupt)
    _evaluate(folder, models[1:], own, recover=True)


def test_in_a_chat_the_examples_stand_in_the_last_turn(tmp_path, own):
    sources = [
        save_tiny_llama(tmp_path / name, seed=seed, window=512, chat_template=CHAT_TEMPLATE)
        for seed, name in enumerate(["base", "checkpoint-10"])
    ]
    _evaluate(tmp_path / "s", sources, own[1:], recover=True, chat_template=True)
    rows = _rows(tmp_path / "s")
    assert rows
    for _, _, prompt, *_ in rows:
        assert prompt.startswith("[user] ")
        assert prompt.endswith("[assistant] ")
        assert prompt.count("[user]") == prompt.count("[assistant]") == 1
        assert prompt.count("\n\n") == 3


def test_the_record_is_plain_json(probed):
    with Study(probed[0]) as study:
        assert json.loads(json.dumps(study.meta("recover"))) == study.meta("recover")
