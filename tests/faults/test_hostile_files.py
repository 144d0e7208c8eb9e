"""Whatever a file that people write holds, it is read with its meaning or refused in one error."""

import json
import math
import random
import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from benchmarks.fuzzing.mutate import mutated
from benchmarks.fuzzing.study_cells import damaged, read_all, whole
from benchmarks.fuzzing.targets import TARGETS
from forgetscope.cli.config_file import read_config
from forgetscope.errors import DataError, ForgetscopeError, StudyError, UsageError
from forgetscope.recap.recipe import read_recipe, recipe_of
from forgetscope.recap.run import GrpoRun, Retention
from forgetscope.store import Study
from forgetscope.suites import (
    TaskChoice,
    load_policy,
    load_suite,
    read_own_tasks,
    suite_of,
)
from forgetscope.suites.policy import policy_of

SLOW = ("study, cells and bytes", "task file, YAML")
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
SOME = settings(max_examples=50)
SCALARS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    *(st.just(10**400), st.just("2pp"), st.just("held")),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in SLOW])
def test_a_changed_file_is_read_or_refused(tmp_path, name):
    read = TARGETS[name].make()

    @FEW
    @given(seed=st.integers(0, 2**32))
    def check(seed):
        rng = random.Random(seed)
        data = mutated(rng.choice(TARGETS[name].seeds), rng)
        try:
            read(data, tmp_path)
        except ForgetscopeError as error:
            assert error.message  # noqa: PT017  # either ending is right

    check()


@SOME
@given(
    key=st.sampled_from(["name", "seed", "target", "extends", "margin", "alpha", "task"]),
    value=VALUES,
)
def test_any_value_under_any_key_of_a_suite(key, value):
    content = {"name": "s", "task": [{"name": "arc_easy"}], key: value}
    try:
        suite = suite_of(content, where="s")
    except UsageError:
        return
    assert isinstance(suite.name, str)
    assert suite.seed >= 0
    assert not isinstance(suite.seed, bool)
    assert suite_of(suite.to_json(), where="s").fingerprint == suite.fingerprint


@SOME
@given(key=st.sampled_from([*TaskChoice.__dataclass_fields__]), value=VALUES)
def test_any_value_under_any_key_of_a_task(key, value):
    try:
        (choice,) = suite_of({"task": [{"name": "arc_easy", key: value}]}, where="s").choices
    except UsageError:
        return
    for field, least in (("limit", 1), ("total", 1), ("shots", 0), ("max_new_tokens", 1)):
        number = getattr(choice, field)
        assert number is None or (type(number) is int and number >= least)
    assert choice.temperature is None or 0 <= choice.temperature < math.inf


@SOME
@given(key=st.sampled_from(["margin", "alpha", "require", "domains"]), value=VALUES)
def test_any_value_under_any_key_of_a_policy(key, value):
    try:
        found = policy_of({key: value}, where="p")
    except UsageError:
        return
    assert 0 < found.policy.margin < 1
    assert 0 < found.policy.alpha < 0.5
    assert found.require in (None, "held", "not-forgot")


@SOME
@given(key=st.sampled_from(["margin", "tier", "weights"]), value=VALUES)
def test_any_value_under_any_key_of_a_domain_s_policy(key, value):
    try:
        found = policy_of({"domains": {"math": {key: value}}}, where="p")
    except UsageError:
        return
    margin = found.policy.domains["math"].margin
    assert margin is None or 0 < margin < 1


@SOME
@given(key=st.sampled_from([*GrpoRun.__dataclass_fields__]), value=VALUES)
def test_any_value_under_any_key_of_a_run(key, value):
    try:
        run = recipe_of({"run": {key: value}}, where="r").run
    except UsageError:
        return
    numbers = [run.learning_rate, run.temperature, *([] if run.beta is None else [run.beta])]
    assert all(0 <= number < math.inf and not isinstance(number, bool) for number in numbers)
    assert min(run.steps, run.save_steps, run.n_prompts, run.max_new_tokens) >= 1


