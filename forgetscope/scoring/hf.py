"""The `transformers` engine: any decoder it can load, on the CPU or a GPU."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from forgetscope.errors import UsageError
from forgetscope.records import Answer, Checkpoint, Decoding, Request, RequestKind
from forgetscope.scoring.answers import Tally, failed, generated
from forgetscope.scoring.bases import adapter_of
from forgetscope.scoring.blueprint import Blueprint, open_blueprint
from forgetscope.scoring.budget import kept_tokens, tokens_of_pass
from forgetscope.scoring.config import EngineConfig
from forgetscope.scoring.decoder import Decoder
from forgetscope.scoring.engine import check_text, engine_fingerprint
from forgetscope.scoring.generation import Prompt, TextGenerator, room_for_prompt
from forgetscope.scoring.loading import resolve_device
from forgetscope.scoring.loglikelihood import SpanScorer
from forgetscope.scoring.memory import keep_freed_memory
from forgetscope.scoring.paths import Paths, architecture_key
from forgetscope.scoring.sampling import seed_of
from forgetscope.scoring.spans import Span, rolling_spans, span_of_pair
from forgetscope.scoring.tokenizer import Tokenizer
from forgetscope.scoring.turns import Turns

__all__ = ["HfEngine", "open_engine"]


class HfEngine:
    """A checkpoint in memory that answers requests; made by `open_engine`.

    Parameters
    ----------
    scorer
        Answers log-likelihood requests, whole texts included.
    generator
        Answers generation requests.
    tokenizer
        The checkpoint's tokenizer.
    max_length
        Window in tokens.
    fingerprint
        Hex digest of everything besides weights and request that answers depend on.
    name
        What people call the checkpoint.
    remarks
        What a person should know of the checkpoint itself.
    """

    def __init__(
        self,
        *,
        scorer: SpanScorer,
        generator: TextGenerator,
        tokenizer: Tokenizer,
        max_length: int,
        fingerprint: str,
        name: str,
        remarks: tuple[str, ...] = (),
    ) -> None:
        self._remarks = remarks
        self._scorer = scorer
        self._generator = generator
        self._tokenizer = tokenizer
        self._max_length = max_length
        self.fingerprint = fingerprint
        self._name = name

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how the answers so far were computed."""
        return (*self._remarks, *self._scorer.notes, *self._generator.notes)

    def answer(
        self,
        requests: Sequence[Request],
        *,
        answered: Collection[str] = (),
        sample_index: int = 0,
    ) -> Iterator[Answer]:
        """Yield one answer per request, in ANY order, batch by batch as they are ready.

        Parameters
        ----------
        requests
            Of any kind, mixed.
        answered
            Ids of requests that have an answer; a batch of nothing else is passed over.
        sample_index
            Which sample of each request, from 0; only sampled generation depends on it.

        Raises
        ------
        NoNumbersError
            If the model's logits are no numbers.
        CheckpointError
            If its tokenizer makes tokens that the model has no embedding of.
        UsageError
            If answers may be so long that no prompt fits beside them, or there are pictures.
        """
        by_kind: dict[RequestKind, list[Request]] = defaultdict(list)
        for request in requests:
            by_kind[request.kind].append(request)
        for group in by_kind.values():
            check_text(group, name=self._name)
        generations = self._by_decoding(by_kind[RequestKind.GENERATE])
        pairs, texts = by_kind[RequestKind.LOGLIKELIHOOD], by_kind[RequestKind.ROLLING]
        for asked, cut in ((pairs, self._spans_of_pair), (texts, self._spans_of_text)):
            for answer in self._score(asked, cut, answered):
                yield replace(answer, sample_index=sample_index)
        for decoding, group in generations.items():
            yield from self._generate(group, decoding, answered, sample_index)

    def _score(
        self,
        requests: Sequence[Request],
        cut: Callable[[Request], list[Span]],
        answered: Collection[str],
    ) -> Iterator[Answer]:
        """Score requests of one or more spans each; an answer is ready with its last span."""
        spans: list[Span] = []
        owners: list[Tally] = []
        for request in requests:
            try:
                own = cut(request)
            except UsageError as error:
                yield failed(request, error.message)
                continue
            tally = Tally(request, own)
            if not own:
                yield tally.answer()
            spans += own
            owners += [tally] * len(own)
        done = {i for i, tally in enumerate(owners) if tally.request.id in answered}
        for batch in self._scorer.score(spans, done=done):
            for score in batch:
                tally = owners[score.index]
                tally.add(score.logprob, is_greedy=score.is_greedy)
                if tally.is_complete:
                    yield tally.answer()

    def _spans_of_pair(self, request: Request) -> list[Span]:
        pair = self._tokenizer.pair_of(request)
        return [span_of_pair(pair, max_length=self._max_length)]

    def _spans_of_text(self, request: Request) -> list[Span]:
        prefix = self._tokenizer.prefix_token_id
        if prefix is None:
            raise UsageError("the tokenizer has neither BOS nor EOS to begin a text with")
        tokens = self._tokenizer.encode(request.context)
        return list(rolling_spans(tokens, prefix=prefix, max_length=self._max_length))

    def _by_decoding(self, requests: Sequence[Request]) -> dict[Decoding, list[Request]]:
        """Group requests that can share a batch; fail before any compute if one cannot run."""
        groups: dict[Decoding, list[Request]] = defaultdict(list)
        for request in requests:
            if request.decoding is None:
                raise UsageError(f"generation request `{request.id}` does not say how to decode")
            groups[request.decoding].append(request)
        for decoding in groups:
            self._room(decoding)
        return groups

    def _generate(
        self,
        requests: Sequence[Request],
        decoding: Decoding,
        answered: Collection[str],
        sample_index: int,
    ) -> Iterator[Answer]:
        room = self._room(decoding)
        prompts: list[Prompt] = []
        n_truncated: dict[int, int] = {}
        for index, request in enumerate(requests):
            tokens = self._tokenizer.prompt_of(request)
            if not tokens:
                yield failed(request, "the prompt has no tokens", sample_index=sample_index)
                continue
            n_truncated[index] = max(0, len(tokens) - room)
            seed = seed_of(request.id, sample_index)
            prompts.append(Prompt(index=index, tokens=tokens[-room:], seed=seed))
        done = {index for index, request in enumerate(requests) if request.id in answered}
        for batch in self._generator.generate(prompts, decoding, done=done):
            for index, ending in batch:
                yield generated(requests[index], ending, sample_index, n_truncated[index])

    def _room(self, decoding: Decoding) -> int:
        return room_for_prompt(decoding, max_length=self._max_length, name=self._name)


