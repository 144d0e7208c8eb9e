"""A comparison as a table of pandas."""

import math
import subprocess
import sys
from dataclasses import fields

import pandas as pd
import pytest

from forgetscope.diagnosis import compare
from forgetscope.records import Cell, Verdict
from tests.report.made import comparison as made
from tests.report.made import example_domains
from tests.strategies import column, counts, profile, task


def _compared():
    tasks = [task("arc", domain="knowledge"), task("race", domain="reading", chance=math.nan)]
    tables = [counts(30, 24, 300), counts(60, 5, 300)]
    sides = [
        profile(label, *(column(of, values[i]) for of, values in zip(tasks, tables, strict=True)))
        for i, label in enumerate(("base", "step-40"))
    ]
    return compare(*sides)


@pytest.mark.parametrize("comparison", [_compared(), made()])
def test_every_number_of_the_frame_is_the_record_s(comparison):
    frame = comparison.to_pandas()
    cells = [comparison.overall, *comparison.domains, *comparison.tasks]
    assert len(frame) == len(cells)
    for row, cell in zip(frame.to_dict("records"), cells, strict=True):
        for field in fields(Cell):
            if field.name in ("findings", "adjuncts"):
                continue
            value, told = getattr(cell, field.name), row[field.name]
            if value is None or (isinstance(value, float) and math.isnan(value)):
                assert pd.isna(told)
            else:
                assert told == value
        assert row["adjuncts"].split() == [str(adjunct) for adjunct in cell.adjuncts]


def test_the_level_of_a_row_says_what_it_is():
    frame = _compared().to_pandas()
    assert frame.level.tolist() == ["overall", "domain", "domain", "task", "task"]
    assert frame.attrs == {"before": "base", "after": "step-40"}
    assert set(frame.verdict) <= {str(verdict) for verdict in Verdict}


def test_columns_have_the_same_types_whatever_they_hold():
    known, empty = _compared().to_pandas(), made(domains=()).to_pandas()
    assert len(empty) == 1
    assert list(empty.columns) == list(known.columns)
    for name in known.columns:
        assert empty[name].dtype == known[name].dtype, name
    assert empty.needs.dtype == "Int64"
    assert {str(empty[name].dtype) for name in ("n", "lost", "n_missing")} == {"int64"}
    assert {str(empty[name].dtype) for name in ("change", "margin", "detectable")} == {"float64"}


def test_what_is_undefined_is_missing_and_never_zero():
    frame = made(domains=example_domains()).to_pandas().set_index("name")
    assert math.isnan(frame.loc["tools", "change"])
    assert frame.loc["tools", "needs"] is pd.NA
    assert frame.loc["knowledge", "needs"] == 120


def test_a_record_alone_loads_no_pandas():
    program = "import sys, forgetscope.records; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
