"""Disks that are full or read-only, clocks that jump."""

import ctypes
import os
import resource
import shutil
import signal
import struct
import subprocess
import time

import pytest
from crashes.child import run
from crashes.stored import files_of, read_study

from forgetscope.errors import StudyError
from forgetscope.records import Answer
from forgetscope.store import Study

KEY = {"model": "m", "engine": "e"}


def _answers(numbers):
    return [Answer(request_id=f"r{n}", text="x" * 2000, n_tokens=1) for n in numbers]


def test_a_full_database_keeps_what_was_stored_and_goes_on_when_there_is_room(tmp_path):
    with Study(tmp_path / "s", create=True) as study:
        held = study.answers(**KEY)
        connection = study._db._connection
        ((n_pages,),) = connection.execute("PRAGMA page_count").fetchall()
        connection.execute(f"PRAGMA max_page_count = {n_pages + 20}")
        held.append(_answers(range(3)))
        with pytest.raises(StudyError, match="full") as caught:
            held.append(_answers(range(100)))
        assert "nothing already stored is lost" in (caught.value.hint or "")
        assert len(held.answered()) == 3
        connection.execute("PRAGMA max_page_count = 100000")
        held.append(_answers(range(100)))
        assert len(held.answered()) == 100
    assert read_study(tmp_path / "s").is_sound


def _in_little_room(words, log, n_bytes):
    """Run a command that may write files of so many bytes at most."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, limit[1]))
        return run(words, log)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)


def test_an_evaluation_on_a_full_disk_ends_with_4_and_goes_on_later(references, tmp_path):
    study, log = tmp_path / "study", tmp_path / "log"
    words = references.world.evaluation(study)
    ended = _in_little_room(words, log, 90_000)
    assert ended.code == 4, ended.told
    assert ended.told.count('"exit_code": 4') == 1
    assert "check free space" in ended.told
    left = read_study(study)
    assert left.is_sound
    assert run(words, log).code == 0
    end = read_study(study)
    assert left.answers <= end.answers
    assert end.tables == read_study(references.study).tables


def test_a_report_on_a_full_disk_ends_with_4_and_leaves_no_half_file(references, tmp_path):
    out, log = tmp_path / "report", tmp_path / "log"
    words = references.world.report(references.study, out)
    ended = _in_little_room(words, log, 34_000)
    assert ended.code == 4, ended.told
    assert "cannot write the report" in ended.told
    assert files_of(out).items() <= files_of(references.report).items()
    assert run(words, log).code == 0
    assert files_of(out) == files_of(references.report)


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of one megabyte, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_really_full_disk_is_one_error_and_nothing_is_lost(references, tiny_disk, tmp_path):
    study, log, filler = tiny_disk / "study", tmp_path / "log", tiny_disk / "filler"
    filler.write_bytes(bytes(900_000))
    words = references.world.evaluation(study)
    ended = run(words, log)
    assert ended.code == 4, ended.told
    assert "check free space" in ended.told or "no space is left" in ended.told
    assert read_study(study).is_sound
    filler.unlink()
    assert run(words, log).code == 0
    assert read_study(study).tables == read_study(references.study).tables


def _without_rights(words, log):
    """Run a command that no permission lets pass: the superuser gives his rights up before."""
    process = os.fork()
    if process == 0:
        code = 99
        try:
            header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
            if os.getuid() == 0 and ctypes.CDLL(None).capset(header, none) != 0:
                os._exit(98)
            code = run(words, log).code
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if code == 98:
        pytest.skip("the superuser keeps his rights here")
    return code, log.read_text()


@pytest.mark.parametrize("sealed", ["folder", "file"])
def test_a_read_only_study_is_read_and_not_written(references, study, tmp_path, sealed):
    world, log = references.world.folder, tmp_path / "log"
    before = files_of(study)
    (study / "study.sqlite").chmod(0o444)
    if sealed == "folder":
        study.chmod(0o555)
    code, told = _without_rights(["gate", str(study), "--margin", "5pp"], log)
    assert code == 0, told
    words = ["eval", f"new={world / 'base'}", "--suite", str(world / "suite.toml")]
    words += ["--data-dir", str(world / "data"), "--out", str(study)]
    code, told = _without_rights(words, log)
    assert code == 4, told
    assert told.count("error: ") == 1
    assert str(study) in told
    assert files_of(study)["study.sqlite"] == before["study.sqlite"]


def test_clocks_that_jump_and_files_from_the_future_change_nothing(
    references, tmp_path, monkeypatch
):
    copy = shutil.copytree(references.world.folder, tmp_path / "world", dirs_exist_ok=True)
    future = time.time() + 10 * 365 * 86_400
    for number, path in enumerate(sorted(copy.rglob("*.*"))):
        os.utime(path, (future, future) if number % 2 else (1.0, 1.0))
    world = type(references.world)(folder=copy)
    true, calls = time.time, iter(range(10_000_000))
    # forwards and back by up to a year at every look at the clock; the child inherits it
    monkeypatch.setattr(time, "time", lambda: true() + (next(calls) % 7 - 3) * 1e7)
    study, log = tmp_path / "study", tmp_path / "log"
    first, again = run(world.evaluation(study), log), run(world.evaluation(study), log)
    assert (first.code, again.code) == (0, 0)
    assert '"computed": 0' in again.told
    found, whole = read_study(study), read_study(references.study)
    assert found.answers == whole.answers
    assert found.tables["scores"] == whole.tables["scores"]
