"""What the documentation of Every Eval Ever 0.3.0 asks of a log and of its samples.

Written from the documentation, for where the published schemas are not at hand; it asks for no
more than they do.
"""

_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_UUID4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def _object(required, *, is_closed=False, **properties):
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": not is_closed,
    }


_TEXT = {"type": "string"}
_METRIC = _object(
    ["lower_is_better"],
    lower_is_better={"type": "boolean"},
    score_type={"enum": ["binary", "continuous", "levels"]},
    additional_details=_TEXTS,
)
_RESULT = _object(
    ["evaluation_name", "source_data", "metric_config", "score_details"],
    evaluation_name=_TEXT,
    source_data=_object(["dataset_name", "source_type"], source_type={"const": "other"}),
    metric_config=_METRIC,
    score_details=_object(["score"], score={"type": "number"}, details=_TEXTS),
)
_MODEL = _object(
    ["name", "id", "additional_details"],
    additional_details={
        **_TEXTS,
        "required": ["deployment_type", "model_availability"],
        "properties": {
            "deployment_type": {"enum": ["self_deployed", "externally_managed", "unknown"]},
            "model_availability": {"enum": ["open_weights", "closed_weights", "unknown"]},
        },
    },
)
LOG = _object(
    [
        *("schema_version", "evaluation_id", "retrieved_timestamp", "source_metadata"),
        *("model_info", "eval_library", "evaluation_results"),
    ],
    is_closed=True,
    schema_version={"const": "0.3.0"},
    evaluation_id=_TEXT,
    evaluation_timestamp=_TEXT,
    retrieved_timestamp={"type": "string", "pattern": "^[0-9]+$"},
    source_metadata=_object(
        ["source_type", "source_organization_name", "evaluator_relationship"],
        source_type={"enum": ["documentation", "evaluation_run"]},
        evaluator_relationship={"enum": ["first_party", "third_party", "collaborative", "other"]},
    ),
    model_info=_MODEL,
    eval_library=_object(["name", "version"], name=_TEXT, version=_TEXT),
    evaluation_results={"type": "array", "items": _RESULT},
    detailed_evaluation_results=_object(
        ["format", "file_path"],
        format={"const": "jsonl"},
        file_path={"pattern": rf"^data/[^/]+/[^/]+/[^/]+/{_UUID4}_samples\.jsonl$"},
        hash_algorithm={"enum": ["sha256", "md5"]},
    ),
)
SAMPLE = _object(
    [
        *("schema_version", "evaluation_id", "model_id", "evaluation_name", "sample_id"),
        *("interaction_type", "input", "answer_attribution", "evaluation", "output"),
    ],
    is_closed=True,
    schema_version={"const": "0.3.0"},
    evaluation_id=_TEXT,
    model_id=_TEXT,
    evaluation_name=_TEXT,
    evaluation_result_id=_TEXT,
    sample_id=_TEXT,
    interaction_type={"const": "single_turn"},
    input=_object(
        ["raw", "reference"],
        raw=_TEXT,
        reference={"type": "array", "items": _TEXT},
        choices={"type": "array", "items": _TEXT},
    ),
    output=_object(["raw"], raw={"type": "array", "items": _TEXT}),
    answer_attribution={
        "type": "array",
        "items": _object(
            ["turn_idx", "source", "extracted_value", "extraction_method", "is_terminal"],
            extracted_value=_TEXT,
            is_terminal={"type": "boolean"},
        ),
    },
    evaluation=_object(
        ["score", "is_correct"], score={"type": "number"}, is_correct={"type": "boolean"}
    ),
    error=_TEXT,
    metadata=_TEXTS,
)
