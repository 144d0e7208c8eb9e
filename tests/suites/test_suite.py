import pytest

from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.records import Purpose, Role
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
    for changes in ({"limit": 5}, {"temperature": 0.7}, {"top_p": 0.9}):
        other = Suite(name="a", choices=(TaskChoice(name="boolq", **changes),))
        assert suite.fingerprint != other.fingerprint


def test_the_fingerprint_of_a_preset_outlives_new_fields_that_it_does_not_use():
    # as the first studies have it
    assert load_suite("testbed").fingerprint == "0eb3698e3370b4cd"
    assert load_suite("small").fingerprint == "b405c930e9c28523"


def test_merging_adds_new_tasks_and_replaces_known_ones():
    old = Suite(name="a", choices=(TaskChoice(name="boolq", limit=5), TaskChoice(name="race")))
    new = Suite(name="b", choices=(TaskChoice(name="boolq", limit=9), TaskChoice(name="sciq")))
    merged = old.merged(new)
    assert [(c.name, c.limit) for c in merged.choices] == [
        ("boolq", 9),
        ("race", None),
        ("sciq", None),
    ]


SAME = {
    "toml": 'description = "mine"\nextends = "vision"\nmargin = "3pp"\n[[task]]\nname = "sciq"\n'
    'limit = 9\nstrata = "support"\npurpose = "held-out"\n[domains.knowledge]\ntier = "watch"\n',
    "yaml": "description: mine\nextends: vision\nmargin: 3pp\ntask:\n- {name: sciq, limit: 9, "
    "strata: support, purpose: held-out}\ndomains:\n  knowledge: {tier: watch}\n",
}


def test_a_suite_file_says_the_same_in_toml_and_in_yaml(tmp_path):
    found = []
    for suffix, text in SAME.items():
        path = tmp_path / f"mine.{suffix}"
        path.write_text(text)
        found.append(load_suite(str(path)))
    assert found[0] == found[1]
    assert found[0].choices[-1].purpose is Purpose.HELD_OUT
    assert suite_of(found[0].to_json(), where="study") == found[0]


def test_what_a_suite_extends_gives_way_to_its_own_tasks():
    suite = suite_of({"extends": "quick", "task": [{"name": "sciq"}]}, where="mine")
    quick = load_suite("quick")
    assert len(suite.choices) == len(quick.choices)
    assert [c.limit for c in suite.choices if c.name == "sciq"] == [None]


def test_a_suite_file_may_say_what_a_policy_file_says(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SAME["toml"])
    file = load_suite(str(path)).default_policy()
    assert file.policy.margin == 0.03
    assert file.policy.of("knowledge").role is Role.WATCH
    assert load_suite("quick").default_policy() is None


def test_a_policy_changes_no_fingerprint_as_it_changes_nothing_that_is_asked():
    plain = {"task": [{"name": "boolq"}]}
    strict = {**plain, "margin": 0.01, "description": "strict"}
    assert (
        suite_of(plain, where="a").fingerprint
        == suite_of(strict, where="b").fingerprint
        == "284ac423aef5b814"
    )


def test_a_merged_suite_keeps_the_latest_policy():
    old = suite_of({"task": [{"name": "boolq"}], "margin": 0.01}, where="old")
    plain = suite_of({"task": [{"name": "race"}]}, where="new")
    other = suite_of({"task": [{"name": "race"}], "margin": 0.05}, where="new")
    assert old.merged(plain).default_policy().policy.margin == 0.01
    assert old.merged(other).default_policy().policy.margin == 0.05


def test_the_file_of_an_own_task_is_found_from_the_suite_file(tmp_path):
    (tmp_path / "mine.jsonl").write_text("")
    (tmp_path / "suite.yaml").write_text("task:\n- file: mine.jsonl\n")
    (choice,) = load_suite(str(tmp_path / "suite.yaml")).choices
    assert (choice.name, choice.file) == ("mine", str(tmp_path / "mine.jsonl"))


def test_where_an_own_file_lies_is_no_part_of_the_fingerprint():
    here, there = (TaskChoice(name="mine", file=f"{folder}/mine.jsonl") for folder in ("/a", "/b"))
    prints = {Suite(name="s", choices=(choice,)).fingerprint for choice in (here, there)}
    assert len(prints) == 1


@pytest.mark.parametrize(
    ("suffix", "text", "said"),
    [
        ("yaml", "task: [a", "no YAML"),
        ("yaml", "- a\n", "no keys"),
        ("yaml", "task: boolq\n", "no list of tasks"),
        ("yaml", "task: [{name: boolq, limt: 3}]\n", "unknown key `limt`"),
        ("toml", "[[task]]\nfile = 'none.jsonl'\n", "unknown task file"),
        ("toml", "[[task]]\nfile = 'suite.txt'\n", "no task file"),
        ("toml", "[[task]]\nname = 'a'\nstrata = 'b'\n", "`limit`"),
        ("toml", "[[task]]\nname = 'a'\npurpose = 'test'\n", "unknown purpose `test`"),
        ("toml", "[[task]]\nname = 'a'\noptional = 'yes'\n", "true or false"),
        ("toml", "[[task]]\nname = 3\n", "must be a text"),
        ("toml", "seed = 'x'\n[[task]]\nname = 'a'\n", "`seed` cannot be 'x'"),
        ("toml", "target = 3\n[[task]]\nname = 'a'\n", "`target` cannot be 3"),
        ("toml", "extends = 'smal'\n", "unknown preset"),
        ("toml", "margin = 5\n[[task]]\nname = 'a'\n", "points"),
        ("toml", "[[task]]\nname = 'a'\n[domains.maths]\n", "unknown domain `domains.maths`"),
    ],
)
def test_a_mistake_in_a_suite_file_of_either_format_is_one_clear_error(
    tmp_path, suffix, text, said
):
    path = tmp_path / f"bad.{suffix}"
    path.write_text(text)
    (tmp_path / "suite.txt").write_text("")
    with pytest.raises(UsageError) as caught:
        load_suite(str(path))
    assert said in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("name", "text"), [("mine.jsonl", '{"prompt": "a"}'), ("mine.yaml", "dataset_path: json")]
)
def test_a_task_that_is_given_as_a_suite_is_told_where_it_belongs(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match="is a task, not a suite") as caught:
        load_suite(str(tmp_path / name))
    assert "--tasks" in caught.value.hint
