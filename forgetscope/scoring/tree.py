"""Log-likelihoods over a tree: what requests begin with in common goes through the model once.

All inputs form a trie. It is read in passes of so many tokens: neighbouring branches side by side
in one row, each token seeing its own branch alone. A beginning that several passes share (few-shot
examples, a system prompt, a long document) is read once before them, and its keys and values are
kept while they are read. Only the positions that predict a target go through the model's head.

Axes: M targets of one pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from forgetscope.scoring.asked import AskedSpans
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.kept import Kept
from forgetscope.scoring.loglikelihood import SpanScore, no_numbers
from forgetscope.scoring.memory import free_memory, is_out_of_memory
from forgetscope.scoring.spans import Span
from forgetscope.scoring.trie import Pack

__all__ = ["TreeScorer"]

_WORTH_KEEPING = 16
"""Tokens in common from which a beginning is read once for all passes; fewer are read again."""
_SMALLEST_PASS = 16
"""A forward pass of fewer tokens is not halved when memory runs out."""


class TreeScorer:
    """Scores spans by reading the trie of their inputs.

    Parameters
    ----------
    decoder
        The model.
    batch_tokens
        New tokens of one forward pass. What is kept of a beginning comes on top: one window at
        most.
    """

    notes = ()

    def __init__(self, decoder: Decoder, *, batch_tokens: int) -> None:
        self._decoder = decoder
        self._batch_tokens = batch_tokens

    def score(
        self, spans: Sequence[Span], *, done: Collection[int] = ()
    ) -> Iterator[list[SpanScore]]:
        """Yield the scores of all spans, pass by pass, in the order of their tokens.

        Passes are formed from all spans, so that a score does not depend on what is `done`. When
        memory runs out, passes are smaller from then on.

        Raises
        ------
        EngineError
            If the model's logits are no numbers.
        """
        if spans:
            asked = AskedSpans(spans, done)
            yield from self._walk(asked, Kept(), 0, len(asked.trie), base=0)

    def _walk(
        self, asked: AskedSpans, kept: Kept, start: int, stop: int, *, base: int
    ) -> Iterator[list[SpanScore]]:
        """Read the sequences from `start` to `stop`, of which a base is read and kept."""
        trie = asked.trie
        while asked.is_wanted(start, stop):
            n_tokens = trie.new_tokens(start, stop, base=base)
            common = trie.common(start, stop)
            if n_tokens > self._batch_tokens and _is_fork(start, stop, common - base):
                for part_start, part_stop in self._parts(asked, start, stop, base=base):
                    yield from self._walk(asked, kept, part_start, part_stop, base=base)
                return
            pack = (
                trie.pack(start, stop, base=base)
                if n_tokens <= self._batch_tokens
                else trie.stretch(start, base=base, stop=min(common, base + self._batch_tokens))
            )
            scores = self._read(asked, kept, pack, start, stop)
            if scores is not None:
                yield scores
                base += len(pack.tokens_N)  # of a stretch: after whole branches nothing is wanted
            elif not self._shrink(len(pack.tokens_N)):
                yield asked.give_up(start, stop)

    def _parts(
        self, asked: AskedSpans, start: int, stop: int, *, base: int
    ) -> Iterator[tuple[int, int]]:
        """Yield neighbours that fit one pass, and alone what has a beginning worth keeping."""
        open_start = start
        for run_start, run_stop in asked.trie.runs(start, stop, shared=base + _WORTH_KEEPING):
            n_tokens = asked.trie.new_tokens(open_start, run_stop, base=base)
            if n_tokens > self._batch_tokens and run_start > open_start:
                yield open_start, run_start
                open_start = run_start
        yield open_start, stop

    def _read(
        self, asked: AskedSpans, kept: Kept, pack: Pack, start: int, stop: int
    ) -> list[SpanScore] | None:
        """Send a pack through the model; return the completed scores, `None` without memory."""
        kept.length = pack.base
        try:
            sight = asked.sight(pack, start, stop)
            found = self._decoder.branch_targets(
                pack, kept, sight.rows_K, row_M=sight.row_M, target_M=sight.target_M
            )
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            found = None
        if found is None:
            # outside the handler: its traceback keeps the tensors alive
            free_memory()
            return None
        if not bool(found.logprob_M.isfinite().all()):
            raise no_numbers(self._decoder.name)
        return asked.add(
            sight,
            logprob_M=found.logprob_M.cpu().numpy(),
            is_greedy_M=found.is_greedy_M.cpu().numpy(),
        )

    def _shrink(self, n_tokens: int) -> bool:
        """Make passes half as large as the one that failed; `False` where that is too small."""
        self._batch_tokens = max(n_tokens // 2, 1)
        return n_tokens >= _SMALLEST_PASS


def _is_fork(start: int, stop: int, n_common: int) -> bool:
    """Whether several sequences go apart before a beginning that is worth keeping."""
    return stop - start > 1 and n_common < _WORTH_KEEPING
