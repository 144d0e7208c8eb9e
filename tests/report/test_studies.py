"""Several studies in one page: counts, differences and settings are those of the records."""

from dataclasses import fields, is_dataclass, replace

import pytest

from forgetscope.records import Role, Verdict
from forgetscope.report.html import render_studies
from forgetscope.report.studies import SettingRow, StudiesView
from forgetscope.report.studies_text import (
    domains_grid,
    render_studies_markdown,
    studies_grid,
    versus_grid,
)
from forgetscope.report.study_result import StudyResult
from tests.report import made
from tests.report.test_html import KNOWN_TAGS, Page


def result(name, *, domains=None, versus=None, last="step-20", **options):
    steps = [made.comparison(label, domains=domains) for label in ("step-10", last)]
    return StudyResult(
        name=name,
        diagnosis=made.diagnosis(*steps),
        checkpoints=made.SERIES,
        versus_first=versus,
        **options,
    )


def better():
    """What lies between two studies: one domain better, one worse, one open, one unknown."""
    return made.comparison(
        domains=[
            made.cell("instruction_following", change=0.08, half=0.02),
            made.cell("logic", change=-0.03, half=0.02),
            made.cell("language", change=0.001),
            made.unmeasured("tools"),
        ]
    )


def mild():
    return [
        replace(cell, verdict=Verdict.HELD, change=-0.005, low=-0.015, high=0.005)
        if cell.verdict is Verdict.FORGOT
        else cell
        for cell in made.example_domains()
    ]


def view(*others, **options):
    if not others:
        others = (result("recap", domains=mild(), versus=better()),)
    return StudiesView.of([result("grpo"), *others], **options)


def test_the_headline_counts_what_each_study_forgot():
    assert view().headline == "Of five general domains GRPO forgot one, RECAP none"


def test_the_summary_names_what_is_not_proved_either_way():
    assert view().summary.endswith("Not proved either way: GRPO one, RECAP one.")


def test_studies_of_other_domains_are_not_said_to_have_as_many():
    other = result("recap", domains=[made.cell("logic", Verdict.FORGOT, change=-0.1)])
    assert view(other).headline == "In all GRPO forgot one, RECAP one"


def test_many_studies_are_told_by_their_range():
    others = [result(f"r{n}", domains=mild()) for n in range(4)]
    assert view(*others).headline == (
        "Of five general domains five studies forgot between none and one each"
    )
    alike = [result(f"r{n}") for n in range(4)]
    assert view(*alike).headline == "Of five general domains five studies forgot one each"


def test_every_study_has_its_gate_its_tally_and_its_gain():
    first, second = view().columns
    assert (first.run.name, first.checkpoint) == ("GRPO", "step 2,000")
    assert [row.n for row in first.tally] == [1, 1, 1, 1, 1, 1]
    assert [row.n for row in second.tally] == [0, 1, 2, 1, 1, 1]
    assert (first.target.text, first.target.note) == ("+10.3", "[+8.3, +12.3]")
    assert first.clean == "none"
    assert first.run.shape != second.run.shape


def test_the_rows_are_grouped_by_role_the_largest_loss_in_any_study_first():
    groups = view().groups
    assert [group.title.split(":")[0] for group in groups] == ["General", "Target"]
    labels = [row.label for row in groups[0].rows]
    assert labels[0] == "Instruction following"
    assert labels[-1] == "Tools"


def test_a_cell_holds_change_interval_and_verdict():
    row = view().groups[0].rows[0]
    first, second = row.cells
    assert (first.entry.text, first.entry.note) == ("−9.0", "[−11.0, −7.0]")
    assert (first.mark.word, second.mark.word) == ("FORGOT", "HELD")
    assert len(row.bell.ends) == 2


def test_what_a_study_cannot_measure_says_why():
    row = view().groups[0].rows[-1]
    assert (row.cells[0].entry.text, row.cells[0].entry.note) == (
        "",
        "base at chance: 24.6 against 25.0",
    )


def test_a_domain_that_only_one_study_has_is_shown_and_left_open_in_the_other():
    extra = result("recap", domains=[*mild(), made.cell("safety")])
    rows = {row.label: row for group in view(extra).groups for row in group.rows}
    assert rows["Safety"].cells[0].mark is None
    assert rows["Safety"].cells[0].entry.text == "–"
    assert rows["Safety"].cells[1].mark.word == "HELD"


def test_what_lies_between_two_studies_is_told_by_their_paired_difference():
    versus = view().versus
    assert versus.title == "How far from GRPO"
    told = {row.label: row.cells[0] for row in versus.rows}
    assert (told["Instruction following"].entry.text, told["Instruction following"].mark.word) == (
        "+8.0",
        "better",
    )
    assert told["Logic"].mark.word == "worse"
    assert told["Language"].mark.word == "open"
    assert told["Tools"].mark is None
    assert told["Culture"].entry.text == "–"
    assert versus.rows[0].label == "All general domains"


