"""Interpolation: the weights a part of the way from one checkpoint to another.

(1 - share) base + share after, tensor by tensor (WiSE-FT, Wortsman et al., arXiv:2109.01903).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import torch

from forgetscope.errors import CheckpointError
from forgetscope.recap.folders import read_json, write_checkpoint
from forgetscope.recap.weights import ITEM_BYTES, TensorSpec, Weights, float_dtype, in_pieces
from forgetscope.scoring.folders import open_folder

__all__ = ["check_matching", "interpolate", "open_weights"]


def interpolate(base: Path, after: Path, out: Path, *, share: float) -> Path:
    """Write the weights a part of the way from `base` to `after`.

    Memory for a tensor of each is enough. Files are divided and named as in `after`, whose
    configuration and tokenizer are copied; numbers are computed in float32 and stored in the dtype
    that `base` has them in. What is equal in both stays as it is, to the bit, and so does all of
    `base` at share 0 and, where the dtypes are the same, of `after` at share 1.

    Parameters
    ----------
    base, after
        Folders of two checkpoints of one architecture.
    out
        The new folder; it appears whole or not at all.
    share
        Of `after`, in [0, 1].

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    CheckpointError
        If a folder cannot be used, the two do not match, or `out` cannot be written.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"the share of the tuned weights must be in [0, 1]: {share}")
    with _Line(base, after) as line:
        write_checkpoint(
            out,
            {name: [line.spec(tensor) for tensor in found] for name, found in line.layout.items()},
            lambda spec: line.pieces(spec, share),
            companions=(after,),
            changes=line.changes(),
        )
    return out


def check_matching(base: Path, after: Path) -> None:
    """Check that two checkpoints can be blended; whole tensors are not read.

    Raises
    ------
    CheckpointError
        Naming the first tensor that does not match.
    """
    with _Line(base, after):
        pass


def open_weights(folder: Path) -> Weights:
    """Open the weights of a whole checkpoint that can be computed with.

    Raises
    ------
    CheckpointError
        If the folder is no whole checkpoint, or its weights are quantised.
    """
    weights = Weights(open_folder(folder).weights)
    is_quantised = "quantization_config" in read_json(folder / "config.json")
    for spec in map(weights.spec, weights.names):
        if is_quantised or spec.dtype not in ITEM_BYTES:
            raise CheckpointError(
                f"the weights of `{folder}` are quantised (`{spec.name}` is {spec.dtype}), and"
                " there is no half way between quantised weights",
                hint="name the checkpoint as it was before it was quantised",
            )
    return weights


class _Line:
    """The line between two checkpoints; use it as a context manager.

    Raises
    ------
    CheckpointError
        If the two do not match.
    """

    def __init__(self, base: Path, after: Path) -> None:
        self._folders = (base, after)
        with ExitStack() as stack:
            self._base = stack.enter_context(open_weights(base))
            self._after = stack.enter_context(open_weights(after))
            self.layout = self._after.layout
            self._partner = self._partners()
            for name in self._partner:
                self._check(name)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def spec(self, name: str) -> TensorSpec:
        """Return what is written of a tensor: its name as in `after`, its dtype as in `base`."""
        found = self._base.spec(self._partner[name])
        return TensorSpec(name=name, dtype=found.dtype, shape=found.shape)

    def pieces(self, spec: TensorSpec, share: float) -> Iterator[torch.Tensor]:
        """Yield the numbers of a tensor."""
        base, after = self._base.read(self._partner[spec.name]), self._after.read(spec.name)
        if share == 0.0 or float_dtype(spec.dtype) is None:
            yield base
            return
        for first, second in in_pieces(base, after):
            # wider numbers than float32 keep their width; lerp leaves equal ones as they are
            wide = torch.promote_types(base.dtype, torch.float32)
            end = second.to(wide)
            blend = end if share == 1.0 else torch.lerp(first.to(wide), end, share)
            yield blend.to(base.dtype)

    def changes(self) -> dict[str, dict[str, str]]:
        """Return what the configuration of `after` must say otherwise: the dtype of `base`."""
        for name in self._partner:
            dtype = float_dtype(self.spec(name).dtype)
            if dtype is not None and self.spec(name).dtype != self._after.spec(name).dtype:
                word = str(dtype).removeprefix("torch.")
                return {"config.json": {"dtype": word, "torch_dtype": word}}
        return {}

    def _partners(self) -> dict[str, str]:
        """Return the tensor of `base` that belongs to each tensor of `after`.

        A tensor that one side alone holds is no difference if it only repeats another one, as
        tied embeddings are saved by some programs and left out by others.
        """
        shared = [name for name in self._after.names if name in self._base]
        for name in self._base.names:
            if name not in self._after and _twin(self._base, name, shared) is None:
                raise self._missing(name, self._folders[0], self._folders[1])
        partner = {}
        for name in self._after.names:
            found = name if name in self._base else _twin(self._after, name, shared)
            if found is None:
                raise self._missing(name, self._folders[1], self._folders[0])
            partner[name] = found
        return partner

    @staticmethod
    def _missing(name: str, holder: Path, other: Path) -> CheckpointError:
        return CheckpointError(
            f"`{holder}` and `{other}` do not match: only the first holds `{name}`",
            hint="only checkpoints of one architecture can be blended",
        )

    def _check(self, name: str) -> None:
        first, second = self._base.spec(self._partner[name]), self._after.spec(name)
        base, after = self._folders
        if first.shape != second.shape:
            raise CheckpointError(
                f"`{name}` is {first.shape} in `{base}` and {second.shape} in `{after}`",
                hint="only checkpoints of one architecture and vocabulary can be blended",
            )
        if float_dtype(first.dtype) and float_dtype(second.dtype):
            return
        is_equal = first.dtype == second.dtype and torch.equal(
            self._base.read(self._partner[name]), self._after.read(name)
        )
        if not is_equal:
            raise CheckpointError(
                f"`{name}` is {first.dtype} in `{base}` and {second.dtype} in `{after}`, and the"
                " numbers differ: there is no half way between them",
                hint="only weights in float64, float32, float16 and bfloat16 can be blended",
            )


def _twin(weights: Weights, name: str, others: list[str]) -> str | None:
    """Return another tensor that this one repeats bit for bit."""
    spec = weights.spec(name)
    for other in others:
        found = weights.spec(other)
        if (found.shape, found.dtype) == (spec.shape, spec.dtype) and torch.equal(
            weights.read(name), weights.read(other)
        ):
            return other
    return None
