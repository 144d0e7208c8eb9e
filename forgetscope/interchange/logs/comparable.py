"""Whether a task of a log was asked and judged as the study's was, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forgetscope.errors import PairingError
from forgetscope.interchange.logs.logged import UNKNOWN, LoggedTask, Settings
from forgetscope.records import Task
from forgetscope.store import Study

__all__ = ["check_settings", "settings_of", "settings_to_keep", "version_of_ids"]

_KEY = "imported_task:"
_IN_PROMPTS = ("few-shot examples", "chat template", "generation settings")
"""What shows in the prompts: where those are known and equal, it need not be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    different: tuple[str, ...]
    unknown: tuple[str, ...]


def settings_of(study: Study, task: Task) -> Settings:
    """Return the settings of a task that the study holds.

    An evaluation here asks through lm-eval, and its prompts tell how.
    """
    kept = study.meta(_KEY + task.name)
    if isinstance(kept, dict):
        return {key: None if value is None else str(value) for key, value in kept.items()}
    return {
        "harness": "lm-eval",
        "version": task.version,
        "few-shot examples": str(task.n_shots),
        "metric": task.metric,
        "filter": task.filter,
    }


def settings_to_keep(study: Study, logged: LoggedTask) -> None:
    """Note the settings of a task that the log brought into the study."""
    study.set_meta(_KEY + logged.task.name, dict(logged.settings))


def check_settings(
    held: Settings, logged: LoggedTask, *, has_prompts: bool, label: str
) -> tuple[str, ...]:
    """Refuse a task that was asked or judged otherwise, and name what cannot be told.

    Parameters
    ----------
    held
        The settings that the study has.
    has_prompts
        Whether both sides know their prompts, which are compared one by one.
    label
        The checkpoint, for messages.

    Raises
    ------
    PairingError
        If a setting that both sides tell is not the same.
    """
    compared = _compared(held, logged.settings)
    if compared.different:
        raise PairingError(
            f"`{logged.task.name}` of `{label}` cannot be compared with the study's: other "
            f"{' and other '.join(compared.different)}",
            hint="evaluate both alike; or leave the task out with `--tasks`, or import into "
            "another study",
        )
    return tuple(word for word in compared.unknown if not (has_prompts and word in _IN_PROMPTS))


def version_of_ids(held: Task | None, logged: LoggedTask) -> str:
    """Return the version that item ids are made of: the study's, where one side knows none."""
    own = logged.task.version
    if held is None or held.version == own:
        return own
    return held.version if UNKNOWN in (held.version, own) else own


def _compared(held: Settings, new: Settings) -> _Compared:
    words = list(dict.fromkeys((*held, *new)))
    pairs: Sequence[tuple[str, str | None, str | None]] = [
        (word, held.get(word), new.get(word)) for word in words
    ]
    return _Compared(
        different=tuple(
            f"{word} (`{old}` and `{own}`)"
            for word, old, own in pairs
            if old is not None and own is not None and old != own
        ),
        unknown=tuple(word for word, old, own in pairs if old is None or own is None),
    )
