"""Own files, subsets that keep proportions, and tasks that are left out."""

import json
from collections import Counter

import pytest

from forgetscope.api.own_tasks import own_tasks
from forgetscope.errors import DataError, UsageError
from forgetscope.evaluation.harness import build, load_suite_tasks, load_tasks
from forgetscope.evaluation.plan import Builder
from forgetscope.suites import Suite, TaskChoice, choice_named, load_suite

TASK = """\
task: my_reading
dataset_path: json
dataset_kwargs: {data_files: {test: rows.jsonl}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{text}} How many cats has she?\\nAnswer:"
doc_to_choice: options
doc_to_target: right
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
metadata: {version: 1}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    rows = [
        {"text": f"Ann has {n} cats.", "options": [str(n), "none"], "right": 0, "kind": kind}
        for n, kind in enumerate(["many"] * 30 + ["few"] * 10)
    ]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "reading.yaml").write_text(TASK)
    questions = [
        {"prompt": f"{n} + 1 =", "answer": n + 1, "domain": "math" if n % 4 else "logic"}
        for n in range(40)
    ]
    (folder / "sums.jsonl").write_text("\n".join(map(json.dumps, questions)))
    return folder


def suite_of_file(path, **changes):
    return Suite(name="own", choices=(TaskChoice(name=path.stem, file=str(path), **changes),))


def items_of(suite, *, limit=None):
    tasks = load_tasks(suite, own=own_tasks(suite))
    built = Builder(lambda: tasks, seed=suite.seed, limit=limit).built()
    return {each.loaded.task.name: [item.document_id for item in each.items] for each in built}


# ---- files ---------------------------------------------------------------------------


def test_a_task_file_of_lm_eval_is_asked_as_it_says_with_data_beside_it(folder, monkeypatch):
    monkeypatch.chdir("/")
    (loaded,) = load_tasks(suite_of_file(folder / "reading.yaml", domain="reading"))
    items = build(loaded, seed=1).items
    assert (loaded.task.name, loaded.task.domain, loaded.task.metric) == (
        "my_reading",
        "reading",
        "acc",
    )
    assert len(items) == 40
    assert items[3].prompt == "Ann has 3 cats. How many cats has she?\nAnswer:"


def test_rows_become_tasks_that_the_harness_judges(folder):
    suite = Suite(name="own", choices=(choice_named(str(folder / "sums.jsonl")),))
    loaded = load_tasks(suite, own=own_tasks(suite))
    assert {each.task.name: each.task.domain for each in loaded} == {
        "sums_logic": "logic",
        "sums_math": "math",
    }
    assert all(each.task.filter == "number" for each in loaded)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("doc_to_text: !function utils.f", "`!function`"),
        ("doc_to_text: !!python/name:os.system x", "`!function`"),
        ("class: !function task.Mine", "`!function`"),
        ("custom_dataset: utils.f", "`custom_dataset`"),
        ("dataset_path: pandas", "`dataset_path: pandas`"),
        ("dataset_kwargs: {trust_remote_code: true}", "`trust_remote_code`"),
        ("metric_list: [{metric: exact_match, hf_evaluate: true}]", "`hf_evaluate`"),
        ("doc_to_text: \"{{ ''.__class__ }}\"", "Python's insides"),
        ("doc_to_text: \"{{ text|attr('x') }}\"", "Python's insides"),
        ("include: code", "`!function`"),
    ],
)
def test_a_task_file_that_would_run_code_is_refused(tmp_path, line, said):
    key = line.partition(":")[0]
    lines = [own for own in TASK.splitlines() if not own.startswith(f"{key}:")]
    (tmp_path / "code").write_text("process_results: !function utils.f\n")
    (tmp_path / "mine.yaml").write_text("\n".join([*lines, line]))
    with pytest.raises(UsageError, match="runs code") as caught:
        load_tasks(suite_of_file(tmp_path / "mine.yaml"))
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("task: [a", "no YAML"),
        ("group: mine\ntask: [a, b]", "a group"),
        ("task: mine", "names no data"),
        ("include: mine.yaml", "included in itself"),
        ("- a", "no keys"),
    ],
)
def test_a_task_file_with_a_mistake_is_one_clear_error(tmp_path, text, said):
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(UsageError, match=said):
        load_tasks(suite_of_file(tmp_path / "mine.yaml"))


def test_data_that_a_task_file_names_and_are_not_there_are_told(tmp_path):
    (tmp_path / "mine.yaml").write_text(TASK)
    with pytest.raises(DataError, match=r"rows\.jsonl"):
        load_tasks(suite_of_file(tmp_path / "mine.yaml"))


# ---- subsets -------------------------------------------------------------------------


def test_a_subset_by_strata_holds_them_in_proportion_and_lies_in_a_larger_one(folder):
    suites = {n: suite_of_file(folder / "reading.yaml", limit=n, strata="kind") for n in (4, 8, 20)}
    drawn = {n: items_of(suite)["my_reading"] for n, suite in suites.items()}
    for n, ids in drawn.items():
        assert Counter("few" if i >= 30 else "many" for i in ids) == {
            "many": 3 * n // 4,
            "few": n // 4,
        }
    assert set(drawn[4]) < set(drawn[8]) < set(drawn[20])


def test_an_unknown_stratum_names_the_fields_of_the_document(folder):
    with pytest.raises(UsageError) as caught:
        items_of(suite_of_file(folder / "reading.yaml", limit=4, strata="kinds"))
    assert "did you mean `kind`" in caught.value.hint


def test_the_items_of_a_group_are_shared_among_its_tasks_in_proportion(folder):
    drawn = {n: items_of(suite_of_file(folder / "sums.jsonl", total=n)) for n in (8, 20)}
    assert {name: len(ids) for name, ids in drawn[8].items()} == {"sums_logic": 2, "sums_math": 6}
    for name, ids in drawn[8].items():
        assert set(ids) < set(drawn[20][name])


def test_a_group_is_shared_alike_however_its_suite_is_ordered(folder):
    first = TaskChoice(name="sums", file=str(folder / "sums.jsonl"), total=10)
    second = TaskChoice(name="reading", file=str(folder / "reading.yaml"), limit=5)
    one, other = (
        items_of(Suite(name="s", choices=choices)) for choices in ((first, second), (second, first))
    )
    assert one == other


def test_a_task_without_a_share_is_not_asked(folder):
    drawn = items_of(suite_of_file(folder / "sums.jsonl", total=1))
    assert list(drawn) == ["sums_math"]


def test_the_limit_of_a_call_holds_beside_the_total_of_a_group(folder):
    drawn = items_of(suite_of_file(folder / "sums.jsonl", total=20), limit=3)
    assert {name: len(ids) for name, ids in drawn.items()} == {"sums_logic": 3, "sums_math": 3}


# ---- optional tasks ------------------------------------------------------------------


def test_an_optional_task_that_cannot_run_is_left_out_with_its_reason(mirror):
    choices = (
        TaskChoice(name="arc_easy"),
        TaskChoice(name="humaneval_instruct", optional=True),
        TaskChoice(name="chartqa", optional=True),
        TaskChoice(name="squadv2", optional=True),
    )
    loaded = load_suite_tasks(Suite(name="s", choices=choices), data_dir=mirror)
    assert [each.task.name for each in loaded.tasks] == ["arc_easy"]
    reasons = dict(zip(("code", "images", "corpus"), loaded.left_out, strict=True))
    assert "`humaneval_instruct` cannot be run here: it runs code" in reasons["code"]
    assert "shows the model images" in reasons["images"]
    assert "cannot be judged" in reasons["corpus"]


def test_a_task_that_cannot_run_is_an_error_where_it_was_asked_for(mirror):
    with pytest.raises(UsageError, match="runs code that the model writes"):
        load_tasks(Suite(name="s", choices=(TaskChoice(name="humaneval"),)), data_dir=mirror)


def test_a_suite_of_which_nothing_can_run_is_an_error(mirror):
    suite = Suite(name="s", choices=(TaskChoice(name="chartqa", optional=True),))
    with pytest.raises(UsageError, match="nothing of the suite `s`") as caught:
        load_suite_tasks(suite, data_dir=mirror)
    assert "images" in caught.value.hint


def test_what_is_missing_of_a_preset_is_told_and_the_rest_runs(mirror, monkeypatch, tmp_path):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    path = tmp_path / "suite.yaml"
    path.write_text("task:\n- {name: arc_easy, limit: 3}\n- {name: sciq, optional: true}\n")
    loaded = load_suite_tasks(load_suite(str(path)), data_dir=mirror)
    assert [each.task.name for each in loaded.tasks] == ["arc_easy"]
    assert loaded.left_out[0].startswith("left out `sciq`: cannot load task `sciq`")


def test_the_label_and_role_of_the_catalog_reach_the_task(mirror):
    relabelled = TaskChoice(name="hellaswag", purpose="held-out")
    suite = Suite(name="s", choices=(TaskChoice(name="arc_easy"), relabelled))
    assert [each.task.purpose for each in load_tasks(suite, data_dir=mirror)] == ["dev", "held-out"]
