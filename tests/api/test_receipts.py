"""What a finished command may skip, and what it must notice all the same."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from forgetscope import api
from forgetscope.errors import PairingError
from forgetscope.store import Study
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama

LONG_AGO = 1_000_000_000


@pytest.fixture
def place(tmp_path):
    """A model and a mirror whose files have been there for long."""
    save_tiny_llama(tmp_path / "base", window=512)
    write_mirror(tmp_path / "mirror")
    for file in tmp_path.rglob("*"):
        os.utime(file, (LONG_AGO, LONG_AGO))
    return tmp_path


def _evaluated(place, **changes):
    fields = {"tasks": ("arc_easy",), "data_dir": place / "mirror", "dtype": "float32"}
    request = api.EvaluationRequest(**(fields | changes))
    return api.evaluate_into([str(place / "base")], place / "study", request=request)


def _receipts(place):
    with Study(place / "study") as study:
        rows = study._db.rows("SELECT key FROM meta WHERE key LIKE 'receipt:%'")
    return {key for (key,) in rows}


def _is_short(place, **changes):
    """Whether a command that had nothing to ask found that by a receipt."""
    before = _receipts(place)
    assert _evaluated(place, **changes).computed == 0
    return _receipts(place) == before


def test_a_finished_command_loads_nothing_heavy(place):
    first = _evaluated(place)
    code = f"""
import sys
from pathlib import Path
from forgetscope import api
request = api.EvaluationRequest(
    tasks=("arc_easy",), data_dir=Path({str(place / "mirror")!r}), dtype="float32")
study = Path({str(place / "study")!r})
found = api.evaluate_into([{str(place / "base")!r}], study, request=request)
heavy = {{"torch", "lm_eval", "transformers", "datasets", "pandas", "scipy", "forgetscope.recap"}}
print(found.computed, found.kept, sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=2) == ["0", str(first.computed), "[]\n"]


def test_a_finished_command_is_noted_as_a_run_like_any_other(place):
    _evaluated(place)
    assert _is_short(place)
    with Study(place / "study") as study:
        first, second = study.runs()
        assert second["finished"] is not None
        assert {**first, "started": 0, "finished": 0} == {**second, "started": 0, "finished": 0}


def test_changed_data_are_noticed(place):
    _evaluated(place)
    file = next((place / "mirror" / "allenai/ai2_arc/ARC-Easy").glob("test.jsonl"))
    first, *others = file.read_text().splitlines()
    changed = json.loads(first) | {"question": "What is new?"}
    file.write_text("\n".join([json.dumps(changed), *others]) + "\n")
    with pytest.raises(PairingError, match="the data of `arc_easy` changed"):
        _evaluated(place)


def test_changed_weights_are_noticed(place):
    first = _evaluated(place)
    shutil.rmtree(place / "base")
    save_tiny_llama(place / "base", seed=3, window=512)
    assert _evaluated(place).computed == first.computed


def test_another_file_beside_the_weights_takes_the_long_way(place):
    _evaluated(place)
    assert _is_short(place)
    (place / "base" / "special_tokens_map.json").write_text("{}")
    os.utime(place / "base" / "special_tokens_map.json", (LONG_AGO, LONG_AGO))
    assert not _is_short(place)


def test_what_is_asked_otherwise_has_no_receipt(place):
    _evaluated(place)
    assert _evaluated(place, tasks=("arc_easy", "lambada_openai")).computed == 12
    assert not _is_short(place, limit=5)


def test_a_file_that_changed_just_now_is_not_trusted(place):
    os.utime(place / "mirror" / "allenai/ai2_arc/ARC-Easy" / "test.jsonl")
    _evaluated(place)
    assert _receipts(place) == set()


def test_a_label_that_came_to_stand_for_other_weights_is_turned_back(place):
    _evaluated(place)
    kept = place / "kept"
    shutil.copytree(place / "base", kept)
    shutil.rmtree(place / "base")
    save_tiny_llama(place / "base", seed=3, window=512)
    _evaluated(place)
    shutil.rmtree(place / "base")
    shutil.copytree(kept, place / "base")
    assert _evaluated(place).computed == 0
    with Study(place / "study") as study:
        weights = {c.fingerprint for c in api_series(place)}
        assert {c.fingerprint for c in study.series()} == weights


def api_series(place):
    from forgetscope.scoring import resolve_series

    return resolve_series([str(place / "base")])
