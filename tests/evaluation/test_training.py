import json

import pytest

from forgetscope.errors import DataError, UnknownNameError, UsageError
from forgetscope.evaluation import EvaluationOptions, asked, open_suite
from forgetscope.evaluation.harness import build, load_tasks, task_lessons
from forgetscope.records import Document, OutputType, OwnTask
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import write_mirror


def suite(*names, **changes):
    return Suite(name="t", choices=tuple(TaskChoice(name=name, **changes) for name in names))


def test_a_lesson_is_a_document_of_the_training_split_without_examples(mirror):
    lessons = task_lessons("gsm8k", data_dir=mirror)
    lines = (mirror / "openai/gsm8k/main/train.jsonl").read_text().splitlines()
    assert len(lessons) == len(lines)
    first = json.loads(lines[0])
    assert lessons[0].prompt == f"Question: {first['question']}\nAnswer:"
    assert lessons[0].gold == first["answer"]
    assert lessons[0].text == f" {first['answer']}"
    assert lessons[0].fields["task"] == "gsm8k"


def test_of_options_the_right_one_is_the_answer(mirror):
    lines = (mirror / "allenai/ai2_arc/ARC-Easy/train.jsonl").read_text().splitlines()
    for lesson, line in zip(task_lessons("arc_easy", data_dir=mirror), lines, strict=True):
        row = json.loads(line)
        place = row["choices"]["label"].index(row["answerKey"])
        assert lesson.gold == row["choices"]["text"][place]
        assert lesson.fields["choices"] == tuple(row["choices"]["text"])


def test_where_the_options_stand_in_the_question_the_right_one_does(mirror):
    lines = (mirror / "allenai/winogrande/winogrande_xl/train.jsonl").read_text().splitlines()
    for lesson, line in zip(task_lessons("winogrande", data_dir=mirror), lines, strict=True):
        row = json.loads(line)
        before, after = row["sentence"].split("_")
        assert lesson.prompt == before + row[f"option{row['answer']}"]
        assert lesson.gold == after.strip()


def test_a_lesson_reads_like_the_evaluated_question(mirror):
    """Prompt and answer together are what the task itself would score as right."""
    (loaded,) = load_tasks(suite("boolq"), data_dir=mirror)
    request = build(loaded, seed=0).requests[0]
    lesson = task_lessons("boolq", data_dir=mirror)[0]
    assert request.context.startswith(lesson.prompt[:10])
    assert request.context.endswith("?\nAnswer:")
    assert lesson.prompt.endswith("?\nAnswer:")
    assert lesson.text in (" yes", " no")


@pytest.mark.parametrize("name", ["lambada_openai", "blimp_causative"])
def test_a_task_without_a_training_split_is_no_source(mirror, name):
    with pytest.raises(UsageError, match=f"`{name}` has no training split"):
        task_lessons(name, data_dir=mirror)


def test_a_task_that_is_evaluated_on_its_training_split_is_no_source(tmp_path):
    """lm-eval has some: gsm_plus, gsm8k_platinum, aime."""
    folder = tmp_path / "qintongli/GSM-Plus/default"
    folder.mkdir(parents=True)
    row = {"question": "2+2?", "answer": "4", "solution": "2+2 is 4"}
    (folder / "test.jsonl").write_text(json.dumps(row))
    with pytest.raises(UsageError, match="`gsm_plus` is evaluated on the split"):
        task_lessons("gsm_plus", data_dir=tmp_path)


def test_a_document_without_a_right_answer_is_named(tmp_path):
    mirror = write_mirror(tmp_path)
    path = mirror / "openai/gsm8k/main/train.jsonl"
    rows = path.read_text().splitlines()
    rows[3] = json.dumps({"question": "?", "answer": " "})
    path.write_text("\n".join(rows))
    with pytest.raises(DataError, match="document 3 of the training split of `gsm8k`"):
        task_lessons("gsm8k", data_dir=mirror)


def test_a_task_of_plain_texts_is_no_source(mirror):
    with pytest.raises(UsageError, match="no questions"):
        task_lessons("wikitext", data_dir=mirror)


def test_an_unknown_task_is_named_with_the_nearest(mirror):
    with pytest.raises(UnknownNameError) as caught:
        task_lessons("arc_esy", data_dir=mirror)
    assert "`arc_easy`" in (caught.value.hint or "")


def test_a_mirror_without_the_training_split_is_an_error_that_says_so(tmp_path):
    mirror = write_mirror(tmp_path)
    (mirror / "allenai/ai2_arc/ARC-Easy/train.jsonl").unlink()
    with pytest.raises(DataError, match=r"cannot load task `arc_easy`.*train"):
        task_lessons("arc_easy", data_dir=mirror)


def test_what_is_asked_is_the_question_without_examples(mirror):
    opened = open_suite(suite("gsm8k", "winogrande"), options=EvaluationOptions(data_dir=mirror))
    found = asked(opened)
    line = (mirror / "openai/gsm8k/main/test.jsonl").read_text().splitlines()[0]
    assert list(found) == ["gsm8k", "winogrande"]
    assert found["gsm8k"][0].prompt == f"Question: {json.loads(line)['question']}\nAnswer:"
    assert "####" in found["gsm8k"][0].gold


def test_where_nothing_is_asked_the_sentences_are(mirror):
    options = EvaluationOptions(data_dir=mirror)
    found = asked(open_suite(suite("blimp_causative", "wikitext"), options=options))
    good, bad = found["blimp_causative"][0].prompt.split("\n")
    assert good.replace("walks", "walk") == bad
    assert "Page 0" in found["wikitext"][0].prompt


def test_what_a_limit_leaves_out_is_not_asked():
    documents = tuple(Document(prompt=str(i), gold="1") for i in range(20))
    own = OwnTask(
        name="mine", domain="math", output_type=OutputType.MULTIPLE_CHOICE, documents=tuple(
            Document(prompt=d.prompt, gold="1", choices=("1", "2")) for d in documents
        ),
    )  # fmt: skip
    opened = open_suite(suite("mine"), options=EvaluationOptions(own=(own,)))
    assert len(asked(opened)["mine"]) == 20
    assert len(asked(opened, limit=5)["mine"]) == 5
