import json

import pytest

from forgetscope.errors import DataError, UsageError
from forgetscope.recap.sources import load_source, load_sources


def write(path, *rows):
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


def lessons(path, keys="", **options):
    material = load_source(f"jsonl:{path}{keys}", seed=0, **options)
    return sorted((*material.lessons, *material.held_out), key=lambda lesson: lesson.prompt)


@pytest.mark.parametrize("word", ["answer", "completion", "gold"])
def test_the_right_answer_goes_by_three_names(tmp_path, word):
    path = write(tmp_path / "rows.jsonl", {"prompt": "2+2", word: "4"})
    (lesson,) = lessons(path)
    assert (lesson.prompt, lesson.gold, lesson.text) == ("2+2", "4", "4")


def test_a_worked_answer_is_imitated_and_the_gold_is_compared(tmp_path):
    path = write(tmp_path / "r.jsonl", {"prompt": "2+2", "gold": "4", "answer": "2+2 is 4"})
    (lesson,) = lessons(path)
    assert (lesson.gold, lesson.answer) == ("4", "2+2 is 4")


def test_numbers_are_answers_too(tmp_path):
    (lesson,) = lessons(write(tmp_path / "r.jsonl", {"prompt": "2+2", "answer": 4}))
    assert lesson.gold == "4"


def test_columns_are_called_what_the_keys_say(tmp_path):
    path = write(tmp_path / "r.jsonl", {"question": "2+2", "solution": "4", "answer": "no"})
    (lesson,) = lessons(path, "?prompt=question&answer=solution")
    assert (lesson.prompt, lesson.gold) == ("2+2", "4")


def test_the_first_exchange_of_a_chat_is_the_lesson(tmp_path):
    chat = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "2+2?"}]},
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "3+3?"},
        {"role": "assistant", "content": "6"},
    ]
    (lesson,) = lessons(write(tmp_path / "r.jsonl", {"messages": chat}))
    assert (lesson.system, lesson.prompt, lesson.gold) == ("Be brief.", "2+2?", "4")


def test_plain_text_is_imitated_from_its_beginning(tmp_path):
    path = write(tmp_path / "r.jsonl", {"text": "Once upon a time"})
    material = load_source(f"jsonl:{path}", seed=0, is_replay=True)
    assert material.is_supervised
    assert (material.lessons[0].prompt, material.lessons[0].text) == ("", "Once upon a time")


def test_pictures_lie_beside_the_file(tmp_path):
    (tmp_path / "cat.png").write_bytes(b"a picture")
    path = write(tmp_path / "r.jsonl", {"prompt": "?", "answer": "cat", "images": ["cat.png"]})
    (lesson,) = lessons(path)
    assert lesson.images == (tmp_path / "cat.png",)


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text('{"prompt": "a\u2028b", "answer": "c"}\n\n', encoding="utf-8")
    assert [lesson.prompt for lesson in lessons(path)] == ["a\u2028b"]


def test_rows_of_several_domains_become_several_materials(tmp_path):
    rows = [{"prompt": str(i), "answer": "1", "domain": d} for i, d in enumerate("aab")]
    path = write(tmp_path / "r.jsonl", *rows)
    materials = load_sources([f"jsonl:{path}"], seed=0)
    assert {m.domain: len(m.lessons) for m in materials} == {"a": 2, "b": 1}
    assert [m.name for m in materials] == [f"jsonl:{path} (a)", f"jsonl:{path} (b)"]
    with pytest.raises(UsageError, match="2 domains: a, b"):
        load_source(f"jsonl:{path}", seed=0)
    assert load_source(f"jsonl:{path}?domain=c", seed=0).domain == "c"


def test_the_domain_is_called_after_the_file(tmp_path):
    path = write(tmp_path / "My Rows.jsonl", {"prompt": "?", "answer": "!"})
    assert load_source(f"jsonl:{path}", seed=0).domain == "my-rows"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: no JSON"),
        ("[" * 100_000, "line 2: no JSON"),
        ("3", "line 2: no object"),
        ('{"question": "?"}', "line 2: neither `prompt`"),
        ('{"prompt": 1.5, "answer": ["x"]}', "line 2: `answer` is no text"),
        ('{"prompt": true}', "line 2: `prompt` is no text"),
        ('{"prompt": " "}', "line 2: an empty text"),
        ('{"messages": "hello"}', "line 2: `messages` is no list"),
        ('{"messages": [{"content": "x"}]}', "line 2: `messages` 1 has no `role`"),
        ('{"messages": [{"role": "user"}]}', "line 2: `messages` 1 has no text"),
        ('{"messages": [{"role": "system", "content": "x"}]}', "role `user`"),
        ('{"prompt": "?", "images": ["none.png"]}', "none.png"),
        ('{"prompt": "?", "images": [null]}', "line 2: `images` holds no picture"),
        ('{"prompt": "?", "choices": "AB"}', "line 2: `choices` is no list"),
        ('{"prompt": "?", "domain": "a/b"}', "line 2: `domain`"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_key(tmp_path, line, message):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"prompt": "?", "answer": "!"}\n' + line + "\n")
    with pytest.raises(DataError) as caught:
        load_source(f"jsonl:{path}", seed=0)
    assert message in caught.value.message
    assert "rows.jsonl" in caught.value.message


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path):
    path = write(tmp_path / "r.jsonl", {"question": "?", "answer": "!"})
    with pytest.raises(DataError, match="`qestion` is no text") as caught:
        load_source(f"jsonl:{path}?prompt=qestion", seed=0)
    assert caught.value.hint == "did you mean `question`?"


def test_a_file_that_is_not_there_is_named_with_the_nearest(tmp_path):
    write(tmp_path / "rows.jsonl", {"prompt": "?"})
    with pytest.raises(DataError, match="no file") as caught:
        load_source(f"jsonl:{tmp_path / 'row.jsonl'}", seed=0)
    assert caught.value.hint == "did you mean `rows.jsonl`?"


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"prompt": "caf\xe9"}')
    with pytest.raises(DataError, match="UTF-8"):
        load_source(f"jsonl:{path}", seed=0)


def test_an_empty_file_holds_no_lesson(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text("\n")
    with pytest.raises(DataError, match="holds no lesson"):
        load_source(f"jsonl:{path}", seed=0)
