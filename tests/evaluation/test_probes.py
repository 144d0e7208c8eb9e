"""Official tasks of every output type, asked again: what the model sees, and what is judged."""

import dataclasses

import pytest

from forgetscope.evaluation.elicitation import Drawn
from forgetscope.evaluation.harness import build, load_tasks
from forgetscope.evaluation.probes import TaskProbes, can_be_probed
from forgetscope.records import Answer, OutputType, ProbeKind, Score
from forgetscope.suites import Suite, TaskChoice
from tests.small_mirror import TASKS

PROBED = [name for name in TASKS if name != "wikitext"]


def _built(mirror, name, *, render_chat=None, **changes):
    suite = Suite(name="test", choices=(TaskChoice(name=name, **changes),))
    (loaded,) = load_tasks(suite, data_dir=mirror)
    return build(loaded, seed=1234, render_chat=render_chat)


def _render(messages, *, add_generation_prompt=True):
    turns = "".join(f"<{m['role']}>{m['content'].strip()}</{m['role']}>" for m in messages)
    return turns + ("<assistant>" if add_generation_prompt else "")


def _base(built, *, n_right=8, text="{gold} it is, so\n#### {gold}"):
    """A base that is right on the first items, in the words of `text` where it writes."""
    scores = {}
    for place, item in enumerate(built.items):
        gold = item.gold.split()[-1]
        answer = _gold_option(built, item) if item.choices else text.format(gold=gold)
        scores[item.id] = Score(
            item_id=item.id, value=float(place < n_right), answer=answer, extracted=gold
        )
    return scores


def _gold_option(built, item):
    lm_task, document = built.loaded.lm_task, built.instances[item.id][0].doc
    is_in_prompt = getattr(lm_task, "multiple_input", 0)
    gold = lm_task.doc_to_text(document) if is_in_prompt else lm_task.doc_to_target(document)
    return item.choices[gold] if isinstance(gold, int) else gold


def _asked(built, *, base=None, is_chat=False):
    """The probes of the last item as lost and of the last but one as control, by kind."""
    base = _base(built) if base is None else base
    maker = TaskProbes(built, base, seed=0, is_chat=is_chat)
    drawn = Drawn(lost=(built.items[-1],), control=(built.items[-2],), kept=(), n_lost=1)
    probes = maker.probes(drawn)
    return maker, {p.kind: p for p in probes if p.item is built.items[-1]}, probes


def _own(built, item):
    return [request for request in built.requests if request.item_id == item.id]


@pytest.mark.parametrize("name", PROBED)
def test_examples_stand_before_every_question_and_change_nothing_else(mirror, name):
    built = _built(mirror, name)
    _, probes, _ = _asked(built)
    probe = probes[ProbeKind.EXAMPLES]
    before = _own(built, probe.item)
    assert len(probe.requests) == len(before)
    added = set()
    for new, old in zip(probe.requests, before, strict=True):
        assert len(new.context) > len(old.context)
        assert (new.continuation, new.decoding, new.kind) == (
            old.continuation,
            old.decoding,
            old.kind,
        )
        common = next(
            cut
            for cut in range(len(old.context) + 1)
            if new.context.startswith(old.context[:cut]) and new.context.endswith(old.context[cut:])
        )
        start, stop = common, len(new.context) - len(old.context) + common
        added.add(new.context[start:stop])
    assert len({request.id for request in (*probe.requests, *before)}) == 2 * len(before)
    # options share one set of examples
    assert len({len(text) for text in added}) == 1


@pytest.mark.parametrize("name", ["arc_easy", "boolq", "hellaswag", "lambada_openai"])
def test_an_example_is_a_question_that_the_base_got_right_with_its_answer(mirror, name):
    built = _built(mirror, name)
    _, probes, _ = _asked(built)
    context = probes[ProbeKind.EXAMPLES].prompt
    shown = [
        item
        for item in built.items[:8]
        if (item.prompt + _gold_continuation(built, item)).strip() in context
    ]
    assert len(shown) == 3
    assert not any(item.prompt in context for item in built.items[8:-1])


def _gold_continuation(built, item):
    requests = _own(built, item)
    if not item.choices:
        return requests[0].continuation
    return requests[item.choices.index(_gold_option(built, item))].continuation


