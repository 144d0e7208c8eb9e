"""Refusals: what the parser cannot understand, in our words and with the nearest right spelling."""

from __future__ import annotations

import re
from typing import Any

from forgetscope.errors import UsageError, nearest

__all__ = ["refusal"]

_CHOICES = re.compile(r"(?:.*, )?'(?P<given>[^']*)' is not one of (?P<known>.*)", re.DOTALL)
_COMMAND = re.compile(r"No such command '(?P<given>[^']*)'")


def refusal(error: Any) -> UsageError:  # noqa: ANN401  # the parser's classes have moved twice
    """Return an error of the parser as one of ours.

    Parameters
    ----------
    error
        Has `format_message()` and `ctx`, the context in which it came up.
    """
    path = getattr(error.ctx, "command_path", "forgetscope")
    message, near = _told(error)
    see = f"see `{path} --help`"
    if not near:
        return UsageError(message, hint=see)
    return UsageError(message, hint=f"did you mean {' or '.join(f'`{n}`' for n in near)}? {see}")


def _told(error: Any) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
    """Return the message, and what was probably meant."""
    text = str(error.format_message()).rstrip(".")
    option = getattr(error, "option_name", None)
    if text.startswith("No such option") and option:
        # dashes would make everything look alike
        near = nearest(option.lstrip("-"), _options(error.ctx))
        return f"no such option `{option}`", tuple(f"--{name}" for name in near)
    command = _COMMAND.match(text)
    if command:
        given = command["given"]
        return f"no such command `{given}`", nearest(given, error.ctx.command.commands)
    parameter = getattr(error, "param", None)
    choices = _CHOICES.match(str(getattr(error, "message", "")))
    if parameter is not None and choices:
        known = re.findall("'([^']*)'", choices["known"])
        message = (
            f"{_name(error, parameter)} is one of {', '.join(known)}, not `{choices['given']}`"
        )
        return message, nearest(choices["given"], known)
    if parameter is not None and text.startswith("Invalid value"):
        return f"invalid value for {_name(error, parameter)}: {error.message.rstrip('.')}", ()
    return _plain(text), ()


def _options(context: Any) -> list[str]:  # noqa: ANN401
    return [
        name.removeprefix("--")
        for parameter in context.command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    ]


def _name(error: Any, parameter: Any) -> str:  # noqa: ANN401
    """Return what a parameter is called, and where its value came from if not from the call."""
    name = max(parameter.opts, key=len)
    name = name if name.startswith("-") else str(parameter.metavar or name)
    source = error.ctx.get_parameter_source(parameter.name) if error.ctx else None
    if getattr(source, "name", "") not in ("ENVIRONMENT", "DEFAULT_MAP"):
        return f"`{name}`"
    from forgetscope.cli.configuration import origin

    return f"`{name}` (from {origin(error.ctx, parameter)})"


def _plain(text: str) -> str:
    """Return a message of the parser with our quotes, and without its capital."""
    quoted = re.sub("'([^']*)'", r"`\1`", text)
    return quoted[:1].lower() + quoted[1:]
