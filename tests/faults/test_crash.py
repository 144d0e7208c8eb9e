"""Commands that are killed, interrupted or terminated, and the same command again."""

import os
import signal
import sqlite3
import time

import pytest
from crashes.child import run, start
from crashes.stored import read_study
from crashes.trials import trials

from forgetscope.records import Answer
from forgetscope.store import Study, migration
from tests.store.test_migration import FORMAT_1

KILLS = {"eval": 2, "report": 1, "train": 1}


@pytest.mark.parametrize("command", KILLS)
def test_a_command_killed_at_any_moment_ends_as_if_it_had_not_been(references, command):
    found = list(trials(command, references, kills=KILLS[command], seed=1))
    assert len(found) == KILLS[command]
    assert {trial.faults for trial in found} == {()}


def test_a_terminated_evaluation_keeps_its_answers_and_says_how_to_go_on(references, tmp_path):
    study, log = tmp_path / "study", tmp_path / "log"
    words = references.world.evaluation(study)
    code, told = _signalled(words, log, signal.SIGTERM, when='"is_loading": true')
    assert code == 130
    assert "Traceback" not in told
    assert "run the same command again" in told
    assert f"forgetscope eval {words[1]}" in told
    left = read_study(study)
    again = run(words, log)
    end = read_study(study)
    assert (again.code, end.is_sound) == (0, True)
    assert left.answers <= end.answers
    assert end.tables == read_study(references.study).tables


def test_a_report_that_is_terminated_at_once_ends_with_130(references, tmp_path):
    words = references.world.report(references.study, tmp_path / "report")
    code, told = _signalled(words, tmp_path / "log", signal.SIGTERM, when="")
    assert code in (130, -signal.SIGTERM)  # before or after the command could listen
    assert "Traceback" not in told


def _signalled(words, log, number, *, when):
    """Run a command and send it a signal once it has said a word; return its code and its words."""
    process = start(words, log)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if log.exists() and when in log.read_text(errors="replace"):
            break
        time.sleep(0.002)
    os.kill(process, number)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), log.read_text(errors="replace")


class _Fatal:
    """Statements of which one is followed by the end of the process."""

    def __init__(self, statements, after):
        self.statements, self.after = statements, after

    def __iter__(self):
        for number, statement in enumerate(self.statements):
            if number == self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            yield statement
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("after", range(len(migration.MIGRATIONS[1]) + 1))
def test_a_migration_killed_between_any_two_statements_left_the_study_as_it_was(tmp_path, after):
    folder = tmp_path / "old"
    folder.mkdir()
    connection = sqlite3.connect(folder / "study.sqlite")
    connection.executescript(FORMAT_1)
    with connection:
        connection.execute(
            "INSERT INTO answers VALUES ('m', 'e', 'r', 0, NULL, NULL, '4', 1, 'stop', 0, NULL)"
        )
    connection.close()
    process = os.fork()
    if process == 0:
        migration.MIGRATIONS[1] = _Fatal(migration.MIGRATIONS[1], after)
        Study(folder)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    left = read_study(folder)
    assert left.is_sound
    assert left.n_rows["answers"] == 1
    with Study(folder) as study:
        assert study.answers(model="m", engine="e").answered() == {"r"}


def test_a_writer_killed_while_another_process_reads_harms_neither(tmp_path):
    key = {"model": "m", "engine": "e"}
    with Study(tmp_path / "s", create=True) as reading:
        told, tell = os.pipe()
        process = os.fork()
        if process == 0:
            with Study(tmp_path / "s") as writing:
                for n in range(100_000):
                    answer = Answer(request_id=f"r{n}", text="x" * 500, n_tokens=1)
                    writing.answers(**key).append([answer])
                    os.write(tell, b"%d\n" % n)
        seen = 0
        while seen < 40:  # the reader looks on while the other writes
            before, seen = seen, len(reading.answers(**key).answered())
            assert seen >= before
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(tell)
        n_announced = int(_all(told).split()[-1]) + 1
        assert len(reading.answers(**key).answered()) >= n_announced
        assert read_study(tmp_path / "s").is_sound
        reading.answers(**key).append([Answer(request_id="mine", text="y", n_tokens=1)])
    assert read_study(tmp_path / "s").n_rows["answers"] >= n_announced + 1


def _all(descriptor):
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def test_a_second_command_on_the_same_study_is_refused_and_says_who_holds_it(references, tmp_path):
    study, log = tmp_path / "study", tmp_path / "log"
    words = references.world.evaluation(study)
    with Study(study, create=True) as held, held.writer():
        second = run(words, log)
    assert second.code == 4
    assert f"another forgetscope command is writing to `{study}` (process " in second.told
    assert "wait for it to end" in second.told


def test_commands_that_make_a_study_at_once_wait_for_each_other(tmp_path):
    for trial in range(5):
        folder, children = tmp_path / str(trial), []
        at = time.monotonic() + 0.02
        for number in range(4):
            process = os.fork()
            if process == 0:
                code = 1
                try:
                    while time.monotonic() < at:
                        pass
                    with Study(folder, create=True) as study:
                        answer = Answer(request_id="r", text="x", n_tokens=1)
                        study.answers(model=f"m{number}", engine="e").append([answer])
                    code = 0
                finally:
                    os._exit(code)
            children.append(process)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert codes == [0] * 4
        assert read_study(folder).n_rows["answers"] == 4


def test_a_study_killed_before_its_first_byte_is_begun_anew(references, tmp_path):
    study, log = tmp_path / "study", tmp_path / "log"
    study.mkdir()
    (study / "study.sqlite").touch()
    assert run(references.world.evaluation(study), log).code == 0
    assert read_study(study).tables == read_study(references.study).tables
