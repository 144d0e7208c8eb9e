"""The pictures of the study: gain against loss, and each arm's difference to uniform replay."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from study.compare import SeedResult, estimate
from study.table import REFERENCE, arm_names, by_seed, general, lenient, paired, target

__all__ = ["draw"]

INK, SOFT, GRID = "#1b1f27", "#6b7280", "#e3e6ea"
FAMILIES = {
    "grpo": ("#b42318", "s"),
    "replay": ("#4b5563", "o"),
    "code": ("#175cd3", "^"),
    "paper": ("#53b1fd", "v"),
    "random": ("#a15c07", "X"),
    "advantage": ("#7a5af8", "P"),
    "budget": ("#c11574", "*"),
    "blend": ("#067647", "D"),
}
"""Colour and mark of a family, so that grey print tells them apart too."""


def draw(results: Sequence[SeedResult], out: Path) -> None:
    trade_off(results, out / "tradeoff.png")
    if any(result.arm == REFERENCE for result in results):
        differences(results, out / "differences.png")


def trade_off(results: Sequence[SeedResult], path: Path) -> None:
    """Draw every arm's mean gain on the target against its mean change elsewhere."""
    figure, axes = plt.subplots(figsize=(9.2, 6.0), layout="constrained")
    centres: dict[str, tuple[float, float]] = {}
    for arm in arm_names(results):
        gain = estimate(list(by_seed(results, arm, target).values()))
        cost = estimate(list(by_seed(results, arm, general).values()))
        colour, mark = _family(arm)
        axes.errorbar(
            cost.mean,
            gain.mean,
            xerr=[[cost.mean - cost.low], [cost.high - cost.mean]],
            yerr=[[gain.mean - gain.low], [gain.high - gain.mean]],
            fmt=mark,
            ms=7,
            color=colour,
            elinewidth=0.7,
            alpha=0.9,
        )
        centres[arm] = (cost.mean, gain.mean)
    for arm, centre in centres.items():
        # in the crowd only the reference is named; the other picture tells the arms apart
        if arm == REFERENCE or not _is_crowded(arm, centres):
            axes.annotate(arm, centre, (6, 4), textcoords="offset points", fontsize=8)
    axes.axvline(0, color=SOFT, linewidth=0.8)
    axes.set_xlabel("mean change of the general domains, points (better to the right)")
    axes.set_ylabel("gain on the target, strict, points")
    axes.text(
        0.01, 0.01, "unnamed: replay and its weightings", transform=axes.transAxes, fontsize=8
    )
    axes.set_title(_finding(results), loc="left", fontweight="bold", fontsize=11, wrap=True)
    _plain(axes)
    figure.savefig(path, dpi=160, metadata={"Software": None})
    plt.close(figure)


def differences(results: Sequence[SeedResult], path: Path) -> None:
    """Draw each arm's paired difference to uniform replay on three measures."""
    arms = [arm for arm in arm_names(results) if arm != REFERENCE]
    measures = {
        "mean of general domains": general,
        "target, strict": target,
        "target, accuracy alone": lenient,
    }
    figure, panels = plt.subplots(
        1, len(measures), figsize=(11, 0.32 * len(arms) + 1.6), sharey=True, layout="constrained"
    )
    for axes, (title, measure) in zip(panels, measures.items(), strict=True):
        for place, arm in enumerate(arms):
            found = paired(results, arm, measure)
            colour, mark = _family(arm)
            if found is not None:
                axes.plot([found.low, found.high], [place, place], color=colour, linewidth=1.6)
                axes.plot([found.mean], [place], mark, color=colour, ms=6)
        axes.axvline(0, color=SOFT, linewidth=1)
        axes.set_title(title, fontsize=9, loc="left")
        _plain(axes)
    panels[0].set_yticks(range(len(arms)), arms, fontsize=8)
    panels[0].invert_yaxis()
    figure.suptitle(
        f"Difference to uniform replay, points, paired by seed (95 % intervals over "
        f"{len({r.seed for r in results})} seeds)",
        x=0.01,
        ha="left",
        fontsize=11,
        fontweight="bold",
    )
    figure.savefig(path, dpi=160, metadata={"Software": None})
    plt.close(figure)


def _is_crowded(arm: str, centres: dict[str, tuple[float, float]]) -> bool:
    x, y = centres[arm]
    near = [a for a, (u, v) in centres.items() if abs(u - x) < 0.9 and abs(v - y) < 3]
    return len(near) > 3


def _family(arm: str) -> tuple[str, str]:
    return FAMILIES.get(arm.split()[0].split("-")[0], (INK, "o"))


def _finding(results: Sequence[SeedResult]) -> str:
    means = {
        a: estimate(list(by_seed(results, a, general).values())).mean for a in arm_names(results)
    }
    n = len({result.seed for result in results})
    if "grpo" not in means:
        return f"Gain against loss, {n} seeds"
    cost = f"Plain GRPO costs {-means['grpo']:.1f} points elsewhere"
    return f"{cost}: means of {n} seeds, 95 % intervals"


def _plain(axes: Axes) -> None:
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
