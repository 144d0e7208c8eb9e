"""Read the logs at some paths, whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from forgetscope.interchange.logs.inspect_log import read_inspect
from forgetscope.interchange.logs.lighteval_log import read_lighteval
from forgetscope.interchange.logs.lm_eval_log import read_lm_eval
from forgetscope.interchange.logs.locate import LogKind, locate
from forgetscope.interchange.logs.logged import Log, Wanted, everything
from forgetscope.interchange.logs.shared_log import read_shared
from forgetscope.records import Task

__all__ = ["read_logs"]


def read_logs(
    path: Path, *, known: Mapping[str, Task], wanted: Wanted = everything
) -> Iterator[Log]:
    """Yield the logs at a path, in the order of their steps; those without a wanted task are not.

    Parameters
    ----------
    path
        A file, or a folder with the logs of one or more checkpoints.
    known
        Tasks of the study by name.
    wanted
        Which tasks are read.

    Raises
    ------
    LogError
        If there is no log, or one is malformed.
    """
    for found in locate(path):
        match found.kind:
            case LogKind.LM_EVAL:
                logs: tuple[Log, ...] = (read_lm_eval(found.files, known=known, wanted=wanted),)
            case LogKind.LIGHTEVAL:
                logs = (read_lighteval(found.files, known=known, wanted=wanted),)
            case LogKind.INSPECT:
                logs = read_inspect(found.files, known=known, wanted=wanted)
            case LogKind.EVERY_EVAL_EVER:
                logs = (read_shared(found.files[0], known=known, wanted=wanted),)
        yield from (log for log in logs if log.tasks)
