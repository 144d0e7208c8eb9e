"""Generation in slots: what prompts begin with in common is read once, and nobody waits.

Prompts are taken in families with a common beginning, whose keys and values all of them share. A
text that ends gives its slot to the next prompt, so that every step continues as many texts as
there are slots. Groups of a fixed number of prompts are run whole or not at all: a run that goes on
computes the same digits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from forgetscope.records import Decoding
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.generation import Prompt
from forgetscope.scoring.kept import Kept
from forgetscope.scoring.memory import free_memory, is_out_of_memory
from forgetscope.scoring.slot_run import SlotRun, Text
from forgetscope.scoring.slots import Slots
from forgetscope.scoring.stopping import Ending, StopWatch, end_of
from forgetscope.scoring.tokenizer import Tokenizer
from forgetscope.scoring.trie import Trie

__all__ = ["SlotGenerator", "groups_of"]

_WORTH_SHARING = 32
"""Tokens in common from which prompts form a family."""
_SMALLEST_FAMILY = 4
_GROUP = 256
"""Prompts of one family that are run whole or not at all."""
_MAX_SLOTS = 64
"""From here on a step costs as much for each more text as for any other."""


class SlotGenerator:
    """Continues prompts in slots.

    Parameters
    ----------
    decoder
        The model.
    tokenizer
        Its tokenizer.
    eos
        Token ids that end a text.
    batch_tokens
        New prompt tokens of one forward pass.
    kept_tokens
        Positions whose keys and values all slots may hold together, the base not counted.
    """

    def __init__(
        self,
        decoder: Decoder,
        tokenizer: Tokenizer,
        *,
        eos: Collection[int],
        batch_tokens: int,
        kept_tokens: int,
    ) -> None:
        self._decoder = decoder
        self._tokenizer = tokenizer
        self._eos = eos
        self._batch_tokens = batch_tokens
        self._kept_tokens = kept_tokens

    def generate(
        self, prompts: Sequence[Prompt], decoding: Decoding, *, done: Collection[int] = ()
    ) -> Iterator[list[tuple[int, Ending | None]]]:
        """Yield index and ending of all prompts, as they end.

        An ending is `None` if the prompt does not fit into memory. Groups in which every prompt is
        `done` are passed over; others are run whole.

        Raises
        ------
        EngineError
            If the model's logits are no numbers.
        """
        for group, n_base in groups_of(prompts):
            if all(prompt.index in done for prompt in group):
                continue
            for texts in self.texts(group, decoding, n_base=n_base):
                yield [(text.prompt.index, self._ending(text, decoding)) for text in texts]

    def texts(
        self,
        prompts: Sequence[Prompt],
        decoding: Decoding,
        *,
        n_base: int,
        is_traced: bool = False,
    ) -> Iterator[list[Text]]:
        """Yield texts as they end; one without tokens did not fit into memory.

        Parameters
        ----------
        n_base
            Tokens that all prompts begin with; each has at least one more.
        is_traced
            Note the log-probability of every generated token.
        """
        capacity = max(len(p.tokens) for p in prompts) - n_base + decoding.max_new_tokens
        n_slots = max(1, min(_MAX_SLOTS, self._kept_tokens // capacity))
        left = {prompt.index: prompt for prompt in prompts}
        while left:
            watch = StopWatch(decoding.stops, self._tokenizer, thoughts=decoding.thoughts)
            run = SlotRun(
                self._decoder,
                list(left.values()),
                decoding,
                slots=Slots(Kept(), n_base=n_base, n_slots=n_slots, capacity=capacity),
                batch_tokens=self._batch_tokens,
                is_traced=is_traced,
            )
            try:
                for ended in run.steps(partial(self._is_over, decoding=decoding, watch=watch)):
                    for text in ended:
                        del left[text.prompt.index]
                    yield ended
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            if not left:
                return
            # outside the handler: its traceback keeps the tensors alive
            del run
            free_memory()
            if n_slots == 1:
                first = next(iter(left.values()))
                yield [Text(prompt=left.pop(first.index), noise=None)]
            n_slots = max(1, n_slots // 2)

    def _is_over(self, text: Text, *, decoding: Decoding, watch: StopWatch) -> bool:
        return (
            text.tokens[-1] in self._eos
            or len(text.tokens) >= decoding.max_new_tokens
            or watch.has_stopped(text.tokens, key=text.prompt.index)
        )

    def _ending(self, text: Text, decoding: Decoding) -> Ending | None:
        if not text.tokens:
            return None
        return end_of(
            text.tokens,
            self._tokenizer,
            stops=decoding.stops,
            eos=self._eos,
            thoughts=decoding.thoughts,
        )


def groups_of(prompts: Sequence[Prompt]) -> Iterator[tuple[list[Prompt], int]]:
    """Yield prompts that are run together, and how many tokens they share.

    Sorted by tokens, so that neighbours have most in common. What has no family forms groups
    without a base.
    """
    ordered = sorted(prompts, key=lambda prompt: prompt.tokens)
    distinct = sorted({prompt.tokens for prompt in ordered})
    if not distinct:
        return
    trie = Trie(distinct)
    members: dict[tuple[int, ...], list[Prompt]] = {}
    for prompt in ordered:
        members.setdefault(prompt.tokens, []).append(prompt)
    alone: list[Prompt] = []
    for start, stop in trie.runs(0, len(trie), shared=_WORTH_SHARING + 1):
        family = [prompt for tokens in distinct[start:stop] for prompt in members[tokens]]
        n_base = min(trie.common(start, stop), int(trie.length_S[start:stop].min()) - 1)
        if len(family) < _SMALLEST_FAMILY or n_base < _WORTH_SHARING:
            alone += family
        else:
            yield from ((part, n_base) for part in _parts(family))
    yield from ((part, 0) for part in _parts(alone))


def _parts(prompts: list[Prompt]) -> Iterator[list[Prompt]]:
    for start in range(0, len(prompts), _GROUP):
        yield prompts[start : start + _GROUP]
