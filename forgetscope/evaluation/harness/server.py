"""A server that completes texts, asked through lm-eval's `local-completions`.

Texts become tokens here, by the rules of our own engine, and tokens are what is sent: so a server
answers what the same model would answer in this process. lm-eval writes the messages, sends them
side by side, tries again, and reads the log-probabilities.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lm_eval.api.registry import get_model

from forgetscope.errors import EngineError, ForgetscopeError, UnavailableError, UsageError
from forgetscope.evaluation.harness.reading import Reading
from forgetscope.records import Answer, Checkpoint, Decoding, Request, RequestKind
from forgetscope.scoring import (
    SERVER_BACKEND,
    EngineConfig,
    Tokenizer,
    chunks_of,
    describe_engine,
    engine_fingerprint,
    parse_endpoint,
)
from forgetscope.scoring.engine import check_text
from forgetscope.scoring.sampling import seed_of
from forgetscope.scoring.spans import Span, rolling_spans, span_of_pair
from forgetscope.suites.decoding import settings_of

__all__ = ["ServerEngine", "open_server"]

_CONCURRENT = 16
"""Requests under way at once; a server batches them itself."""
_ECHOED = 2
"""Tokens of the window that a prompt leaves free, because the server has to write one more."""
_SEED_BELOW = 2**31
"""Servers take seeds of 32 bits."""
_LONGEST_REASON = 200
"""Letters of what a server or its network says."""


class ServerEngine:
    """A model behind an address that answers as lm-eval has it asked.

    Parameters
    ----------
    model
        lm-eval's own.
    tokenizer
        Of the model that the server runs.
    max_length
        Its window in tokens.
    fingerprint
        Hex digest of everything besides weights and request that answers depend on.
    """

    notes = ()

    def __init__(
        self,
        model: Any,  # noqa: ANN401  untyped library
        tokenizer: Tokenizer,
        *,
        max_length: int,
        fingerprint: str,
    ) -> None:
        self.fingerprint = fingerprint
        self._model = model
        self._url = str(model.base_url).removesuffix("/completions")
        self._reading = Reading(tokenizer, max_length=max_length - _ECHOED)
        self._tokenizer = tokenizer
        self._max_length = max_length
        self._is_proven = False

    def answer(
        self,
        requests: Sequence[Request],
        *,
        answered: Collection[str] = (),
        sample_index: int = 0,
    ) -> Iterator[Answer]:
        """Yield one answer per request, chunk by chunk; see `Engine`.

        Raises
        ------
        EngineError
            If the server cannot be reached, refuses, or sends no log-probabilities.
        """
        check_text(requests, name=self._url)
        for chunk in chunks_of(requests, backend=SERVER_BACKEND):
            open_requests = [request for request in chunk if request.id not in answered]
            if not open_requests:
                continue
            self._model._seed = seed_of(chunk[0].id, sample_index) % _SEED_BELOW
            for request, value in zip(open_requests, self._values(open_requests), strict=True):
                answer = self._reading.answer(request, value)
                yield replace(answer, sample_index=sample_index)

    def _values(self, requests: Sequence[Request]) -> list[Any]:
        """Return what is said to requests of one kind: texts, numbers, or errors of one alone."""
        kind = requests[0].kind
        if kind is RequestKind.GENERATE:
            return self._written(requests)
        self._prove()
        cut = [self._spans(request) for request in requests]
        spans = [span for own in cut if isinstance(own, list) for span in own]
        scores = iter(self._scored(spans))
        found: list[Any] = []
        for own in cut:
            if isinstance(own, ForgetscopeError):
                found.append(own)
                continue
            given = [next(scores) for _ in own]
            total = sum(logprob for logprob, _ in given)
            is_greedy = all(greedy for _, greedy in given)
            found.append((total, is_greedy) if kind is RequestKind.LOGLIKELIHOOD else total)
        return found

    def _spans(self, request: Request) -> list[Span] | ForgetscopeError:
        room = self._max_length - _ECHOED
        try:
            if request.kind is RequestKind.LOGLIKELIHOOD:
                pair = self._tokenizer.encode_pair(request.context, request.continuation)
                return [span_of_pair(pair, max_length=room)]
            prefix = self._tokenizer.prefix_token_id
            if prefix is None:
                return UsageError("the tokenizer has neither BOS nor EOS to begin a text with")
            tokens = self._tokenizer.encode(request.context)
            return list(rolling_spans(tokens, prefix=prefix, max_length=room))
        except UsageError as error:
            return error

    def _scored(self, spans: Sequence[Span]) -> list[tuple[float, bool]]:
        if not spans:
            return []
        asked = [[*span.inputs, span.targets[-1]] for span in spans]
        n_before = [len(span.inputs) + 1 - len(span.targets) for span in spans]
        return self._sent(asked, generate=False, ctxlens=n_before)

    def _written(self, requests: Sequence[Request]) -> list[Any]:
        found: dict[str, Any] = {}
        groups: dict[Decoding, list[Request]] = {}
        for request in requests:
            if request.decoding is not None:
                groups.setdefault(request.decoding, []).append(request)
        for decoding, own in groups.items():
            room = max(self._max_length - decoding.max_new_tokens, 1)
            prompts = [list(self._tokenizer.encode_prompt(r.context)[-room:]) for r in own]
            texts = self._sent(
                prompts, generate=True, gen_kwargs=settings_of(decoding), eos=self._model.eos_string
            )
            found |= {request.id: text for request, text in zip(own, texts, strict=True)}
        return [found[request.id] for request in requests]

    def _sent(self, tokens: list[list[int]], **how: Any) -> list[Any]:  # noqa: ANN401
        """Return what lm-eval makes of the answers to prompts, in their order."""
        try:
            with _quiet():
                batches = asyncio.run(
                    self._model.get_batched_requests(tokens, [None] * len(tokens), **how)
                )
        except _failures() as error:
            raise self._failed(error) from error
        found = [answer for batch in batches for answer in batch]
        if len(found) != len(tokens) or any(_is_no_number(answer) for answer in found):
            raise EngineError(
                f"the server `{self._url}` answers no numbers, or not to every prompt"
            )
        return found

    def _prove(self) -> None:
        """Check once that a server repeats a prompt with the log-probability of each token.

        Some send those of what they write alone, and every option would have the same.
        """
        if self._is_proven:
            return
        probe = list(self._tokenizer.encode_prompt("One and one are two."))
        try:
            with _quiet():
                said = self._model.model_call(messages=[probe], generate=False)
            logprobs = said["choices"][0].get("logprobs") or {}
        except _failures() as error:
            raise self._failed(error) from error
        given = [logprobs.get(name) or () for name in ("token_logprobs", "top_logprobs")]
        if any(len(each) != len(probe) + 1 or None in each[1:] for each in given):
            raise EngineError(
                f"the server `{self._url}` sends no log-probabilities of the prompt"
                f" (asked for {len(probe) + 1}, got {len(given[0])})",
                hint="it has to know `echo` with `logprobs`, as vLLM does; elsewhere choose tasks"
                " whose answers are written",
            )
        self._is_proven = True

    def _failed(self, error: Exception) -> EngineError:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:_LONGEST_REASON]
        return EngineError(
            f"the server `{self._url}` does not answer: {reason}",
            hint="what was answered is kept; run the same command again once it answers",
        )


def open_server(checkpoint: Checkpoint, tokenizer: Tokenizer, config: EngineConfig) -> ServerEngine:
    """Return the server that a checkpoint names; it is not asked yet.

    Raises
    ------
    UnavailableError
        If a package is missing that lm-eval asks servers with.
    """
    endpoint = parse_endpoint(checkpoint.source)
    description = describe_engine(tokenizer, config, checkpoint=checkpoint)
    try:
        model = get_model(SERVER_BACKEND)(
            model=endpoint.model,
            base_url=f"{endpoint.base_url}/completions",
            tokenizer_backend="none",  # tokens are made here
            num_concurrent=_CONCURRENT,
            eos_string=tokenizer.backend.eos_token,
            trust_remote_code=False,
        )
    except ImportError as error:
        raise UnavailableError(
            f"asking a server needs a package that is not installed: {error}",
            hint="pip install 'forgetscope[api]'",
        ) from error
    model.tokenized_requests = True
    return ServerEngine(
        model,
        tokenizer,
        max_length=int(description["max_length"]),
        fingerprint=engine_fingerprint(tokenizer, config, checkpoint=checkpoint),
    )


def _is_no_number(answer: Any) -> bool:  # noqa: ANN401  as lm-eval says it
    return isinstance(answer, tuple) and not math.isfinite(answer[0])


def _failures() -> tuple[type[Exception], ...]:
    """Return how asking a server fails: its network, its refusals, and answers without form."""
    from aiohttp import ClientError

    return (ClientError, OSError, TimeoutError, ValueError, KeyError, TypeError, IndexError)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep lm-eval from drawing a bar for every chunk, and from telling what is raised anyway."""
    from lm_eval.models import api_models

    drawn, is_disabled = api_models.tqdm_asyncio, api_models.eval_logger.disabled
    api_models.tqdm_asyncio = _NoBar
    api_models.eval_logger.disabled = True
    try:
        yield
    finally:
        api_models.tqdm_asyncio, api_models.eval_logger.disabled = drawn, is_disabled


class _NoBar:
    @staticmethod
    async def gather(*tasks: Any, **_: object) -> list[Any]:  # noqa: ANN401
        return await asyncio.gather(*tasks)
