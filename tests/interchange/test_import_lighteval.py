"""Details of lighteval in; their form is that of lighteval 0.13.0."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forgetscope.api import Study, import_logs
from forgetscope.errors import LogError, PairingError
from forgetscope.store import Study as StoredStudy
from tests.interchange.made_logs import detail, write_lighteval


def _details(right, *, n=40, **others):
    return [detail(number, is_right=number < right, **others) for number in range(n)]


def _write(folder, right, **others):
    rows = {"colours|2": _details(right), "numbers|0": _details(right, is_choice=False)}
    return write_lighteval(folder, rows, model=f"org/{folder.name}", **others)


@pytest.fixture
def study(tmp_path):
    for name, right in (("base", 36), ("step-5", 12)):
        _write(tmp_path / name, right)
    import_logs([str(tmp_path / "base"), str(tmp_path / "step-5")], tmp_path / "study")
    return tmp_path / "study"


def test_both_kinds_of_tasks_are_read_and_compared(study):
    with StoredStudy(study) as opened:
        columns = {column.task.name: column for column in opened.profile("base").columns}
    choice, written = columns["colours"], columns["numbers"]
    assert (choice.value_I.sum(), written.value_I.sum()) == (36, 36)
    assert (choice.task.n_shots, choice.task.version) == (2, "1")
    assert np.isfinite(choice.evidence.gold_share_I).all()
    assert (written.evidence.tokens_I == 3).all()
    with Study(study) as opened:
        cells = {cell.name: cell for cell in opened.compare("base", "step-5").tasks}
    assert (cells["colours"].n, cells["colours"].lost) == (40, 24)


def test_a_prompt_that_differs_in_its_tokens_alone_is_refused(study, tmp_path):
    rows = _details(12)
    rows[3]["model_response"]["input_tokens"] = [9, 9, 9]
    other = write_lighteval(tmp_path / "other", {"colours|2": rows}, model="org/other")
    with pytest.raises(PairingError, match="1 of 40 prompts of `colours`"):
        import_logs([str(other)], study)


def test_other_shots_are_refused_and_unknown_ones_are_told(study, tmp_path):
    other = write_lighteval(tmp_path / "five", {"colours|5": _details(9)}, model="org/five")
    with pytest.raises(PairingError, match="few-shot examples"):
        import_logs([str(other)], study)
    rows = {"colours|2": _details(9)}
    bare = write_lighteval(tmp_path / "bare", rows, model="org/bare", has_results=False)
    notes = import_logs([str(bare)], study).notes
    assert any("no results of its time" in note for note in notes)
    assert any("not known whether version" in note for note in notes)


def test_a_log_of_another_harness_is_refused_under_the_same_name(study, tmp_path):
    from tests.interchange.made_logs import choices, write_lm_eval

    other = write_lm_eval(tmp_path / "lm", {"colours": choices(9)}, metrics=["acc"])
    with pytest.raises(PairingError, match=r"harness \(`lighteval` and `lm-eval`\)"):
        import_logs([str(other)], study)


def test_a_file_that_is_cut_off_or_of_an_older_version_says_so(tmp_path):
    details = _write(tmp_path / "base", 9)
    (path, *_) = sorted(details.glob("*.parquet"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LogError, match="no parquet file, or is cut off"):
        import_logs([str(details)], tmp_path / "study")
    pq.write_table(pa.table({"full_prompt": ["a"], "predictions": ["b"]}), path)
    with pytest.raises(LogError, match="`doc` and `model_response`"):
        import_logs([str(details)], tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_a_row_that_cannot_be_read_is_named(tmp_path):
    rows = _details(9)
    rows[4]["model_response"]["logprobs"] = [-1.0]
    details = write_lighteval(tmp_path / "base", {"colours|2": rows})
    with pytest.raises(LogError, match=r"parquet:5` cannot be read"):
        import_logs([str(details)], tmp_path / "study")
