"""The first look at a file of samples: which readings it has, and the numbers of each.

lm-eval writes one row for each document and filter, so a document's numbers stand far apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.diagnosis.measured import metric_number
from forgetscope.errors import LogError
from forgetscope.interchange.logs.lines import digest_of, json_lines, reading
from forgetscope.interchange.logs.texts import document_id
from forgetscope.records import Aggregate

__all__ = ["LABELLED", "Survey", "is_labels", "survey"]

LABELLED = {"mcc": Aggregate.MATTHEWS, "f1": Aggregate.F1}
"""Metrics of lm-eval whose value of an item is a pair of a gold and a predicted label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a file of samples holds, without its texts."""

    path: Path
    digest: str
    """SHA-256 of the file."""
    filters: tuple[str, ...]
    """In the order in which they appear."""
    metrics: tuple[str, ...]
    """Metrics with one number, or a pair of labels, for each document; in order."""
    labelled: frozenset[str]
    """Those of pairs of labels."""
    numbers: Mapping[int, Mapping[str, float]]
    """By document, then by `metric,filter`."""

    @property
    def n_documents(self) -> int:
        """Documents in the file."""
        return len(self.numbers)

    def column(self, metric: str, filter_name: str) -> list[float]:
        """Return the numbers of one reading, one for each document; nan where there is none."""
        key = f"{metric},{filter_name}"
        return [found.get(key, math.nan) for found in self.numbers.values()]


def survey(path: Path) -> Survey:
    """Read a file of samples through once.

    Raises
    ------
    LogError
        If it is malformed, is empty, holds a document twice, or is cut off.
    """
    rows: dict[tuple[str, int], int] = {}
    filters: dict[str, int] = {}
    metrics: dict[str, None] = {}
    labelled: set[str] = set()
    numbers: dict[int, dict[str, float]] = {}
    for line in json_lines(path):
        with reading(path, line.number):
            row = line.value
            document, name = document_id(row["doc_id"]), str(row.get("filter", "none"))
            first = rows.setdefault((name, document), line.number)
            if first != line.number:
                raise LogError(
                    f"`{path}:{line.number}` holds document {document} of filter `{name}` again, "
                    f"which stands in line {first} already",
                    hint="two runs were written into one file: log them apart",
                )
            filters[name] = filters.get(name, 0) + 1
            own = numbers.setdefault(document, {})
            for metric in _named(row):
                number = metric_number(metric, row[metric])
                if number is None and is_labels(metric, row[metric]):
                    labelled.add(metric)
                    number = math.nan
                if number is not None:
                    metrics[metric] = None
                    own[f"{metric},{name}"] = number
    _check_whole(path, filters)
    return Survey(
        path=path,
        digest=digest_of(path),
        filters=tuple(filters),
        metrics=tuple(metrics),
        labelled=frozenset(labelled),
        numbers=numbers,
    )


def is_labels(metric: str, value: object) -> bool:
    """Whether the value of an item is a pair of labels."""
    return (
        metric in LABELLED
        and isinstance(value, list)
        and len(value) == 2
        and all(isinstance(label, int | float) for label in value)
    )


_OWN_KEYS = frozenset(
    {
        *("doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"),
        *("doc_hash", "prompt_hash", "target_hash"),
    }
)


def _named(row: Mapping[str, Any]) -> list[str]:
    """Return the metrics of a row; older versions do not list them."""
    listed = row.get("metrics")
    names = listed if isinstance(listed, list) else [key for key in row if key not in _OWN_KEYS]
    return [name for name in names if isinstance(name, str) and name in row]


def _check_whole(path: Path, filters: Mapping[str, int]) -> None:
    if not filters:
        raise LogError(f"`{path}` holds no samples", hint="leave the file out")
    if len(set(filters.values())) > 1:
        told = ", ".join(f"{n:,} of `{name}`" for name, n in filters.items())
        raise LogError(
            f"`{path}` holds unequal numbers of documents ({told}): the file is cut off",
            hint="nothing of it was stored; write the log again, or copy it again as a whole",
        )
