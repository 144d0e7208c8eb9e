import dataclasses
import math
import sqlite3
import subprocess
import sys

import pytest

from forgetscope.errors import StudyError, UnknownNameError
from forgetscope.records import FormatClass, StopReason
from forgetscope.store import Study

KEY = {"model": "m", "engine": "e"}


def test_what_is_stored_is_read_back_equal(
    study, task, checkpoint, make_item, make_answer, make_score
):
    item, answer = make_item(3), make_answer(3)
    score = make_score(3, others={"exact_match,lenient": 1.0}, extracted="6")
    key = {"model": checkpoint.fingerprint, "engine": "e"}
    study.add_tasks([task])
    study.add_items([item])
    study.answers(**key).append([answer])
    study.answers(**key).put_scores([score], prompt_hashes={item.id: "p"})
    study.put_checkpoint(checkpoint, engine="e", description={"dtype": "float32"})

    assert study.tasks() == (task,)
    assert study.series() == (checkpoint,)
    assert study.answers(**key).by_request([answer.request_id]) == {answer.request_id: answer}
    assert study.answers_of("base").scores([item.id]) == {item.id: score}
    assert study.engines()["base"] == {"fingerprint": "e", "dtype": "float32"}
    found = study.items([item.id])[item.id]
    assert math.isnan(found.chance)
    assert dataclasses.replace(found, chance=0.0) == dataclasses.replace(item, chance=0.0)


def test_a_study_survives_being_closed_and_opened(tmp_path, make_answer):
    with Study(tmp_path / "s", create=True) as study:
        study.answers(**KEY).append([make_answer(1)])
    with Study(tmp_path / "s") as study:
        assert study.answers(**KEY).answered() == {"request-1"}


def test_an_answer_is_never_rewritten(study, make_answer):
    study.answers(**KEY).append([make_answer(1, text="first")])
    study.answers(**KEY).append([make_answer(1, text="second")])
    assert study.answers(**KEY).by_request(["request-1"])["request-1"].text == "first"


def test_a_failed_answer_counts_as_open_and_is_replaced_by_a_good_one(study, make_answer):
    study.answers(**KEY).append(
        [make_answer(1, text=None, stop_reason=None, error="out of memory")]
    )
    assert study.answers(**KEY).answered() == set()
    study.answers(**KEY).append([make_answer(1)])
    assert study.answers(**KEY).answered() == {"request-1"}
    assert study.answers(**KEY).by_request(["request-1"])["request-1"].error is None


def test_answers_of_other_weights_or_another_engine_are_not_taken_for_these(study, make_answer):
    study.answers(model="m", engine="e").append([make_answer(1)])
    assert study.answers(model="other", engine="e").answered() == set()
    assert study.answers(model="m", engine="other").answered() == set()


