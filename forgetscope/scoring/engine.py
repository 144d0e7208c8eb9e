"""Engines: what answers requests, and what its answers depend on besides the weights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from forgetscope.errors import UsageError
from forgetscope.plugins import PluginKind, load_plugin
from forgetscope.records import Answer, Checkpoint, Request
from forgetscope.scoring.config import (
    AS_SERVED,
    SERVER_BACKEND,
    EngineConfig,
    backend_for,
    is_plugin,
)
from forgetscope.scoring.tokenizer import Tokenizer

__all__ = ["Engine", "check_text", "describe_engine", "engine_fingerprint"]


class Engine(Protocol):
    """A checkpoint that is ready to answer."""

    @property
    def fingerprint(self) -> str:
        """Hex digest of everything besides weights and request that answers depend on."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how the answers so far were computed."""

    def answer(
        self,
        requests: Sequence[Request],
        *,
        answered: Collection[str] = (),
        sample_index: int = 0,
    ) -> Iterator[Answer]:
        """Yield one answer per request, in ANY order, batch by batch as they are ready.

        Parameters
        ----------
        requests
            Of any kind, mixed.
        answered
            Ids of requests that have an answer. Batches are formed with them, so that a run that
            goes on computes the same digits; a batch that is answered is passed over.
        sample_index
            Which sample of each request, from 0; only sampled generation depends on it.

        Raises
        ------
        EngineError
            If the model answers no numbers. What concerns one request alone is an answer with
            its `error` set.
        """


def check_text(requests: Sequence[Request], *, name: str) -> None:
    """Refuse pictures where text alone is read: an answer without them would mean nothing.

    Raises
    ------
    UsageError
        If a request has pictures.
    """
    if any(request.images for request in requests):
        raise UsageError(
            f"`{name}` is asked about pictures, and its engine reads text alone",
            hint="`--engine lm_eval:hf-multimodal`, with checkpoints that see",
        )


def describe_engine(
    tokenizer: Tokenizer, config: EngineConfig, *, checkpoint: Checkpoint
) -> Mapping[str, str | int]:
    """Return what answers depend on besides weights and request; no weights are loaded.

    Device and batch size are left out: they add noise, which is measured, not a difference.

    Raises
    ------
    CheckpointError
        If the configuration of the checkpoint cannot be used.
    """
    # imported late: it loads torch
    from forgetscope.scoring.blueprint import open_blueprint, server_window
    from forgetscope.scoring.proof import reads_branches

    backend = backend_for(checkpoint, config)
    if backend == SERVER_BACKEND:
        return {
            "engine": f"lm-eval {backend}",
            "dtype": AS_SERVED,
            "max_length": server_window(tokenizer, config),
            "tokenizer": tokenizer.fingerprint,
            **_versions("lm-eval", "transformers"),
        }
    blueprint = open_blueprint(checkpoint, tokenizer, config)
    if is_plugin(config.name):
        plugin = load_plugin(PluginKind.ENGINE, config.name)
        return {
            "engine": f"{plugin.name} of {plugin.package}",
            "dtype": blueprint.dtype,
            "max_length": blueprint.max_length,
            "tokenizer": tokenizer.fingerprint,
        }
    if backend is not None:
        return {
            "engine": f"lm-eval {backend}",
            "dtype": blueprint.dtype,
            "max_length": blueprint.max_length,
            "tokenizer": tokenizer.fingerprint,
            **_versions("lm-eval", "torch", "transformers", backend),
        }
    return {
        "engine": "transformers",
        # what is planned: a tree that fails its proof gives way to the plain path, with a note
        "scorer": "tree" if reads_branches(blueprint.model_config) else "plain",
        "dtype": blueprint.dtype,
        "softmax": "float32",
        "attention": blueprint.attention,
        "max_length": blueprint.max_length,
        "tokenizer": tokenizer.fingerprint,
        # `+cpu` and `+cu128` tell how a release was built, not what it computes
        "torch": version("torch").partition("+")[0],
        "transformers": version("transformers"),
    }


def _versions(*packages: str) -> dict[str, str]:
    found = {}
    for package in packages:
        with suppress(PackageNotFoundError):  # not every backend is called like its package
            found[package] = version(package).partition("+")[0]
    return found


def engine_fingerprint(
    tokenizer: Tokenizer, config: EngineConfig, *, checkpoint: Checkpoint
) -> str:
    """Return the hex digest of `describe_engine`."""
    description = describe_engine(tokenizer, config, checkpoint=checkpoint)
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()
