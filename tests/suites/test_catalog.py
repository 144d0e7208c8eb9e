import pytest

from forgetscope.records import Purpose, Role
from forgetscope.suites import (
    DOMAINS,
    FLAGS,
    UNFIT,
    Suite,
    TaskChoice,
    known_items,
    load_suite,
    look_up,
    n_leaves,
    preset_names,
)
from forgetscope.suites.catalog import catalog

PRESETS = [name for name in preset_names() if name not in ("offline", "testbed")]
"""Those of official tasks."""


def test_the_catalog_speaks_of_known_domains_and_flags_alone():
    for entry in catalog():
        assert entry.domain in DOMAINS
        assert set(entry.flags) <= set(FLAGS)
        assert bool(entry.needs) == ("extra" in entry.flags)
        assert all(level is None or not level > 1 for level in (entry.chance, entry.nominal))


@pytest.mark.parametrize("preset", PRESETS)
def test_what_can_fail_to_run_is_optional_in_every_preset_and_nothing_else_is(preset):
    hindered = {*UNFIT, "gated", "extra", "network"}
    for choice in load_suite(preset).choices:
        assert choice.optional == bool(hindered & set(look_up(choice.name).flags)), choice.name


def test_the_presets_cover_every_domain_but_those_no_official_task_measures():
    suites = [load_suite(name) for name in ("full", "vision")]
    domains = {look_up(choice.name).domain for suite in suites for choice in suite.choices}
    assert set(DOMAINS) - domains == {"tools", "other"}


def test_full_asks_all_that_standard_asks():
    whole = {
        "minerva_math500": "minerva_math",
        "niah_single_1": "ruler",
        "niah_multikey_1": "ruler",
    }
    whole |= dict.fromkeys(
        ["agieval_logiqa_en", "agieval_lsat_ar", "agieval_lsat_lr"], "agieval_en"
    )
    full = {choice.name: choice for choice in load_suite("full").choices}
    for choice in load_suite("standard").choices:
        assert full[whole.get(choice.name, choice.name)].limit is None


def test_vision_asks_the_texts_of_quick_too():
    vision, quick = load_suite("vision"), load_suite("quick")
    assert vision.choices[: len(quick.choices)] == quick.choices
    assert {look_up(c.name).domain for c in vision.choices[len(quick.choices) :]} == {"vision"}


@pytest.mark.parametrize(
    "name", ["agieval_lsat_lr", "gpqa_diamond_cot_zeroshot", "mmlu_pro", "mmlu_prox_lite_fr_law"]
)
def test_some_tasks_are_kept_for_the_end(name):
    assert look_up(name).purpose is Purpose.HELD_OUT


def test_a_rise_of_hazardous_knowledge_is_watched_and_not_gated():
    assert look_up("wmdp_bio").role is Role.WATCH
    assert look_up("mmlu_anatomy").role is Role.GENERAL


def test_a_number_of_items_is_told_only_where_it_was_verified():
    assert known_items("arc_easy") == 2376
    assert known_items("bbq") is None
    assert (n_leaves("mmlu"), n_leaves("arc_easy")) == (57, 1)


def test_the_label_of_a_task_can_be_changed_without_changing_what_is_asked():
    fingerprints = {
        Suite(name="s", choices=(TaskChoice(name="boolq", limit=5, **changes),)).fingerprint
        for changes in ({}, {"optional": True}, {"purpose": Purpose.HELD_OUT})
    }
    assert len(fingerprints) == 1
