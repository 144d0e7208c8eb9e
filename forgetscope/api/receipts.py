"""Receipts: proof that a command would ask a checkpoint nothing that its study does not hold.

Which answers are missing is known for certain only once tasks are loaded, prompts are built and the
tokenizer is opened, which takes far longer than to find that none is. So a study keeps, for each
checkpoint that was answered completely, a digest of everything that this followed from: what was
asked for, the weights, every file beside them, the benchmark data, and the code, lm-eval's task
files included. Whatever changes, even a file's time, makes another digest, and the long way is
taken. There is no receipt where data came from a hub, which may have changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.evaluation.stamps import Behind, Latest, digest, stamp
from forgetscope.evaluation.summary import Summary
from forgetscope.records import Checkpoint, CheckpointKind
from forgetscope.store import JUDGE_EDITION, Study

if TYPE_CHECKING:
    from forgetscope.store.study import Json

__all__ = ["Receipts"]


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
        behind: Behind,
        *,
        asked: Mapping[str, object],
    ) -> Receipts:
        """Make them.

        Parameters
        ----------
        behind
            What the prompts follow from.
        asked
            How the suite is to be evaluated, as plain values.
        """
        latest = Latest()
        latest.note(behind.latest.seconds)
        known = {**behind.parts, "asked": asked, "judge": JUDGE_EDITION}
        keys = {
            checkpoint.label: digest(
                [known, asdict(checkpoint), _beside_weights(checkpoint, latest)]
            )
            for checkpoint in series
        }
        return cls(
            series=tuple(series),
            keys=keys,
            is_settled=latest.is_settled,
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


def _beside_weights(checkpoint: Checkpoint, latest: Latest) -> str:
    """Digest what lies beside the weights, the tokenizer above all."""
    if checkpoint.kind is CheckpointKind.HUB:
        return ""  # the revision fixes every file
    if checkpoint.kind is CheckpointKind.ADAPTER:
        return _beside_adapter(checkpoint, latest)
    path = Path(checkpoint.source).expanduser().resolve()
    return stamp(path if path.is_dir() else path.parent, latest)


def _beside_adapter(checkpoint: Checkpoint, latest: Latest) -> str:
    # imported late: most series have no adapter
    from forgetscope.scoring import adapter_of, base_of

    adapter, base = adapter_of(checkpoint), base_of(checkpoint)
    own = "" if adapter is None else stamp(adapter.path.resolve(), latest)
    return digest([own, _beside_weights(base, latest)])
