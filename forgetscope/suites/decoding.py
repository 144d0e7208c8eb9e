"""How lm-eval's tasks say that an answer is generated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forgetscope.records import Decoding

__all__ = ["decoding_of", "settings_of"]

_DEFAULT_MAX_NEW_TOKENS = 256  # lm-eval's own, where a task names none


def decoding_of(arguments: Mapping[str, Any]) -> Decoding:
    """Return the decoding of `generation_kwargs`; a temperature without sampling is greedy."""
    stops = arguments.get("until") or ()
    temperature = float(arguments.get("temperature") or 0.0)
    cap = arguments.get("max_gen_toks") or arguments.get("max_new_tokens")
    return Decoding(
        stops=(stops,) if isinstance(stops, str) else tuple(stops),
        max_new_tokens=int(cap or _DEFAULT_MAX_NEW_TOKENS),
        do_sample=bool(arguments.get("do_sample", temperature > 0)) and temperature > 0,
        temperature=temperature,
        top_p=float(arguments.get("top_p") or 1.0),
    )


def settings_of(decoding: Decoding) -> dict[str, Any]:
    """Return a decoding in lm-eval's words."""
    settings: dict[str, Any] = {
        # inside a thought no stop string counts: the text is cut when it is there
        "until": [] if decoding.thoughts else list(decoding.stops),
        "max_gen_toks": decoding.max_new_tokens,
        "do_sample": decoding.do_sample,
        "temperature": decoding.temperature,
    }
    return settings | ({"top_p": decoding.top_p} if decoding.do_sample else {})
