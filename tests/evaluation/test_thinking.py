"""Models that think: how they are asked, what of their texts is judged, and what is never mixed."""

from dataclasses import replace

import pytest

from forgetscope.errors import PairingError, UsageError
from forgetscope.evaluation import EvaluationOptions, evaluate_series, open_suite
from forgetscope.evaluation.chat import ChatOptions, open_chat, past_thought
from forgetscope.evaluation.harness import build, judge, load_tasks
from forgetscope.evaluation.harness.backend_process import answers_of
from forgetscope.records import Answer, FormatClass, OutputType, StopReason, ThinkTags
from forgetscope.scoring import EngineConfig, Tokenizer, resolve_series
from forgetscope.store import Study
from forgetscope.suites import Style, Suite, TaskChoice
from tests.thinker import ANSWER, TEMPLATE, THOUGHT, save_thinker
from tests.tiny import CHAT_TEMPLATE, tiny_tokenizer

TAGS = ThinkTags(opening="<think>", closing="</think>")
ASKED = [{"role": "user", "content": "How many?"}]
WRITTEN = TaskChoice(name="gsm8k", shots=0, max_new_tokens=60, limit=5)
SUITE = Suite(name="test", choices=(WRITTEN, TaskChoice(name="arc_easy", limit=4)))


@pytest.fixture(scope="module")
def thinker(tmp_path_factory):
    return save_thinker(tmp_path_factory.mktemp("models") / "thinker")


def _tokenizer(template):
    return Tokenizer(tiny_tokenizer(chat_template=template), name="tiny")


def _evaluate(folder, sources, mirror, *, suite=SUITE, chat_template=True, **changes):
    options = EvaluationOptions(
        data_dir=mirror,
        engine=EngineConfig(dtype="float32"),
        chat_template=chat_template,
        **changes,
    )
    with Study(folder, create=True) as study:
        series = resolve_series([str(source) for source in sources])
        return evaluate_series(series, open_suite(suite, options=options), study, options=options)


def _told(folder, task):
    """Raw text and score of each item."""
    with Study(folder) as study:
        label = study.series()[0].label
        held = study.answers_of(label)
        (column,) = [c for c in study.profile(label).columns if c.task.name == task]
        texts = {item: given[0].text for item, given in held.by_item(column.item_ids).items()}
        return [(texts[item], score) for item, score in held.scores(column.item_ids).items()]


def test_a_model_that_thinks_is_judged_by_its_answer_and_its_thought_is_kept(
    tmp_path, mirror, thinker
):
    summary = _evaluate(tmp_path / "s", [thinker], mirror, thinking=True)
    told = _told(tmp_path / "s", "gsm8k")
    assert {text for text, _ in told} == {THOUGHT + ANSWER}
    assert {score.answer for _, score in told} == {ANSWER}
    assert {score.extracted for _, score in told} == {"7"}
    assert not any(score.is_truncated for _, score in told)
    assert any("without a thought before them: arc_easy" in note for note in summary.notes)


def test_a_thought_that_is_cut_off_is_wrong_and_counts_as_cut_off(tmp_path, mirror, thinker):
    short = replace(SUITE, choices=(replace(WRITTEN, max_new_tokens=4),))
    _evaluate(tmp_path / "s", [thinker], mirror, suite=short, thinking=True)
    for text, score in _told(tmp_path / "s", "gsm8k"):
        assert THOUGHT.startswith(text)
        assert (score.value, score.form) == (0.0, FormatClass.TRUNCATED)
        assert score.extracted is None


def test_a_study_is_never_asked_in_two_ways(tmp_path, mirror, thinker):
    _evaluate(tmp_path / "s", [thinker], mirror, thinking=True)
    with pytest.raises(PairingError, match="`--thinking on`, now `--thinking off`"):
        _evaluate(tmp_path / "s", [thinker], mirror, thinking=False)
    with pytest.raises(PairingError, match="no `--system`, now `--system Be brief`"):
        _evaluate(tmp_path / "s", [thinker], mirror, thinking=True, system="Be brief")
    longer = replace(SUITE, choices=(replace(WRITTEN, max_new_tokens=70),))
    with pytest.raises(UsageError, match="at most 60 tokens, now 70"):
        _evaluate(tmp_path / "s", [thinker], mirror, suite=longer, thinking=True)
    again = _evaluate(tmp_path / "s", [thinker], mirror, thinking=True)
    assert again.computed == 0


