"""The page on sources says what is there, and its examples are understood."""

import inspect
import json
import re
from pathlib import Path

import pytest

from forgetscope.recap.rewards import REWARDS
from forgetscope.recap.sources import SourceKind, load_source, parse_source
from forgetscope.recap.sources.spec import COMMON_KEYS

PAGE = Path(__file__).parents[3] / "docs" / "sources.md"
TEXT = PAGE.read_text(encoding="utf-8")
KINDS = "|".join(SourceKind)
EXAMPLES = sorted(set(re.findall(rf"`((?:{KINDS}):[^`]+)`", TEXT)))


def rows_of(table):
    """The cells of the rows of the table whose head begins with `table`."""
    body = TEXT[TEXT.index(f"| {table} |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in body]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_parses(example):
    spec = parse_source(example)
    assert parse_source(spec.text) == spec


@pytest.mark.parametrize("table", ["kind", "key", "name"])
def test_every_row_has_an_example_that_uses_it(table):
    for first, *_, example in rows_of(table):
        name = first.strip("`")
        assert example.strip("`") in EXAMPLES
        assert name in example or name == "module:function"


def test_kinds_keys_and_rewards_are_all_listed():
    assert [first.strip("`") for first, *_ in rows_of("kind")] == list(SourceKind)
    assert [first.strip("`") for first, *_ in rows_of("key")] == list(COMMON_KEYS)
    listed = {first.strip("`") for first, *_ in rows_of("name")}
    assert listed == {*REWARDS, "verifier", "module:function"}


def test_every_row_of_a_file_is_read_as_shown(tmp_path):
    path = tmp_path / "rows.jsonl"
    for row, _ in rows_of("a row"):
        path.write_text(row.strip("`"))
        assert json.loads(row.strip("`"))
        material = load_source(f"jsonl:{path}", seed=0, is_replay=True)
        assert material.lessons[0].text


def test_the_bounds_are_those_of_the_code():
    from forgetscope.recap.rewards.referee import Referee
    from forgetscope.recap.rewards.referee_process import MEMORY
    from forgetscope.recap.sources.divide import HELD_OUT
    from forgetscope.recap.sources.load import N_MADE

    seconds = inspect.signature(Referee).parameters["seconds"].default
    assert f"{seconds:.0f} seconds for an answer and {MEMORY // 2**30} GB" in TEXT
    assert f"{HELD_OUT} lessons of each source" in TEXT
    assert f"{N_MADE:,} of `testbed` and `gym`" in TEXT
