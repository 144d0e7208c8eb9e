"""Prompts that did not fit are told before a comparison is believed."""

from forgetscope.report.checks import cut_prompts
from forgetscope.report.trust import trust
from tests.report import made


def test_each_side_that_read_prompts_without_their_beginning_fails_a_check():
    sides = [{"label": "base", "prompts_cut": None}, {"label": "tuned\n", "prompts_cut": 1200}]
    shown = trust(made.diagnosis(), checkpoints=(), provenance={"sides": sides})
    (cut,) = [check for check in shown.checks if "window" in check.text]
    assert not cut.is_passed
    assert cut.text.startswith("1,200 prompts of tuned ")


def test_where_nothing_was_cut_or_is_known_nothing_is_said():
    for sides in (None, [], [{"label": "base"}], [{"prompts_cut": 0}], ["strange"]):
        assert list(cut_prompts(sides)) == []
