import json

import datasets
import pytest

from forgetscope.errors import DataError, UnknownNameError
from forgetscope.recap.sources import load_source

ROWS = [{"question": f"{i}+1", "answer": str(i + 1)} for i in range(10)]


@pytest.fixture
def folder(tmp_path):
    """A data set as the hub keeps one: a file for each split."""
    for split, rows in {"train": ROWS[:8], "test": ROWS[8:]}.items():
        text = "\n".join(map(json.dumps, rows))
        (tmp_path / f"{split}.jsonl").write_text(text)
    return tmp_path


def prompts(material):
    return {lesson.prompt for lesson in (*material.lessons, *material.held_out)}


def test_a_local_folder_is_a_data_set(folder):
    material = load_source(f"hf:{folder}:test?prompt=question", seed=0)
    assert prompts(material) == {"8+1", "9+1"}


def test_without_a_split_it_is_the_training_split(folder):
    assert len(prompts(load_source(f"hf:{folder}?prompt=question", seed=0))) == 8


def test_a_data_set_that_was_saved_to_disk_is_read_back(tmp_path):
    datasets.Dataset.from_list(ROWS).save_to_disk(tmp_path / "one")
    assert len(prompts(load_source(f"hf:{tmp_path / 'one'}?prompt=question", seed=0))) == 10
    saved = datasets.DatasetDict({"easy": datasets.Dataset.from_list(ROWS[:3])})
    saved.save_to_disk(tmp_path / "many")
    assert len(prompts(load_source(f"hf:{tmp_path / 'many'}:easy?prompt=question", seed=0))) == 3
    with pytest.raises(UnknownNameError, match="esy") as caught:
        load_source(f"hf:{tmp_path / 'many'}:esy?prompt=question", seed=0)
    assert "easy" in (caught.value.hint or "")


def test_a_missing_split_or_folder_is_one_error(folder):
    for text in (f"hf:{folder}:dev?prompt=question", f"hf:{folder / 'nowhere'}"):
        with pytest.raises(DataError, match="cannot load") as caught:
            load_source(text, seed=0)
        assert "\n" not in caught.value.message


def test_a_row_without_its_column_is_named(folder):
    with pytest.raises(DataError, match="row 0: neither") as caught:
        load_source(f"hf:{folder}", seed=0)
    assert "`question`" in (caught.value.hint or "")
