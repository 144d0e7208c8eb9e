"""Logs of lm-eval in: what is read, what is refused, and that nothing stays half stored."""

import json

import numpy as np
import pytest

from forgetscope.api import ImportRequest, Study, import_logs
from forgetscope.errors import LogError, PairingError, UnknownNameError, UsageError
from forgetscope.records import OutputType, Role, Verdict
from forgetscope.store import Study as StoredStudy
from tests.interchange.made_logs import (
    DATE,
    LATER,
    choice_row,
    choices,
    config,
    write_lm_eval,
    written,
)


@pytest.fixture
def base(tmp_path):
    return write_lm_eval(tmp_path / "logs" / "base", {"arc_easy": choices(40)})


def _import(*logs, out, **how):
    return import_logs([str(log) for log in logs], out, request=ImportRequest(**how))


def _columns(folder, label):
    with StoredStudy(folder) as study:
        return {column.task.name: column for column in study.profile(label).columns}


def _refused(kind, *logs, out, **how):
    with pytest.raises(kind) as caught:
        _import(*logs, out=out, **how)
    return caught.value


def test_a_series_of_logs_is_diagnosed_without_any_model(imported):
    with Study(imported) as study:
        diagnosis = study.diagnose(margin=0.05)
        assert study.labels == ("base", "step-10", "step-20")
        assert [checkpoint.step for checkpoint in study.checkpoints] == [None, 10, 20]
    last = {cell.name: cell for cell in diagnosis.comparisons[-1].domains}
    assert last["knowledge"].verdict is Verdict.FORGOT
    assert last["knowledge"].lost == 38
    assert last["math"].verdict is Verdict.GAINED
    assert diagnosis.gate.exit_code == 1


def test_the_filter_of_the_catalog_is_judged_and_the_stricter_one_is_kept(imported):
    column = _columns(imported, "step-10")["gsm8k"]
    assert (column.task.metric, column.task.filter) == ("exact_match", "flexible-extract")
    assert column.task.output_type is OutputType.GENERATE
    assert column.value_I.sum() == 20
    assert column.evidence.partner_I.sum() == 20


def test_options_keep_their_log_probabilities_so_that_calibration_works(imported):
    column = _columns(imported, "base")["arc_easy"]
    assert np.isfinite(column.evidence.gold_share_I).all()
    assert (column.evidence.n_options_I == 4).all()
    assert column.chance_I == pytest.approx(0.25)
    with Study(imported) as study:
        cells = study.compare("base", "step-20").domains
    assert next(c for c in cells if c.name == "knowledge").findings.calibration is not None


def test_what_older_versions_wrote_gives_the_same_items_and_scores(tmp_path):
    rows = choices(30)
    old = []
    for row in rows:
        parts = [list(part.values()) for part in row["arguments"].values()]
        pairs = [[float(value), False] for value, _ in row["filtered_resps"]]
        keys = ("doc_id", "target", "acc", "acc_norm")
        old.append(
            {key: row[key] for key in keys}
            | {"doc": repr(row["doc"]), "arguments": parts, "metrics": row["metrics"]}
            | {"resps": [[pair] for pair in pairs], "filtered_resps": pairs, "filter": "none"}
        )
    new = _import(write_lm_eval(tmp_path / "new", {"arc_easy": rows}), out=tmp_path / "a")
    _import(write_lm_eval(tmp_path / "old", {"arc_easy": old}), out=tmp_path / "b")
    one, other = (
        _columns(tmp_path / "a", "new")["arc_easy"],
        _columns(tmp_path / "b", "old")["arc_easy"],
    )
    assert new.items == 48
    assert one.item_ids == other.item_ids
    assert one.prompt_hashes == other.prompt_hashes
    assert one.value_I.tolist() == other.value_I.tolist()
    assert one.evidence.gold_share_I == pytest.approx(other.evidence.gold_share_I)


def test_a_document_that_looks_like_a_program_is_a_text(tmp_path):
    trap = tmp_path / "trap"
    row = choice_row(0, is_right=True, doc=f"__import__('pathlib').Path({str(trap)!r}).touch()")
    _import(write_lm_eval(tmp_path / "log", {"arc_easy": [row]}), out=tmp_path / "study")
    assert not trap.exists()


def test_the_newest_log_of_each_task_is_read(tmp_path):
    folder = write_lm_eval(tmp_path / "run", {"arc_easy": choices(10), "boolq": choices(5)})
    write_lm_eval(folder, {"arc_easy": choices(20)}, date=LATER)
    found = _import(folder, out=tmp_path / "study")
    columns = _columns(tmp_path / "study", "run")
    assert columns["arc_easy"].value_I.sum() == 20
    assert columns["boolq"].value_I.sum() == 5
    assert any("1 older logs are left out" in note for note in found.notes)


def test_the_same_log_is_recognised_and_another_one_under_its_label_is_refused(tmp_path, base):
    out = tmp_path / "study"
    _import(base, out=out)
    again = _import(base, out=out)
    assert (again.labels, again.items) == ((), 0)
    assert "in the study already" in again.notes[0]
    other = write_lm_eval(tmp_path / "other", {"arc_easy": choices(3)})
    assert "already has a checkpoint `base`" in str(_refused(UsageError, f"base={other}", out=out))
    assert "in the study already, as `base`" in str(_refused(UsageError, f"new={base}", out=out))


