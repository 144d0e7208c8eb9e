"""Every Eval Ever out and in again: valid files, and the same scores and verdicts."""

import json
import os
from dataclasses import fields, replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from forgetscope.api import ExportRequest, Study, export, import_logs
from forgetscope.errors import LogError, PairingError
from forgetscope.store import Study as StoredStudy
from tests.interchange.shared_schema import LOG, SAMPLE

WRITTEN = ExportRequest(written=1_780_000_000)


@pytest.fixture(scope="module")
def shared(imported, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    export(imported, "every-eval-ever", folder, request=WRITTEN)
    return folder


@pytest.fixture(scope="module")
def back(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("back") / "study"
    import_logs([str(shared)], folder, request=None)
    return folder


def _logs(folder):
    return sorted(path for path in folder.rglob("*.json"))


def _check(folder, log_schema, row_schema):
    logs, rows = (jsonschema.Draft7Validator(schema) for schema in (log_schema, row_schema))
    for log in _logs(folder):
        logs.validate(json.loads(log.read_text(encoding="utf-8")))
        for row in _rows(log):
            rows.validate(row)


def _rows(log):
    text = log.with_name(f"{log.stem}_samples.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_the_files_are_what_the_documentation_asks_for(shared):
    assert len(_logs(shared)) == 3
    _check(shared, LOG, SAMPLE)
    for log in _logs(shared):
        content = json.loads(log.read_text(encoding="utf-8"))
        rows = _rows(log)
        assert content["detailed_evaluation_results"]["total_rows"] == len(rows) == 96
        keys = {result["evaluation_result_id"] for result in content["evaluation_results"]}
        for row in rows:
            assert row["evaluation_id"] == content["evaluation_id"]
            assert row["evaluation_result_id"] in keys
        path = log.relative_to(shared).as_posix()
        named = content["detailed_evaluation_results"]["file_path"]
        assert named == path.replace(".json", "_samples.jsonl")


def test_the_files_are_valid_by_the_published_schemas(shared):
    folder = os.environ.get("FORGETSCOPE_EEE_SCHEMAS")
    if not folder:
        pytest.skip("FORGETSCOPE_EEE_SCHEMAS names no folder with the schemas of Every Eval Ever")
    log_schema, row_schema = (
        json.loads(Path(folder, name).read_text(encoding="utf-8"))
        for name in ("eval.schema.json", "instance_level_eval.schema.json")
    )
    _check(shared, log_schema, row_schema)


def test_equal_scores_give_equal_files(imported, shared, tmp_path):
    export(imported, "every-eval-ever", tmp_path, request=WRITTEN)
    for log in _logs(shared):
        again = tmp_path / log.relative_to(shared)
        assert again.read_bytes() == log.read_bytes()


def test_scores_and_evidence_come_back(imported, back):
    for label in ("base", "step-10", "step-20"):
        with StoredStudy(imported) as one, StoredStudy(back) as other:
            pairs = zip(one.profile(label).columns, other.profile(label).columns, strict=True)
        for ours, theirs in pairs:
            assert replace(ours.task, chance=0, fingerprint="") == replace(
                theirs.task, chance=0, fingerprint=""
            )
            assert ours.item_ids == theirs.item_ids
            assert ours.prompt_hashes == theirs.prompt_hashes
            assert ours.clusters == theirs.clusters
            assert ours.value_I.tolist() == theirs.value_I.tolist()
            assert ours.form_I.tolist() == theirs.form_I.tolist()
            for field in fields(ours.evidence):
                first, second = (getattr(c.evidence, field.name) for c in (ours, theirs))
                assert np.allclose(first, second, equal_nan=True), field.name


def test_verdicts_come_back(imported, back):
    with Study(imported) as one, Study(back) as other:
        ours, theirs = one.diagnose(margin=0.05), other.diagnose(margin=0.05)
    assert ours.gate.exit_code == theirs.gate.exit_code == 1
    for before, after in zip(ours.comparisons, theirs.comparisons, strict=True):
        for cell, same in zip(before.domains, after.domains, strict=True):
            assert (cell.verdict, cell.n, cell.lost) == (same.verdict, same.n, same.lost)
            assert (cell.low, cell.high) == pytest.approx((same.low, same.high), nan_ok=True)


def test_one_checkpoint_alone_can_be_written(imported, tmp_path):
    found = export(imported, "every-eval-ever", tmp_path, request=replace(WRITTEN, label="step-10"))
    assert len(found.files) == len(_logs(tmp_path)) == 1


def test_redacted_files_hold_no_word_of_the_data_set(imported, tmp_path):
    export(imported, "every-eval-ever", tmp_path, request=replace(WRITTEN, redact_prompts=True))
    for log in _logs(tmp_path):
        for row in _rows(log):
            assert row["input"]["raw"] == ""
            assert not {"red", "green", "blue", "grey"} & {*row["input"].get("choices", ())}
    import_logs([str(tmp_path)], tmp_path / "study")
    with Study(tmp_path / "study") as study:
        assert study.labels == ("base", "step-10", "step-20")


def _changed(shared, tmp_path, change):
    log = _logs(shared)[0]
    content = json.loads(log.read_text(encoding="utf-8"))
    samples = log.with_name(f"{log.stem}_samples.jsonl")
    change(content)
    (tmp_path / log.name).write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / samples.name).write_bytes(samples.read_bytes())
    return tmp_path / log.name


def _digest(content):
    content["detailed_evaluation_results"]["checksum"] = "0" * 64


def _version(content):
    content["schema_version"] = "0.1.0"


def _results(content):
    del content["evaluation_results"][0]


def _path(content):
    content["detailed_evaluation_results"]["file_path"] = "../../../etc/passwd"


BROKEN = {
    _digest: "its checksum differs",
    _version: "of version 0.1.0",
    _results: "is none of the log's",
    _path: "has no samples",
}


@pytest.mark.parametrize("change", BROKEN, ids=lambda change: change.__name__)
def test_a_log_that_does_not_fit_its_samples_is_refused(change, shared, tmp_path):
    log = _changed(shared, tmp_path, change)
    with pytest.raises(LogError, match=BROKEN[change]):
        import_logs([str(log)], tmp_path / "study")


def test_another_version_of_a_task_is_refused(shared, back, tmp_path):
    def change(content):
        for result in content["evaluation_results"]:
            result["metric_config"]["additional_details"]["version"] = "9"
        content["model_info"]["id"] = "org/other"

    log = _changed(shared, tmp_path, change)
    with pytest.raises(PairingError, match="version"):
        import_logs([str(log)], back)


def test_what_others_wrote_needs_none_of_our_own_keys(shared, tmp_path):
    def bare(content):
        for result in content["evaluation_results"]:
            result["metric_config"].pop("additional_details")
        content["detailed_evaluation_results"].pop("checksum")

    log = _changed(shared, tmp_path, bare)
    samples = log.with_name(f"{log.stem}_samples.jsonl")
    rows = [json.loads(line) for line in samples.read_text(encoding="utf-8").splitlines()]
    lines = "".join(json.dumps(row | {"metadata": None}) + "\n" for row in rows)
    samples.write_text(lines, encoding="utf-8")
    import_logs([str(log)], tmp_path / "study")
    with StoredStudy(tmp_path / "study") as study:
        (checkpoint,) = study.series()
        columns = study.profile(checkpoint.label).columns
    assert sorted(len(column.item_ids) for column in columns) == [48, 48]
