"""The sentences at the top say what the counts say, no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forgetscope.records import GateResult, Role, Verdict
from forgetscope.report.headline import facts, gate_pill, headline, summary
from tests.report import made


def name(label):
    return f"step {label.removeprefix('step-')}" if label.startswith("step-") else label


def say(*verdicts, after="step-20", role=Role.GENERAL):
    cells = [
        made.cell(f"domain_{place}", verdict, change=-0.01 * place, role=role)
        for place, verdict in enumerate(verdicts)
    ]
    return headline(made.diagnosis(made.comparison(after, domains=cells)), name=name)


def text_of(spans):
    return "".join(span.text for span in spans)


V = Verdict


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ((V.FORGOT, V.HELD, V.SLIPPED), "Step 20 forgot one of three general domains"),
        ((V.FORGOT, V.FORGOT), "Step 20 forgot both general domains"),
        ((V.FORGOT,), "Step 20 forgot Domain 0"),
        ((V.FORGOT,) * 3, "Step 20 forgot all three general domains"),
        ((V.SLIPPED, V.SLIPPED, V.HELD), "No confirmed forgetting at step 20; two domains slipped"),
        ((V.HELD, V.SLIPPED), "No confirmed forgetting at step 20; Domain 1 slipped"),
        ((V.UNDECIDED, V.UNDECIDED), "No forgetting found at step 20; two domains are undecided"),
        ((V.HELD, V.GAINED), "No forgetting found at step 20: both general domains held"),
        ((V.CANNOT_MEASURE,), "Nothing general could be compared at step 20"),
    ],
)
def test_the_headline_follows_the_worst_verdict(verdicts, sentence):
    assert say(*verdicts) == sentence


def test_a_label_that_is_no_step_keeps_its_letters():
    assert say(V.FORGOT, after="grpo-final") == "grpo-final forgot Domain 0"


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=14))
def test_the_headline_speaks_of_forgetting_only_if_something_is_forgot(verdicts):
    assert ("Step 20 forgot" in say(*verdicts)) == (V.FORGOT in verdicts)


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=5))
def test_the_target_and_watched_domains_never_decide_the_headline(verdicts):
    for role in (Role.TARGET, Role.WATCH):
        assert say(*verdicts, role=role) == "Nothing general could be compared at step 20"


def series(*steps, last_clean=None):
    """One comparison per tuple of (verdict of logic, target change)."""
    comparisons = [
        made.comparison(
            f"step-{10 * (place + 1)}",
            domains=[
                made.cell("logic", verdict, change=-0.05),
                made.cell("math", V.GAINED, change=gain, half=0.02, role=Role.TARGET),
            ],
        )
        for place, (verdict, gain) in enumerate(steps)
    ]
    return made.diagnosis(*comparisons, last_clean=last_clean)


def test_the_summary_gives_the_largest_loss_with_its_interval():
    text = text_of(summary(series((V.FORGOT, 0.05)), name=name))
    assert text.startswith("The largest loss is Logic, −5.0 points [−6.0, −4.0].")


def test_a_change_in_another_unit_is_not_the_largest_loss_in_points():
    domains = [
        made.cell("language", V.FORGOT, change=-3.0, metric="word_perplexity"),
        made.cell("logic", V.FORGOT, change=-0.05),
    ]
    text = text_of(summary(made.diagnosis(made.comparison(domains=domains)), name=name))
    assert text.startswith("The largest loss is Logic, −5.0 points")


def test_an_unproved_change_is_not_called_a_loss():
    text = text_of(summary(series((V.UNDECIDED, 0.05), last_clean="step-10"), name=name))
    assert text.startswith("The lowest change is Logic")


def test_the_summary_names_the_last_clean_checkpoint_and_what_the_target_had_by_then():
    diagnosis = series((V.HELD, 0.063), (V.FORGOT, 0.1), last_clean="step-10")
    text = text_of(summary(diagnosis, name=name))
    ending = "The last clean checkpoint is step 10, where Math stood at +6.3 [+4.3, +8.3]."
    assert text.endswith(ending)


def test_without_a_clean_checkpoint_the_summary_says_up_to_where_nothing_was_forgot():
    diagnosis = series((V.SLIPPED, 0.02), (V.SLIPPED, 0.04), (V.FORGOT, 0.1))
    text = text_of(summary(diagnosis, name=name))
    assert "nothing was FORGOT up to step 20, where Math stood at +4.0" in text


def test_forgetting_from_the_first_checkpoint_on_is_said():
    text = text_of(summary(series((V.FORGOT, 0.02), (V.HELD, 0.04)), name=name))
    assert text.endswith("No checkpoint is clean: something was FORGOT from the first one on.")


def test_the_base_is_not_offered_as_last_clean_checkpoint():
    diagnosis = series((V.FORGOT, 0.02), last_clean="base")
    assert "No checkpoint is clean" in text_of(summary(diagnosis, name=name))


def test_a_base_alone_has_a_profile_and_no_figures():
    assert headline(made.diagnosis(), name=name) == "The capability profile of base"
    assert facts(made.diagnosis(), name=name) == ()


@pytest.mark.parametrize(
    ("gate", "text", "tone"),
    [
        ({"passed": False, "exit_code": 1}, "Gate failed · exit code 1", "loss"),
        ({"passed": False, "exit_code": 5}, "Gate undecided · exit code 5", "undecided"),
        ({"passed": True, "exit_code": 0}, "Gate passed · exit code 0", "gain"),
        (
            {"passed": True, "exit_code": 0, "warnings": ("Logic is SLIPPED",)},
            "Gate passed with warnings · exit code 0",
            "undecided",
        ),
    ],
)
def test_the_pill_tells_the_gate_and_its_exit_code(gate, text, tone):
    pill = gate_pill(GateResult(reason="", **gate))
    assert (pill.text, pill.tone) == (text, tone)


def test_the_figures_leave_out_a_target_that_does_not_exist():
    with_target = facts(series((V.HELD, 0.05), last_clean="step-10"), name=name)
    domains = [made.cell("logic", V.HELD)]
    without = facts(made.diagnosis(made.comparison(domains=domains)), name=name)
    assert [fact.label for fact in with_target][1] == "Target"
    assert "Target" not in [fact.label for fact in without]
    assert with_target[-1].value == "step 10"
    assert without[-1].value == "none"
