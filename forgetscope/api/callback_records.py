"""What a training is watched with, and what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from forgetscope.api.evaluation_request import EvaluationRequest, wanted_suite
from forgetscope.api.policies import AnyPolicy, settled
from forgetscope.errors import UnknownNameError, UsageError

__all__ = ["CallbackSettings", "Failure", "OnError", "StopOn"]

StopOn = Literal["forgot"]
OnError = Literal["warn", "raise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An evaluation that did not come to its end."""

    step: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackSettings:
    """How a training is watched; see `ForgettingCallback`."""

    study: Path
    evaluation: EvaluationRequest
    base: str | None
    policy: AnyPolicy | None
    margin: float | None
    every: int
    stop_on: StopOn | None
    on_error: OnError

    def __post_init__(self) -> None:
        """Refuse what cannot be meant, before the training begins.

        Raises
        ------
        UsageError
            If a setting makes no sense, or nothing is chosen to be evaluated.
        """
        if self.every < 1:
            raise UsageError(f"`every` is {self.every}; it must be a whole number of at least 1")
        for name, value, known in (
            ("stop_on", self.stop_on, get_args(StopOn)),
            ("on_error", self.on_error, get_args(OnError)),
        ):
            if value is not None and value not in known:
                raise UnknownNameError(f"`{name}`", str(value), known=known)
        settled(self.policy, margin=self.margin)
        wanted_suite(self.evaluation, self.study)
