"""What the benchmarks write down."""

import json
import math
import sys

import calibration
import numpy as np
import pytest
import statistics_speed
from simulate.outcome import at_most, covered, shown
from simulate.table import line_text, markdown, percent, summary, write

ROWS = [
    at_most("false alarms", "few items", 20, 1_000),
    at_most("false alarms", "many items", 200, 1_000),
    covered("coverage", "few items", 999, 1_000, 0.95),
    shown("naive alarms", "few items", np.array([0.0, 1.0, 1.0, 1.0])),
]


def test_the_table_has_a_section_per_property_and_a_line_per_setting():
    text = markdown(ROWS, {"seed": 3})
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## False alarms",
        "## Coverage",
        "## Naive alarms",
    ]
    assert "- seed: 3" in text
    lines = [line for line in text.splitlines() if line.startswith(("| few", "| many"))]
    assert len(lines) == len(ROWS)
    assert {line.count("|") for line in lines} == {8}


def test_a_failure_stands_out_and_is_counted():
    text = markdown(ROWS, {})
    assert "| many items | at most 5 % | 20.00 % | 1.26 % | 7.07 % | 1,000 | **FAIL** |" in text
    assert summary(ROWS).startswith("1 lines pass, 1 are cautious")
    assert "1 fail; 1 are shown" in summary(ROWS)


def test_what_is_only_shown_has_no_limit():
    assert percent(math.nan) == "–"
    assert "| 75.00 % |" in markdown(ROWS[-1:], {})
    assert line_text(ROWS[-1]).startswith("shown")


def test_the_numbers_are_written_for_people_programs_and_eyes(tmp_path):
    write(tmp_path / "new", ROWS, {"seed": 3})
    found = json.loads((tmp_path / "new" / "table.json").read_text())
    assert [row["measured"] for row in found["rows"]] == [0.02, 0.2, 0.999, 0.75]
    assert found["rows"][-1]["limit"] is None
    assert found["provenance"] == {"seed": 3}
    assert (tmp_path / "new" / "table.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "new" / "table.md").read_text() == markdown(ROWS, {"seed": 3})


@pytest.mark.parametrize(("hits", "code"), [(5, 0), (50, 1)])
def test_the_benchmark_fails_where_a_property_does(hits, code, monkeypatch, tmp_path, capsys):
    def study(_seed, trials):
        yield at_most("false alarms", "few items", hits, trials)

    monkeypatch.setattr(calibration, "STUDIES", {"made up": (study, 2.0)})
    monkeypatch.setattr(
        sys, "argv", ["calibration.py", "--replications", "50", "--out", str(tmp_path)]
    )
    assert calibration.main() == code
    assert f"{hits}.00 %" in capsys.readouterr().out
    provenance = json.loads((tmp_path / "table.json").read_text())["provenance"]
    assert provenance["command"].endswith("--replications 50 --seed 0")
    assert {"commit", "versions", "hardware", "CPU seconds", "date"} <= provenance.keys()


@pytest.mark.parametrize("evidence", [[], ["--without-evidence"]])
def test_the_stopwatch_runs_on_a_small_series(evidence, monkeypatch, tmp_path, capsys):
    small = ["--tasks", "6", "--checkpoints", "2", "--items", "60", "--peer-cells", "1"]
    out = ["--runs", "1", "--json", str(tmp_path / "speed.json")]
    monkeypatch.setattr(sys, "argv", ["statistics_speed.py", *small, *out, *evidence])
    assert statistics_speed.main() == 0
    found = json.loads((tmp_path / "speed.json").read_text())
    assert found["cells"] == 2 * (6 + 2 + 1)
    assert found["peer_ratio"] > 0
    assert sum(found["shares"].values()) == pytest.approx(1)
    assert "18 cells" in capsys.readouterr().out


def test_time_is_put_down_to_the_innermost_function_of_ours():
    from forgetscope.statistics import wilson

    class Watched(float):
        def __rmul__(self, other):
            seen.append(statistics_speed.module_of(sys._getframe(1)))
            return float(other) * float(self)

    seen = []
    wilson(1, Watched(10), alpha=0.05)
    assert seen
    assert set(seen) == {"statistics.proportions.wilson"}
    assert statistics_speed.module_of(sys._getframe()) == "elsewhere"
