"""`forgetscope import` and `forgetscope export`, as a person calls them."""

import json

import pytest

from tests.interchange.made_logs import choices, write_lm_eval, written


@pytest.fixture
def logs(tmp_path):
    for name, right in (("base", 44), ("step-10", 8)):
        rows = {"arc_easy": choices(right), "gsm8k": written(20)}
        write_lm_eval(tmp_path / "logs" / name, rows)
    return tmp_path / "logs"


def test_logs_are_imported_reported_judged_and_viewed_without_a_model(logs, tmp_path, call):
    out = tmp_path / "study"
    code, _, err = call("import", logs, "--out", out)
    assert (code, err.splitlines()[-1]) == (0, f"next: forgetscope report {out}")
    assert call("report", out, "--margin", "5pp")[0] == 0
    assert call("gate", out, "--margin", "5pp")[0] == 1
    code, shown, _ = call("diff", f"{out}:base", f"{out}:step-10", "--margin", "5pp")
    assert (code, "FORGOT" in shown) == (0, True)
    other = tmp_path / "other"
    call("import", logs, "--out", other, "--base", "step-10")
    assert call("view", f"one={out}", f"other={other}", "--out", tmp_path / "view")[0] == 0


def test_what_is_unknown_is_a_warning(logs, tmp_path, call):
    bare = write_lm_eval(tmp_path / "bare", {"arc_easy": choices(3)}, has_results=False)
    code, _, err = call("import", logs, bare, "--out", tmp_path / "study")
    assert code == 0
    assert "warning: `arc_easy` of `bare`: not known whether" in err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("lgos",), 4, "does not exist"),
        (("logs", "--tasks", "arc_esy"), 2, "unknown task `arc_esy`"),
        (("logs", "--label", "x"), 2, "`--label` speaks of one checkpoint"),
        (("logs", "--target", "mth"), 2, "unknown domain `mth`"),
        (("logs", "--base", "bse"), 2, "unknown checkpoint `bse`"),
    ],
)
def test_a_call_that_cannot_work_ends_in_one_line_and_leaves_nothing(
    arguments, code, message, logs, tmp_path, call
):
    first, *rest = arguments
    found, out, err = call("import", logs.parent / first, *rest, "--out", tmp_path / "study")
    assert (found, out) == (code, "")
    assert message in err
    assert "Traceback" not in err
    assert not (tmp_path / "study").exists()


def test_both_tell_programs_what_they_did(logs, tmp_path, call):
    out = tmp_path / "study"
    told = json.loads(call("import", logs, "--out", out, "--json")[1])
    assert (told["schema"], told["labels"]) == ("forgetscope.import/1", ["base", "step-10"])
    told = json.loads(call("export", out, "--to", "csv", "--json")[1])
    assert told["schema"] == "forgetscope.export/1"
    assert told["files"] == [str(out / "export" / "deltas.csv")]


def test_an_export_says_what_it_wrote_and_what_it_left_out(logs, tmp_path, call):
    out = tmp_path / "study"
    call("import", logs, "--out", out)
    code, _, err = call("export", out, "--to", "hf", "--out", tmp_path / "model")
    assert code == 0
    assert "note: `gsm8k` is left out: 48 items were asked" in err
    code, _, err = call("export", out, "--to", "modelcard")
    assert (code, "did you mean `model-card`?" in err) == (2, True)
