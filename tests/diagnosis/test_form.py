import pytest

from forgetscope.diagnosis.form import FEWEST_LETTERS, classify
from forgetscope.records import FormatClass, Item, OutputType, Score


def _classify(output_type=OutputType.GENERATE, *, gold="42", prompt="p", **fields):
    item = Item(
        id="i",
        task="t",
        document_id=0,
        prompt=prompt,
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
        ({"answer": "I cannot answer this.", "is_invalid": True}, FormatClass.REFUSED),
        ({"is_invalid": True, "answer": "it is 42"}, FormatClass.INVALID),
        ({"answer": "I say 42, no: 17"}, FormatClass.ELSEWHERE),
        ({"answer": "сорок два", "prompt": "Six times seven?"}, FormatClass.OTHER_LANGUAGE),
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


@pytest.mark.parametrize("written", ["1000", "1,000", "1000.0", "$1,000", "1000.", "(1000)"])
@pytest.mark.parametrize("gold", ["1000", "1,000", "$1,000.00", "6*7 is off. #### 1,000"])
def test_a_number_is_found_by_value_however_it_is_written(gold, written):
    assert _classify(gold=gold, answer=f"so {written} it is") is FormatClass.ELSEWHERE


@pytest.mark.parametrize("written", ["10000", "1000.5", "-1000", "1000th", "100", "1,0000"])
def test_another_number_is_not_taken_for_the_gold_one(written):
    assert _classify(gold="1,000", answer=f"so {written} it is") is FormatClass.DIFFERENT


def test_any_of_several_gold_texts_counts():
    assert _classify(gold="Paris | city of light", answer="The City of Light!") is (
        FormatClass.ELSEWHERE
    )


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I can’t assist with that request",
        "Sorry, I am unable to answer.",
        "As an AI language model, I cannot provide an answer.",
        "I cannot do that",
        "I must decline.",
        " **I won't answer this question.** Is there anything else?",
        "Je ne peux pas répondre à cette question.",
        "Lo siento, pero no puedo ayudar con eso.",
        "Es tut mir leid, aber ich kann dabei nicht helfen.",
        "К сожалению, я не могу ответить.",
        "抱歉，我无法回答这个问题。",
    ],
)
def test_an_answer_that_declines_is_refused(answer):
    assert _classify(answer=answer, extracted=answer) is FormatClass.REFUSED


@pytest.mark.parametrize(
    "answer",
    [
        "I can't help but think it is 17",
        "I cannot be sure. It is 17",
        "I'm sorry to hear it; 17",
        "Sorry, 17",
        "I'm sorry, but I cannot answer fully. The answer is 17",
        "I cannot answer that exactly; however, 17 is close",
        "I can do that: 17",
        "The sentence begins with: I cannot answer this.",
        "I don't know",
    ],
)
def test_an_answer_that_goes_on_to_answer_is_not_refused(answer):
    assert _classify(answer=answer, extracted=answer) is FormatClass.DIFFERENT


def test_what_the_filter_read_behind_the_apology_is_an_answer():
    answer = "I'm sorry, I can't help with question 5. That would be 17"
    assert _classify(answer=answer, extracted="17") is FormatClass.DIFFERENT
    assert _classify(answer=answer, extracted="5") is FormatClass.REFUSED


def test_a_refusal_that_names_the_gold_text_all_the_same_is_no_refusal():
    assert _classify(answer="I cannot answer this. 42?") is FormatClass.ELSEWHERE


@pytest.mark.parametrize(
    ("prompt", "gold", "answer"),
    [
        ("What is the capital?", "Paris", "столица"),
        ("Какая столица?", "Париж", "the capital"),
        ("What is the capital?", "Paris", "首都是东京而不是京都"),
        ("1+1=", "two", "двойка"),
    ],
)
def test_an_answer_in_a_script_of_neither_prompt_nor_gold_is_another_language(prompt, gold, answer):
    assert _classify(prompt=prompt, gold=gold, answer=answer) is FormatClass.OTHER_LANGUAGE


@pytest.mark.parametrize(
    ("prompt", "gold", "answer"),
    [
        ("Translate: the house", "дом", "большой корабль"),  # the gold text's script
        ("Что это: дом?", "house", "большой корабль"),  # the prompt's
        ("What is the capital?", "Paris", "London, то есть"),  # no script has most letters
        ("What is the capital?", "Paris", "я" * (FEWEST_LETTERS - 1)),  # too few
        ("これは何ですか", "ねこ", "犬東京都京都府大阪府"),  # one language mixes the two
        ("1+1=", "2", "двойка или тройка"),  # neither has letters
        ("What is it?", "Paris", "ＬＯＮＤＯＮ"),  # the same letters, wider
    ],
)
def test_a_wrong_answer_in_a_script_that_was_to_be_expected_is_only_wrong(prompt, gold, answer):
    assert _classify(prompt=prompt, gold=gold, answer=answer) is FormatClass.DIFFERENT
