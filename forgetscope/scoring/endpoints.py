"""Servers that complete texts: `http://HOST:PORT/v1[?tokenizer=FOLDER][#MODEL]`.

Any server with OpenAI's interface for completions is meant: vLLM, SGLang, llama.cpp. Which weights
answer cannot be seen, so the fingerprint is the address, the model's name and the day, and answers
of another day are not taken for the same.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

from forgetscope.errors import CheckpointError, UnknownNameError, UsageError
from forgetscope.records import CheckpointKind
from forgetscope.scoring.labels import Candidate, step_of

__all__ = ["Endpoint", "is_endpoint", "open_endpoint", "parse_endpoint"]

_KEYS = ("tokenizer",)
_TIMEOUT_SECONDS = 20
_FORM = "http://HOST:PORT/v1#MODEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server, as a person writes it."""

    base_url: str
    """Up to `/v1`, without a slash at the end."""
    model: str = ""
    """What the server calls the model; empty: the only one it has."""
    tokenizer: str = ""
    """Folder, or `org/name` on a hub; empty: the model's name is one of these."""

    @property
    def source(self) -> str:
        """How a person would write it."""
        query = f"?tokenizer={self.tokenizer}" if self.tokenizer else ""
        return f"{self.base_url}{query}#{self.model}"


def is_endpoint(source: str) -> bool:
    """Whether a source is the address of a server.

    >>> is_endpoint("http://localhost:8000/v1#model"), is_endpoint("org/model")
    (True, False)
    """
    return source.startswith(("http://", "https://"))


def parse_endpoint(source: str) -> Endpoint:
    """Read the address of a server.

    >>> parse_endpoint("http://localhost:8000/v1/?tokenizer=base#org/model").tokenizer
    'base'

    Raises
    ------
    UsageError
        If it holds a password, or asks for what nobody knows.
    """
    parts = urlsplit(source)
    if not parts.hostname:
        raise UsageError(f"`{source}` names no server", hint=f"write `{_FORM}`")
    if parts.username or parts.password:
        raise UsageError(
            f"the address of `{parts.hostname}` holds a password, which would stand in reports",
            hint="set the variable OPENAI_API_KEY instead",
        )
    query = parse_qs(parts.query, keep_blank_values=True)
    for key in query:
        if key not in _KEYS:
            raise UnknownNameError("setting of a server:", key, known=_KEYS)
    # whoever copies the address of the route itself means the same server
    path = parts.path.rstrip("/").removesuffix("/completions").removesuffix("/chat")
    return Endpoint(
        base_url=f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}",
        model=parts.fragment,
        tokenizer=query.get("tokenizer", [""])[-1],
    )


def open_endpoint(source: str, label: str | None) -> Candidate:
    """Ask a server which models it has, and return the one that is meant.

    Raises
    ------
    CheckpointError
        If it cannot be reached or does not have the model.
    UsageError
        If the address cannot be understood.
    """
    endpoint = parse_endpoint(source)
    model = _model(endpoint, _models(endpoint))
    found = Endpoint(base_url=endpoint.base_url, model=model, tokenizer=endpoint.tokenizer)
    name = model.rstrip("/").rpartition("/")[2]
    day = datetime.now(UTC).date().isoformat()
    weak = json.dumps([found.base_url, found.model, day])
    return Candidate(
        name=name,
        label=label,
        parents=(str(urlsplit(found.base_url).netloc),),
        source=found.source,
        kind=CheckpointKind.ENDPOINT,
        step=step_of(name),
        fingerprint=hashlib.sha256(weak.encode()).hexdigest(),
    )


def _model(endpoint: Endpoint, known: list[str] | None) -> str:
    if endpoint.model and (known is None or endpoint.model in known):
        return endpoint.model
    if endpoint.model:
        raise UnknownNameError(
            f"model of `{endpoint.base_url}`:", endpoint.model, known=known or ()
        )
    if known is not None and len(known) == 1:
        return known[0]
    shown = ", ".join(f"`{name}`" for name in known or ()) or "none that it tells"
    raise UsageError(
        f"`{endpoint.base_url}` has {len(known or ())} models, and one is meant: {shown}",
        hint=f"name it: `{endpoint.base_url}#MODEL`",
    )


def _models(endpoint: Endpoint) -> list[str] | None:
    """Return the models that a server has; `None` where it does not tell."""
    key = os.environ.get("OPENAI_API_KEY", "")
    request = Request(
        f"{endpoint.base_url}/models", headers={"Authorization": f"Bearer {key}"} if key else {}
    )
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as response:
            content = json.load(response)
        return [str(model["id"]) for model in content["data"]]
    except HTTPError as error:
        if error.code in (404, 405, 501):
            return None
        raise CheckpointError(
            f"the server `{endpoint.base_url}` refuses to tell its models: {error.code}"
            f" {error.reason}",
            hint="a key is read from the variable OPENAI_API_KEY"
            if error.code in (401, 403)
            else None,
        ) from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise CheckpointError(
            f"the server `{endpoint.base_url}` cannot be reached: {reason}",
            hint="start it, e.g. `vllm serve MODEL`, and check the address",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"`{endpoint.base_url}/models` does not answer like a server of models",
            hint=f"the address ends with the version as a rule: `{_FORM}`",
        ) from error
