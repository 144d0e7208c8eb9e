"""Every preset fits the installed lm-eval; its files are read, its data are not."""

import time
from functools import cache
from pathlib import Path

import pytest

from forgetscope.evaluation.harness.index import TaskIndex
from forgetscope.evaluation.harness.names import tasks_folder
from forgetscope.suites import load_suite, look_up, n_leaves, preset_names

PRESETS = [name for name in preset_names() if name not in ("offline", "testbed")]


@cache
def index_of(preset):
    return TaskIndex([choice.name for choice in load_suite(preset).choices])


def leaves_of(preset):
    index = index_of(preset)
    for choice in load_suite(preset).choices:
        for leaf in index.leaves(choice.name):
            yield choice, leaf, index._partial.task_index[leaf]


def metrics_of(entry):
    """Return what a task's file calls its metrics; functions go by their own names."""
    if "class" in entry.cfg:
        folder = Path(str(entry.cfg["class"])).parent
        return (folder / "task.py").read_text()
    names = [str(each["metric"]).rpartition(".")[2] for each in entry.cfg["metric_list"]]
    # this one returns a number for each k, under the name of pass@k
    ks = [k for each in entry.cfg["metric_list"] for k in each.get("k", ())]
    return [*names, *(f"pass@{k}" for k in ks if "pass_at_k" in names)]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_metric_and_filter_of_a_preset_is_one_its_task_has(preset):
    for choice, leaf, entry in leaves_of(preset):
        known, asked = look_up(leaf), look_up(choice.name)
        assert (known.metric, known.filter) == (asked.metric, asked.filter), leaf
        assert known.metric in metrics_of(entry), leaf
        filters = [each["name"] for each in entry.cfg.get("filter_list") or ()] or ["none"]
        assert known.filter in filters, leaf
        if known.partner is not None:
            metric, filter_name = known.partner.split(",")
            assert metric in metrics_of(entry), leaf
            assert filter_name in filters, leaf


@pytest.mark.parametrize("preset", PRESETS)
def test_every_task_of_a_preset_lies_in_the_folders_of_the_catalog(preset):
    for choice, _, entry in leaves_of(preset):
        folders = [tasks_folder() / folder for folder in look_up(choice.name).folders]
        assert any(entry.yaml_path.is_relative_to(folder) for folder in folders), choice.name


@pytest.mark.parametrize("preset", PRESETS)
def test_as_many_tasks_stand_behind_a_group_as_the_catalog_says(preset):
    index = index_of(preset)
    for choice in load_suite(preset).choices:
        assert len(index.leaves(choice.name)) == n_leaves(choice.name), choice.name


@pytest.mark.parametrize("preset", PRESETS)
def test_finding_the_tasks_of_a_preset_reads_a_few_folders_and_never_all_files(preset):
    index = index_of(preset)
    started = time.process_time()
    names = [leaf for _, leaf, _ in leaves_of(preset)]
    assert time.process_time() - started < 20
    assert "_whole" not in vars(index)
    assert len(index._partial.task_index) < 2500
    assert len(names) >= len(load_suite(preset).choices)


@pytest.mark.parametrize("preset", PRESETS)
def test_what_the_catalog_flags_is_what_the_task_file_says(preset):
    for _, leaf, entry in leaves_of(preset):
        flags = look_up(leaf).flags
        assert ("unsafe_code" in flags) >= bool(entry.cfg.get("unsafe_code")), leaf
        assert ("sampled" in flags) == (entry.cfg.get("repeats", 1) > 1), leaf
        assert ("images" in flags) == ("doc_to_image" in entry.cfg), leaf
