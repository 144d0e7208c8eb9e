"""Memory that runs out at random moments, and what long documents take."""

import random
import shutil

import pytest
import torch

from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.scoring import EngineConfig, open_engine, open_tokenizer, resolve_series, turns
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice
from tests.largest import Largest
from tests.scoring.conftest import ask_pair, ask_text

TOLERANCE_NATS = 1e-4
"""Of a log-probability in float32, between batches of different sizes."""
MESSAGES = (
    torch.OutOfMemoryError("CUDA out of memory"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    MemoryError(),
)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FORGETSCOPE_CACHE", str(tmp_path / "cache"))


class _Leaking:
    """Loads models whose forward passes run out of memory at seeded random moments."""

    def __init__(self, load, *, seed, share):
        self.load, self.rng, self.share, self.n = load, random.Random(seed), share, 0

    def __call__(self, *arguments, **keywords):
        model = self.load(*arguments, **keywords)
        forward, is_open = model.forward, False

        def leaking(*inputs, **options):
            nonlocal is_open
            # opening an engine looks at the model in passes of a few tokens
            is_open = is_open or options.get("use_cache") is not False or inputs[0].numel() > 8
            if is_open and self.rng.random() < self.share:
                self.n += 1
                raise self.rng.choice(MESSAGES)
            return forward(*inputs, **options)

        # `generate` and the decoder read the names of its parameters
        leaking.__wrapped__ = forward
        model.forward = leaking
        return model


def _evaluated(world, folder, *, leaks=None):
    suite = Suite(
        name="test",
        choices=(
            TaskChoice(name="arc_easy"),
            TaskChoice(name="wikitext"),
            TaskChoice(name="gsm8k", max_new_tokens=4),
        ),
    )
    options = EvaluationOptions(
        data_dir=world.folder / "data", engine=EngineConfig(dtype="float32")
    )
    with Study(folder, create=True) as study:
        series = resolve_series([str(world.folder / "base")])
        opened = open_suite(suite, options=options)
        n_calls = 0
        while n_calls == 0 or (leaks and study.answers_of("base").has_failures()):
            evaluate_series(series, opened, study, options=options)
            n_calls += 1
            assert n_calls < 20
        answers = study._db.rows(
            "SELECT request, logprob, is_greedy, text, n_tokens, error FROM answers"
        )
        scores = study._db.rows("SELECT item, value, error FROM scores")
    return {row[0]: row[1:] for row in answers}, {row[0]: row[1:] for row in scores}


@pytest.fixture(scope="module")
def whole(world, tmp_path_factory):
    return _evaluated(world, tmp_path_factory.mktemp("whole") / "s")


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))]
)
def test_memory_that_runs_out_at_random_costs_no_answer_and_no_digit_that_counts(
    world, whole, tmp_path, monkeypatch, seed
):
    leaking = _Leaking(turns.load_model, seed=seed, share=0.25)
    monkeypatch.setattr(turns, "load_model", leaking)
    answers, scores = _evaluated(world, tmp_path / "s", leaks=leaking)
    assert leaking.n > 0
    assert answers.keys() == whole[0].keys()
    for key, (logprob, is_greedy, text, n_tokens, error) in answers.items():
        expected = whole[0][key]
        assert error is None
        assert (is_greedy, text, n_tokens) == expected[1:4]
        assert logprob == pytest.approx(expected[0], abs=TOLERANCE_NATS * max(1, n_tokens))
    assert scores.keys() == whole[1].keys()
    for key, (value, error) in scores.items():
        assert error is None
        assert value == pytest.approx(whole[1][key][0], rel=1e-4, abs=1e-4)


def _largest(world, tmp_path, requests):
    model = tmp_path / "model"
    if not model.exists():
        shutil.copytree(world.folder / "base", model)
    (checkpoint,) = resolve_series([str(model)])
    config = EngineConfig(dtype="float32", batch_tokens=64)
    for _ in range(2):  # the first proves the fast path, which looks at it from two sides
        engine = open_engine(checkpoint, open_tokenizer(checkpoint), config)
        with Largest() as largest:
            answers = list(engine.answer(requests))
    assert all(answer.error is None for answer in answers)
    return largest.n


@pytest.mark.parametrize(
    "ask",
    [
        lambda number, text: ask_text(number, text),
        lambda number, text: ask_pair(number, text, " fox"),
    ],
    ids=["whole text", "last words"],
)
def test_no_tensor_grows_with_the_length_of_a_document_beyond_the_window(world, tmp_path, ask):
    words = "The quick brown fox jumps over the lazy dog. "
    window = [ask(n, words * 60) for n in range(2)]
    long = [ask(n, words * 600) for n in range(2)]
    assert _largest(world, tmp_path, long) <= 1.05 * _largest(world, tmp_path, window)


def test_more_requests_make_no_larger_tensors(world, tmp_path):
    few = [ask_pair(n, f"{n} The quick brown fox", " jumps") for n in range(20)]
    many = [ask_pair(n, f"{n} The quick brown fox", " jumps") for n in range(200)]
    assert _largest(world, tmp_path, many) <= 1.2 * _largest(world, tmp_path, few)
