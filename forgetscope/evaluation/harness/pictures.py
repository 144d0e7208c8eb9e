"""Pictures of image tasks: found in lm-eval's requests, digested, and placed in chats."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.task import Task as LmTask

from forgetscope.errors import DataError

__all__ = ["PLACE", "chat_with_pictures", "digest_of_picture", "pictures_of", "told"]

PLACE = "<image>"
"""Where a picture stands in a prompt, as lm-eval's tasks write it."""


def pictures_of(instance: Instance, *, task: str) -> tuple[Any, ...]:
    """Return the pictures that a request of an image task asks about; empty for text alone.

    Raises
    ------
    DataError
        If the document lacks a picture: asked without it, the answer would mean nothing.
    """
    beside = [each for each in instance.args if isinstance(each, dict) and "visual" in each]
    if not beside:
        return ()
    found = tuple(_flat(beside[0]["visual"]))
    broken = [picture for picture in found if not _is_picture(picture)]
    if broken or not found:
        what = f"a `{type(broken[0]).__name__}` in place of a picture" if broken else "no picture"
        raise DataError(
            f"document {instance.doc_id} of the image task `{task}` has {what}",
            hint="a mirror holds pictures in `.parquet` files that `datasets` wrote",
        )
    return found


def digest_of_picture(picture: Any) -> str:  # noqa: ANN401  a picture of Pillow
    """Return the hex digest of the pixels of a picture, whatever file they came from."""
    shape = f"{picture.mode}:{picture.size}:".encode()
    return hashlib.sha256(shape + picture.tobytes()).hexdigest()


def told(value: Any) -> str:  # noqa: ANN401  whatever a document holds
    """Return what a value of a document is known by where it is no JSON."""
    return f"picture {digest_of_picture(value)}" if _is_picture(value) else str(value)


def chat_with_pictures(render: Callable[..., str], lm_task: LmTask) -> Callable[..., str]:
    """Return a chat template that puts pictures where the prompts of a task have them."""
    if not getattr(lm_task, "MULTIMODAL", False):
        return render

    def render_parts(messages: Sequence[dict[str, Any]], **keywords: Any) -> str:  # noqa: ANN401
        return render(
            [{**each, "content": list(_parts(str(each["content"])))} for each in messages],
            **keywords,
        )

    return render_parts


def _parts(text: str) -> Iterator[dict[str, str]]:
    for number, part in enumerate(text.split(PLACE)):
        if number:
            yield {"type": "image"}
        if part:
            yield {"type": "text", "text": part}


def _flat(value: Any) -> Iterator[Any]:  # noqa: ANN401  as the task says it
    if isinstance(value, list | tuple):
        for each in value:
            yield from _flat(each)
    else:
        yield value


def _is_picture(value: Any) -> bool:  # noqa: ANN401  whatever a document holds
    return all(hasattr(value, name) for name in ("mode", "size", "tobytes"))
