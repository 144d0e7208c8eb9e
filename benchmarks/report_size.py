"""Size and speed of the report of a large study, and what its reader waits for.

    python benchmarks/report_size.py [--items 100000] [--loads 5] [--json F]

Makes a study of many items of about 1.6 KB each (prompt and both answers; random words, which pack
worse than prose), of which one in eight changes sides, and writes its page with every choice of
`--embed`. Where Chromium and Playwright are installed the page is opened from its file, each time
in a fresh context, and the median is printed: first paint; until items can be read; then one of
all filters, one item, and a search through every text for a word that is in none.
"""

import argparse
import json
import os
import platform
import random
import shutil
import statistics
import string
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from forgetscope.diagnosis import diagnose
from forgetscope.records import (
    Change,
    Checkpoint,
    CheckpointKind,
    Column,
    Diagnosis,
    FormatClass,
    Item,
    OutputType,
    Policy,
    Profile,
    Score,
    Story,
    Task,
    Transition,
)
from forgetscope.report import ReportView
from forgetscope.report.embedding import LARGEST_BYTES, fitted
from forgetscope.report.html import render_html

DOMAINS, CHECKPOINTS = 10, 8
PROMPT, ANSWER = 700, 450
"""Characters of a prompt and of an answer."""

WATCHING = """new MutationObserver((_, watcher) => {
  if (!document.querySelector('#detail .text')) return;
  window.readyAt = performance.now();
  watcher.disconnect();
}).observe(document, { childList: true, subtree: true })"""

MEASURED = """async () => {
  const settled = async (isDone) => {
    const start = performance.now();
    while (!isDone()) await new Promise((done) => setTimeout(done, 1));
    return performance.now() - start;
  };
  const byId = (id) => document.getElementById(id);
  await settled(() => window.readyAt);
  document.querySelector('[data-turn="-1"]').click();
  const domain = byId('by-domain');
  domain.value = domain.options[domain.options.length - 1].value;
  let start = performance.now();
  domain.dispatchEvent(new Event('change'));
  const filter = performance.now() - start;
  domain.value = '';
  domain.dispatchEvent(new Event('change'));
  await settled(() => document.querySelector('#detail .text'));
  const last = byId('detail').firstElementChild;
  start = performance.now();
  byId('list').dispatchEvent(new KeyboardEvent('keydown', { key: 'End' }));
  await settled(() => byId('detail').firstElementChild !== last);
  const open = performance.now() - start;
  byId('search').value = 'no such word';
  start = performance.now();
  byId('search').dispatchEvent(new Event('input'));
  await settled(() => byId('count').textContent === '0 items');
  return { ready: window.readyAt, filter, open, search: performance.now() - start };
}"""


