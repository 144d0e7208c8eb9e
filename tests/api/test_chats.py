"""What a call says of chats and of how answers are written reaches the study."""

import pytest

from forgetscope.api import EvaluationRequest, Study, evaluate_into
from forgetscope.api.evaluation_request import wanted_suite
from forgetscope.errors import PairingError
from forgetscope.store import Study as StoredStudy
from tests.small_mirror import write_mirror
from tests.tiny import CHAT_TEMPLATE, save_tiny_llama


@pytest.fixture
def asked(tmp_path):
    """One checkpoint, two of its items, one study."""
    mirror = write_mirror(tmp_path / "mirror")
    base = save_tiny_llama(tmp_path / "base", window=600, chat_template=CHAT_TEMPLATE)

    def evaluate(**changes):
        request = EvaluationRequest(
            limit=2, data_dir=mirror, chat_template=True, dtype="float32", **changes
        )
        return evaluate_into([str(base)], tmp_path / "study", request=request)

    return evaluate


def test_what_is_said_of_all_answers_goes_before_the_suite_file(tmp_path):
    (tmp_path / "s.toml").write_text(
        '[[task]]\nname = "gsm8k"\nmax_new_tokens = 9\ntemperature = 0.3\n[[task]]\nname = "drop"\n'
    )
    request = EvaluationRequest(
        suite=str(tmp_path / "s.toml"), max_new_tokens=50, temperature=0.8, top_p=0.9
    )
    for choice in wanted_suite(request, tmp_path / "study").choices:
        assert (choice.max_new_tokens, choice.temperature, choice.top_p) == (50, 0.8, 0.9)
    untouched = wanted_suite(EvaluationRequest(suite=request.suite), tmp_path / "study")
    assert [choice.temperature for choice in untouched.choices] == [0.3, None]


def test_the_report_says_how_both_sides_were_asked(asked, tmp_path):
    asked(tasks=("gsm8k",), max_new_tokens=5, system="Be brief", think_tags=("<t>", "</t>"))
    with Study(tmp_path / "study") as study:
        study.report(tmp_path / "report")
        side = study.shown().results["provenance"]["sides"][0]
    assert side["asked_with"] == {"--system": "Be brief", "--think-tags": "<t> </t>"}
    assert side["caps"] == {"gsm8k": 5}


def test_the_same_call_asks_nothing_and_another_system_prompt_is_no_same_call(asked):
    first = asked(tasks=("gsm8k",), max_new_tokens=5, temperature=1.0, repeats=2)
    assert first.computed == 4
    assert asked(repeats=2).computed == 0
    with pytest.raises(PairingError, match="no `--system`, now `--system Be brief`"):
        asked(repeats=2, system="Be brief")


def test_a_study_of_chats_that_began_with_the_tasks_own_caps_goes_on_with_them(asked, tmp_path):
    with StoredStudy(tmp_path / "study", create=True) as study, study.writer():
        study.start_run(command="older", started="", provenance={"chat_template": True})
    # of a chat model gsm8k would have 2,048 tokens, for which this window has no room
    summary = asked(tasks=("gsm8k",))
    assert summary.computed == 2
    with StoredStudy(tmp_path / "study") as study:
        assert study.meta("caps") == {"gsm8k": 256}
