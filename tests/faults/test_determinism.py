"""What a number may hang on: the weights, the items and the question, and on nothing else.

That training with equal seeds gives equal weights stands in `tests/recap/test_train.py`, that two
workers store what one process stores in `tests/evaluation/test_ray.py`.
"""

import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from safetensors.torch import load_file, save_file

from forgetscope.api import Study
from forgetscope.cli.main import run
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite, session
from forgetscope.evaluation.rerun_note import rerun_notes
from forgetscope.scoring import EngineConfig, resolve_series
from forgetscope.store import Study as Stored
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama

TIMES = [("provenance", "times", "finished"), ("provenance", "times", "started")]
"""All that may differ in `results.json` between two runs of one command. Of a training run there
is `training.seconds` too."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d\\?:\d\d\\?:\d\dZ")
BOUND = 5e-4
"""Nat, and units of any score: what other batches or threads may move. Measured here: 8e-5 nat
between batches of 40 tokens and of 256, 1.4e-4 of one request, 7e-7 between threads."""
MARGIN = 0.4
N = 16
"""Documents of each task."""
SUITE = Suite(
    name="test",
    target="math",
    choices=(
        TaskChoice(name="arc_easy"),
        TaskChoice(name="boolq"),
        TaskChoice(name="wikitext"),
        TaskChoice(name="gsm8k", shots=0, max_new_tokens=4),
        TaskChoice(name="lambada_openai"),
    ),
)
TASKS = "arc_easy,boolq,wikitext,lambada_openai"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A base, and one that is three times as sure of everything, which costs it likelihood."""
    folder = tmp_path_factory.mktemp("models")
    base = save_tiny_llama(folder / "base", window=512)
    after = save_tiny_llama(folder / "checkpoint-10", window=512)
    weights = load_file(after / "model.safetensors")
    weights["lm_head.weight"] *= 3.0
    save_file(weights, after / "model.safetensors", metadata={"format": "pt"})
    return base, after


def command(folder, mirror, models):
    """Run the same two commands in an empty folder."""
    folder.mkdir()
    asked = [*map(str, models), f"--tasks={TASKS}", f"--data-dir={mirror}", "--rerun"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["forgetscope", "eval", "--out=study"])
        assert run(["eval", *asked, "--out=study"]) == 0
        assert run(["report", "study", "--out=report", f"--margin={MARGIN}"]) == 0


_CHILD = """
import sys
from pathlib import Path
import torch
from tests.faults.test_determinism import command, evaluate
folder, mirror, *models = map(Path, sys.argv[1:])
command(folder / "again", mirror, models)
torch.set_num_threads(2)
evaluate(folder / "threads", mirror, models, rerun=True)
"""


@pytest.fixture(scope="module")
def mirror(tmp_path_factory, models):
    """Documents of which the base knows some: the key of a question is what the base answers."""
    folder = tmp_path_factory.mktemp("mirror")
    asked = write_mirror(folder / "asked", n_documents=N)
    known = replace(SUITE, choices=SUITE.choices[:1])
    with Stored(evaluate(folder / "study", asked, models[:1], suite=known)) as study:
        (column,) = study.profile("base").columns
    file = write_mirror(folder / "mirror", n_documents=N) / "allenai/ai2_arc/ARC-Easy/test.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    for row, choice in zip(rows, column.evidence.choice_I.tolist(), strict=True):
        row["answerKey"] = "ABCD"[choice]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder / "mirror"


@pytest.fixture(scope="module")
def commands(tmp_path_factory, mirror, models):
    """One command here, again in a process elsewhere in the world, and a study by two threads."""
    folder = tmp_path_factory.mktemp("commands")
    command(folder / "once", mirror, models)
    elsewhere = {
        "PYTHONHASHSEED": "1",
        "TZ": "Asia/Kolkata",
        "LC_ALL": "C",
        "LANGUAGE": "tr",
        "COLUMNS": "60",
        "FORGETSCOPE_CACHE": str(folder / "cache"),
        "OMP_WAIT_POLICY": "PASSIVE",  # threads that spin for each other take whole processors
    }
    call = [sys.executable, "-c", _CHILD, str(folder), str(mirror), *map(str, models)]
    subprocess.run(call, check=True, env=os.environ | elsewhere, capture_output=True)
    return folder


