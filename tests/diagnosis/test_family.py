"""Many claims side by side: how sure each must be."""

import math

import numpy as np
import pytest

from forgetscope.diagnosis import diagnose
from forgetscope.diagnosis.compare import match
from forgetscope.diagnosis.family import levels
from forgetscope.records import Policy
from tests.strategies import column, profile, task

ALPHA = 0.05


def flipped(rng, base, share):
    return np.where(rng.random(len(base)) < share, 1 - base, base)


def rows_of(n_domains=2, n_checkpoints=3, *, share=0.1, n=400, seed=0, clusters=None):
    rng = np.random.default_rng(seed)
    tasks = [task(f"t{j}", domain=f"d{j}", chance=math.nan) for j in range(n_domains)]
    bases = [(rng.random(n) < 0.6).astype(float) for _ in tasks]

    def sides(label, values):
        made = zip(tasks, values, strict=True)
        return profile(label, *(column(of, x, clusters=clusters) for of, x in made))

    base = sides("base", bases)
    others = [
        sides(f"step-{i}", [flipped(rng, x, share) for x in bases]) for i in range(n_checkpoints)
    ]
    return [match(base, other, policy=Policy()).domains for other in others]


def test_a_single_claim_pays_nothing():
    assert np.ravel(levels(rows_of(1, 1), alpha=ALPHA, seed=0)) == pytest.approx([ALPHA])


def test_the_level_lies_between_one_claim_and_bonferroni():
    level_C = levels(rows_of(4, 6), alpha=ALPHA, seed=0)
    each = set(np.ravel(level_C))
    assert len(each) == 1
    assert ALPHA / 24 * (1 - 1e-9) <= each.pop() < ALPHA


def test_rows_that_hardly_changed_share_alpha_evenly():
    steady, sparse = rows_of(1, 2, n=1000), rows_of(1, 2, n=1000, share=0.005, seed=4)
    level_C = levels([*steady, *sparse], alpha=ALPHA, seed=0)
    assert [level for (level,) in level_C[2:]] == [ALPHA / 4] * 2
    alone = levels(steady, alpha=ALPHA / 2, seed=0)
    assert level_C[:2] == alone


def test_rows_without_any_evidence_are_no_claims():
    few = rows_of(1, 2, n=8)
    assert levels(few, alpha=ALPHA, seed=0) == [[ALPHA], [ALPHA]]
    assert levels([], alpha=ALPHA, seed=0) == []


def test_the_same_seed_gives_the_same_level():
    rows = rows_of(3, 5)
    assert levels(rows, alpha=ALPHA, seed=1) == levels(rows, alpha=ALPHA, seed=1)
    first, second = (np.ravel(levels(rows, alpha=ALPHA, seed=s))[0] for s in (1, 2))
    assert first == pytest.approx(second, rel=0.15)


def test_items_that_some_checkpoints_lack_do_not_move_others():
    """One checkpoint answered half of the items: its cluster sums stand in their own places."""
    rng = np.random.default_rng(2)
    of = task(chance=math.nan)
    base = (rng.random(600) < 0.6).astype(float)
    whole = profile("whole", column(of, flipped(rng, base, 0.1)))
    half = profile(
        "half", column(of, flipped(rng, base, 0.1)[::2], ids=whole.columns[0].item_ids[::2])
    )
    start = profile("base", column(of, base))
    rows = [match(start, each, policy=Policy()).domains for each in (whole, half)]
    (one,), (other,) = levels(rows, alpha=ALPHA, seed=0)
    assert one == other
    # two checkpoints of independent changes are nearly two independent claims
    assert one == pytest.approx(1 - math.sqrt(1 - ALPHA), rel=0.1)


def test_clusters_that_domains_share_are_seen():
    """Two domains over the same sources that changed alike cost less than two that did not."""
    rng = np.random.default_rng(3)
    n = 500
    base = (rng.random(n) < 0.6).astype(float)
    after = flipped(rng, base, 0.15)
    sources = [f"s{i}" for i in range(n)]

    def both(label, x):
        return profile(
            label,
            *(
                column(task(f"t{j}", domain=f"d{j}", chance=math.nan), x, clusters=sources)
                for j in range(2)
            ),
        )

    rows = [match(both("base", base), both("later", after), policy=Policy()).domains]
    assert np.ravel(levels(rows, alpha=ALPHA, seed=0)) == pytest.approx([ALPHA] * 2)


def test_a_permutation_of_the_items_changes_no_verdict():
    rng = np.random.default_rng(5)
    of = task(chance=math.nan)
    values = [(rng.random(300) < 0.6).astype(float)]
    values += [flipped(rng, values[0], 0.15) for _ in range(3)]
    order = rng.permutation(300)
    ids = [f"i{i}" for i in range(300)]
    shuffled = [
        profile(f"c{k}", column(of, x[order], ids=[ids[i] for i in order]))
        for k, x in enumerate(values)
    ]
    plain = [profile(f"c{k}", column(of, x, ids=ids)) for k, x in enumerate(values)]
    for one, other in zip(diagnose(plain).comparisons, diagnose(shuffled).comparisons, strict=True):
        assert one.domains[0].low == pytest.approx(other.domains[0].low, abs=1e-9)
        assert one.domains[0].verdict is other.domains[0].verdict
