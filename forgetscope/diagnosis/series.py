"""Follow a series of checkpoints against its base."""

from __future__ import annotations

from collections.abc import Sequence

from forgetscope.diagnosis.cell import Criterion, base_cell
from forgetscope.diagnosis.compare import check_policy, compare, domain_pools
from forgetscope.diagnosis.gate import Require, judge_last
from forgetscope.diagnosis.pair import pair
from forgetscope.errors import UsageError
from forgetscope.records import Cell, Comparison, Diagnosis, Policy, Profile, Role, Verdict

__all__ = ["diagnose", "last_clean"]

_DEFAULT = Policy()


def diagnose(
    profiles: Sequence[Profile],
    *,
    policy: Policy = _DEFAULT,
    require: Require = "not-forgot",
    domains: Sequence[str] | None = None,
) -> Diagnosis:
    """Compare each checkpoint with the first one, and judge the last.

    Parameters
    ----------
    profiles
        The series, base first.
    policy
        What has to be proved of each domain, and how surely.
    require, domains
        What the gate asks for, and of which domains; see `judge`.

    Raises
    ------
    PairingError
        If a checkpoint was asked other prompts than the base.
    UsageError
        If there is no checkpoint, a label occurs twice, or a setting is out of range.
    """
    check_policy(policy)
    if not profiles:
        raise UsageError("a series needs at least one checkpoint")
    labels = [profile.label for profile in profiles]
    for label in labels:
        if labels.count(label) > 1:
            raise UsageError(f"two checkpoints are called `{label}`", hint="name them apart")
    base, *others = profiles
    comparisons = tuple(
        compare(base, other, policy=policy, n_comparisons=len(others)) for other in others
    )
    profile = _profile(base, policy)
    return Diagnosis(
        base=base.label,
        margin=policy.margin,
        alpha=policy.alpha,
        profile=profile,
        comparisons=comparisons,
        gate=judge_last(comparisons, profile=profile, require=require, domains=domains),
        last_clean=last_clean(comparisons),
    )


def last_clean(comparisons: Sequence[Comparison]) -> str | None:
    """Return the last label before a general domain is FORGOT or SLIPPED; `None` if none is."""
    clean = None
    for comparison in comparisons:
        general = [row for row in comparison.domains if row.role is Role.GENERAL]
        if any(row.verdict in (Verdict.FORGOT, Verdict.SLIPPED) for row in general):
            break
        clean = comparison.after
    return clean


def _profile(base: Profile, policy: Policy) -> tuple[Cell, ...]:
    def criterion(domain: str) -> Criterion:
        return Criterion(margin=policy.margin_of(domain), alpha=policy.alpha, family=1)

    labels = (base.label, base.label)
    parts = [pair(column, column, labels=labels) for column in base.columns]
    of_domains = (
        base_cell(pairs, name=name, domain=name, criterion=criterion(name))
        for name, pairs in domain_pools(parts).items()
    )
    of_tasks = (
        base_cell(
            part,
            name=part.tasks[0].name,
            domain=part.tasks[0].domain,
            criterion=criterion(part.tasks[0].domain),
        )
        for part in parts
    )
    return (*of_domains, *of_tasks)
