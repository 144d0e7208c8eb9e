import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.errors import DataError
from forgetscope.records import OutputType
from forgetscope.suites import read_own_tasks

CAPITAL = {"question": "Capital of France?", "choices": ["Rome", "Paris"], "answer": "Paris"}


def write(folder, *rows):
    path = folder / "rows.jsonl"
    path.write_text("".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in rows))
    return path


def read(folder, *rows, **settings):
    return read_own_tasks(write(folder, *rows), name="mine", **settings)


@pytest.mark.parametrize("answer", ["Paris", "B", 1, " Paris "])
def test_the_right_choice_is_named_by_its_text_its_letter_or_its_place(tmp_path, answer):
    (task,) = read(tmp_path, {**CAPITAL, "answer": answer})
    (document,) = task.documents
    assert task.output_type is OutputType.MULTIPLE_CHOICE
    assert document.choices == (" Rome", " Paris")
    assert document.gold == " Paris"
    assert document.prompt == "Question: Capital of France?\nAnswer:"


def test_a_prompt_with_an_answer_is_written_and_asked_as_it_stands(tmp_path):
    (task,) = read(tmp_path, {"prompt": "The sky is ", "answer": "blue.", "cluster": "sky"})
    (document,) = task.documents
    assert task.output_type is OutputType.GENERATE
    assert (document.prompt, document.gold, document.cluster) == ("The sky is ", "blue", "sky")


def test_numbers_are_read_from_the_end_of_an_answer_and_words_from_its_first_line(tmp_path):
    (sums,) = read(tmp_path, {"prompt": "1+1=", "answer": 2})
    (words,) = read(tmp_path, {"prompt": "1+1=", "answer": "two"})
    assert (sums.readings[0].name, words.readings[0].name) == ("number", "line")
    assert words.stops == ("\n\n",)


def test_a_file_makes_a_task_for_each_domain_and_form_in_it(tmp_path):
    rows = [
        {"prompt": "1+1=", "answer": 2, "domain": "math"},
        {**CAPITAL, "domain": "knowledge"},
        {"prompt": "2+2=", "answer": 4, "domain": "math"},
        {"prompt": "Capital of Italy?", "answer": "Rome", "domain": "knowledge"},
    ]
    tasks = {task.name: task for task in read(tmp_path, *rows)}
    assert set(tasks) == {"mine_math", "mine_knowledge_choice", "mine_knowledge_text"}
    assert {task.group for task in tasks.values()} == {"mine"}
    assert len(tasks["mine_math"].documents) == 2


def test_the_domain_of_the_suite_goes_before_that_of_the_rows(tmp_path):
    rows = [{"prompt": "1+1=", "answer": 2, "domain": "math"}, {"prompt": "Hi", "answer": "Hello"}]
    (task,) = read(tmp_path, *rows, domain="language")
    assert (task.name, task.domain) == ("mine", "language")


def test_rows_without_a_domain_are_other_and_empty_lines_nothing(tmp_path):
    (task,) = read(tmp_path, "", CAPITAL, "  ")
    assert (task.domain, len(task.documents)) == ("other", 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("no json", "no JSON"),
        ("[1]", "no object"),
        ({}, "neither"),
        ({"question": "a", "answer": "b"}, "no `choices`"),
        ({"choices": ["a", "b"], "answer": "b"}, "no `question`"),
        ({**CAPITAL, "prompt": "a"}, "`prompt` beside `question` and `choices`"),
        ({**CAPITAL, "choices": ["Paris"]}, "at least two"),
        ({**CAPITAL, "choices": "Paris"}, "at least two"),
        ({**CAPITAL, "choices": ["Paris", "Paris"]}, "the same"),
        ({**CAPITAL, "choices": ["Paris", None]}, "`choices` must be a text"),
        ({**CAPITAL, "answer": "Berlin"}, "none of the 2 choices"),
        ({**CAPITAL, "answer": 2}, "none of the 2 choices"),
        ({**CAPITAL, "answer": True}, "none of the 2 choices"),
        ({**CAPITAL, "answer": None}, "no `answer`"),
        ({**CAPITAL, "choices": [1, 2], "answer": 1}, "place of one choice and the text"),
        ({**CAPITAL, "domain": "knowlege"}, "unknown domain `knowlege`"),
        ({"prompt": "a"}, "no `answer`"),
        ({"prompt": " ", "answer": "b"}, "not empty"),
        ({"prompt": "a", "answer": ["b"]}, "`answer` must be a text"),
        ({"prompt": "a", "answer": "b\nc"}, "more than one line"),
    ],
)
def test_a_bad_row_is_one_error_with_its_file_and_line(tmp_path, row, said):
    with pytest.raises(DataError) as caught:
        read(tmp_path, CAPITAL, "", row)
    assert "rows.jsonl`, line 3: " in caught.value.message
    assert said in caught.value.message
    assert caught.value.exit_code == 4


def test_a_misspelt_key_is_told(tmp_path):
    with pytest.raises(DataError) as caught:
        read(tmp_path, {"question": "a", "choises": ["b", "c"], "answer": "b"})
    assert "did you mean `choices` by `choises`?" in caught.value.hint


def test_a_file_without_questions_or_of_other_bytes_is_told(tmp_path):
    with pytest.raises(DataError, match="no questions"):
        read(tmp_path)
    (tmp_path / "latin.jsonl").write_bytes(b'{"prompt": "caf\xe9", "answer": "1"}')
    with pytest.raises(DataError, match="not UTF-8: byte 15"):
        read_own_tasks(tmp_path / "latin.jsonl", name="mine")
    with pytest.raises(DataError, match="no file"):
        read_own_tasks(tmp_path / "none.jsonl", name="mine")


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_whatever_stands_in_a_row_is_read_or_told(tmp_path_factory, value):
    folder = tmp_path_factory.getbasetemp()
    for key in ("question", "choices", "answer", "domain", "cluster"):
        try:
            tasks = read(folder, {**CAPITAL, key: value})
        except DataError:
            continue
        assert tasks[0].documents[0].gold in tasks[0].documents[0].choices
