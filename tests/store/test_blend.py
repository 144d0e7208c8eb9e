import json

import pytest
from hypothesis import HealthCheck, given, settings

from forgetscope.errors import StudyError
from forgetscope.records import BlendCell, BlendPoint, Role, Verdict
from forgetscope.store.blend import (
    blend_curve,
    blend_points,
    put_blend_curve,
    put_blend_points,
)
from tests import strategies

NAN = float("nan")


@given(curve=strategies.blend_curves())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_a_curve_comes_back_as_it_was(study, curve):
    put_blend_curve(study, curve)
    put_blend_points(study, curve.points)
    # nan differs from itself, but its text does not
    assert repr(blend_curve(study)) == repr(curve)
    assert repr(blend_points(study)) == repr(curve.points)


def test_what_is_undefined_is_null_on_disk(study):
    cell = BlendCell(
        domain="math",
        role=Role.TARGET,
        n=0,
        change=NAN,
        low=NAN,
        high=NAN,
        verdict=Verdict.CANNOT_MEASURE,
    )
    put_blend_points(study, (BlendPoint(share=0.5, cells=(cell,), is_allowed=True),))
    ((stored,),) = [point["cells"] for point in study.meta("blend-points")]
    assert (stored["change"], stored["verdict"]) == (None, "CANNOT MEASURE")
    json.dumps(stored, allow_nan=False)


def test_a_study_without_a_blend_has_none(study):
    assert blend_curve(study) is None
    assert blend_points(study) == ()


@pytest.mark.parametrize("content", [{"points": []}, {"points": 3}, [], "x"])
def test_what_is_no_curve_is_named_with_its_study(study, content):
    study.set_meta("blend", content)
    with pytest.raises(StudyError, match="under `blend` cannot be read"):
        blend_curve(study)
    study.set_meta("blend-points", [content])
    with pytest.raises(StudyError, match="under `blend-points` cannot be read"):
        blend_points(study)
