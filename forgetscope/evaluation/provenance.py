"""Where results come from: versions and machine."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

__all__ = ["now", "versions"]

_PACKAGES = (
    "forgetscope",
    "lm-eval",
    "transformers",
    "torch",
    "datasets",
    "peft",
    "trl",
    "numpy",
    "scipy",
)


def versions() -> dict[str, str]:
    """Return the version of Python and of each package that can change a number."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    found["platform"] = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return found


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