def test_studies_of_other_items_have_no_difference():
    assert view(result("recap")).versus is None
    several = view(result("recap"), result("replay", versus=better()))
    assert [run.name for run in several.versus.columns] == ["Uniform replay"]


def test_a_setting_that_should_be_equal_and_is_not_is_marked():
    options = {"settings": {"suite": "a", "seed": "1"}, "own": {"command": "x"}}
    other = {"settings": {"suite": "a", "seed": "2"}, "own": {"command": "y"}}
    found = StudiesView.of([result("grpo", **options), result("recap", **other)]).settings
    assert [(row.name, row.values, row.differs) for row in found] == [
        ("Suite", ("a", "a"), False),
        ("Seed", ("1", "2"), True),
        ("Command", ("x", "y"), False),
    ]
    page = Page(render_studies(view()))
    assert not [a for _, a in page.tags if a.get("class") == "words differs"]


def test_without_a_target_there_is_no_trade_off():
    domains = [cell for cell in made.example_domains() if cell.role is not Role.TARGET]
    studies = [result(name, domains=domains) for name in ("grpo", "recap")]
    found = StudiesView.of(studies)
    assert (found.trade, found.target) == (None, "")
    assert "What the gain cost" not in render_studies(found)


def test_the_tables_of_a_terminal_hold_what_the_page_holds():
    found = view()
    page = Page(render_studies(found)).text
    for head, rows in (studies_grid(found), domains_grid(found), versus_grid(found.versus)):
        assert all(len(row) == len(head) for row in rows)
        for row in rows:
            assert row[0] in page
    assert domains_grid(found)[1][0][2] == "−9.0 [−11.0, −7.0] ▼ FORGOT"


def test_markdown_has_the_three_tables_and_what_to_know():
    lines = render_studies_markdown(view(warnings=["`a` is <b>odd"], command="x y")).splitlines()
    for line in (
        "# Of five general domains GRPO forgot one, RECAP none",
        "## Domain by domain",
        "## How far from GRPO",
        "- Warning: \\`a\\` is \\<b\\>odd",
        "x y",
    ):
        assert line in lines


def hostile():
    evil = " ".join(made.HOSTILE).replace("\ud800", "")
    domains = [made.cell(evil, Verdict.FORGOT), made.unmeasured(evil + "2", reason=evil)]
    domains.append(made.cell(evil + "3", Verdict.GAINED, change=0.1, role=Role.TARGET))
    known = {"settings": {evil: evil}, "own": {evil: evil}, "last": evil, "domains": domains}
    studies = [result(evil + end, versus=better(), **known) for end in "12"]
    return StudiesView.of(studies, warnings=made.HOSTILE, command=evil)


@pytest.mark.parametrize("made_of", [view, hostile])
def test_the_page_is_one_closed_file(made_of):
    text = render_studies(made_of())
    page = Page(text)
    assert page.open == []
    assert {tag for tag, _ in page.tags} <= KNOWN_TAGS
    assert [a for tag, a in page.tags if tag == "script"] == [{}]
    names = {name for _, attributes in page.tags for name in attributes}
    assert not names & {"style", "src", "srcset", "action"}
    assert not [name for name in names if name.startswith("on")]
    links = [attributes["href"] for _, attributes in page.tags if "href" in attributes]
    assert all(link.startswith("#") for link in links)
    assert text.index("Content-Security-Policy") < text.index("<style")


def test_hostile_text_is_shown_and_never_raw():
    text = render_studies(hostile())
    for raw in ("<script>alert", "</script><script>a", "<img", '" onmouseover', "\x1b", "\u202e"):
        assert raw not in text
    assert "</script><script>alert(1)</script>" in Page(text).text
    text.encode("utf-8")
    render_studies_markdown(hostile()).encode("utf-8")


def test_equal_studies_give_an_equal_page():
    assert render_studies(view()) == render_studies(view())


APART = {"shape", "tone", "ascii"}
"""Fields that are drawn rather than written, or spoken only by the other medium."""


def texts_of(value, *, without=APART):
    """Every text of a view, at any depth."""
    if isinstance(value, str):
        return {value} if value else set()
    if is_dataclass(value):
        parts = [getattr(value, f.name) for f in fields(value) if f.name not in without]
        return set().union(*(texts_of(part, without=without) for part in parts), set())
    if isinstance(value, (tuple, list)):
        return set().union(*(texts_of(part, without=without) for part in value), set())
    return set()


def test_the_page_shows_every_text_of_the_view():
    found = replace(
        view(warnings=["one warning"], command="forgetscope view a b"),
        settings=(SettingRow(name="Suite", values=("x1", "y2"), differs=True),),
    )
    page = Page(render_studies(found))
    told = page.text + " ".join(
        text for _, attributes in page.tags for text in attributes.values() if text
    )
    # charts decide by themselves which of their marks have room for a name
    wanted = texts_of(replace(found, trade=None, bell=None))
    assert {text for text in wanted if " ".join(text.split()) not in told} == set()
    assert found.summary in told
