"""What the benchmark of the testbed writes down."""

from __future__ import annotations

from typing import Any

import testbed as benchmark

MATH = {
    "name": "math",
    "role": "target",
    "n": 1000,
    "before": 0.35,
    "after": 0.9,
    "change": 0.55,
    "low": 0.5,
    "high": 0.6,
    "lost": 3,
    "verdict": "GAINED",
    "adjuncts": [],
    "format_share": 0.5,
    "lenient_change": 0.1,
    "lenient_low": 0.05,
    "marked": [0.4, 1.0],
}


def _general(name: str, *, change: float, verdict: str, before: float = 0.95) -> dict[str, Any]:
    return MATH | {
        "name": name,
        "role": "general",
        "before": before,
        "after": before + change,
        "change": change,
        "verdict": verdict,
        "marked": [0.0, 0.04],
    }


def _run(*, seed: int = 0, logic: float = -0.12, target: float = 0.35) -> dict[str, Any]:
    kept = [_general(name, change=0.0, verdict="HELD") for name in ("a", "b", "c")]
    damaged = _general("instruction", change=-0.2, verdict="FORGOT")
    weak = _general("logic", change=logic, verdict="FORGOT")
    return {
        "seed": seed,
        "cpu_seconds": {"base": 40.2, "grpo": 17.0},
        "gate_passed": False,
        "domains": [MATH | {"before": target}, *kept, damaged, weak],
        "tasks": [weak | {"name": "testbed_logic_mc", "marked": []}],
    }


def test_each_wish_is_counted_over_the_seeds():
    runs = [_run(), _run(logic=-0.09), _run(target=0.19)]
    lines = benchmark.wanted(runs)
    assert [line[2:12] for line in lines] == [
        "2 of 3 see",
        "3 of 3 see",
        "3 of 3 see",
        "2 of 3 see",
        "3 of 3 see",
        "3 of 3 see",
    ]


def test_a_large_change_that_is_not_proved_is_no_damage():
    row = _general("logic", change=-0.3, verdict="UNDECIDED")
    assert not benchmark.is_damaged(row)
    assert benchmark.is_damaged(row | {"verdict": "FORGOT"})


def test_a_line_has_the_domain_in_percent_and_how_many_answers_bear_the_mark():
    row = _general("logic", change=-0.12, verdict="FORGOT") | {"adjuncts": ["FORMAT"]}
    assert benchmark.line_of(row) == (
        "| logic | 1,000 | 95.0 | 83.0 | -12.0 [+50.0, +60.0] | +10.0 | FORGOT FORMAT | 50 "
        "| 0 to 4 |"
    )


def test_the_page_names_its_command_and_tells_of_every_seed():
    table = {
        "provenance": {"command": "python benchmarks/testbed.py --seeds 3 4", "commit": "abc"},
        "runs": [_run(seed=3), _run(seed=4)],
    }
    text = benchmark.page(table)
    assert "    python benchmarks/testbed.py --seeds 3 4" in text
    assert [line for line in text.splitlines() if line.startswith("## Seed")] == [
        "## Seed 3",
        "## Seed 4",
    ]
    assert text.count("| logic_mc |") == 2
