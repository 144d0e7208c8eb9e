"""Forgetting measured while a model is being trained, at every checkpoint that is saved."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, Unpack

from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from forgetscope.api.callback_base import BASE, base_source
from forgetscope.api.callback_outcome import Outcome, shared
from forgetscope.api.callback_records import CallbackSettings, Failure, OnError, StopOn
from forgetscope.api.evaluation_settings import EvaluationSettings, request_of
from forgetscope.api.policies import AnyPolicy
from forgetscope.api.series import evaluate_into
from forgetscope.api.study import Study
from forgetscope.api.untouched import untouched
from forgetscope.diagnosis import gate_rows
from forgetscope.errors import TrainingError
from forgetscope.interchange.measures import measures_of, points_of
from forgetscope.records import Comparison, Diagnosis, Verdict
from forgetscope.report import wording

__all__ = ["ForgettingCallback"]

_LOG = logging.getLogger("forgetscope")


class ForgettingCallback(TrainerCallback):  # type: ignore[misc]  # transformers is not typed
    """Evaluates the base when training begins and every saved checkpoint, and says what is lost.

    For the `Trainer` of transformers and those made from it, TRL's among them. It evaluates the
    checkpoint's folder on the main process, takes nothing from the random generators, and logs
    what `forgetscope.interchange.measures` lists: `forgetting/reading/change` and so on. They stand
    in `state.log_history`; with `attach(trainer)` they go to the trainer's own trackers too.

    Parameters
    ----------
    study
        Folder of the study, made or continued; `forgetscope report` reads it at any time.
    base
        The model before training: a folder or `org/name`; default: the model as it stands when
        training begins, saved into the study's folder, or what an adapter was put upon.
    policy, margin
        What each domain may lose, as in `Study.compare`.
    every
        Evaluate each so many-th save, at least 1.
    stop_on
        `forgot`: end the training once a general domain is FORGOT; `None`: only log and warn.
    on_error
        `warn`: an evaluation that fails is logged and kept in `failures`, and training goes on;
        `raise`: it ends the training.
    **evaluation
        What to evaluate on, and how, as `forgetscope eval` takes it: `suite`, `tasks`, `limit` ...

    Raises
    ------
    UsageError
        If a setting makes no sense, or nothing is chosen to be evaluated.
    """

    def __init__(
        self,
        *,
        study: Path | str,
        base: str | None = None,
        policy: AnyPolicy | None = None,
        margin: float | None = None,
        every: int = 1,
        stop_on: StopOn | None = None,
        on_error: OnError = "warn",
        **evaluation: Unpack[EvaluationSettings],
    ) -> None:
        self._settings = CallbackSettings(
            study=Path(study),
            evaluation=request_of(evaluation, command="forgetscope.ForgettingCallback(...)"),
            base=base,
            policy=policy,
            margin=margin,
            every=every,
            stop_on=stop_on,
            on_error=on_error,
        )
        self._trainer: weakref.ref[Any] | None = None
        self._base: str | None = None
        self._n_saves = 0
        self.diagnosis: Diagnosis | None = None
        """What is known so far; `None` before the first checkpoint, and on other processes."""
        self.failures: tuple[Failure, ...] = ()
        """Evaluations that did not come to their end."""

    def attach(self, trainer: Any) -> Self:  # noqa: ANN401  # transformers is not typed
        """Join a trainer, so that its trackers hear of forgetting too; return the callback."""
        self._trainer = weakref.ref(trainer)
        if self not in trainer.callback_handler.callbacks:
            trainer.add_callback(self)
        return self

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **known: Any,  # noqa: ANN401  # transformers is not typed
    ) -> None:
        """Evaluate the base."""
        del control
        self._n_saves, self._base = 0, None

        def work() -> Outcome:
            self._base = self._settings.base or base_source(
                self._settings.study,
                model=known.get("model"),
                tokenizer=known.get("processing_class"),
                step=state.global_step,
                is_sharded=bool(getattr(args, "fsdp", None) or getattr(args, "deepspeed", None)),
            )
            diagnosis = self._diagnosis([f"{BASE}={self._base}"])
            if state.global_step == 0:
                with Study(self._settings.study) as study:
                    values = points_of(diagnosis, study.checkpoints)[0].values
                self._log(dict(values), state)
            return Outcome()

        self._together(work, state)

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: object
    ) -> TrainerControl:
        """Evaluate the checkpoint that was just saved."""
        self._n_saves += 1
        if self._n_saves % self._settings.every:
            return control
        label = f"checkpoint-{state.global_step}"

        def work() -> Outcome:
            if self._base is None:  # told already
                return Outcome()
            folder = Path(args.output_dir) / label
            # the base is known as a rule, and is asked again where its own evaluation failed
            found = self._diagnosis([f"{BASE}={self._base}", f"{label}={folder}"])
            self.diagnosis = found
            (comparison,) = (each for each in found.comparisons if each.after == label)
            self._log(measures_of(comparison), state)
            return Outcome(stops=self._is_forgot(comparison) and self._settings.stop_on == "forgot")

        if self._together(work, state).stops:
            control.should_training_stop = True
        return control

    def _diagnosis(self, checkpoints: Sequence[str]) -> Diagnosis:
        watched = self._settings
        evaluate_into(checkpoints, watched.study, request=watched.evaluation)
        with Study(watched.study) as study:
            return study.diagnose(policy=watched.policy, margin=watched.margin)

    def _together(self, work: Callable[[], Outcome], state: TrainerState) -> Outcome:
        """Do the work on the main process, and tell all others how it ended.

        Raises
        ------
        ForgetscopeError
            If it failed and is to end the training.
        """
        outcome, failed = Outcome(), None
        if state.is_world_process_zero:
            try:
                with untouched():
                    outcome = work()
            except Exception as error:  # a training of days must not die of its thermometer
                failed = error
                outcome = Outcome(error=f"{type(error).__name__}: {error}")
                self._note(error, state)
        outcome = shared(outcome)
        if outcome.error and self._settings.on_error == "raise":
            raise failed or TrainingError(f"forgetting was not measured: {outcome.error}")
        return outcome

    def _note(self, error: Exception, state: TrainerState) -> None:
        failure = Failure(step=state.global_step, message=f"{type(error).__name__}: {error}")
        self.failures = (*self.failures, failure)
        hint = getattr(error, "hint", None)
        _LOG.warning(
            "forgetting was not measured at step %d: %s%s",
            failure.step,
            error,
            f" ({hint})" if hint else "",
        )

    def _log(self, values: dict[str, float], state: TrainerState) -> None:
        trainer = self._trainer() if self._trainer else None
        if trainer is None:
            entry = values if state.epoch is None else values | {"epoch": state.epoch}
            state.log_history.append(entry | {"step": state.global_step})
        else:
            # not `trainer.log`: TRL's empties the means that it collects for its next line
            Trainer.log(trainer, values)

    def _is_forgot(self, comparison: Comparison) -> bool:
        """Whether a domain is FORGOT that the gate judges; each is told."""
        rows = gate_rows(comparison, None)
        forgot = [row for row in rows if row.verdict is Verdict.FORGOT]
        for row in forgot:
            change = wording.change(row.change, metric=row.metric)
            span = wording.interval(row.low, row.high, metric=row.metric)
            _LOG.warning("`%s` is FORGOT at `%s`: %s %s", row.name, comparison.after, change, span)
        return bool(forgot)
