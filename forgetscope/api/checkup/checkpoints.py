"""What would keep checkpoints from answering: files, tokenizer, template, window, memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from forgetscope.api.checkup.finding import Finding, State, broken, guarded, noted
from forgetscope.errors import CheckpointError
from forgetscope.records import Checkpoint

if TYPE_CHECKING:
    from forgetscope.scoring import EngineConfig, Tokenizer

__all__ = ["CheckpointChecks", "Opened", "check_checkpoints", "thinkers"]

FILES, TOKENIZER, TEMPLATE = "checkpoints", "tokenizer", "chat template"
MODEL, MEMORY, THOUGHTS = "model", "memory", "thinking"

_THINKS = re.compile(r"</?think(?:ing)?>|enable_thinking|reasoning_content")
"""What stands in the templates of models that think before they answer."""
_TIGHT = 0.8
"""Weights that fill more of the free memory than this leave little for anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A checkpoint of which everything but the weights was read."""

    checkpoint: Checkpoint
    tokenizer: Tokenizer
    max_length: int | None
    """Window in tokens; `None` where the model cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointChecks:
    """What was found about checkpoints."""

    findings: list[Finding]
    opened: tuple[Opened, ...]


def check_checkpoints(
    arguments: Sequence[str], *, config: EngineConfig, chat_template: bool
) -> CheckpointChecks:
    """Check each checkpoint by itself, and then all of them side by side.

    Parameters
    ----------
    arguments
        As a person names them.
    config
        How they would be run.
    chat_template
        Whether they would be asked through their chat template.
    """
    findings: list[Finding] = []
    series = tuple(_resolved(arguments, findings))
    opened: list[Opened] = []
    for checkpoint in series:
        findings += guarded(
            TOKENIZER,
            checkpoint.label,
            partial(_opened, checkpoint, config, opened),
        )
    findings += guarded(TOKENIZER, "all checkpoints", lambda: _side_by_side(opened))
    findings += guarded(
        TEMPLATE, "all checkpoints", lambda: _templates(opened, is_wanted=chat_template)
    )
    return CheckpointChecks(findings=findings, opened=tuple(opened))


def _resolved(arguments: Sequence[str], findings: list[Finding]) -> Iterator[Checkpoint]:
    """Yield what can be resolved, and note what cannot."""
    from forgetscope.scoring import resolve_series

    sound = []
    for argument in arguments:
        for name in _parts(argument):

            def run(name: str = name) -> Iterator[Finding]:
                found = resolve_series([name])
                sound.append(name)
                labels = ", ".join(checkpoint.label for checkpoint in found)
                yield noted(FILES, name, f"weights, configuration and tokenizer of {labels}")

            findings += guarded(FILES, name, run)
    together: list[Checkpoint] = []

    def run_all() -> Iterator[Finding]:
        together.extend(resolve_series(sound))
        yield from ()

    if sound:
        findings += guarded(FILES, "all checkpoints", run_all)
    yield from together


def _parts(argument: str) -> Sequence[str]:
    """Return a folder of checkpoints that cannot be resolved as its checkpoints, one by one."""
    from forgetscope.scoring import resolve_series

    path = Path(argument).expanduser()
    if not path.is_dir():
        return (argument,)
    try:
        resolve_series([argument])
    except CheckpointError:
        inside = [each for each in sorted(path.iterdir()) if (each / "config.json").is_file()]
        return tuple(map(str, inside)) or (argument,)
    return (argument,)


def _opened(
    checkpoint: Checkpoint, config: EngineConfig, opened: list[Opened]
) -> Iterator[Finding]:
    from forgetscope.scoring import open_blueprint, open_tokenizer

    tokenizer = open_tokenizer(checkpoint)
    max_length = dtype = None
    try:
        blueprint = open_blueprint(checkpoint, tokenizer, config)
    except CheckpointError as error:
        yield broken(MODEL, checkpoint.label, error.message, hint=error.hint or "")
    else:
        max_length, dtype = blueprint.max_length, blueprint.dtype
        name = blueprint.model_config.model_type
        what = f"{name}, {dtype}, window of {max_length:,} tokens"
        yield noted(MODEL, checkpoint.label, what)
    opened.append(Opened(checkpoint=checkpoint, tokenizer=tokenizer, max_length=max_length))
    if dtype is not None:
        yield from guarded(
            MEMORY, checkpoint.label, lambda: _memory(checkpoint, dtype=dtype, config=config)
        )


