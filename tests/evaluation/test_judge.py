"""What is read off answers beside the score: form, likelihood, labels."""

import math
import random

import datasets
import numpy as np
import pytest
from lm_eval.api.task import ConfigurableTask

from forgetscope.errors import UsageError
from forgetscope.evaluation.harness import LoadedTask, build, judge, load_tasks
from forgetscope.evaluation.harness.described import record_of
from forgetscope.records import (
    Aggregate,
    Answer,
    Document,
    FormatClass,
    OutputType,
    OwnTask,
    Reading,
    Role,
    StopReason,
)
from forgetscope.suites import Suite, TaskChoice


def _built(mirror, name, **changes):
    suite = Suite(name="test", choices=(TaskChoice(name=name, **changes),))
    (loaded,) = load_tasks(suite, data_dir=mirror)
    return build(loaded, seed=1234)


def _loaded(documents, metric=None, **config):
    """A task of lm-eval that no file defines."""
    lm_task = ConfigurableTask(
        config={
            "task": "made",
            "custom_dataset": lambda **_: {"test": datasets.Dataset.from_list(documents)},
            "test_split": "test",
            "doc_to_text": "question",
            "num_fewshot": 0,
            "metadata": {"version": 1},
            **config,
        }
    )
    choice = TaskChoice(name="made", metric=metric)
    task = record_of("made", lm_task, choice, None, target=None, role=Role.GENERAL)
    return LoadedTask(
        task=task, choice=choice, entry=None, cap=None, open_lm_task=lambda: lm_task, is_local=True
    )


def _two_options(n=40, *, metric, target="label", options=("no", "yes")):
    documents = [{"question": f"Is {i} odd?", "label": i % 2} for i in range(n)]
    return _loaded(
        documents,
        output_type="multiple_choice",
        doc_to_target=target,
        doc_to_choice=list(options),
        metric_list=[{"metric": metric}],
    )


def _logprobs(built, logprobs):
    return {
        request.id: Answer(request_id=request.id, logprob=value, is_greedy=False, n_tokens=1)
        for request, value in zip(built.requests, logprobs, strict=True)
    }


def _drawn(built, seed=0):
    rng = random.Random(seed)
    return _logprobs(built, [rng.uniform(-30, -1) for _ in built.requests])


def _by_item(built, answers):
    asked = {item.id: [] for item in built.items}
    for request in built.requests:
        asked[request.item_id].append(answers[request.id].logprob)
    return [asked[item.id] for item in built.items]


@pytest.mark.parametrize(
    "name", ["arc_easy", "hellaswag", "boolq", "winogrande", "blimp_causative"]
)
def test_the_gold_option_is_the_one_that_lm_eval_counts_as_right(mirror, name):
    built = _built(mirror, name)
    scores = judge(built, _drawn(built))
    assert {score.value for score in scores} == {0.0, 1.0}
    for item, score in zip(built.items, scores, strict=True):
        known = score.likelihood
        assert (known.gold_share == known.top_share) == (score.value == 1.0)
        assert score.answer == item.choices[known.choice]
        assert known.n_options == len(item.choices)


@pytest.mark.parametrize("metric", ["acc", "acc_norm"])
def test_shares_are_a_softmax_normalised_as_the_metric_does(mirror, metric):
    built = _built(mirror, "hellaswag", metric=metric)
    answers = _drawn(built)
    scores = judge(built, answers)
    for item, score, logprobs in zip(built.items, scores, _by_item(built, answers), strict=True):
        lengths = [len(c) if metric == "acc_norm" else 1 for c in item.choices]
        weights = [math.exp(x / n) for x, n in zip(logprobs, lengths, strict=True)]
        shares = [weight / sum(weights) for weight in weights]
        gold = item.choices.index(item.gold)
        assert score.likelihood.gold_share == pytest.approx(shares[gold], rel=1e-12)
        assert score.likelihood.top_share == pytest.approx(max(shares), rel=1e-12)
        squares = [(share - (place == gold)) ** 2 for place, share in enumerate(shares)]
        assert score.likelihood.brier == pytest.approx(sum(squares), rel=1e-12)


def test_bits_are_those_of_the_bytes_that_were_asked():
    task = OwnTask(
        name="accents",
        domain="language",
        output_type=OutputType.MULTIPLE_CHOICE,
        documents=(Document(prompt="é?", gold=" né", choices=(" né", " no")),),
    )
    (loaded,) = load_tasks(Suite(name="own", choices=(TaskChoice(name="accents"),)), own=[task])
    built = build(loaded, seed=1)
    (score,) = judge(built, _logprobs(built, [-8 * math.log(2), -1.0]))
    assert score.likelihood.gold_bytes == 4  # a blank, n, and two for the accent
    assert score.likelihood.gold_bits == pytest.approx(2.0)


