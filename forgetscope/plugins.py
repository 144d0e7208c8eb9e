"""Plugins: what other packages add under a name of their own.

A package says in its metadata which names it has (entry points). Names are read from there without
loading anything; code is loaded when somebody asks for it by its name, and never else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from forgetscope.errors import ForgetscopeError, PluginError, UnknownNameError

__all__ = ["Plugin", "PluginKind", "called", "load_plugin", "plugin_names"]


class PluginKind(StrEnum):
    """What a plugin can be; the value is what a person calls it."""

    ENGINE = "engine"
    """What answers requests: `(checkpoint, tokenizer, config) -> Engine`."""
    REWARD = "reward"
    """What a completion is worth: `(completion, gold)` or `(completion, lesson)`, from 0 to 1."""
    SUITE = "suite"
    """A choice of tasks: a function of nothing that returns what a suite file would hold."""
    EXPORTER = "exporter"
    """Results for another program: `(study, out) -> paths of the files written`."""

    @property
    def group(self) -> str:
        """Group of entry points."""
        return f"forgetscope.{self.value}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """What a package offers under a name, loaded."""

    kind: PluginKind
    name: str
    package: str
    """The package and its version, e.g. `acme-evals 1.2`."""
    value: Callable[..., Any]


def plugin_names(kind: PluginKind) -> tuple[str, ...]:
    """Return the names that installed packages offer; nothing is loaded for that."""
    return tuple(sorted({point.name for point in entry_points(group=kind.group)}))


def load_plugin(kind: PluginKind, name: str) -> Plugin:
    """Load what a package offers under a name.

    Raises
    ------
    UnknownNameError
        If no package offers it.
    PluginError
        If several do, or it cannot be loaded, or cannot be called.
    """
    points = tuple(entry_points(group=kind.group, name=name))
    if not points:
        raise UnknownNameError(kind.value, name, known=plugin_names(kind))
    if len({(_package(point), point.value) for point in points}) > 1:
        packages = " and ".join(f"`{_package(point)}`" for point in points)
        raise PluginError(
            f"{packages} both offer the {kind} `{name}`", hint="uninstall one of them"
        )
    (point, *_) = points
    try:
        value = point.load()
    except Exception as error:  # a plugin is anybody's code and may fail in any way
        raise _broken(kind, name, _package(point), "cannot be loaded", error) from error
    if not callable(value):
        raise PluginError(
            f"the {kind} `{name}` of `{_package(point)}` is no function but {type(value).__name__}",
            hint=f"`{point.value}` in the group `{kind.group}` has to be something to call",
        )
    return Plugin(kind=kind, name=name, package=_package(point), value=value)


def called(plugin: Plugin, *arguments: object) -> Any:  # noqa: ANN401  # as the plugin says it
    """Return what a plugin returns; what fails in it is told with its name.

    Raises
    ------
    PluginError
        If it fails.
    """
    try:
        return plugin.value(*arguments)
    except ForgetscopeError:
        raise
    except Exception as error:  # a plugin is anybody's code and may fail in any way
        raise _broken(plugin.kind, plugin.name, plugin.package, "failed", error) from error


def _package(point: EntryPoint) -> str:
    return "?" if point.dist is None else f"{point.dist.name} {point.dist.version}"


def _broken(kind: PluginKind, name: str, package: str, what: str, error: Exception) -> PluginError:
    first = str(error).strip().partition("\n")[0]
    return PluginError(
        f"the {kind} `{name}` of `{package}` {what}: {type(error).__name__}: {first}",
        hint=f"update `{package.partition(' ')[0]}`, uninstall it, or tell its authors",
    )