def _memory(checkpoint: Checkpoint, *, dtype: str, config: EngineConfig) -> Iterator[Finding]:
    from forgetscope.scoring import free_memory_of, weights_bytes

    needed = weights_bytes(checkpoint, dtype=dtype)
    memory = free_memory_of(config.device)
    if needed is None or memory.n_free is None:
        yield noted(MEMORY, checkpoint.label, "not known before it is loaded", state=State.WARN)
        return
    what = f"{_size(needed)} of weights, {_size(memory.n_free)} free on {memory.device}"
    if needed > memory.n_free:
        hint = "take a smaller `--dtype`, or a machine with more memory"
        yield broken(MEMORY, checkpoint.label, what, hint=hint)
    else:
        is_tight = needed > _TIGHT * memory.n_free
        state = State.WARN if is_tight else State.OK
        yield noted(MEMORY, checkpoint.label, what, state=state)


def _side_by_side(opened: Sequence[Opened]) -> Iterator[Finding]:
    """Say whether the checkpoints read texts in the same tokens."""
    if len(opened) < 2:
        return
    base = opened[0]
    others = [each for each in opened if _tokens_of(each) != _tokens_of(base)]
    if not others:
        yield noted(TOKENIZER, "all checkpoints", "the same for all")
        return
    for each in others:
        what = (
            f"reads a sample of text in other tokens than {base.checkpoint.label}; answers are "
            "compared all the same, likelihoods of whole texts with care"
        )
        yield noted(TOKENIZER, each.checkpoint.label, what, state=State.WARN)


def _tokens_of(each: Opened) -> tuple[int, ...]:
    return each.tokenizer.encode(_SAMPLE)


def _templates(opened: Sequence[Opened], *, is_wanted: bool) -> Iterator[Finding]:
    if not opened:
        return
    if not is_wanted:
        yield from _unwanted(opened)
        return
    base = opened[0]
    for each in opened:
        label = each.checkpoint.label
        if each.tokenizer.chat_template is None:
            hint = "leave `--chat-template` out, or give the checkpoint the base's template"
            yield broken(TEMPLATE, label, "has none", hint=hint, is_call=True)
        elif _rendered(each) != _rendered(base):
            what = f"writes another prompt than that of {base.checkpoint.label}"
            hint = "give both the same template, or leave `--chat-template` out"
            yield broken(TEMPLATE, label, what, hint=hint, is_call=True)
        else:
            yield noted(TEMPLATE, label, "found" if each is base else "the same as the base's")


def _unwanted(opened: Sequence[Opened]) -> Iterator[Finding]:
    named = [each.checkpoint.label for each in opened if each.tokenizer.chat_template]
    if not named:
        yield noted(TEMPLATE, "all checkpoints", "none, and none is asked for")
        return
    what = f"not used, though {', '.join(named)} {'has' if len(named) == 1 else 'have'} one"
    hint = "a chat model is mostly asked through it: add `--chat-template`"
    yield noted(TEMPLATE, "all checkpoints", what, hint=hint)


def _rendered(each: Opened) -> str:
    return each.tokenizer.render_chat([{"role": "user", "content": _SAMPLE}])


def thinkers(opened: Sequence[Opened]) -> tuple[str, ...]:
    """Return the labels of checkpoints whose template speaks of thoughts."""
    return tuple(
        each.checkpoint.label
        for each in opened
        if _THINKS.search(each.tokenizer.chat_template or "")
    )


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:,.1f} GB" if n_bytes >= 1e8 else f"{n_bytes / 1e6:,.1f} MB"


_SAMPLE = (
    "Ana paid 1,234.50 € for 17 apples at 08:45; “Is that all?” asked Олег. def f(x): return "
    "x**2  # größer, déjà vu, 東京, 🙂\n\n\tEnd."
)
"""Words, numbers, code and scripts that tokenizers treat differently."""
