"""The process in which a backend of lm-eval answers: `python -m ... FILE_DESCRIPTOR`.

First comes what to load, then chunks of requests of one kind each; each is answered by one message,
which is an error of ours where it failed.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from lm_eval.api.instance import Instance
from lm_eval.api.registry import get_model

from forgetscope.errors import EngineError, ForgetscopeError, UnavailableError, UsageError
from forgetscope.records import Checkpoint, CheckpointKind, Decoding, Request
from forgetscope.scoring import EngineConfig
from forgetscope.scoring.sampling import seed_of

__all__ = ["answers_of", "arguments_of", "load", "serve"]

_BATCHES_ITSELF = ("vllm", "sglang")


def serve(line: Connection) -> None:
    """Answer until nobody asks any more."""
    try:
        backend, checkpoint, config = line.recv()
        try:
            model = load(backend, checkpoint, config)
        except ForgetscopeError as error:
            line.send(error)
            return
        line.send(None)
        while True:
            chunk, sample_index = line.recv()
            # of backends that draw in this process; others draw by a seed of their own
            torch.manual_seed(seed_of(chunk[0].id, sample_index))
            line.send(_given(model, chunk, name=checkpoint.label))
    except (EOFError, ConnectionError):
        return


def _given(model: Any, chunk: Sequence[Request], *, name: str) -> Any:  # noqa: ANN401
    try:
        return answers_of(model, chunk, name=name)
    except ForgetscopeError as error:
        return error


def load(backend: str, checkpoint: Checkpoint, config: EngineConfig) -> Any:  # noqa: ANN401
    """Return a model of lm-eval.

    Raises
    ------
    UnavailableError
        If a package of the backend is not installed.
    EngineError
        If it cannot load the checkpoint.
    UsageError
        If it cannot load that kind of checkpoint.
    """
    try:
        model_class = get_model(backend)
        arguments = arguments_of(model_class, checkpoint, config, backend=backend)
        return model_class(**arguments)
    except ImportError as error:
        raise UnavailableError(
            f"lm-eval's backend `{backend}` needs a package that is not installed: {error}",
            hint=f"pip install 'lm-eval[{backend}]'",
        ) from error
    except (OSError, RuntimeError, ValueError, TypeError, AssertionError, KeyError) as error:
        if isinstance(error, ForgetscopeError):
            raise
        raise _failed(f"cannot load `{checkpoint.source}`", backend, error) from error


def arguments_of(
    model_class: Any,  # noqa: ANN401  untyped library
    checkpoint: Checkpoint,
    config: EngineConfig,
    *,
    backend: str,
) -> dict[str, Any]:
    """Return what a model class of lm-eval is made with: of our settings, those it declares."""
    declared = set(inspect.signature(model_class.__init__).parameters)
    wanted: dict[str, Any] = {
        "pretrained": checkpoint.source,
        "dtype": config.dtype,
        "softmax_dtype": "float32",
        # a default of some backends, and code inside a checkpoint is never run
        "trust_remote_code": False,
        "device": None if config.device == "auto" else config.device,
        "max_length": config.max_length,
        "batch_size": "auto" if backend in _BATCHES_ITSELF else None,
    }
    match checkpoint.kind:
        case CheckpointKind.HUB:
            if "revision" not in declared and "kwargs" not in declared:
                raise UsageError(
                    f"lm-eval's backend `{backend}` cannot load a commit of a hub",
                    hint="download the checkpoint, and name its folder",
                )
            wanted["revision"] = checkpoint.revision
            declared.add("revision")  # the others hand it on
        case CheckpointKind.GGUF:
            if "gguf_file" not in declared:
                raise UsageError(f"lm-eval's backend `{backend}` reads no `.gguf` files here")
            path = Path(checkpoint.source)
            wanted |= {"pretrained": str(path.parent), "gguf_file": path.name}
        case CheckpointKind.FOLDER | CheckpointKind.LOG:
            pass
    return {name: v for name, v in wanted.items() if name in declared and v is not None}


def answers_of(model: Any, requests: Sequence[Request], *, name: str) -> list[Any]:  # noqa: ANN401
    """Return what a model of lm-eval answers to requests of one kind, in their order.

    Raises
    ------
    EngineError
        If it fails, or answers no numbers.
    """
    kind = str(requests[0].kind)
    instances = [
        Instance(request_type=kind, doc={}, arguments=_arguments(request), idx=index)
        for index, request in enumerate(requests)
    ]
    try:
        found = list(getattr(model, kind)(instances))
    except (RuntimeError, ValueError, TypeError, AssertionError, KeyError, IndexError) as error:
        raise _failed(f"could not answer for `{name}`", type(model).__name__, error) from error
    for value in found:
        number = value[0] if isinstance(value, tuple) else value
        if not isinstance(number, str) and not math.isfinite(number):
            raise EngineError(f"`{name}` answers no numbers: a log-probability is {number}")
    return found


def _arguments(request: Request) -> tuple[Any, ...]:
    if request.decoding is not None:
        return (request.context, _settings(request.decoding))
    return (request.context, request.continuation) if request.continuation else (request.context,)


def _settings(decoding: Decoding) -> dict[str, Any]:
    """Return decoding in lm-eval's words."""
    settings: dict[str, Any] = {
        "until": list(decoding.stops),
        "max_gen_toks": decoding.max_new_tokens,
        "do_sample": decoding.do_sample,
        "temperature": decoding.temperature,
    }
    return settings | ({"top_p": decoding.top_p} if decoding.do_sample else {})


def _failed(what: str, backend: str, error: Exception) -> EngineError:
    first = str(error).strip().partition("\n")[0]
    return EngineError(f"`{backend}` {what}: {type(error).__name__}: {first}")


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
