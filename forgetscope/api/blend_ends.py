"""The two ends of a blend: a base, and what was made of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from forgetscope.errors import CheckpointError, UsageError
from forgetscope.records import Checkpoint, CheckpointKind

__all__ = ["BlendEnds", "blend_ends"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendEnds:
    """Two sets of weights that lie in folders and match."""

    base: Checkpoint
    after: Checkpoint | None
    """`None` where it is an adapter, which answers only once it is merged."""
    base_folder: Path
    after_folder: Path
    after_label: str
    after_fingerprint: str

    @contextmanager
    def written(self, share: float, label: str, *, scratch: Path) -> Iterator[Checkpoint]:
        """Write the weights of a blend into `scratch`, and delete them when they are done with."""
        from forgetscope.recap.blends import write_blend
        from forgetscope.scoring import resolve_series

        folder = scratch / label
        try:
            write_blend(self.base_folder, self.after_folder, folder, share=share)
            yield replace(resolve_series([str(folder)])[0], label=label)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def tuned(self, *, scratch: Path) -> Iterator[Checkpoint]:
        """Give the far end, ready to answer: an adapter is merged for as long as it is asked."""
        if self.after is not None:
            yield self.after
            return
        with self.written(1.0, self.after_label, scratch=scratch) as checkpoint:
            yield checkpoint

    def save(self, share: float, folder: Path) -> None:
        """Write a blend for whoever wanted it; an adapter stays one."""
        from forgetscope.recap.blends import save_blend

        save_blend(self.base_folder, self.after_folder, folder, share=share)


def blend_ends(base: str, after: str) -> BlendEnds:
    """Resolve what a person named, and check that there are blends of the two.

    Raises
    ------
    CheckpointError
        If one of them is no folder with weights, or the two do not match.
    UsageError
        If one of them is several checkpoints, or both are the same.
    """
    from forgetscope.recap.blends import check_blendable

    adapter = _adapter(after)
    if adapter is None:
        first, second = _two(base, after)
        found = BlendEnds(
            base=first,
            after=second,
            base_folder=Path(first.source),
            after_folder=Path(second.source),
            after_label=second.label,
            after_fingerprint=second.fingerprint,
        )
    else:
        first = _one(base)
        name = adapter.resolve().name
        found = BlendEnds(
            base=first,
            after=None,
            base_folder=Path(first.source),
            after_folder=adapter,
            after_label=name if name != first.label else f"{adapter.resolve().parent.name}/{name}",
            after_fingerprint=_digest(adapter),
        )
    check_blendable(found.base_folder, found.after_folder)
    return found


def _two(base: str, after: str) -> tuple[Checkpoint, Checkpoint]:
    from forgetscope.scoring import resolve_series

    first, second = _one(base), _one(after)
    if first.fingerprint == second.fingerprint:
        raise UsageError(
            f"`{base}` and `{after}` hold the same weights",
            hint="name the checkpoint before the training first, and the trained one behind it",
        )
    # resolved together, so that two folders of one name get labels that tell them apart
    first, second = resolve_series([base, after])
    return first, second


def _one(source: str) -> Checkpoint:
    from forgetscope.scoring import resolve_series

    found = resolve_series([source])
    if len(found) > 1:
        raise UsageError(
            f"`{source}` holds {len(found)} checkpoints, and a blend is made of one",
            hint=f"name one of them, e.g. `{found[-1].source}`",
        )
    if found[0].kind is not CheckpointKind.FOLDER:
        raise CheckpointError(
            f"`{source}` is no folder with weights, and only those can be blended",
            hint="download it first, e.g. `hf download org/name --local-dir FOLDER`"
            if found[0].kind is CheckpointKind.HUB
            else "name the checkpoint from which the GGUF file was made",
        )
    return found[0]


def _adapter(source: str) -> Path | None:
    from forgetscope.recap.adapters import is_adapter

    folder = Path(source).expanduser()
    return folder if folder.is_dir() and is_adapter(folder) else None


def _digest(adapter: Path) -> str:
    hasher = sha256()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        path = adapter / name
        data = path.read_bytes() if path.is_file() else b""
        hasher.update(f"{name}:{len(data)}:".encode() + data)
    return hasher.hexdigest()
