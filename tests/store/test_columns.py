"""Columns: stored scores as arrays."""

import dataclasses
import math
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forgetscope.records import FormatClass, Item, Likelihood, OutputType, Score
from forgetscope.store import Study

KEY = {"model": "m", "engine": "e"}
_FORMS = list(FormatClass)


def _likelihood(**changes):
    fields = {
        "gold_bits": 1.5,
        "gold_bytes": 4,
        "gold_share": 0.6,
        "top_share": 0.6,
        "brier": 0.32,
        "choice": 2,
        "n_options": 4,
    }
    return Likelihood(**(fields | changes))


def _column(study, task, items, scores):
    study.add_items(items)
    hashes = {item.id: item.prompt_hash for item in items}
    study.answers(**KEY).put_scores(scores, prompt_hashes=hashes)
    return study.answers(**KEY).column(task)


@pytest.fixture
def sampled(task):
    return dataclasses.replace(task, is_sampled=True, partner="exact_match,lenient")


def test_what_is_known_of_an_answer_stands_in_its_row(study, task, make_item, make_score):
    of = dataclasses.replace(task, partner="exact_match,lenient")
    known = make_score(
        1,
        n_tokens=7,
        is_truncated=True,
        likelihood=_likelihood(),
        labels=(1.0, 0.0),
        others={"exact_match,lenient": 0.5, "exact_match,other": 0.25},
    )
    evidence = _column(study, of, [make_item(1), make_item(2)], [known, make_score(2)]).evidence
    found = {
        field.name: getattr(evidence, field.name)[0].tolist()
        for field in dataclasses.fields(evidence)
    }
    assert math.isnan(found.pop("rerun_nats_I"))  # it was asked once
    assert found == {
        "partner_I": 0.5,
        "tokens_I": 7.0,
        "truncated_I": True,
        "gold_bits_I": 1.5,
        "gold_bytes_I": 4.0,
        "gold_share_I": 0.6,
        "top_share_I": 0.6,
        "brier_I": 0.32,
        "choice_I": 2,
        "n_options_I": 4,
        "gold_label_I": 1.0,
        "predicted_label_I": 0.0,
        "sample_IK": [1.0],
    }


def test_what_is_not_known_is_nan_or_minus_one(study, task, make_item, make_score):
    evidence = _column(study, task, [make_item(1)], [make_score(1)]).evidence
    for name in ("partner", "tokens", "gold_bits", "gold_bytes", "gold_share", "brier"):
        assert math.isnan(getattr(evidence, f"{name}_I")[0]), name
    assert (evidence.choice_I[0], evidence.n_options_I[0]) == (-1, 0)
    assert not evidence.truncated_I[0]


def test_a_score_with_everything_known_is_read_back_equal(study, make_score):
    score = make_score(
        1,
        form=FormatClass.ELSEWHERE,
        n_tokens=3,
        likelihood=_likelihood(gold_bits=math.inf),
        labels=(0.0, 1.0),
        sample_index=2,
    )
    answers = study.answers(**KEY)
    answers.put_scores([score], prompt_hashes={"item-1": "p"})
    assert answers.scores(["item-1"], sample=2) == {"item-1": score}
    assert answers.scores(["item-1"]) == {}
    assert answers.scored(sample=2) == {"item-1"}
    assert answers.scored() == set()


def test_samples_of_answers_are_kept_apart(study, make_answer):
    answers = study.answers(**KEY)
    answers.append([make_answer(1), make_answer(1, sample_index=1, text="other")])
    assert answers.answered(sample=1) == {"request-1"}
    assert answers.answered(sample=2) == set()
    assert answers.by_request(["request-1"])["request-1"].text == "2"
    assert answers.by_request(["request-1"], sample=1)["request-1"].text == "other"


def test_the_value_of_a_sampled_item_is_the_mean_of_its_samples(
    study, sampled, make_item, make_score
):
    values = {(1, 0): 1.0, (1, 1): 0.0, (1, 2): 0.0, (1, 3): 1.0, (2, 0): 0.0, (2, 2): 1.0}
    scores = [
        make_score(
            n, value, sample_index=k, n_tokens=10 * (k + 1), others={"exact_match,lenient": k / 4}
        )
        for (n, k), value in values.items()
    ]
    column = _column(study, sampled, [make_item(1), make_item(2)], scores)
    assert column.value_I.tolist() == [0.5, 0.5]
    nan = math.nan
    np.testing.assert_array_equal(
        column.evidence.sample_IK, [[1.0, 0.0, 0.0, 1.0], [0.0, nan, 1.0, nan]]
    )
    assert column.evidence.tokens_I.tolist() == [25.0, 20.0]
    assert column.evidence.partner_I.tolist() == [0.375, 0.25]


