"""Notes of how far checkpoints were asked while their evidence was watched."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from forgetscope.records import Look
from forgetscope.store import Study

__all__ = ["farther", "finish_looks"]


def farther(known: Iterable[Look], new: Iterable[Look]) -> tuple[Look, ...]:
    """Return the looks by domain that went farther; answers that are there stay in use."""
    found = {look.domain: look for look in known}
    for look in new:
        old = found.get(look.domain)
        if old is None or old.seed != look.seed or look.share >= old.share:
            found[look.domain] = look
    return tuple(found.values())


def finish_looks(study: Study, domains: Collection[str], *, model: str, engine: str) -> None:
    """Note that all items of some domains have been answered by now.

    That they were watched before stays noted: whoever stops at what pleases, and goes on otherwise,
    errs twice as often as either way alone.
    """
    known = study.looks(model=model, engine=engine)
    done = tuple(
        replace(look, share=1.0, n=look.of) if look.domain in domains else look for look in known
    )
    if done != known:
        study.put_looks(done, model=model, engine=engine)
