"""Results out: every format is written, and holds what the study says."""

import csv
import json
import math

import jsonschema
import pyarrow.parquet as pq
import pytest
from huggingface_hub import ModelCard

from forgetscope.api import EXPORTS, ExportRequest, Study, export
from forgetscope.errors import StudyError, UnknownNameError, UsageError
from forgetscope.report import results_schema


@pytest.mark.parametrize("to", EXPORTS)
def test_every_format_can_be_written_into_a_folder(to, imported, tmp_path):
    found = export(imported, to, tmp_path / "out")
    assert all(path.is_file() and path.is_relative_to(tmp_path) for path in found.files)
    # the made-up benchmark is too small for a hub, which is said
    assert found.files or (to == "hf" and any("gsm8k" in note for note in found.notes))


def test_a_file_of_the_right_suffix_is_that_file(imported, tmp_path):
    path = tmp_path / "mine.parquet"
    assert export(imported, "parquet", path).files == (path,)
    table = pq.read_table(path)
    assert len(table) == 3 * 2 * 48
    one = export(
        imported, "parquet", tmp_path / "one.parquet", request=ExportRequest(label="step-10")
    )
    labels = pq.read_table(one.files[0])["checkpoint"].unique().to_pylist()
    assert labels == ["step-10"]


def test_the_tables_and_the_results_are_those_of_a_report(imported, tmp_path):
    (table,) = export(imported, "csv", tmp_path).files
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["checkpoint"] for row in rows} == {"step-10", "step-20"}
    (path,) = export(imported, "json", tmp_path).files
    content = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(content, results_schema())
    assert content["gate"]["exit_code"] == 1


def test_a_model_card_tells_programs_the_scores_and_people_the_loss(imported, tmp_path):
    (path,) = export(imported, "model-card", tmp_path).files
    text = path.read_text(encoding="utf-8")
    card = ModelCard(text)
    scores = {result.dataset_name: result.metric_value for result in card.data.eval_results}
    assert card.data.model_name == "step-20"
    assert scores == {
        "arc_easy": pytest.approx(6 / 48, abs=1e-6),
        "gsm8k": pytest.approx(40 / 48, abs=1e-6),
    }
    assert "| Knowledge | 48 | 91.7 | 12.5 |" in text
    assert "FORGOT" in text


def test_the_card_of_the_base_alone_holds_its_scores(imported, tmp_path):
    request = ExportRequest(label="base")
    (path,) = export(imported, "model-card", tmp_path, request=request).files
    values = [r.metric_value for r in ModelCard(path.read_text()).data.eval_results]
    assert all(math.isfinite(value) for value in values)


def test_what_nobody_knows_is_told_with_what_is_near(imported, tmp_path):
    with pytest.raises(UnknownNameError) as caught:
        export(imported, "parqet", tmp_path)
    assert "parquet" in (caught.value.hint or "")
    with pytest.raises(UnknownNameError, match="step-11"):
        export(imported, "csv", tmp_path, request=ExportRequest(label="step-11"))
    with pytest.raises(StudyError):
        export(tmp_path / "none", "csv", tmp_path)


def test_a_place_that_cannot_be_written_is_named(imported, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="cannot write to"):
        export(imported, "csv", tmp_path / "file" / "below")


def test_a_study_of_logs_is_reported_like_any_other(imported, tmp_path):
    with Study(imported) as study:
        study.save_report(tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "imported from lm-eval 0.4.13" in page
