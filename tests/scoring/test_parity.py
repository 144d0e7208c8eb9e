"""The engine gives the numbers and texts of lm-eval's own `HFLM`."""

from __future__ import annotations

import logging

import pytest
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

from forgetscope.records import Decoding
from tests.scoring.conftest import ask_answer, ask_pair, ask_text, checkpoint_of, engine_of

FOLDERS = ["llama", "bos_llama", "gpt2"]
WORDS = "The quick brown fox jumps over the lazy dog. She opened the door and said nothing. "

PAIRS = [
    ("Paris is the capital of", " France"),
    ("Paris is the capital of", " Italy, and Rome is not"),
    ("Question: which of these animals can fly?\nAnswer:", " the sparrow"),
    ("Question: which of these animals can fly?\nAnswer:", " the fox"),
    # one token each after one context: they share a forward pass
    ("One and two are", "a"),
    ("One and two are", "b"),
    ("One and two are", "c"),
    # the second option begins like the first
    ("She opened", " the door"),
    ("She opened", " the door, looked"),
    # spaces at the end of a context
    ("The quick brown ", "fox"),
    ("The quick brown  \n", "fox jumps"),
    # a merge across the border
    ("The qui", "ck brown"),
    # no context
    ("", "Rome is the capital"),
    ("", "<s>Rome and Paris are"),
    # a context that already begins with BOS
    ("<s>She opened", " the garden"),
    ("Ünïcödé 漢字", " 🙂 ok"),
    # longer than the window of either model
    (WORDS * 8, "and nothing else"),
    (WORDS * 8 + " ", "x"),
]


@pytest.fixture(scope="module", params=FOLDERS)
def folder(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def stock(folder):
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    return HFLM(
        pretrained=str(folder), device="cpu", dtype="float32", softmax_dtype="float32", batch_size=4
    )


def instances(kind, arguments):
    return [
        Instance(request_type=kind, doc={}, arguments=args, idx=i)
        for i, args in enumerate(arguments)
    ]


def by_number(answers):
    return {int(answer.request_id[1:]): answer for answer in answers}


def test_log_likelihoods_and_greedy_flags_equal_lm_eval(folder, stock):
    expected = stock.loglikelihood(instances("loglikelihood", PAIRS), disable_tqdm=True)
    asked = [ask_pair(i, *pair) for i, pair in enumerate(PAIRS)]
    answers = by_number(engine_of(folder).answer(asked))
    assert len(answers) == len(PAIRS)
    for i, (logprob, is_greedy) in enumerate(expected):
        assert answers[i].logprob == pytest.approx(logprob, abs=1e-4), PAIRS[i]
        assert answers[i].is_greedy == is_greedy, PAIRS[i]


def test_a_text_split_at_two_places_keeps_both_scores(folder, stock):
    # asked together, HFLM 0.4.13 reads the shorter continuation at the longer one's positions
    pairs = [("Paris is", " the capital of France"), ("Paris is the capital", " of France")]
    alone = [
        stock.loglikelihood(instances("loglikelihood", [pair]), disable_tqdm=True)[0][0]
        for pair in pairs
    ]
    answers = by_number(
        engine_of(folder).answer([ask_pair(i, *pair) for i, pair in enumerate(pairs)])
    )
    assert [answers[i].logprob for i in range(2)] == pytest.approx(alone, abs=1e-4)


def test_a_greedy_continuation_is_called_greedy_by_both(folder, stock):
    tokenizer = stock.tokenizer
    ids = tokenizer("She opened the", return_tensors="pt").input_ids
    following = int(stock.model(ids).logits[0, -1].argmax())
    # asked in tokens, since random text may not survive being encoded again
    ((_, expected),) = stock._loglikelihood_tokens(
        [(("", ""), ids[0].tolist(), [following])], disable_tqdm=True
    )
    from forgetscope.scoring.spans import Span

    engine = engine_of(folder)
    ((score,),) = engine._scorer.score([Span(inputs=tuple(ids[0].tolist()), targets=(following,))])
    assert expected is True
    assert score.is_greedy is True


def test_a_continuation_that_fills_the_window_equals_lm_eval(folder, stock):
    tokenizer = stock.tokenizer
    length = stock.max_length
    continuation = tokenizer.decode(
        tokenizer(WORDS * 8, add_special_tokens=False).input_ids[:length]
    )
    pair = ("One", continuation)
    answer = next(engine_of(folder).answer([ask_pair(0, *pair)]))
    ((expected, _),) = stock.loglikelihood(instances("loglikelihood", [pair]), disable_tqdm=True)
    assert answer.n_tokens == length
    assert answer.logprob == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("repeats", [1, 3, 12])
def test_rolling_log_likelihood_equals_lm_eval(folder, stock, repeats):
    texts = [WORDS * repeats, "x" * 64 * repeats, WORDS[: 5 * repeats]]
    expected = stock.loglikelihood_rolling(
        instances("loglikelihood_rolling", [(text,) for text in texts]), disable_tqdm=True
    )
    answers = by_number(engine_of(folder).answer([ask_text(i, t) for i, t in enumerate(texts)]))
    for i, logprob in enumerate(expected):
        assert answers[i].logprob == pytest.approx(logprob, abs=1e-3), texts[i]
        n_tokens = len(stock.tok_encode(texts[i]))
        assert abs(answers[i].logprob - logprob) <= 1e-4 * max(1.0, n_tokens / 10)
        assert answers[i].n_tokens == n_tokens


def test_generated_texts_equal_lm_eval(folder, stock):
    contexts = [
        "The quick brown fox",
        "Question: which of these animals can fly?\nAnswer:",
        "Paris",
        "<s>She opened the door",
        WORDS * 4,
    ]
    # letters of a byte-level vocabulary turn up in random text soon enough
    for until in ([], ["e"], [" a", "in", "\n"], ["nd ", "t"]):
        arguments = [(c, {"until": list(until), "max_gen_toks": 24}) for c in contexts]
        # one by one: HFLM decides about BOS for a whole batch by its first row
        expected = [
            stock.generate_until(instances("generate_until", [args]), disable_tqdm=True)[0]
            for args in arguments
        ]
        decoding = Decoding(stops=tuple(until), max_new_tokens=24)
        asked = [ask_answer(i, c, decoding=decoding) for i, c in enumerate(contexts)]
        answers = by_number(engine_of(folder).answer(asked))
        assert [answers[i].text for i in range(len(contexts))] == expected


def test_the_window_and_the_tokens_are_lm_evals(folder, stock):
    from forgetscope.scoring import EngineConfig, describe_engine, open_tokenizer

    checkpoint = checkpoint_of(folder)
    tokenizer = open_tokenizer(checkpoint)
    described = describe_engine(tokenizer, EngineConfig(), checkpoint=checkpoint)
    assert described["max_length"] == stock.max_length
    for context, continuation in PAIRS:
        if context.strip():
            pair = tokenizer.encode_pair(context, continuation)
            expected = stock._encode_pair(context, continuation)
            assert (list(pair.context), list(pair.continuation)) == expected
