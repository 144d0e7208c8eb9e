"""The way in: run the command line, and turn every ending into an exit code.

The codes are a contract: 0 done, 1 the gate failed and only that, 2 usage, 3 a bug, 4 something
could not be read or reached, 5 not proved where proof was asked for, 130 interrupted.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

from forgetscope.errors import ForgetscopeError

__all__ = ["main"]

INTERNAL_ERROR = 3
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run forgetscope and exit."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run forgetscope and return the exit code; nothing escapes as a traceback."""
    _quieten()
    try:
        from forgetscope.cli.app import call

        return call(arguments)
    except ForgetscopeError as error:
        _say(f"error: {error.message}", error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        _say("interrupted", "run the same command again: it goes on where it was")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output left: not an error, but Python must not complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # a bug must never exit 1, which reads as "forgetting found"
        log = _log(arguments)
        _say(
            f"error: internal error: {type(error).__name__}: {error}",
            f"this is a bug; the traceback is in {log}",
        )
        return INTERNAL_ERROR


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


def _say(message: str, hint: str | None) -> None:
    from forgetscope.report.wording import clean

    print(clean(message), file=sys.stderr)
    if hint:
        print(f"hint: {clean(hint)}", file=sys.stderr)


def _log(arguments: list[str]) -> Path:
    path = Path(tempfile.gettempdir()) / f"forgetscope-error-{int(time.time())}-{os.getpid()}.log"
    path.write_text(f"forgetscope {' '.join(arguments)}\n\n{traceback.format_exc()}")
    return path
