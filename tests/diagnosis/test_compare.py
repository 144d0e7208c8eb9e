"""Comparing two checkpoints: rows, families, changes and warnings."""

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from forgetscope.diagnosis import compare, diagnose
from forgetscope.errors import PairingError, UsageError
from forgetscope.records import Policy, Role, Transition, Verdict
from tests.strategies import column, counts, profile, profile_pairs, task

OPEN = task(chance=math.nan)
BITS = {"metric": "bits", "is_bounded": False, "higher_is_better": False, "chance": math.nan}


def sides(*tasks):
    """Two checkpoints from (task, (before, after)) pairs."""
    return (
        profile("base", *(column(of, values[0]) for of, values in tasks)),
        profile("step-40", *(column(of, values[1]) for of, values in tasks)),
    )


def test_a_row_counts_what_became_of_every_item():
    row = compare(*sides((OPEN, counts(30, 10, 500, solved=200)))).tasks[0]
    assert (row.lost, row.gained, row.retained, row.unsolved) == (30, 10, 200, 260)
    assert (row.before, row.after) == pytest.approx((230 / 500, 210 / 500))
    assert row.change == pytest.approx(-0.04)
    assert row.p_value == pytest.approx(binomtest(10, 40).pvalue)
    assert (row.name, row.domain, row.metric, row.n, row.method) == (
        "arc", "science", "acc", 500, "tango",
    )  # fmt: skip


def test_format_share_is_that_of_the_lost_items():
    before, after = counts(4, 6, 100)
    broken = np.zeros(100)
    broken[[0, 1, 2, 50, 60]] = 1  # three of the four lost items, two others
    row = compare(
        profile("base", column(OPEN, before)),
        profile("step-40", column(OPEN, after, broken=broken)),
    ).tasks[0]
    assert row.format_share == 0.75
    assert math.isnan(compare(*sides((OPEN, counts(0, 6, 100)))).tasks[0].format_share)


def test_scores_are_shown_in_the_direction_of_their_metric():
    """An error rate that rises from 10 to 30 % is shown so, and is a loss of 20 points."""
    error = replace(OPEN, metric="error", higher_is_better=False)
    before, after = np.repeat([1.0, 0.0], [30, 270]), np.repeat([1.0, 0.0], [90, 210])
    comparison = compare(*sides((error, (before, after))))
    for row in (*comparison.tasks, *comparison.domains):
        assert (row.before, row.after, row.change) == pytest.approx((0.1, 0.3, -0.2))
        assert row.lost == 60


def test_changes_name_exactly_the_items_that_changed():
    comparison = compare(*sides((OPEN, counts(2, 1, 50))))
    assert [(c.item_id, c.transition, c.change) for c in comparison.changes] == [
        ("arc-0", Transition.LOST, -1.0),
        ("arc-1", Transition.LOST, -1.0),
        ("arc-2", Transition.GAINED, 1.0),
    ]


def test_a_domain_pools_the_items_of_its_tasks():
    """Weights follow the number of items, not of tasks."""
    big, small = replace(OPEN, name="big"), replace(OPEN, name="small", metric="exact_match")
    row = compare(*sides((big, counts(20, 0, 900)), (small, counts(0, 50, 100)))).domains[0]
    assert row.name == row.domain == "science"
    assert row.change == pytest.approx(30 / 1000)
    assert (row.lost, row.gained, row.n, row.metric) == (20, 50, 1000, "mixed")


def test_overall_is_the_general_domains_alone():
    target = task("aime", domain="math", role=Role.TARGET, chance=math.nan)
    comparison = compare(*sides((OPEN, counts(40, 10, 300)), (target, counts(0, 90, 100))))
    assert comparison.overall.n == 300
    assert comparison.overall.change == pytest.approx(-0.1)
    assert comparison.overall.domain == ""
    only_target = compare(*sides((target, counts(0, 90, 100))))
    assert only_target.overall.n == 100
    assert only_target.overall.role is Role.TARGET


def test_unbounded_tasks_stay_out_of_domains_that_have_bounded_ones():
    bits = task("wikitext", domain="science", **BITS)
    rng = np.random.default_rng(0)
    pair = (rng.random(40), rng.random(40))
    comparison = compare(*sides((OPEN, counts(5, 5, 200)), (bits, pair)))
    assert [row.name for row in comparison.tasks] == ["arc", "wikitext"]
    assert [row.n for row in comparison.domains] == [200]
    assert comparison.overall.n == 200


