"""The recovery probe: ask lost items again, with help, and see what comes back.

What a model seems to have forgotten may only be harder to elicit (arXiv:2501.13453). Every lost
item is asked again by the same checkpoint: behind right answers of the base to other questions, and
with the beginning of an answer put into its mouth. Two controls are asked alike, each as large:
items wrong both times show what the help alone brings, items right both times what it breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from forgetscope.evaluation.batches import in_batches
from forgetscope.evaluation.elicitation import draw
from forgetscope.evaluation.harness import Built, open_any_engine
from forgetscope.evaluation.probes import N_EXAMPLES, Probe, TaskProbes, can_be_probed, oriented
from forgetscope.evaluation.recovery_notes import AskedAgain, came_back, left_out
from forgetscope.records import (
    Answer,
    Checkpoint,
    ProbeKind,
    Progress,
    no_progress,
)
from forgetscope.scoring import (
    Engine,
    EngineConfig,
    Tokenizer,
    engine_fingerprint,
    open_tokenizer,
)
from forgetscope.store import Answers, ProbeAnswer, Probes, Study
from forgetscope.store.study import Json

__all__ = ["CAP", "RecoveryOptions", "RecoverySummary", "recover"]

CAP = 100
"""Lost items per task that are asked again at most; either control has as many at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryOptions:
    """How items are asked again; all of it as in the evaluation before."""

    seed: int = 0
    """Of the choice of items and examples."""
    is_chat: bool = False
    """Whether prompts went through a chat template."""
    engine: EngineConfig = field(default_factory=EngineConfig)
    cap: int = CAP


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverySummary:
    """What one call of the probe did."""

    asked: int
    """Probes that were answered now."""
    kept: int
    """Probes that the study had answers to."""
    notes: tuple[str, ...] = ()


