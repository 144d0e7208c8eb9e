import inspect

import pytest

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.recap import gym
from forgetscope.recap.sources import load_source

reasoning_gym = pytest.importorskip(
    "reasoning_gym", reason="reasoning-gym is absent: sources of the kind `gym:` are NOT tested"
)


def test_a_task_gives_questions_and_its_own_verifier():
    material = load_source("gym:chain_sum?n=20", seed=0)
    assert (len(material.lessons), len(material.held_out)) == (20, 64)
    assert (material.name, material.domain, material.seed) == ("gym:chain_sum", "math", 0)
    assert not material.is_supervised
    lesson = material.lessons[0]
    verifier = material.rewards["verifier"]
    assert verifier(f"<answer>{lesson.gold}</answer>", lesson) == 1
    assert verifier(f"let me see\n{lesson.gold}\n", lesson) == 1
    assert verifier("no idea", lesson) < 1


def test_settings_reach_the_task():
    easy = "gym:chain_sum?max_digits=1&min_terms=2&max_terms=2&n=30"
    for lesson in load_source(easy, seed=0).lessons:
        first, sign, second = lesson.fields["entry"]["metadata"]["expression"].split()
        assert sign in "+-"
        assert len(first) == len(second) == 1


def test_equal_seeds_give_equal_lessons_and_neighbours_share_few():
    first, again, other = (
        {lesson.prompt for lesson in load_source("gym:products?n=100", seed=seed).lessons}
        for seed in (0, 0, 1)
    )
    assert first == again
    assert len(first & other) < 30


def test_a_task_with_few_questions_ends():
    few = "gym:chain_sum?min_terms=1&max_terms=1&max_digits=1"
    material = load_source(few, seed=0)
    assert len(material.lessons) + len(material.held_out) == 10


def test_each_task_has_a_domain_and_the_right_answer_of_each_is_worth_one():
    """A task without a model answer makes no such promise."""
    for name in ("word_sorting", "basic_arithmetic", "simple_geometry", "countdown", "bf"):
        assert gym.gym_domain(name) in {"math", "logic", "code"}
        entry = next(gym.entries(name, {}, seed=0))
        assert gym.score(name, {}, entry, str(entry["answer"])) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "error", "hint"),
    [
        ("gym:chain_sun", UnknownNameError, "`chain_sum`"),
        ("gym:composite", UnknownNameError, None),
        ("gym:chain_sum?max_digit=1", UnknownNameError, "`max_digits`"),
        ("gym:chain_sum?sed=1", UnknownNameError, "`seed`"),
        ("gym:chain_sum?max_digits=many", UsageError, None),
        ("gym:chain_sum?max_digits=1.5", UsageError, None),
        ("gym:chain_sum?max_digits=true", UsageError, None),
        ("gym:chain_sum?allow_negation=3", UsageError, None),
        ("gym:chain_sum?max_digits=0", UsageError, "settings: min_terms"),
        ("gym:chain_sum?max_digits=[", UsageError, None),
        ("gym:chain_sum?size=5", UnknownNameError, None),
    ],
)
def test_what_a_task_does_not_know_is_refused(text, error, hint):
    with pytest.raises(error) as caught:
        load_source(text, seed=0)
    if hint:
        assert hint in (caught.value.hint or "")


def test_a_whole_number_will_do_for_a_real_one():
    assert gym.settings_of("binary_matrix", {"p_zero": "1"}) == {"p_zero": 1.0}


def test_every_verifier_that_evaluates_the_answer_is_known():
    """A new one in reasoning-gym must be looked at before it may see what a model wrote."""
    from reasoning_gym.factory import DATASETS

    found = set()
    for name, (task, _) in DATASETS.items():
        source = inspect.getsource(task.score_answer)
        if any(f"{call}(answer" in source for call in ("eval", "parse_expr", "sympify", "exec")):
            found.add(name)
    assert found == {*gym.EVALUATED, *gym.PARSED}


@pytest.mark.parametrize("name", [*gym.EVALUATED, *gym.PARSED])
def test_a_verifier_never_runs_what_a_model_wrote(name, tmp_path):
    proof = tmp_path / "proof"
    entry = next(gym.entries(name, {}, seed=0))
    for code in (
        f"open({str(proof)!r}, 'w')",
        f"__import__('pathlib').Path({str(proof)!r}).touch()",
    ):
        assert gym.score(name, {}, entry, code) <= 0.5
        assert gym.score(name, {}, entry, f"[{code}]") <= 0.5
        assert gym.score(name, {}, entry, f"({code})!") <= 0.5
    assert not proof.exists()


def test_a_nan_is_not_near_every_number():
    entry = next(gym.entries("complex_arithmetic", {}, seed=0))
    for answer in ("nan", "NaN+nanj", "nanj"):
        assert gym.score("complex_arithmetic", {}, entry, answer) == 0


def test_other_forms_of_a_right_answer_still_count():
    entry = next(gym.entries("countdown", {}, seed=0))
    assert gym.score("countdown", {}, entry, f"({entry['answer']})") == 1
    entry = next(gym.entries("spiral_matrix", {}, seed=0))
    listed = str([int(n) for n in entry["answer"].split()])
    assert gym.score("spiral_matrix", {}, entry, listed) == pytest.approx(0.1)
