import pytest

from forgetscope.api import evaluated_questions
from forgetscope.errors import UsageError
from forgetscope.evaluation.harness import task_lessons
from forgetscope.recap.overlap import check_overlap, find_overlap
from forgetscope.recap.sources import load_sources
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import write_mirror


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    return write_mirror(tmp_path_factory.mktemp("mirror"))


def test_no_source_of_the_testbed_holds_what_the_testbed_evaluates():
    materials = load_sources(["testbed:math", "testbed:general"], seed=0)
    found = find_overlap(
        {material.name: material.lessons for material in materials},
        evaluated_questions("testbed"),
    )
    assert (found.n, found.examples) == (0, ())
    assert found.total == sum(len(material.lessons) for material in materials)


def test_training_on_the_evaluated_split_is_found_and_on_the_other_is_not(mirror):
    suite = Suite(name="t", choices=(TaskChoice(name="gsm8k"), TaskChoice(name="arc_easy")))
    asked = evaluated_questions(suite, data_dir=mirror)
    lessons = {name: task_lessons(name, data_dir=mirror) for name in asked}
    assert find_overlap(lessons, asked).n == 0
    split = mirror / "openai/gsm8k/main/test.jsonl"
    leaked = load_sources([f"jsonl:{split}?prompt=question"], seed=0, n_held_out=0)
    found = find_overlap({"leaked": leaked[0].lessons}, asked)
    assert found.share == 1
    with pytest.raises(UsageError, match="12 of 12") as caught:
        check_overlap(found)
    assert "--allow-overlap" in (caught.value.hint or "")