def test_a_batch_is_stored_whole_or_not_at_all(study, make_answer):
    def batch():
        yield make_answer(1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        study.answers(**KEY).append(batch())
    assert study.answers(**KEY).answered() == set()


def test_more_ids_than_one_statement_takes_are_looked_up(study, make_answer):
    study.answers(**KEY).append([make_answer(n) for n in range(1_700)])
    ids = [f"request-{n}" for n in range(1_700)]
    assert len(study.answers(**KEY).by_request(ids)) == 1_700


def test_the_base_comes_first_whatever_the_order_of_arrival(study, checkpoint):
    for label in ("late", "base", "later"):
        study.put_checkpoint(
            dataclasses.replace(checkpoint, label=label), engine="e", description={}
        )
    study.set_meta("base", "base")
    assert [c.label for c in study.series()] == ["base", "late", "later"]


def test_checkpoints_with_steps_stand_in_the_order_of_their_steps(study, checkpoint):
    for label, step in (("base", None), ("late", 900), ("early", 100)):
        study.put_checkpoint(
            dataclasses.replace(checkpoint, label=label, step=step), engine="e", description={}
        )
    assert [c.label for c in study.series()] == ["base", "early", "late"]


def test_an_empty_study_has_no_series(study):
    assert study.series() == ()


def test_new_weights_under_an_old_label_replace_the_old_fingerprint(study, checkpoint):
    study.put_checkpoint(checkpoint, engine="e", description={})
    study.put_checkpoint(
        dataclasses.replace(checkpoint, fingerprint="b" * 64), engine="e", description={}
    )
    assert [c.fingerprint for c in study.series()] == ["b" * 64]


def test_an_unknown_label_is_refused_with_the_nearest_one(study, checkpoint):
    study.put_checkpoint(checkpoint, engine="e", description={})
    with pytest.raises(UnknownNameError) as caught:
        study.checkpoint("bsae")
    assert "base" in (caught.value.hint or "")


def test_a_column_holds_the_items_in_document_order(study, task, checkpoint, make_item, make_score):
    key = {"model": checkpoint.fingerprint, "engine": "e"}
    study.add_tasks([task])
    items = [make_item(n) for n in (5, 2, 9)]
    study.add_items(items)
    scores = [make_score(5, 0.0), make_score(2, 1.0), make_score(9, math.nan, error="metric")]
    study.answers(**key).put_scores(scores, prompt_hashes={item.id: "p" for item in items})
    study.put_checkpoint(checkpoint, engine="e", description={})
    (column,) = study.profile("base").columns
    assert column.item_ids == ("item-2", "item-5", "item-9")
    assert column.value_I[:2].tolist() == [1.0, 0.0]
    assert math.isnan(column.value_I[2])
    assert (column.form_I >= 0).tolist() == [False, False, True]


@pytest.mark.parametrize("form", [None, *FormatClass])
def test_the_form_of_an_answer_is_read_back_from_scores_and_from_columns(
    study, task, checkpoint, make_item, make_score, form
):
    key = {"model": checkpoint.fingerprint, "engine": "e"}
    study.add_tasks([task])
    study.add_items([make_item(1), make_item(2)])
    study.answers(**key).put_scores(
        [make_score(1, 0.0, form=form), make_score(2)], prompt_hashes={"item-1": "p", "item-2": "p"}
    )
    study.put_checkpoint(checkpoint, engine="e", description={})
    (column,) = study.profile("base").columns
    expected = -1 if form is None else list(FormatClass).index(form)
    assert column.form_I.tolist() == [expected, -1]
    assert study.answers_of("base").scores(["item-1"])["item-1"].form is form


def test_lone_surrogates_in_model_text_are_kept_readable(study, make_answer):
    study.answers(**KEY).append([make_answer(1, text="bad \ud800 text")])
    assert study.answers(**KEY).by_request(["request-1"])["request-1"].text == "bad \\ud800 text"


def test_a_truncated_answer_keeps_its_stop_reason(study, make_answer):
    study.answers(**KEY).append([make_answer(1, stop_reason=StopReason.LENGTH)])
    assert (
        study.answers(**KEY).by_request(["request-1"])["request-1"].stop_reason is StopReason.LENGTH
    )


def test_a_missing_study_is_an_error_that_names_a_near_one(tmp_path):
    Study(tmp_path / "study", create=True).close()
    with pytest.raises(StudyError) as caught:
        Study(tmp_path / "stduy")
    assert caught.value.exit_code == 4
    assert "study" in (caught.value.hint or "")


def test_a_file_that_is_no_database_is_an_error_and_stays_untouched(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "study.sqlite").write_bytes(b"not a database, but long enough to be one" * 30)
    before = (folder / "study.sqlite").read_bytes()
    with pytest.raises(StudyError, match="damaged"):
        Study(folder)
    assert (folder / "study.sqlite").read_bytes() == before


def test_a_study_of_a_newer_version_is_refused(tmp_path):
    Study(tmp_path / "s", create=True).close()
    connection = sqlite3.connect(tmp_path / "s" / "study.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StudyError, match="newer"):
        Study(tmp_path / "s")


def test_a_second_writer_is_refused_until_the_first_is_gone(study):
    program = (
        "import sys\n"
        "from forgetscope.errors import StudyError\n"
        "from forgetscope.store import Study\n"
        "try:\n"
        "    with Study(sys.argv[1]) as study, study.writer():\n"
        "        print('wrote')\n"
        "except StudyError as error:\n"
        "    print(error.message)\n"
    )

    def other():
        done = subprocess.run(
            [sys.executable, "-c", program, str(study.folder)],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    with study.writer():
        assert "another forgetscope command" in other()
    assert other() == "wrote\n"


def test_a_study_whose_lock_cannot_be_written_is_one_clear_error(study):
    (study.folder / "study.lock").mkdir()  # stands for a folder without write permission
    with pytest.raises(StudyError, match="cannot write to the study"), study.writer():
        pass


def test_acknowledged_answers_survive_a_kill(tmp_path):
    program = (
        "import os, sys\n"
        "from forgetscope.records import Answer\n"
        "from forgetscope.store import Study\n"
        "study = Study(sys.argv[1], create=True)\n"
        "for n in range(20):\n"
        "    answer = Answer(request_id=f'r{n}', text='x', n_tokens=1)\n"
        "    study.answers(model='m', engine='e').append([answer])\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "s")], check=False)
    assert done.returncode == -9
    with Study(tmp_path / "s") as study:
        assert study.answers(**KEY).answered() == {f"r{n}" for n in range(20)}


def test_runs_are_noted_with_what_they_were(study):
    run = study.start_run(command="forgetscope eval x", started="t0", provenance={"seed": 1})
    study.finish_run(run, finished="t1")
    assert study.runs() == (
        {"command": "forgetscope eval x", "started": "t0", "finished": "t1", "seed": 1},
    )
