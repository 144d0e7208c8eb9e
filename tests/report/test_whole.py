"""From scores to the page: whatever diagnosis finds is written, shown, and the same everywhere."""

import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from forgetscope.diagnosis import diagnose
from forgetscope.interchange import render_deltas
from forgetscope.records import (
    DomainPolicy,
    Evidence,
    Findings,
    FormatClass,
    OutputType,
    Policy,
    Profile,
    Role,
    Verdict,
)
from forgetscope.report import ReportView, plain_lines, results, results_schema
from forgetscope.report.html import render_html
from forgetscope.report.markdown import render_markdown
from tests import strategies
from tests.report.test_html import Page
from tests.report.test_results import strict

N = 400
LAW, ART = strategies.task("law", domain="knowledge"), strategies.task("art", domain="knowledge")
ESSAYS = strategies.task(
    "essays",
    domain="writing",
    metric="exact_match",
    filter="strict-match",
    partner="exact_match,flexible-extract",
    output_type=OutputType.GENERATE,
    chance=0.0,
)
DICE = strategies.task(
    "dice", domain="luck", is_sampled=True, output_type=OutputType.GENERATE, chance=0.0
)
SUMS = strategies.task("sums", domain="math", role=Role.TARGET, chance=0.0)


def choices(task, right_I, *, rng):
    """Multiple choice with a confident right answer, or the next option instead."""
    share_I = np.where(right_I, 0.7, 0.2) + rng.normal(0, 0.02, N)
    evidence = replace(
        Evidence.unknown(N),
        gold_bits_I=1.0 - share_I,
        gold_bytes_I=np.full(N, 12.0),
        gold_share_I=share_I,
        top_share_I=np.full(N, 0.7),
        brier_I=(1 - share_I) ** 2,
        choice_I=np.where(right_I, 0, 1 + rng.integers(0, 3, N)),
        n_options_I=np.full(N, 4),
    )
    return strategies.column(task, right_I.astype(float), evidence=evidence)


def essays(right_I, cut_I):
    """Written answers; those that are cut off fail the strict reading alone."""
    written = (right_I & ~cut_I).astype(float)
    evidence = replace(
        Evidence.unknown(N),
        partner_I=right_I.astype(float),
        tokens_I=np.where(cut_I, 256.0, 100.0),
        truncated_I=cut_I,
        sample_IK=np.stack([written, written], axis=1),
    )
    column = strategies.column(ESSAYS, written, evidence=evidence)
    form_I = np.where(written > 0, -1, list(FormatClass).index(FormatClass.DIFFERENT))
    form_I = np.where(cut_I, list(FormatClass).index(FormatClass.TRUNCATED), form_I)
    return replace(column, form_I=form_I.astype(np.int8))


def dice(rng):
    sample_IK = rng.integers(0, 2, (N, 4)).astype(float)
    evidence = replace(Evidence.unknown(N), sample_IK=sample_IK)
    return strategies.column(DICE, sample_IK.mean(axis=1), evidence=evidence)


def series(n_steps=6):
    rng = np.random.default_rng(3)
    known_I = rng.random(N) < 0.8
    profiles = []
    for step in range(n_steps + 1):
        lost_I = known_I & ~(rng.random(N) < 0.04 * step)
        columns = (
            choices(LAW, lost_I, rng=rng),
            choices(ART, known_I, rng=rng),
            essays(known_I, rng.random(N) < 0.06 * step),
            dice(rng),
            strategies.column(SUMS, (rng.random(N) < 0.3 + 0.1 * step).astype(float)),
        )
        label = f"step-{100 * step}" if step else "base"
        profiles.append(Profile(label=label, columns=columns, step=100 * step))
    return profiles


@pytest.fixture(scope="module")
def diagnosis():
    own = {"knowledge": DomainPolicy(margin=0.05, weights="tasks")}
    return diagnose(series(), policy=Policy(domains=own, seed=11))


@pytest.fixture(scope="module")
def page(diagnosis):
    return Page(render_html(ReportView.of(diagnosis)))


def last(diagnosis, name):
    return next(cell for cell in diagnosis.comparisons[-1].domains if cell.name == name)


def test_what_diagnosis_finds_fits_the_schema_to_the_key(diagnosis):
    found = json.loads(json.dumps(results(diagnosis), allow_nan=False))
    jsonschema.validate(found, strict(results_schema()), cls=jsonschema.Draft202012Validator)


def test_every_kind_of_finding_occurs_and_has_its_section(diagnosis, page):
    cells = [cell for one in diagnosis.comparisons for cell in (*one.domains, *one.tasks)]
    for name in set(Findings.__dataclass_fields__) - {"recovered"}:
        assert any(getattr(cell.findings, name) is not None for cell in cells), name
    ids = {attributes.get("id") for tag, attributes in page.tags if tag == "section"}
    assert ids >= {"why", "guessing", "paths", "noise"}
    titles = [
        attributes["aria-label"]
        for tag, attributes in page.tags
        if attributes.get("role") == "region"
    ]
    assert len(titles) == len(set(titles))
    assert "Several samples of each answer, points" in titles


def test_a_broken_form_reads_the_same_everywhere(diagnosis, page):
    writing = last(diagnosis, "writing")
    assert writing.verdict is Verdict.FORGOT
    counts = dict(writing.findings.causes.by_class)
    n, form = sum(counts.values()), counts[FormatClass.TRUNCATED]
    sentence = f"{form} of {n} lost answers are format"
    view = ReportView.of(diagnosis)
    assert sentence in page.text
    assert f"Writing: {sentence}" in plain_lines(view)
    assert sentence in render_markdown(view)
    assert "¶ FORMAT" in page.text
    [row] = [
        one for one in render_deltas(diagnosis).splitlines() if "step-600,domain,writing" in one
    ]
    assert f",{n},{form}," in row


def test_the_terminal_says_what_the_json_says_of_onset_and_drop(diagnosis):
    told = {course["domain"]: course for course in results(diagnosis)["courses"]}
    drop = told["writing"]["worst_drop"]["low"]
    assert drop > 0
    line = f"proven drop from {told['writing']['worst']} of at least {100 * drop:.1f} points"
    assert any(line in text for text in plain_lines(ReportView.of(diagnosis)))


def test_the_margin_and_the_weights_of_a_policy_are_named(diagnosis, page):
    assert last(diagnosis, "knowledge").margin == 0.05
    assert "own margin: 5.0 points" in page.text
    assert "each task weighs the same" in page.text


def test_the_page_tells_the_chance_corrected_loss_of_the_record(diagnosis, page):
    found = last(diagnosis, "knowledge").findings.knowledge
    assert f"{100 * found.lost.value:.1f}" in page.text
    assert f"[{100 * found.lost.low:.1f}, {100 * found.lost.high:.1f}]" in page.text
