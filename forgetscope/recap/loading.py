"""The starting model of a training run, and what turns text and pictures into its input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoProcessor,
    AutoTokenizer,
    PreTrainedModel,
)

from forgetscope.errors import CheckpointError
from forgetscope.scoring.checkpoints import missing_checkpoint
from forgetscope.scoring.hub import parse_hub_source

__all__ = ["Network", "load_network"]

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A model to be trained."""

    model: PreTrainedModel
    processor: Any
    """Its tokenizer, or the processor of a model that sees."""

    @property
    def tokenizer(self) -> Any:  # noqa: ANN401 (transformers is not typed)
        """The tokenizer, alone or within the processor."""
        return getattr(self.processor, "tokenizer", self.processor)

    @property
    def sees(self) -> bool:
        """Whether it takes pictures."""
        return self.processor is not self.tokenizer


def load_network(source: str, *, dtype: str = "float32") -> Network:
    """Return the model in a folder or on a hub, in the precision it is trained in.

    Raises
    ------
    CheckpointError
        Weights, configuration or tokenizer cannot be read, or only as a pickle.
    """
    name, revision = _located(source)
    try:
        config = AutoConfig.from_pretrained(name, revision=revision)
        sees = getattr(config, "vision_config", None) is not None
        kind = AutoModelForImageTextToText if sees else AutoModelForCausalLM
        model = kind.from_pretrained(
            name, revision=revision, dtype=DTYPES[dtype], use_safetensors=True
        )
        reader = AutoProcessor if sees else AutoTokenizer
        processor = reader.from_pretrained(name, revision=revision, padding_side="left")
    except (OSError, ValueError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(f"cannot read the model in `{source}`: {reason[:300]}") from error
    return Network(model=model, processor=processor)


def _located(source: str) -> tuple[str, str | None]:
    """Return a folder, or the name and revision of a model on a hub."""
    path = Path(source).expanduser()
    if path.is_dir():
        return str(path), None
    hub = parse_hub_source(source)
    # the first part of `runs/bsae` existing here says that a path was meant, not a hub
    if hub is None or path.parent.is_dir():
        raise missing_checkpoint(path)
    return hub.repository, hub.revision