def paths_of(value, *where):
    """Every leaf of a JSON value by its path."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {path: leaf for k, v in items for path, leaf in paths_of(v, *where, k).items()}
    return {where: value}


def results_of(folder):
    return json.loads((folder / "report" / "results.json").read_text(encoding="utf-8"))


def differing(one, other):
    one, other = paths_of(one), paths_of(other)
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def test_a_command_in_another_process_language_and_zone_differs_in_its_times_alone(commands):
    found = differing(results_of(commands / "once"), results_of(commands / "again"))
    assert set(found) <= set(TIMES)
    files = [path for path in (commands / "once" / "report").rglob("*") if path.is_file()]
    assert {file.suffix for file in files} == {".html", ".md", ".json", ".csv", ".parquet", ".png"}
    for file in files:
        one, other = file, commands / "again" / file.relative_to(commands / "once")
        one, other = one.read_bytes(), other.read_bytes()
        if file.suffix in (".html", ".md", ".json"):
            one, other = (MOMENT.sub("", text.decode()) for text in (one, other))
        assert one == other, file.name


def evaluate(folder, mirror, models, *, suite=SUITE, batch_tokens=None, rerun=False):
    options = EvaluationOptions(
        data_dir=mirror,
        engine=EngineConfig(dtype="float32", device="cpu", batch_tokens=batch_tokens),
        rerun=rerun,
    )
    with Stored(folder, create=True) as study:
        series = resolve_series([str(source) for source in models])
        evaluate_series(series, open_suite(suite, options=options), study, options=options)
    return folder


def answers_of(folder):
    """Every stored answer, to the last bit."""
    with Stored(folder) as study:
        return {
            (checkpoint.label, sample, answer.request_id): answer
            for checkpoint in study.series()
            for column in study.profile(checkpoint.label).columns
            for sample in (0, 1)
            for given in study.answers_of(checkpoint.label)
            .by_item(column.item_ids, sample=sample)
            .values()
            for answer in given
        }


def cells_of(folder):
    """Every cell of the diagnosis by its name."""
    with Study(folder) as study:
        (comparison,) = study.diagnose(margin=MARGIN).comparisons
    rows = (*comparison.domains, *comparison.tasks)
    return {(row.name, row.domain): row for row in rows} | {"overall": comparison.overall}


def verdicts(cells):
    return {name: (cell.verdict, cell.adjuncts) for name, cell in cells.items()}


@pytest.fixture(scope="module")
def usual(tmp_path_factory, mirror, models):
    return evaluate(tmp_path_factory.mktemp("usual") / "study", mirror, models, rerun=True)


def apart(one, other):
    """The largest difference of two log-probabilities, nat; nothing else may differ."""
    one, other = answers_of(one), answers_of(other)
    assert one.keys() == other.keys()
    found = 0.0
    for key, answer in one.items():
        again = other[key]
        if answer.logprob is not None:
            found = max(found, abs(answer.logprob - again.logprob))
            again = replace(again, logprob=answer.logprob)
        assert again == answer
    return found


def test_the_usual_study_holds_verdicts_of_several_kinds(usual):
    kinds = {str(verdict) for verdict, _ in verdicts(cells_of(usual)).values()}
    assert kinds >= {"FORGOT", "HELD", "CANNOT MEASURE"}


def test_two_threads_change_no_verdict_and_rounding_alone(commands, usual):
    assert apart(usual, commands / "threads") < BOUND
    assert verdicts(cells_of(commands / "threads")) == verdicts(cells_of(usual))


def test_the_size_of_batches_changes_no_verdict_and_rounding_alone(tmp_path, mirror, models, usual):
    other = evaluate(tmp_path / "s", mirror, models, batch_tokens=40, rerun=True)
    assert 0.0 < apart(usual, other) < BOUND
    assert verdicts(cells_of(other)) == verdicts(cells_of(usual))


def test_the_order_of_tasks_changes_no_verdict(tmp_path, mirror, models, usual):
    turned = replace(SUITE, choices=SUITE.choices[::-1])
    other = evaluate(tmp_path / "s", mirror, models, suite=turned, rerun=True)
    assert apart(usual, other) < BOUND
    assert verdicts(cells_of(other)) == verdicts(cells_of(usual))


def test_the_order_of_items_in_their_files_changes_no_verdict(tmp_path, mirror, models, usual):
    for file in mirror.rglob("*.jsonl"):
        turned = tmp_path / "mirror" / file.relative_to(mirror)
        turned.parent.mkdir(parents=True, exist_ok=True)
        turned.write_text("\n".join(file.read_text().splitlines()[::-1]) + "\n")
    other = cells_of(evaluate(tmp_path / "s", tmp_path / "mirror", models, rerun=True))
    assert verdicts(other) == verdicts(cells_of(usual))
    for name, cell in cells_of(usual).items():
        assert other[name].change == pytest.approx(cell.change, abs=BOUND, nan_ok=True)


def test_wherever_a_run_stops_it_ends_with_the_same_bits(
    tmp_path, mirror, models, usual, monkeypatch
):
    left = 0

    def stopping(answers):
        nonlocal left
        for answer in answers:
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            yield [answer]

    # in the first pass of the base, in its rerun, and in the other checkpoint
    for left in (1, 200, 150):  # noqa: B007  # counted down by what stops
        with monkeypatch.context() as patch:
            patch.setattr(session, "in_batches", stopping)
            with pytest.raises(KeyboardInterrupt):
                evaluate(tmp_path / "s", mirror, models, rerun=True)
    again = evaluate(tmp_path / "s", mirror, models, rerun=True)
    assert answers_of(again) == answers_of(usual)
    assert diagnosed(again) == diagnosed(usual)


def diagnosed(folder):
    # as text: what is not known is no number, and that equals nothing
    return {name: repr(cell) for name, cell in cells_of(folder).items()}


def test_the_noise_of_batch_shapes_is_that_of_the_stored_answers(usual):
    answers = answers_of(usual)
    moved = {
        request: abs(answer.logprob - answers["base", 0, request].logprob)
        for (label, sample, request), answer in answers.items()
        if sample == 1 and answer.logprob is not None and label == "base"
    }
    floors = [cell.findings.noise for cell in cells_of(usual).values() if cell.name == cell.domain]
    largest = max(floor.rerun_nats for floor in floors if not math.isnan(floor.rerun_nats))
    # the options that are not right are in the answers alone
    assert any(largest == pytest.approx(each, rel=1e-3) for each in moved.values())
    assert 0.0 < largest <= max(moved.values()) * 1.001 < BOUND
    assert {floor.rerun_n for floor in floors} == {N, 2 * N}


def test_the_noise_of_batch_shapes_stands_in_the_results_on_the_page_and_in_the_terminal(
    commands, capsys
):
    folder = commands / "once"
    domains = results_of(folder)["comparisons"][0]["domains"]
    floors = {cell["name"]: cell["findings"]["noise"] for cell in domains}
    assert all(floor["rerun_n"] and 0 <= floor["rerun_nats"] < BOUND for floor in floors.values())
    assert floors["language"]["rerun"] is None  # bits per byte have no sides
    run(["report", str(folder / "study"), f"--out={folder / 'more'}", f"--margin={MARGIN}"])
    said = re.compile(
        r"0 of \d+ items change sides and log-probabilities differ by at most \S+ nat"
    )
    for text in (
        capsys.readouterr().out,
        (folder / "report" / "report.html").read_text(encoding="utf-8"),
        (folder / "report" / "report.md").read_text(encoding="utf-8").replace("\\", ""),
    ):
        assert said.search(text)


def test_an_evaluation_says_at_its_end_how_far_its_rerun_lay_apart(usual):
    with Stored(usual) as study:
        (note,) = rerun_notes(study, "base")
        assert rerun_notes(study, "checkpoint-10") == []
    assert re.fullmatch(
        r"`base` asked again in other batches: 0 of 64 items change sides and "
        r"log-probabilities differ by at most \S+ nat",
        note,
    )