def test_an_option_that_stands_in_the_question_is_shown_in_the_question(mirror):
    built = _built(mirror, "winogrande")
    _, probes, _ = _asked(built)
    context = probes[ProbeKind.EXAMPLES].prompt
    shown = [
        item
        for item in built.items[:8]
        if _gold_option(built, item) + " " + _own(built, item)[0].continuation.strip() in context
    ]
    assert len(shown) == 3


def test_written_examples_are_the_base_s_own_words_not_the_task_s(mirror):
    built = _built(mirror, "gsm8k")
    _, probes, _ = _asked(built)
    probe = probes[ProbeKind.EXAMPLES]
    assert probe.prompt.count("it is, so\n####") == 3
    assert "it is, so" not in _own(built, probe.item)[0].context


def test_few_shot_examples_of_the_task_stay_where_they_are(mirror):
    built = _built(mirror, "gsm8k", shots=2)
    _, probes, _ = _asked(built)
    probe = probes[ProbeKind.EXAMPLES]
    (before,) = _own(built, probe.item)
    shots, question = before.context.split("Question:")[1:3], before.context.split("Question:")[-1]
    blocks = probe.prompt.split("Question:")
    assert len(blocks) - 1 == 2 + 3 + 1
    assert blocks[1:3] == shots
    assert blocks[-1] == question
    assert all(block.endswith("\n\n") for block in blocks[1:-1])


def test_without_a_right_answer_of_another_source_there_are_no_examples(mirror):
    built = _built(mirror, "arc_easy")
    lost = built.items[-1]
    base = {lost.id: Score(item_id=lost.id, value=1.0, answer=lost.choices[0])}
    assert _asked(built, base=base)[1] == {}


def test_items_of_the_same_passage_are_no_examples(mirror):
    built = _built(mirror, "boolq")
    lost = built.items[-1]
    assert sum(item.cluster == lost.cluster for item in built.items) == 2
    _, probes, _ = _asked(built, base=_base(built, n_right=len(built.items)))
    passage = lost.prompt.split("\n")[0]
    assert probes[ProbeKind.EXAMPLES].prompt.count(passage) == 1


def test_the_answer_is_begun_as_the_base_began_it(mirror):
    built = _built(mirror, "gsm8k")
    maker, probes, _ = _asked(built)
    probe = probes[ProbeKind.PREFIX]
    (before,) = _own(built, probe.item)
    assert maker.prefix == "#### "
    # a space belongs to the first token of what follows
    assert probe.prompt == before.context + " ####"


def test_where_the_base_has_no_habit_no_words_are_put_in(mirror):
    built = _built(mirror, "gsm8k")
    maker, probes, _ = _asked(built, base=_base(built, text="{gold}"))
    assert maker.prefix is None
    assert set(probes) == {ProbeKind.EXAMPLES}


@pytest.mark.parametrize("name", ["arc_easy", "winogrande", "lambada_openai"])
def test_an_answer_that_is_not_written_is_never_begun(mirror, name):
    assert set(_asked(_built(mirror, name))[1]) == {ProbeKind.EXAMPLES}


def test_in_a_chat_examples_stand_in_the_turn_of_the_question(mirror):
    built = _built(mirror, "gsm8k", shots=2, render_chat=_render)
    _, probes, _ = _asked(built, is_chat=True)
    (before,) = _own(built, built.items[-1])
    turns = probes[ProbeKind.EXAMPLES].prompt.split("<user>")
    assert turns[:3] == before.context.split("<user>")[:3]
    assert len(turns) == len(before.context.split("<user>"))
    assert turns[-1].count("Question:") == 4
    assert turns[-1].count("####") == 3
    assert turns[-1].endswith(before.context.split("<user>")[-1].split("Question:")[-1])


def test_in_a_chat_the_begun_answer_stands_in_the_open_turn(mirror):
    built = _built(mirror, "gsm8k", render_chat=_render)
    _, probes, _ = _asked(built, is_chat=True)
    assert probes[ProbeKind.PREFIX].prompt.endswith("</user><assistant>####")


def _written(probe, text):
    (request,) = probe.requests
    return {request.id: Answer(request_id=request.id, text=text, n_tokens=3)}


