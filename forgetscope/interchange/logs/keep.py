"""Put what logs say into a study, all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from forgetscope.errors import PairingError
from forgetscope.interchange.logs.comparable import (
    check_settings,
    settings_of,
    settings_to_keep,
    version_of_ids,
)
from forgetscope.interchange.logs.logged import UNKNOWN, Log, LoggedItem, LoggedTask
from forgetscope.records import Checkpoint, Role, Task
from forgetscope.records.identity import digest
from forgetscope.store import Answers, Study

__all__ = ["Kept", "engine_fingerprint", "keep"]

_BATCH = 1000  # items in memory at one time


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What came into the study of one checkpoint."""

    items: int
    """Items with a score."""
    notes: tuple[str, ...] = ()


def keep(
    study: Study, logs: Sequence[Log], checkpoint: Checkpoint, *, target: str | None = None
) -> Kept:
    """Store a checkpoint that some logs tell of together.

    Call it within `Study.whole`, so that nothing stays where something is refused.

    Parameters
    ----------
    checkpoint
        Under the label that it is to have.
    target
        Domain that was trained for.

    Raises
    ------
    PairingError
        If a task was asked or judged otherwise than the study's.
    LogError
        If a file is malformed.
    """
    description = _described(logs)
    engine = engine_fingerprint(description)
    study.put_checkpoint(checkpoint, engine=engine, description=description)
    held = study.answers(model=checkpoint.fingerprint, engine=engine)
    kept = [
        _keep_task(study, logged, held, label=checkpoint.label, target=target)
        for log in logs
        for logged in log.tasks
    ]
    return Kept(
        items=sum(each.items for each in kept),
        notes=tuple(note for each in kept for note in each.notes),
    )


def engine_fingerprint(description: Mapping[str, str]) -> str:
    """Return the digest of how answers were computed, as far as it is known."""
    return digest("imported", json.dumps(dict(description), sort_keys=True))


def _described(logs: Sequence[Log]) -> dict[str, str]:
    first = logs[0]
    named = f"{first.harness} {first.harness_version or ''}".strip()
    return {**first.engine, "engine": f"imported from {named}"}


def _keep_task(
    study: Study, logged: LoggedTask, held: Answers, *, label: str, target: str | None
) -> Kept:
    name = logged.task.name
    old = next((task for task in study.tasks() if task.name == name), None)
    known = study.prompt_hashes(name)
    unknown: tuple[str, ...] = ()
    if old is None:
        study.add_tasks([_for(logged.task, target)])
        settings_to_keep(study, logged)
    else:
        has_prompts = UNKNOWN not in known.values()
        unknown = check_settings(
            settings_of(study, old), logged, has_prompts=has_prompts, label=label
        )
    stored = _Storing(study=study, held=held, known=known, task=name, label=label)
    for batch in _batches(logged.items(version_of_ids(old, logged))):
        stored.add(batch)
    stored.check_prompts()
    return Kept(items=len(stored.seen), notes=(*logged.notes, *stored.notes(unknown, old)))


def _for(task: Task, target: str | None) -> Task:
    return replace(task, role=Role.TARGET) if target and task.domain == target else task


class _Storing:
    """The items of one task on their way into the study."""

    def __init__(
        self, *, study: Study, held: Answers, known: Mapping[str, str], task: str, label: str
    ) -> None:
        self._study = study
        self._held = held
        self._known = known
        self._task = task
        self._label = label
        self.seen: set[str] = set()
        self._differing: list[int] = []
        self._n_unknown = 0

    def add(self, batch: Sequence[LoggedItem]) -> None:
        """Store some items with all that was answered."""
        self._study.add_items(each.item for each in batch)
        self._study.add_requests(request for each in batch for request in each.requests)
        self._held.append(answer for each in batch for answer in each.answers)
        hashes = {each.item.id: self._hash_of(each) for each in batch}
        self._held.put_scores((each.score for each in batch), prompt_hashes=hashes)

    def check_prompts(self) -> None:
        """Refuse a task that was asked in other words."""
        if self._differing:
            raise PairingError(
                f"`{self._label}` was asked {len(self._differing):,} of {len(self.seen):,} "
                f"prompts of `{self._task}` in other words than the study's checkpoints "
                f"(first: document {self._differing[0]})",
                hint="few-shot examples, chat template or the task's data differ: import into "
                "another study, or leave the task out with `--tasks`",
            )

    def notes(self, unknown: Sequence[str], old: Task | None) -> list[str]:
        """Say what could not be compared with what the study held before."""
        if old is None:
            return []
        found = []
        shared = len(self.seen & self._known.keys())
        if not shared:
            found.append(
                f"`{self._task}`: `{self._label}` shares no item with the study's checkpoints, so "
                "nothing can be compared"
            )
        elif shared < max(len(self.seen), len(self._known)):
            found.append(
                f"`{self._task}`: {shared:,} items are shared, of {len(self.seen):,} of "
                f"`{self._label}` and {len(self._known):,} of the study; the others are left out"
            )
        words = [*unknown, *(["prompts"] if self._n_unknown else [])]
        if words:
            found.append(
                f"`{self._task}` of `{self._label}`: not known whether {', '.join(words)} are "
                "the same"
            )
        return found

    def _hash_of(self, logged: LoggedItem) -> str:
        """Return the hash under which an item pairs: the study's, where one side knows none."""
        item = logged.item
        self.seen.add(item.id)
        held = self._known.get(item.id, item.prompt_hash)
        if held == item.prompt_hash:
            return held
        if UNKNOWN in (held, item.prompt_hash):
            self._n_unknown += 1
            return held
        self._differing.append(item.document_id)
        return item.prompt_hash


def _batches(items: Iterable[LoggedItem]) -> Iterator[list[LoggedItem]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
