"""A result shows itself through whoever paints its type, and like any object without one."""

from dataclasses import dataclass

from forgetscope.records.display import Displayed, paint_with


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Displayed):
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Displayed):
    value: int


def test_without_a_painter_there_is_nothing_to_show():
    assert Other(value=1)._repr_mimebundle_() == {}
    assert Other(value=1)._repr_html_() is None


def test_a_painter_paints_results_of_its_type_alone():
    paint_with(Result, lambda found: {"text/html": f"<b>{found.value}</b>"})
    assert Result(value=7)._repr_mimebundle_() == {"text/html": "<b>7</b>"}
    assert Result(value=7)._repr_html_() == "<b>7</b>"
    assert Other(value=7)._repr_html_() is None


def test_a_record_that_can_be_shown_is_still_a_record():
    assert Result(value=1) == Result(value=1)
    assert not hasattr(Result(value=1), "__dict__")
