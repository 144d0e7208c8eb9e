import math

import pytest

from forgetscope.errors import DataError, UnknownNameError, UsageError
from forgetscope.evaluation.harness import load_tasks
from forgetscope.records import OutputType, Role
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import TASKS


def _suite(*names, target=None, **changes):
    choices = tuple(TaskChoice(name=name, **changes) for name in names)
    return Suite(name="test", choices=choices, target=target)


def _load_one(mirror, name, **changes):
    (loaded,) = load_tasks(_suite(name, **changes), data_dir=mirror)
    return loaded.task


def test_official_tasks_load_from_a_mirror_and_keep_their_kind(mirror):
    loaded = load_tasks(_suite(*TASKS), data_dir=mirror)
    kinds = {each.task.name: each.task.output_type for each in loaded}
    assert tuple(kinds) == TASKS
    assert kinds["lambada_openai"] is OutputType.LOGLIKELIHOOD
    assert kinds["wikitext"] is OutputType.ROLLING
    assert kinds["gsm8k"] is OutputType.GENERATE
    assert kinds["arc_easy"] is OutputType.MULTIPLE_CHOICE


def test_each_task_has_one_metric_and_filter(mirror):
    gsm8k = _load_one(mirror, "gsm8k")
    assert (gsm8k.metric, gsm8k.filter) == ("exact_match", "flexible-extract")
    assert gsm8k.partner == "exact_match,strict-match"
    assert _load_one(mirror, "arc_easy").metric == "acc_norm"


def test_bits_per_byte_is_unbounded_and_better_when_lower(mirror):
    wikitext = _load_one(mirror, "wikitext")
    assert not wikitext.is_bounded
    assert not wikitext.higher_is_better
    assert math.isnan(wikitext.chance)


def test_the_target_domain_is_a_target_and_the_others_are_general(mirror):
    loaded = load_tasks(_suite("gsm8k", "boolq", target="math"), data_dir=mirror)
    assert [each.task.role for each in loaded] == [Role.TARGET, Role.GENERAL]


def test_the_fingerprint_is_the_same_wherever_the_data_lie(mirror, tmp_path):
    from tests.small_mirror import write_mirror

    elsewhere = write_mirror(tmp_path / "elsewhere")
    for name in ("gsm8k", "hellaswag"):
        assert _load_one(mirror, name).fingerprint == _load_one(elsewhere, name).fingerprint


@pytest.mark.parametrize(
    "changes", [{"shots": 3}, {"max_new_tokens": 7}, {"filter": "strict-match"}]
)
def test_the_fingerprint_changes_with_what_makes_scores_incomparable(mirror, changes):
    plain, other = _load_one(mirror, "gsm8k"), _load_one(mirror, "gsm8k", **changes)
    assert plain.fingerprint != other.fingerprint


def test_a_temperature_makes_a_written_task_sampled_and_not_comparable_with_the_greedy_one(mirror):
    greedy, sampled = _load_one(mirror, "gsm8k"), _load_one(mirror, "gsm8k", temperature=0.7)
    assert (greedy.is_sampled, sampled.is_sampled) == (False, True)
    assert greedy.fingerprint != sampled.fingerprint
    assert _load_one(mirror, "gsm8k", temperature=0.8).fingerprint != sampled.fingerprint


def test_temperature_zero_is_what_a_greedy_task_already_has(mirror):
    assert _load_one(mirror, "gsm8k", temperature=0.0) == _load_one(mirror, "gsm8k")


def test_a_temperature_says_nothing_to_a_task_that_generates_nothing(mirror):
    plain, warm = (
        _load_one(mirror, "lambada_openai"),
        _load_one(mirror, "lambada_openai", temperature=0.7),
    )
    assert plain == warm


def test_an_unknown_task_names_the_nearest_one(mirror):
    with pytest.raises(UnknownNameError) as caught:
        load_tasks(_suite("hellaswga"), data_dir=mirror)
    assert "hellaswag" in (caught.value.hint or "")


def test_an_unknown_metric_names_the_nearest_one(mirror):
    with pytest.raises(UnknownNameError, match="acc_nrom"):
        _load_one(mirror, "arc_easy", metric="acc_nrom")


def test_data_that_are_nowhere_are_one_error_with_the_place_to_put_them(mirror, monkeypatch):
    import datasets

    # what a machine without network answers at once
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(DataError) as caught:
        load_tasks(_suite("sciq"), data_dir=mirror)
    assert caught.value.exit_code == 4
    assert "sciq" in caught.value.message
    assert "allenai/sciq/default/<split>.jsonl" in (caught.value.hint or "")


def test_a_task_without_few_shot_examples_cannot_be_given_some(mirror):
    with pytest.raises(UsageError, match="without few-shot"):
        _load_one(mirror, "blimp_causative", shots=2)


def test_a_group_stands_for_its_tasks():
    from forgetscope.evaluation.harness.index import TaskIndex

    leaves = TaskIndex(["mmlu"]).leaves("mmlu")
    assert len(leaves) == 57
    assert "mmlu_anatomy" in leaves


@pytest.mark.slow
def test_the_names_read_off_the_files_are_those_lm_eval_finds_by_parsing_them():
    from lm_eval.tasks import TaskManager

    from forgetscope.evaluation.harness.names import installed_names

    manager = TaskManager()
    names = installed_names()
    assert set(manager.all_subtasks) | set(manager.all_groups) <= set(names.folders)
    assert set(manager.all_tags) <= names.tags


def test_every_name_of_the_catalog_lies_in_the_folder_the_catalog_says():
    from forgetscope.evaluation.harness.names import installed_names, tasks_folder
    from forgetscope.suites.catalog import catalog

    folders = installed_names().folders
    for entry in catalog():
        for name in (pattern for pattern in entry.match if "*" not in pattern):
            places = [tasks_folder() / folder for folder in entry.folders]
            # a tag has no file of its own
            assert name in installed_names().tags or folders[name] in places, name


def test_a_task_outside_the_catalog_loads_too():
    from forgetscope.evaluation.harness.index import TaskIndex

    assert TaskIndex(["swag"]).leaves("swag") == ("swag",)
