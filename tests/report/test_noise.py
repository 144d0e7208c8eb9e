"""How noisy: the three floors apart, and no more said of confidence than it bears."""

import math

from forgetscope.records import Findings, Heterogeneity, PassAtK
from forgetscope.report.noise import noise
from forgetscope.report.notes import notes
from tests.report import behind, made


def section(**known):
    others = known.pop("cell", {})
    cell = made.cell("law", findings=Findings(**known), **others)
    return noise(made.comparison(domains=[cell]), order=["law"])


def only(**known):
    [table] = section(**known)
    entries = dict(zip(table.columns, table.rows[0].entries, strict=True))
    return entries | {"note": table.note, "title": table.title}


def test_the_three_floors_stand_apart():
    found = only(noise=behind.noise(), cell={"detectable": 0.031})
    assert [found[key].text for key in ("Items", "Rerun", "Steps")] == ["1.1", "2.1", "0.7"]
    assert found["Detectable loss"].text == "3.1"
    excess = found["Changed sides beyond a rerun"]
    assert (excess.text, excess.note) == ("+6.2", "[+4.2, +8.2]")


def test_a_floor_that_was_not_measured_has_no_column():
    found = only(noise=behind.noise(rerun=math.nan, excess=behind.UNKNOWN, step=math.nan))
    assert not {"Rerun", "Steps", "Changed sides beyond a rerun"} & set(found)


def test_an_unbounded_metric_has_no_points():
    found = only(noise=behind.noise(), cell={"metric": "bits_per_byte", "detectable": 0.25})
    assert (found["Items"].text, found["Detectable loss"].text) == ("0.011", "0.250")
    assert "Rerun" not in found


def test_repeats_tell_self_flips_and_the_test_beyond_sampling():
    found = only(repeats=behind.repeats())
    assert found["Samples"].text == "8 → 4"
    assert found["A rerun alone loses"].text == "4.5"
    assert found["Beyond sampling"].text == "p < 0.001"
    assert found["Due to sampling"].text == "38 %"


def passed(*sizes):
    return tuple(
        PassAtK(k=k, before=before, after=after, change=behind.estimate(after - before))
        for k, before, after in sizes
    )


def test_more_tries_stand_beside_a_single_one():
    told = behind.repeats(passes=passed((1, 0.4, 0.45), (8, 0.7, 0.62)))
    [_, table] = section(repeats=told)
    assert table.columns == ("k = 1", "k = 8")
    assert table.rows[0].entries[1].text == "70.0 → 62.0"
    assert table.rows[0].entries[1].note == "−8.0 [−10.0, −6.0]"


def test_domains_with_fewer_samples_leave_the_larger_sizes_empty():
    cells = [
        made.cell(name, findings=Findings(repeats=behind.repeats(passes=passed(*sizes))))
        for name, sizes in (("law", [(1, 0.4, 0.4)]), ("logic", [(1, 0.4, 0.4), (4, 0.6, 0.6)]))
    ]
    [_, table] = noise(made.comparison(domains=cells), order=["law", "logic"])
    assert table.columns == ("k = 1", "k = 4")
    assert table.rows[0].entries[1].text == "–"


def test_a_proved_change_of_more_tries_is_a_line_of_its_own():
    def lines(*sizes):
        told = Findings(repeats=behind.repeats(passes=passed(*sizes)))
        comparison = made.comparison(domains=[made.cell("law", findings=told)])
        return notes(made.diagnosis(comparison), order=["law"], name=str)

    [line] = lines((1, 0.4, 0.45), (8, 0.7, 0.62))
    assert line.startswith("Law: right in at least one of 8 samples 70.0 → 62.0 (−8.0 [")
    assert "in a single one 40.0 → 45.0 (+5.0 [" in line
    assert lines((1, 0.4, 0.45), (8, 0.7, 0.69)) == ()
    assert lines((1, 0.4, 0.3)) == ()


def test_items_that_changed_sides_are_shown_gross():
    found = only(transitions=behind.transitions(), retention=behind.estimate(0.87, 0.03))
    assert (found["Lost"].text, found["Gained"].text, found["Changed"].text) == (
        "8.0",
        "3.0",
        "11.0",
    )
    assert found["Score now over before"].note == "[84.0, 90.0]"


def test_tasks_with_a_loss_of_their_own_are_named_on_one_line():
    apart = Heterogeneity(q=14.2, degrees=3, p_value=0.0026, lost=("law\n", "art\x1b"))
    found = only(heterogeneity=apart)
    assert found["Tasks with a proved loss"].text == "law, art[ESC]"
    assert (found["Q"].text, found["Q"].note) == ("14.2", "3 degrees")
    assert found["Tasks unlike"].text == "p = 0.003"


def test_without_findings_there_is_no_table():
    assert section() == ()


def test_every_finding_has_its_table():
    titles = [table.title for table in section(**vars_of(behind.findings()))]
    assert len(titles) == len(set(titles)) == 4


def vars_of(found):
    return {name: getattr(found, name) for name in found.__dataclass_fields__}
