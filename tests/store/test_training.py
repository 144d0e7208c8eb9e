"""What a study keeps of a training run and of a blend comes back as it was."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import StudyError
from forgetscope.records import (
    BlendCell,
    BlendCurve,
    BlendPoint,
    Kind,
    Rival,
    Role,
    Trace,
    TradePoint,
    Training,
    Verdict,
)
from forgetscope.store import Study
from forgetscope.store.blend import blend_json, blend_of
from forgetscope.store.training import training_json, training_of

NUMBERS = st.floats(allow_infinity=False)
SHARES = st.floats(-1, 1) | st.just(math.nan)
CELLS = st.builds(
    BlendCell,
    domain=st.text(max_size=8),
    role=st.sampled_from(list(Role)),
    n=st.integers(0, 9999),
    change=SHARES,
    low=SHARES,
    high=SHARES,
    verdict=st.sampled_from(list(Verdict)),
)
POINTS = st.builds(
    TradePoint,
    label=st.text(max_size=8),
    step=st.none() | st.integers(0, 9999),
    **dict.fromkeys(
        ("gain", "gain_low", "gain_high", "general", "general_low", "general_high"), SHARES
    ),
)


@st.composite
def traces(draw):
    n = draw(st.integers(0, 4))
    values = st.tuples(*[NUMBERS] * n)
    return Trace(
        objective=draw(st.text(max_size=8)),
        kind=draw(st.sampled_from(list(Kind))),
        steps=tuple(range(1, n + 1)),
        values=draw(values),
        weights=draw(values | st.just(())),
    )


TRAININGS = st.builds(
    Training,
    method=st.text(max_size=8),
    rule=st.text(max_size=8),
    seed=st.integers(0, 2**31),
    steps=st.integers(0, 9999),
    seconds=NUMBERS,
    traces=st.lists(traces(), max_size=3).map(tuple),
    rivals=st.lists(
        st.builds(
            Rival,
            method=st.text(max_size=8),
            points=st.lists(POINTS, max_size=2).map(tuple),
            cells=st.lists(CELLS, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
CURVES = st.builds(
    BlendCurve,
    before=st.text(max_size=8),
    after=st.text(max_size=8),
    points=st.lists(
        st.builds(
            BlendPoint,
            share=st.floats(0, 1),
            cells=st.lists(CELLS, max_size=2).map(tuple),
            is_allowed=st.booleans(),
            reason=st.text(max_size=8),
            was_stopped=st.booleans(),
        ),
        max_size=3,
    ).map(tuple),
    chosen=st.none() | st.floats(0, 1),
    require=st.sampled_from(["not-forgot", "held"]),
    margin=st.floats(0, 1),
    seed=st.integers(0, 99),
    final=st.lists(CELLS, max_size=2).map(tuple),
    after_final=st.lists(CELLS, max_size=2).map(tuple),
)


@given(TRAININGS)
def test_a_training_run_is_the_same_after_its_way_through_json(training):
    text = json.dumps(training_json(training), allow_nan=False)
    assert repr(training_of(json.loads(text))) == repr(training)  # nan equals nothing


@given(CURVES)
def test_a_blend_is_the_same_after_its_way_through_json(curve):
    text = json.dumps(blend_json(curve), allow_nan=False)
    assert repr(blend_of(json.loads(text))) == repr(curve)


def run(**others):
    trace = Trace(objective="a/b", kind=Kind.LOSS, steps=(1,), values=(0.5,), weights=(1.0,))
    fields = {"method": "recap", "rule": "code", "seed": 1, "steps": 9, "seconds": 2.5}
    return Training(**(fields | {"traces": (trace,)} | others))


def test_a_study_keeps_both_under_their_keys(tmp_path):
    curve = BlendCurve(
        before="a", after="b", points=(), chosen=None, require="held", margin=0.02, seed=0
    )
    with Study(tmp_path, create=True) as study:
        study.set_meta("training", training_json(run()))
        study.set_meta("blend", blend_json(curve))
        assert training_of(study.meta("training")) == run()
        assert blend_of(study.meta("blend")) == curve


def test_an_endless_loss_comes_back_undefined():
    trace = replace(run().traces[0], values=(math.inf,))
    [found] = training_of(training_json(run(traces=(trace,)))).traces
    assert math.isnan(found.values[0])


def test_what_a_later_version_adds_is_no_obstacle():
    content = training_json(run())
    content["traces"][0]["colour"] = "blue"
    assert training_of(content | {"new": 1}) == run()


def test_what_an_earlier_version_lacks_is_empty():
    content = training_json(run(rivals=(Rival(method="grpo", points=()),)))
    del content["rivals"][0]["cells"], content["traces"][0]["weights"]
    assert training_of(content).rivals[0].cells == ()
    assert training_of(content).traces[0].weights == ()


@pytest.mark.parametrize("value", [None, 3, [], {}, {"method": "recap"}])
def test_what_is_no_training_run_is_an_error_that_names_the_key(value):
    with pytest.raises(StudyError, match="`training` cannot be read"):
        training_of(value)


def test_a_trace_of_unequal_lengths_is_an_error_of_the_study():
    content = training_json(run())
    content["traces"][0]["values"].append(0.1)
    with pytest.raises(StudyError, match="differ in number"):
        training_of(content)


@pytest.mark.parametrize(("key", "value"), [("verdict", "LOST"), ("role", "hero"), ("n", None)])
def test_a_blend_with_a_word_nobody_knows_is_an_error(key, value):
    cell = BlendCell(
        domain="math", role=Role.GENERAL, n=9, change=0.1, low=0.0, high=0.2, verdict=Verdict.HELD
    )
    point = BlendPoint(share=0.5, cells=(cell,), is_allowed=True)
    curve = BlendCurve(
        before="a", after="b", points=(point,), chosen=0.5, require="held", margin=0.02, seed=0
    )
    content = blend_json(curve)
    content["points"][0]["cells"][0][key] = value
    with pytest.raises(StudyError, match="`blend` cannot be read"):
        blend_of(content)
