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
from forgetscope.evaluation.harness.pictures import PLACE
from forgetscope.records import Checkpoint, CheckpointKind, Request
from forgetscope.scoring import EngineConfig, adapter_of, base_of
from forgetscope.scoring.sampling import seed_of
from forgetscope.suites.decoding import settings_of

__all__ = ["answers_of", "arguments_of", "load", "serve"]

_BATCHES_ITSELF = ("vllm", "sglang")
_ADAPTER_ARGUMENTS = ("peft", "lora_local_path")
"""What backends call the folder of an adapter."""


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
    declared = _declared(model_class)
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
        case CheckpointKind.ADAPTER:
            wanted |= _adapter(checkpoint, declared, backend=backend)
        case CheckpointKind.FOLDER | CheckpointKind.ENDPOINT | CheckpointKind.LOG:
            pass
    return {name: v for name, v in wanted.items() if name in declared and v is not None}


def _declared(model_class: Any) -> set[str]:  # noqa: ANN401  untyped library
    """Return what a class can be made with, also where it hands the rest on to its parents."""
    found: set[str] = set()
    for each in model_class.__mro__:
        if "__init__" not in vars(each) or each is object:
            continue
        parameters = inspect.signature(each.__init__).parameters
        found |= set(parameters)
        if not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
            break
    return found


def _adapter(checkpoint: Checkpoint, declared: set[str], *, backend: str) -> dict[str, Any]:
    """Return what loads an adapter on its base."""
    adapter, base = adapter_of(checkpoint), base_of(checkpoint)
    names = [name for name in _ADAPTER_ARGUMENTS if name in declared]
    if adapter is None or not names:
        raise UsageError(
            f"lm-eval's backend `{backend}` cannot put the adapter `{checkpoint.source}` on a base",
            hint="merge it into its base (peft: `model.merge_and_unload()`, then"
            " `save_pretrained`), or leave `--engine` out",
        )
    found: dict[str, Any] = {"pretrained": base.source, names[0]: str(adapter.path)}
    return found | ({"revision": base.revision} if base.revision else {})


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
    if requests[0].images:
        # what a chat template wrote has the model's own places of pictures already
        model.chat_applied = not any(PLACE in request.context for request in requests)
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
    # lm-eval hands pictures on as one more argument
    beside = ({"visual": list(request.images)},) if request.images else ()
    if request.decoding is not None:
        return (request.context, settings_of(request.decoding), *beside)
    if request.continuation:
        return (request.context, request.continuation, *beside)
    return (request.context, *beside)


def _failed(what: str, backend: str, error: Exception) -> EngineError:
    first = str(error).strip().partition("\n")[0]
    return EngineError(f"`{backend}` {what}: {type(error).__name__}: {first}")


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
