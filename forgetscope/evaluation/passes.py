"""Passes: which sample of which answers a checkpoint is asked for, and in what batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from forgetscope.evaluation.harness import Built
from forgetscope.records import Request
from forgetscope.scoring import EngineConfig

__all__ = ["RERUN_SAMPLE", "Pass", "describe_rerun", "passes_of"]

RERUN_SAMPLE = 1
"""The sample under which answers that are not drawn at random are stored when asked again."""
_RERUN_SHARE = 0.625
"""Of the tokens of a pass; the whole is no multiple of it, so that batches end elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One round of questions to a checkpoint."""

    sample_index: int
    built: tuple[Built, ...]
    """The tasks that are asked."""
    parts: tuple[tuple[Request, ...], ...]
    """All their requests; batches are formed within a part."""
    config: EngineConfig
    note: str = ""
    """What a person is told meanwhile."""
    is_rerun: bool = False

    @property
    def requests(self) -> tuple[Request, ...]:
        """All requests."""
        return tuple(request for part in self.parts for request in part)


def passes_of(
    built: Sequence[Built], *, repeats: int, is_rerun: bool, config: EngineConfig
) -> tuple[Pass, ...]:
    """Return what a checkpoint is asked, in order.

    Parameters
    ----------
    built
        The tasks.
    repeats
        How often a task whose answers are drawn at random is asked.
    is_rerun
        Ask all other tasks once more, in other batches, so that two runs differ by what the
        shape of a batch does to rounding.
    config
        How the checkpoint is run.
    """
    drawn = tuple(each for each in built if each.loaded.task.is_sampled)
    fixed = tuple(each for each in built if not each.loaded.task.is_sampled)
    passes = [Pass(sample_index=0, built=tuple(built), parts=(_requests(built),), config=config)]
    passes += [
        Pass(
            sample_index=sample,
            built=drawn,
            parts=(_requests(drawn),),
            config=config,
            note=f"sample {sample + 1} of {repeats}",
        )
        for sample in range(1, repeats)
        if drawn
    ]
    if is_rerun and fixed:
        asked = _requests(fixed)
        passes.append(
            Pass(
                sample_index=RERUN_SAMPLE,
                built=fixed,
                parts=(asked[::2], asked[1::2]),
                config=replace(config, pass_share=_RERUN_SHARE),
                note="rerun",
                is_rerun=True,
            )
        )
    return tuple(passes)


def describe_rerun(*, base: str) -> dict[str, Any]:
    """Return what differs between the first run and the rerun, for the record."""
    return {
        "checkpoint": base,
        "sample": RERUN_SAMPLE,
        "pass_share": _RERUN_SHARE,
        "order": "every second request, then the others",
    }


def _requests(built: Sequence[Built]) -> tuple[Request, ...]:
    return tuple(request for each in built for request in each.requests)
