"""Archives: never opened, as what lies in one may lead anywhere and unfold to any size."""

from __future__ import annotations

__all__ = ["is_archive"]

_SUFFIXES = (
    *(".zip", ".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar"),
    *(".whl", ".egg", ".jar"),
)


def is_archive(name: str) -> bool:
    """Whether a file is called like an archive.

    >>> is_archive("study.tar.gz"), is_archive("model.gguf")
    (True, False)
    """
    return name.lower().endswith(_SUFFIXES)
