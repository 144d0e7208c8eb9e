"""The table of the study: every arm against the base, and paired against uniform replay."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from study.compare import Estimate, SeedResult, estimate

__all__ = ["REFERENCE", "arm_names", "by_seed", "paired", "render"]

REFERENCE = "replay"
"""The arm that all others are compared with, seed by seed."""

Measure = Callable[[SeedResult], float]


def target(result: SeedResult) -> float:
    return result.changes[result.target]


def lenient(result: SeedResult) -> float:
    return result.lenient


def general(result: SeedResult) -> float:
    return result.general


def domain(name: str) -> Measure:
    return lambda result: result.changes[name]


def arm_names(results: Sequence[SeedResult]) -> list[str]:
    """Return the arms in the order in which they come."""
    return list(dict.fromkeys(result.arm for result in results))


def by_seed(results: Sequence[SeedResult], arm: str, measure: Measure) -> dict[int, float]:
    return {result.seed: measure(result) for result in results if result.arm == arm}


def paired(results: Sequence[SeedResult], arm: str, measure: Measure) -> Estimate | None:
    """Return the mean difference to the reference over the seeds that have both."""
    own, other = (by_seed(results, name, measure) for name in (arm, REFERENCE))
    seeds = sorted(own.keys() & other.keys())
    return estimate([own[seed] - other[seed] for seed in seeds]) if seeds else None


def render(results: Sequence[SeedResult]) -> str:
    """Return both tables as Markdown."""
    domains = sorted({name for result in results for name in result.changes})
    goal = results[0].target
    others = [name for name in domains if name != goal]
    columns: dict[str, Measure] = {f"{goal} strict": target, f"{goal} accuracy": lenient}
    columns |= {name: domain(name) for name in others}
    columns["mean of general"] = general
    n_seeds = len({result.seed for result in results})
    return "\n".join(
        [
            f"## Change against the base, points: mean over {n_seeds} seeds (95 % interval)",
            "",
            *_rows(results, columns, _own),
            "",
            f"## Difference to `{REFERENCE}`, points: paired by seed, mean (95 % interval); "
            "bold where it excludes 0",
            "",
            *_rows(results, columns, _difference),
            "",
            "## Verdicts of the general domains over all seeds (margin 2 points)",
            "",
            *_verdicts(results, goal),
            "",
        ]
    )


def _rows(
    results: Sequence[SeedResult],
    columns: dict[str, Measure],
    cell: Callable[[Sequence[SeedResult], str, Measure], str],
) -> list[str]:
    lines = [f"| arm | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    for arm in arm_names(results):
        cells = [cell(results, arm, measure) for measure in columns.values()]
        lines.append(f"| {arm} | {' | '.join(cells)} |")
    return lines


def _own(results: Sequence[SeedResult], arm: str, measure: Measure) -> str:
    return _text(estimate(list(by_seed(results, arm, measure).values())))


def _difference(results: Sequence[SeedResult], arm: str, measure: Measure) -> str:
    found = paired(results, arm, measure)
    if found is None or arm == REFERENCE:
        return ""
    text = _text(found)
    return f"**{text}**" if found.low > 0 or found.high < 0 else text


def _text(found: Estimate) -> str:
    return f"{found.mean:+.1f} ({found.low:+.1f} to {found.high:+.1f})"


def _verdicts(results: Sequence[SeedResult], goal: str) -> list[str]:
    words = ("FORGOT", "SLIPPED", "UNDECIDED", "HELD", "GAINED", "CANNOT MEASURE")
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(words, 0))
    for result in results:
        for name, verdict in result.verdicts.items():
            if name != goal:
                counts[result.arm][verdict] += 1
    lines = [f"| arm | {' | '.join(words)} |", "|---" * (1 + len(words)) + "|"]
    rows = {arm: [str(counts[arm][word]) for word in words] for arm in arm_names(results)}
    return [*lines, *(f"| {arm} | {' | '.join(cells)} |" for arm, cells in rows.items())]
