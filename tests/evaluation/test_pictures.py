"""Tasks about pictures: an official one on made-up pictures, and a tiny model that sees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from forgetscope.errors import CheckpointError, DataError, UsageError
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.evaluation.chat import ChatOptions, open_chat
from forgetscope.evaluation.harness import open_any_engine
from forgetscope.evaluation.harness.backend_process import answers_of, arguments_of, load
from forgetscope.evaluation.probes import can_be_probed
from forgetscope.records import Decoding, Request, RequestKind
from forgetscope.scoring import EngineConfig, describe_engine, open_tokenizer, resolve_series
from forgetscope.scoring.reading import chunks_of
from forgetscope.store import Study
from forgetscope.suites import Suite, TaskChoice
from tests.tiny_llava import save_tiny_llava, write_chart_mirror

SEEING = EngineConfig(name="lm_eval:hf-multimodal", dtype="float32", device="cpu")
SUITE = Suite(name="test", choices=(TaskChoice(name="chartqa", max_new_tokens=6),))


def _picture(colour, *, size=28):
    return Image.new("RGB", (size, size), colour)


@pytest.fixture(scope="module")
def llava(tmp_path_factory):
    return save_tiny_llava(tmp_path_factory.mktemp("llava") / "base")


@pytest.fixture(scope="module")
def charts(tmp_path_factory):
    colours = ("red", "green", "blue", "red")
    return write_chart_mirror(tmp_path_factory.mktemp("charts"), [_picture(c) for c in colours])


def _opened(mirror, engine=SEEING, suite=SUITE):
    options = EvaluationOptions(data_dir=mirror, engine=engine)
    return open_suite(suite, options=options), options


@pytest.fixture(scope="module")
def built(charts):
    opened, _ = _opened(charts)
    return opened.builder.built()[0]


@pytest.fixture(scope="module")
def model(llava):
    (checkpoint,) = resolve_series([str(llava)])
    return load("hf-multimodal", checkpoint, SEEING)


def test_a_request_carries_its_picture_and_its_id_digests_the_pixels(built, charts, tmp_path):
    ids = {request.images[0].getpixel((0, 0)): request.id for request in built.requests}
    assert len(built.requests) == 4
    assert len(set(ids.values())) == 3
    assert len({request.context for request in built.requests}) == 1
    again, _ = _opened(charts)
    assert [r.id for r in again.builder.built()[0].requests] == [r.id for r in built.requests]
    other = [_picture("red"), _picture("green"), _picture("blue"), _picture((255, 0, 1))]
    changed, _ = _opened(write_chart_mirror(tmp_path, other))
    same = [
        one.id == other.id
        for one, other in zip(changed.builder.built()[0].requests, built.requests, strict=True)
    ]
    assert same == [True, True, True, False], "one pixel value is another question"


def test_what_a_picture_shows_decides_the_answer(built, model):
    # of a long prompt a random model hardly notices a picture
    asked = [replace(request, context="<image>which?") for request in built.requests[:3]]
    answers = [answers_of(model, [request], name="llava")[0] for request in asked]
    assert len(set(answers)) > 1
    assert answers_of(model, asked, name="llava") == answers


def test_a_chat_template_puts_the_picture_where_the_prompt_has_it(charts, llava, model):
    opened, _ = _opened(charts)
    (checkpoint,) = resolve_series([str(llava)])
    tokenizer = open_tokenizer(checkpoint)
    (asked,) = opened.builder.built(open_chat(tokenizer, ChatOptions(is_chat=True)))
    context = asked.requests[0].context
    assert context.startswith("[user] <image>which colour?")
    assert context.count("<image>") == 1
    assert isinstance(answers_of(model, asked.requests[:1], name="llava")[0], str)


def test_text_alone_is_asked_of_a_model_that_sees_too(model, built):
    def text(kind, **fields):
        return Request(id="t", item_id="t", index=0, kind=kind, context="One and two", **fields)

    pair = text(RequestKind.LOGLIKELIHOOD, continuation=" three")
    written = text(RequestKind.GENERATE, decoding=Decoding(max_new_tokens=3))
    assert answers_of(model, [pair], name="llava")[0][0] < 0
    assert isinstance(answers_of(model, [written], name="llava")[0], str)
    # and never in one chunk with pictures, whose messages have another form
    chunks = chunks_of([*built.requests, written, pair])
    assert [{bool(r.images) for r in chunk} for chunk in chunks] == [{False}, {False}, {True}]


def test_settings_reach_the_class_that_takes_them(llava):
    from lm_eval.api.registry import get_model

    (checkpoint,) = resolve_series([str(llava)])
    found = arguments_of(get_model("hf-multimodal"), checkpoint, SEEING, backend="hf-multimodal")
    assert found == {
        "pretrained": str(llava),
        "dtype": "float32",
        "softmax_dtype": "float32",
        "trust_remote_code": False,
        "device": "cpu",
    }
    tokenizer = open_tokenizer(checkpoint)
    assert describe_engine(tokenizer, SEEING, checkpoint=checkpoint)["max_length"] == 1024


@pytest.mark.parametrize("engine", ["hf", "lm_eval:hf"])
def test_an_engine_that_reads_text_alone_refuses_the_task_by_name(charts, engine):
    with pytest.raises(
        UsageError, match=f"`chartqa` shows .* images, and the engine `{engine}`"
    ) as e:
        _opened(charts, EngineConfig(name=engine))
    assert "hf-multimodal" in (e.value.hint or "")


def test_an_engine_that_is_handed_pictures_it_cannot_read_refuses_them(models, built):
    (checkpoint,) = resolve_series([str(models[0])])
    engine = open_any_engine(
        checkpoint, open_tokenizer(checkpoint), EngineConfig(dtype="float32", device="cpu")
    )
    with pytest.raises(UsageError, match="asked about pictures"):
        list(engine.answer(built.requests))


def test_a_model_that_does_not_see_is_told_from_one_that_does(models, llava):
    blind, seeing = resolve_series([str(models[0]), f"seeing={llava}"])
    with pytest.raises(CheckpointError, match="reads no pictures"):
        describe_engine(open_tokenizer(blind), SEEING, checkpoint=blind)
    with pytest.raises(CheckpointError, match="not a decoder") as caught:
        describe_engine(open_tokenizer(seeing), EngineConfig(), checkpoint=seeing)
    assert "hf-multimodal" in (caught.value.hint or "")


def test_a_document_without_its_picture_is_an_error_and_no_blind_question(tmp_path):
    opened, _ = _opened(write_chart_mirror(tmp_path, [_picture("red"), None]))
    with pytest.raises(DataError, match="document 1 of the image task `chartqa`"):
        opened.builder.built()


def test_examples_without_their_pictures_are_refused(charts):
    suite = Suite(name="test", choices=(TaskChoice(name="chartqa", shots=1),))
    with pytest.raises(UsageError, match=r"without few-shot|without theirs"):
        _opened(charts, suite=suite)


def test_lost_items_about_pictures_are_not_probed_in_words(built):
    assert not can_be_probed(built)


@pytest.mark.slow
def test_a_series_that_sees_is_evaluated_and_goes_on_where_it_was(charts, llava, tmp_path):
    other = save_tiny_llava(tmp_path / "checkpoint-5", seed=1)
    opened, options = _opened(charts)
    series = resolve_series([str(llava), str(other)])
    with Study(tmp_path / "study", create=True) as study:
        first = evaluate_series(series, opened, study, options=options)
        again = evaluate_series(series, opened, study, options=options)
        answers = [
            given[0].text
            for column in study.profile("base").columns
            for given in study.answers_of("base").by_item(column.item_ids).values()
        ]
    # the fourth picture shows what the first does, and is a question of its own all the same
    assert (first.computed, first.kept) == (8, 0)
    assert (again.computed, again.kept) == (0, 8)
    assert len(answers) == 4, "each with a picture of its own"
