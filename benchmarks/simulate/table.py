"""Write what was measured: Markdown to read, JSON to compute with, a figure to look at."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from simulate.outcome import CAUTIOUS, FAIL, PASS, SHOWN, Outcome

TICKS = (-5, -2, -1, 0, 1, 2, 5, 10)
"""Of the figure, points."""
HEADER = "| setting | wanted | measured | standard error | limit | replications | |"
RULE = "|---|---|---:|---:|---:|---:|---|"


def write(out: Path, outcomes: Sequence[Outcome], provenance: dict[str, object]) -> None:
    """Write `table.md`, `table.json` and `table.png` into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "table.md").write_text(markdown(outcomes, provenance))
    rows = [
        {key: None if value != value else value for key, value in asdict(row).items()}
        for row in outcomes
    ]
    text = json.dumps({"provenance": provenance, "rows": rows}, indent=1)
    (out / "table.json").write_text(text + "\n")
    draw(out / "table.png", outcomes)


def markdown(outcomes: Sequence[Outcome], provenance: dict[str, object]) -> str:
    """Return the whole table, a section a property."""
    lines = ["# Calibration", "", summary(outcomes), ""]
    lines += [f"- {key}: {value}" for key, value in provenance.items()]
    for name in dict.fromkeys(row.property for row in outcomes):
        rows = [row for row in outcomes if row.property == name]
        lines += ["", f"## {name[0].upper()}{name[1:]}", "", HEADER, RULE]
        lines += [row_text(row) for row in rows]
    return "\n".join(lines) + "\n"


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return one sentence: how many lines pass, are cautious, fail."""
    counts = dict.fromkeys((PASS, CAUTIOUS, FAIL, SHOWN), 0)
    for row in outcomes:
        counts[row.status] += 1
    return (
        f"{counts[PASS]} lines pass, {counts[CAUTIOUS]} are cautious (wider than needed), "
        f"{counts[FAIL]} fail; {counts[SHOWN]} are shown for comparison."
    )


def row_text(row: Outcome) -> str:
    """Return one line of the Markdown table."""
    cells = (
        row.setting,
        row.wanted,
        percent(row.measured),
        percent(row.standard_error),
        percent(row.limit),
        f"{row.replications:,}",
        f"**{row.status}**" if row.is_failure else row.status,
    )
    return f"| {' | '.join(cells)} |"


def line_text(row: Outcome) -> str:
    """Return one line for the terminal."""
    return (
        f"{row.status:8} {percent(row.measured):>8} ± {percent(row.standard_error):7} "
        f"({row.wanted}; {row.replications:,})  {row.property}: {row.setting}"
    )


def percent(share: float) -> str:
    """Return a share in percent; a dash where there is none."""
    return "–" if math.isnan(share) else f"{100 * share:.2f} %"


def draw(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Draw every judged line as a point: measured against what was wanted, in standard errors."""
    from matplotlib.figure import Figure

    judged = [row for row in outcomes if row.status != SHOWN]
    names = list(dict.fromkeys(row.property for row in judged))
    figure = Figure(figsize=(9, 0.32 * len(names) + 1.2), layout="constrained")
    axes = figure.subplots()
    colours = {PASS: "#2a6f97", CAUTIOUS: "#b0b7bd", FAIL: "#c1121f"}
    for row in judged:
        gap = 100 * (row.measured - row.target)
        axes.plot(gap, names.index(row.property), "o", ms=4, alpha=0.7, color=colours[row.status])
    axes.axvline(0, color="black", lw=0.8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("symlog", linthresh=2)
    axes.set_xticks(TICKS, [f"{tick:+g}" if tick else "0" for tick in TICKS], fontsize=8)
    axes.minorticks_off()
    axes.set_xlabel("measured minus target, points (grey: cautious, red: fails)", fontsize=8)
    figure.savefig(path, dpi=150)
