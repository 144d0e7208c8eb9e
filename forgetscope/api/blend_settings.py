"""The settings of a search over blends: one folder holds one search."""

from __future__ import annotations

from pathlib import Path

from forgetscope.errors import UsageError
from forgetscope.store import Study as StoredStudy
from forgetscope.store import is_study
from forgetscope.store.study import Json

__all__ = ["check_settings", "keep_settings"]

_KEY = "blend-settings"
_NAMES = {
    "base": "the weights of the base",
    "after": "the weights of the tuned checkpoint",
    "suite": "the tasks",
}
"""What is a digest, in words."""


def check_settings(out: Path, settings: dict[str, Json]) -> None:
    """Refuse a folder that holds another search, or something of somebody else's.

    What judges the chosen blend must be looked at once: another margin on the same items would be
    chosen with their help.

    Raises
    ------
    UsageError
        Naming the setting that differs.
    """
    if not is_study(out / "search"):
        if (out / "checkpoint").exists() or is_study(out / "study"):
            raise UsageError(
                f"`{out}` holds a checkpoint or a study that belongs to no search over blends",
                hint="choose another folder with `--out`",
            )
        return
    with StoredStudy(out / "search") as study:
        held = study.meta(_KEY)
    if held is None:  # it was interrupted before its first step
        return
    if not isinstance(held, dict):
        raise UsageError(f"`{out / 'search'}` is no search over blends")
    for name, value in settings.items():
        if held.get(name) != value:
            was = (
                f"{_NAMES[name]} were others" if name in _NAMES else f"{name} was {held.get(name)}"
            )
            raise UsageError(
                f"`{out}` holds a search with other settings: {was}"
                + ("" if name in _NAMES else f", now {value}"),
                hint="choose another folder with `--out`, or call it as before",
            )


def keep_settings(study: StoredStudy, settings: dict[str, Json]) -> None:
    """Note the settings of the search, so that it goes on with no others."""
    study.set_meta(_KEY, settings)