def test_impossible_options_leave_the_others_their_shares():
    built = build(_two_options(2, metric="acc"), seed=1)
    first, second = judge(built, _logprobs(built, [-math.inf, -3.0, -math.inf, -3.0]))
    assert (first.likelihood.gold_share, first.likelihood.top_share) == (0.0, 1.0)
    assert (first.likelihood.brier, first.likelihood.gold_bits) == (2.0, math.inf)
    assert (second.likelihood.gold_share, second.likelihood.brier) == (1.0, 0.0)


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")  # in lm-eval's own
def test_where_no_option_is_possible_the_shares_are_unknown():
    built = build(_two_options(1, metric="acc"), seed=1)
    (score,) = judge(built, _logprobs(built, [-math.inf, -math.inf]))
    assert math.isnan(score.likelihood.gold_share)
    assert math.isnan(score.likelihood.brier)


def test_a_sure_option_has_no_bits_even_where_rounding_lifts_it_above_one():
    built = build(_two_options(1, metric="acc"), seed=1)
    (score,) = judge(built, _logprobs(built, [1e-9, -50.0]))
    assert score.likelihood.gold_bits == 0.0


def test_mutual_information_compares_each_option_with_itself_unasked():
    built = build(_two_options(30, metric="acc_mutual_info"), seed=1)
    assert len(built.requests) == 4 * len(built.items)
    answers = _drawn(built)
    scores = judge(built, answers)
    for score, logprobs in zip(scores, _by_item(built, answers), strict=True):
        gains = [logprobs[place] - logprobs[2 + place] for place in (0, 1)]
        assert score.likelihood.choice == gains.index(max(gains))
        assert score.likelihood.n_options == 2
        assert (score.likelihood.gold_share > 0.5) == (score.value == 1.0)


def test_several_right_options_count_together():
    loaded = _loaded(
        [{"question": "Which are even?", "labels": [0, 2]}],
        output_type="multiple_choice",
        doc_to_target="labels",
        doc_to_choice=["two", "three", "four"],
        metric_list=[{"metric": "acc"}],
    )
    built = build(loaded, seed=1)
    (score,) = judge(built, _logprobs(built, [math.log(0.1), math.log(0.6), math.log(0.3)]))
    assert score.value == 0.0
    assert score.likelihood.gold_share == pytest.approx(0.4)
    assert score.likelihood.brier == pytest.approx(0.6**2 + 0.6**2)
    assert score.likelihood.gold_bits == pytest.approx(-math.log2(0.3) / len(" four"))


def test_a_task_that_scores_by_code_of_its_own_has_no_gold_option():
    loaded = _loaded(
        [{"question": "?", "label": 0}],
        output_type="multiple_choice",
        doc_to_target="label",
        doc_to_choice=["a", "b"],
        process_results=lambda _document, _results: {"acc": 0.25},
        metric_list=[{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
    )
    built = build(loaded, seed=1)
    (score,) = judge(built, _logprobs(built, [-1.0, -2.0]))
    assert (score.value, score.likelihood) == (0.25, None)


def test_the_likelihood_of_a_continuation_has_no_options(mirror):
    built = _built(mirror, "lambada_openai")
    for request, score in zip(built.requests, judge(built, _drawn(built)), strict=True):
        assert score.likelihood.gold_bytes == len(request.continuation.encode())
        assert (score.likelihood.choice, score.likelihood.n_options) == (None, 0)
        assert math.isnan(score.likelihood.gold_share)


def test_texts_weighted_by_their_bytes_give_lm_eval_s_bits_per_byte(mirror):
    built = _built(mirror, "wikitext")
    logprobs = [-1000.0 - 7 * place for place in range(len(built.requests))]
    answers = {
        request.id: Answer(request_id=request.id, logprob=value, n_tokens=1)
        for request, value in zip(built.requests, logprobs, strict=True)
    }
    scores = judge(built, answers)
    weights = [score.likelihood.gold_bytes for score in scores]
    pages = [built.instances[item.id][0].doc["page"] for item in built.items]
    assert weights == [len(page.encode()) for page in pages]
    assert [score.value for score in scores] == [score.likelihood.gold_bits for score in scores]
    stock = built.loaded.lm_task.aggregation()["bits_per_byte"](
        list(zip(logprobs, weights, strict=True))
    )
    ours = np.average([score.value for score in scores], weights=weights)
    assert ours == pytest.approx(stock, rel=1e-12)


def test_perplexity_falls_as_the_text_gets_likelier(mirror):
    built = _built(mirror, "lambada_openai", metric="perplexity")
    assert not built.loaded.task.higher_is_better
    scores = judge(built, _logprobs(built, [-float(place) for place in range(12)]))
    assert [score.value for score in scores] == [float(place) for place in range(12)]


@pytest.mark.parametrize(
    ("metric", "aggregate"), [("mcc", Aggregate.MATTHEWS), ("f1", Aggregate.F1)]
)
def test_a_metric_of_labels_keeps_both_and_gives_lm_eval_s_number(metric, aggregate):
    loaded = _two_options(metric=metric)
    assert loaded.task.aggregate is aggregate
    built = build(loaded, seed=1)
    scores = judge(built, _drawn(built))
    assert [score.labels[0] for score in scores] == [float(i % 2) for i in range(40)]
    assert all(score.value == float(score.labels[0] == score.labels[1]) for score in scores)
    stock = loaded.lm_task.aggregation()[metric]([score.labels for score in scores])
    hits = np.array([[sum(s.labels == (g, p) for s in scores) for p in (0, 1)] for g in (0, 1)])
    (tn, fp), (fn, tp) = hits
    by_hand = {
        "mcc": (tp * tn - fp * fn) / math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)),
        "f1": 2 * tp / (2 * tp + fp + fn),
    }
    assert stock == pytest.approx(by_hand[metric])


