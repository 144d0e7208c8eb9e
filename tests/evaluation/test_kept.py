"""Prompts are built once: what is read of them later is what was built, or is not taken."""

import json
import os
import subprocess
import sys

import pytest

from forgetscope import api
from forgetscope.errors import DataError, PairingError
from forgetscope.evaluation import EvaluationOptions, open_suite
from forgetscope.evaluation.harness import KeptPrompts, load_suite_tasks
from forgetscope.evaluation.harness.kept import _read
from forgetscope.evaluation.harness.packed import packed_items, unpacked_items
from forgetscope.records import RequestKind
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama

LONG_AGO = 1_000_000_000
NAMES = ("arc_easy", "lambada_openai", "gsm8k", "winogrande", "wikitext")


def _kept(folder, suite, mirror):
    return KeptPrompts(folder, key="k", open_suite=lambda: load_suite_tasks(suite, data_dir=mirror))


def _suite(*names):
    choices = tuple(TaskChoice(name=name, max_new_tokens=4) for name in names)
    return Suite(name="kept", choices=choices)


@pytest.fixture
def place(tmp_path):
    """Two models and a mirror whose files have been there for long."""
    for seed, name in enumerate(("base", "other")):
        save_tiny_llama(tmp_path / name, seed=seed, window=512)
    write_mirror(tmp_path / "mirror")
    for file in tmp_path.rglob("*"):
        os.utime(file, (LONG_AGO, LONG_AGO))
    return tmp_path


def _evaluated(place, *names, out="study", **changes):
    fields = {"tasks": ("arc_easy", "lambada_openai"), "data_dir": place / "mirror"}
    request = api.EvaluationRequest(**(fields | changes))
    return api.evaluate_into([str(place / name) for name in names], place / out, request=request)


def _stored(place, out):
    tables = ("answers", "scores", "items", "requests")
    with Study(place / out) as study:
        return {t: study._db.rows(f"SELECT * FROM {t} ORDER BY 1, 2, 3") for t in tables}


def test_what_is_read_is_what_was_built(mirror, tmp_path):
    suite = _suite(*NAMES)
    options = EvaluationOptions(data_dir=mirror)
    first = open_suite(suite, options=options, kept=_kept(tmp_path, suite, mirror))
    second = open_suite(suite, options=options, kept=_kept(tmp_path, suite, mirror))
    built = first.builder.built()
    for one, other in zip(built, second.builder.built(), strict=True):
        assert type(one.instances) is not type(other.instances)
        assert one.loaded.task == other.loaded.task
        assert repr(one.items) == repr(other.items)
        assert one.requests == other.requests
        for item in one.items:
            for a, b in zip(one.instances[item.id], other.instances[item.id], strict=True):
                assert (a.doc, a.idx, a.metadata, a.request_type) == (
                    *(b.doc, b.idx, b.metadata, b.request_type),
                )


def test_a_later_checkpoint_is_answered_and_judged_as_in_a_cold_run(place):
    _evaluated(place, "base")
    assert list((place / "study" / "prompts").iterdir())
    _evaluated(place, "base", "other")
    _evaluated(place, "base", "other", out="cold")
    assert _stored(place, "study") == _stored(place, "cold")


