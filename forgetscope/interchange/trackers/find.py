"""From `KIND:PLACE` to an open run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from forgetscope.errors import UnavailableError, UnknownNameError, UsageError
from forgetscope.interchange.trackers.tracker import Settings, Tracker

__all__ = ["TrackerAddress", "check_tracker", "open_tracker", "parse_tracker"]

PACKAGES = {
    "tensorboard": "tensorboardX",
    "wandb": "wandb",
    "trackio": "trackio",
    "mlflow": "mlflow",
}
"""What each kind imports."""
_PLACES = {"tensorboard": "DIR", "wandb": "PROJECT", "trackio": "PROJECT", "mlflow": "URI"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerAddress:
    """Which tracker, and where in it."""

    kind: str
    """`tensorboard`, `wandb`, `trackio` or `mlflow`."""
    place: str
    """A folder, a project or a tracking URI."""


def parse_tracker(text: str) -> TrackerAddress:
    """Return what `KIND:PLACE` means.

    Raises
    ------
    UnknownNameError
        If there is no such tracker.
    UsageError
        If it does not say where.
    """
    kind, _, place = text.partition(":")
    if kind not in PACKAGES:
        raise UnknownNameError("tracker", kind, known=PACKAGES)
    if not place.strip():
        raise UsageError(
            f"`{text}` does not say where to log", hint=f"write `{kind}:{_PLACES[kind]}`"
        )
    return TrackerAddress(kind=kind, place=place)


def check_tracker(text: str) -> TrackerAddress:
    """Refuse a tracker that cannot be used, before anything is computed; return its address.

    Raises
    ------
    UnknownNameError, UsageError
        As `parse_tracker`.
    UnavailableError
        If its package is not installed.
    """
    address = parse_tracker(text)
    package = PACKAGES[address.kind]
    if find_spec(package) is None:
        raise UnavailableError(
            f"`{text}` needs {package}, which is not installed",
            hint=f"pip install 'forgetscope[{address.kind}]'",
        )
    return address


def open_tracker(text: str, *, name: str, settings: Settings) -> Tracker:
    """Open a run in a tracker.

    Parameters
    ----------
    text
        `tensorboard:DIR`, `wandb:PROJECT`, `trackio:PROJECT` or `mlflow:URI`.
    name
        What the run is called there.
    settings
        What it is to be known by.

    Raises
    ------
    ForgetscopeError
        As `check_tracker`.
    """
    address = check_tracker(text)
    module = import_module(f"forgetscope.interchange.trackers.{address.kind}")
    opened = cast("Callable[..., Tracker]", module.open_run)
    return opened(address.place, name=name, settings=settings)
