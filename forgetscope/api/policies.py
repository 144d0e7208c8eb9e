"""What a caller wants proved: a policy or its file, and what is given beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from forgetscope.api.sides import Side
from forgetscope.records import Policy
from forgetscope.suites import PolicyFile, check_tasks, load_policy

__all__ = ["AnyPolicy", "fitted", "settled"]

AnyPolicy = Policy | PolicyFile | Path | str
"""A policy, what a policy file said, or the path of such a file."""


def settled(
    policy: AnyPolicy | None,
    *,
    margin: float | None = None,
    alpha: float | None = None,
    default: PolicyFile | None = None,
) -> PolicyFile:
    """Return the policy that holds; what is given beside it replaces only its general settings.

    Parameters
    ----------
    policy
        `None` for what `default` says.
    margin
        Replaces the margin of the domains that have none of their own.
    alpha
        Replaces the error probability of each claim.
    default
        What the suite asks for; `None` for the general defaults.

    Raises
    ------
    UsageError
        If a policy file cannot be read, or says something else.
    """
    if isinstance(policy, PolicyFile):
        file = policy
    elif isinstance(policy, Policy):
        file = PolicyFile(policy=policy)
    else:
        file = (default or PolicyFile()) if policy is None else load_policy(policy)
    file = file.with_margin(margin)
    return file if alpha is None else replace(file, policy=replace(file.policy, alpha=alpha))


def fitted(file: PolicyFile, sides: Iterable[Side]) -> Policy:
    """Return the policy once its domains and weights are known to be those of the studies.

    Raises
    ------
    UsageError
        If it names a domain or weighs a task that was not evaluated.
    """
    check_tasks(file, [task for side in sides for task in side.study.tasks()])
    return file.policy
