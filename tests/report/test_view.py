"""The view decides order, groups and words once, for every backend."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from forgetscope.records import Role, Transition, Verdict
from forgetscope.report import ReportView
from forgetscope.report.view import checkpoint_names
from tests.report import made


def view(*comparisons, **options):
    comparisons = comparisons or (made.comparison(),)
    return ReportView.of(made.diagnosis(*comparisons), checkpoints=made.SERIES, **options)


@settings(max_examples=20)
@given(st.permutations(made.example_domains()))
def test_the_order_of_the_records_does_not_matter(domains):
    assert repr(view(made.comparison(domains=domains))) == repr(view())  # nan equals nothing


def test_rows_are_grouped_by_role_with_the_largest_loss_first():
    groups = view().ledger.groups
    assert [[row.label for row in group.rows] for group in groups] == [
        ["Instruction following", "Culture", "Knowledge", "Logic", "Language"],
        ["Math"],
        ["Tools"],
    ]


def test_tasks_stand_below_their_domain_and_nowhere_else():
    tasks = [
        made.cell("riddles", domain="logic", change=-0.01),
        made.cell("puzzles", domain="logic", change=-0.05),
        made.cell("proverbs", domain="culture"),
    ]
    rows = {row.name: row for row in view(made.comparison(tasks=tasks)).ledger.rows}
    assert [task.label for task in rows["logic"].tasks] == ["puzzles", "riddles"]
    assert [task.label for task in rows["culture"].tasks] == ["proverbs"]
    assert sum(len(row.tasks) for row in rows.values()) == 3


def test_the_scale_holds_the_intervals_of_tasks_too():
    task = made.cell("riddles", domain="logic", change=-0.2, half=0.01)
    assert view(made.comparison(tasks=[task])).ledger.scale.low <= -21


def test_item_bars_are_measured_against_the_rows_that_are_drawn():
    domains = [
        made.cell("logic", n=100, lost=8, gained=2),
        made.cell("language", n=100, lost=97, metric="bits_per_byte"),
        made.unmeasured(n=10, lost=9),
    ]
    assert view(made.comparison(domains=domains)).ledger.widest_share == 0.08


def test_the_tally_counts_the_general_domains_only_and_keeps_zeros():
    tally = {row.mark.word: row.n for row in view().tally}
    assert list(tally) == [str(verdict) for verdict in Verdict]
    assert sum(tally.values()) == 6
    watched = [replace(cell, role=Role.WATCH) for cell in made.example_domains()]
    none = view(made.comparison(domains=watched)).tally
    assert {row.n for row in none} == {0}


def test_the_heat_table_needs_two_checkpoints_beyond_the_base():
    assert view().heat is None
    found = view(made.comparison("step-10"), made.comparison("step-20")).heat
    assert found.columns == ("step 10", "step 2,000")


def test_the_heat_table_has_the_order_of_the_domain_table():
    found = view(made.comparison("step-10"), made.comparison("step-20"))
    flat = [row.label for group in found.heat.groups for row in group]
    assert flat == [row.label for row in found.ledger.rows]


def test_checkpoints_are_called_by_step_only_where_that_is_unique():
    twins = (made.checkpoint(), made.checkpoint("a", step=100), made.checkpoint("b", step=100))
    name = checkpoint_names(twins)
    assert [name("a"), name("b")] == ["a", "b"]
    alone = checkpoint_names(twins[:2])
    assert alone("a") == "step 100"
    assert alone("unknown\x1b") == "unknown[ESC]"


def test_the_base_keeps_its_label():
    base = made.checkpoint("base", step=0)
    assert checkpoint_names([base, made.checkpoint("a", step=5)])("base") == "base"


def test_a_base_alone_has_a_profile_and_nothing_to_compare():
    found = ReportView.of(made.diagnosis(), checkpoints=made.SERIES[:1])
    assert (found.ledger, found.heat, found.items, found.gate) == (None, None, None, None)
    assert [row.label for row in found.profile] == ["Logic", "Culture"]
    assert {row.before for row in found.profile} == {"60.0"}


def test_profile_tasks_stand_below_their_domain():
    cells = (made.cell("logic"), made.cell("riddles", domain="logic"))
    [row] = ReportView.of(made.diagnosis(profile=cells)).profile
    assert [task.label for task in row.tasks] == ["riddles"]


def test_a_task_may_be_called_like_its_domain():
    cells = (made.cell("logic", n=20), made.cell("culture"), made.cell("logic", n=10))
    rows = ReportView.of(made.diagnosis(profile=cells)).profile
    assert [(row.label, row.n) for row in rows] == [("Logic", "20"), ("Culture", "400")]
    assert [task.label for task in rows[0].tasks] == ["logic"]


def test_a_profile_of_tasks_alone_is_shown_too():
    cells = (made.cell("riddles", domain="logic"),)
    assert [row.label for row in ReportView.of(made.diagnosis(profile=cells)).profile] == [
        "riddles"
    ]


def test_items_are_lost_ones_first_in_the_order_of_the_domains():
    stories = [
        made.story(1, transition=Transition.GAINED, domain="culture"),
        made.story(2, domain="logic"),
        made.story(3, domain="culture"),
        made.story(4, transition=Transition.RETAINED),
    ]
    items = view(stories=stories).items
    assert [entry.key for entry in items.entries] == [
        "riddles-3",
        "riddles-2",
        "riddles-1",
        "riddles-4",
    ]
    assert (items.n_lost, items.n_gained) == (2, 1)
    assert items.checkpoints == ("base", "step 2,000")


def test_provenance_is_shown_as_given_and_what_is_missing_is_left_out():
    provenance = {
        "study": "riddle-run",
        "suite": {"name": "tiny", "fingerprint": "ab12"},
        "seed": 0,
        "engine": None,
        "times": {"started": "", "finished": None},
        "tags": ["a", "b"],
        "command": "forgetscope report riddle-run",
    }
    found = view(provenance=provenance)
    settings = {setting.name: setting.value for setting in found.trust.settings}
    assert settings == {"Suite": "name tiny · fingerprint ab12", "Seed": "0", "Tags": "a · b"}
    assert found.trust.command == "forgetscope report riddle-run"
    assert found.study == "riddle-run"


def test_a_warning_of_several_comparisons_is_named_once():
    twice = made.comparison("step-10", warnings=["12 prompts were cut"])
    again = made.comparison("step-20", warnings=["12 prompts were cut"])
    assert view(twice, again).trust.warnings == ("12 prompts were cut",)


def test_no_name_in_the_view_hides_a_character():
    evil = "a\x1b[31m\u202e\nb"
    domains = [made.cell(evil, Verdict.FORGOT, change=-0.1), made.unmeasured("x", reason=evil)]
    tasks = [made.cell(evil + "t", domain=evil)]
    steps = [made.comparison(evil + end, domains=domains, tasks=tasks) for end in "12"]
    found = ReportView.of(
        made.diagnosis(*steps),
        checkpoints=[made.checkpoint(evil, source=evil, revision=evil)],
        provenance={"study": evil, "command": evil, evil: {evil: evil}},
    )
    text = repr(found).replace(repr(evil)[1:-1], "")  # slugs stay as recorded, to find rows by
    assert "\\x1b" not in text
    assert "\\u202e" not in text
