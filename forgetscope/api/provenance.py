"""Where the numbers of a report come from: both sides of the comparison, and every command."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from forgetscope.api.sides import Side

__all__ = ["provenance_of"]


def provenance_of(sides: Sequence[Side], *, command: str = "") -> dict[str, Any]:
    """Return where the numbers of a series come from, as its studies noted it.

    The keys beside `sides` and `commands` tell of the last side's study and its last run.

    Parameters
    ----------
    sides
        The series, base first.
    command
        What makes the report again; told in the page, and no part of `results.json`.
    """
    study = sides[-1].study
    last = _last_run(sides[-1])
    ends = [sides[0], sides[-1]] if len(sides) > 1 else [sides[0]]
    return {
        "study": study.name,
        "suite": {"name": _suite_name(sides[-1]), "fingerprint": last.get("suite", "")},
        "command": last.get("command", ""),
        "commands": _commands(sides),
        "again": command,
        "sides": [_side(side) for side in ends],
        "seed": last.get("seed"),
        "versions": last.get("versions", {}),
        "engine": _shortened(study.engines().get(sides[-1].label, {})),
        **({"left out": last["left_out"]} if last.get("left_out") else {}),
        "times": {"started": last.get("started"), "finished": last.get("finished")},
    }


def _side(side: Side) -> dict[str, Any]:
    """Return how one checkpoint was asked; the tokenizer's digest covers its chat template."""
    checkpoint, run = side.checkpoint(), _last_run(side)
    return {
        "label": checkpoint.label,
        "source": checkpoint.source,
        "revision": checkpoint.revision,
        "step": checkpoint.step,
        "weights": checkpoint.fingerprint,
        "study": side.study.name,
        "suite": _suite_name(side),
        "suite_fingerprint": run.get("suite", ""),
        "prompts": _prompts(side),
        "chat_template": run.get("chat_template"),
        "asked_with": run.get("asked_with"),
        "caps": side.study.meta("caps"),
        "prompts_cut": side.answers().n_cut() or None,
        "repeats": run.get("repeats"),
        "seed": run.get("seed"),
        "engine": side.study.engines().get(side.label, {}),
        "versions": run.get("versions", {}),
    }


def _prompts(side: Side) -> dict[str, Any]:
    """Return number and digest of the prompts of a study."""
    digest, n = hashlib.sha256(), 0
    for task in sorted(task.name for task in side.study.tasks()):
        for item_id, prompt in sorted(side.study.prompt_hashes(task).items()):
            digest.update(f"{item_id} {prompt}\n".encode())
            n += 1
    return {"items": n, "fingerprint": digest.hexdigest()}


def _commands(sides: Sequence[Side]) -> list[str]:
    """Return the commands that answered, as they were typed, each once."""
    studies = {side.study.folder: side.study for side in sides}
    runs = [run for study in studies.values() for run in study.runs()]
    return list(dict.fromkeys(run["command"] for run in runs if run.get("command")))


def _last_run(side: Side) -> dict[str, Any]:
    runs = side.study.runs()
    return runs[-1] if runs else {}


def _suite_name(side: Side) -> str:
    suite = side.study.meta("suite")
    return str(suite.get("name", "")) if isinstance(suite, dict) else ""


def _shortened(engine: dict[str, Any]) -> dict[str, Any]:
    """Cut digests to what a reader can compare by eye; the study holds the whole."""
    return {
        key: value[:12] if key in ("fingerprint", "tokenizer") else value
        for key, value in engine.items()
    }
