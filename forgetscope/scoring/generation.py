"""Generation: prompts in, finished texts out, in left-padded static batches.

Axes: B rows of a batch, T tokens, V vocabulary.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import LogitsProcessorList, StoppingCriteriaList

from forgetscope.errors import UsageError
from forgetscope.records import Decoding
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.loglikelihood import no_numbers
from forgetscope.scoring.memory import run_in_batches
from forgetscope.scoring.sampling import GumbelNoise
from forgetscope.scoring.stopping import Ending, StopStrings, end_of
from forgetscope.scoring.tokenizer import Tokenizer

__all__ = ["Generator", "Prompt", "TextGenerator", "eos_ids", "room_for_prompt"]

_MAX_ROWS = 32
"""Beyond it a static batch mostly waits for its longest row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One text to go on from."""

    index: int
    """Place of the prompt in what was asked."""
    tokens: tuple[int, ...]
    seed: int
    """Used by sampled decoding only."""


class TextGenerator(Protocol):
    """A way to continue prompts; all ways give the same texts up to rounding."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how the texts so far were computed."""

    def generate(
        self, prompts: Sequence[Prompt], decoding: Decoding, *, done: Collection[int] = ()
    ) -> Iterator[list[tuple[int, Ending | None]]]:
        """Yield index and ending of all prompts, in any order.

        An ending is `None` if the prompt does not fit into memory. Prompts with an index in `done`
        need none, and get one only where it comes for free.
        """


class Generator:
    """Continues prompts with the library's own loop, in batches that wait for their longest text.

    Parameters
    ----------
    decoder
        The model.
    tokenizer
        Its tokenizer.
    kept_tokens
        Positions whose keys and values a batch may hold, padding included.
    """

    notes = ()

    def __init__(self, decoder: Decoder, tokenizer: Tokenizer, *, kept_tokens: int) -> None:
        self._decoder = decoder
        self._tokenizer = tokenizer
        self._budget = kept_tokens
        self._eos = eos_ids(decoder.model, tokenizer)

    def generate(
        self, prompts: Sequence[Prompt], decoding: Decoding, *, done: Collection[int] = ()
    ) -> Iterator[list[tuple[int, Ending | None]]]:
        """Yield index and ending of all prompts, batch by batch, longest prompt first.

        An ending is `None` if the prompt does not fit into memory. Prompts with an index in `done`
        need none; batches are formed from all prompts all the same.

        Raises
        ------
        EngineError
            If the model's logits are no numbers.
        """
        ordered = sorted(prompts, key=lambda prompt: (-len(prompt.tokens), prompt.tokens))
        for batch in run_in_batches(
            ordered,
            lambda batch: self._continue(batch, decoding),
            length=lambda prompt: len(prompt.tokens) + decoding.max_new_tokens,
            budget=self._budget,
            max_items=_MAX_ROWS,
            is_wanted=lambda prompt: prompt.index not in done,
        ):
            endings: Sequence[Ending | None] = batch.results or [None] * len(batch.items)
            yield [(p.index, ending) for p, ending in zip(batch.items, endings, strict=True)]

    @torch.inference_mode()
    def _continue(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Ending]:
        n_prompt = max(len(prompt.tokens) for prompt in prompts)
        ids_BT = torch.full((len(prompts), n_prompt), self._tokenizer.pad_token_id)
        mask_BT = torch.zeros_like(ids_BT)
        for row, prompt in enumerate(prompts):
            # on the left, so that every row goes on from its last column
            ids_BT[row, n_prompt - len(prompt.tokens) :] = torch.tensor(prompt.tokens)
            mask_BT[row, n_prompt - len(prompt.tokens) :] = 1
        self._decoder.check_known(max(max(prompt.tokens) for prompt in prompts))
        device = self._decoder.device
        out_BT = self._decoder.model.generate(
            input_ids=ids_BT.to(device),
            attention_mask=mask_BT.to(device),
            generation_config=self._settings(decoding),
            logits_processor=LogitsProcessorList(self._processors(prompts, decoding)),
            stopping_criteria=StoppingCriteriaList(
                [
                    StopStrings(
                        decoding.stops,
                        self._tokenizer,
                        n_prompt=n_prompt,
                        thoughts=decoding.thoughts,
                    )
                ]
            ),
        )
        return [
            end_of(
                row,
                self._tokenizer,
                stops=decoding.stops,
                eos=self._eos,
                thoughts=decoding.thoughts,
            )
            for row in out_BT[:, n_prompt:].tolist()
        ]

    def _processors(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Any]:
        processors: list[Any] = [self._refuse_nan]
        if decoding.do_sample and decoding.temperature > 0:
            processors.append(
                GumbelNoise(
                    [prompt.seed for prompt in prompts],
                    temperature=decoding.temperature,
                    top_p=decoding.top_p,
                )
            )
        return processors

    def _refuse_nan(self, ids: Tensor, scores_BV: Tensor) -> Tensor:  # noqa: ARG002  the protocol
        # -inf forbids a token; only a row without any number is broken
        if not bool(scores_BV.amax(dim=1).isfinite().all()):
            raise no_numbers(self._decoder.name)
        return scores_BV

    def _settings(self, decoding: Decoding) -> Any:  # noqa: ANN401  untyped library
        """Return the model's own generation settings, made greedy and bounded."""
        settings = copy.deepcopy(self._decoder.model.generation_config)
        settings.update(
            do_sample=False,  # sampling is a processor's work
            temperature=None,
            top_p=None,
            top_k=None,
            num_beams=1,
            max_length=None,
            max_new_tokens=decoding.max_new_tokens,
            eos_token_id=sorted(self._eos) or None,
            pad_token_id=self._tokenizer.pad_token_id,
            return_dict_in_generate=False,
            use_cache=True,
        )
        return settings


def room_for_prompt(decoding: Decoding, *, max_length: int, name: str) -> int:
    """Return the prompt tokens that fit beside the longest answer.

    Parameters
    ----------
    max_length
        Window in tokens, prompt and answer together.
    name
        What people call the checkpoint.

    Raises
    ------
    UsageError
        If there is no room at all.
    """
    room = max_length - decoding.max_new_tokens
    if room < 1:
        raise UsageError(
            f"`{name}` has a window of {max_length} tokens: no prompt fits beside an answer of"
            f" {decoding.max_new_tokens}",
            hint=f"allow fewer (`--max-new-tokens {max(1, max_length // 2)}` leaves half the window"
            " to the prompt), or leave out the task",
        )
    return room


def eos_ids(model: Any, tokenizer: Tokenizer) -> frozenset[int]:  # noqa: ANN401  untyped library
    """Return the ids of the tokens that end a text."""
    own = model.generation_config.eos_token_id
    found = own if isinstance(own, list | tuple) else [own]
    return frozenset(
        int(token) for token in (*found, tokenizer.backend.eos_token_id) if token is not None
    )