def test_an_answer_too_long_for_the_window_is_refused_before_the_study_hears_of_it(
    tmp_path, mirror, thinker
):
    uncapped = replace(SUITE, choices=(replace(WRITTEN, max_new_tokens=None),))
    with pytest.raises(UsageError, match="no prompt fits beside an answer of 16384") as caught:
        _evaluate(tmp_path / "s", [thinker], mirror, suite=uncapped, thinking=True)
    assert "--max-new-tokens 300" in caught.value.hint
    assert _evaluate(tmp_path / "s", [thinker], mirror, thinking=True).computed == 5 + 4 * 4


def test_prompts_that_do_not_fit_are_counted(tmp_path, mirror, thinker):
    long = replace(SUITE, choices=(replace(WRITTEN, max_new_tokens=580),))
    summary = _evaluate(tmp_path / "s", [thinker], mirror, suite=long, thinking=True)
    assert any("5 prompts did not fit the window" in note for note in summary.notes)
    with Study(tmp_path / "s") as study:
        assert study.answers_of("thinker").n_cut() == 5


def test_options_stand_behind_no_open_thought():
    chat = open_chat(_tokenizer(TEMPLATE), ChatOptions(is_chat=True, thinking=True))
    assert chat.renderer(OutputType.GENERATE)(ASKED).endswith("[assistant] <think>\n")
    assert chat.renderer(OutputType.MULTIPLE_CHOICE)(ASKED).endswith("<think>\n\n</think>\n\n")
    always = TEMPLATE.replace("enable_thinking", "nothing")
    chat = open_chat(_tokenizer(always), ChatOptions(is_chat=True))
    assert chat.renderer(OutputType.MULTIPLE_CHOICE)(ASKED).endswith("<think>\n</think>\n\n")


def test_the_switch_of_a_template_is_found_by_what_it_changes():
    on, off = (
        open_chat(_tokenizer(TEMPLATE), ChatOptions(is_chat=True, thinking=thinking))
        for thinking in (True, False)
    )
    assert (on.variables, off.variables) == ({"enable_thinking": True}, {"enable_thinking": False})
    other = open_chat(
        _tokenizer(TEMPLATE.replace("enable_thinking", "thinking")),
        ChatOptions(is_chat=True, thinking=False),
    )
    assert other.variables == {"thinking": False}


def test_a_template_without_a_switch_cannot_be_switched():
    with pytest.raises(UsageError, match="no switch for thinking") as caught:
        open_chat(_tokenizer(CHAT_TEMPLATE), ChatOptions(is_chat=True, thinking=True))
    assert "enable_thinking" in caught.value.hint
    always = _tokenizer(TEMPLATE.replace("enable_thinking", "nothing"))
    assert open_chat(always, ChatOptions(is_chat=True, thinking=True)).variables == {}
    with pytest.raises(UsageError, match="no switch"):
        open_chat(always, ChatOptions(is_chat=True, thinking=False))


def test_a_system_prompt_stands_in_the_prompt_or_is_refused():
    deaf = "{% for m in messages if m['role'] != 'system' %}{{ m['content'] }}{% endfor %}"
    with pytest.raises(UsageError, match="leaves system prompts out"):
        open_chat(_tokenizer(deaf), ChatOptions(is_chat=True, system="Be brief"))
    assert open_chat(_tokenizer(TEMPLATE), ChatOptions(is_chat=True, system="Be brief")).system


def test_system_prompts_and_switches_need_a_chat_template():
    for changes in ({"system": "Be brief"}, {"thinking": False}):
        with pytest.raises(UsageError, match="none is used"):
            EvaluationOptions(**changes)
    with pytest.raises(UsageError, match="must not be empty"):
        EvaluationOptions(think_tags=ThinkTags(opening=" ", closing="</t>"))


def _built(mirror, *, tags=(), render=None, system=None):
    (loaded,) = load_tasks(replace(SUITE, choices=(WRITTEN,)), data_dir=mirror)
    return build(loaded, seed=1, render_chat=render, tags=tags, system=system)


