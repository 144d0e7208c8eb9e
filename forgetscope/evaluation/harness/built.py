"""Tasks and what is asked of them, without lm-eval until somebody needs it.

Prompts that were built before are read from a file; lm-eval's own task is then opened when answers
are judged, or when something has to be asked in other words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forgetscope.records import Item, Request, Task
from forgetscope.suites import CatalogEntry, TaskChoice

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance
    from lm_eval.api.task import Task as LmTask

    from forgetscope.statistics import Portion

__all__ = ["AskedTask", "Built", "LoadedTask"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTask:
    """A task whose prompts are known."""

    task: Task
    cap: int | None
    """Tokens that a generated answer may have; `None` where none is generated."""
    open_lm_task: Callable[[], LmTask]
    """Returns the same object at every call."""

    @property
    def lm_task(self) -> LmTask:
        """lm-eval's own task."""
        return self.open_lm_task()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTask(AskedTask):
    """A task, ready to be asked."""

    choice: TaskChoice
    entry: CatalogEntry | None
    is_local: bool
    """Whether its data lie in files or in memory, and were not fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The items of one task and what is asked about them."""

    loaded: AskedTask
    items: tuple[Item, ...]
    requests: tuple[Request, ...]
    """All requests, item by item."""
    instances: Mapping[str, Sequence[Instance]]
    """lm-eval's own requests of each item id, in order of their index; of a part, those of all."""

    def part(self, portion: Portion) -> Built:
        """Return the items of a portion alone; items of one cluster stay together."""
        kept_I = portion.holds([item.cluster for item in self.items]).tolist()
        items = tuple(item for item, is_kept in zip(self.items, kept_I, strict=True) if is_kept)
        ids = {item.id for item in items}
        requests = tuple(request for request in self.requests if request.item_id in ids)
        return replace(self, items=items, requests=requests)
