import pytest

from forgetscope.diagnosis.form import classify
from forgetscope.records import FormatClass, Item, OutputType, Score


def _classify(output_type=OutputType.GENERATE, *, gold="42", **fields):
    item = Item(
        id="i",
        task="t",
        document_id=0,
        prompt="p",
        prompt_hash="h",
        gold=gold,
        chance=0.0,
        cluster="i",
    )
    score = Score(**{"item_id": "i", "value": 0.0, "answer": "17", **fields})
    return classify(score, item, output_type=output_type)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"error": "out of memory", "is_truncated": True}, FormatClass.ERROR),
        ({"answer": " \n"}, FormatClass.ERROR),
        ({"is_truncated": True, "is_invalid": True}, FormatClass.TRUNCATED),
        ({"is_invalid": True, "answer": "it is 42"}, FormatClass.INVALID),
        ({"answer": "I say 42, no: 17"}, FormatClass.ELSEWHERE),
        ({"answer": "17"}, FormatClass.DIFFERENT),
    ],
)
def test_the_first_reason_that_fits_is_the_one(fields, expected):
    assert _classify(**fields) is expected


def test_a_gold_text_inside_a_longer_word_does_not_count():
    assert _classify(answer="1423") is FormatClass.DIFFERENT


def test_case_and_blanks_do_not_hide_the_gold_text():
    assert _classify(gold="New York", answer="in  new\nYORK.") is FormatClass.ELSEWHERE


def test_options_chosen_by_likelihood_have_no_form_to_fail():
    found = _classify(OutputType.MULTIPLE_CHOICE, answer="42", is_truncated=True)
    assert found is FormatClass.DIFFERENT