def test_until_answers_come_lm_eval_is_not_loaded(place):
    _evaluated(place, "base")
    code = f"""
import sys
from pathlib import Path
from forgetscope import api
from forgetscope.scoring.hf import HfEngine
answer = HfEngine.answer
def seen(self, *rest, **more):
    print(sorted({{"lm_eval", "datasets", "pandas"}} & set(sys.modules)))
    return answer(self, *rest, **more)
HfEngine.answer = seen
request = api.EvaluationRequest(
    tasks=("arc_easy", "lambada_openai"), data_dir=Path({str(place / "mirror")!r}))
sources = [{str(place / "base")!r}, {str(place / "other")!r}]
found = api.evaluate_into(sources, Path({str(place / "study")!r}), request=request)
print(found.computed, found.kept)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "[]"
    assert len(set(done.stdout.splitlines()[-1].split())) == 1


def test_a_changed_data_file_is_noticed_and_not_mixed_with_the_old_one(place):
    _evaluated(place, "base")
    file = place / "mirror" / "allenai/ai2_arc/ARC-Easy" / "test.jsonl"
    first, *others = file.read_text().splitlines()
    changed = json.loads(first) | {"question": "What is new?"}
    file.write_text("\n".join([json.dumps(changed), *others]) + "\n")
    os.utime(file, (LONG_AGO, LONG_AGO + 1))
    with pytest.raises(PairingError, match="the data of `arc_easy` changed: 1 of 12 documents"):
        _evaluated(place, "base")
    _evaluated(place, "base", out="fresh")


def test_documents_that_are_not_those_of_the_prompts_are_never_judged(mirror, tmp_path, place):
    suite = _suite("arc_easy")
    options = EvaluationOptions(data_dir=mirror)
    open_suite(suite, options=options, kept=_kept(tmp_path, suite, mirror)).builder.built()
    file = place / "mirror" / "allenai/ai2_arc/ARC-Easy" / "test.jsonl"
    file.write_text("".join(reversed(file.read_text().splitlines(keepends=True))))
    moved = open_suite(suite, options=options, kept=_kept(tmp_path, suite, place / "mirror"))
    (built,) = moved.builder.built()
    with pytest.raises(DataError, match="changed while it was evaluated"):
        built.instances[built.items[0].id]


@pytest.mark.parametrize("content", [b"", b"no zlib", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_file_that_cannot_be_read_is_as_none(place, content):
    _evaluated(place, "base")
    for file in (place / "study" / "prompts").iterdir():
        file.write_bytes(content)
    assert _evaluated(place, "base", "other").computed > 0
    _evaluated(place, "base", "other", out="cold")
    assert _stored(place, "study") == _stored(place, "cold")


def test_tokens_that_are_kept_are_those_that_would_be_encoded(place):
    from forgetscope.scoring import TokenBook, open_tokenizer, resolve_series

    _evaluated(place, "base", tasks=("arc_easy", "lambada_openai", "gsm8k"), limit=3)
    (file,) = (place / "study" / "prompts").glob("*.tokens")
    (checkpoint,) = resolve_series([str(place / "base")])
    tokenizer = open_tokenizer(checkpoint)
    suite = _suite("arc_easy", "lambada_openai", "gsm8k")
    options = EvaluationOptions(data_dir=place / "mirror", limit=3)
    expected = {
        r.id: _encoded(tokenizer, r)
        for built in open_suite(suite, options=options).builder.built()
        for r in built.requests
        if r.kind is not RequestKind.GENERATE
    }
    book = TokenBook.open(file)

    def never():
        raise AssertionError("it is in the book")

    assert {key: book.tokens(key, never) for key in expected} == expected
    assert len(book) == len(expected) + 3
    tokenizer.book = book
    assert book.is_saved


def _encoded(tokenizer, request):
    pair = tokenizer.encode_pair(request.context, request.continuation)
    return pair.context, pair.continuation


@pytest.mark.parametrize("n_bytes", [0, 1000])
def test_a_damaged_token_book_is_empty(tmp_path, n_bytes):
    from forgetscope.scoring import TokenBook

    book = TokenBook()
    for number in range(50):
        book.tokens(f"{number:032x}", lambda: ((1, 2, 3), (4,)))
    book.save(tmp_path / "t.tokens")
    assert len(TokenBook.open(tmp_path / "t.tokens")) == 50
    (tmp_path / "t.tokens").write_bytes((tmp_path / "t.tokens").read_bytes()[:n_bytes])
    assert len(TokenBook.open(tmp_path / "t.tokens")) == 0


def test_how_thoughts_are_told_from_answers_is_kept_too(place):
    chat = {
        "tasks": ("gsm8k",),
        "limit": 3,
        "max_new_tokens": 4,
        "think_tags": ("<think>", "</think>"),
    }
    first = _evaluated(place, "base", **chat)
    _evaluated(place, "base", "other", **chat)
    _evaluated(place, "base", "other", out="cold", **chat)
    assert first.computed == 3
    assert _stored(place, "study") == _stored(place, "cold")
    kept = len(list((place / "study" / "prompts").glob("*-plain.prompts")))
    assert kept == 1
    (record,) = _read(next((place / "study" / "prompts").glob("*-plain.prompts")))
    assert record["decodings"][0]["thoughts"]["tags"] == [
        {"opening": "<think>", "closing": "</think>"}
    ]
    items, requests = unpacked_items(record, task="gsm8k")
    again = json.loads(json.dumps(packed_items(items, requests)))
    assert again | {"task": "gsm8k"} == record
