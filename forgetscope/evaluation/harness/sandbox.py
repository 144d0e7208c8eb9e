"""Run a program that a model wrote, in a process of its own with limits.

The process has an empty working directory, an empty environment, no input, and limits of processor
time, wall time, memory, file size, open files and processes. Where the system can (Linux), it has
no network, can change no file outside its directory and can signal no other process. What stays
open: it can read what its user can read, and a program that attacks the checker can claim to have
passed. It is a fence against accidents and mischief, not a prison: evaluate models that may be
malicious in a virtual machine.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from forgetscope.errors import UnavailableError

__all__ = ["LIMITS", "Ending", "Isolation", "Limits", "Sandbox"]

_CHILD = Path(__file__).with_name("sandbox_process.py")
_ENVIRONMENT = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one program may use."""

    cpu_seconds: int = 10
    """Processor time."""
    wall_seconds: float = 30.0
    """Time from start to end; a busy machine is slow."""
    memory: int = 2**30
    """Bytes of address space."""
    file_size: int = 2**20
    """Bytes of each file it writes."""
    open_files: int = 64

    def to_json(self) -> dict[str, int]:
        """Return the limits by their names in the system."""
        return {
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_AS": self.memory,
            "RLIMIT_FSIZE": self.file_size,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
            "RLIMIT_NPROC": 0,
        }


LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What was taken from a program beside its limits."""

    network: bool
    """Whether it had none."""
    files: bool
    """Whether it could change files in its own directory alone, start no program and signal none.
    """
    processes: bool
    """Whether it could start no process; without this no program is run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a program ended."""

    passed: bool
    """Whether it ran to its end without an error."""
    stopped: str | None = None
    """Which limit ended it, or that it left before its end; `None` where it passed or raised an
    error."""


@dataclass(slots=True, kw_only=True)
class Sandbox:
    """Runs programs one after the other, each in a fresh process."""

    limits: Limits = LIMITS
    isolation: Isolation | None = field(default=None, init=False)
    """Of the last program; `None` before there was one."""

    def run(self, program: str) -> Ending:
        """Run a program and return how it ended; whatever it does, this returns.

        Raises
        ------
        UnavailableError
            If no process with limits can be started on this machine.
        """
        token = secrets.token_hex(16)
        order = {"limits": self.limits.to_json(), "token": token, "program": program}
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            told = _told(json.dumps(order).encode(), folder, seconds=self.limits.wall_seconds)
        self.isolation = _isolation(told.lines)
        verdict = next((line for line in told.lines if line.startswith(token)), "")
        kind = verdict.removeprefix(token).strip()
        if kind == "passed":
            return Ending(passed=True)
        return Ending(passed=False, stopped=_stopped(kind, told, self.limits))

    def check(self) -> Isolation:
        """Return what is taken from programs on this machine.

        Raises
        ------
        UnavailableError
            If a harmless program does not run, so that every answer would count as wrong.
        """
        ending = self.run("import json, math, string")
        if not ending.passed or self.isolation is None:
            raise UnavailableError(
                "a harmless program does not run within limits here: "
                f"{ending.stopped or 'it raised an error'}",
                hint="evaluate tasks that run code as a user other than root, on Linux",
            )
        return self.isolation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    lines: tuple[str, ...]
    code: int
    """Exit code; minus the signal that ended it."""
    is_late: bool


def _told(order: bytes, folder: str, *, seconds: float) -> _Told:
    """Start the process, and return what it said before it ended or was ended."""
    if os.name != "posix":
        raise UnavailableError(
            "programs cannot be run within limits on this system",
            hint="evaluate tasks that run code on Linux",
        )
    process = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_ENVIRONMENT,
        start_new_session=True,
    )
    late = threading.Event()

    def end() -> None:
        late.set()
        _end(process)

    watch = threading.Timer(seconds, end)
    watch.daemon = True
    watch.start()
    try:
        said = _exchange(process, order)
        code = process.wait()
    finally:
        watch.cancel()
        _end(process)
        process.wait()
    lines = said.decode("utf-8", "replace").splitlines()
    return _Told(lines=tuple(lines), code=code, is_late=late.is_set())


def _exchange(process: subprocess.Popen[bytes], order: bytes) -> bytes:
    stdin, stdout = _pipe(process.stdin), _pipe(process.stdout)
    with stdout:
        try:
            with stdin:
                stdin.write(order)
        except OSError:  # it ended before it had read all
            return b""
        # what a hostile program adds without end is not read
        return stdout.read(4096)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # both were asked for
    return pipe


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()


def _isolation(lines: tuple[str, ...]) -> Isolation:
    try:
        found = json.loads(lines[0]) if lines else {}
    except ValueError:
        found = {}
    isolation = Isolation(
        network=found.get("network") is True,
        files=found.get("files") is True,
        processes=found.get("processes") is True,
    )
    if not isolation.processes:
        raise UnavailableError(
            "programs cannot be kept from starting processes here, so none is run",
            hint="evaluate tasks that run code as a user other than root, on Linux",
        )
    return isolation


_KINDS: Mapping[str, str] = {
    "raised MemoryError": "it needed more memory than {memory} MiB",
    "raised SystemExit": "it left before its end",
    "raised KeyboardInterrupt": "it left before its end",
}


def _stopped(kind: str, told: _Told, limits: Limits) -> str | None:
    if kind:
        said = _KINDS.get(kind)
        return said and said.format(memory=limits.memory // 2**20)
    if told.is_late:
        return f"it took more than {limits.wall_seconds:g} s"
    if told.code in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"it took more than {limits.cpu_seconds} s of processor time"
    if told.code == -signal.SIGXFSZ:
        return f"it wrote a file of more than {limits.file_size // 2**20} MiB"
    return "it left before its end"
