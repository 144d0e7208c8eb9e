"""Paths: the fastest way through a model that has proved itself, and the plain one behind it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import torch

from forgetscope.scoring.blueprint import Blueprint
from forgetscope.scoring.continuing import SlotGenerator
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.generation import Generator, TextGenerator, eos_ids
from forgetscope.scoring.loglikelihood import PlainScorer, SpanScorer
from forgetscope.scoring.proof import ProvenGenerator, ProvenScorer, reads_branches
from forgetscope.scoring.proofs import proof_key
from forgetscope.scoring.tokenizer import Tokenizer
from forgetscope.scoring.tree import TreeScorer

__all__ = ["Paths", "architecture_key", "chooses_plainly"]

_NEUTRAL: dict[str, tuple[object, ...]] = {
    "repetition_penalty": (None, 1.0),
    "encoder_repetition_penalty": (None, 1.0),
    "no_repeat_ngram_size": (None, 0),
    "encoder_no_repeat_ngram_size": (None, 0),
    "bad_words_ids": (None,),
    "sequence_bias": (None,),
    "min_length": (None, 0),
    "min_new_tokens": (None, 0),
    "forced_bos_token_id": (None,),
    "forced_eos_token_id": (None,),
    "suppress_tokens": (None,),
    "begin_suppress_tokens": (None,),
    "exponential_decay_length_penalty": (None,),
    "remove_invalid_values": (None, False),
    "guidance_scale": (None, 1.0),
    "watermarking_config": (None,),
    "diversity_penalty": (None, 0.0),
}
"""Settings of a model's own generation that change the choice of a token, and where they do not."""


class Paths:
    """The ways through one model.

    Parameters
    ----------
    decoder
        The model.
    tokenizer
        Its tokenizer.
    batch_tokens
        New tokens of one forward pass.
    kept_tokens
        Positions whose keys and values may be kept for texts that are being written.
    blueprint
        What is known of the model besides its weights.
    beside
        Kind of the adapter that stands beside the weights; empty: none.
    """

    def __init__(
        self,
        decoder: Decoder,
        tokenizer: Tokenizer,
        *,
        batch_tokens: int,
        kept_tokens: int,
        blueprint: Blueprint,
        beside: str = "",
    ) -> None:
        self._decoder = decoder
        self._tokenizer = tokenizer
        self._batch_tokens = batch_tokens
        self._kept_tokens = kept_tokens
        self._blueprint = blueprint
        self._beside = beside
        self._reads_branches = reads_branches(blueprint.model_config)

    def scorer(self) -> SpanScorer:
        """Return the way to score spans."""
        plain = PlainScorer(self._decoder, batch_tokens=self._batch_tokens)
        if not self._reads_branches:
            return plain
        return ProvenScorer(
            tree=TreeScorer(self._decoder, batch_tokens=self._batch_tokens),
            plain=plain,
            dtype=self._blueprint.dtype,
            key=self._key("tree by segments"),
        )

    def generator(self) -> TextGenerator:
        """Return the way to continue prompts."""
        plain = Generator(self._decoder, self._tokenizer, kept_tokens=self._kept_tokens)
        if not self._reads_branches or not chooses_plainly(self._decoder.model.generation_config):
            return plain
        return ProvenGenerator(
            slots=SlotGenerator(
                self._decoder,
                self._tokenizer,
                eos=eos_ids(self._decoder.model, self._tokenizer),
                batch_tokens=self._batch_tokens,
                kept_tokens=self._kept_tokens,
            ),
            plain=plain,
            decoder=self._decoder,
            dtype=self._blueprint.dtype,
            key=self._key("slots by segments"),
        )

    def _key(self, path: str) -> str:
        return architecture_key(
            self._blueprint, self._decoder.device, path=path, beside=self._beside
        )


def architecture_key(
    blueprint: Blueprint, device: torch.device, *, path: str, beside: str = ""
) -> str:
    """Return the key of what is known of an architecture, whatever its weights are.

    Parameters
    ----------
    path
        What it is that is known.
    beside
        Kind of an adapter that is on; empty for none.
    """
    return proof_key(
        {
            "path": path,
            **({"adapter": beside} if beside else {}),
            "model": blueprint.model_config.to_dict() | {"_name_or_path": ""},
            "dtype": blueprint.dtype,
            "attention": blueprint.attention,
            "device": device.type,
            "versions": [version(name) for name in ("torch", "transformers", "forgetscope")],
        }
    )


def chooses_plainly(generation_config: Any) -> bool:  # noqa: ANN401  untyped library
    """Whether a model's own settings leave the choice of a token to its logits alone."""
    return all(
        getattr(generation_config, name, None) in neutral for name, neutral in _NEUTRAL.items()
    )
