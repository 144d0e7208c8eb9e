"""One run of some prompts through slots, step by step.

Axes: S slots in use, V vocabulary.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from forgetscope.records import Decoding
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.generation import Prompt
from forgetscope.scoring.loglikelihood import no_numbers
from forgetscope.scoring.sampling import GumbelNoise
from forgetscope.scoring.slots import Slots
from forgetscope.scoring.trie import IntArray, Pack, Trie

__all__ = ["SlotRun", "Text"]

_REFILL_SHARE = 4
"""Prompts are read once a quarter of the slots is free: a pass over few tokens costs too much."""


@dataclass(slots=True, kw_only=True)
class Text:
    """A text that is being continued."""

    prompt: Prompt
    noise: GumbelNoise | None
    """What makes the choice of a token a draw; `None`: the likeliest token is taken."""
    tokens: list[int] = field(default_factory=list)
    """Generated so far; the newest is not read yet."""
    logprobs: list[float] = field(default_factory=list)
    """Of the generated tokens, nats; empty unless they are traced."""


class SlotRun:
    """Prompts on their way through slots.

    Parameters
    ----------
    decoder
        The model.
    prompts
        All begin with the base of the slots and go on behind it.
    decoding
        How tokens are chosen.
    slots
        Empty ones, over a base that is not read yet.
    batch_tokens
        New prompt tokens of one forward pass.
    is_traced
        Note the log-probability of every generated token.
    """

    def __init__(
        self,
        decoder: Decoder,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        *,
        slots: Slots,
        batch_tokens: int,
        is_traced: bool,
    ) -> None:
        self._decoder = decoder
        self._slots = slots
        self._batch_tokens = batch_tokens
        self._is_traced = is_traced
        self._waiting = deque(Text(prompt=p, noise=_noise(p, decoding)) for p in prompts)
        self._active: list[Text] = []

    def steps(self, is_over: Callable[[Text], bool]) -> Iterator[list[Text]]:
        """Continue all prompts token by token; yield the texts that a step ended.

        Raises
        ------
        EngineError
            If the model's logits are no numbers.
        """
        if self._slots.n_base:
            self._read_base(self._waiting[0].prompt.tokens[: self._slots.n_base])
        while self._waiting or self._active:
            n_free = self._slots.n_slots - len(self._active)
            if self._waiting and n_free * _REFILL_SHARE >= self._slots.n_slots:
                self._admit(
                    [self._waiting.popleft() for _ in range(min(n_free, len(self._waiting)))]
                )
            ended = [slot for slot, text in enumerate(self._active) if is_over(text)]
            if ended:
                yield [self._release(slot) for slot in reversed(ended)]
            if self._active:
                newest = [text.tokens[-1] for text in self._active]
                self._choose(self._active, self._decoder.slot_logits(newest, self._slots))

    def _release(self, slot: int) -> Text:
        self._slots.drop(slot)
        text = self._active[slot]
        self._active[slot] = self._active[-1]
        self._active.pop()
        return text

    def _read_base(self, tokens: tuple[int, ...]) -> None:
        self._read_stretch(Trie([tokens]), 0, start=0, stop=len(tokens))

    def _read_stretch(self, trie: Trie, sequence: int, *, start: int, stop: int) -> Tensor:
        """Read one stretch of a sequence behind what is kept; return the logits at its end."""
        logits = torch.empty(0)
        while start < stop:
            pack = trie.stretch(sequence, base=start, stop=min(stop, start + self._batch_tokens))
            start += len(pack.tokens_N)
            last = [len(pack.tokens_N) - 1] if start == stop else []
            logits = self._read(pack, np.array(last, dtype=np.int64))
        return logits

    def _read(self, pack: Pack, rows: IntArray) -> Tensor:
        self._slots.base.length = pack.base
        return self._decoder.branch_logits(pack, self._slots.base, rows)

    def _admit(self, texts: list[Text]) -> None:
        """Read prompts, give each a slot, and choose its first token."""
        sequences = sorted({text.prompt.tokens for text in texts})
        by_tokens: dict[tuple[int, ...], list[Text]] = {tokens: [] for tokens in sequences}
        for text in texts:
            by_tokens[text.prompt.tokens].append(text)
        trie = Trie(sequences)
        for start, stop in self._passes(trie):
            logits, paths = self._read_prompts(trie, start, stop)
            owners = [by_tokens[tokens] for tokens in sequences[start:stop]]
            self._slots.add(
                [p for path, own in zip(paths, owners, strict=True) for p in [path] * len(own)]
            )
            copies = torch.tensor([len(own) for own in owners], device=logits.device)
            new = [text for own in owners for text in own]
            self._active += new
            self._choose(new, logits.repeat_interleave(copies, dim=0))

    def _passes(self, trie: Trie) -> Iterator[tuple[int, int]]:
        """Yield neighbours whose new tokens fit one pass; a longer prompt comes alone."""
        start = 0
        for stop in range(1, len(trie) + 1):
            is_last = stop == len(trie)
            n_base = self._slots.n_base
            if is_last or trie.new_tokens(start, stop + 1, base=n_base) > self._batch_tokens:
                yield start, stop
                start = stop

    def _read_prompts(self, trie: Trie, start: int, stop: int) -> tuple[Tensor, Sequence[IntArray]]:
        """Return the logits at the end of each prompt, and where its own tokens are kept."""
        n_base = self._slots.n_base
        if trie.new_tokens(start, stop, base=n_base) > self._batch_tokens:
            n_tokens = int(trie.length_S[start])
            logits = self._read_stretch(trie, start, start=n_base, stop=n_tokens)
            return logits, [np.arange(n_tokens - n_base)]
        pack = trie.pack(start, stop, base=n_base)
        return self._read(pack, np.array([path[-1] for path in pack.paths])), pack.paths

    def _choose(self, texts: Sequence[Text], logits_SV: Tensor) -> None:
        """Choose the next token of each text."""
        # -inf forbids a token; only a row without any number is broken
        if not bool(logits_SV.amax(dim=1).isfinite().all()):
            raise no_numbers(self._decoder.name)
        scores_SV = logits_SV.float()
        best = scores_SV.argmax(dim=1).tolist()
        for row, text in enumerate(texts):
            if text.noise is not None:
                best[row] = int(text.noise(scores_SV[row][None], scores_SV[row][None]).argmax())
            text.tokens.append(best[row])
        if self._is_traced:
            logprobs_SV = scores_SV.log_softmax(dim=1)
            for row, text in enumerate(texts):
                text.logprobs.append(float(logprobs_SV[row, best[row]]))


def _noise(prompt: Prompt, decoding: Decoding) -> GumbelNoise | None:
    if not decoding.do_sample or decoding.temperature <= 0:
        return None
    return GumbelNoise([prompt.seed], temperature=decoding.temperature, top_p=decoding.top_p)
