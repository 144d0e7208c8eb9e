"""What a reader needs to trust a comparison: what was compared, and with which settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import Checkpoint, Diagnosis
from forgetscope.report import wording

__all__ = ["CheckpointLine", "Provenance", "Setting", "Trust", "trust"]

Provenance = Mapping[str, object]
"""JSON values under the keys `study`, `suite` (`name`, `fingerprint`), `engine`, `seed`, `command`,
`versions` (by package) and `times`; further keys are shown as they are, missing ones left out."""

_APART = ("study", "command")
_FINGERPRINT_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line of the settings table."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointLine:
    """One checkpoint as evaluated."""

    label: str
    step: str
    source: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Settings, checkpoints, warnings and the command that made the numbers."""

    settings: tuple[Setting, ...]
    checkpoints: tuple[CheckpointLine, ...]
    warnings: tuple[str, ...]
    command: str


def trust(
    diagnosis: Diagnosis, *, checkpoints: Sequence[Checkpoint], provenance: Provenance
) -> Trust:
    """Return what stands in the section about trust."""
    warnings = [text for comparison in diagnosis.comparisons for text in comparison.warnings]
    return Trust(
        settings=tuple(_settings(provenance)),
        checkpoints=tuple(_line(checkpoint) for checkpoint in checkpoints),
        warnings=tuple(dict.fromkeys(wording.one_line(text) for text in warnings)),
        command=wording.clean(str(provenance.get("command", ""))),
    )


def _settings(provenance: Provenance) -> list[Setting]:
    found: list[Setting] = []
    for key, value in provenance.items():
        text = "" if key in _APART else wording.one_line(_setting_text(value))
        if text:
            found.append(Setting(name=wording.title(key), value=text))
    return found


def _setting_text(value: object) -> str:
    """Return a value on one line, its parts in the given order; empty if there is none."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        known = ((part, _setting_text(content)) for part, content in value.items())
        return " · ".join(f"{part} {text}" for part, text in known if text)
    if isinstance(value, (list, tuple)):
        return " · ".join(_setting_text(part) for part in value)
    return str(value)


def _line(checkpoint: Checkpoint) -> CheckpointLine:
    revision = f" @ {checkpoint.revision}" if checkpoint.revision else ""
    return CheckpointLine(
        label=wording.one_line(checkpoint.label),
        step="" if checkpoint.step is None else wording.count(checkpoint.step),
        source=wording.one_line(f"{checkpoint.source}{revision}"),
        fingerprint=wording.one_line(checkpoint.fingerprint)[:_FINGERPRINT_LENGTH],
    )
