"""Find out what a language model forgot while it was being trained.

>>> import forgetscope
>>> "evaluate" in forgetscope.__all__
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forgetscope.api import Study, diff, evaluate
    from forgetscope.errors import ForgetscopeError
    from forgetscope.records import Comparison, Diagnosis, DomainPolicy, Policy, Verdict

__all__ = [
    "Comparison",
    "Diagnosis",
    "DomainPolicy",
    "ForgetscopeError",
    "Policy",
    "Study",
    "Verdict",
    "diff",
    "evaluate",
]

_HOMES = {
    "Comparison": "forgetscope.records",
    "Diagnosis": "forgetscope.records",
    "DomainPolicy": "forgetscope.records",
    "ForgetscopeError": "forgetscope.errors",
    "Policy": "forgetscope.records",
    "Study": "forgetscope.api",
    "Verdict": "forgetscope.records",
    "diff": "forgetscope.api",
    "evaluate": "forgetscope.api",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # a module's attributes have many types
    """Load a public name when it is asked for, so that `import forgetscope` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module `forgetscope` has no attribute `{name}`")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