def test_a_domain_of_one_unbounded_metric_is_judged_in_its_unit():
    rng = np.random.default_rng(1)
    pair = (rng.normal(1, 0.1, 50), rng.normal(2, 0.1, 50))
    texts = [task(name, domain="text", **BITS) for name in ("wiki", "news")]
    row = compare(*sides(*((of, pair) for of in texts))).domains[0]
    assert (row.n, row.metric, row.verdict) == (100, "bits", Verdict.FORGOT)
    other = replace(texts[1], metric="perplexity")
    row = compare(*sides((texts[0], pair), (other, pair))).domains[0]
    assert row.verdict is Verdict.CANNOT_MEASURE
    assert "different metrics" in row.reason


def test_a_domain_is_at_chance_only_as_a_whole():
    """One task of guesses does not hide what the other shows."""
    guessed, known = task("guessed"), task("known")
    chance_level = (np.tile([1.0, 0, 0, 0], 25),) * 2
    comparison = compare(*sides((guessed, chance_level), (known, counts(60, 0, 100))))
    assert comparison.tasks[0].verdict is Verdict.CANNOT_MEASURE
    assert comparison.domains[0].verdict is Verdict.FORGOT


def test_more_comparisons_widen_the_joint_interval_only():
    rng = np.random.default_rng(0)
    base = (rng.random(1000) < 0.7).astype(float)
    later = [np.where(rng.random(1000) < 0.1, 1 - base, base) for _ in range(20)]
    one, *others = [profile(f"step-{i}", column(OPEN, x)) for i, x in enumerate(later)]
    first = profile("base", column(OPEN, base))
    alone = diagnose([first, one]).comparisons[0]
    many = diagnose([first, one, *others]).comparisons[0]
    for row, other in zip(
        (alone.overall, *alone.domains, *alone.tasks),
        (many.overall, *many.domains, *many.tasks),
        strict=True,
    ):
        assert other.low < row.low <= row.unadjusted_low
        assert other.high > row.high
        assert (other.unadjusted_low, other.unadjusted_high) == (
            row.unadjusted_low, row.unadjusted_high,
        )  # fmt: skip


def test_checkpoints_that_changed_alike_cost_nothing():
    """Twenty copies of one checkpoint are one claim, not twenty."""
    base, after = counts(60, 40, 1000)
    copies = [profile(f"copy-{i}", column(OPEN, after)) for i in range(20)]
    many = diagnose([profile("base", column(OPEN, base)), *copies]).comparisons[-1]
    assert many.domains[0].low == pytest.approx(many.domains[0].unadjusted_low)


def test_independent_rows_share_the_level_as_sidak_says():
    """Four domains with two tasks each: one level over four domains, another over eight tasks."""
    rng = np.random.default_rng(1)
    made = []
    for i in range(8):
        of = task(f"t{i}", domain=f"d{i // 2}", chance=math.nan)
        base = (rng.random(1500) < 0.7).astype(float)
        made.append((of, (base, np.where(rng.random(1500) < 0.1, 1 - base, base))))
    found = compare(*sides(*made))
    for rows, n_rows in ((found.domains, 4), (found.tasks, 8)):
        alone = Policy(alpha=1 - 0.95 ** (1 / n_rows))
        for row, expected in zip(
            rows,
            getattr(compare(*sides(*made), policy=alone), "domains" if n_rows == 4 else "tasks"),
            strict=True,
        ):
            assert row.low == pytest.approx(expected.unadjusted_low, abs=5e-4)
    assert found.overall.low == found.overall.unadjusted_low


def test_open_verdicts_say_how_many_items_more_and_others_do_not():
    undecided = compare(*sides((OPEN, counts(30, 24, 300)))).tasks[0]
    slipped = compare(*sides((OPEN, counts(30, 10, 500)))).tasks[0]
    held = compare(*sides((OPEN, counts(12, 10, 1000)))).tasks[0]
    assert undecided.needs > 0
    assert slipped.needs > 0
    assert held.needs is None


def test_a_task_of_one_side_is_shown_but_not_judged():
    both = sides((OPEN, counts(5, 5, 300)))
    extra = column(task("boolq", domain="reading"), np.ones(50))
    for before, after, absent in (
        (profile("base", *both[0].columns, extra), both[1], "`step-40`"),
        (both[0], profile("step-40", *both[1].columns, extra), "`base`"),
    ):
        comparison = compare(before, after)
        row = comparison.tasks[1]
        assert row.verdict is Verdict.CANNOT_MEASURE
        assert absent in row.reason
        assert any("boolq" in warning for warning in comparison.warnings)


