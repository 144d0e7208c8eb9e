"""The way in: run the command line, and turn every ending into an exit code.

The codes are a contract: see `endings`.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from forgetscope.cli.endings import Ending, ending_of
from forgetscope.cli.talk import Format, Talk, speak, talk

__all__ = ["main"]

COMPLETION = "_FORGETSCOPE_COMPLETE"
"""Set by the shell that asks what could be typed next."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run forgetscope and exit."""
    code = run(list(sys.argv[1:] if arguments is None else arguments))
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_stdout()
    gc.freeze()  # the system takes all memory back, and need not be told what is unreachable
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run forgetscope and return the exit code; nothing escapes as a traceback."""
    _quieten()
    speak(Talk())
    try:
        from forgetscope.cli.app import call
        from forgetscope.cli.interrupts import terminable

        with terminable():
            return call(arguments)
    except SystemExit as error:
        return _left(error, arguments)
    except BaseException as error:  # nothing may exit 1 by itself: that reads as "forgotten"
        return _failed(error, arguments)


def _left(error: SystemExit, arguments: list[str]) -> int:
    """Return the exit code where a library called `exit` over our heads."""
    is_reader_gone = isinstance(error.__context__, BrokenPipeError)
    if is_reader_gone or not error.code or COMPLETION in os.environ:
        # commands print so that a reader who leaves does not stop them: this was a help text
        return 0
    return _failed(error, arguments)


def _failed(error: BaseException, arguments: list[str]) -> int:
    """Tell what happened and return the exit code, even where nothing can be told."""
    ending = ending_of(error, arguments=arguments)
    with contextlib.suppress(Exception):
        log = _log(error, arguments) if ending.is_bug else None
        _tell(ending, error, log=log, arguments=arguments)
    return ending.exit_code


def _tell(
    ending: Ending, error: BaseException, *, log: Path | None, arguments: Sequence[str]
) -> None:
    if talk().shows_traceback or "--traceback" in arguments:
        # locals are never shown: they may hold prompts or tokens
        print("".join(traceback.format_exception(error)), file=sys.stderr)
    if talk().is_json or _wants_json(arguments):
        print(ending.json(), file=sys.stderr)
        return
    lines = ending.lines()
    if log is not None:
        lines.append(f"hint: this is a bug; the traceback is in {log}")
    print("\n".join(lines), file=sys.stderr)
    _note_in_result(ending)


def _note_in_result(ending: Ending) -> None:
    """Let the pipeline that reads JUnit XML see that nothing could be run."""
    if talk().form is not Format.JUNIT:
        return
    from forgetscope.report import render_junit_error

    text = render_junit_error(ending.message)
    file = talk().file
    if file is None:
        print(text, end="")
    else:
        file.write_text(text, encoding="utf-8")


def _wants_json(arguments: Sequence[str]) -> bool:
    """Return whether JSON was asked for in a call that could not be understood."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    asked = {"--json"} | {f"--format={form}" for form in (Format.JSON, Format.JSONL)}
    pairs = {f"{name}={value}" for name, value in pairwise(options)}
    return bool(asked & {*options, *pairs})


def _leave_stdout() -> None:
    """Keep Python from complaining at exit that nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _quieten() -> None:
    """Keep other libraries from talking on our streams."""
    for name in ("lm_eval", "huggingface_hub", "datasets"):
        logging.getLogger(name).setLevel(logging.ERROR)
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _log(error: BaseException, arguments: Sequence[str]) -> Path | None:
    path = Path(tempfile.gettempdir()) / f"forgetscope-error-{int(time.time())}-{os.getpid()}.log"
    trace = "".join(traceback.format_exception(error))
    try:
        path.write_text(f"forgetscope {' '.join(arguments)}\n\n{trace}", encoding="utf-8")
    except OSError:
        return None
    return path
