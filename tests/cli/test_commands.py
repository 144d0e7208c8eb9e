import csv
import json

import pandas as pd
import pytest


def test_a_folder_of_checkpoints_is_a_series_in_step_order(study, call, tmp_path):
    code, _, _ = call("report", study, "--out", tmp_path / "r")
    results = json.loads((tmp_path / "r" / "results.json").read_text())
    assert code == 0
    assert results["base"] == "base"
    assert [c["label"] for c in results["checkpoints"]] == [
        "base",
        "checkpoint-5",
        "checkpoint-10",
        "checkpoint-100",
    ]
    assert [c["step"] for c in results["checkpoints"]] == [None, 5, 10, 100]
    assert len(results["comparisons"]) == 3


def test_the_report_is_all_its_files_and_they_agree(study, call, tmp_path):
    out = tmp_path / "r"
    code, text, err = call("report", study, "--out", out, "--margin", "2pp")
    assert code == 0
    results = json.loads((out / "results.json").read_text())
    page = (out / "report.html").read_text()
    for name in ("report.md", "items.parquet", "deltas.csv", "figures/forest.png"):
        assert (out / name).stat().st_size > 0
    assert results["margin"] == 0.02
    last = results["comparisons"][-1]
    assert {cell["name"] for cell in last["domains"]} == {
        "knowledge",
        "commonsense",
        "reading",
        "language",
        "math",
    }
    for cell in last["domains"]:
        assert cell["verdict"] in page
        assert cell["verdict"] in text
    assert str(out) in err


def test_the_target_is_not_counted_among_what_could_be_forgotten(study, call, tmp_path):
    call("report", study, "--out", tmp_path / "r")
    last = json.loads((tmp_path / "r" / "results.json").read_text())["comparisons"][-1]
    roles = {cell["name"]: cell["role"] for cell in last["domains"]}
    assert roles.pop("math") == "target"
    assert set(roles.values()) == {"general"}
    n_general = sum(cell["n"] for cell in last["domains"] if cell["role"] == "general")
    assert last["overall"]["n"] == n_general


