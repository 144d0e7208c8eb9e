"""`blend`: the remedy that needs no training, from two names to a checkpoint and its verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from forgetscope.api.blend_ends import blend_ends
from forgetscope.api.blend_job import BlendJob
from forgetscope.api.blend_records import Blended, BlendRequest
from forgetscope.api.blend_settings import check_settings
from forgetscope.api.evaluation_request import wanted_suite
from forgetscope.api.policies import settled
from forgetscope.diagnosis.compare import check_policy
from forgetscope.errors import StudyError
from forgetscope.records import Progress, no_progress

__all__ = ["BlendRequest", "Blended", "blend"]


def blend(
    base: str,
    after: str,
    out: Path,
    *,
    request: BlendRequest,
    progress: Progress = no_progress,
) -> Blended:
    """Find the weights between two checkpoints that keep most of the gain and forget nothing.

    Blends of 10 to 90 % of the tuned weights are evaluated, then finer ones around the best. Half
    of the items of each task choose; the other half judges what was chosen, so that the choice
    does not flatter itself. Interrupted, the same call goes on where it was.

    Parameters
    ----------
    base, after
        Folders of two checkpoints of one architecture; `after` may be a LoRA adapter of the base.
    out
        Folder for `checkpoint` (the chosen blend; of an adapter, the adapter with its change
        scaled), `search` and `study` (what was asked to choose, and to judge) and `report`.
    request
        What to choose by.

    Raises
    ------
    CheckpointError
        If the two do not match, or a blend cannot be written.
    UsageError
        If no task is of a target domain or none of a general one, or if `out` holds another search.
    """
    file = replace(settled(None, margin=request.margin), require=request.require)
    check_policy(file.policy)
    suite = wanted_suite(request.evaluation, out / "search")
    ends = blend_ends(base, after)
    job = BlendJob(ends=ends, out=out, suite=suite, request=request, file=file, progress=progress)
    check_settings(out, job.settings())
    curve = job.curve()
    if curve is None:
        job.run()
        curve = job.curve()
    if curve is None:
        raise StudyError(f"the study `{out / 'study'}` lost the result while it was written")
    return job.result(curve)