@SOME
@given(key=st.sampled_from([*Retention.__dataclass_fields__]), value=VALUES)
def test_any_value_under_any_key_of_retention(key, value):
    try:
        retention = recipe_of({"retention": {key: value}}, where="r").retention
    except UsageError:
        return
    assert 0 <= retention.coefficient < math.inf


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(12)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("margin: 0.02\nmargin: 0.4\n", "`margin` stands twice"),
        ("domains: {math: {margin: 0.1}, math: {margin: 0.2}}\n", "`math` stands twice"),
        ("domains: &a {math: *a}\n", "an alias stands inside itself"),
        (BOMB, "unfold to more than"),
        ("1.5: x\n", "a key is no text"),
        ("domains: {1: {}}\n", "a key is no text"),
        ("alpha: 2001-99-99\n", "month must be in"),
        ("[" * 1100, "no YAML"),
        ("alpha: !!python/object/apply:os.system [id]\n", "could not determine a constructor"),
    ],
)
def test_yaml_that_loses_or_makes_up_something_is_refused(tmp_path, text, said):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    for read in (load_policy, read_recipe, lambda path: load_suite(str(path))):
        with pytest.raises(UsageError, match=r"x\.yaml") as caught:
            read(path)
        assert said in caught.value.message


def test_aliases_that_stand_for_little_are_what_they_stand_for(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(
        "domains:\n  math: &m {margin: 3pp}\n  logic: *m\n  knowledge: {<<: *m, tier: watch}\n"
    )
    domains = load_policy(path).policy.domains
    assert {name: own.margin for name, own in domains.items()} == dict.fromkeys(
        ("math", "logic", "knowledge"), 0.03
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('seed = -1\n[[task]]\nname = "a"', "`seed` cannot be -1"),
        ('name = 3\n[[task]]\nname = "a"', "`name` cannot be 3"),
        ('[[task]]\nname = "a"\n[[task]]\nname = "a"\nlimit = 3', "has two tasks `a`"),
        ('[[task]]\nname = "a"\ndomain = 5', "`domain` of task `a` is 5"),
        (f'[[task]]\nname = "a"\ntemperature = {"9" * 400}', "`temperature` of task `a`"),
        (f'[[task]]\nname = "a"\nlimit = {"9" * 5000}', "no TOML"),
        ('[[task]]\nname = "a"\nname = "b"', "no TOML"),
        ('[[task]]\nfile = "a\\u0000b.jsonl"', "no name of a file"),
    ],
)
def test_a_suite_of_nonsense_is_refused(tmp_path, lines, said):
    path = tmp_path / "s.toml"
    path.write_text(lines)
    with pytest.raises(UsageError) as caught:
        load_suite(str(path))
    assert said in caught.value.message


@pytest.mark.parametrize(
    "line",
    [
        '{"prompt": "a", "answer": NaN}',
        '{"prompt": "a", "answer": 1e999}',
        '{"prompt": "a", "answer": "b", "answer": "c"}',
        '{"question": "a", "choices": [Infinity, 1], "answer": 0}',
        '{"prompt": "a", "answer": true}',
        "[" * 100_000,
        '{"prompt": "a", "answer": ' + "9" * 5000 + "}",
    ],
)
def test_questions_of_nonsense_are_refused_with_their_line(tmp_path, line):
    path = tmp_path / "q.jsonl"
    path.write_text('{"prompt": "a", "answer": "b"}\n' + line)
    with pytest.raises(DataError, match="line 2"):
        read_own_tasks(path, name="q")


@pytest.mark.parametrize(
    "text",
    [
        "tool = 3 # [tool.forgetscope]",
        "[tool]\nforgetscope = 3 # [tool.forgetscope",
        f"[tool.forgetscope]\nlimit = {'9' * 5000}",
        "[tool.forgetscope]\nx = " + "[" * 5000,
    ],
)
def test_settings_of_nonsense_are_refused_or_none(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text)
    try:
        found = read_config(tmp_path)
    except UsageError as error:
        assert "pyproject.toml" in error.message  # noqa: PT017  # either ending is right
    else:
        assert found is None or found.content == {}


