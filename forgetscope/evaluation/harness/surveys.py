"""Survey: what the file of a task says about what it needs, before its data are touched."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lm_eval.api.registry import METRIC_REGISTRY

from forgetscope.evaluation.harness.index import TaskIndex

__all__ = ["TaskSurvey", "survey"]

_CODE = ".py"
_PUNKT = "punkt_tab"
"""What NLTK's tokenizer of sentences fetches when it is first used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSurvey:
    """What one task of lm-eval needs, as its file says."""

    name: str
    data_set: str | None
    """`dataset_path`; `None` where the task makes its own data."""
    configuration: str | None
    runs_code: bool
    """Whether it runs code that the model writes."""
    is_multimodal: bool
    missing_packages: tuple[str, ...]
    """Packages that its code imports and that are not installed."""
    fetched_metrics: tuple[str, ...]
    """Metrics that neither lm-eval nor the task defines: they are fetched when it is built."""
    lacks_punkt: bool
    """Whether its code asks NLTK for data that are not on this machine."""


def survey(name: str) -> tuple[TaskSurvey, ...]:
    """Return what each task behind a task, group or tag of lm-eval needs.

    Raises
    ------
    UnknownNameError
        If lm-eval has no such name.
    """
    index = TaskIndex([name])
    return tuple(_of_task(leaf, index.config(leaf)) for leaf in index.leaves(name))


def _of_task(name: str, config: Mapping[str, Any]) -> TaskSurvey:
    sources = tuple(_sources(config))
    metrics = [each.get("metric") for each in config.get("metric_list") or ()]
    computes = config.get("process_results") is not None
    return TaskSurvey(
        name=name,
        data_set=config.get("dataset_path"),
        configuration=config.get("dataset_name"),
        runs_code=bool(config.get("unsafe_code")),
        is_multimodal=any(f"doc_to_{kind}" in config for kind in ("image", "audio")),
        missing_packages=tuple(sorted(_missing(sources))),
        fetched_metrics=tuple(m for m in metrics if not computes and _is_fetched(m)),
        lacks_punkt=any(_PUNKT in _text(source) for source in sources) and not _has_punkt(),
    )


def _is_fetched(metric: object) -> bool:
    is_name = isinstance(metric, str) and "/" not in metric and "." not in metric
    return is_name and metric not in METRIC_REGISTRY


def _sources(config: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the files whose functions a task uses, and those of its folder they import."""
    found = {file for text in _strings(config) if (file := _file_of(text)) is not None}
    for file in sorted(found):
        yield file
        yield from sorted(other for other in file.parent.glob(f"*{_CODE}") if other not in found)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _all(value.values())
    elif isinstance(value, list | tuple):
        yield from _all(value)


def _all(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        yield from _strings(value)


def _file_of(text: str) -> Path | None:
    """Return the file of a function as lm-eval writes it, `/folder/utils.process_docs`."""
    if not text.startswith("/") or "\n" in text or len(text) > 1000:
        return None
    path = Path(text.rpartition(".")[0] + _CODE)
    return path if path.is_file() else None


def _missing(sources: Iterable[Path]) -> set[str]:
    named = {package for source in sources for package in _imports(source)}
    return {package for package in named if not _is_there(package)}


def _imports(source: Path) -> Iterator[str]:
    """Yield the packages without which a file cannot be loaded."""
    try:
        tree = ast.parse(_text(source))
    except (SyntaxError, ValueError):
        return
    for node in _needed(tree.body):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            package = node.module.partition(".")[0]
            # code that lies beside it is no package
            if not (source.parent / f"{package}{_CODE}").is_file():
                yield package


def _needed(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that must work: those of a `try` only where its failure is raised."""
    for node in body:
        if not isinstance(node, ast.Try):
            yield node
        elif any(isinstance(each, ast.Raise) for handler in node.handlers for each in handler.body):
            yield from node.body


def _is_there(package: str) -> bool:
    if package in sys.stdlib_module_names or package in sys.modules:
        return True
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _text(source: Path) -> str:
    return source.read_text(encoding="utf-8", errors="replace")


def _has_punkt() -> bool:
    try:
        import nltk

        nltk.data.find(f"tokenizers/{_PUNKT}")
    except (ImportError, LookupError):
        return False
    return True
