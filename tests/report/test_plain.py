"""Plain text for terminals and logs."""

import unicodedata

from forgetscope.records import Findings, FormatClass
from forgetscope.report import ReportView, plain_lines, verdict_line
from tests.report import behind, behind_training, made
from tests.report.test_html import hostile


def lines(*, use_ascii=False, **options):
    view = ReportView.of(made.diagnosis(made.comparison(**options)), checkpoints=made.SERIES)
    return plain_lines(view, use_ascii=use_ascii)


def column_of(text, needle):
    before = text[: text.index(needle)]
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in before)


def test_the_verdict_is_the_first_line():
    view = ReportView.of(made.diagnosis(made.comparison()), checkpoints=made.SERIES)
    assert plain_lines(view)[0] == verdict_line(view) == view.headline


def test_columns_stand_below_each_other_even_with_wide_characters():
    domains = [made.cell("数学", change=-0.01), made.cell("logic", change=0.01)]
    table = [line for line in lines(domains=domains) if "HELD" in line]
    assert len({column_of(line, "HELD") for line in table}) == 1
    assert len({column_of(line, "[") for line in table}) == 1


def test_every_domain_has_its_numbers_and_verdict_on_one_line():
    found = "\n".join(lines())
    assert "▼  Instruction following" in found
    row = next(line for line in lines() if "Instruction" in line and "400" in line)
    for part in ("60.0", "51.0", "−9.0", "[−11.0, −7.0]", "38", "FORGOT"):
        assert part in row


def test_ascii_output_is_ascii():
    text = "\n".join(lines(use_ascii=True))
    assert text.isascii()
    assert "v  Instruction following" in text
    assert "-9.0" in text


def test_reasons_and_missing_items_are_spelled_out():
    found = lines()
    assert "Tools: base at chance: 24.6 against 25.0" in found
    assert "Knowledge: cannot tell yet: needs 120 more items" in found


def test_the_gate_and_warnings_come_last():
    found = lines(warnings=["12 prompts were cut"])
    assert found[-2] == "Gate passed · exit code 0: nothing is FORGOT"
    assert found[-1] == "warning: 12 prompts were cut"


def test_no_line_can_steer_a_terminal():
    evil = "a\x1b[2J\rb\u202e\nc"
    text = "".join(lines(domains=[made.cell(evil, change=-0.1)], after=evil, warnings=[evil]))
    assert not [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf")]


def test_a_base_alone_lists_its_profile():
    found = plain_lines(ReportView.of(made.diagnosis()))
    assert found[0] == "The capability profile of base"
    assert found[-1].split() == ["Culture", "400", "60.0", "25.0"]


def full_lines(**options):
    return plain_lines(ReportView.of(behind.full(), checkpoints=made.SERIES), **options)


def test_chips_stand_beside_the_verdict():
    table = [line for line in full_lines() if "400" in line]
    assert [line for line in table if line.endswith("FORGOT ¶ FORMAT")]
    assert [line for line in table if line.endswith("HELD ≠ SHIFTED")]
    assert "FORGOT # FORMAT" in "\n".join(full_lines(use_ascii=True))


def test_form_onset_and_drop_have_a_short_line_each():
    found = full_lines()
    assert "Instruction following: 31 of 38 lost answers are format" in found
    assert (
        "Logic: lost from step 10 on; proven drop from step 10 of at least 3.1 points; "
        "recovered in part at step 2,000"
    ) in found


def test_a_domain_of_which_nothing_is_proved_has_no_line():
    lines_of = [line for line in full_lines() if line.startswith("Culture:")]
    assert lines_of == []


def test_where_no_form_broke_no_line_says_so():
    cell = made.cell("essays", findings=Findings(causes=behind.causes({FormatClass.DIFFERENT: 9})))
    assert not [line for line in lines(domains=[cell]) if "format" in line]
    broke = made.cell("essays", findings=Findings(causes=behind.causes({FormatClass.ERROR: 9})))
    assert "Essays: 9 of 9 lost answers are format" in lines(domains=[broke])


def test_training_and_blend_have_their_findings_and_small_tables():
    found = plain_lines(behind_training.view())
    assert "Math +10.3 at −2.0 in general domains with RECAP; +15.0 at −5.0 with GRPO" in found
    assert any(line.split() == ["GRPO", "step", "20", *_NUMBERS] for line in found)
    assert "Weights ranged from 0.62 (Math: accuracy) to 1.38 (Logic: replay)" in found
    [row] = [line for line in found if line.startswith("Logic ") and "▼ FORGOT" in line]
    assert "● HELD" in row
    assert found.index(row) < found.index("Gate passed · exit code 0: nothing is FORGOT")


_NUMBERS = ("+15.0", "[+13.0,", "+17.0]", "−5.0", "[−7.0,", "−3.0]")


def test_training_and_blend_in_ascii_are_ascii():
    text = "\n".join(plain_lines(behind_training.view(), use_ascii=True))
    assert text.isascii()
    assert "= HELD" in text


def test_hostile_names_of_a_run_cannot_steer_a_terminal():
    text = "".join(plain_lines(hostile()))
    assert not [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf")]


def test_without_a_target_the_domains_that_were_forgotten_are_counted():
    diagnosis = made.diagnosis(made.comparison(domains=[made.cell()]))
    view = ReportView.of(diagnosis, training=behind_training.training(traces=(), rivals=()))
    assert plain_lines(view)[-3] == "General domains FORGOT at step-20: 0 of 1"
