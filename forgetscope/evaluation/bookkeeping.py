"""What a study is told of an evaluation beside its answers: suite, base, run, and remarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from forgetscope.errors import UsageError
from forgetscope.evaluation.asked_with import said_of
from forgetscope.evaluation.provenance import versions
from forgetscope.records import Checkpoint, Task
from forgetscope.scoring.config import AS_SERVED
from forgetscope.store import Study
from forgetscope.suites import Suite, suite_of

if TYPE_CHECKING:
    from forgetscope.evaluation.options import EvaluationOptions

__all__ = [
    "base_of",
    "check_labels",
    "described",
    "engine_notes",
    "note_choice",
    "provenance_of",
    "sampling_notes",
]


def base_of(study: Study, series: Sequence[Checkpoint], options: EvaluationOptions) -> str:
    """Return the label of the checkpoint to compare with."""
    base = options.base or str(study.meta("base") or series[0].label)
    if options.rerun and base not in {checkpoint.label for checkpoint in series}:
        raise UsageError(
            f"`--rerun` asks the base once more, and the base `{base}` is none of the checkpoints "
            f"named: {', '.join(f'`{checkpoint.label}`' for checkpoint in series)}",
            hint="name the base too; what it has answered already is kept",
        )
    if options.recover and base not in {c.label for c in (*series, *study.series())}:
        raise UsageError(
            f"lost is what the base had right, and the base `{base}` is not evaluated yet",
            hint="name the base too, before the other checkpoints",
        )
    return base


def provenance_of(suite: Suite, options: EvaluationOptions, base: str) -> dict[str, Any]:
    """Return what a run is to be known by."""
    found: dict[str, Any] = {
        "versions": versions(),
        "seed": suite.seed,
        "suite": suite.fingerprint,
        "repeats": options.repeats,
        "recover": options.recover,
        "chat_template": options.chat_template,
        "style": options.style,
    }
    if said := said_of(options):
        found["asked_with"] = said
    if options.allow_code:
        found["allow_code"] = True
    if options.executor.name != "local":
        found["executor"] = asdict(options.executor)
    if options.until_margin is not None:
        found |= {"until_verdict": {"margin": options.until_margin}}
    if not options.rerun:
        return found
    from forgetscope.evaluation.passes import describe_rerun

    return found | {"rerun": describe_rerun(base=base)}


def note_choice(study: Study, suite: Suite, base: str) -> None:
    """Note suite and base before the first answer, so that an interrupted study knows them."""
    content = study.meta("suite")
    known = suite_of(content, where=str(study.folder)) if isinstance(content, dict) else suite
    study.set_meta("suite", known.merged(suite).to_json())
    study.set_meta("base", base)


def check_labels(study: Study, series: Sequence[Checkpoint]) -> list[str]:
    """Refuse a label that stands for another source, and say whose weights changed."""
    held = {checkpoint.label: checkpoint for checkpoint in study.series()}
    notes = []
    for checkpoint in series:
        old = held.get(checkpoint.label)
        if old is None or old.fingerprint == checkpoint.fingerprint:
            continue
        if old.source != checkpoint.source:
            raise UsageError(
                f"the study already has a checkpoint `{checkpoint.label}`, from `{old.source}`",
                hint=f"give this one another label: `OTHER={checkpoint.source}`",
            )
        notes.append(_changed(checkpoint))
    return notes


def _changed(checkpoint: Checkpoint) -> str:
    if checkpoint.kind.is_proved:
        return f"the weights of `{checkpoint.label}` changed: evaluated again"
    return (
        f"`{checkpoint.label}` is a server, whose weights nobody sees: it is asked again, for its"
        " answers are of another day"
    )


def described(
    study: Study, engine: str, description: Mapping[str, str | int], *, notes: Sequence[str]
) -> dict[str, str | int]:
    """Return the description of an engine, with what it had to say of how it computed.

    Parameters
    ----------
    engine
        Its fingerprint: what the study knows of it already stays, where nothing was asked now.
    description
        What was planned; the notes tell where it came otherwise.
    notes
        Of the engine.
    """
    known = (each for each in study.engines().values() if each["fingerprint"] == engine)
    before = next((str(each["notes"]) for each in known if "notes" in each), "")
    told = "; ".join(notes) or before
    return {**description, **({"notes": told} if told else {})}


def engine_notes(study: Study) -> list[str]:
    """Say where checkpoints were not answered alike, which alone can move a score."""
    engines = study.engines()
    dtypes = sorted({str(engine.get("dtype")) for engine in engines.values()} - {AS_SERVED})
    if len({engine["fingerprint"] for engine in engines.values()}) < 2:
        return []
    if len(dtypes) > 1:
        return [f"checkpoints were run in {' and '.join(dtypes)}: choose one with `--dtype`"]
    return ["checkpoints were answered by different engines or tokenizers: see the report"]


def sampling_notes(tasks: Sequence[Task], options: EvaluationOptions) -> list[str]:
    """Say where asking again could tell nothing new."""
    is_sampled = [task.is_sampled for task in tasks]
    notes = []
    if options.repeats > 1 and not any(is_sampled):
        notes.append(
            "no task draws its answers at random, so each was asked once despite `--repeats`: "
            "give one a `temperature` in a suite file"
        )
    if options.rerun and all(is_sampled):
        notes.append(
            "every task draws its answers at random, so `--rerun` had nothing to ask again: "
            "use `--repeats`"
        )
    return notes
