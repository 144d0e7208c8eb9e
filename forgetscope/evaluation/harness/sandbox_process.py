"""The process behind `Sandbox`: takes its own rights away, runs one program, says how it ended.

It is started by its path, alone, and imports nothing but the standard library. The order is: limits
and isolation first, then the word that they hold, then the program. What cannot be had on a machine
is left out and told, but for the bound on processes, without which nothing is run.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import struct
import sys

_NOBODY = 65534
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # Landlock, the same on all processors
_KEEP_CAPABILITIES, _NO_NEW_PRIVILEGES = 8, 38
_MAY_READ = 1 << 2  # CAP_DAC_READ_SEARCH
_EXECUTE, _WRITE = 1 << 0, 1 << 1
_CHANGES = _WRITE | sum(1 << bit for bit in range(4, 15))
"""Write, remove, make, link and truncate files (Landlock's second version of access rights)."""


def main() -> None:
    """Read limits, token and program from stdin; write the verdict to stdout."""
    order = json.loads(sys.stdin.buffer.read())
    verdicts = os.dup(1)
    os.set_inheritable(verdicts, False)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    isolation = _isolate(order["limits"])
    os.write(verdicts, json.dumps(isolation).encode() + b"\n")
    if not isolation["processes"]:
        return
    verdict = _run(order["program"])
    with contextlib.suppress(OSError):
        os.write(verdicts, f"{order['token']} {verdict}\n".encode())
    os._exit(0)


def _run(program: str) -> str:
    """Return `passed`, or `raised` with the kind of what was raised."""
    try:
        exec(compile(program, "<answer>", "exec"), {"__name__": "__main__"})
    except BaseException as error:  # whatever a program raises, also an exit
        return f"raised {ascii(type(error).__name__)[1:-1][:60]}"
    return "passed"


def _isolate(limits: dict[str, int]) -> dict[str, bool]:
    network = _without_network()
    _as_nobody()
    files = _only_here()
    for name, bound in limits.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(kind, (bound, bound))
    return {"network": network, "files": files, "processes": not _can_fork()}


def _without_network() -> bool:
    """Leave the network of the machine for one that is empty."""
    wanted = _NEW_NETWORK if os.geteuid() == 0 else _NEW_USER | _NEW_NETWORK
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    return unshare is not None and unshare(wanted) == 0


def _as_nobody() -> None:
    """Give the rights of root away, if it has them: no limit of processes holds for root."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None)
    keep = getattr(libc, "prctl", lambda *_: -1)
    with contextlib.suppress(OSError):
        os.chown(".", _NOBODY, _NOBODY)
        os.setgroups([])
        os.setgid(_NOBODY)
        keep(_KEEP_CAPABILITIES, 1, 0, 0, 0)
        os.setuid(_NOBODY)
    if hasattr(libc, "capset"):
        _keep_capability(libc, 0 if _is_readable(os.__file__) else _MAY_READ)


def _is_readable(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True


def _keep_capability(libc: ctypes.CDLL, kept: int) -> None:
    """Drop all of root's capabilities but these; Python itself may lie where only root reads."""
    header = struct.pack("=Ii", 0x20080522, 0)
    libc.capset(header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))


def _only_here() -> bool:
    """Let files be changed in the working directory alone, and no other program be started."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 3:
        return False
    # from its fourth version on: TCP; from the sixth: signals to processes outside
    words = [_EXECUTE | _CHANGES, *([3] if version >= 4 else []), *([3] if version >= 6 else [])]
    handled = struct.pack(f"={len(words)}Q", *words)
    rules = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return False
    for path, access in ((".", _CHANGES), (os.devnull, _WRITE)):
        place = os.open(path, os.O_PATH)
        libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", access, place), 0)
        os.close(place)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    is_bound = libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return bool(is_bound)


def _can_fork() -> bool:
    try:
        child = os.fork()
    except OSError:
        return False
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


if __name__ == "__main__":
    main()
