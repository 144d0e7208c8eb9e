from __future__ import annotations

import math
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import TrainingError
from forgetscope.recap.log import TrainingLog
from forgetscope.records import Kind

NUMBERS = st.floats(allow_nan=True, allow_infinity=False)
ROWS = st.tuples(st.integers(0, 9), st.sampled_from("abc"), st.sampled_from(Kind), NUMBERS, NUMBERS)


def _log(rows: list[tuple[int, str, Kind, float, float]]) -> TrainingLog:
    log = TrainingLog()
    for row in rows:
        log.add(*row)
    return log


@given(rows=st.lists(ROWS, max_size=20))
def test_what_is_written_is_read_back(rows, tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.getbasetemp() / "log.parquet"
    log = _log(rows)
    log.write(path)
    again = TrainingLog.read(path)
    assert repr(again.traces()) == repr(log.traces())  # nan equals nan there
    for kind in Kind:
        assert repr(again.latest(kind)) == repr(log.latest(kind))


def test_traces_come_in_the_order_of_their_first_appearance_and_probes_have_no_weights():
    log = _log(
        [
            (0, "b/probe", Kind.PROBE, 2.0, math.nan),
            (1, "a/x", Kind.REWARD, 0.5, 0.9),
            (2, "b/probe", Kind.PROBE, 1.0, math.nan),
            (2, "a/x", Kind.REWARD, 0.6, 1.1),
        ]
    )
    probe, reward = log.traces()
    assert (probe.objective, probe.steps, probe.values, probe.weights) == (
        "b/probe",
        (0, 2),
        (2.0, 1.0),
        (),
    )
    assert (reward.steps, reward.values, reward.weights) == ((1, 2), (0.5, 0.6), (0.9, 1.1))
    assert log.latest(Kind.REWARD) == {"a/x": 0.6}
    assert log.latest(Kind.LOSS) == {}


def test_the_file_is_a_plain_table(tmp_path: Path):
    _log([(1, "a/x", Kind.LOSS, 0.5, 1.0)]).write(tmp_path / "log.parquet")
    assert pq.read_table(tmp_path / "log.parquet").to_pylist() == [
        {"step": 1, "objective": "a/x", "kind": "loss", "value": 0.5, "weight": 1.0}
    ]


def test_a_file_that_is_no_log_is_named(tmp_path: Path):
    (tmp_path / "log.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(TrainingError, match=r"log\.parquet"):
        TrainingLog.read(tmp_path / "log.parquet")
