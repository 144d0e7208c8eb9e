"""What a session tells of its standing adds up."""

import pytest

from forgetscope.evaluation import evaluate_series, open_suite
from forgetscope.evaluation.options import EvaluationOptions
from forgetscope.scoring import resolve_series
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice


@pytest.fixture(scope="module")
def told(tmp_path_factory, mirror, models):
    """Every state of an evaluation of two checkpoints on a scored and a written task."""
    suite = Suite(
        name="two",
        choices=(TaskChoice(name="arc_easy"), TaskChoice(name="gsm8k", max_new_tokens=4)),
    )
    options = EvaluationOptions(data_dir=mirror, limit=8)
    folder = tmp_path_factory.mktemp("outlook") / "s"
    seen = []

    def note(stage, done, total, /, note="", standing=None):
        del stage, done, total
        if standing is not None:
            seen.append((note, standing))

    with Study(folder, create=True) as study:
        for _ in range(2):
            evaluate_series(
                resolve_series([str(model) for model in models[:2]]),
                open_suite(suite, options=options),
                study,
                options=options,
                progress=note,
            )
    return seen


def test_what_is_done_and_what_is_left_add_up_to_one_sum(told):
    sums = {
        (round(s.done.scored + s.left.scored), round(s.done.written + s.left.written))
        for _, s in told
    }
    assert len(sums) == 1
    scored, written = sums.pop()
    assert scored > 0
    assert written >= 2 * 8 * 4


def test_at_the_end_nothing_is_left_and_every_item_is_finished(told):
    _, last = told[-1]
    assert (last.number, last.of) == (2, 2)
    assert last.left.scored == pytest.approx(0.0)
    assert last.left.written == pytest.approx(0.0)
    assert last.items == last.items_total == 8
    assert last.is_writing
    assert last.tokens > 0


def test_each_checkpoint_is_loaded_once_and_a_resumed_call_loads_none(told):
    assert [s.number for note, s in told if note == "loading"] == [1, 2]


def test_the_task_that_is_told_is_one_of_the_suite(told):
    names = {s.task for note, s in told if note != "loading"}
    assert names
    assert names <= {"arc_easy", "gsm8k"}
    assert {s.tasks for note, s in told if note != "loading"} == {2}
