import dataclasses
import math

import pytest

from forgetscope.errors import UnknownNameError
from forgetscope.records import ProbeKind, ProbeResult
from forgetscope.store import ProbeAnswer, Study

KEY = {"model": "a" * 64, "engine": "e"}


def _answer(item, *, kind=ProbeKind.EXAMPLES, prompt="Q", value=1.0):
    result = ProbeResult(item_id=item, kind=kind, value=value)
    return ProbeAnswer(result=result, prompt=prompt, text="A")


def test_a_probe_is_found_again_in_a_study_that_was_closed(tmp_path):
    with Study(tmp_path / "s", create=True) as study:
        study.probes_of(**KEY).put([_answer("i")])
    with Study(tmp_path / "s") as study:
        assert study.probes_of(**KEY).results() == (
            ProbeResult(item_id="i", kind=ProbeKind.EXAMPLES, value=1.0),
        )


def test_a_probe_in_other_words_is_open(study):
    probes = study.probes_of(**KEY)
    probes.put([_answer("i", prompt="so")])
    key = ("i", ProbeKind.EXAMPLES)
    assert probes.answered({key: "so"}) == {key}
    assert probes.answered({key: "otherwise"}) == frozenset()
    assert probes.answered({("i", ProbeKind.PREFIX): "so"}) == frozenset()


def test_the_two_kinds_of_an_item_stand_side_by_side_and_a_new_answer_replaces_its_own(study):
    probes = study.probes_of(**KEY)
    probes.put([_answer("i", value=0.0), _answer("i", kind=ProbeKind.PREFIX, value=0.0)])
    probes.put([_answer("i", prompt="in other words", value=1.0)])
    assert {r.kind: r.value for r in probes.results()} == {
        ProbeKind.EXAMPLES: 1.0,
        ProbeKind.PREFIX: 0.0,
    }


def test_what_could_not_be_judged_is_neither_right_nor_wrong(study):
    probes = study.probes_of(**KEY)
    probes.put([_answer("i", value=math.nan)])
    assert math.isnan(probes.results()[0].value)


def test_a_prompt_with_a_lone_surrogate_is_recognised_again(study):
    probes = study.probes_of(**KEY)
    probes.put([_answer("i", prompt="broken \ud800")])
    assert probes.answered({("i", ProbeKind.EXAMPLES): "broken \ud800"})


def test_probes_of_other_weights_or_another_engine_are_not_taken_for_these(study):
    study.probes_of(**KEY).put([_answer("i")])
    assert study.probes_of(model="b" * 64, engine="e").results() == ()
    assert study.probes_of(model="a" * 64, engine="f").results() == ()


def test_a_batch_of_probes_is_stored_whole_or_not_at_all(study):
    def batch():
        yield _answer("i")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        study.probes_of(**KEY).put(batch())
    assert study.probes_of(**KEY).results() == ()


def test_a_profile_carries_the_probes_of_its_own_checkpoint_only(study, checkpoint):
    tuned = dataclasses.replace(checkpoint, label="tuned", fingerprint="b" * 64)
    for each in (checkpoint, tuned):
        study.put_checkpoint(each, engine="e", description={})
    study.probes_of(model=tuned.fingerprint, engine="e").put([_answer("i")])
    assert [result.item_id for result in study.profile("tuned").probes] == ["i"]
    assert study.profile("tuned").probes == study.probes("tuned")
    assert study.profile("base").probes == ()


def test_probes_of_an_unknown_label_are_refused(study):
    with pytest.raises(UnknownNameError):
        study.probes("nobody")
