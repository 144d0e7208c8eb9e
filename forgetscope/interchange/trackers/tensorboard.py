"""TensorBoard, through tensorboardX: event files in a folder, no server and no TensorFlow."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path

from tensorboardX import SummaryWriter

from forgetscope.interchange.trackers.tracker import Settings, Table

__all__ = ["open_run"]

_SUFFIX = ".forgetscope"
_UNSAFE = re.compile(r"[^\w.\-]+")


def open_run(place: str, *, name: str, settings: Settings) -> TensorBoardRun:
    """Open the run `name` in a folder; what an earlier call logged under that name is replaced."""
    folder = Path(place) / (_UNSAFE.sub("-", name).strip(".-") or "study")
    for old in folder.glob(f"events.*{_SUFFIX}"):
        old.unlink()
    return TensorBoardRun(folder, settings)


class TensorBoardRun:
    """Event files in a folder."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._writer = SummaryWriter(str(folder), filename_suffix=_SUFFIX)
        rows = [(key, value) for key, value in settings.items()]
        self.table(Table(name="settings", columns=("setting", "value"), rows=rows))

    def log(self, values: Mapping[str, float], *, step: int) -> None:
        """Write a scalar for each number."""
        for key, value in values.items():
            self._writer.add_scalar(key, value, step)

    def table(self, table: Table) -> None:
        """Write a table as Markdown, under `Text`."""
        lines = [table.columns, ["---"] * len(table.columns), *table.rows]
        text = "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)
        self._writer.add_text(table.name, text, 0)

    def close(self) -> None:
        """Flush and close the file."""
        self._writer.close()


def _cell(value: str | float) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if math.isfinite(value) else ""
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", str(value)).replace("\n", " ")
