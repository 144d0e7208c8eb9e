"""Find the task files of a name, and read no others.

The catalog tells the folder of the names it knows; for the rest the files are searched by line.
lm-eval's own index of all files is slow, and only a tag needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from lm_eval.api.task import Task as LmTask
from lm_eval.tasks import TaskManager

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.evaluation.harness.names import installed_names, tasks_folder
from forgetscope.suites import look_up

__all__ = ["TaskIndex"]


class TaskIndex:
    """The task files of lm-eval, as few of them as the names need.

    Parameters
    ----------
    names
        Tasks, groups or tags that will be asked for.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._folders = {folder for name in names for folder in _folders_of(name)}

    @cached_property
    def _partial(self) -> TaskManager:
        folders: list[str | Path] = [*sorted(self._folders)]
        return TaskManager(include_defaults=False, include_path=folders)

    @cached_property
    def _whole(self) -> TaskManager:
        return TaskManager()

    def _manager(self, name: str) -> TaskManager:
        return self._partial if name in self._partial.task_index else self._whole

    def leaves(self, name: str) -> tuple[str, ...]:
        """Return the names of the tasks behind a task, group or tag, in lm-eval's order.

        Raises
        ------
        UnknownNameError
            If lm-eval has no such name.
        """
        if name not in self._partial.task_index and name not in installed_names().tags:
            raise UnknownNameError("task", name, known=installed_names().known)
        return tuple(dict.fromkeys(self._walk(self._manager(name), name)))

    def data_source(self, name: str) -> tuple[str | None, str | None]:
        """Return `dataset_path` and `dataset_name` of one task, as its file names them."""
        config = self.config(name)
        return config.get("dataset_path"), config.get("dataset_name")

    def config(self, name: str) -> dict[str, Any]:
        """Return what the file of one task says; functions are the paths of their code."""
        return dict(self._manager(name).task_index[name].cfg or {})

    def build(self, name: str, overrides: dict[str, Any]) -> LmTask:
        """Build one task, with some keys of its configuration replaced."""
        manager = self._manager(name)
        # the public `load` reads a dict as a whole task of its own and does not merge it
        task = manager._factory.build(
            manager.task_index[name], overrides=overrides, registry=manager.task_index
        )
        if not isinstance(task, LmTask):
            raise UsageError(f"`{name}` is a group, not a task")
        return task

    def _walk(self, manager: TaskManager, name: str) -> Iterator[str]:
        entry = manager.task_index[name]
        children: Sequence[Any] = sorted(entry.tags) if entry.yaml_path is None else ()
        if entry.kind.name == "GROUP":
            children = (entry.cfg or {}).get("task") or ()
        if not children:
            yield name
            return
        yield from self._children(manager, name, children)

    def _children(self, manager: TaskManager, name: str, children: Any) -> Iterator[str]:  # noqa: ANN401  # as the file has it
        for child in [children] if isinstance(children, str) else children:
            key = child if isinstance(child, str) else child.get("group", child.get("task"))
            if isinstance(child, dict) and "group" in child and key not in manager.task_index:
                # a part of the group that has no file of its own, such as the fields of mmlu_redux
                yield from self._children(manager, name, child.get("task") or ())
                continue
            if not isinstance(key, str):
                raise UsageError(
                    f"the group `{name}` defines tasks inside itself",
                    hint="name the tasks you want one by one",
                )
            home = manager if key in manager.task_index else self._whole
            if key not in home.task_index:
                raise UnknownNameError(f"task in the group `{name}`:", key, known=home.all_tasks)
            yield from self._walk(home, key)


def _folders_of(name: str) -> tuple[Path, ...]:
    """Return the folders that define a name; none for other tags, and for what nobody knows."""
    entry = look_up(name)
    if entry is not None:
        folders = tuple(tasks_folder() / folder for folder in entry.folders)
        if all(folder.is_dir() for folder in folders):
            return folders
    found = installed_names().folders.get(name)
    return () if found is None else (found,)