CELLS = (
    *("meta.value", "tasks.record", "items.choices", "items.chance", "scores.others"),
    *("scores.form", "answers.stop_reason", "checkpoints.kind", "engines.description"),
    *("runs.provenance", "scores.value", "scores.sample"),
)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("value", ["{", '"text"', b"\xff\x00", 2**62, "[" * 3000])
def test_a_cell_that_no_version_wrote_is_one_error_that_names_the_study(tmp_path, cell, value):
    (tmp_path / "study.sqlite").write_bytes(whole())
    table, column = cell.split(".")
    with closing(sqlite3.connect(tmp_path / "study.sqlite")) as database:
        database.execute(f"UPDATE {table} SET {column} = ?", (value,))
        database.commit()
    try:
        read_all(tmp_path)
    except ForgetscopeError as error:
        is_told = str(tmp_path) in error.message or "what the study keeps" in error.message
        assert is_told or not isinstance(error, StudyError)  # noqa: PT017  # either ending is right


def test_a_share_outside_its_range_is_told_where_the_study_is_read(tmp_path):
    (tmp_path / "study.sqlite").write_bytes(whole())
    with closing(sqlite3.connect(tmp_path / "study.sqlite")) as database:
        database.execute("UPDATE scores SET gold_bytes = 1, top_share = 7.5")
        database.commit()
    with pytest.raises(StudyError, match="a top_share outside 0 to 1"):
        read_all(tmp_path)


@pytest.mark.parametrize("value", ["9e999", "-2", "0.5", "1000000000000"])
def test_a_sample_that_nobody_asked_for_is_told_where_the_study_is_read(tmp_path, value):
    (tmp_path / "study.sqlite").write_bytes(whole())
    with closing(sqlite3.connect(tmp_path / "study.sqlite")) as database:
        database.execute(f"UPDATE scores SET sample = {value} WHERE item = 'i1'")
        database.commit()
    with pytest.raises(StudyError, match="a sample that is not counted from 0"):
        read_all(tmp_path)


@pytest.mark.parametrize("column", ["value", "n_tokens", "gold_bits"])
def test_a_number_that_cannot_be_reckoned_with_is_told_where_it_is_read(tmp_path, column):
    (tmp_path / "study.sqlite").write_bytes(whole())
    with closing(sqlite3.connect(tmp_path / "study.sqlite")) as database:
        database.execute(f"UPDATE scores SET gold_bytes = 1, {column} = 1.7e308")
        database.commit()
    with pytest.raises(StudyError, match="beyond 1e\\+30"):
        read_all(tmp_path)


@pytest.mark.parametrize("value", ["9e999", "-2", "0.5", "1e300"])
@pytest.mark.parametrize("column", ["choice", "n_options"])
def test_an_option_that_cannot_be_counted_is_told_where_the_study_is_read(tmp_path, column, value):
    (tmp_path / "study.sqlite").write_bytes(whole())
    with closing(sqlite3.connect(tmp_path / "study.sqlite")) as database:
        database.execute(f"UPDATE scores SET gold_bytes = 1, {column} = {value}")
        database.commit()
    with pytest.raises(StudyError, match=f"a {column} that counts nothing"):
        read_all(tmp_path)


@FEW
@given(seed=st.integers(0, 2**32))
@example(seed=13695)
def test_a_study_with_changed_cells_or_bytes_is_read_or_refused(tmp_path, seed):
    folder = tmp_path / "study"
    folder.mkdir(exist_ok=True)
    damaged(str(seed).encode(), folder)
    try:
        read_all(folder)
    except ForgetscopeError as error:
        assert error.message  # noqa: PT017  # either ending is right


def test_a_study_that_is_whole_is_read(tmp_path):
    (tmp_path / "study.sqlite").write_bytes(whole())
    read_all(tmp_path)
    with Study(tmp_path) as study:
        assert json.dumps(study.meta("suite"))
        assert len(study.series()) == 2
