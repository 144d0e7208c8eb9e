"""Budgets: how much goes through a model at once, and how much of it is kept."""

from __future__ import annotations

from forgetscope.scoring.blueprint import Blueprint
from forgetscope.scoring.config import EngineConfig
from forgetscope.scoring.loading import resolve_device

__all__ = ["kept_tokens", "tokens_of_pass"]

_CPU_TOKENS = 1024
"""So many pay for reading all weights from memory; more leave the processor's cache."""
_CPU_LEAST = 256
"""Passes of models with a large vocabulary are not made smaller than this."""
_CPU_LOGIT_BYTES = 2**28
"""Of a pass that predicts a target at every token."""
_GPU_TOKENS = 4096
_KEPT_PER_TOKEN = 64
"""Kept positions that are cheap enough to stand beside one token of a small forward pass."""


def tokens_of_pass(config: EngineConfig, blueprint: Blueprint) -> int:
    """Return the most tokens of one forward pass of a model, padding included.

    As many as the configuration asks for, or else fewer where its vocabulary is large.

    Raises
    ------
    UsageError
        If the device is not there.
    """
    whole = config.batch_tokens or _fitting_tokens(config, blueprint)
    return max(1, int(whole * config.pass_share))


def _fitting_tokens(config: EngineConfig, blueprint: Blueprint) -> int:
    if not _is_cpu(config):
        return _GPU_TOKENS
    vocabulary = getattr(blueprint.model_config.get_text_config(), "vocab_size", None)
    if not vocabulary:
        return _CPU_TOKENS
    bytes_of_row = int(vocabulary) * (4 if blueprint.dtype == "float32" else 2)
    return min(_CPU_TOKENS, max(_CPU_LEAST, _CPU_LOGIT_BYTES // bytes_of_row))


def kept_tokens(config: EngineConfig) -> int:
    """Return the positions whose keys and values may be kept at once.

    Raises
    ------
    UsageError
        If the device is not there.
    """
    small = _CPU_LEAST if _is_cpu(config) else _GPU_TOKENS
    return _KEPT_PER_TOKEN * (config.batch_tokens or small)


def _is_cpu(config: EngineConfig) -> bool:
    return resolve_device(config.device).type == "cpu"
