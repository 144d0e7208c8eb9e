import dataclasses
import inspect

import pytest

from forgetscope import records
from forgetscope.records import Answer, StopReason, Verdict


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"logprob": -1.0, "text": "a"},
        {"text": "a", "error": "b"},
        {"logprob": -1.0, "error": "b"},
    ],
)
def test_an_answer_says_exactly_one_thing(fields):
    with pytest.raises(ValueError, match="one of logprob, text and error"):
        Answer(request_id="r", n_tokens=1, **fields)


def test_an_empty_text_is_an_answer():
    assert Answer(request_id="r", n_tokens=0, text="", stop_reason=StopReason.STOP).text == ""


def test_every_record_is_frozen_and_has_slots():
    kinds = [k for _, k in inspect.getmembers(records, dataclasses.is_dataclass)]
    assert len(kinds) > 10
    for kind in kinds:
        assert kind.__dataclass_params__.frozen, kind
        assert hasattr(kind, "__slots__"), kind


def test_the_words_of_the_verdicts_are_a_contract():
    assert [verdict.value for verdict in Verdict] == [
        "FORGOT",
        "SLIPPED",
        "HELD",
        "GAINED",
        "UNDECIDED",
        "CANNOT MEASURE",
    ]
