"""Hypothesis strategies and small builders for the records that comparisons read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from forgetscope.records import (
    BlendCell,
    BlendCurve,
    BlendPoint,
    Column,
    Evidence,
    FormatClass,
    OutputType,
    Profile,
    Role,
    Task,
    Verdict,
)

_INVALID = list(FormatClass).index(FormatClass.INVALID)


def task(name="arc", *, domain="science", **others):
    """A four-option multiple-choice task unless told otherwise."""
    fields = {
        "name": name,
        "domain": domain,
        "role": Role.GENERAL,
        "metric": "acc",
        "chance": 0.25,
        "output_type": OutputType.MULTIPLE_CHOICE,
        "version": "1",
        "n_shots": 0,
        "fingerprint": f"settings of {name}",
    }
    return Task(**(fields | others))


def column(
    of,
    values,
    *,
    ids=None,
    prompts=None,
    clusters=None,
    chance=None,
    broken=None,
    forms=None,
    evidence=None,
):
    """Scores of one task; items are named by their place and have no cluster unless told."""
    n = len(values)
    ids = tuple(ids) if ids is not None else tuple(f"{of.name}-{i}" for i in range(n))
    return Column(
        task=of,
        item_ids=ids,
        prompt_hashes=tuple(prompts) if prompts is not None else tuple(f"asked {i}" for i in ids),
        clusters=tuple(clusters) if clusters is not None else ("",) * n,
        chance_I=np.full(n, of.chance if chance is None else chance, dtype=float),
        value_I=np.asarray(values, dtype=float),
        form_I=_forms(n, broken, forms),
        evidence=evidence,
    )


def _forms(n, broken, forms):
    if forms is not None:
        return np.array([-1 if each is None else form(each) for each in forms], dtype=np.int8)
    return np.where(np.zeros(n, bool) if broken is None else broken, _INVALID, -1).astype(np.int8)


def form(of):
    """The number that stands for a format class in a column."""
    return list(FormatClass).index(of)


def evidence(n, **known):
    """What is known of n answers; the rest is unknown."""
    return replace(Evidence.unknown(n), **{name: np.asarray(x) for name, x in known.items()})


def profile(label, *columns, step=None):
    """All columns of one checkpoint."""
    return Profile(label=label, columns=columns, step=step)


def counts(lost, gained, n, *, solved=None):
    """Scores before and after with these transitions; of the rest, `solved` (default most) stay."""
    rest = n - lost - gained
    stay = max(rest * 3 // 4, 0) if solved is None else solved
    before = np.concatenate([np.ones(lost), np.zeros(gained), np.ones(stay), np.zeros(rest - stay)])
    after = np.concatenate([np.zeros(lost), np.ones(gained), np.ones(stay), np.zeros(rest - stay)])
    return before, after


@st.composite
def profile_pairs(draw):
    """Two checkpoints over one to three tasks, 0/1 or fractional, in one or two domains."""
    before, after = [], []
    for j in range(draw(st.integers(1, 3))):
        of = task(f"task{j}", domain=draw(st.sampled_from(["science", "reading"])))
        n = draw(st.integers(10, 40))
        values = draw(st.sampled_from([(0.0, 1.0), (0.0, 0.3, 1.0)]))
        score = st.lists(st.sampled_from(values), min_size=n, max_size=n)
        clusters = [f"c{draw(st.integers(0, n - 1))}" for _ in range(n)] if j == 1 else None
        before.append(column(of, draw(score), clusters=clusters))
        after.append(column(of, draw(score), clusters=clusters))
    return profile("base", *before), profile("trained", *after)


_CHANGES = st.floats(-1, 1)
_SHARES = st.integers(0, 20).map(lambda n: n / 20)


def blend_cells(*, changes=_CHANGES):
    """A domain of a blend; the change may be anything, whatever the verdict."""
    return st.builds(
        BlendCell,
        domain=st.sampled_from(["math", "reading", "logic"]),
        role=st.sampled_from(Role),
        n=st.integers(0, 900),
        change=changes,
        low=changes,
        high=changes,
        verdict=st.sampled_from(Verdict),
        metric=st.sampled_from(["acc", "mixed", "word_perplexity"]),
    )


def blend_points(**cells):
    """A blend, allowed or not."""
    return st.builds(
        BlendPoint,
        share=_SHARES,
        cells=st.lists(blend_cells(**cells), max_size=4).map(tuple),
        is_allowed=st.booleans(),
        reason=st.sampled_from(["", "forgot reading"]),
        was_stopped=st.booleans(),
    )


def blend_curves():
    """A search over blends; numbers may be undefined."""
    changes = st.floats(-1, 1) | st.just(float("nan"))
    cells = st.lists(blend_cells(changes=changes), max_size=3).map(tuple)
    return st.builds(
        BlendCurve,
        before=st.text(max_size=5),
        after=st.text(max_size=5),
        points=st.lists(blend_points(changes=changes), max_size=4).map(tuple),
        chosen=st.none() | st.floats(0.05, 1),
        require=st.sampled_from(["not-forgot", "held"]),
        margin=st.floats(0, 0.5),
        seed=st.integers(0, 9),
        final=cells,
        after_final=cells,
    )
