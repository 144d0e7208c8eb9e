"""items.parquet: every row, with its types, and nothing half written."""

import math
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest

from forgetscope.interchange import ItemColumns, item_schema, write_items
from forgetscope.interchange import items as items_module
from forgetscope.records import FormatClass, Lists, StopReason, Transition
from tests.report.made import HOSTILE

ONCE = ("checkpoint", "step", "task", "domain")


def row(number=1, **others):
    fields = {
        "item_id": f"{number:064x}",
        "document_id": number,
        "cluster": str(number),
        "prompt_hash": "ab" * 32,
        "prompt": "What is one plus one?",
        "gold": "2",
        "choices": (),
        "answer": "3",
        "score": 0.0,
        "is_truncated": False,
        "is_invalid": False,
    }
    n = len(others.get("logprobs", ()))
    unknown = dict.fromkeys(name for name in item_schema().names if name not in ONCE)
    each = {name: [value] for name, value in (unknown | fields | others).items()}
    each["logprobs"] = Lists(values=np.array(others.get("logprobs", ())), ends=np.array([n]))
    return ItemColumns(checkpoint="step-10", step=None, task="riddles", domain="logic", **each)


def test_a_row_comes_back_as_it_was(tmp_path):
    given = row(
        choices=("2", "3"),
        logprobs=(-1.5, -0.25),
        n_tokens=4,
        stop_reason=StopReason.LENGTH,
        is_truncated=True,
        transition=Transition.LOST,
        format_class=FormatClass.TRUNCATED,
        form=FormatClass.TRUNCATED,
        n_generated=3,
        gold_bits=0.75,
        gold_share=0.125,
    )
    write_items([given], tmp_path / "items.parquet")
    [found] = pq.read_table(tmp_path / "items.parquet").to_pylist()
    kept = {name: getattr(given, name) for name in item_schema().names}
    kept["logprobs"] = [-1.5, -0.25]
    for name in kept.keys() - {*ONCE, "logprobs"}:
        (value,) = kept[name]
        kept[name] = list(value) if isinstance(value, tuple) else value
    assert found == kept


def test_an_undefined_score_is_null_and_an_absent_step_too(tmp_path):
    write_items([row(score=math.nan, gold_share=math.nan)], tmp_path / "items.parquet")
    [found] = pq.read_table(tmp_path / "items.parquet").to_pylist()
    assert (found["score"], found["gold_share"], found["step"]) == (None, None, None)


def test_what_is_not_known_of_an_answer_is_null_and_keeps_its_type(tmp_path):
    write_items([row(1), row(2, gold_bits=0.5, n_generated=7)], tmp_path / "items.parquet")
    table = pq.read_table(tmp_path / "items.parquet")
    assert table["gold_bits"].to_pylist() == [None, 0.5]
    assert table["n_generated"].to_pylist() == [None, 7]
    assert table["form"].to_pylist() == [None, None]


def test_rows_beyond_one_group_are_all_written_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(items_module, "GROUP_ROWS", 7)
    n_rows = write_items((row(number) for number in range(30)), tmp_path / "items.parquet")
    table = pq.read_table(tmp_path / "items.parquet")
    assert n_rows == 30
    assert table["document_id"].to_pylist() == list(range(30))


def test_hostile_texts_survive_and_broken_unicode_is_spelled_out(tmp_path):
    write_items([row(answer=text) for text in HOSTILE], tmp_path / "items.parquet")
    found = pq.read_table(tmp_path / "items.parquet")["answer"].to_pylist()
    assert found == [text.replace("\ud800", "\\ud800") for text in HOSTILE]


def test_no_rows_give_a_table_with_all_columns(tmp_path):
    assert write_items([], tmp_path / "items.parquet") == 0
    assert pq.read_table(tmp_path / "items.parquet").schema.names == item_schema().names


def test_a_failure_in_the_middle_leaves_the_earlier_file_alone(tmp_path):
    path = tmp_path / "items.parquet"
    write_items([row()], path)
    before = path.read_bytes()

    def breaking():
        yield row()
        raise RuntimeError("the study went away")

    with pytest.raises(RuntimeError, match="went away"):
        write_items(breaking(), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["items.parquet"]


def test_equal_rows_give_equal_bytes(tmp_path):
    for name in ("one", "two"):
        write_items([row(1), row(2)], tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_importing_the_room_loads_no_table_library():
    code = (
        "import sys, forgetscope.interchange;"
        "print([name for name in ('pyarrow', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
