"""One model in memory, on which checkpoints take turns.

A checkpoint of the same architecture is copied into it (`takeover`), and whoever stood on it before
computes no more.

An adapter is put on when its engine computes, and taken off by putting every module of the base
back, so that the base is the same to the bit afterwards; nothing is ever added to its weights.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from forgetscope.errors import CheckpointError, EngineError, UnavailableError
from forgetscope.records import Checkpoint
from forgetscope.scoring.adapters import AdapterFolder
from forgetscope.scoring.bases import adapter_of, base_of
from forgetscope.scoring.blueprint import Blueprint, first_line
from forgetscope.scoring.loading import load_model
from forgetscope.scoring.takeover import copy_files, folder_of, holds_files, plain_key

__all__ = ["Turns", "Worn"]

_NAME = "worn"
_SET_DOWN = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn:
    """A model, and what has to happen before it computes for this checkpoint."""

    model: Any
    put_on: Callable[[], None]


@dataclass(slots=True)
class _Base:
    """A model as it was loaded."""

    key: tuple[str, ...]
    model: Any
    modules: dict[str, Any] = field(default_factory=dict)
    """Every module by name, as the weights were loaded into it."""
    plain_key: str = ""
    """What it is besides its weights, if others can be copied into it; else empty."""
    worn: str = _SET_DOWN
    """Fingerprint of the checkpoint whose adapter is on; empty: none is."""
    is_gone: bool = False
    """Whether its weights gave way to another checkpoint's."""


class Turns:
    """Keeps the model that was loaded last, for checkpoints that stand on it or fit into it."""

    def __init__(self) -> None:
        self._base: _Base | None = None
        self.n_loaded = 0
        """How often weights of a base were read."""

    def open(self, checkpoint: Checkpoint, blueprint: Blueprint, *, device: torch.device) -> Worn:
        """Return the model of a checkpoint; its base is loaded unless it is in memory.

        Raises
        ------
        CheckpointError
            If base or adapter cannot be loaded, or do not fit.
        UnavailableError
            If there is an adapter, and peft is not installed.
        EngineError
            If the weights do not fit into memory.
        """
        adapter = adapter_of(checkpoint)
        if adapter is not None:
            _check_installed(checkpoint)
        base = self._loaded(checkpoint, blueprint, device)

        def put_on() -> None:
            if base.is_gone:
                raise EngineError(f"`{checkpoint.label}` gave its place in memory to another one")
            wanted = _SET_DOWN if adapter is None else checkpoint.fingerprint
            if base.worn == wanted:
                return
            _take_off(base)
            if adapter is not None:
                _put_on(base, adapter)
            base.worn = wanted

        put_on()  # what does not fit shows now
        return Worn(model=base.model, put_on=put_on)

    def _loaded(self, checkpoint: Checkpoint, blueprint: Blueprint, device: torch.device) -> _Base:
        beneath = base_of(checkpoint)
        key = (beneath.fingerprint, blueprint.dtype, blueprint.attention, str(device))
        if self._base is None or self._base.key != key:
            # nothing is held from here on: what fails half way leaves nothing behind
            before, self._base = self._base, None
            plain = plain_key(beneath, blueprint, device)
            model = _taken_over(before, beneath, plain)
            if model is None:
                before = None  # one at a time is in memory
                model = load_model(beneath, blueprint, device=device)
                plain = plain if plain and holds_files(model, folder_of(beneath)) else ""
            modules = dict(model.named_modules())
            self._base = _Base(key=key, model=model, modules=modules, plain_key=plain)
            self.n_loaded += 1
        return self._base


def _taken_over(before: _Base | None, checkpoint: Checkpoint, plain: str) -> Any:  # noqa: ANN401
    """Return the model in memory with other weights in it; `None` if it cannot be had."""
    if before is None or not plain or before.plain_key != plain:
        return None
    _take_off(before)
    before.is_gone = True
    return before.model if copy_files(before.model, folder_of(checkpoint)) else None


def _check_installed(checkpoint: Checkpoint) -> None:
    if find_spec("peft") is None:
        raise UnavailableError(
            f"`{checkpoint.source}` is an adapter, and peft, which puts it on its base, is not"
            " installed",
            hint="pip install 'forgetscope[train]'",
        )


def _put_on(base: _Base, adapter: AdapterFolder) -> None:
    from peft import PeftConfig, PeftModel, set_peft_model_state_dict

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            config = PeftConfig.from_pretrained(str(adapter.path))
            config.inference_mode = True
            model = PeftModel(base.model, config, adapter_name=_NAME)
            report = set_peft_model_state_dict(
                model, load_file(adapter.weights), adapter_name=_NAME
            )
        model.eval()
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        _take_off(base)
        raise _unfit(adapter, first_line(error)) from error
    except (OSError, SafetensorError) as error:
        _take_off(base)
        raise CheckpointError(f"`{adapter.weights}` is broken: {error}") from error
    # peft leaves at their random start what a file does not hold, and says so in a warning
    missing = sorted(name for name in report.missing_keys if f".{_NAME}" in name)
    strange = sorted(report.unexpected_keys)
    if missing or strange:
        _take_off(base)
        which = f"it lacks `{missing[0]}`" if missing else f"nothing there is called `{strange[0]}`"
        raise _unfit(adapter, which)


def _take_off(base: _Base) -> None:
    """Put every module of the base back where it was."""
    for name, module in base.modules.items():
        above, _, own = name.rpartition(".")
        if own and getattr(base.modules[above], own) is not module:
            setattr(base.modules[above], own, module)
    for left in ("peft_config", "_hf_peft_config_loaded"):
        with contextlib.suppress(AttributeError):
            delattr(base.model, left)
    base.worn = _SET_DOWN


def _unfit(adapter: AdapterFolder, reason: str) -> CheckpointError:
    return CheckpointError(
        f"the adapter `{adapter.path}` does not fit its base: {reason}",
        hint="name the base that it was trained on: `BASE+ADAPTER`",
    )