def recover(
    series: Sequence[Checkpoint],
    study: Study,
    *,
    prompts: Callable[[Tokenizer], tuple[Built, ...]],
    options: RecoveryOptions,
    open_engine: Callable[[Checkpoint, Tokenizer, EngineConfig], Engine] = open_any_engine,
    progress: Progress = no_progress,
) -> RecoverySummary:
    """Ask what checkpoints lost since the base again; only what is missing is asked.

    Parameters
    ----------
    series
        Evaluated checkpoints; the study's base among them is passed over.
    prompts
        The tasks as a checkpoint with this tokenizer was asked them.
    open_engine
        Makes a checkpoint ready to answer.
    """
    label = study.meta("base")
    base = study.checkpoint(str(label))
    session = _Session(
        study=study, base=base, options=options, open_engine=open_engine, progress=progress
    )
    done = [
        session.probe(checkpoint, prompts)
        for checkpoint in series
        if checkpoint.label != base.label
    ]
    return RecoverySummary(
        asked=sum(each.asked for each in done),
        kept=sum(each.kept for each in done),
        # several checkpoints may say the same of a task
        notes=tuple(dict.fromkeys(note for each in done for note in each.notes)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """What is the same for all checkpoints of one call."""

    study: Study
    base: Checkpoint
    options: RecoveryOptions
    open_engine: Callable[[Checkpoint, Tokenizer, EngineConfig], Engine]
    progress: Progress

    def probe(
        self, checkpoint: Checkpoint, prompts: Callable[[Tokenizer], tuple[Built, ...]]
    ) -> RecoverySummary:
        tokenizer = open_tokenizer(checkpoint)
        engine = engine_fingerprint(tokenizer, self.options.engine, checkpoint=checkpoint)
        held = self.study.answers(model=checkpoint.fingerprint, engine=engine)
        tasks = [self._draw(built, held) for built in prompts(tokenizer) if can_be_probed(built)]
        self._record(checkpoint.label, tasks)
        store = self.study.probes_of(model=checkpoint.fingerprint, engine=engine)
        wanted = {probe.key: probe.prompt for each in tasks for probe in each.probes}
        answered = store.answered(wanted)
        if len(answered) < len(wanted):
            self._ask(checkpoint, tokenizer, tasks, store)
        n_answered = len(store.answered(wanted))
        return RecoverySummary(
            asked=n_answered - len(answered),
            kept=len(answered),
            notes=(
                *came_back(checkpoint.label, tasks, store.results()),
                *left_out(checkpoint.label, tasks, n_failed=len(wanted) - n_answered),
            ),
        )

    def _draw(self, built: Built, held: Answers) -> AskedAgain:
        before = self.study.answers_of(self.base.label)
        drawn = draw(
            built.items,
            before=_values(built, before),
            after=_values(built, held),
            cap=self.options.cap,
            seed=self.options.seed,
        )
        base = before.scores([item.id for item in built.items]) if drawn.lost else {}
        maker = TaskProbes(built, base, seed=self.options.seed, is_chat=self.options.is_chat)
        return AskedAgain(
            task=built.loaded.task, drawn=drawn, maker=maker, probes=maker.probes(drawn)
        )

    def _record(self, label: str, tasks: Sequence[AskedAgain]) -> None:
        """Note how items were drawn and helped, so that the numbers can be read later."""
        known = _mapping(_mapping(self.study.meta("recover")).get("checkpoints"))
        described: dict[str, Json] = {
            each.task.name: {
                "lost": each.drawn.n_lost,
                "lost_asked": len(each.drawn.lost),
                "control_asked": len(each.drawn.control),
                "kept_asked": len(each.drawn.kept),
                "prefix": each.maker.prefix,
            }
            for each in tasks
        }
        self.study.set_meta(
            "recover",
            {
                "base": self.base.label,
                "seed": self.options.seed,
                "cap": self.options.cap,
                "examples": N_EXAMPLES,
                "checkpoints": {**known, label: {**_mapping(known.get(label)), **described}},
            },
        )

    def _ask(
        self,
        checkpoint: Checkpoint,
        tokenizer: Tokenizer,
        tasks: Sequence[AskedAgain],
        store: Probes,
    ) -> None:
        """Ask what is open; each probe is kept as soon as all of its requests are answered."""
        probes = [probe for each in tasks for probe in each.probes]
        answered = store.answered({probe.key: probe.prompt for probe in probes})
        stage = f"recover {checkpoint.label}"
        self.progress(stage, len(answered), len(probes), note="loading")
        engine = self.open_engine(checkpoint, tokenizer, self.options.engine)
        requests = [request for probe in probes for request in probe.requests]
        known = {r.id for probe in probes if probe.key in answered for r in probe.requests}
        open_keys = {probe.key for probe in probes} - answered
        given: dict[str, Answer] = {}
        # all requests go in, so that batches are the same whether or not a run was interrupted
        for answers in in_batches(engine.answer(requests, answered=known)):
            given.update({answer.request_id: answer for answer in answers})
            for each in tasks:
                ready = [probe for probe in each.probes if _is_ready(probe, open_keys, given)]
                if ready:
                    store.put(_judged(each.maker, ready, given))
                    open_keys -= {probe.key for probe in ready}
            self.progress(stage, len(probes) - len(open_keys), len(probes))


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _values(built: Built, held: Answers) -> dict[str, float]:
    column = held.column(built.loaded.task)
    values = [oriented(built, value) for value in column.value_I.tolist()]
    return dict(zip(column.item_ids, values, strict=True))


def _is_ready(
    probe: Probe, open_keys: Collection[tuple[str, ProbeKind]], given: Mapping[str, Answer]
) -> bool:
    return probe.key in open_keys and all(request.id in given for request in probe.requests)


def _judged(
    maker: TaskProbes, ready: Sequence[Probe], given: Mapping[str, Answer]
) -> list[ProbeAnswer]:
    return [
        answer
        for kind in ProbeKind
        for answer in maker.judged([probe for probe in ready if probe.kind is kind], given)
    ]
