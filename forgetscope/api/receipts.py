"""Receipts: proof that a command would ask a checkpoint nothing that its study does not hold.

Which answers are missing is known for certain only once tasks are loaded, prompts are built and the
tokenizer is opened, which takes far longer than to find that none is. So a study keeps, for each
checkpoint that was answered completely, a digest of everything that this followed from: what was
asked for, the weights, every file beside them, the benchmark data, and the code, lm-eval's task
files included. Whatever changes, even a file's time, makes another digest, and the long way is
taken. There is no receipt where data came from a hub, which may have changed meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.evaluation.provenance import versions
from forgetscope.evaluation.summary import Summary
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.store import JUDGE_EDITION, Study

if TYPE_CHECKING:
    from forgetscope.store.study import Json
    from forgetscope.suites import Suite

__all__ = ["Receipts"]

_SETTLED_SECONDS = 2.0
"""A file changed more recently may change again without a trace: clocks tick coarsely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """The receipts of one command.

    They are made before anything is read, so that what changes while it is read is noticed.
    """

    series: tuple[Checkpoint, ...]
    keys: Mapping[str, str]
    """Digest by label."""
    is_settled: bool
    """Whether no file behind them changed just now."""

    @classmethod
    def of(
        cls,
        series: Sequence[Checkpoint],
        suite: Suite,
        *,
        asked: Mapping[str, object],
        data_dir: Path | None,
    ) -> Receipts:
        """Make them.

        Parameters
        ----------
        asked
            How the suite is to be evaluated, as plain values.
        data_dir
            Local mirror of benchmark data.
        """
        latest = _Latest()
        behind = {
            "suite": suite.to_json(),
            "asked": asked,
            "versions": versions(),
            "judge": JUDGE_EDITION,
            "code": [_stamp(folder, latest) for folder in _code()],
            "data": None if data_dir is None else _stamp(data_dir.resolve(), latest),
        }
        keys = {
            checkpoint.label: _digest(
                [behind, asdict(checkpoint), _beside_weights(checkpoint, latest)]
            )
            for checkpoint in series
        }
        return cls(
            series=tuple(series),
            keys=keys,
            is_settled=latest.seconds < time.time() - _SETTLED_SECONDS,
        )

    def summary(self, study: Study) -> Summary | None:
        """Return what the command would do, if it would ask nothing; `None` if that is not sure."""
        held = {checkpoint.label: checkpoint for checkpoint in study.series()}
        engines = study.engines()
        n_kept = 0
        for checkpoint in self.series:
            receipt = study.meta(self._name(checkpoint))
            # the label may stand for other weights or another engine meanwhile
            if not isinstance(receipt, dict) or held.get(checkpoint.label) != checkpoint:
                return None
            engine = engines[checkpoint.label]["fingerprint"]
            looks = study.looks(model=checkpoint.fingerprint, engine=engine)
            if receipt["engine"] != engine or any(look.share < 1.0 for look in looks):
                return None
            n_kept += int(str(receipt["answers"]))
        return Summary(computed=0, kept=n_kept)

    def keep(self, study: Study, answers: Mapping[str, int]) -> None:
        """Keep a receipt of each checkpoint that was answered completely, without any error.

        Parameters
        ----------
        answers
            Number of answers by label.
        """
        if not self.is_settled:
            return
        engines = study.engines()
        for checkpoint in self.series:
            label = checkpoint.label
            if not study.answers_of(label).has_failures():
                receipt: Json = {"answers": answers[label], "engine": engines[label]["fingerprint"]}
                study.set_meta(self._name(checkpoint), receipt)

    def _name(self, checkpoint: Checkpoint) -> str:
        return f"receipt:{self.keys[checkpoint.label]}"


class _Latest:
    """The latest time at which any file that was looked at changed, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def note(self, seconds: float) -> None:
        self.seconds = max(self.seconds, seconds)


def _code() -> Iterator[Path]:
    """Yield the folders of what builds prompts and judges answers, without importing any."""
    for name in ("forgetscope", "lm_eval"):
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin).parent


def _beside_weights(checkpoint: Checkpoint, latest: _Latest) -> str:
    """Digest what lies beside the weights, the tokenizer above all."""
    if checkpoint.kind is CheckpointKind.HUB:
        return ""  # the revision fixes every file
    if checkpoint.kind is CheckpointKind.ADAPTER:
        return _beside_adapter(checkpoint, latest)
    path = Path(checkpoint.source).expanduser().resolve()
    return _stamp(path if path.is_dir() else path.parent, latest)


def _beside_adapter(checkpoint: Checkpoint, latest: _Latest) -> str:
    # imported late: most series have no adapter
    from forgetscope.scoring import adapter_of, base_of

    adapter, base = adapter_of(checkpoint), base_of(checkpoint)
    own = "" if adapter is None else _stamp(adapter.path.resolve(), latest)
    return _digest([own, _beside_weights(base, latest)])


def _stamp(folder: Path, latest: _Latest) -> str:
    """Digest the names, sizes and times of all files below a folder."""
    found = sorted(_files(folder))
    for *_, modified, _ in found:
        latest.note(modified / 1e9)
    return _digest([str(folder), found])


def _files(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(Path(entry.path))
                continue
            stat = entry.stat()
            yield entry.path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
