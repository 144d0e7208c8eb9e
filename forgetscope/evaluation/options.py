"""How a series is evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.errors import UsageError
from forgetscope.evaluation.chat import ChatOptions
from forgetscope.evaluation.executor import ExecutorConfig
from forgetscope.records import OwnTask, ThinkTags
from forgetscope.scoring import EngineConfig
from forgetscope.suites import Style

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
    system: str | None = None
    """System prompt, before what a task itself says there."""
    thinking: bool | None = None
    """Whether the chat template lets the model think; `None`: as it does by itself."""
    think_tags: ThinkTags | None = None
    """What stands around thoughts; `None`: the known tags that the chat template names."""
    keeps_caps: bool = False
    """Leave every task its own cap, as studies do that began so."""
    engine: EngineConfig = field(default_factory=EngineConfig)
    executor: ExecutorConfig = field(default_factory=ExecutorConfig)
    """Where answers are computed."""
    own: tuple[OwnTask, ...] = ()
    until_margin: float | None = None
    """Ask items in random order, and each domain only until it is decided at this margin; `None`:
    ask all of them."""
    allow_code: bool = False
    """Run programs that a model wrote, each in a process with limits, where a task asks for it."""
    base: str | None = None
    """Label of the checkpoint to compare with; default: the study's, else the first."""
    command: str = ""
    """The command line, for the record."""

    @property
    def chat(self) -> ChatOptions:
        """How tasks are put to a model."""
        return ChatOptions(
            is_chat=self.chat_template,
            system=self.system,
            thinking=self.thinking,
            tags=self.think_tags,
        )

    @property
    def style(self) -> Style:
        """How the models answer, which decides how long they may."""
        if self.keeps_caps:
            return Style.PLAIN
        if self.thinking or (self.think_tags is not None and self.thinking is None):
            return Style.THINKING
        return Style.CHAT if self.chat_template else Style.PLAIN

    def __post_init__(self) -> None:
        self.chat.check()
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