def test_refused_settings_reach_the_row_and_the_domain_but_not_the_overall_row():
    fine = task("boolq", domain="reading", chance=math.nan)
    before, after = sides((fine, counts(5, 5, 300)), (OPEN, counts(90, 5, 300)))
    other = replace(after.columns[1], task=replace(OPEN, fingerprint="other", n_shots=5))
    comparison = compare(before, profile("step-40", after.columns[0], other))
    for row in (comparison.tasks[1], comparison.domains[1]):
        assert row.verdict is Verdict.CANNOT_MEASURE
        assert "few-shot" in row.reason
        assert math.isnan(row.change)
    assert (comparison.overall.n, comparison.overall.change) == (300, 0.0)


def test_checkpoints_without_a_common_item_are_an_error_with_a_hint():
    before, after = counts(5, 5, 20)
    with pytest.raises(PairingError, match="no item in common") as caught:
        compare(
            profile("base", column(OPEN, before)),
            profile("step-40", column(OPEN, after, ids=[f"other{i}" for i in range(20)])),
        )
    assert "limit" in caught.value.hint
    with pytest.raises(PairingError, match="no task in common"):
        compare(profile("base", column(OPEN, before)), profile("step-40"))


def test_warnings_tell_failed_missing_and_few():
    before, after = counts(5, 5, 200)
    after[-1] = math.nan
    whole = column(OPEN, before, clusters=[f"p{i % 4}" for i in range(200)])
    part = column(OPEN, after[1:], ids=whole.item_ids[1:], clusters=whole.clusters[1:])
    warnings = " / ".join(compare(profile("base", whole), profile("step-40", part)).warnings)
    assert "1 answers could not be scored" in warnings
    assert "1 items lack a score" in warnings
    assert "only 4 sources" in warnings


def test_a_ceiling_is_remarked_upon():
    warnings = compare(*sides((OPEN, (np.ones(100), np.ones(100))))).warnings
    assert any("ceiling" in warning for warning in warnings)


@pytest.mark.parametrize(
    "setting", [{"margin": 2.0}, {"margin": -0.1}, {"alpha": 0.5}, {"alpha": 0}]
)
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(UsageError):
        compare(*sides((OPEN, counts(5, 5, 20))), policy=Policy(**setting))


@given(profile_pairs())
@settings(max_examples=25, deadline=None)
def test_swapping_the_sides_mirrors_every_row(pair):
    one, other = compare(*pair), compare(*pair[::-1])
    for a, b in zip((one.overall, *one.tasks), (other.overall, *other.tasks), strict=True):
        assert (b.change, b.low, b.high) == pytest.approx((-a.change, -a.high, -a.low), nan_ok=True)
        assert (b.lost, b.gained, b.retained) == (a.gained, a.lost, a.retained)
        assert b.p_value == pytest.approx(a.p_value)


@given(profile_pairs(), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_the_order_of_items_does_not_matter(pair, random):
    before, after = pair
    order = [random.sample(range(len(c.item_ids)), len(c.item_ids)) for c in after.columns]
    shuffled = profile(
        after.label,
        *(
            column(
                c.task,
                c.value_I[i],
                ids=[c.item_ids[k] for k in i],
                clusters=[c.clusters[k] for k in i],
            )
            for c, i in zip(after.columns, order, strict=True)
        ),
    )
    assert repr(compare(before, shuffled)) == repr(compare(before, after))


@given(profile_pairs())
@settings(max_examples=25, deadline=None)
def test_a_checkpoint_against_itself_neither_lost_nor_gained(pair):
    comparison = compare(pair[0], replace(pair[0], label="copy"))
    for row in (comparison.overall, *comparison.domains, *comparison.tasks):
        assert row.verdict in (Verdict.HELD, Verdict.UNDECIDED, Verdict.CANNOT_MEASURE)
        assert (row.change, row.lost, row.gained, row.p_value) == (0.0, 0, 0, 1.0)
    assert comparison.changes == ()


def test_comparing_needs_neither_torch_nor_pandas():
    code = (
        "import sys, forgetscope.diagnosis\n"
        "heavy = {'torch', 'pandas', 'transformers', 'matplotlib', 'rich'} & sys.modules.keys()\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
    assert done.returncode == 0
