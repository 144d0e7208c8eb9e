import pytest

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.records import Role
from forgetscope.suites import (
    DOMAINS,
    Suite,
    TaskChoice,
    load_suite,
    look_up,
    preset_names,
    suite_of,
)


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads_and_says_its_name(name):
    assert load_suite(name).name == name


def test_every_task_of_the_small_preset_is_in_the_catalog():
    domains = {look_up(choice.name).domain for choice in load_suite("small").choices}
    assert len(domains) >= 5
    assert domains <= set(DOMAINS)


def test_a_special_name_is_not_taken_for_a_general_one():
    assert look_up("mmlu_pro").folder == "mmlu_pro"
    assert look_up("mmlu_redux_stem") is None
    assert look_up("mmlu_anatomy").domain == "knowledge"
    assert look_up("blimp_causative").domain == "language"


def test_a_suite_file_says_what_the_task_does_otherwise(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'target = "math"\n[[task]]\nname = "gsm8k"\nlimit = 50\nshots = 8\nmax_new_tokens = 64\n'
        '[[task]]\nname = "boolq"\nrole = "watch"\n'
    )
    suite = load_suite(str(path))
    assert suite.name == "mine"
    assert suite.target == "math"
    assert suite.choices[0] == TaskChoice(name="gsm8k", limit=50, shots=8, max_new_tokens=64)
    assert suite.choices[1].role is Role.WATCH


def test_an_unknown_suite_names_the_nearest_preset():
    with pytest.raises(UnknownNameError) as caught:
        load_suite("smal")
    assert caught.value.hint == "did you mean `small`?"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[task]]\nname = 'boolq'\nlimits = 3\n", "unknown key `limits`"),
        ("[[task]]\nname = 'boolq'\nlimit = 0\n", "at least 1"),
        ("[[task]]\nname = 'boolq'\nlimit = 'all'\n", "whole number"),
        ("[[task]]\nname = 'gsm8k'\ntemperature = -0.1\n", "number of at least 0"),
        ("[[task]]\nname = 'gsm8k'\ntemperature = 'warm'\n", "number of at least 0"),
        ("[[task]]\nname = 'gsm8k'\ntemperature = true\n", "number of at least 0"),
        ("[[task]]\nname = 'gsm8k'\ntemperature = nan\n", "number of at least 0"),
        ("[[task]]\nname = 'boolq'\ndomain = 'maths'\n", "unknown domain `maths`"),
        ("[[task]]\nname = 'boolq'\nrole = 'targt'\n", "unknown role `targt`"),
        ("[[task]]\nlimit = 3\n", "no `name`"),
        ("target = 'math'\n", "no list of tasks"),
        ("task = []\n", "has no task"),
        ("[[task\n", "no TOML"),
    ],
)
def test_a_suite_file_with_a_mistake_is_one_clear_error(tmp_path, text, said):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        load_suite(str(path))


def test_a_suite_is_the_same_after_being_stored():
    warm = Suite(name="warm", choices=(TaskChoice(name="gsm8k", temperature=0.7),))
    for suite in (load_suite("small"), warm):
        assert suite_of(suite.to_json(), where="study") == suite


def test_the_fingerprint_depends_on_the_choice_and_not_on_the_name():
    suite = Suite(name="a", choices=(TaskChoice(name="boolq"),))
    same = Suite(name="b", choices=(TaskChoice(name="boolq"),))
    assert suite.fingerprint == same.fingerprint
    for changes in ({"limit": 5}, {"temperature": 0.7}):
        other = Suite(name="a", choices=(TaskChoice(name="boolq", **changes),))
        assert suite.fingerprint != other.fingerprint


def test_the_fingerprint_of_a_preset_outlives_new_fields_that_it_does_not_use():
    # as the first studies have it
    assert load_suite("testbed").fingerprint == "0eb3698e3370b4cd"


def test_merging_adds_new_tasks_and_replaces_known_ones():
    old = Suite(name="a", choices=(TaskChoice(name="boolq", limit=5), TaskChoice(name="race")))
    new = Suite(name="b", choices=(TaskChoice(name="boolq", limit=9), TaskChoice(name="sciq")))
    merged = old.merged(new)
    assert [(c.name, c.limit) for c in merged.choices] == [
        ("boolq", 9),
        ("race", None),
        ("sciq", None),
    ]
