"""How a checkpoint is run."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from forgetscope.errors import UnavailableError, UnknownNameError, UsageError
from forgetscope.plugins import PluginKind, plugin_names
from forgetscope.records import Checkpoint, CheckpointKind

__all__ = [
    "AS_SERVED",
    "BACKENDS",
    "OWN_ENGINE",
    "SERVER_BACKEND",
    "SIGHTED_BACKENDS",
    "EngineConfig",
    "backend_for",
    "backend_of",
    "check_engine",
    "is_plugin",
]

OWN_ENGINE = "hf"
"""Ours, on transformers."""
BACKENDS = ("vllm", "sglang")
"""Backends of lm-eval that have a name and an extra of their own here; each is a package too."""
SERVER_BACKEND = "local-completions"
"""What lm-eval calls the backend that asks a server."""
SIGHTED_BACKENDS = ("hf-multimodal", "vllm-vlm")
"""What lm-eval calls the backends that read pictures beside text."""
AS_SERVED = "as served"
"""The dtype of a server, which does not tell."""
_ANY_BACKEND = "lm_eval:"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """How a checkpoint is run."""

    name: str = OWN_ENGINE
    """`hf`, `vllm`, `sglang`, `lm_eval:NAME` for any other backend of lm-eval, or a plugin's."""
    dtype: str = "auto"
    """`float32`, `bfloat16`, `float16`, or `auto`: what the checkpoint was saved in."""
    device: str = "auto"
    """A torch device, or `auto`: a GPU where there is one, else the CPU."""
    max_length: int | None = None
    """Window in tokens; `None`: what the model was built for."""
    batch_tokens: int | None = None
    """Tokens of one forward pass, padding included; `None`: 4096 on a GPU, 1024 on the CPU, and
    fewer there where the vocabulary is large."""
    pass_share: float = 1.0
    """Share of these tokens that a pass takes, above 0: with less, batches end elsewhere."""

    def __post_init__(self) -> None:
        check_engine(self.name)
        if self.dtype not in ("auto", "float32", "bfloat16", "float16"):
            raise UsageError(
                f"unknown dtype `{self.dtype}`", hint="known: auto, bfloat16, float16, float32"
            )
        if self.max_length is not None and self.max_length < 2:
            raise UsageError(f"a window needs at least 2 tokens: {self.max_length}")
        if self.batch_tokens is not None and self.batch_tokens < 1:
            raise UsageError(f"a batch needs at least 1 token: {self.batch_tokens}")
        if not 0 < self.pass_share <= 1:
            raise UsageError(f"a pass takes a share of its tokens up to 1: {self.pass_share}")


def check_engine(name: str) -> None:
    """Refuse an engine that nobody knows or that is not installed.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    UnavailableError
        If its package is not installed.
    """
    if name in BACKENDS and find_spec(name) is None:
        raise UnavailableError(
            f"`--engine {name}` needs {name}, which is not installed",
            hint=f"pip install 'forgetscope[{name}]'",
        )
    if name == _ANY_BACKEND:
        raise UnknownNameError("engine", name, known=_known())
    if is_plugin(name) and name not in plugin_names(PluginKind.ENGINE):
        raise UnknownNameError("engine", name, known=_known())


def _known() -> list[str]:
    plugins = plugin_names(PluginKind.ENGINE)
    return [OWN_ENGINE, *BACKENDS, f"{_ANY_BACKEND}NAME", *plugins]


def is_plugin(name: str) -> bool:
    """Whether an engine of that name can only come from another package.

    >>> is_plugin("hf"), is_plugin("lm_eval:hf"), is_plugin("acme")
    (False, False, True)
    """
    return name not in (OWN_ENGINE, *BACKENDS) and not name.startswith(_ANY_BACKEND)


def backend_of(name: str) -> str | None:
    """Return what lm-eval calls the backend of an engine; `None` for ours and for a plugin.

    >>> backend_of("lm_eval:hf"), backend_of("hf")
    ('hf', None)
    """
    return None if name == OWN_ENGINE or is_plugin(name) else name.removeprefix(_ANY_BACKEND)


def backend_for(checkpoint: Checkpoint, config: EngineConfig) -> str | None:
    """Return what lm-eval calls the backend that answers for a checkpoint; `None`: our engine.

    A server is asked by its own backend, whatever answers for the others of a series.

    Raises
    ------
    UsageError
        If the engine cannot answer for a checkpoint of that kind.
    """
    backend = backend_of(config.name)
    if checkpoint.kind is CheckpointKind.ENDPOINT:
        if config.name != OWN_ENGINE and backend != SERVER_BACKEND:
            raise UsageError(
                f"`--engine {config.name}` cannot ask the server `{checkpoint.source}`",
                hint=f"leave `--engine` out: a server is asked by `lm_eval:{SERVER_BACKEND}`",
            )
        return SERVER_BACKEND
    if backend == SERVER_BACKEND:
        raise UsageError(
            f"`--engine {config.name}` asks a server, and `{checkpoint.source}` is none",
            hint="name the server: `http://HOST:PORT/v1#MODEL`",
        )
    return backend
