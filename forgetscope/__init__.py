"""Find out what a language model forgot while it was being trained.

>>> import forgetscope
>>> "evaluate" in forgetscope.__all__
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forgetscope.lazy import loader

if TYPE_CHECKING:
    from forgetscope.api import ForgettingCallback, Study, diff, evaluate
    from forgetscope.errors import ForgetscopeError
    from forgetscope.records import Comparison, Diagnosis, DomainPolicy, Policy, Verdict

__all__ = [
    "Comparison",
    "Diagnosis",
    "DomainPolicy",
    "ForgetscopeError",
    "ForgettingCallback",
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
    "ForgettingCallback": "forgetscope.api",
    "Policy": "forgetscope.records",
    "Study": "forgetscope.api",
    "Verdict": "forgetscope.records",
    "diff": "forgetscope.api",
    "evaluate": "forgetscope.api",
}

__getattr__ = loader(__name__, _HOMES)
