"""Blends: the weights a part of the way from a base to what was made of it, whole or adapter."""

from __future__ import annotations

from pathlib import Path

from forgetscope.recap.adapters import check_adapter, is_adapter, merge_adapter, scale_adapter
from forgetscope.recap.interpolation import check_matching, interpolate

__all__ = ["check_blendable", "save_blend", "write_blend"]


def check_blendable(base: Path, after: Path) -> None:
    """Check that there are blends of the two, before any compute is spent.

    Raises
    ------
    CheckpointError
        Naming the first thing that does not match.
    """
    if is_adapter(after):
        check_adapter(base, after)
    else:
        check_matching(base, after)


def write_blend(base: Path, after: Path, out: Path, *, share: float) -> Path:
    """Write a blend as whole weights, which can be evaluated.

    Parameters
    ----------
    base, after
        Folders; `after` may be an adapter of the base.
    out
        The new folder; it appears whole or not at all.
    share
        Of the way to `after`, in [0, 1].

    Raises
    ------
    CheckpointError
        If the two do not match, or `out` cannot be written.
    """
    if is_adapter(after):
        return merge_adapter(base, after, out, share=share)
    return interpolate(base, after, out, share=share)


def save_blend(base: Path, after: Path, out: Path, *, share: float) -> Path:
    """Write a blend in the form of `after`: an adapter stays one, with its B matrices scaled."""
    if is_adapter(after):
        return scale_adapter(after, out, share=share)
    return interpolate(base, after, out, share=share)
