"""Backends of lm-eval by name: its own `hf`, which runs everywhere, stands for all of them."""

import ast
import gc
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from forgetscope.errors import (
    CheckpointError,
    EngineError,
    UnavailableError,
    UnknownNameError,
    UsageError,
)
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.evaluation.harness import open_any_engine
from forgetscope.evaluation.harness.backend_process import arguments_of
from forgetscope.records import Checkpoint, CheckpointKind, RequestKind
from forgetscope.scoring import (
    EngineConfig,
    chunks_of,
    engine_fingerprint,
    open_tokenizer,
    reading_units,
    resolve_series,
)
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice

OURS = EngineConfig(dtype="float32")
THEIRS = EngineConfig(name="lm_eval:hf", dtype="float32", device="cpu")
SUITE = Suite(
    name="test",
    choices=(
        TaskChoice(name="arc_easy"),
        TaskChoice(name="wikitext"),
        TaskChoice(name="gsm8k", shots=1, max_new_tokens=6),
    ),
)


def _evaluate(folder, sources, mirror, engine):
    options = EvaluationOptions(data_dir=mirror, engine=engine, limit=6)
    with Study(folder, create=True) as study:
        series = resolve_series([str(source) for source in sources])
        summary = evaluate_series(
            series, open_suite(SUITE, options=options), study, options=options
        )
        answers = {
            (checkpoint.label, item): given
            for checkpoint in series
            for column in study.profile(checkpoint.label).columns
            for item, given in study.answers_of(checkpoint.label).by_item(column.item_ids).items()
        }
        return summary, answers, study.engines()


@pytest.fixture(scope="module")
def both(tmp_path_factory, mirror, models):
    folder = tmp_path_factory.mktemp("studies")
    ours = _evaluate(folder / "ours", models, mirror, OURS)
    theirs = _evaluate(folder / "theirs", models, mirror, THEIRS)
    return folder, ours, theirs


def test_lm_eval_s_own_backend_gives_the_answers_that_our_engine_gives(both):
    _, (_, ours, _), (_, theirs, _) = both
    assert theirs.keys() == ours.keys()
    n_texts = 0
    for key, given in theirs.items():
        for one, other in zip(given, ours[key], strict=True):
            assert one.request_id == other.request_id
            assert one.text == other.text
            assert (one.logprob is None) == (other.logprob is None)
            if one.logprob is not None:
                assert one.logprob == pytest.approx(other.logprob, abs=1e-3)
                assert one.is_greedy == other.is_greedy
            assert one.n_tokens == other.n_tokens
            n_texts += one.text is not None
    assert n_texts == 2 * 6


def test_the_engine_stands_in_the_fingerprint_and_in_the_study(both):
    _, (_, _, ours), (_, _, theirs) = both
    assert {engine["engine"] for engine in ours.values()} == {"transformers"}
    assert {engine["engine"] for engine in theirs.values()} == {"lm-eval hf"}
    fingerprints = {engine["fingerprint"] for engine in (*ours.values(), *theirs.values())}
    assert len(fingerprints) == 2


def test_a_finished_study_asks_a_backend_nothing(both, mirror, models):
    folder, _, (first, answers, _) = both
    again, same, _ = _evaluate(folder / "theirs", models, mirror, THEIRS)
    assert (again.computed, again.kept) == (0, first.computed)
    assert same == answers


def test_answers_of_another_engine_are_not_taken_for_its_own(both, mirror, models):
    folder, (first, _, _), _ = both
    again, _, _ = _evaluate(folder / "ours", models, mirror, THEIRS)
    assert (again.computed, again.kept) == (first.computed, 0)


def _children():
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if "backend_process" in " ".join(child.cmdline())
    ]


@pytest.fixture
def opened(models):
    (checkpoint,) = resolve_series([str(models[0])])
    tokenizer = open_tokenizer(checkpoint)
    engine = open_any_engine(checkpoint, tokenizer, THEIRS)
    yield engine
    engine.close()


def _pair(number):
    from forgetscope.records import Request

    return Request(
        id=f"r{number}",
        item_id=str(number),
        index=0,
        kind=RequestKind.LOGLIKELIHOOD,
        context=f"{number} and one are",
        continuation=" three",
    )


def test_a_checkpoint_s_process_ends_with_it(models):
    (checkpoint,) = resolve_series([str(models[0])])
    engine = open_any_engine(checkpoint, open_tokenizer(checkpoint), THEIRS)
    assert len(list(engine.answer([_pair(1)]))) == 1
    assert len(_children()) == 1
    del engine
    gc.collect()
    assert _children() == []


def test_closing_frees_the_memory_before_it_returns(opened):
    assert len(_children()) == 1
    opened.close()
    assert _children() == []


def test_a_chunk_that_is_answered_is_passed_over_and_others_are_asked_whole(opened):
    requests = [_pair(number) for number in range(600)]
    chunks = chunks_of(requests)
    assert [len(chunk) for chunk in chunks] == [512, 88]
    answered = {request.id for request in chunks[0]} | {chunks[1][0].id}
    found = {answer.request_id for answer in opened.answer(requests, answered=answered)}
    assert found == {request.id for request in chunks[1]}


