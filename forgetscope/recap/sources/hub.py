"""`hf:DATASET[:SPLIT]`: a data set of the hub, or a folder of one on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from forgetscope.errors import DataError, UnknownNameError
from forgetscope.recap.sources.rows import Columns, lesson_of
from forgetscope.recap.sources.spec import SourceSpec
from forgetscope.records import Lesson

__all__ = ["hub_lessons"]

_SAVED = ("state.json", "dataset_dict.json")
"""Files that `save_to_disk` leaves in a folder."""


def hub_lessons(spec: SourceSpec) -> tuple[Lesson, ...]:
    """Return the lessons of a data set, in its order.

    Raises
    ------
    DataError
        If the data set or its split cannot be loaded, or a row is no lesson.
    """
    named = {key: value for key, value in spec.settings if key != "config"}
    columns = Columns(named=named, folder=Path())
    rows: Iterable[Any] = _loaded(spec)
    return tuple(
        lesson_of(row, columns, where=f"`{spec.title}`, row {number}")
        for number, row in enumerate(rows)
    )


def _loaded(spec: SourceSpec) -> Any:  # noqa: ANN401 (datasets is not typed)
    import datasets

    split = spec.split or "train"
    config = dict(spec.settings).get("config")
    is_saved = any(Path(spec.name, file).is_file() for file in _SAVED)
    try:
        if not is_saved:
            return datasets.load_dataset(spec.name, config, split=split)
        saved = datasets.load_from_disk(spec.name)
    except Exception as error:  # files, formats and the hub's network may fail in any way
        first = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise DataError(
            f"cannot load `{spec.title}` (split `{split}`): {first}",
            hint="a data set of the hub needs the network or the hub's cache on this machine; a "
            "local folder is written `hf:./FOLDER`, a configuration `?config=NAME`",
        ) from error
    splits = saved if isinstance(saved, datasets.DatasetDict) else {"train": saved}
    if split not in splits:
        raise UnknownNameError(f"split of `{spec.name}`:", split, known=splits)
    return splits[split]
