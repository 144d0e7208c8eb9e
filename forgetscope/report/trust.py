"""What a reader needs to trust a comparison: what was compared, and with which settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forgetscope.records import Checkpoint, Diagnosis
from forgetscope.report import wording
from forgetscope.report.checks import Check, checks, cut_prompts
from forgetscope.report.held import Held, held
from forgetscope.report.rerun import rerun_words

__all__ = ["CheckpointLine", "Provenance", "Setting", "Trust", "trust"]

Provenance = Mapping[str, object]
"""JSON values under the keys `study`, `suite` (`name`, `fingerprint`), `engine`, `seed`, `command`,
`versions` (by package), `times`, `commands`, `again` (what makes the report again) and `sides` (how
base and last checkpoint were asked);
further keys are shown as they are, missing ones left out."""

_APART = ("study", "command", "commands", "again", "sides")
_TOLD_BY_SIDES = ("suite", "seed", "versions", "engine")
"""Shown for each side where both are known."""
_FINGERPRINT_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line of the settings table."""

    name: str
    value: str
    is_told_by_sides: bool = False
    """Whether the settings of both sides say the same in more detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointLine:
    """One checkpoint as evaluated."""

    label: str
    step: str
    source: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Settings, checks, checkpoints, warnings and the commands that made the numbers."""

    settings: tuple[Setting, ...]
    checkpoints: tuple[CheckpointLine, ...]
    warnings: tuple[str, ...]
    command: str
    """The last command that answered."""
    held: Held | None
    """Settings of both sides; `None` where they are not known."""
    checks: tuple[Check, ...]
    rerun: str
    """What asking the base again changed; empty where that was not done."""
    commands: tuple[str, ...]
    """Every command that answered, as it was typed, then what makes the report again."""

    @property
    def checks_text(self) -> str:
        """How many checks are passed, as a heading."""
        passed = sum(check.is_passed for check in self.checks)
        return f"Checks: {passed} of {len(self.checks)} passed" if self.checks else "No checks"


def trust(
    diagnosis: Diagnosis, *, checkpoints: Sequence[Checkpoint], provenance: Provenance
) -> Trust:
    """Return what stands in the section about trust."""
    found = [text for comparison in diagnosis.comparisons for text in comparison.warnings]
    warnings = tuple(dict.fromkeys(wording.one_line(text) for text in found))
    command = wording.clean(str(provenance.get("command", "")))
    known = held(provenance.get("sides"))
    return Trust(
        settings=tuple(_settings(provenance)),
        checkpoints=tuple(_line(checkpoint) for checkpoint in checkpoints),
        warnings=warnings,
        command=command,
        held=known,
        checks=(
            *checks(diagnosis, known=known, warnings=warnings, checkpoints=checkpoints),
            *cut_prompts(provenance.get("sides")),
        ),
        rerun=rerun_words(diagnosis.comparisons[-1]) if diagnosis.comparisons else "",
        commands=_commands(provenance, command),
    )


def _commands(provenance: Provenance, command: str) -> tuple[str, ...]:
    """Return every command that answered, and what makes the report again."""
    told = provenance.get("commands")
    found = list(told) if isinstance(told, (list, tuple)) else [command]
    found.append(provenance.get("again"))
    return tuple(wording.clean(str(one)) for one in found if one)


def _settings(provenance: Provenance) -> list[Setting]:
    found: list[Setting] = []
    for key, value in provenance.items():
        text = "" if key in _APART else wording.one_line(_setting_text(value))
        if text:
            is_told = key in _TOLD_BY_SIDES
            found.append(Setting(name=wording.title(key), value=text, is_told_by_sides=is_told))
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