def test_logs_of_one_label_are_one_checkpoint_unless_they_share_a_task(tmp_path, base):
    more = write_lm_eval(tmp_path / "more", {"gsm8k": written(9)}, model="org/base")
    found = _import(base, more, out=tmp_path / "study", label="mine", step=7)
    assert found.labels == ("mine",)
    assert set(_columns(tmp_path / "study", "mine")) == {"arc_easy", "gsm8k"}
    twice = write_lm_eval(tmp_path / "twice", {"arc_easy": choices(9)}, model="org/base")
    message = str(_refused(UsageError, base, twice, out=tmp_path / "new"))
    assert "stands in two logs" in message
    other = write_lm_eval(tmp_path / "other", {"boolq": choices(9)})
    message = str(_refused(UsageError, base, other, out=tmp_path / "new", step=3))
    assert "`--step` speaks of one checkpoint" in message


CHANGED = {
    "version": ({"version": 2.0}, "version (`1.0` and `2.0`)"),
    "few-shot examples": ({"shots": 5}, "few-shot examples (`0` and `5`)"),
    "chat template": ({"template": "f" * 64}, "chat template (`none` and `ffffffffffff`)"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_was_asked_otherwise_is_refused_with_the_reason(what, tmp_path, base):
    changes, reason = CHANGED[what]
    out = tmp_path / "study"
    _import(base, out=out)
    other = write_lm_eval(tmp_path / "other", {"arc_easy": choices(9)}, **changes)
    error = _refused(PairingError, other, out=out)
    assert reason in error.message
    assert "`arc_easy` of `other`" in error.message
    with Study(out) as study:
        assert study.labels == ("base",)


def test_other_generation_settings_are_refused(tmp_path):
    out, rows = tmp_path / "study", {"gsm8k": written(9)}
    _import(write_lm_eval(tmp_path / "base", rows), out=out)
    warm = config(
        "gsm8k",
        output_type="generate_until",
        generation_kwargs={"until": ["Question:"], "do_sample": True, "temperature": 0.7},
    )
    other = write_lm_eval(tmp_path / "other", rows, configs={"gsm8k": warm})
    assert "generation settings" in str(_refused(PairingError, other, out=out))


def test_the_prompts_that_differ_are_counted_and_refused(tmp_path, base):
    out = tmp_path / "study"
    _import(base, out=out)
    rows = choices(40)
    for row in rows[5:8]:
        for part in row["arguments"].values():
            part["arg_0"] = "Please: " + part["arg_0"]
    other = write_lm_eval(tmp_path / "other", {"arc_easy": rows})
    message = str(_refused(PairingError, other, out=out))
    assert "3 of 48 prompts of `arc_easy`" in message
    assert "(first: document 5)" in message


def test_a_filter_that_the_study_judges_by_and_the_log_lacks_is_refused(tmp_path):
    out = tmp_path / "study"
    _import(write_lm_eval(tmp_path / "base", {"gsm8k": written(9)}), out=out)
    rows = [row for row in written(9) if row["filter"] == "strict-match"]
    other = write_lm_eval(tmp_path / "other", {"gsm8k": rows})
    message = str(_refused(PairingError, other, out=out))
    assert "exact_match,flexible-extract" in message
    assert "strict-match" in message


def test_what_the_log_does_not_tell_is_unknown_and_warned_of(tmp_path, base):
    out = tmp_path / "study"
    assert _import(base, out=out).notes == ()
    bare = write_lm_eval(tmp_path / "bare", {"arc_easy": choices(9)}, has_results=False)
    notes = _import(bare, out=out).notes
    assert any("no `results_*.json`" in note for note in notes)
    (told,) = [note for note in notes if "not known whether" in note]
    # the prompts are known and equal, so that they were asked alike need not be told
    assert "version" in told
    assert "few-shot" not in told
    with Study(out) as study:
        assert study.compare("base", "bare").tasks[0].n == 48


def test_a_log_of_other_documents_says_that_nothing_can_be_compared(tmp_path, base):
    out = tmp_path / "study"
    _import(base, out=out)
    rows = [choice_row(number, is_right=True) for number in range(40, 60)]
    some = _import(write_lm_eval(tmp_path / "some", {"arc_easy": rows}), out=out)
    assert any("8 items are shared, of 20 of `some` and 48" in note for note in some.notes)
    rows = [choice_row(number, is_right=True) for number in range(90, 99)]
    none = _import(write_lm_eval(tmp_path / "none", {"arc_easy": rows}), out=out)
    assert any("shares no item" in note for note in none.notes)


def _cut(lines):
    return lines[:-40]


def _short(lines):
    return "".join(lines.splitlines(keepends=True)[:20])


def _twice(lines):
    return lines + lines.splitlines(keepends=True)[3]


def _second_line(text):
    def change(lines):
        first, _, *rest = lines.splitlines(keepends=True)
        return "".join([first, f"{text}\n", *rest])

    return change


def _without(key):
    def change(lines):
        rows = [json.loads(line) for line in lines.splitlines()]
        del rows[6][key]
        return "".join(json.dumps(row) + "\n" for row in rows)

    return change


BROKEN = {
    "cut in a line": (_cut, ":48` ends in the middle of a line"),
    "cut between lines": (_short, "holds 20 of 48 documents: the file is cut off"),
    "a row twice": (_twice, ":49` holds document 3 of filter `none` again"),
    "no JSON": (_second_line("so it goes"), ":2` cannot be read"),
    "no object": (_second_line("[1, 2]"), ":2` cannot be read: it holds list"),
    "too deep": (_second_line("[" * 100_000), ":2` cannot be read"),
    "a huge number": (_second_line('{"doc_id": ' + "9" * 30 + "}"), ":2` cannot be read"),
    "no document": (_without("doc"), ":7` cannot be read: no `doc`"),
    "no arguments": (_without("arguments"), ":7` cannot be read: no `arguments`"),
    "empty": (lambda _: "", "holds no samples"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_one_error_with_its_place_and_leaves_no_trace(what, tmp_path, base):
    change, message = BROKEN[what]
    path = base / f"samples_arc_easy_{DATE}.jsonl"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    whole = write_lm_eval(tmp_path / "whole", {"arc_easy": choices(9)})
    error = _refused(LogError, whole, base, out=tmp_path / "study")
    assert message in error.message
    assert path.name in error.message
    assert not (tmp_path / "study").exists()


def test_a_study_stays_as_it_was_where_an_import_fails(tmp_path, base):
    out = tmp_path / "study"
    _import(base, out=out)
    before = _columns(out, "base")["arc_easy"].value_I.tolist()
    new = write_lm_eval(tmp_path / "new", {"arc_easy": choices(9), "boolq": choices(2)})
    bad = write_lm_eval(tmp_path / "bad", {"arc_easy": choices(9)}, version=3.0)
    _refused(PairingError, new, bad, out=out)
    with StoredStudy(out) as study:
        assert [checkpoint.label for checkpoint in study.series()] == ["base"]
        assert [task.name for task in study.tasks()] == ["arc_easy"]
        assert len(study.runs()) == 1
    assert _columns(out, "base")["arc_easy"].value_I.tolist() == before


def test_samples_that_are_not_of_the_run_of_their_results_are_refused(tmp_path, base):
    other = write_lm_eval(tmp_path / "other", {"arc_easy": choices(9)})
    name = f"samples_arc_easy_{DATE}.jsonl"
    (base / name).write_bytes((other / name).read_bytes())
    message = str(_refused(LogError, base, out=tmp_path / "study"))
    assert "they are not of the same run" in message


def test_a_folder_with_logs_of_two_models_is_refused(tmp_path, base):
    write_lm_eval(base, {"boolq": choices(9)}, model="org/other", date=LATER)
    assert "logs of several models" in str(_refused(LogError, base, out=tmp_path / "study"))


def test_results_without_samples_say_which_option_writes_them(tmp_path, base):
    (base / f"samples_arc_easy_{DATE}.jsonl").unlink()
    assert "--log_samples" in (_refused(LogError, base, out=tmp_path / "study").hint or "")


def test_tasks_can_be_left_out_and_a_misspelt_one_is_told(tmp_path):
    rows = {"arc_easy": choices(9), "boolq": choices(3)}
    log = write_lm_eval(tmp_path / "base", rows)
    _import(log, out=tmp_path / "study", tasks=("arc_*",))
    assert set(_columns(tmp_path / "study", "base")) == {"arc_easy"}
    error = _refused(UnknownNameError, log, out=tmp_path / "new", tasks=("arc_esy",))
    assert "arc_easy" in (error.hint or "")


def test_the_domain_that_was_trained_for_is_no_loss(tmp_path, base):
    _import(base, out=tmp_path / "study", target="knowledge")
    with StoredStudy(tmp_path / "study") as study:
        assert [task.role for task in study.tasks()] == [Role.TARGET]


def test_names_from_a_log_can_do_nothing_to_a_terminal_or_a_path(tmp_path):
    rows = {"arc_easy": choices(9)}
    log = write_lm_eval(tmp_path / "log", rows, model="../../\x1b[2J\u202eevil\nname")
    _import(log, out=tmp_path / "study")
    with Study(tmp_path / "study") as study:
        (label,) = study.labels
    assert label.isprintable()
    assert "/" not in label


def test_a_revision_of_a_hub_is_part_of_the_name(tmp_path):
    for step in (10, 2):
        arguments = f"pretrained=org/pythia,revision=step{step}"
        write_lm_eval(
            tmp_path / "logs" / f"run{step}",
            {"arc_easy": choices(step)},
            model="org/pythia",
            config={"model_args": arguments},
        )
    _import(tmp_path / "logs", out=tmp_path / "study", base="pythia@step2")
    with Study(tmp_path / "study") as study:
        assert study.labels == ("pythia@step2", "pythia@step10")