def open_engine(
    checkpoint: Checkpoint,
    tokenizer: Tokenizer,
    config: EngineConfig,
    *,
    turns: Turns | None = None,
) -> HfEngine:
    """Load a checkpoint and make it ready to answer.

    Parameters
    ----------
    turns
        Keeps the base in memory on which adapters take turns; `None`: nobody else needs it.

    Raises
    ------
    CheckpointError
        If weights are missing, do not fit the configuration, or are no causal decoder's.
    UnavailableError
        If it is an adapter, and peft is not installed.
    EngineError
        If the weights do not fit into memory.
    UsageError
        If the device is not there.
    """
    device = resolve_device(config.device)
    if device.type == "cpu":
        keep_freed_memory()
    blueprint = open_blueprint(checkpoint, tokenizer, config)
    worn = (turns or Turns()).open(checkpoint, blueprint, device=device)
    adapter = adapter_of(checkpoint)
    beside = "" if adapter is None else str(adapter.config["peft_type"])
    decoder = Decoder(
        worn.model,
        name=checkpoint.label,
        key=architecture_key(blueprint, device, path="head", beside=beside),
        prepare=worn.put_on,
    )
    paths = Paths(
        decoder,
        tokenizer,
        batch_tokens=tokens_of_pass(config, blueprint),
        kept_tokens=kept_tokens(config),
        blueprint=blueprint,
        beside=beside,
    )
    return HfEngine(
        scorer=paths.scorer(),
        generator=paths.generator(),
        tokenizer=tokenizer,
        max_length=blueprint.max_length,
        fingerprint=engine_fingerprint(tokenizer, config, checkpoint=checkpoint),
        name=checkpoint.label,
        remarks=_remarks(blueprint),
    )


def _remarks(blueprint: Blueprint) -> tuple[str, ...]:
    """Say that a checkpoint brings code: with it, it might answer otherwise."""
    if not getattr(blueprint.model_config, "auto_map", None):
        return ()
    kind = blueprint.model_config.model_type
    return (f"brings code of its own (`auto_map`), which is never run: `{kind}` answers without",)