def main() -> int:
    """Write the pages, open them, print and keep the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--loads", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    series, diagnosis = made(arguments.items)
    rows = []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for name, turns, largest in choices():
            path = Path(folder) / "report.html"
            row = written(series, diagnosis, path, turns=turns, largest=largest)
            rows.append({"page": name} | row | opened(browser, path, arguments.loads))
            print(text(rows[-1]), flush=True)
    if arguments.json:
        machine = {
            "items": arguments.items,
            "loads": arguments.loads,
            "python": platform.python_version(),
            "browser": browser.version if browser else "",
            "cores": os.cpu_count(),
        }
        arguments.json.write_text(json.dumps(machine | {"pages": rows}, indent=1) + "\n")
    return 0


def choices() -> Iterator[tuple[str, frozenset[Transition], int]]:
    """Yield a name for each page, which items are asked for, and the limit of their bytes."""
    changed = frozenset({Transition.LOST, Transition.GAINED})
    yield "none", frozenset(), LARGEST_BYTES
    yield "lost", frozenset({Transition.LOST}), LARGEST_BYTES
    yield "changed", changed, LARGEST_BYTES
    yield "all, within the limit", frozenset(Transition), LARGEST_BYTES
    yield "all, without a limit", frozenset(Transition), 10**12


def made(n: int) -> tuple[list[Profile], Diagnosis]:
    """Return a series of 0/1 scores, an eighth of which differ at its end, and its diagnosis."""
    rng = np.random.default_rng(0)
    shares = np.array_split(np.arange(n), DOMAINS)
    flips = 0.5 * (1 - (1 - 2 / 8) ** (1 / CHECKPOINTS))
    value_I = (rng.random(n) < 0.6).astype(float)
    series = []
    for t in range(CHECKPOINTS + 1):
        columns = tuple(
            column(place, rows.tolist(), value_I[rows]) for place, rows in enumerate(shares)
        )
        series.append(Profile(label=f"step-{100 * t}", columns=columns, step=100 * t))
        value_I = np.abs(value_I - (rng.random(n) < flips))
    return series, diagnose(series, policy=Policy())


def column(place: int, numbers: list[int], value_I: np.ndarray) -> Column:
    """Return the scores of one task, a domain of its own."""
    ids = tuple(str(number) for number in numbers)
    return Column(
        task=Task(
            name=f"task{place}",
            domain=f"domain{place}",
            metric="exact_match",
            chance=0.0,
            output_type=OutputType.GENERATE,
            version="1",
            n_shots=0,
            fingerprint=str(place),
        ),
        item_ids=ids,
        prompt_hashes=ids,
        clusters=("",) * len(ids),
        chance_I=np.zeros(len(ids)),
        value_I=value_I,
        form_I=np.full(len(ids), -1, dtype=np.int8),
    )


def stories(
    series: list[Profile], diagnosis: Diagnosis, turns: frozenset[Transition]
) -> Iterator[Story]:
    """Yield the items of some transitions, with texts of random words."""
    rng = random.Random(0)
    words = ["".join(rng.choices(string.ascii_lowercase, k=6)) for _ in range(5000)]
    changed = {change.item_id: change for change in diagnosis.comparisons[-1].changes}
    forms = list(FormatClass)
    for each in zip(*(profile.columns for profile in series), strict=True):
        task = each[0].task
        outcomes_CI = [found.value_I.tolist() for found in each]
        for row, item_id in enumerate(each[0].item_ids):
            outcomes = tuple(values[row] for values in outcomes_CI)
            turn = turn_of(changed.get(item_id), outcomes)
            if turn not in turns:
                continue
            prompt, before, after = (
                " ".join(rng.choices(words, k=size // 7)) for size in (PROMPT, ANSWER, ANSWER)
            )
            item = Item(
                id=item_id,
                task=task.name,
                document_id=int(item_id),
                prompt=prompt,
                prompt_hash=item_id,
                gold=before[:20],
                chance=0.0,
                cluster="",
            )
            yield Story(
                item=item,
                domain=task.domain,
                transition=turn,
                outcomes=outcomes,
                before=Score(item_id=item_id, value=outcomes[0], answer=before),
                after=Score(item_id=item_id, value=outcomes[-1], answer=after),
                format_class=None if turn is Transition.RETAINED else rng.choice(forms),
            )


def turn_of(change: Change | None, outcomes: tuple[float, ...]) -> Transition:
    """Return what became of an item."""
    if change is not None:
        return change.transition
    return Transition.RETAINED if outcomes[-1] else Transition.UNSOLVED


def written(
    series: list[Profile],
    diagnosis: Diagnosis,
    path: Path,
    *,
    turns: frozenset[Transition],
    largest: int,
) -> dict[str, Any]:
    """Write one page; return what it holds, its bytes, and how long it took beside the texts."""
    told = tuple(stories(series, diagnosis, turns))
    start = time.perf_counter()
    view = ReportView.of(diagnosis, stories=told, checkpoints=checkpoints(series))
    if view.items is not None:
        view = replace(view, items=fitted(view.items, largest=largest))
    path.write_text(render_html(view), encoding="utf-8")
    held = len(view.items.entries) if view.items is not None else 0
    return {
        "asked": len(told),
        "held": held,
        "bytes": path.stat().st_size,
        "write_seconds": time.perf_counter() - start,
    }


def checkpoints(series: list[Profile]) -> list[Checkpoint]:
    """Return the checkpoints of a series."""
    return [
        Checkpoint(
            label=profile.label,
            source=f"runs/{profile.label}",
            kind=CheckpointKind.FOLDER,
            fingerprint=profile.label,
            step=profile.step,
        )
        for profile in series
    ]


class chromium:  # noqa: N801  # used like a function
    """A headless browser inside `with`; `None` where there is none."""

    def __enter__(self) -> Any:  # noqa: ANN401  # Playwright may be absent
        """Start it."""
        found = shutil.which("chromium")
        try:
            from playwright.sync_api import sync_playwright
        except ImportError:
            found = None
        if found is None:
            print("no Chromium or no Playwright: sizes only", file=sys.stderr)
            self._running = None
            return None
        self._running = sync_playwright().start()
        self._browser = self._running.chromium.launch(
            executable_path=found,
            args=["--disable-gpu", "--disable-background-networking", "--no-first-run"],
            chromium_sandbox=os.geteuid() != 0,
        )
        return self._browser

    def __exit__(self, *_: object) -> None:
        """Close it."""
        if self._running is not None:
            self._browser.close()
            self._running.stop()


def opened(browser: Any, path: Path, n_loads: int) -> dict[str, Any]:  # noqa: ANN401
    """Open a page several times; return medians in seconds, and the spread of the first paint."""
    if browser is None:
        return {}
    loads = [one_load(browser, path) for _ in range(n_loads)]
    paints = sorted(load["first_paint"] for load in loads)
    medians = {name: statistics.median(load[name] for load in loads) for name in loads[0]}
    return medians | {"first_paint_range": [paints[0], paints[-1]]}


def one_load(browser: Any, path: Path) -> dict[str, float]:  # noqa: ANN401
    """Open a page once; return seconds."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCHING)
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(path.as_uri())
    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    while page.evaluate(paint) is None:
        page.wait_for_timeout(10)
    found = {"first_paint": page.evaluate(paint)}
    found["load"] = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    if page.locator("#reader").count():
        found |= page.evaluate(MEASURED)
    context.close()
    return {name: milliseconds / 1000 for name, milliseconds in found.items()}


def text(row: dict[str, Any]) -> str:
    """Return the numbers as a line."""
    names = ("first_paint", "load", "ready", "filter", "open", "search")
    times = "  ".join(f"{name} {row[name]:.3f} s" for name in names if name in row)
    return (
        f"{row['page']}: {row['held']:,} of {row['asked']:,} items, "
        f"{row['bytes'] / 1e6:.2f} MB, written in {row['write_seconds']:.1f} s  {times}"
    )


if __name__ == "__main__":
    sys.exit(main())
