"""Plan: build each set of prompts once, and check that it is the set the study already holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forgetscope.errors import PairingError, UsageError
from forgetscope.evaluation.harness import Built, LoadedTask, build, n_documents
from forgetscope.records import Item, Progress, Task, no_progress
from forgetscope.statistics import apportion
from forgetscope.store import Study

__all__ = ["Builder", "check_prompts", "check_tasks"]


class Builder:
    """Builds the requests of all tasks once for each chat template.

    Without a chat template prompts do not depend on the tokenizer, so all checkpoints share them.
    """

    def __init__(
        self,
        tasks: Sequence[LoadedTask],
        *,
        seed: int,
        limit: int | None = None,
        progress: Progress = no_progress,
    ) -> None:
        self._tasks = tasks
        self._seed = seed
        self._limit = limit
        self._progress = progress
        self._built: dict[str, tuple[Built, ...]] = {}
        self._shared: dict[str, dict[str, int]] = {}

    def built(
        self, *, template: str = "", render_chat: Callable[..., str] | None = None
    ) -> tuple[Built, ...]:
        """Return all tasks built with a chat template.

        Parameters
        ----------
        template
            Digest of the template; equal digests share prompts. Empty without a template.
        render_chat
            The template itself; `None` for plain text.
        """
        if template not in self._built:
            self._built[template] = tuple(self._build(render_chat))
        return self._built[template]

    def _build(self, render_chat: Callable[..., str] | None) -> Sequence[Built]:
        built = []
        for number, task in enumerate(self._tasks):
            self._progress("prompts", number, len(self._tasks), note=task.task.name)
            limit = self._limit_of(task)
            # a task of a group that has no share in its few items is not asked at all
            if limit != 0:
                built.append(build(task, seed=self._seed, limit=limit, render_chat=render_chat))
        self._progress("prompts", len(self._tasks), len(self._tasks))
        return built

    def _limit_of(self, task: LoadedTask) -> int | None:
        """Return how many documents of a task are asked at most; `None` for all."""
        if task.choice.total is None:
            return self._limit
        share = self._shares(task)[task.task.name]
        return share if self._limit is None else min(share, self._limit)

    def _shares(self, task: LoadedTask) -> dict[str, int]:
        """Return how the items of a group are shared among its tasks."""
        choice = task.choice
        if choice.name not in self._shared:
            sizes = {
                each.task.name: n_documents(each) for each in self._tasks if each.choice == choice
            }
            total = choice.total or sum(sizes.values())
            self._shared[choice.name] = apportion(sizes, total=total, seed=self._seed)
        return self._shared[choice.name]


def check_tasks(study: Study, tasks: Sequence[Task]) -> None:
    """Refuse a task that the study holds under other settings.

    Raises
    ------
    UsageError
        If scores of the two settings could not be compared.
    """
    held = {task.name: task for task in study.tasks()}
    for task in tasks:
        old = held.get(task.name)
        if old is not None and old.fingerprint != task.fingerprint:
            detail = (
                f"{old.n_shots} few-shot examples, now {task.n_shots}"
                if old.n_shots != task.n_shots
                else "other settings (prompt, metric, filter, length or version)"
            )
            raise UsageError(
                f"the study `{study.folder}` holds `{task.name}` with {detail}",
                hint="evaluate into another folder with `--out`, or use the study's settings",
            )


def check_prompts(study: Study, built: Sequence[Built], *, label: str) -> None:
    """Refuse prompts that differ from those the study's checkpoints answered.

    Raises
    ------
    PairingError
        With the task, how many prompts differ and the first of them.
    """
    for each in built:
        task = each.loaded.task.name
        held = study.prompt_hashes(task)
        differing = [item for item in each.items if _differs(item, held)]
        if differing:
            raise PairingError(
                f"`{label}` would be asked {len(differing):,} of {len(each.items):,} prompts of "
                f"`{task}` in other words than the study's checkpoints "
                f"(first: item {differing[0].document_id})",
                hint="its chat template or the task's data differ; evaluate all checkpoints "
                "without `--chat-template`, or into another folder",
            )


def _differs(item: Item, held: dict[str, str]) -> bool:
    return held.get(item.id, item.prompt_hash) != item.prompt_hash
