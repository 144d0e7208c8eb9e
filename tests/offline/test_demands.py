import pytest

from forgetscope.errors import UnknownNameError
from forgetscope.offline import are_met, loosened
from forgetscope.records import Demand


@pytest.mark.parametrize(
    ("kind", "value", "met", "missed"),
    [
        ("words", "3", "one two, three!", "one two"),
        ("at most words", "2", "hello", "one two three"),
        ("at least words", "2", "one two three", "hello"),
        ("capitals", "", "ALL IN 3 CAPITALS", "Not all"),
        ("small letters", "", "nothing large", "One large"),
        ("begins", "blue", "Blue is the sea", "the sea is blue"),
        ("ends", "blue", "the sea is blue.", "blue is the sea"),
        ("holds", "red", "a Red, red rose", "a tired rose"),
        ("without", "e", "a sound I know", "the sea"),
        ("commas", "3", "red, blue, green", "red, blue"),
        ("list", "2", "- one\n- two", "- one\ntwo"),
        ("sentences", "2", "One is here. Two is there!", "Only one."),
        ("quoted", "", '"said so"', "said so"),
        ("question", "", "is it?", "it is."),
        ("is", "a b", "a b", "a b c"),
        ("json", '{"a": 1, "b": "x"}', '{"b": "x", "a": 1}', '{"a": 1}'),
        ("json", '{"a": 1}', '{"a":1}', "{'a': 1}"),
    ],
)
def test_a_demand_is_met_by_one_answer_and_missed_by_another(kind, value, met, missed):
    demand = Demand(kind=kind, value=value)
    assert are_met([demand], f" {met}\n")
    assert not are_met([demand], missed)
    assert not are_met([demand], "")


def test_all_demands_must_be_met():
    demands = [Demand(kind="words", value="2"), Demand(kind="capitals", value="")]
    assert are_met(demands, "GOOD DAY")
    assert not are_met(demands, "Good day")


def test_a_kind_that_nobody_knows_is_an_error_and_not_a_wrong_answer():
    with pytest.raises(UnknownNameError, match="unknown kind of demand `wrods`"):
        are_met([Demand(kind="wrods", value="2")], "Good day")


@pytest.mark.parametrize("text", ["", "[" * 100_000, "{" * 10, "\x00", "-" * 50, "." * 5_000])
def test_no_answer_breaks_a_check(text):
    from forgetscope.offline.demands import KINDS

    values = {"json": "{}", "is": "x"}
    for kind in KINDS:
        assert are_met([Demand(kind=kind, value=values.get(kind, "2"))], text) in (True, False)


@pytest.mark.parametrize(
    "text", ['Sure!\n{"a": 1}', '```json\n{"a": 1}\n```', '{"a": 1}\nThat is all.', '**{"a": 1}**']
)
def test_what_stands_around_an_answer_costs_the_strict_reading_alone(text):
    demand = [Demand(kind="json", value='{"a": 1}')]
    assert not are_met(demand, text)
    assert any(are_met(demand, version) for version in loosened(text))