def test_the_tables_hold_every_item_of_every_checkpoint(study, call, tmp_path):
    call("report", study, "--out", tmp_path / "r")
    items = pd.read_parquet(tmp_path / "r" / "items.parquet")
    assert len(items) == 4 * (4 * 24 + 12)
    assert items[items.checkpoint == "base"].transition.isna().all()
    others = items[items.checkpoint != "base"]
    assert set(others.transition) <= {"lost", "gained", "retained", "unsolved"}
    assert (items[items.task == "arc_easy"].logprobs.map(len) == 4).all()
    with (tmp_path / "r" / "deltas.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    lost = sum(int(row["lost"]) for row in rows if row["level"] == "task")
    assert lost == (others.transition == "lost").sum()


def test_a_report_twice_is_the_same_to_the_byte(study, call, tmp_path):
    for name in ("one", "two"):
        call("report", study, "--out", tmp_path / name)
    for file in ("report.html", "results.json", "report.md", "deltas.csv", "figures/forest.png"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_checkpoint_differs_from_itself_in_nothing(study, call, tmp_path, run_folder, mirror):
    code, _, _ = call(
        "eval",
        f"copy={run_folder / 'base'}",
        "--tasks=lambada_openai,blimp_causative",
        f"--data-dir={mirror}",
        f"--out={tmp_path / 'again'}",
    )
    assert code == 0
    code, _, _ = call("diff", f"{study}:base", tmp_path / "again", "--out", tmp_path / "r")
    assert code == 0
    (comparison,) = json.loads((tmp_path / "r" / "results.json").read_text())["comparisons"]
    cells = [cell for cell in comparison["tasks"] if cell["change"] is not None]
    assert {cell["name"] for cell in cells} >= {"blimp_causative"}
    assert all(cell["change"] == 0 and cell["lost"] == 0 for cell in cells)


def test_diff_names_both_sides_by_study_and_label(study, call):
    code, text, _ = call("diff", f"{study}:base", f"{study}:checkpoint-10")
    assert code == 0
    assert "checkpoint-10" in text or "step 10" in text


def test_the_gate_exits_as_the_report_of_the_same_study_says(study, call, tmp_path):
    call("report", study, "--out", tmp_path / "r", "--margin", "0.02")
    said = json.loads((tmp_path / "r" / "results.json").read_text())["gate"]
    code, out, _ = call("gate", study, "--margin", "0.02")
    assert code == said["exit_code"]
    assert out.startswith("gate passed" if said["passed"] else "gate failed")
    assert said["reason"] in out


def test_a_proof_is_not_had_from_so_few_items(study, call):
    # 24 items a domain cannot prove a margin of two points
    assert call("gate", study, "--margin", "0.02", "--require", "held")[0] in {1, 5}


def test_the_gate_judges_only_the_named_domains(study, call):
    code, _, err = call("gate", study, "--domains", "readign")
    assert code == 2
    assert "did you mean `reading`" in err


def test_evaluating_again_without_a_suite_uses_the_study_s_own(study, call, run_folder, mirror):
    code, _, err = call("eval", run_folder / "base", f"--data-dir={mirror}", f"--out={study}")
    assert code == 0
    assert "0 answers computed" in err


@pytest.mark.parametrize(
    ("make", "arguments", "code", "said"),
    [
        (None, ["eval", "base", "--suite", "smal"], 2, "did you mean `small`"),
        (None, ["eval", "base"], 2, "--suite"),
        (None, ["eval", "base", "--tasks", "hellaswga"], 2, "did you mean `hellaswag`"),
        (None, ["eval", "base", "--suite", "small", "--target", "maths"], 2, "`math`"),
        (None, ["eval", "base", "--suite", "small", "--engine", "vlm"], 2, "unknown engine"),
        (None, ["eval", "base", "--tasks", "boolq", "--dtype", "fp32"], 2, "unknown dtype"),
        (None, ["eval", "base", "--tasks", "arc_easy", "--base", "bsae"], 2, "`base`"),
        (None, ["eval", "bsae", "--tasks", "arc_easy"], 4, "bsae"),
        ("empty", ["eval", "empty", "--tasks", "arc_easy"], 4, "empty"),
        ("truncated", ["eval", "truncated", "--tasks", "arc_easy"], 4, "model.safetensors"),
        ("no tokenizer", ["eval", "mute", "--tasks", "arc_easy"], 4, "tokenizer"),
        ("no data", ["eval", "base", "--tasks", "sciq"], 4, "allenai/sciq"),
        (None, ["report", "nowhere"], 4, "no study"),
        (None, ["gate", "nowhere"], 4, "no study"),
        (None, ["diff", "nowhere:base", "nowhere:other"], 4, "no study"),
    ],
)
def test_bad_input_is_one_clear_error_with_a_hint(
    make, arguments, code, said, call, tmp_path, monkeypatch, run_folder, mirror
):
    _prepare(make, tmp_path, run_folder, monkeypatch)
    monkeypatch.chdir(tmp_path)
    if arguments[0] == "eval":
        arguments = [*arguments, f"--data-dir={mirror}"]
    found, out, err = call(*arguments)
    assert found == code
    assert out == ""
    assert err.startswith("error: ") or "\nerror: " in err
    assert "hint: " in err
    assert said in err
    assert "Traceback" not in err
    assert not (tmp_path / "study").exists()


def _prepare(make, folder, run_folder, monkeypatch):
    import shutil

    import datasets

    shutil.copytree(run_folder / "base", folder / "base")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    if make == "empty":
        (folder / "empty").mkdir()
    if make == "truncated":
        weights = shutil.copytree(folder / "base", folder / "truncated") / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])
    if make == "no tokenizer":
        mute = shutil.copytree(folder / "base", folder / "mute")
        for path in mute.glob("token*"):
            path.unlink()


def test_a_bad_checkpoint_loses_nothing_that_is_stored(study, call, tmp_path, mirror):
    before = call("gate", study)
    assert call("eval", tmp_path / "nothing", f"--data-dir={mirror}", f"--out={study}")[0] == 4
    assert call("gate", study) == before


def test_two_studies_with_other_prompts_cannot_be_compared(call, tmp_path, run_folder, mirror):
    for shots in (1, 2):
        suite = tmp_path / f"{shots}.toml"
        suite.write_text(f'[[task]]\nname = "gsm8k"\nshots = {shots}\nmax_new_tokens = 2\n')
        call(
            "eval",
            run_folder / "base",
            f"--suite={suite}",
            f"--data-dir={mirror}",
            "--limit=12",
            f"--out={tmp_path / f's{shots}'}",
        )
    code, _, err = call("diff", tmp_path / "s1", tmp_path / "s2")
    assert code == 2
    assert "gsm8k" in err
    assert "hint: " in err
