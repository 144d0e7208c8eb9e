"""The path of a domain: only what is proved is called a drop."""

from dataclasses import replace

from forgetscope.records import Estimate
from forgetscope.report.paths import course_sentence, paths
from tests.report import behind, made


def name(label):
    return label.replace("step-", "step ")


def section(*courses, **cell):
    cells = [made.cell(course.domain, **cell) for course in courses]
    diagnosis = replace(made.diagnosis(made.comparison(domains=cells)), courses=courses)
    return paths(diagnosis, order=[course.domain for course in courses], name=name)


def entry(table, column, row=0):
    return table.rows[row].entries[table.columns.index(column)]


def test_a_proved_drop_is_told_by_its_lower_bound():
    drop = entry(section(behind.course()), "Proved drop")
    assert (drop.text, drop.note) == ("at least 3.1", "measured: 5.2 from step 10")


def test_a_drop_that_is_not_proved_is_none():
    drop = entry(section(behind.still_course()), "Proved drop")
    assert drop.text == "none"
    assert "not proved" in drop.note


def test_where_nothing_was_higher_before_there_is_no_drop():
    risen = behind.course(worst_drop=Estimate(value=-0.01, low=-0.03, high=made.NAN))
    drop = entry(section(risen), "Proved drop")
    assert (drop.text, drop.note) == ("none", "nothing was higher before")


def test_a_run_level_without_step_noise_is_left_out():
    bare = behind.course(run_level=Estimate(value=-0.04, low=made.NAN, high=made.NAN))
    assert "Run level" not in section(bare).columns
    assert entry(section(behind.course()), "Run level").note == "[−5.5, −2.5]"


def test_a_drop_that_is_not_known_has_no_column():
    unknown = behind.course(worst_drop=Estimate(value=made.NAN, low=made.NAN, high=made.NAN))
    assert "Proved drop" not in section(unknown).columns


def test_equality_at_zero_is_no_proof():
    at_zero = behind.course(worst_drop=Estimate(value=0.05, low=0.0, high=made.NAN))
    assert entry(section(at_zero), "Proved drop").text == "none"


def test_best_minus_last_is_called_biased():
    table = section(behind.course())
    assert entry(table, "Best minus last").note == "biased upwards"
    assert "biased upwards" in table.note


def test_onset_and_recovery_name_their_checkpoints():
    table = section(behind.course(), behind.still_course())
    assert entry(table, "Lost from").text == "step 10"
    recovered = entry(table, "Recovered")
    assert (recovered.text, recovered.note) == ("in part at step 20", "lowest at step 10")
    assert entry(table, "Lost from", row=1).text == "–"


def test_a_full_recovery_is_told_apart_from_one_in_part():
    table = section(behind.course(is_full_recovery=True))
    assert entry(table, "Recovered").text == "fully at step 20"


def test_a_trend_without_steps_has_no_column():
    assert "Trend" not in section(behind.still_course()).columns
    assert entry(section(behind.course()), "Trend").note == "[−1.6, −0.8]"


def test_an_unbounded_metric_keeps_its_unit():
    drop = Estimate(value=0.9, low=0.4, high=made.NAN)
    table = section(behind.course(worst_drop=drop), metric="bits_per_byte")
    assert entry(table, "Proved drop").text == "at least 0.400"


def test_rows_stand_in_the_order_of_the_page_and_only_where_a_course_is():
    cells = [made.cell("logic"), made.cell("culture"), made.cell("law")]
    courses = (behind.course("logic"), behind.still_course("culture"))
    diagnosis = replace(made.diagnosis(made.comparison(domains=cells)), courses=courses)
    found = paths(diagnosis, order=["law", "culture", "logic"], name=name)
    assert [row.label for row in found.rows] == ["Culture", "Logic"]


def test_without_courses_there_is_no_section():
    assert paths(made.diagnosis(made.comparison()), order=["logic"], name=name) is None


def test_the_sentence_tells_onset_drop_and_recovery():
    assert course_sentence(behind.course(), metric="acc", name=name) == (
        "Logic: lost from step 10 on; proven drop from step 10 of at least 3.1 points; "
        "recovered in part at step 20"
    )


def test_what_is_not_proved_makes_no_sentence():
    assert course_sentence(behind.still_course(), metric="acc", name=name) == ""
