"""A command in a terminal of its own, as a person would see it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


@dataclass(frozen=True)
class Seen:
    """What came of a command."""

    code: int
    screen: str
    """All that was written to the terminal, escapes included."""
    talk: str
    """What was written to stderr, where that was apart."""

    @property
    def lines(self):
        """The text without its escapes, line by line."""
        return ESCAPE.sub("", self.screen).replace("\r", "").split("\n")


def see(*command, columns=80, apart=False, press=None, **environment):
    """Run forgetscope in a terminal.

    `apart` keeps stderr out of the terminal; `press` is a text to wait for and the bytes to type
    when it is seen; the environment is our own but for what would decide about colours.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    known = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-m", "forgetscope", *map(str, command)],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE if apart else theirs,
        env=known | {"TERM": "xterm-256color", "PYTHONUTF8": "1"} | environment,
        start_new_session=True,
        # Ctrl-C reaches the processes of the terminal that one calls its own
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    screen = _read(ours, process, press)
    talk = process.stderr.read().decode() if apart else ""
    return Seen(code=process.wait(timeout=60), screen=screen, talk=talk)


def _read(terminal, process, press, *, seconds=240):
    seen = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if not ready:
            if process.poll() is not None:
                break
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        seen += part
        if press and press[0].encode() in seen:
            os.write(terminal, press[1])
            press = None
    os.close(terminal)
    return seen.decode()
