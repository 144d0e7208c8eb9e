"""Plan: build each set of prompts once, and check that it is the set the study already holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from forgetscope.errors import PairingError, UsageError
from forgetscope.evaluation.asked_with import caps_of, differences
from forgetscope.evaluation.chat import PLAIN, Chat
from forgetscope.evaluation.options import EvaluationOptions
from forgetscope.records import Item, Progress, Task, no_progress
from forgetscope.scoring import TokenBook, Tokenizer
from forgetscope.store import Study

if TYPE_CHECKING:
    from forgetscope.evaluation.harness import AskedTask, Built, KeptPrompts, LoadedTask

__all__ = ["Builder", "check_prompts", "check_tasks"]


class Builder:
    """Builds the requests of all tasks once for each chat template.

    Without a chat template prompts do not depend on the tokenizer, so all checkpoints share them.

    Parameters
    ----------
    open_tasks
        Returns what is asked; called when prompts have to be built.
    seed, limit
        See `harness.build`.
    kept
        Where prompts are kept from one command to the next; `None`: nowhere.
    progress
        Told task by task while prompts are built.
    """

    def __init__(
        self,
        open_tasks: Callable[[], Sequence[LoadedTask]],
        *,
        seed: int,
        limit: int | None = None,
        kept: KeptPrompts | None = None,
        progress: Progress = no_progress,
    ) -> None:
        self._open_tasks = open_tasks
        self._kept = kept
        self._seed = seed
        self._limit = limit
        self._progress = progress
        self._built: dict[str, tuple[Built, ...]] = {}
        self._shared: dict[str, dict[str, int]] = {}

    def built(self, chat: Chat = PLAIN) -> tuple[Built, ...]:
        """Return all tasks as they are put to a model; chats of one key share their prompts."""
        if chat.key not in self._built:
            known = self._kept and self._kept.built(template=chat.key)
            self._built[chat.key] = known or tuple(self._build(chat))
            if self._kept is not None and not known:
                self._kept.keep(self._built[chat.key], template=chat.key)
        return self._built[chat.key]

    def limited(self, limit: int | None) -> Builder:
        """Return a builder of the same tasks with another limit, which keeps nothing."""
        return Builder(self._open_tasks, seed=self._seed, limit=limit)

    @cached_property
    def _tasks(self) -> Sequence[LoadedTask]:
        return self._open_tasks()

    def token_book(self, tokenizer: str) -> TokenBook:
        """Return what is known of the tokens of the requests.

        Parameters
        ----------
        tokenizer
            Fingerprint of the tokenizer.
        """
        return TokenBook() if self._kept is None else self._kept.token_book(tokenizer)

    def keep_tokens(self, tokenizer: Tokenizer) -> None:
        """Keep what was encoded, if prompts are kept at all."""
        if self._kept is not None and tokenizer.book is not None and not tokenizer.book.is_saved:
            self._kept.keep_tokens(tokenizer.book, tokenizer.fingerprint)

    def _build(self, chat: Chat) -> Sequence[Built]:
        # imported late: it loads lm-eval, which prompts that are kept do not need
        from forgetscope.evaluation.harness import build

        built = []
        for number, task in enumerate(self._tasks):
            self._progress("prompts", number, len(self._tasks), note=task.task.name)
            limit = self._limit_of(task)
            if limit == 0:
                continue  # a task of a group that has no share in its few items
            built.append(
                build(
                    task,
                    seed=self._seed,
                    limit=limit,
                    render_chat=chat.renderer(task.task.output_type),
                    system=chat.system,
                    tags=chat.tags,
                )
            )
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
        from forgetscope.evaluation.harness import n_documents
        from forgetscope.statistics import apportion

        choice = task.choice
        if choice.name not in self._shared:
            sizes = {
                each.task.name: n_documents(each) for each in self._tasks if each.choice == choice
            }
            total = choice.total or sum(sizes.values())
            self._shared[choice.name] = apportion(sizes, total=total, seed=self._seed)
        return self._shared[choice.name]


def check_tasks(study: Study, tasks: Sequence[AskedTask], *, options: EvaluationOptions) -> None:
    """Refuse a task that the study holds under other settings.

    Parameters
    ----------
    options
        How it would be asked now, to say what differs.

    Raises
    ------
    UsageError
        If scores of the two settings could not be compared.
    """
    held = {task.name: task for task in study.tasks()}
    for loaded in tasks:
        task, old = loaded.task, held.get(loaded.task.name)
        if old is not None and old.fingerprint != task.fingerprint:
            raise UsageError(
                f"the study `{study.folder}` holds `{task.name}` with "
                f"{_difference(study, old, loaded, options)}",
                hint="evaluate into another folder with `--out`, or use the study's settings",
            )


def _difference(study: Study, old: Task, now: AskedTask, options: EvaluationOptions) -> str:
    if old.n_shots != now.task.n_shots:
        return f"{old.n_shots} few-shot examples, now {now.task.n_shots}"
    found = [*differences(study, options)]
    cap = caps_of(study).get(old.name, now.cap)
    if cap != now.cap:
        found.append(f"answers of at most {cap:,} tokens, now {now.cap:,}")
    return "; ".join(found) or "other settings (prompt, metric, filter, length or version)"


def check_prompts(
    study: Study, built: Sequence[Built], *, label: str, options: EvaluationOptions
) -> None:
    """Refuse prompts that differ from those the study's checkpoints answered.

    Parameters
    ----------
    label
        Of the checkpoint that would be asked.
    options
        How it would be asked, to say what differs.

    Raises
    ------
    PairingError
        With the task, how many prompts differ and the first of them.
    """
    for each in built:
        _check_documents(study, each)
        task = each.loaded.task.name
        held = study.prompt_hashes(task)
        differing = [item for item in each.items if _differs(item, held)]
        if differing:
            reasons = "; ".join(differences(study, options))
            raise PairingError(
                f"`{label}` would be asked {len(differing):,} of {len(each.items):,} prompts of "
                f"`{task}` in other words than the study's checkpoints "
                f"(first: item {differing[0].document_id})" + (f": {reasons}" if reasons else ""),
                hint="evaluate into another folder with `--out`, or use the study's settings"
                if reasons
                else "its chat template or the task's data differ; evaluate all checkpoints "
                "without `--chat-template`, or into another folder",
            )


def _check_documents(study: Study, built: Built) -> None:
    """Refuse data that changed: items of two versions would be counted as one task."""
    task = built.loaded.task.name
    held = study.document_ids(task)
    changed = [item for item in built.items if held.get(item.document_id, item.id) != item.id]
    if changed:
        raise PairingError(
            f"the data of `{task}` changed: {len(changed):,} of {len(built.items):,} documents are "
            f"not those that the study holds (first: document {changed[0].document_id})",
            hint="bring the old data back, or evaluate all checkpoints into another folder with "
            "`--out`",
        )


def _differs(item: Item, held: dict[str, str]) -> bool:
    return held.get(item.id, item.prompt_hash) != item.prompt_hash
