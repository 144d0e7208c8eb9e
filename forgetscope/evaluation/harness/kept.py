"""Prompts that are kept in a study: built once, read by every later command.

A file holds what was asked, nothing that an answer could be judged by: lm-eval's own task is opened
when answers are judged, and must then have the documents that the prompts were made of. Files are
found by a digest of all that they follow from; one that cannot be read is as none.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from forgetscope.errors import DataError
from forgetscope.evaluation.harness.built import AskedTask, Built, LoadedTask
from forgetscope.evaluation.harness.packed import packed_items, unpacked_items
from forgetscope.evaluation.stamps import digest
from forgetscope.records import Item, Request, Task
from forgetscope.scoring import TokenBook
from forgetscope.store.files import write_whole
from forgetscope.store.rows import task_of, task_row

if TYPE_CHECKING:
    from lm_eval.api.instance import Instance

    from forgetscope.evaluation.harness.load import LoadedSuite

__all__ = ["KeptPrompts"]

_SUFFIX = ".prompts"
_MOST_FILES = 16
"""Of each kind; the oldest give way."""


class KeptPrompts:
    """The prompts of one suite, as one study keeps them.

    Parameters
    ----------
    folder
        Where files lie; made when something is kept.
    key
        Digest of everything that the prompts follow from besides a chat template.
    open_suite
        Has lm-eval load the tasks of the suite; called at most once, when it is needed.
    """

    def __init__(self, folder: Path, *, key: str, open_suite: Callable[[], LoadedSuite]) -> None:
        self._folder = folder
        self._key = key
        self._open_suite = open_suite

    @cached_property
    def opened(self) -> LoadedSuite:
        """The suite as lm-eval loads it."""
        return self._open_suite()

    @cached_property
    def _by_name(self) -> dict[str, LoadedTask]:
        return {loaded.task.name: loaded for loaded in self.opened.tasks}

    def tasks(self) -> tuple[AskedTask, ...] | None:
        """Return the tasks without lm-eval; `None` if they are not kept."""
        content = _read(self._file("tasks"))
        if content is None:
            return None
        return tuple(self._task(task_of(record["task"]), cap=record["cap"]) for record in content)

    def built(self, *, template: str) -> tuple[Built, ...] | None:
        """Return what the tasks ask; `None` if it is not kept.

        Parameters
        ----------
        template
            Digest of the chat template; empty without one.
        """
        content = _read(self._file(template))
        known = {asked.task.name: asked for asked in self.tasks() or ()}
        if content is None or any(record["task"] not in known for record in content):
            return None
        return tuple(_built(known[record["task"]], record) for record in content)

    def keep(self, built: Sequence[Built], *, template: str) -> None:
        """Keep prompts that were built; where that fails, the next command builds them again."""
        # what was left out may run another time, and what was fetched may change unseen; whether
        # programs may run is asked before a checkpoint is, each time
        if (
            self.opened.left_out
            or self.opened.notes
            or not all(each.is_local for each in self.opened.tasks)
        ):
            return
        if any(request.images for each in built for request in each.requests):
            return
        with suppress(OSError):
            tasks = [
                {"task": task_row(loaded.task), "cap": loaded.cap} for loaded in self.opened.tasks
            ]
            _write(self._file("tasks"), tasks)
            records = (
                {"task": b.loaded.task.name, **packed_items(b.items, b.requests)} for b in built
            )
            _write(self._file(template), list(records))
            self._tidy(f"*{_SUFFIX}")

    def token_book(self, tokenizer: str) -> TokenBook:
        """Return what is kept of the tokens of the requests; empty if there is nothing."""
        return TokenBook.open(self._token_file(tokenizer))

    def keep_tokens(self, book: TokenBook, tokenizer: str) -> None:
        """Keep the tokens of the requests, where their prompts are kept."""
        if self._file("tasks").is_file():
            book.save(self._token_file(tokenizer))
            self._tidy("*.tokens")

    def _token_file(self, tokenizer: str) -> Path:
        # the rules lie in the tokenizer, what reads them in its library
        known_by = digest([self._key, tokenizer, version("tokenizers")])
        return self._folder / f"{known_by[:32]}.tokens"

    def _tidy(self, pattern: str) -> None:
        """Remove the oldest files: what is asked of a study changes seldom."""
        files = sorted(self._folder.glob(pattern), key=lambda file: file.stat().st_mtime)
        for file in files[:-_MOST_FILES]:
            file.unlink()

    def _file(self, part: str) -> Path:
        return self._folder / f"{self._key[:32]}-{part[:32] or 'plain'}{_SUFFIX}"

    def _task(self, task: Task, *, cap: int | None) -> AskedTask:
        def open_lm_task() -> Any:  # noqa: ANN401  # lm-eval is not loaded here
            found = self._by_name.get(task.name)
            if found is None or found.task.fingerprint != task.fingerprint:
                raise _changed(task.name)
            return found.lm_task

        return AskedTask(task=task, cap=cap, open_lm_task=open_lm_task)


class _Instances(Mapping[str, Sequence["Instance"]]):
    """lm-eval's own requests, made of its documents once somebody asks for one."""

    def __init__(
        self, loaded: AskedTask, items: Sequence[Item], requests: Sequence[Request]
    ) -> None:
        self._loaded = loaded
        self._items = items
        self._requests = requests

    @override
    def __getitem__(self, item_id: str) -> Sequence[Instance]:
        return self._made[item_id]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    @override
    def __len__(self) -> int:
        return len(self._items)

    @cached_property
    def _made(self) -> dict[str, list[Instance]]:
        from lm_eval.api.instance import Instance

        from forgetscope.evaluation.harness.building import item_ids

        task, lm_task = self._loaded.task, self._loaded.lm_task
        documents = dict(enumerate(lm_task.eval_docs))
        ids = item_ids(task, documents)
        if any(ids.get(item.document_id) != item.id for item in self._items):
            raise _changed(task.name)
        asked: dict[str, list[Request]] = {item.id: [] for item in self._items}
        for request in self._requests:
            asked[request.item_id].append(request)
        return {
            item.id: [
                Instance(
                    request_type=request.kind.value,
                    doc=documents[item.document_id],
                    arguments=(request.context, request.continuation),
                    idx=request.index,
                    metadata=(task.name, item.document_id, lm_task.config.repeats),
                )
                for request in asked[item.id]
            ]
            for item in self._items
        }


def _built(loaded: AskedTask, record: Mapping[str, Any]) -> Built:
    items, requests = unpacked_items(record, task=loaded.task.name)
    return Built(
        loaded=loaded,
        items=items,
        requests=requests,
        instances=_Instances(loaded, items, requests),
    )


def _changed(task: str) -> DataError:
    return DataError(
        f"the data or the files of the task `{task}` changed while it was evaluated",
        hint="run the command again: what is answered already is kept",
    )


def _read(file: Path) -> list[dict[str, Any]] | None:
    with suppress(OSError, ValueError, zlib.error):
        found = json.loads(zlib.decompress(file.read_bytes()))
        return found if isinstance(found, list) else None
    return None


def _write(file: Path, content: object) -> None:
    with write_whole(file) as unfinished:
        unfinished.write_bytes(zlib.compress(json.dumps(content).encode(), level=1))
