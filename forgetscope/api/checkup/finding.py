"""Findings: what one check of a plan says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from forgetscope.errors import ForgetscopeError, UnavailableError, UsageError

__all__ = ["Finding", "State", "broken", "guarded", "merged", "noted"]


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    """It will run, and something should be known about it."""
    FAIL = "fail"
    """It cannot run so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check says about one thing."""

    check: str
    """Name of the check."""
    subject: str
    """A task, a checkpoint, or another thing that was looked at."""
    state: State
    what: str
    hint: str = ""
    """What to do about it."""
    exit_code: int = 0
    """What the command ends with because of it: 2 where the call is wrong, 4 where something is
    missing, 0 where it would run."""


def broken(
    check: str, subject: str, what: str, *, hint: str = "", is_call: bool = False
) -> Finding:
    """Return a finding of something that cannot run.

    Parameters
    ----------
    is_call
        Whether the call or its configuration is wrong, not the machine.
    """
    code = UsageError.exit_code if is_call else UnavailableError.exit_code
    return Finding(
        check=check, subject=subject, state=State.FAIL, what=what, hint=hint, exit_code=code
    )


def noted(
    check: str, subject: str, what: str, *, hint: str = "", state: State = State.OK
) -> Finding:
    """Return a finding of something that will run."""
    return Finding(check=check, subject=subject, state=state, what=what, hint=hint)


def guarded(check: str, subject: str, run: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Run a check; whatever it raises is a finding as well, and other checks go on.

    An error that a person can meet in a real run fails the check. Any other only says that the
    check itself did not work, which does not mean that the run would not.
    """
    found: list[Finding] = []
    try:
        # one by one: what was found before something breaks is kept
        found.extend(run())
    except ForgetscopeError as error:
        is_call = error.exit_code == UsageError.exit_code
        found.append(broken(check, subject, error.message, hint=error.hint or "", is_call=is_call))
    except Exception as error:  # a doctor must not die of what he looks at
        first = str(error).strip().partition("\n")[0][:200]
        what = f"could not be checked: {type(error).__name__}: {first}"
        found.append(noted(check, subject, what, state=State.WARN))
    return found


def merged(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings that differ in their subject alone as one."""
    groups: dict[tuple[str, State, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.check, finding.state, finding.what, finding.hint].append(finding)
    return [replace(group[0], subject=_names(group)) for group in groups.values()]


def _names(group: Sequence[Finding], *, shown: int = 3) -> str:
    names = list(dict.fromkeys(finding.subject for finding in group))
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
