"""The metric `code_eval` of lm-eval's tasks, without its code from a hub.

The tasks of HumanEval and MBPP ask `evaluate` for a metric of that name as soon as they are read;
it would be fetched and run in this process. They get this one instead, and only where programs
that a model wrote may run: each runs in a `Sandbox`. pass@k is the unbiased estimate of Chen et al.
2021 (arXiv:2107.03374, equation 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from forgetscope.errors import UsageError
from forgetscope.evaluation.harness.sandbox import LIMITS, Isolation, Sandbox

__all__ = ["Programs", "checked_programs", "code_eval", "describe_isolation"]


class Programs:
    """Counts the programs of an answer that pass their tests."""

    def __init__(self) -> None:
        self._sandbox = Sandbox()
        self._stopped: list[str] = []

    def check(self) -> Isolation:
        """Return what is taken from programs here; see `Sandbox.check`."""
        return self._sandbox.check()

    def compute(
        self,
        *,
        references: Sequence[str],
        predictions: Sequence[Sequence[str]],
        k: Sequence[int] = (1,),
    ) -> tuple[dict[str, float], dict[str, Any]]:
        """Return pass@k over all questions, as lm-eval's tasks call it.

        Parameters
        ----------
        references
            One test program for each question.
        predictions
            Candidates for each question.
        k
            Only those of which there are enough candidates are returned.
        """
        passed = [
            [self._passes(candidate, test) for candidate in candidates]
            for candidates, test in zip(predictions, references, strict=True)
        ]
        fewest = min(map(len, passed), default=0)
        shares = {
            f"pass@{size}": math.fsum(_pass_at(each, size) for each in passed) / len(passed)
            for size in k
            if size <= fewest
        }
        return shares, {}

    def take_stopped(self) -> str | None:
        """Return why a program was stopped since the last call, `None` where none was."""
        stopped, self._stopped = self._stopped, []
        return stopped[0] if stopped else None

    def _passes(self, candidate: str, test: str) -> bool:
        ending = self._sandbox.run(f"{candidate}\n{test}")
        if ending.stopped is not None:
            self._stopped.append(ending.stopped)
        return ending.passed


code_eval = Programs()
"""What tasks are given; they keep it, so there is one."""


@contextmanager
def checked_programs(name: str, *, allow_code: bool) -> Iterator[None]:
    """Give the task `name`, which is read meanwhile, this metric for `code_eval`, or an error.

    Raises
    ------
    UsageError
        If a task asks for it, and programs may not run.
    """
    # imported late: judging alone does not need it
    import evaluate

    load = evaluate.load

    def loaded(path: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401  # foreign
        if path != "code_eval":
            return load(path, *arguments, **options)
        if not allow_code:
            raise UsageError(
                f"the task `{name}` runs code that the model writes",
                hint="leave it out of the suite, or allow it: `forgetscope eval --allow-code`",
            )
        return code_eval

    evaluate.load = loaded
    try:
        yield
    finally:
        evaluate.load = load


def describe_isolation() -> str:
    """Say what programs can and cannot do on this machine.

    Raises
    ------
    UnavailableError
        If none can be run within limits.
    """
    isolation, limits = code_eval.check(), LIMITS
    network = "without network" if isolation.network else "WITH the network of this machine"
    files = "in its own folder" if isolation.files else "WHEREVER its user may write"
    return (
        f"programs that the checkpoints write run one by one, each at most {limits.cpu_seconds} s "
        f"in {limits.memory / 2**30:g} GiB of memory, {network}, changing files {files}"
    )


def _pass_at(passed: Sequence[bool], k: int) -> float:
    """Return the chance that one of k candidates, drawn without return, passes."""
    n, right = len(passed), sum(passed)
    return 1.0 - math.comb(n - right, k) / math.comb(n, k)
