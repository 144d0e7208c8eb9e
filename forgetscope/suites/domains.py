"""The capability domains, one word each."""

from __future__ import annotations

from types import MappingProxyType

from forgetscope.errors import UnknownNameError

__all__ = ["DOMAINS", "check_domain"]

DOMAINS = MappingProxyType(
    {
        "math": "mathematics",
        "code": "programming",
        "logic": "logic and multi-step reasoning",
        "knowledge": "science and knowledge",
        "commonsense": "commonsense",
        "reading": "reading comprehension",
        "instruction": "instruction following",
        "faithfulness": "faithfulness and recall",
        "safety": "safety and bias",
        "multilingual": "languages other than English",
        "long-context": "long context",
        "tools": "tool use",
        "vision": "perception and vision",
        "language": "grammar and language modelling",
        "other": "tasks whose domain is not known",
    }
)
"""What each domain slug means, in the order of reports."""


def check_domain(name: str) -> str:
    """Return `name` if it is a domain; `UnknownNameError` otherwise."""
    if name not in DOMAINS:
        raise UnknownNameError("domain", name, known=DOMAINS)
    return name
