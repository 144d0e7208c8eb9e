"""What a model said, as columns: the same as looked up item by item."""

import numpy as np

from forgetscope.records import Lists, Request, RequestKind

KEY = {"model": "m", "engine": "e"}


def _ask(study, number, *, index):
    request = f"request-{number}-{index}"
    kind = RequestKind.LOGLIKELIHOOD
    study.add_requests(
        [Request(id=request, item_id=f"item-{number}", index=index, kind=kind, context="?")]
    )
    return request


def test_it_is_what_a_look_up_of_each_item_finds(study, make_item, make_answer, make_score):
    study.add_items([make_item(n) for n in (3, 1, 2)])
    answers = study.answers(**KEY)
    for n in (1, 2):
        for index in (1, 0):
            given = {"text": None, "logprob": -float(n + index), "n_tokens": n, "stop_reason": None}
            answers.append([make_answer(n, request_id=_ask(study, n, index=index), **given)])
    answers.put_scores([make_score(2, n_tokens=5)], prompt_hashes={"item-2": "p"})
    told = answers.told()
    ids = ("item-1", "item-2", "item-3")
    found = answers.by_item(ids)
    places = answers.places(ids)
    for item, place in zip(ids, places.tolist(), strict=True):
        each = found.get(item, ())
        alone = told.logprobs.at(np.array([place]))
        assert alone.values.tolist() == [answer.logprob for answer in each]
        if each:
            assert told.n_tokens_P[place] == sum(answer.n_tokens for answer in each)
        else:
            assert np.isnan(told.n_tokens_P[place])
    assert told.answer_P[places].tolist() == [None, "4", None]
    assert told.n_generated_P[places].tolist()[1] == 5.0
    assert told.stop_reason_P[places].tolist() == [None, None, None]


def test_the_stop_reason_is_that_of_the_first_request_that_has_one(study, make_item, make_answer):
    study.add_items([make_item(1)])
    answers = study.answers(**KEY)
    for index, reason in enumerate((None, "length", "stop")):
        request = _ask(study, 1, index=index)
        answers.append([make_answer(1, request_id=request, stop_reason=reason)])
    assert answers.told().stop_reason_P.tolist() == ["length"]


def test_items_that_come_later_have_a_place_too(study, make_item, make_score):
    study.add_items([make_item(2)])
    answers = study.answers(**KEY)
    assert len(answers.told().answer_P) == 1
    study.add_items([make_item(1)])
    answers.put_scores([make_score(1)], prompt_hashes={"item-1": "p"})
    told = answers.told()
    assert told.answer_P[answers.places(["item-1", "item-2"])].tolist() == ["2", None]


def test_lists_are_taken_in_any_order_and_empty_ones_stay_empty():
    lists = Lists(values=np.array([1.0, 2.0, 3.0]), ends=np.array([1, 1, 3]))
    taken = lists.at(np.array([2, 1, 0, 2]))
    assert taken.ends.tolist() == [2, 2, 3, 5]
    assert taken.values.tolist() == [2.0, 3.0, 1.0, 2.0, 3.0]
    assert len(lists.at(np.array([], dtype=int))) == 0
