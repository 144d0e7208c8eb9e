"""Every Eval Ever, schema 0.3.0: one `EvaluationLog` a checkpoint, and a file with its samples.

What a comparison needs and the format has no key for lies in its `additional_details` and
`metadata`, so that a study can be made of the files again.
"""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgetscope.interchange.out.portable import portable
from forgetscope.interchange.out.shared_samples import result_key, sample_rows
from forgetscope.interchange.out.task_scores import TaskScore, task_scores
from forgetscope.records import Checkpoint, CheckpointKind, Item
from forgetscope.store import Study
from forgetscope.store.files import write_whole

__all__ = ["SCHEMA_VERSION", "Origin", "write_shared"]

SCHEMA_VERSION = "0.3.0"
_COLLECTION = "forgetscope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the scores come from."""

    harness: str
    """The program that asked and judged."""
    harness_version: str
    program: str
    """The program that writes, with its version."""
    evaluated: str | None
    """When the last command answered, in ISO 8601."""
    written: int
    """When the files are written, in seconds since 1970."""


def write_shared(
    study: Study,
    label: str,
    out: Path,
    *,
    origin: Origin,
    hide: Callable[[Item], Item] | None = None,
) -> Path:
    """Write one checkpoint below `out/data` and return its log; equal scores give equal names.

    Parameters
    ----------
    hide
        Takes the data set's words out of an item; default: they stay.
    """
    checkpoint = study.checkpoint(label)
    scores = task_scores(study.profile(label))
    model = _model_id(checkpoint)
    evaluation = f"{_COLLECTION}/{model}/{origin.written}"
    # the name stands for what is written but its time
    seed = (
        f"{checkpoint.fingerprint} {label} {[(s.task.fingerprint, s.score, s.n) for s in scores]}"
    )
    name = str(uuid.UUID(bytes=hashlib.sha256(seed.encode()).digest()[:16], version=4))
    below = Path("data", _COLLECTION, *(portable(part) for part in model.split("/", maxsplit=1)))
    samples = out / below / f"{name}_samples.jsonl"
    head = {"schema_version": SCHEMA_VERSION, "evaluation_id": evaluation, "model_id": model}
    written = _write_lines(
        samples, ({**head, **row} for row in sample_rows(study, label, scores, hide=hide))
    )
    log = {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": evaluation,
        **({"evaluation_timestamp": origin.evaluated} if origin.evaluated else {}),
        "retrieved_timestamp": str(origin.written),
        "source_metadata": {
            "source_name": origin.program,
            "source_type": "evaluation_run",
            "source_organization_name": "unknown",
            "evaluator_relationship": "other",
        },
        "eval_library": {"name": origin.harness, "version": origin.harness_version},
        "model_info": _model_info(checkpoint, model, study.engines().get(label, {})),
        "evaluation_results": [_result(each) for each in scores],
        "detailed_evaluation_results": {
            "format": "jsonl",
            "file_path": (below / samples.name).as_posix(),
            "hash_algorithm": "sha256",
            "checksum": written.digest,
            "total_rows": written.rows,
        },
    }
    path = samples.with_name(f"{name}.json")
    with write_whole(path) as temporary:
        text = json.dumps(log, indent=1, ensure_ascii=True, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    digest: str
    rows: int


def _write_lines(path: Path, rows: Iterator[Mapping[str, Any]]) -> _Written:
    hasher, n = hashlib.sha256(), 0
    with write_whole(path) as temporary, temporary.open("wb") as file:
        for row in rows:
            # ASCII, as a lone surrogate of a model is no UTF-8
            line = json.dumps(row, ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"
            file.write(line)
            hasher.update(line)
            n += 1
    return _Written(digest=hasher.hexdigest(), rows=n)


def _model_id(checkpoint: Checkpoint) -> str:
    """Return the name on a hub, else the label under `local`."""
    if checkpoint.kind is CheckpointKind.HUB and checkpoint.source.count("/") == 1:
        return checkpoint.source
    return f"local/{checkpoint.label.replace('/', '_')}"


def _model_info(checkpoint: Checkpoint, model: str, engine: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        "label": checkpoint.label,
        "fingerprint": checkpoint.fingerprint,
        "revision": checkpoint.revision,
        "step": checkpoint.step,
        "dtype": engine.get("dtype"),
    }
    is_ours = checkpoint.kind is not CheckpointKind.LOG
    is_open = checkpoint.kind is CheckpointKind.HUB
    return {
        "name": checkpoint.label,
        "id": model,
        **({"inference_engine": {"name": str(engine["engine"])}} if "engine" in engine else {}),
        "additional_details": {
            "deployment_type": "self_deployed" if is_ours else "unknown",
            "model_availability": "open_weights" if is_open else "unknown",
            **{key: str(value) for key, value in known.items() if value is not None},
        },
    }


def _result(each: TaskScore) -> dict[str, Any]:
    task = each.task
    low, high = (0, 1) if task.is_bounded else ("-Infinity", "Infinity")
    details = {
        "task": task.name,
        "metric": task.metric,
        "filter": task.filter,
        "partner": task.partner,
        "domain": task.domain,
        "role": task.role.value,
        "purpose": task.purpose.value,
        "output_type": task.output_type.value,
        "aggregate": task.aggregate.value,
        "is_sampled": "true" if task.is_sampled else "false",
        "version": task.version,
        "n_shots": str(task.n_shots),
        "chance": None if math.isnan(task.chance) else repr(task.chance),
        "fingerprint": task.fingerprint,
    }
    error = each.standard_error
    is_known = math.isfinite(error)
    return {
        "evaluation_result_id": result_key(task),
        "evaluation_name": task.name,
        "source_data": {"dataset_name": task.name, "source_type": "other"},
        "metric_config": {
            "metric_id": task.metric,
            "metric_name": task.metric,
            "lower_is_better": not task.higher_is_better,
            "score_type": "binary" if each.is_binary and task.is_bounded else "continuous",
            "min_score": low,
            "max_score": high,
            "additional_details": {k: v for k, v in details.items() if v is not None},
        },
        "score_details": {
            "score": each.score if math.isfinite(each.score) else 0.0,
            "details": {"is_undefined": "false" if math.isfinite(each.score) else "true"},
            "uncertainty": {
                "num_samples": each.n,
                **(
                    {"standard_error": {"value": error, "method": "cluster-robust"}}
                    if is_known
                    else {}
                ),
            },
        },
    }
