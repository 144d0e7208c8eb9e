"""Studies whose bytes changed, and files that are no studies."""

import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from forgetscope.errors import StudyError
from forgetscope.store import Study

_PAGE = 4096


def _flip(content, rng):
    for _ in range(20):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def _overwrite(content, rng):
    start = _PAGE * rng.randrange(len(content) // _PAGE)
    content[start : start + _PAGE] = rng.randbytes(_PAGE)


@pytest.mark.parametrize("harm", [_flip, _overwrite])
@pytest.mark.parametrize("seed", range(6))
def test_changed_bytes_are_refused_or_harmless_and_never_a_bug(study, call, harm, seed):
    file = study / "study.sqlite"
    content = bytearray(file.read_bytes())
    harm(content, random.Random(seed))
    file.write_bytes(content)
    code, _, err = call("gate", study, "--margin", "5pp")
    assert code in (0, 1, 2, 4, 5)
    if code in (2, 4):
        assert err.count("error: ") == 1
        assert "hint: " in err


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE tasks SET record = replace(record, '\"version\"', '\"ver3ion\"')", "ver3ion"),
        ("UPDATE tasks SET record = replace(record, ':', ';')", "Expecting"),
        ("UPDATE checkpoints SET kind = 'fodler'", "fodler"),
        ("UPDATE items SET chance = 'x'", "could not convert"),
        ("DROP TABLE scores", "no such table: scores"),
    ],
)
def test_a_row_that_cannot_be_read_is_one_error_with_the_file_and_a_way_out(
    study, call, statement, what
):
    with closing(sqlite3.connect(study / "study.sqlite")) as database, database:
        database.execute(statement)
    code, _, err = call("gate", study)
    assert code == 4, err
    assert f"`{study / 'study.sqlite'}` is no forgetscope study, or is damaged" in err
    assert what in err
    assert "restore the file from a copy" in err


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE engines SET description = '{' || description", "property name"),
        ("DELETE FROM engines", "JSON object must be"),
    ],
)
def test_what_only_a_report_reads_is_told_by_the_report(study, call, statement, what, tmp_path):
    with closing(sqlite3.connect(study / "study.sqlite")) as database, database:
        database.execute(statement)
    code, _, err = call("report", study, "--out", tmp_path / "report")
    assert code == 4, err
    assert "or is damaged" in err
    assert what in err


@pytest.mark.parametrize("command", ["gate", "report", "diff"])
@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (lambda file: file.write_bytes(b""), ""),
        (lambda file: file.write_bytes(file.read_bytes()[:5000]), "is damaged"),
        (lambda file: file.write_bytes(file.read_bytes()[:50]), "is damaged"),
        (lambda file: file.write_bytes(bytes(8192)), "is damaged"),
        (lambda file: file.write_text("no database " * 1000), "is damaged"),
        (lambda file: (file.unlink(), file.mkdir()), "no study in"),
    ],
)
def test_a_file_that_is_no_whole_study_is_refused_by_every_reader(study, call, command, harm, what):
    harm(study / "study.sqlite")
    places = [f"{study}:base", study] if command == "diff" else [study]
    code, out, err = call(command, *places)
    assert (code, out) == (4, "")
    assert what in err
    assert err.count("error: ") == 1
    assert str(study) in err


def test_the_database_of_another_program_is_refused_and_not_written_to(tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "study.sqlite")) as database:
        database.execute("CREATE TABLE addresses (name TEXT)")
    before = (folder / "study.sqlite").read_bytes()
    for create in (False, True):
        with pytest.raises(StudyError, match="another program: it holds a table `addresses`"):
            Study(folder, create=create)
    with closing(sqlite3.connect(folder / "study.sqlite")) as database:
        names = database.execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("addresses",)]
    assert len((folder / "study.sqlite").read_bytes()) == len(before)


def test_a_log_that_went_missing_costs_its_answers_and_no_others(tmp_path):
    from forgetscope.records import Answer

    key = {"model": "m", "engine": "e"}
    folder = tmp_path / "s"
    with Study(folder, create=True) as study:
        study.answers(**key).append([Answer(request_id="early", text="x", n_tokens=1)])
    with Study(folder) as study:
        study.answers(**key).append([Answer(request_id="late", text="x", n_tokens=1)])
        copy = tmp_path / "copy"
        copy.mkdir()
        shutil.copy(folder / "study.sqlite", copy)  # without `-wal` and `-shm`
    with Study(copy) as study:
        assert study.answers(**key).answered() == {"early"}
        study.answers(**key).append([Answer(request_id="late", text="x", n_tokens=1)])
        assert study.answers(**key).answered() == {"early", "late"}
