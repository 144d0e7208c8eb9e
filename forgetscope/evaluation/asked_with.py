"""How models were asked beside the tasks themselves: what is noted, told, and never mixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from forgetscope.evaluation.chat import open_chat
from forgetscope.records import Checkpoint, OutputType
from forgetscope.store import Study
from forgetscope.suites import Style

if TYPE_CHECKING:
    from forgetscope.evaluation.harness import AskedTask
    from forgetscope.evaluation.options import EvaluationOptions
    from forgetscope.scoring import Tokenizer

__all__ = ["asking_notes", "caps_of", "cut_notes", "differences", "note_caps", "said_of"]

_NAMED = 6
"""Tasks named in one line at most."""
_LONGEST = 60
"""Characters of an option that are shown."""


def said_of(options: EvaluationOptions) -> dict[str, str]:
    """Return what was said beyond `--chat-template`, by the name of its option."""
    said: dict[str, str] = {}
    if options.system is not None:
        said["--system"] = options.system
    if options.thinking is not None:
        said["--thinking"] = "on" if options.thinking else "off"
    if options.think_tags is not None:
        said["--think-tags"] = f"{options.think_tags.opening} {options.think_tags.closing}"
    return said


def differences(study: Study, options: EvaluationOptions) -> tuple[str, ...]:
    """Return in words how the study was last asked otherwise; empty where nothing is known."""
    # what did not come to its end may be the very call that was refused
    runs = [run for run in study.runs() if run.get("finished")]
    if not runs:
        return ()
    before = _all_said(runs[-1].get("chat_template"), runs[-1].get("asked_with") or {})
    now = _all_said(options.chat_template, said_of(options))
    return tuple(
        f"{_shown(name, before.get(name))}, now {_shown(name, now.get(name))}"
        for name in dict.fromkeys((*before, *now))
        if before.get(name) != now.get(name)
    )


def _all_said(is_chat: object, said: dict[str, str]) -> dict[str, str]:
    return {**({"--chat-template": ""} if is_chat else {}), **said}


def _shown(name: str, value: str | None) -> str:
    if value is None:
        return f"no `{name}`"
    line = " ".join([name, *value.split()])
    return f"`{line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}`"


def note_caps(study: Study, tasks: Sequence[AskedTask]) -> None:
    """Note how long generated answers may be, by task."""
    caps = {each.task.name: each.cap for each in tasks if each.cap is not None}
    if caps:
        study.set_meta("caps", {**caps_of(study), **caps})


def caps_of(study: Study) -> dict[str, int]:
    """Return the longest answers by task, tokens; empty where they were not noted."""
    found: Any = study.meta("caps")
    return dict(found) if isinstance(found, dict) else {}


def asking_notes(
    tasks: Sequence[AskedTask],
    options: EvaluationOptions,
    *,
    tokenizers: Iterable[Tokenizer],
) -> list[str]:
    """Say how long answers could be, and where thoughts make a difference that was not asked for.

    Parameters
    ----------
    tokenizers
        Of the checkpoints that were asked.
    """
    if not options.chat_template and options.think_tags is None:
        return []
    caps = {each.task.name: each.cap for each in tasks if each.cap is not None}
    notes = [f"answers could have {_listed(caps)} tokens (`--max-new-tokens`)"] if caps else []
    compared = [
        each.task.name for each in tasks if each.task.output_type is not OutputType.GENERATE
    ]
    if options.thinking and compared:
        notes.append(f"options were compared without a thought before them: {_names(compared)}")
    return notes + list(_unasked_thoughts(options, tokenizers) if caps else ())


def _unasked_thoughts(options: EvaluationOptions, tokenizers: Iterable[Tokenizer]) -> Iterator[str]:
    if options.thinking is not None or options.style is Style.THINKING:
        return
    for tokenizer in tokenizers:
        if tags := open_chat(tokenizer, options.chat).tags:
            yield (
                f"the chat template of `{tokenizer.name}` knows thoughts ({tags[0].closing}): "
                "`--thinking on` leaves room for them, `off` asks for none"
            )


def cut_notes(study: Study, series: Sequence[Checkpoint]) -> list[str]:
    """Say which prompts did not fit the window and were cut on their left."""
    return [
        f"`{checkpoint.label}`: {n:,} prompts did not fit the window and were cut on the left"
        for checkpoint in series
        if (n := study.answers_of(checkpoint.label).n_cut())
    ]


def _listed(caps: dict[str, int]) -> str:
    """Return the caps, those of most tasks first."""
    by_cap: dict[int, list[str]] = {}
    for name, cap in caps.items():
        by_cap.setdefault(cap, []).append(name)
    if len(by_cap) == 1:
        return f"{next(iter(by_cap)):,}"
    return ", ".join(f"{cap:,} ({_names(names)})" for cap, names in by_cap.items())


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
