"""The order in which an engine reads requests, so that neighbours can be given to one worker.

It decides about speed alone. What goes through the model together is settled by the engine, from
all requests, whoever asks for which of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from forgetscope.errors import UsageError
from forgetscope.records import Checkpoint, Decoding, Request, RequestKind
from forgetscope.scoring.blueprint import open_blueprint
from forgetscope.scoring.config import OWN_ENGINE, SERVER_BACKEND, EngineConfig, backend_for
from forgetscope.scoring.continuing import groups_of
from forgetscope.scoring.generation import Prompt
from forgetscope.scoring.proof import reads_branches
from forgetscope.scoring.spans import rolling_spans, span_of_pair
from forgetscope.scoring.tokenizer import Tokenizer
from forgetscope.scoring.trie import n_shared

__all__ = ["Unit", "chunks_of", "reading_units"]

_CHUNK = 512
"""Requests that a backend of lm-eval gets at once: many, for it orders and batches them itself."""
_SERVER_CHUNK = 32
"""Requests that a server gets between two times that its answers are stored."""

_OF_A_WRITTEN_TOKEN = 4
"""Tokens that are read in the time of one that is written beside others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Requests that are best asked together; those that are generated come together or not."""

    ids: tuple[str, ...]
    cost: int
    """Tokens to read, and what writing costs in such tokens."""
    n_shared: int = 0
    """Tokens it has in common with the unit before it, which are read twice if they part."""


def reading_units(
    requests: Sequence[Request],
    tokenizer: Tokenizer,
    config: EngineConfig,
    *,
    checkpoint: Checkpoint,
) -> tuple[Unit, ...]:
    """Return all requests in the order in which an engine reads them.

    Raises
    ------
    CheckpointError
        If the configuration of the checkpoint cannot be used.
    """
    backend = backend_for(checkpoint, config)
    if backend is not None or config.name != OWN_ENGINE:
        return tuple(
            Unit(ids=tuple(r.id for r in chunk), cost=sum(map(_characters, chunk)))
            for chunk in chunks_of(requests, backend=backend or "")
        )
    blueprint = open_blueprint(checkpoint, tokenizer, config)
    order = _Order(
        tokenizer,
        max_length=blueprint.max_length,
        has_tree=reads_branches(blueprint.model_config),
    )
    pairs = [r for r in requests if r.kind is RequestKind.LOGLIKELIHOOD]
    texts = [r for r in requests if r.kind is RequestKind.ROLLING]
    written = [r for r in requests if r.kind is RequestKind.GENERATE]
    return (
        *order.scored((request, order.tokens_of_pair(request)) for request in pairs),
        *order.scored((request, order.tokens_of_text(request)) for request in texts),
        *order.written(written),
    )


def chunks_of(requests: Sequence[Request], *, backend: str = "") -> list[tuple[Request, ...]]:
    """Return requests of one kind each, as a backend of lm-eval gets them: whole or not at all.

    Requests with pictures and without are of different kinds in this.
    """
    size = _SERVER_CHUNK if backend == SERVER_BACKEND else _CHUNK
    alike: dict[tuple[RequestKind, bool], list[Request]] = {
        (kind, has_images): [] for kind in RequestKind for has_images in (False, True)
    }
    for request in requests:
        alike[request.kind, bool(request.images)].append(request)
    return [
        tuple(own[start : start + size])
        for own in alike.values()
        for start in range(0, len(own), size)
    ]


def _characters(request: Request) -> int:
    n_written = 0 if request.decoding is None else request.decoding.max_new_tokens
    return len(request.context) + len(request.continuation) + _OF_A_WRITTEN_TOKEN * n_written


class _Order:
    """How one engine reads.

    Parameters
    ----------
    tokenizer
        Its tokenizer.
    max_length
        Its window in tokens.
    has_tree
        Whether it reads what requests begin with in common once, and writes in slots.
    """

    def __init__(self, tokenizer: Tokenizer, *, max_length: int, has_tree: bool) -> None:
        self._tokenizer = tokenizer
        self._max_length = max_length
        self._has_tree = has_tree

    def tokens_of_pair(self, request: Request) -> tuple[int, ...]:
        try:
            pair = self._tokenizer.pair_of(request)
            return span_of_pair(pair, max_length=self._max_length).inputs
        except UsageError:
            return ()  # the engine answers it with this error

    def tokens_of_text(self, request: Request) -> tuple[int, ...]:
        prefix = self._tokenizer.prefix_token_id
        if prefix is None:
            return ()
        tokens = self._tokenizer.encode(request.context)
        spans = rolling_spans(tokens, prefix=prefix, max_length=self._max_length)
        return tuple(token for span in spans for token in span.inputs)

    def scored(self, asked: Iterable[tuple[Request, tuple[int, ...]]]) -> Iterator[Unit]:
        """Yield a unit for each request."""
        before: tuple[int, ...] = ()
        for request, tokens in sorted(asked, key=lambda each: self._place(each[1])):
            shared = n_shared(before, tokens) if self._has_tree else 0
            yield Unit(ids=(request.id,), cost=len(tokens) - shared, n_shared=shared)
            before = tokens

    def written(self, requests: Sequence[Request]) -> Iterator[Unit]:
        """Yield a unit for the prompts that share slots."""
        undecided = tuple(request.id for request in requests if request.decoding is None)
        if undecided:
            yield Unit(ids=undecided, cost=0)  # the engine refuses them
        decodings = dict.fromkeys(r.decoding for r in requests if r.decoding is not None)
        for decoding in decodings:
            own = [request for request in requests if request.decoding == decoding]
            prompts = [self._prompt(i, request, decoding) for i, request in enumerate(own)]
            for group, n_base in self._groups([p for p in prompts if p.tokens]):
                n_read = sum(len(prompt.tokens) - n_base for prompt in group) + n_base
                n_written = len(group) * decoding.max_new_tokens
                ids = tuple(own[prompt.index].id for prompt in group)
                yield Unit(ids=ids, cost=n_read + _OF_A_WRITTEN_TOKEN * n_written)
            empty = tuple(own[prompt.index].id for prompt in prompts if not prompt.tokens)
            if empty:
                yield Unit(ids=empty, cost=0)

    def _prompt(self, index: int, request: Request, decoding: Decoding) -> Prompt:
        room = max(self._max_length - decoding.max_new_tokens, 1)
        tokens = self._tokenizer.prompt_of(request)
        return Prompt(index=index, tokens=tokens[-room:], seed=0)

    def _groups(self, prompts: Sequence[Prompt]) -> Iterator[tuple[list[Prompt], int]]:
        if self._has_tree:
            yield from groups_of(prompts)
            return
        ordered = sorted(prompts, key=lambda prompt: self._place(prompt.tokens))
        yield from (([prompt], 0) for prompt in ordered)

    def _place(self, tokens: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        return (0 if self._has_tree else -len(tokens), tokens)
