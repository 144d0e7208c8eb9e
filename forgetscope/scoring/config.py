"""How a checkpoint is run."""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.errors import UsageError

__all__ = ["EngineConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """How a checkpoint is run."""

    dtype: str = "auto"
    """`float32`, `bfloat16`, `float16`, or `auto`: what the checkpoint was saved in."""
    device: str = "auto"
    """A torch device, or `auto`: a GPU where there is one, else the CPU."""
    max_length: int | None = None
    """Window in tokens; `None`: what the model was built for."""
    batch_tokens: int | None = None
    """Tokens of one forward pass, padding included; `None`: 256 on the CPU, 4096 on a GPU."""

    def __post_init__(self) -> None:
        if self.dtype not in ("auto", "float32", "bfloat16", "float16"):
            raise UsageError(
                f"unknown dtype `{self.dtype}`", hint="known: auto, bfloat16, float16, float32"
            )
        if self.max_length is not None and self.max_length < 2:
            raise UsageError(f"a window needs at least 2 tokens: {self.max_length}")
        if self.batch_tokens is not None and self.batch_tokens < 1:
            raise UsageError(f"a batch needs at least 1 token: {self.batch_tokens}")
