"""Fingerprints of tasks: what makes the scores of two runs comparable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["PLACE_KEYS", "task_fingerprint"]

PLACE_KEYS = ("dataset_path", "dataset_name", "dataset_kwargs", "custom_dataset", "metadata")
"""What lm-eval's configuration of a task says of where its data lie: no part of what is asked."""


def task_fingerprint(
    name: str, *, version: str, metric: str, filter_name: str, config: Mapping[str, Any]
) -> str:
    """Digest a task's definition.

    Parameters
    ----------
    config
        Its configuration in plain values, without `PLACE_KEYS`.
    """
    described = {
        "task": name,
        "version": version,
        "judged": [metric, filter_name],
        "config": dict(config),
    }
    text = json.dumps(described, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
