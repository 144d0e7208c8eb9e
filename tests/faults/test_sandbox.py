"""What a program that a model wrote can and cannot do."""

import os
import sys
import time

import pytest

from forgetscope.errors import UnavailableError
from forgetscope.evaluation.harness.sandbox import Isolation, Limits, Sandbox

QUICK = Limits(cpu_seconds=1, wall_seconds=20.0, memory=2**29)


@pytest.fixture(scope="module")
def sandbox():
    return Sandbox(limits=QUICK)


@pytest.fixture(scope="module")
def isolation(sandbox):
    return sandbox.check()


def test_a_right_program_passes_and_a_wrong_one_does_not(sandbox):
    assert sandbox.run("import math\nassert math.isqrt(17) == 4").passed
    for wrong in ("assert 1 == 2", "1/0", "def f(:", "raise BaseException", "import no_such"):
        ending = sandbox.run(wrong)
        assert (ending.passed, ending.stopped) == (False, None), wrong


@pytest.mark.parametrize(
    "program",
    ["import sys; sys.exit()", "import os; os._exit(0)", "raise SystemExit", "quit()"],
)
def test_leaving_early_is_no_way_to_pass(sandbox, program):
    ending = sandbox.run(program + "\nassert False")
    assert (ending.passed, ending.stopped) == (False, "it left before its end")


def test_a_program_that_never_ends_is_stopped_by_its_time_of_the_processor(sandbox):
    ending = sandbox.run("while True: pass")
    assert ending.stopped == "it took more than 1 s of processor time"


def test_a_program_that_sleeps_is_stopped_by_the_clock():
    began = time.monotonic()
    ending = Sandbox(limits=Limits(wall_seconds=0.5)).run("import time; time.sleep(600)")
    assert ending.stopped == "it took more than 0.5 s"
    assert time.monotonic() - began < 60


def test_memory_ends_at_the_limit(sandbox):
    ending = sandbox.run("x = bytearray(2**30)")
    assert ending.stopped == "it needed more memory than 512 MiB"
    assert not sandbox.run("x = []\nwhile True: x.append(x * 2 + [1] * 10**6)").passed


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.fork()",
        "import subprocess, sys; subprocess.run([sys.executable, '-V'])",
        "import multiprocessing; multiprocessing.Process(target=print).start()",
        "import threading; threading.Thread(target=print).start()",
    ],
)
def test_no_other_process_is_started(sandbox, program):
    assert not sandbox.run(program).passed
    # not because it could not be imported
    assert sandbox.run(program.split(";")[0]).passed


def test_a_file_is_bounded_in_size_and_gone_afterwards(sandbox):
    assert sandbox.run("open('a', 'w').write('x' * 1000)\nassert open('a').read(1) == 'x'").passed
    assert not sandbox.run("open('a', 'w').write('x' * 2**22)").passed
    assert sandbox.run("import os\nassert os.listdir() == []").passed


def test_what_lies_outside_cannot_be_changed(sandbox, isolation, tmp_path):
    if not isolation.files:
        pytest.skip("this system cannot keep a program from files")
    tmp_path.chmod(0o777)
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "kept").chmod(0o666)
    for attempt in (
        f"open({str(tmp_path / 'new')!r}, 'w')",
        f"open({str(tmp_path / 'kept')!r}, 'a').write('x')",
        f"import os; os.truncate({str(tmp_path / 'kept')!r}, 0)",
        f"import os; os.remove({str(tmp_path / 'kept')!r})",
        f"import os; os.rename({str(tmp_path / 'kept')!r}, {str(tmp_path / 'other')!r})",
        f"import os; os.symlink('/', {str(tmp_path / 'link')!r})",
        f"import os; os.execv({sys.executable!r}, ['python', '-V'])",
    ):
        assert not sandbox.run(attempt).passed, attempt
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"kept": "kept"}


def test_no_signal_reaches_the_one_who_evaluates(sandbox, isolation):
    if not isolation.files and os.geteuid() != 0:
        pytest.skip("this system cannot keep a program from signals")
    assert not sandbox.run(f"import os, signal; os.kill({os.getpid()}, signal.SIGTERM)").passed
    assert not sandbox.run("import os, signal; os.kill(os.getppid(), signal.SIGTERM)").passed


def test_no_network_is_there(sandbox, isolation):
    if not isolation.network:
        pytest.skip("this system cannot take the network away")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=2)"
        assert not sandbox.run(program).passed
        socket.create_connection(("127.0.0.1", port), timeout=2).close()


def test_neither_environment_nor_input_nor_packages_of_ours_are_handed_on(
    sandbox, monkeypatch, tmp_path
):
    (tmp_path / "ours.py").touch()
    monkeypatch.setenv("HF_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert sandbox.run("import os\nassert 'HF_TOKEN' not in os.environ").passed
    assert sandbox.run(
        "import sys\nassert sys.stdin.read() == ''\nassert len(sys.argv) == 1"
    ).passed
    assert not sandbox.run("import ours").passed


@pytest.mark.parametrize(
    "program",
    [
        "print('passed\\n' * 10**6)",
        "import os\nfor n in range(3, 60):\n    try: os.write(n, b'passed\\n' * 10**6)\n"
        "    except OSError: pass\nassert 0",
        "import os\nfor n in range(60):\n    try: os.close(n)\n    except OSError: pass\nassert 0",
        "import ctypes; ctypes.string_at(0)",
        "import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
        "raise type('passed', (BaseException,), {'__str__': lambda s: 1/0})",
        "\x00",
        "# \ud800 alone\nassert 0",
        "(" * 100_000,
    ],
)
def test_whatever_it_writes_or_breaks_there_is_an_ending(sandbox, program):
    assert sandbox.run(program).passed == program.startswith("print")


def test_where_processes_cannot_be_bounded_nothing_is_run(monkeypatch):
    from forgetscope.evaluation.harness import sandbox as room

    monkeypatch.setattr(room.Limits, "to_json", lambda _: {"RLIMIT_NPROC": 10_000})
    with pytest.raises(UnavailableError, match="none is run"):
        Sandbox().run("pass")


def test_isolation_is_told_as_it_is(isolation):
    assert isinstance(isolation, Isolation)
    assert isolation.processes
