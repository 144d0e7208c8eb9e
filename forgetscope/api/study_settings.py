"""What a study was made with, as several studies are set side by side."""

from __future__ import annotations

from typing import Any

from forgetscope.api.study import Study

__all__ = ["own_of", "settings_of"]

_SHORT = 12
"""Letters of a fingerprint that a reader compares by eye."""


def settings_of(study: Study) -> dict[str, str]:
    """Return what has to be equal before two studies are compared."""
    base, run = study.checkpoints[0], study.last_run()
    engine = study.engine(study.checkpoints[-1].label)
    shown = ("engine", "dtype", "attention", "max_length", "tokenizer")
    return _told(
        {
            "base": base.source,
            "base weights": base.fingerprint[:_SHORT],
            "suite": str(run.get("suite", ""))[:_SHORT],
            "seed": run.get("seed"),
            **{name: str(engine.get(name, ""))[:_SHORT] for name in shown},
            "forgetscope": run.get("versions", {}).get("forgetscope"),
        }
    )


def own_of(study: Study) -> dict[str, str]:
    """Return what may differ between two studies."""
    last, run = study.checkpoints[-1], study.last_run()
    return _told(
        {
            "study": str(study.folder),
            "last checkpoint": last.source,
            "last weights": last.fingerprint[:_SHORT],
            "command": run.get("command"),
        }
    )


def _told(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value not in ("", None)}