def test_a_rerun_moves_the_gold_text_by_so_many_nats_where_it_is_known(
    study, task, make_item, make_score
):
    bits = {1: (1.5, 1.25), 2: (math.inf, math.inf), 3: (1.5,), 4: (2.0, 2.0)}
    scores = [
        make_score(n, sample_index=k, likelihood=_likelihood(gold_bits=bits_of))
        for n, both in bits.items()
        for k, bits_of in enumerate(both)
    ]
    column = _column(study, task, [make_item(n) for n in bits], scores)
    # a quarter of a bit on each of four bytes
    np.testing.assert_allclose(
        column.evidence.rerun_nats_I, [math.log(2.0), math.nan, math.nan, 0.0]
    )


def test_the_value_of_a_rerun_item_is_that_of_its_first_run(study, task, make_item, make_score):
    scores = [make_score(1, 1.0), make_score(1, 0.0, sample_index=1)]
    column = _column(study, task, [make_item(1)], scores)
    assert column.value_I.tolist() == [1.0]
    assert column.evidence.sample_IK.tolist() == [[1.0, 0.0]]


def test_the_form_of_a_sampled_item_is_that_of_its_first_wrong_sample(
    study, sampled, make_item, make_score
):
    scores = [
        make_score(1, 1.0),
        make_score(1, 0.0, sample_index=1, form=FormatClass.REFUSED),
        make_score(1, 0.0, sample_index=2, form=FormatClass.DIFFERENT),
        make_score(2, 1.0),
        make_score(2, 1.0, sample_index=1),
    ]
    column = _column(study, sampled, [make_item(1), make_item(2)], scores)
    assert column.form_I.tolist() == [_FORMS.index(FormatClass.REFUSED), -1]


def test_one_failed_metric_among_samples_counts_as_wrong_and_alone_as_unknown(
    study, sampled, make_item, make_score
):
    failed = {"value": math.nan, "error": "the metric failed"}
    scores = [
        make_score(1, 1.0),
        make_score(1, sample_index=1, **failed),
        make_score(2, **failed),
        make_score(2, sample_index=1, **failed),
    ]
    column = _column(study, sampled, [make_item(1), make_item(2)], scores)
    np.testing.assert_array_equal(column.value_I, [0.5, math.nan])
    assert column.form_I.tolist() == [_FORMS.index(FormatClass.ERROR)] * 2


def test_an_item_whose_first_sample_is_missing_waits(study, sampled, make_item, make_score):
    scores = [make_score(1, sample_index=1), make_score(2), make_score(3, sample_index=1)]
    column = _column(study, sampled, [make_item(n) for n in (1, 2, 3)], scores)
    assert column.item_ids == ("item-2",)
    np.testing.assert_array_equal(column.evidence.sample_IK, [[1.0]])


def test_numbers_that_json_cannot_hold_do_not_spoil_the_column(
    study, sampled, make_item, make_score
):
    others = {"exact_match,lenient": 1.0, "ppl,none": math.inf}
    column = _column(study, sampled, [make_item(1)], [make_score(1, others=others)])
    assert column.evidence.partner_I.tolist() == [1.0]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=st.dictionaries(
        st.tuples(st.integers(0, 6), st.integers(0, 4)),
        st.sampled_from([0.0, 0.25, 1.0]),
        max_size=20,
    )
)
def test_a_column_is_what_a_loop_over_the_scores_would_make_of_it(
    tmp_path_factory, sampled, make_item, make_score, values
):
    with Study(tmp_path_factory.mktemp("study"), create=True) as study:
        scores = [make_score(n, value, sample_index=k) for (n, k), value in values.items()]
        column = _column(study, sampled, [make_item(n) for n in range(7)], scores)
    expected = {}
    for n in range(7):
        own = [value for (item, _), value in values.items() if item == n]
        if (n, 0) in values:
            expected[f"item-{n}"] = sum(own) / len(own)
    assert dict(zip(column.item_ids, column.value_I.tolist(), strict=True)) == pytest.approx(
        expected
    )


def test_a_hundred_thousand_items_are_read_in_seconds(study, task):
    of = dataclasses.replace(task, partner="exact_match,lenient", is_sampled=True)
    n = 100_000
    items = (
        Item(
            id=f"{i:032x}",
            task=task.name,
            document_id=i,
            prompt="?",
            prompt_hash="p",
            gold="4",
            chance=0.0,
            cluster=str(i),
        )
        for i in range(n)
    )
    study.add_items(items)
    scores = (
        Score(
            item_id=f"{i:032x}",
            value=float(i % 2),
            answer="4",
            others={"exact_match,lenient": 1.0},
            n_tokens=3,
            likelihood=_likelihood(),
        )
        for i in range(n)
    )
    hashes = {f"{i:032x}": "p" for i in range(n)}
    study.answers(**KEY).put_scores(scores, prompt_hashes=hashes)
    since = time.process_time()
    column = study.answers(**KEY).column(of)
    assert time.process_time() - since < 4.0  # about 1 s on a quiet machine
    assert len(column.item_ids) == n
    assert column.value_I.mean() == 0.5
    assert of.output_type is OutputType.GENERATE
