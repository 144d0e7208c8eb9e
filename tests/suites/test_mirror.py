import pytest

from forgetscope.errors import DataError
from forgetscope.suites import find_data


def _write(folder, name, text="{}\n"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_a_data_set_without_configuration_lies_in_default(tmp_path):
    _write(tmp_path / "org" / "data" / "default", "test.jsonl")
    found = find_data(tmp_path, "org/data", None)
    assert found.format == "json"
    assert found.splits == {"test": tmp_path / "org" / "data" / "default" / "test.jsonl"}


def test_a_data_set_that_is_not_there_is_none(tmp_path):
    assert find_data(tmp_path, "org/data", "main") is None


def test_the_files_of_a_split_are_named_by_it(tmp_path):
    for name in ("train.parquet", "dev.parquet"):
        _write(tmp_path / "org" / "data" / "main", name)
    found = find_data(tmp_path, "org/data", "main")
    assert found.format == "parquet"
    assert set(found.splits) == {"train", "dev"}


def test_a_name_that_leads_out_of_the_mirror_finds_nothing(tmp_path):
    _write(tmp_path / "outside" / "default", "test.jsonl")
    (tmp_path / "mirror").mkdir()
    assert find_data(tmp_path / "mirror", "../outside", None) is None


def test_mixed_formats_are_refused(tmp_path):
    _write(tmp_path / "org" / "data" / "default", "test.jsonl")
    _write(tmp_path / "org" / "data" / "default", "train.parquet")
    with pytest.raises(DataError, match="mixes"):
        find_data(tmp_path, "org/data", None)


def test_a_mirror_that_is_no_folder_is_an_error(tmp_path):
    with pytest.raises(DataError) as caught:
        find_data(tmp_path / "nowhere", "org/data", None)
    assert caught.value.exit_code == 4