def test_the_units_of_a_backend_are_its_chunks(models):
    (checkpoint,) = resolve_series([str(models[0])])
    requests = [_pair(number) for number in range(600)]
    units = reading_units(requests, open_tokenizer(checkpoint), THEIRS, checkpoint=checkpoint)
    assert [len(unit.ids) for unit in units] == [512, 88]


def test_a_process_that_dies_is_one_error_that_says_how(opened):
    (child,) = _children()
    child.kill()
    with pytest.raises(EngineError, match="ended with code -9") as caught:
        list(opened.answer([_pair(1)]))
    assert "same command goes on" in caught.value.hint


def test_a_checkpoint_that_a_backend_cannot_load_is_one_error(models):
    (checkpoint,) = resolve_series([str(models[0])])
    tokenizer = open_tokenizer(checkpoint)
    with pytest.raises(EngineError, match="`hf` cannot load"):
        open_any_engine(
            checkpoint, tokenizer, EngineConfig(name="lm_eval:hf", dtype="float32", device="mps")
        )


def test_a_backend_without_its_package_names_what_to_install(models):
    (checkpoint,) = resolve_series([str(models[0])])
    if find_spec("mamba_ssm") is not None:
        pytest.skip("NOT TESTED: the package is installed")
    with pytest.raises((UnavailableError, CheckpointError)) as caught:
        open_any_engine(checkpoint, open_tokenizer(checkpoint), EngineConfig(name="lm_eval:vllm"))
    assert caught.value.exit_code == 4
    assert "vllm" in caught.value.message
    assert "lm-eval[vllm]" in caught.value.hint


@pytest.mark.parametrize("name", ["vllm", "sglang"])
def test_an_engine_that_is_not_installed_names_its_extra(name, monkeypatch):
    monkeypatch.setattr("forgetscope.scoring.config.find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match=f"needs {name}, which is not installed") as caught:
        EngineConfig(name=name)
    assert caught.value.hint == f"pip install 'forgetscope[{name}]'"
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("name", ["vlm", "lm_eval:", ""])
def test_an_unknown_engine_is_refused(name):
    with pytest.raises(UnknownNameError, match="unknown engine"):
        EngineConfig(name=name)


def test_an_unknown_backend_is_refused_with_the_nearest(models):
    (checkpoint,) = resolve_series([str(models[0])])
    with pytest.raises(UnknownNameError, match="unknown lm-eval backend `vlllm`") as caught:
        open_any_engine(checkpoint, open_tokenizer(checkpoint), EngineConfig(name="lm_eval:vlllm"))
    assert "`vllm`" in caught.value.hint


def _declared(file, name):
    """What a class of lm-eval is made with, read from its file: its package is not installed."""
    folder = Path(find_spec("lm_eval").submodule_search_locations[0])
    tree = ast.parse((folder / "models" / file).read_text())
    (found,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
    (init,) = (n for n in found.body if getattr(n, "name", "") == "__init__")
    return {argument.arg for argument in init.args.args}


@pytest.mark.parametrize(
    ("file", "name"), [("vllm_causallms.py", "VLLM"), ("sglang_causallms.py", "SGLangLM")]
)
def test_real_backends_declare_what_they_are_to_be_told(file, name):
    assert _declared(file, name) >= {"pretrained", "dtype", "trust_remote_code", "batch_size"}


def test_a_backend_is_told_what_it_declares_and_never_to_run_code():
    class Backend:
        def __init__(self, pretrained, dtype, trust_remote_code=True, batch_size=1, **kwargs):
            pass

    checkpoint = Checkpoint(
        label="x", source="org/x", kind=CheckpointKind.HUB, revision="c0ffee", fingerprint="f"
    )
    config = EngineConfig(dtype="bfloat16", device="cuda", batch_tokens=7)
    assert arguments_of(Backend, checkpoint, config, backend="sglang") == {
        "pretrained": "org/x",
        "revision": "c0ffee",
        "dtype": "bfloat16",
        "trust_remote_code": False,
        "batch_size": "auto",
    }


def test_a_backend_that_would_load_another_commit_is_refused():
    class Backend:
        def __init__(self, pretrained):
            pass

    checkpoint = Checkpoint(
        label="x", source="org/x", kind=CheckpointKind.HUB, revision="c0ffee", fingerprint="f"
    )
    with pytest.raises(UsageError, match="cannot load a commit"):
        arguments_of(Backend, checkpoint, EngineConfig(), backend="other")


def test_engine_names_do_not_move_the_fingerprint_of_ours(models):
    (checkpoint,) = resolve_series([str(models[0])])
    tokenizer = open_tokenizer(checkpoint)
    own = engine_fingerprint(tokenizer, OURS, checkpoint=checkpoint)
    assert own == engine_fingerprint(
        tokenizer, EngineConfig(dtype="float32"), checkpoint=checkpoint
    )
    assert own != engine_fingerprint(tokenizer, THEIRS, checkpoint=checkpoint)
