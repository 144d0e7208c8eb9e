"""What trackers plot."""

import math

import pytest

from forgetscope.interchange.measures import (
    TABLE_COLUMNS,
    VERDICT_CODES,
    measures_of,
    points_of,
    steps_of,
    table_of,
)
from forgetscope.records import Role, Verdict
from tests.report import made


def test_a_domain_gives_score_change_interval_and_the_code_of_its_verdict():
    cell = made.cell("logic", Verdict.FORGOT, change=-0.2, half=0.05)
    values = measures_of(made.comparison(domains=[cell]))
    found = {key: value for key, value in values.items() if key.startswith("forgetting/logic/")}
    assert found == {
        "forgetting/logic/score": cell.after,
        "forgetting/logic/change": cell.change,
        "forgetting/logic/low": cell.low,
        "forgetting/logic/high": cell.high,
        "forgetting/logic/verdict": -2.0,
    }
    assert values["forgetting/forgot"] == 1
    assert "forgetting/overall/change" in values


def test_a_better_verdict_has_a_higher_code_and_what_cannot_be_measured_has_none():
    order = [Verdict.FORGOT, Verdict.SLIPPED, Verdict.UNDECIDED, Verdict.HELD, Verdict.GAINED]
    assert sorted(VERDICT_CODES, key=VERDICT_CODES.__getitem__) == order
    assert set(Verdict) - set(VERDICT_CODES) == {Verdict.CANNOT_MEASURE}


def test_what_is_undefined_is_left_out_and_never_zero():
    values = measures_of(made.comparison(domains=[made.unmeasured("tools")]))
    assert "forgetting/tools/verdict" not in values
    assert "forgetting/tools/change" not in values
    assert all(math.isfinite(value) for value in values.values())


def test_a_target_that_fell_is_not_counted_as_forgotten():
    cell = made.cell("math", Verdict.FORGOT, change=-0.2, role=Role.TARGET)
    assert measures_of(made.comparison(domains=[cell]))["forgetting/forgot"] == 0


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((None, 10, 20), (0, 10, 20)),
        ((5, 10, 20), (5, 10, 20)),
        ((None, 10, None), (0, 1, 2)),
        ((None, 20, 10), (0, 1, 2)),
        ((None, 0, 10), (0, 1, 2)),
        ((None,), (0,)),
    ],
)
def test_steps_rise_always(steps, expected):
    series = [made.checkpoint(f"c{i}", step=step) for i, step in enumerate(steps)]
    assert tuple(steps_of(series).values()) == expected


def test_every_checkpoint_is_a_point_and_every_domain_of_it_a_row():
    profile = (made.cell("logic"), made.cell("riddles", domain="logic"))
    diagnosis = made.diagnosis(
        made.comparison("step-10"), made.comparison("step-20"), profile=profile
    )
    points = points_of(diagnosis, made.SERIES)
    assert [point.label for point in points] == [c.label for c in made.SERIES]
    assert dict(points[0].values) == {"forgetting/logic/score": profile[0].before}
    rows = table_of(diagnosis, made.SERIES)
    assert len(rows) == 2 * (len(made.example_domains()) + 1)
    assert all(len(row) == len(TABLE_COLUMNS) for row in rows)
