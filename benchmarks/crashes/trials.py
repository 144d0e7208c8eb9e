"""Kill a command at a moment drawn at random, run it again, and list what is not as it must be."""

import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crashes.child import Ended, run
from crashes.stored import files_of, read_study, same_weights
from crashes.world import World

__all__ = ["COMMANDS", "References", "Trial", "make_references", "trials"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One kill."""

    command: str
    after_seconds: float
    """Wall time from the start of the command to the kill."""
    n_stored: int
    """Answers, files or checkpoints that were there after the kill."""
    n_computed: int
    """Answers that the same command computed when it was run again; 0 for other commands."""
    faults: tuple[str, ...]
    """What was not as it must be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The world, and what each command leaves behind that nobody kills."""

    world: World
    study: Path
    report: Path
    training: Path
    seconds: Mapping[str, float]
    """Wall time of each command."""


def make_references(world: World, *, warm: bool = True) -> References:
    """Run each command to its end; once more where the time counts, for the first fills caches."""
    folder = world.folder / "whole"
    study, report, training = folder / "study", folder / "report", folder / "training"
    seconds = {}
    for _ in range(1 + warm):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        commands = {
            "eval": world.evaluation(study),
            "report": world.report(study, report),
            "train": world.training(training),
        }
        for name, words in commands.items():
            ended = run(words, folder / f"{name}.log")
            if ended.code != 0:
                raise SystemExit(f"`{name}` ended with {ended.code}: {ended.told[-2000:]}")
            seconds[name] = ended.seconds
    return References(world=world, study=study, report=report, training=training, seconds=seconds)


def trials(command: str, references: References, *, kills: int, seed: int) -> Iterator[Trial]:
    """Yield so many kills of a command; an end that comes before its kill does not count."""
    rng = random.Random(f"{command} {seed}")
    scratch = references.world.folder / "scratch"
    landed = drawn = 0
    while landed < kills:
        drawn += 1
        if drawn > 10 * kills + 10:
            raise SystemExit(f"`{command}` ends before it is killed")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        after = rng.uniform(0.0, references.seconds[command])
        trial = COMMANDS[command](references, scratch, after)
        if trial is not None:
            landed += 1
            yield trial


def _kill_evaluation(references: References, scratch: Path, after: float) -> Trial | None:
    study, log = scratch / "study", scratch / "log"
    words = references.world.evaluation(study)
    killed = run(words, log, kill_after=after)
    if not killed.is_killed:
        return None
    left = read_study(study)
    again = run(words, log)
    end, whole = read_study(study), read_study(references.study)
    computed = _computed(again)
    faults = {
        "the study is damaged after the kill": not left.is_sound,
        "an answer that was announced is not stored": _announced(killed) > len(left.answers),
        f"the same command again failed: {again.told[-400:]}": again.code != 0,
        "the study is damaged at the end": not end.is_sound,
        "an answer was lost or changed": not left.answers <= end.answers,
        "a stored answer was computed again": computed != len(whole.answers) - len(left.answers),
        "something has two answers or scores": end.has_doubles,
        "the end is not that of the uninterrupted run": end.tables != whole.tables,
        "the results differ": _results(references, study, log) != _whole_results(references),
    }
    return _trial("eval", after, len(left.answers), computed, faults)


def _kill_report(references: References, scratch: Path, after: float) -> Trial | None:
    out, log = scratch / "report", scratch / "log"
    words = references.world.report(references.study, out)
    if not run(words, log, kill_after=after).is_killed:
        return None
    before, left = read_study(references.study), files_of(out)
    again = run(words, log)
    whole = files_of(references.report)
    faults = {
        "the study is damaged": not before.is_sound,
        "a file is neither absent nor whole": not left.items() <= whole.items(),
        f"the same command again failed: {again.told[-400:]}": again.code != 0,
        "a file differs from the uninterrupted run": files_of(out) != whole,
        "the study changed": read_study(references.study).tables != before.tables,
    }
    return _trial("report", after, len(left), 0, faults)


def _kill_training(references: References, scratch: Path, after: float) -> Trial | None:
    out, log = scratch / "training", scratch / "log"
    words = references.world.training(out)
    if not run(words, log, kill_after=after).is_killed:
        return None
    # what completes a checkpoint is written last
    left = {path.parent.name for path in out.glob("checkpoint-*/recap_state.json")}
    weights = {name: (out / name / "model.safetensors").read_bytes() for name in left}
    again = run(words, log)
    kept = all(
        (out / name / "model.safetensors").read_bytes() == own for name, own in weights.items()
    )
    logs = [(folder / "training.parquet") for folder in (out, references.training)]
    faults = {
        f"the same command again failed: {again.told[-400:]}": again.code != 0,
        "a complete checkpoint was made again otherwise": not kept,
        "the weights differ from the uninterrupted run": not same_weights(out, references.training),
        "the training log differs": again.code == 0 and _table(logs[0]) != _table(logs[1]),
    }
    return _trial("train", after, len(left), 0, faults)


COMMANDS: dict[str, Callable[[References, Path, float], Trial | None]] = {
    "eval": _kill_evaluation,
    "report": _kill_report,
    "train": _kill_training,
}


def _trial(
    command: str, after: float, n_stored: int, n_computed: int, faults: Mapping[str, bool]
) -> Trial:
    return Trial(
        command=command,
        after_seconds=after,
        n_stored=n_stored,
        n_computed=n_computed,
        faults=tuple(what for what, is_so in faults.items() if is_so),
    )


def _events(ended: Ended) -> Iterator[dict[str, object]]:
    for line in ended.told.splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:
                continue  # the kill cut it short


def _announced(killed: Ended) -> int:
    """Return how many answers the command said it had stored."""
    done: dict[object, int] = {}
    for event in _events(killed):
        if event.get("checkpoint") and event.get("event") == "progress":
            done[event["checkpoint"]] = int(str(event["done"]))
    return sum(done.values())


def _computed(again: Ended) -> int:
    last = [event for event in _events(again) if event.get("event") == "done"]
    return int(str(last[0]["computed"])) if last else -1


def _results(references: References, study: Path, log: Path) -> dict[str, object]:
    """Return `results.json` of a study but for what names it and tells the time."""
    out = study.parent / "report"
    run(references.world.report(study, out), log)
    return _timeless(out / "results.json")


def _whole_results(references: References) -> dict[str, object]:
    return _timeless(references.report / "results.json")


def _timeless(file: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads(file.read_text()) if file.exists() else {}
    return {key: value for key, value in content.items() if key not in ("provenance", "study")}


def _table(log: Path) -> object:
    import pyarrow.parquet as pq

    return repr(pq.read_table(log).to_pydict())  # nan equals itself here
