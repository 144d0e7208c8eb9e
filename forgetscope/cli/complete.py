"""What a shell offers: suites, domains, and the checkpoints of a study.

A shell asks at every press of a key, so nothing heavy is loaded and no error leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from forgetscope.errors import ForgetscopeError

__all__ = ["complete_checkpoint", "complete_domain", "complete_domains", "complete_suite"]


def complete_suite(incomplete: str) -> list[str]:
    """Return the presets and plugins that begin so, and suite files beside them."""
    from forgetscope.plugins import PluginKind, plugin_names
    from forgetscope.suites import preset_names

    names = [*preset_names(), *plugin_names(PluginKind.SUITE)]
    files = (
        path
        for suffix in ("toml", "yaml", "yml")
        for path in _paths(incomplete, pattern=f"*.{suffix}")
    )
    return [*_beginning(incomplete, names), *files]


def complete_domain(incomplete: str) -> list[str]:
    """Return the domains that begin so."""
    from forgetscope.suites import DOMAINS

    return list(_beginning(incomplete, DOMAINS))


def complete_domains(incomplete: str) -> list[str]:
    """Return the domains that could end a list with commas."""
    head, comma, last = incomplete.rpartition(",")
    taken = set(head.split(","))
    return [f"{head}{comma}{name}" for name in complete_domain(last) if name not in taken]


def complete_checkpoint(incomplete: str) -> list[str]:
    """Return the studies that begin so; behind a colon, the labels of the study before it."""
    from forgetscope.store import Study, is_study

    folder, colon, label = incomplete.rpartition(":")
    if colon and is_study(Path(folder)):
        try:
            with Study(Path(folder)) as study:
                labels = [checkpoint.label for checkpoint in study.series()]
        except ForgetscopeError:
            return []
        return [f"{folder}:{name}" for name in _beginning(label, labels)]
    return [path for path in _paths(incomplete, pattern="*") if Path(path).is_dir()]


def _beginning(incomplete: str, names: Iterable[str]) -> Iterator[str]:
    yield from (name for name in names if name.startswith(incomplete))


def _paths(incomplete: str, *, pattern: str) -> Iterator[str]:
    """Yield what lies in the folder that is being typed and begins so."""
    head, slash, last = incomplete.rpartition("/")
    folder = Path(f"{head}{slash}" or ".")
    if not folder.is_dir():
        return
    for path in sorted(folder.glob(pattern)):
        if path.name.startswith(last) and (last or not path.name.startswith(".")):
            yield f"{head}{slash}{path.name}"
