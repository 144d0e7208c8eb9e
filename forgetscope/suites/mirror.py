"""The local mirror: benchmark data as files, for machines without network.

Layout::

    <dataset_path>/<dataset_name, or 'default'>/<split>.jsonl
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forgetscope.errors import DataError
from forgetscope.records.archive import is_archive

__all__ = ["MirrorEntry", "find_data"]

_SUFFIXES = {".jsonl": "json", ".json": "json", ".parquet": "parquet", ".csv": "csv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorEntry:
    """The files of one configuration of a data set."""

    folder: Path
    format: str
    """`json`, `parquet` or `csv`."""
    splits: dict[str, Path]
    """Absolute file of each split."""


def find_data(mirror: Path, dataset_path: str, dataset_name: str | None) -> MirrorEntry | None:
    """Return the files of a data set in the mirror, or `None` if the mirror has none.

    Raises
    ------
    DataError
        If the mirror is no folder, or its folder for the data set mixes formats.
    """
    if not mirror.is_dir():
        raise DataError(
            f"no folder `{mirror}` of benchmark data"
            + (": an archive is not opened" if is_archive(mirror.name) else ""),
            hint="give the folder that holds <dataset_path>/<dataset_name>/<split>.jsonl",
        )
    root = mirror.resolve()
    folder = (root / dataset_path / (dataset_name or "default")).resolve()
    # a task file may name any path: nothing outside the mirror is its data
    if not folder.is_relative_to(root) or not folder.is_dir():
        return None
    splits = {p.stem: p for p in sorted(folder.iterdir()) if p.suffix in _SUFFIXES}
    formats = {_SUFFIXES[path.suffix] for path in splits.values()}
    if not splits:
        return None
    if len(formats) > 1:
        raise DataError(f"`{folder}` mixes the formats {', '.join(sorted(formats))}")
    return MirrorEntry(folder=folder, format=formats.pop(), splits=splits)
