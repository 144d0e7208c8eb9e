"""Tokenizers: text becomes tokens exactly as lm-eval's `HFLM` does it.

The rules (lm-eval 0.4.13): spaces at the end of a context belong to the continuation; context and
continuation are encoded together and split after the tokens of the context alone; special tokens
are added as the tokenizer does by itself, unless the text already begins with the prefix token; an
empty context is the prefix token, BOS or else EOS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from forgetscope.errors import CheckpointError, UsageError
from forgetscope.lazy import uncollected
from forgetscope.records import Checkpoint, Request
from forgetscope.scoring.place import tokenizer_place_of
from forgetscope.scoring.token_book import TokenBook
from forgetscope.scoring.tokenizer_digests import tokenizer_fingerprint

__all__ = ["EncodedPair", "Tokenizer", "open_tokenizer"]

_DAY = datetime(2024, 7, 26, tzinfo=UTC)
"""What chat templates are told if they ask for today's date: prompts that change at midnight could
never be compared. It is the day that published templates fall back on themselves."""
_ASKS_FOR_DATE = re.compile(r"""strftime_now\(\s*(["'])(.+?)\1\s*\)""")


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedPair:
    """A context and its continuation as token ids."""

    context: tuple[int, ...]
    """Never empty."""
    continuation: tuple[int, ...]


class Tokenizer:
    """A tokenizer with its chat template, as one checkpoint carries it.

    Parameters
    ----------
    backend
        The `transformers` tokenizer.
    name
        What people call it.
    """

    def __init__(self, backend: Any, *, name: str) -> None:  # noqa: ANN401  untyped library
        self.backend = backend
        self.name = name
        self.fingerprint = tokenizer_fingerprint(backend)
        self._dated = _on_one_day(self.chat_template or "")
        prefix = self.prefix_token_id
        self._prefix_text = "" if prefix is None else str(backend.decode(prefix))
        self.book: TokenBook | None = None
        """What was encoded before, if it is to be remembered by request."""
        # the options of one item follow each other and share their context
        self._encode = lru_cache(maxsize=64)(self._encode_uncached)
        self._specials_in = lru_cache(maxsize=8)(self._specials_in_uncached)

    @property
    def chat_template(self) -> str | None:
        """The template's text; `None` if the tokenizer has none."""
        template = self.backend.chat_template
        if isinstance(template, dict):
            template = template.get("default")
        return str(template) if template else None

    @property
    def prefix_token_id(self) -> int | None:
        """What a text without context follows: BOS, else EOS, else nothing."""
        bos = self.backend.bos_token_id
        found = bos if bos is not None else self.backend.eos_token_id
        return None if found is None else int(found)

    @property
    def pad_token_id(self) -> int:
        """An id for cells that nothing looks at."""
        for found in (self.backend.pad_token_id, self.backend.eos_token_id):
            if found is not None:
                return int(found)
        return 0

    def render_chat(
        self,
        messages: Sequence[dict[str, str]],
        *,
        add_generation_prompt: bool = True,
        variables: Mapping[str, bool] = MappingProxyType({}),
    ) -> str:
        """Write messages as the text that the model was trained on.

        Parameters
        ----------
        messages
            `role` and `content` of each, in order.
        add_generation_prompt
            Whether the assistant's turn is opened; else the last message is left open.
        variables
            What else the template is told.

        Raises
        ------
        UsageError
            If there is no template, or it refuses these messages.
        """
        if self.chat_template is None:
            raise UsageError(
                f"the tokenizer of `{self.name}` has no chat template",
                hint="a base model is evaluated without `--chat-template`",
            )
        # jinja2 itself has another door; transformers carries its error here
        from transformers.utils.chat_template_utils import jinja2

        try:
            return self._render(messages, add_generation_prompt, variables)
        except jinja2.exceptions.TemplateError as error:
            others = [message for message in messages if message["role"] != "system"]
            if len(others) < len(messages) and others:
                # like lm-eval: a template without system role sees the rest
                return self.render_chat(
                    others, add_generation_prompt=add_generation_prompt, variables=variables
                )
            raise UsageError(
                f"the chat template of `{self.name}` refuses the messages: {error}"
            ) from error

    def encode(self, text: str, *, add_special_tokens: bool | None = None) -> tuple[int, ...]:
        """Return the token ids of a text.

        Parameters
        ----------
        text
            Any text.
        add_special_tokens
            `None`: as the tokenizer does by itself, unless the text begins with the prefix token.
        """
        return self._encode(text, add_special_tokens)

    def encode_prompt(self, text: str) -> tuple[int, ...]:
        """Return the token ids that an answer goes on from: the prefix token after nothing.

        Empty only where a text of no tokens meets a tokenizer without prefix token.
        """
        prefix = self.prefix_token_id
        return self.encode(text) or (() if prefix is None else (prefix,))

    def pair_of(self, request: Request) -> EncodedPair:
        """Return context and continuation of a log-likelihood request; see `encode_pair`."""

        def encode() -> tuple[tuple[int, ...], tuple[int, ...]]:
            pair = self.encode_pair(request.context, request.continuation)
            return pair.context, pair.continuation

        if self.book is None:
            return self.encode_pair(request.context, request.continuation)
        context, continuation = self.book.tokens(request.id, encode)
        return EncodedPair(context=context, continuation=continuation)

    def prompt_of(self, request: Request) -> tuple[int, ...]:
        """Return what the answer to a generation request goes on from; see `encode_prompt`."""
        if self.book is None:
            return self.encode_prompt(request.context)
        return self.book.tokens(request.id, lambda: (self.encode_prompt(request.context), ()))[0]

    def decode(self, token_ids: Sequence[int], *, skip_special_tokens: bool = True) -> str:
        """Return the text of token ids."""
        return str(self.backend.decode(list(token_ids), skip_special_tokens=skip_special_tokens))

    def decode_around(self, token_ids: Sequence[int], *, marks: tuple[str, ...] = ()) -> str:
        """Return the text of token ids without special tokens, but for those in some texts.

        Parameters
        ----------
        marks
            Texts whose own special tokens stay, e.g. the tags around thoughts.
        """
        kept = self._specials_in(marks)
        if not kept:
            return self.decode(token_ids)
        left_out = set(self.backend.all_special_ids) - kept
        shown = [token for token in token_ids if token not in left_out]
        return self.decode(shown, skip_special_tokens=False)

    def _specials_in_uncached(self, marks: tuple[str, ...]) -> frozenset[int]:
        special = frozenset(self.backend.all_special_ids)
        found = (self.encode(mark, add_special_tokens=False) for mark in marks)
        return frozenset(token for tokens in found for token in tokens) & special

    def encode_pair(self, context: str, continuation: str) -> EncodedPair:
        """Return context and continuation as token ids, split where lm-eval splits them.

        Raises
        ------
        UsageError
            If no token is left to score, or the context is empty and there is no prefix token.
        """
        stripped = context.rstrip()
        if not stripped:
            pair = self._encode_without_context(context + continuation)
        else:
            whole = self.encode(context + continuation)
            alone = self.encode(stripped)
            pair = EncodedPair(context=alone, continuation=whole[len(alone) :])
        if not pair.continuation or not pair.context:
            which = "continuation" if not pair.continuation else "context"
            raise UsageError(f"the {which} has no tokens: `{context[-40:]}` | `{continuation}`")
        return pair

    def _encode_without_context(self, continuation: str) -> EncodedPair:
        prefix = self.prefix_token_id
        if prefix is None:
            raise UsageError(
                f"the tokenizer of `{self.name}` has neither BOS nor EOS to begin a text with"
            )
        tokens = self.encode(continuation, add_special_tokens=False)
        if tokens[:1] == (prefix,):
            return EncodedPair(context=tokens[:1], continuation=tokens[1:])
        return EncodedPair(context=(prefix,), continuation=tokens)

    def _encode_uncached(self, text: str, add_special_tokens: bool | None) -> tuple[int, ...]:
        if add_special_tokens is None and self._begins_with_prefix(text):
            add_special_tokens = False
        given = {} if add_special_tokens is None else {"add_special_tokens": add_special_tokens}
        # not verbose: windows are cut by the engine, and counted
        return tuple(self.backend.encode(text, verbose=False, **given))

    def _begins_with_prefix(self, text: str) -> bool:
        return bool(self._prefix_text) and text.startswith(self._prefix_text)

    def _render(
        self,
        messages: Sequence[dict[str, str]],
        add_generation_prompt: bool,
        variables: Mapping[str, bool],
    ) -> str:
        return str(
            self.backend.apply_chat_template(
                list(messages),
                tokenize=False,
                add_generation_prompt=add_generation_prompt,
                continue_final_message=not add_generation_prompt,
                **({"chat_template": self._dated} if self._dated else {}),
                **variables,
            )
        )


def open_tokenizer(checkpoint: Checkpoint) -> Tokenizer:
    """Open the tokenizer that a checkpoint carries; code in the checkpoint is never run.

    Raises
    ------
    CheckpointError
        If it cannot be read.
    """
    place = tokenizer_place_of(checkpoint)
    try:
        with uncollected():  # it imports what the tokenizer is made of
            from transformers import AutoTokenizer

            backend = AutoTokenizer.from_pretrained(
                place.source, trust_remote_code=False, **place.keywords
            )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        is_code = "custom code" in str(error)
        raise CheckpointError(
            f"the tokenizer of `{checkpoint.source}` "
            + ("is a program of its own" if is_code else f"cannot be opened: {error}"),
            hint="code inside a checkpoint is never run: save it as `tokenizer.json`"
            if is_code
            else "copy the tokenizer files of the base model over it",
        ) from error
    return Tokenizer(backend, name=Path(checkpoint.source).name)


def _on_one_day(template: str) -> str | None:
    """Return a template that writes one and the same date; `None` where it writes none."""
    dated = _ASKS_FOR_DATE.sub(lambda found: repr(_DAY.strftime(found[2])), template)
    return None if dated == template else dated