@pytest.mark.parametrize("metric", ["bleu", "chrf", "ter"])
def test_a_metric_without_a_value_per_item_is_refused_with_the_others(metric):
    with pytest.raises(UsageError, match=f"`{metric}` of task `made` has no value per item") as no:
        _loaded(
            [{"question": "Say it", "answer": "it"}],
            metric=metric,
            output_type="generate_until",
            doc_to_target="answer",
            metric_list=[{"metric": metric}, {"metric": "exact_match"}],
        )
    assert 'metric = "..."' in no.value.hint
    assert "exact_match" in no.value.hint


@pytest.mark.parametrize("metric", ["word_perplexity", "byte_perplexity"])
def test_perplexities_of_texts_are_refused_and_bits_per_byte_named(mirror, metric):
    with pytest.raises(UsageError, match="no value per item") as no:
        _built(mirror, "wikitext", metric=metric)
    assert "bits_per_byte" in no.value.hint


@pytest.mark.parametrize(
    ("value", "is_refused"), [(0.5, False), (True, False), (("a", "b"), True), ([1.0, 0.0], True)]
)
def test_code_of_a_task_s_own_is_tried_on_one_document(value, is_refused):
    def load():
        return _loaded(
            [{"question": "Say it", "answer": "it"}],
            output_type="generate_until",
            doc_to_target="answer",
            process_results=lambda _document, _results: {"own": value},
            metric_list=[{"metric": "own", "aggregation": len, "higher_is_better": True}],
        )

    if is_refused:
        with pytest.raises(UsageError, match="no value per item"):
            load()
    else:
        assert load().task.aggregate is Aggregate.MEAN


@pytest.fixture
def sums():
    task = OwnTask(
        name="sums",
        domain="math",
        output_type=OutputType.GENERATE,
        documents=tuple(Document(prompt=f"{i}+{i}=", gold=str(2 * i)) for i in range(10, 18)),
        readings=(Reading(name="strict", pattern=r"^(\d+)$"),),
        stops=("\n",),
    )
    (loaded,) = load_tasks(Suite(name="own", choices=(TaskChoice(name="sums"),)), own=[task])
    return build(loaded, seed=1)


def test_every_wrong_written_answer_has_a_form_and_a_right_one_has_none(sums):
    texts = ("20", "23", "it is 24", "I cannot answer that.", "", "well", "77", "")
    reasons = [StopReason.STOP] * 5 + [StopReason.LENGTH, StopReason.STOP, None]
    answers = {
        request.id: Answer(
            request_id=request.id,
            text=None if reason is None else text,
            error="out of memory" if reason is None else None,
            n_tokens=len(text),
            stop_reason=reason,
            sample_index=2,
        )
        for request, text, reason in zip(sums.requests, texts, reasons, strict=True)
    }
    scores = judge(sums, answers)
    assert [score.form for score in scores] == [
        None,
        FormatClass.DIFFERENT,
        FormatClass.INVALID,
        FormatClass.REFUSED,
        FormatClass.ERROR,
        FormatClass.TRUNCATED,
        FormatClass.DIFFERENT,
        FormatClass.ERROR,
    ]
    assert [score.n_tokens for score in scores] == [len(text) for text in texts]
    assert {score.sample_index for score in scores} == {2}
    assert {score.likelihood for score in scores} == {None}


def test_options_chosen_by_likelihood_have_neither_form_nor_tokens(mirror):
    built = _built(mirror, "arc_easy")
    scores = judge(built, _drawn(built))
    assert {(score.form, score.n_tokens) for score in scores} == {(None, None)}
