"""How large a page without items gets where nothing in it is like anything else."""

import random
import re
from dataclasses import replace

from forgetscope.records import Verdict
from forgetscope.report import ReportView
from forgetscope.report.html import render_html
from tests.report import behind, made

SETTLED = [verdict for verdict in Verdict if verdict is not Verdict.CANNOT_MEASURE]


def varied(*, n_checkpoints, n_domains, n_tasks):
    """A series whose numbers are all drawn at random, so that nothing packs well."""
    rng = random.Random(0)
    written = behind.findings(knowledge=None, calibration=None)
    chosen = behind.findings(readings=None, causes=None, recovered=(), repeats=None)

    def cell(name, domain, number):
        change = rng.gauss(-0.01, 0.03)
        return made.cell(
            name,
            rng.choice(SETTLED),
            change=change,
            half=0.01 + rng.random() / 50,
            before=0.5,
            after=0.5 + change,
            domain=domain,
            n=300 + 37 * number,
            lost=rng.randrange(90),
            gained=rng.randrange(90),
            noise_floor=rng.random() / 50,
            findings=(written, chosen)[number % 2],
        )

    steps = [
        made.comparison(
            f"s{place}",
            domains=[cell(f"domain_{n}", f"domain_{n}", n) for n in range(n_domains)],
            tasks=[cell(f"task_{n}", f"domain_{n % n_domains}", n) for n in range(n_tasks)],
        )
        for place in range(n_checkpoints)
    ]
    courses = tuple(behind.course(f"domain_{n}") for n in range(n_domains))
    return ReportView.of(replace(made.diagnosis(*steps), courses=courses))


def test_eight_checkpoints_of_fourteen_domains_and_their_tasks_stay_small():
    page = render_html(varied(n_checkpoints=8, n_domains=14, n_tasks=28))
    assert len(page.encode()) < 200_000


def test_a_row_of_another_checkpoint_takes_a_twentieth_of_its_markup():
    page = render_html(varied(n_checkpoints=8, n_domains=14, n_tasks=28))
    [packed] = re.findall(r'id="switch-states">([^<]*)<', page)
    [section] = re.findall(r'<section id="domains">.*?</section>', page, flags=re.DOTALL)
    rows = re.findall(r'<tr class="(?:row|task) .*?</tr>', section, flags=re.DOTALL)
    assert len(packed) / (8 * len(rows)) < sum(map(len, rows)) / len(rows) / 20
