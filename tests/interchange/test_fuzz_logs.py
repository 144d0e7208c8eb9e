"""Whatever a log holds, reading it ends in items or in one error that names the file."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forgetscope.errors import ForgetscopeError
from forgetscope.interchange.logs import harmless, read_logs
from forgetscope.interchange.logs.texts import logged_logprob
from tests.interchange.made_logs import DATE, choice_row, results_of, written_rows

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("(1, 2)")
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _read(folder):
    for log in read_logs(folder, known={}):
        for task in log.tasks:
            for logged in task.items(task.task.version):
                assert logged.score.item_id == logged.item.id


def _survives(folder):
    try:
        _read(folder)
    except ForgetscopeError as error:
        assert str(folder) in error.message  # noqa: PT017  # either ending is right


def _rows():
    yield from (choice_row(number, is_right=number % 2 == 0) for number in range(3))


@FEW
@given(key=st.sampled_from([*choice_row(0, is_right=True)]), value=VALUES, place=st.integers(0, 2))
def test_any_value_under_any_key_of_a_row(tmp_path, key, value, place):
    rows = list(_rows())
    rows[place][key] = value
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "samples_arc_easy.jsonl").write_text(lines, encoding="utf-8")
    _survives(tmp_path)


@FEW
@given(value=VALUES, key=st.sampled_from(["arguments", "resps", "filtered_resps", "target"]))
def test_any_value_in_a_generated_row(tmp_path, key, value):
    rows = [row for number in range(2) for row in written_rows(number, is_right=True)]
    rows[1][key] = value
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "samples_gsm8k.jsonl").write_text(lines, encoding="utf-8")
    _survives(tmp_path)


RESULTS = results_of({"arc_easy": list(_rows())}, model="org/base")


@FEW
@given(key=st.sampled_from([*RESULTS]), value=VALUES, is_inner=st.booleans())
def test_any_value_under_any_key_of_the_results(tmp_path, key, value, is_inner):
    lines = "".join(json.dumps(row) + "\n" for row in _rows())
    (tmp_path / f"samples_arc_easy_{DATE}.jsonl").write_text(lines, encoding="utf-8")
    content = RESULTS | {key: {"arc_easy": value} if is_inner else value}
    (tmp_path / f"results_{DATE}.json").write_text(json.dumps(content), encoding="utf-8")
    _survives(tmp_path)


@FEW
@given(raw=st.binary(max_size=60), name=st.sampled_from(["samples_a.jsonl", "details_a.parquet"]))
def test_any_bytes_in_any_file(tmp_path, raw, name):
    for other in tmp_path.iterdir():
        other.unlink()
    (tmp_path / name).write_bytes(raw)
    _survives(tmp_path)


@given(name=st.text())
def test_a_harmless_name_can_be_printed_and_leads_nowhere(name):
    found = harmless(name)
    assert found.isprintable()
    assert found.strip(". ")
    assert not set(found) & {"/", "\\"}
    assert len(found) < 200
    assert harmless(found) == found


@given(value=VALUES)
def test_a_log_probability_is_a_number_or_a_value_error(value):
    try:
        assert isinstance(logged_logprob(value).logprob, float)
    except (ValueError, OverflowError):
        return
