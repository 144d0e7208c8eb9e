"""The gate: what a pipeline is told about one checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.records import (
    UNBOUNDED_METRICS,
    Cell,
    Comparison,
    Diagnosis,
    GateResult,
    Role,
    Verdict,
)
from forgetscope.suites import Require

__all__ = ["Require", "gate_rows", "held_at_gate", "judge", "judge_last"]

_FAILED, _UNPROVED = 1, 5
_PROVED = (Verdict.HELD, Verdict.GAINED)


def judge(
    subject: Diagnosis | Comparison,
    *,
    require: Require = "not-forgot",
    domains: Sequence[str] | None = None,
) -> GateResult:
    """Judge the last checkpoint of a series, or one comparison.

    `not-forgot` fails (1) where a domain is FORGOT and passes otherwise, with warnings. `held`
    passes only where each domain is proved at its own level alpha: the claim "all held" errs no
    more often than each of its parts, so it needs no correction. What is not proved gives 5. The
    margin is that of each domain. The reason names the largest loss seen, proved or not.

    Parameters
    ----------
    subject
        What is judged.
    require
        What passes.
    domains
        Domains that are judged; default: those of role GENERAL.

    Raises
    ------
    UnknownNameError
        If no domain has a given name.
    UsageError
        If `require` is unknown.
    """
    if require not in get_args(Require):
        raise UsageError(f"unknown requirement `{require}`", hint="known: held, not-forgot")
    if isinstance(subject, Comparison):
        return _judge_rows(gate_rows(subject, domains), checkpoint=subject.after, require=require)
    return judge_last(
        subject.comparisons,
        profile=subject.profile,
        require=require,
        domains=domains,
    )


def judge_last(
    comparisons: Sequence[Comparison],
    *,
    profile: Sequence[Cell],
    require: Require,
    domains: Sequence[str] | None,
) -> GateResult:
    """Judge the last of a series; a base alone (its `profile`) leaves nothing to compare."""
    if comparisons:
        return judge(comparisons[-1], require=require, domains=domains)
    _check_names(domains, {row.domain for row in profile})
    return _nothing_compared(require)


def gate_rows(comparison: Comparison, domains: Sequence[str] | None = None) -> tuple[Cell, ...]:
    """Return the domains that the gate judges, in the order of the comparison.

    Parameters
    ----------
    comparison
        What is judged.
    domains
        These domains, whatever their role, in this order; default: those of role GENERAL.

    Raises
    ------
    UnknownNameError
        If no domain has a given name.
    """
    if domains is None:
        return tuple(row for row in comparison.domains if row.role is Role.GENERAL)
    by_name = {row.name: row for row in comparison.domains}
    _check_names(domains, by_name)
    return tuple(by_name[name] for name in dict.fromkeys(domains))


def held_at_gate(row: Cell) -> bool:
    """Whether a domain alone is proved to have lost no more than its margin."""
    return row.is_held_alone


def _judge_rows(rows: Sequence[Cell], *, checkpoint: str, require: Require) -> GateResult:
    forgot = [row.name for row in rows if row.verdict is Verdict.FORGOT]
    unproved = [row.name for row in rows if not held_at_gate(row)] if require == "held" else []
    warnings = tuple(_remarks(rows))
    if not forgot and all(row.verdict is Verdict.CANNOT_MEASURE for row in rows):
        return _nothing_compared(require, warnings)
    if forgot:
        code, reason = _FAILED, f"`{checkpoint}` forgot {', '.join(forgot)}"
    elif unproved:
        code, reason = _UNPROVED, f"not proved that `{checkpoint}` held {', '.join(unproved)}"
    elif require == "held":
        at_gate = "" if all(row.verdict in _PROVED for row in rows) else " at the gate's level"
        code, reason = 0, f"`{checkpoint}` held every domain{at_gate}"
    else:
        code, reason = 0, f"nothing is proved forgotten by `{checkpoint}`"
    return GateResult(
        passed=code == 0, exit_code=code, reason=reason + _largest_loss(rows), warnings=warnings
    )


def _largest_loss(rows: Iterable[Cell]) -> str:
    """Name the domain that lost most, in points; in its own unit only where no other can be."""
    fell = [row for row in rows if row.verdict is not Verdict.CANNOT_MEASURE and row.change < 0]
    in_points = [row for row in fell if row.metric not in UNBOUNDED_METRICS]
    if not fell:
        return ""
    worst = min(in_points or fell, key=lambda row: row.change)
    if in_points:
        size = f"{-100 * worst.change:.1f} points"
    else:
        size = f"{-worst.change:.3f} {worst.metric}"
    return "" if float(size.split()[0]) == 0 else f" (largest loss: {worst.name}, {size})"


def _check_names(domains: Sequence[str] | None, known: Iterable[str]) -> None:
    known = set(known)
    for name in domains or ():
        if name not in known:
            raise UnknownNameError("domain", name, known=known)


def _nothing_compared(require: Require, warnings: tuple[str, ...] = ()) -> GateResult:
    passed = require == "not-forgot"
    return GateResult(
        passed=passed,
        exit_code=0 if passed else _UNPROVED,
        reason="nothing was compared",
        warnings=warnings,
    )


def _remarks(rows: Iterable[Cell]) -> Iterable[str]:
    for row in rows:
        if row.verdict is Verdict.CANNOT_MEASURE:
            yield f"{row.name} cannot be measured: {row.reason}"
        elif row.verdict in (Verdict.UNDECIDED, Verdict.SLIPPED):
            more = f": needs {row.needs:,} more items" if row.needs is not None else ""
            yield f"{row.name} is {row.verdict}{more}"
