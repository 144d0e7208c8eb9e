"""How a series is evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.errors import UsageError
from forgetscope.evaluation.executor import ExecutorConfig
from forgetscope.records import OwnTask
from forgetscope.scoring import EngineConfig

if TYPE_CHECKING:
    from forgetscope.statistics import Portion

__all__ = ["EvaluationOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationOptions:
    """How a series is evaluated."""

    data_dir: Path | None = None
    """Local mirror of benchmark data."""
    limit: int | None = None
    """At most this many documents of each task."""
    portion: Portion | None = None
    """Only these items of them; `None`: all."""
    repeats: int = 1
    """How often tasks are asked whose answers are drawn at random."""
    rerun: bool = False
    """Ask the base once more, in other batches, what is not drawn at random."""
    recover: bool = False
    """Ask again, with help, what checkpoints lost since the base."""
    chat_template: bool = False
    """Ask through the tokenizer's chat template."""
    engine: EngineConfig = field(default_factory=EngineConfig)
    executor: ExecutorConfig = field(default_factory=ExecutorConfig)
    """Where answers are computed."""
    own: tuple[OwnTask, ...] = ()
    until_margin: float | None = None
    """Ask items in random order, and each domain only until it is decided at this margin; `None`:
    ask all of them."""
    base: str | None = None
    """Label of the checkpoint to compare with; default: the study's, else the first."""
    command: str = ""
    """The command line, for the record."""

    def __post_init__(self) -> None:
        if self.repeats < 1:
            raise UsageError(f"every task is asked at least once: {self.repeats} repeats")
        if self.until_margin is None:
            return
        if not 0.0 < self.until_margin < 1.0:
            raise UsageError(f"the margin must be a share above 0, below 1: {self.until_margin}")
        if self.repeats > 1 or self.rerun or self.recover or self.portion is not None:
            raise UsageError(
                "what stops at its verdict is asked once, item by item: no repeats, rerun or probe",
                hint="leave out `--until-verdict`, or `--repeats`, `--rerun` and `--probe`",
            )
