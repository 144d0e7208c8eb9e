"""The gate: what a pipeline is told about one checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.records import Cell, Comparison, Diagnosis, GateResult, Role, Verdict

__all__ = ["Require", "judge", "judge_last"]

Require = Literal["not-forgot", "held"]
"""What passes: nothing proved lost, or everything proved held."""

_FAILED, _UNPROVED = 1, 5


def judge(
    subject: Diagnosis | Comparison,
    *,
    require: Require = "not-forgot",
    domains: Sequence[str] | None = None,
) -> GateResult:
    """Judge the last checkpoint of a series, or one comparison.

    `not-forgot` fails (1) where a domain is FORGOT and passes otherwise, with warnings. `held`
    passes only where each domain is proved at its own level alpha: the claim "all held" errs no
    more often than each of its parts, so it needs no correction. What is not proved gives 5.

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
    if require not in ("not-forgot", "held"):
        raise UsageError(f"unknown requirement `{require}`", hint="known: held, not-forgot")
    if isinstance(subject, Comparison):
        return _judge_rows(_chosen(subject, domains), checkpoint=subject.after, require=require)
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


def _judge_rows(rows: Sequence[Cell], *, checkpoint: str, require: Require) -> GateResult:
    forgot = [row.name for row in rows if row.verdict is Verdict.FORGOT]
    warnings = tuple(_remarks(rows))
    if forgot:
        return GateResult(
            passed=False,
            exit_code=_FAILED,
            reason=f"`{checkpoint}` forgot {', '.join(forgot)}",
            warnings=warnings,
        )
    if all(row.verdict is Verdict.CANNOT_MEASURE for row in rows):
        return _nothing_compared(require, warnings)
    if require == "held":
        return _judge_held(rows, checkpoint=checkpoint, warnings=warnings)
    return GateResult(
        passed=True,
        exit_code=0,
        reason=f"nothing is proved forgotten by `{checkpoint}`",
        warnings=warnings,
    )


def _judge_held(rows: Sequence[Cell], *, checkpoint: str, warnings: tuple[str, ...]) -> GateResult:
    unproved = [
        row.name
        for row in rows
        if row.verdict is Verdict.CANNOT_MEASURE or not row.unadjusted_low > -row.margin
    ]
    if unproved:
        return GateResult(
            passed=False,
            exit_code=_UNPROVED,
            reason=f"not proved that `{checkpoint}` held {', '.join(unproved)}",
            warnings=warnings,
        )
    rows_prove_it = all(row.verdict in (Verdict.HELD, Verdict.GAINED) for row in rows)
    return GateResult(
        passed=True,
        exit_code=0,
        reason=f"`{checkpoint}` held every domain"
        + ("" if rows_prove_it else " at the gate's level"),
        warnings=warnings,
    )


def _chosen(comparison: Comparison, domains: Sequence[str] | None) -> list[Cell]:
    if domains is None:
        return [row for row in comparison.domains if row.role is Role.GENERAL]
    by_name = {row.name: row for row in comparison.domains}
    _check_names(domains, by_name)
    return [by_name[name] for name in dict.fromkeys(domains)]


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
