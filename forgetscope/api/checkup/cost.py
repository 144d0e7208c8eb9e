"""What a plan would ask: items, tokens to read and to write, and prompts that are too long."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forgetscope.api.checkup.finding import Finding, State, broken, noted
from forgetscope.records import Request, RequestKind

if TYPE_CHECKING:
    from forgetscope.api.checkup.checkpoints import Opened
    from forgetscope.evaluation.harness import Built
    from forgetscope.scoring import Tokenizer

__all__ = ["TaskCost", "check_window", "cost_of"]

WINDOW = "window"
_SAMPLED = 40
"""Texts of a task whose tokens are counted; of the others the characters are."""
_CHARACTERS_PER_TOKEN = 4.0
"""Of English, where no tokenizer is at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCost:
    """What one task asks of one checkpoint."""

    task: str
    domain: str
    items: int
    requests: int
    tokens_read: int
    """Estimated from a sample; what texts of the task begin with in common is counted once."""
    tokens_written: int
    """Most tokens that can be written: the cap of every answer."""
    characters: int
    """Of all that is stored about its questions."""
    longest_answer: int
    """Cap of an answer in tokens; 0 where nothing is written."""


def cost_of(built: Built, tokenizer: Tokenizer | None) -> TaskCost:
    """Return what a task asks of one checkpoint.

    Parameters
    ----------
    tokenizer
        Counts the tokens; `None`: four characters are one.
    """
    caps = [each.decoding.max_new_tokens for each in built.requests if each.decoding is not None]
    task = built.loaded.task
    return TaskCost(
        task=task.name,
        domain=task.domain,
        items=len(built.items),
        requests=len(built.requests),
        tokens_read=_tokens_read(built.requests, tokenizer),
        tokens_written=sum(caps),
        characters=sum(len(each.context) + len(each.continuation) for each in built.requests),
        longest_answer=max(caps, default=0),
    )


def check_window(built: Built, each: Opened) -> Iterator[Finding]:
    """Say which items of a task lose their beginning, because the model's window is too short."""
    if each.max_length is None:
        return
    label, task = each.checkpoint.label, built.loaded.task.name
    cap = max((r.decoding.max_new_tokens for r in built.requests if r.decoding), default=0)
    if cap >= each.max_length:
        what = f"{task} may write {cap:,} tokens: no prompt fits beside that"
        yield broken(
            WINDOW, label, what, hint="lower `max_new_tokens` in a suite file", is_call=True
        )
        return
    lengths = {
        request.item_id: length
        for request in built.requests
        if (length := _excess(request, each)) > 0
    }
    if lengths:
        what = (
            f"{len(lengths):,} of {len(built.items):,} items of {task} lose their beginning: the "
            f"longest has {max(lengths.values()):,} tokens too many"
        )
        hint = f"leave out {task}, or read its score with care"
        yield noted(WINDOW, label, what, hint=hint, state=State.WARN)


def _excess(request: Request, each: Opened) -> int:
    """Return how many tokens of a request do not fit into the window; 0 where all do."""
    if each.max_length is None or request.kind is RequestKind.ROLLING:
        return 0
    text = request.context + request.continuation
    cap = request.decoding.max_new_tokens if request.decoding is not None else -1
    room = each.max_length - cap
    # a token is at least one byte, so that most texts need not be cut into tokens
    if len(text.encode("utf-8", "replace")) <= room:
        return 0
    return max(len(each.tokenizer.encode(text)) - room, 0)


def _tokens_read(requests: Sequence[Request], tokenizer: Tokenizer | None) -> int:
    texts = sorted({each.context + each.continuation for each in requests})
    before = ("", *texts)
    characters = sum(
        len(text) - _n_shared(last, text) for last, text in zip(before, texts, strict=False)
    )
    return round(characters / _characters_per_token(texts, tokenizer))


def _n_shared(first: str, second: str) -> int:
    """Return how many characters two texts begin with in common.

    >>> _n_shared("one two", "one three")
    5
    """
    # whoever begins with more begins with less, so that it need not be counted out
    lengths = range(1, min(len(first), len(second)) + 1)
    return bisect_left(lengths, True, key=lambda n: not second.startswith(first[:n]))


def _characters_per_token(texts: Sequence[str], tokenizer: Tokenizer | None) -> float:
    if tokenizer is None:
        return _CHARACTERS_PER_TOKEN
    sample = texts[:: max(len(texts) // _SAMPLED, 1)]
    n_tokens = sum(len(tokenizer.encode(text)) for text in sample if text)
    return sum(map(len, sample)) / n_tokens if n_tokens else _CHARACTERS_PER_TOKEN