@pytest.mark.parametrize(("text", "value"), [(" {gold}", 1.0), ("{gold}", 1.0), (" -1", 0.0)])
def test_a_begun_answer_is_judged_with_its_beginning_by_the_task_itself(mirror, text, value):
    built = _built(mirror, "gsm8k")
    maker, probes, _ = _asked(built)
    probe = probes[ProbeKind.PREFIX]
    gold = probe.item.gold.split()[-1]
    (kept,) = maker.judged([probe], _written(probe, text.format(gold=gold)))
    assert kept.result.value == value
    assert kept.text.startswith("#### ")
    assert (kept.result.item_id, kept.result.kind) == probe.key
    assert kept.prompt == probe.prompt


def test_an_answer_behind_examples_needs_its_own_form(mirror):
    built = _built(mirror, "gsm8k", filter="strict-match")
    maker, probes, _ = _asked(built)
    probe = probes[ProbeKind.EXAMPLES]
    gold = probe.item.gold.split()[-1]
    (bare,) = maker.judged([probe], _written(probe, f" {gold}"))
    (formed,) = maker.judged([probe], _written(probe, f" so\n#### {gold}"))
    assert (bare.result.value, formed.result.value) == (0.0, 1.0)


def test_options_are_judged_by_the_task_s_own_metric(mirror):
    built = _built(mirror, "arc_easy")
    maker, probes, _ = _asked(built)
    probe = probes[ProbeKind.EXAMPLES]
    gold = probe.item.choices.index(_gold_option(built, probe.item))
    for chosen in range(4):
        answers = {
            request.id: Answer(
                request_id=request.id,
                logprob=-1.0 if request.index == chosen else -90.0,
                is_greedy=False,
                n_tokens=1,
            )
            for request in probe.requests
        }
        (kept,) = maker.judged([probe], answers)
        assert kept.result.value == float(chosen == gold)
        assert kept.text == probe.item.choices[chosen]


def test_a_failed_answer_is_left_open_and_costs_no_other(mirror):
    built = _built(mirror, "gsm8k")
    maker, _, probes = _asked(built)
    failing, sound = (probe for probe in probes if probe.kind is ProbeKind.PREFIX)
    request = failing.requests[0]
    answers = _written(sound, " 5") | {
        request.id: Answer(request_id=request.id, error="out of memory", n_tokens=0)
    }
    assert [kept.result.item_id for kept in maker.judged([failing, sound], answers)] == [
        sound.item.id
    ]


def test_empty_failed_or_wrong_answers_are_no_examples(mirror):
    built = _built(mirror, "gsm8k")
    base = _base(built, n_right=2)
    first, second = (item.id for item in built.items[:2])
    base[first] = dataclasses.replace(base[first], error="out of memory")
    base[second] = dataclasses.replace(base[second], answer=" \n")
    assert _asked(built, base=base)[1] == {}


@pytest.mark.parametrize(("n_cut", "n_shown"), [(4, 0), (8, 3)])
def test_answers_that_were_cut_off_are_examples_only_where_there_is_nothing_else(
    mirror, n_cut, n_shown
):
    built = _built(mirror, "gsm8k")
    base = _base(built)
    for item in built.items[:n_cut]:
        cut = dataclasses.replace(base[item.id], is_truncated=True, answer="cut off #### 5")
        base[item.id] = cut
    _, probes, _ = _asked(built, base=base)
    assert probes[ProbeKind.EXAMPLES].prompt.count("cut off") == n_shown


def test_texts_without_questions_cannot_be_asked_again(mirror):
    assert not can_be_probed(_built(mirror, "wikitext"))
    for name in PROBED:
        assert can_be_probed(_built(mirror, name))


def test_the_mirror_holds_every_output_type_so_that_none_is_forgotten_here(mirror):
    kinds = {_built(mirror, name).loaded.task.output_type for name in TASKS}
    assert kinds == set(OutputType)


def test_options_without_their_prompt_stay_without_one(mirror):
    # `acc_mutual_info` measures by them how much the prompt helps
    built = _built(mirror, "arc_easy")
    bare = [
        dataclasses.replace(request, id=f"bare {request.id}", index=request.index + 4, context="")
        for request in _own(built, built.items[-1])
    ]
    _, probes, _ = _asked(dataclasses.replace(built, requests=(*built.requests, *bare)))
    contexts = [request.context for request in probes[ProbeKind.EXAMPLES].requests]
    assert contexts[4:] == [""] * 4
    assert all(contexts[:4])
