"""Chats: how tasks are put to a model, and how its thoughts are told from its answers.

What is asked for here ends up in prompts and in what answers are cut by, so in the ids of requests:
answers under other settings are never paired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from forgetscope.errors import UsageError
from forgetscope.records import OutputType, Request, ThinkTags
from forgetscope.scoring import Tokenizer, begins_thought, tags_in

__all__ = ["PLAIN", "Chat", "ChatOptions", "open_chat", "past_thought", "switch_of"]

_SWITCHES = ("enable_thinking", "thinking")
"""What chat templates call the variable that lets a model think."""
_BEHIND_THOUGHT = "\n\n"
"""What published templates write behind a thought that they leave empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """How tasks are put to all checkpoints of a series."""

    is_chat: bool = False
    """Whether the tokenizer's chat template is used."""
    system: str | None = None
    """System prompt."""
    thinking: bool | None = None
    """Whether the template lets the model think; `None`: as it does by itself."""
    tags: ThinkTags | None = None
    """What stands around thoughts; `None`: the known tags that the template names."""

    def check(self) -> None:
        """Refuse what makes no sense together.

        Raises
        ------
        UsageError
            If a chat template would be needed, or a tag is empty.
        """
        for name, value in (("--system", self.system), ("--thinking", self.thinking)):
            if value is not None and not self.is_chat:
                raise UsageError(
                    f"`{name}` speaks to a chat template, and none is used",
                    hint="add `--chat-template`",
                )
        if self.tags is not None and not (self.tags.opening.strip() and self.tags.closing.strip()):
            raise UsageError("a tag around thoughts must not be empty")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chat:
    """How tasks are put to the models of one tokenizer."""

    key: str = ""
    """Equal keys within a series ask in equal words; empty without a template."""
    tokenizer: Tokenizer | None = None
    """`None`: plain text."""
    system: str | None = None
    variables: Mapping[str, bool] = field(default_factory=dict)
    """What the template is told where an answer is written."""
    unthinking: Mapping[str, bool] = field(default_factory=dict)
    """What it is told where options are compared, which stand behind no thought."""
    tags: tuple[ThinkTags, ...] = ()

    def renderer(self, output_type: OutputType) -> Callable[..., str] | None:
        """Return what turns messages into a prompt; `None` for plain text."""
        if self.tokenizer is None:
            return None
        if output_type is OutputType.GENERATE:
            return partial(self.tokenizer.render_chat, variables=self.variables)
        unthinking, tags = self.unthinking, self.tags
        return partial(_render_closed, tokenizer=self.tokenizer, variables=unthinking, tags=tags)


def _render_closed(
    messages: Sequence[dict[str, str]],
    *,
    tokenizer: Tokenizer,
    variables: Mapping[str, bool],
    tags: Sequence[ThinkTags],
    add_generation_prompt: bool = True,
) -> str:
    """Return a prompt that leaves no thought open: an option is no thought."""
    text = tokenizer.render_chat(
        messages, add_generation_prompt=add_generation_prompt, variables=variables
    )
    return _ended(text, tags)


PLAIN = Chat()
"""Plain text, without thoughts."""


def open_chat(tokenizer: Tokenizer, options: ChatOptions) -> Chat:
    """Return how the models of a tokenizer are asked.

    Raises
    ------
    UsageError
        If its template is missing, has no switch for thinking, or leaves system prompts out.
    """
    own = () if options.tags is None else (options.tags,)
    if not options.is_chat:
        return Chat(tags=own)
    tags = own or tags_in(tokenizer.chat_template or "")
    switch = switch_of(tokenizer)
    if options.system is not None:
        _check_system(tokenizer, options.system)
    if options.thinking is not None and switch is None and not (options.thinking and tags):
        raise UsageError(
            f"the chat template of `{tokenizer.name}` has no switch for thinking",
            hint=f"it would be a variable called {' or '.join(f'`{s}`' for s in _SWITCHES)}; leave "
            "out `--thinking`, and name the tags with `--think-tags` if the model thinks",
        )
    is_told = switch is not None and options.thinking is not None
    return Chat(
        key=tokenizer.fingerprint,
        tokenizer=tokenizer,
        system=options.system,
        variables={switch: bool(options.thinking)} if switch and is_told else {},
        unthinking={switch: False} if switch and is_told else {},
        tags=tags,
    )


def switch_of(tokenizer: Tokenizer) -> str | None:
    """Return the variable that changes whether a chat template lets the model think."""
    asked = [{"role": "user", "content": "?"}]
    for name in _SWITCHES:
        on, off = (tokenizer.render_chat(asked, variables={name: value}) for value in (True, False))
        if on != off:
            return name
    return None


def past_thought(request: Request) -> Request:
    """Return a request whose answer may be begun: a thought that its prompt opens is ended."""
    decoding = request.decoding
    if decoding is None or decoding.thoughts is None or not decoding.thoughts.is_begun:
        return request
    thoughts = replace(decoding.thoughts, is_begun=False)
    return replace(
        request,
        context=_ended(request.context, thoughts.tags),
        decoding=replace(decoding, thoughts=thoughts),
    )


def _ended(prompt: str, tags: Sequence[ThinkTags]) -> str:
    begun = begins_thought(prompt, tags)
    return prompt if begun is None else f"{prompt.rstrip()}\n{begun.closing}{_BEHIND_THOUGHT}"


def _check_system(tokenizer: Tokenizer, system: str) -> None:
    asked = [{"role": "system", "content": system}, {"role": "user", "content": "?"}]
    if system.strip() not in tokenizer.render_chat(asked):
        raise UsageError(
            f"the chat template of `{tokenizer.name}` leaves system prompts out",
            hint="leave out `--system`",
        )