def _judged(built, text, *, reason=StopReason.STOP):
    answers = {
        request.id: Answer(request_id=request.id, text=text, n_tokens=9, stop_reason=reason)
        for request in built.requests
    }
    return judge(built, answers)


def test_answers_are_cut_behind_the_thought_whoever_wrote_them(mirror):
    """A backend of lm-eval gives texts with all that follows."""
    (score, *_) = _judged(
        _built(mirror, tags=(TAGS,)), "<think>#### 3\nQuestion: why?</think>#### 7\nQuestion: 9"
    )
    assert (score.answer, score.extracted) == ("#### 7\n", "7")


def test_an_answer_that_is_missing_behind_its_thought_is_empty_unless_it_was_cut_off(mirror):
    built, text = _built(mirror, tags=(TAGS,)), "<think>#### 3</think>\n"
    assert {s.form for s in _judged(built, text)} == {FormatClass.ERROR}
    cut = _judged(built, text, reason=StopReason.LENGTH)
    assert {(s.form, s.answer) for s in cut} == {(FormatClass.TRUNCATED, text)}


def test_a_thought_in_which_the_model_stopped_is_no_answer_even_if_it_holds_one(mirror):
    built = _built(mirror, tags=(TAGS,))
    golds = [item.gold.rpartition("####")[2].strip() for item in built.items]
    scores = _judged(built, f"<think>#### {golds[0]}")
    assert [score.value for score in scores] == [0.0] * len(golds)
    assert {score.form for score in scores} == {FormatClass.TRUNCATED}
    assert all(score.others == {} for score in scores)


def test_models_without_tags_are_asked_and_judged_as_ever(mirror):
    plain, other = _built(mirror), _built(mirror, tags=(TAGS,))
    assert {r.id for r in plain.requests}.isdisjoint(r.id for r in other.requests)
    assert all(request.decoding.thoughts is None for request in plain.requests)
    text = "<think>#### 3"
    assert {s.answer for s in _judged(plain, text)} == {text}
    assert {s.extracted for s in _judged(plain, text)} == {"3"}


def test_a_system_prompt_changes_what_is_asked(mirror):
    render = _tokenizer(CHAT_TEMPLATE).render_chat
    plain, other = _built(mirror, render=render), _built(mirror, render=render, system="Be brief")
    assert other.items[0].prompt.startswith("[system] Be brief")
    assert {i.prompt_hash for i in plain.items}.isdisjoint(i.prompt_hash for i in other.items)


def test_an_answer_is_begun_behind_the_thought(mirror):
    render = _tokenizer(TEMPLATE).render_chat
    request = _built(mirror, tags=(TAGS,), render=render).requests[0]
    assert request.decoding.thoughts.is_begun
    begun = past_thought(request)
    assert begun.context.endswith("<think>\n</think>\n\n")
    assert not begun.decoding.thoughts.is_begun
    assert past_thought(begun) == begun


def test_a_chat_model_may_write_more_and_one_that_thinks_much_more(mirror):
    uncapped = replace(SUITE, choices=(TaskChoice(name="gsm8k", limit=2),))
    caps = {style: load_tasks(uncapped, data_dir=mirror, style=style)[0].cap for style in Style}
    assert caps == {Style.PLAIN: 256, Style.CHAT: 2048, Style.THINKING: 16384}
    (own,) = load_tasks(replace(SUITE, choices=(WRITTEN,)), data_dir=mirror, style=Style.THINKING)
    assert own.cap == 60


class _Recording:
    """A model of lm-eval that answers nothing and keeps what it was told."""

    def __init__(self):
        self.told = []

    def generate_until(self, instances):
        self.told += [instance.args[1] for instance in instances]
        return ["" for _ in instances]


def test_a_backend_is_told_of_no_stop_string_that_would_end_a_thought(mirror):
    for tags, stops in (((), ["Question:", "</s>", "<|im_end|>"]), ((TAGS,), [])):
        model = _Recording()
        answers_of(model, _built(mirror, tags=tags).requests, name="tiny")
        assert {tuple(told["until"]) for told in model.told} == {tuple(stops)}
