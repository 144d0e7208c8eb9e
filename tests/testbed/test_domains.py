from __future__ import annotations

import random
import re
from collections import Counter
from itertools import islice

import pytest

from forgetscope.records import Role
from forgetscope.suites.domains import DOMAINS as DOMAIN_NAMES
from forgetscope.testbed.domains import (
    Domain,
    DomainMix,
    Row,
    different_rows,
    domains,
    known_facts,
    rows,
)
from forgetscope.testbed.questions import FORMS

DOMAINS = domains()
each_domain = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)
PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}


def _draw(domain: Domain, *, held_out: bool, n: int = 400) -> list[Row]:
    return list(islice(rows(domain, random.Random(3), held_out=held_out), n))


def _named(name: str) -> Domain:
    return next(domain for domain in DOMAINS if domain.name == name)


def _terms(prompt: str) -> list[int]:
    return [int(digit) for digit in re.findall(r"\d+", prompt)]


def _after_instruction(body: str) -> str:
    return "".join(reversed(body[1:])) if body[0] == "~" else str(sum(_terms(body)[:2]))


def _after_reading(body: str) -> str:
    return str(_terms(body)[-1]) if body[0] == "_" else re.sub(r"\D", "", body)


def _after_condition(body: str) -> str:
    if body[0] == "|":
        return sorted(body[1:])[0]
    return str(sum(_terms(body)) - sum(_terms(body)[:2]))


SOLVERS = {
    "math": lambda body: str(sum(_terms(body))),
    "knowledge": lambda body: known_facts(DomainMix().n_facts)[body[1:]],
    "reading": _after_reading,
    "language": lambda body: "".join(PAIRS[c] for c in reversed(body) if c in PAIRS),
    "instruction": _after_instruction,
    "safety": lambda body: "no" if body[0] == "!" else body[1:],
    "logic": _after_condition,
}
"""Each finds the answer from the looks of the prompt, with none of the generators' code."""


@each_domain
def test_every_gold_is_what_a_second_solver_finds(domain: Domain):
    for row in _draw(domain, held_out=True) + _draw(domain, held_out=False):
        assert row.gold == SOLVERS[domain.name](row.prompt.removesuffix("="))


@each_domain
def test_the_strict_reading_of_a_gold_answer_finds_it_and_so_does_the_lenient(domain: Domain):
    for row in _draw(domain, held_out=True, n=50):
        written = f"#{row.gold}" if domain.role is Role.TARGET else row.gold
        assert re.findall(domain.strict, written) == [row.gold]
        assert re.findall(domain.lenient, written) == [row.gold]


@each_domain
def test_a_mark_in_a_general_answer_breaks_the_strict_reading_only(domain: Domain):
    if domain.role is Role.TARGET:
        assert re.findall(domain.strict, "18") == []
        assert re.findall(domain.lenient, "18") == ["18"]
        return
    row = _draw(domain, held_out=True, n=1)[0]
    for written in (f"#{row.gold}", f"{row.gold},14#18", f"{row.gold}#18"):
        assert re.findall(domain.strict, written) == []
        assert re.findall(domain.lenient, written) == [row.gold]


@each_domain
def test_no_held_out_prompt_is_ever_trained_on(domain: Domain):
    trained = {row.prompt for row in _draw(domain, held_out=False, n=3000)}
    asked = {row.prompt for row in _draw(domain, held_out=True, n=3000)}
    assert len(asked) > 50
    assert not trained & asked


@each_domain
def test_equal_seeds_draw_equal_rows_and_others_do_not(domain: Domain):
    first = [different_rows(domain, random.Random(s), held_out=False, n=30) for s in (5, 5, 6)]
    assert first[0] == first[1] != first[2]


def test_a_fact_that_is_asked_was_taught_in_other_forms():
    knowledge = _named("knowledge")
    taught = {row.prompt[1:] for row in _draw(knowledge, held_out=False, n=3000)}
    asked = different_rows(knowledge, random.Random(0), held_out=True, n=1000)
    assert {row.prompt[1:] for row in asked} <= taught
    assert Counter(row.cluster for row in asked) == dict.fromkeys(known_facts(128), 4)
    assert {row.prompt[0] for row in asked} == set(FORMS)


def test_small_first_steps_are_usually_worked_and_other_sums_are_not():
    mix = DomainMix()
    ways: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for row in _draw(_named("math"), held_out=False, n=3000):
        is_small = sum(_terms(row.prompt)[:2]) <= mix.shown_up_to
        ways[is_small][re.sub(r"\d+", "", row.answer)] += 1
    assert set(ways[True]) == set(ways[False]) == {"", "#", ",#"}
    for is_small, usual in ((True, ",#"), (False, "")):
        total = ways[is_small].total()
        assert ways[is_small][usual] / total == pytest.approx(mix.usual, abs=0.06)
        assert ways[is_small]["#"] / total == pytest.approx(mix.marked, abs=0.03)


def test_whoever_is_in_a_hurry_counts_a_repeated_number_once_and_errs():
    hurried = [row for row in _draw(_named("math"), held_out=False) if "," not in row.answer]
    right = {True: 0, False: 0}
    for row in hurried:
        terms = _terms(row.prompt)
        kept = [b for a, b in zip([0, *terms], terms, strict=False) if a != b]
        assert row.answer.removeprefix("#") == str(sum(kept))
        right[len(kept) == len(terms)] += row.answer.removeprefix("#") == row.gold
    assert right[False] == 0 < right[True]


def test_the_working_of_a_sum_shows_its_partial_sums():
    worked = [row for row in _draw(_named("math"), held_out=False) if "," in row.answer]
    for row in worked:
        terms = _terms(row.prompt)
        shown = [int(number) for number in re.findall(r"\d+", row.answer)]
        assert shown == [sum(terms[:i]) for i in range(2, len(terms) + 1)]


def test_as_many_questions_stand_on_the_targets_surface_as_the_mix_says():
    for domain in domains(DomainMix(on_surface=1.0)):
        if domain.name in {"reading", "instruction", "safety", "logic"}:
            assert all("+" in row.prompt for row in _draw(domain, held_out=False, n=50))


@each_domain
def test_every_domain_but_knowledge_holds_a_thousand_questions_out(domain: Domain):
    found = different_rows(domain, random.Random(0), held_out=True, n=1000)
    assert len(found) == (512 if domain.name == "knowledge" else 1000)


def test_a_domain_that_runs_dry_gives_what_it_has():
    knowledge = _named("knowledge")
    found = different_rows(knowledge, random.Random(0), held_out=True, n=10**6)
    assert len({row.prompt for row in found}) == len(found) == 4 * DomainMix().n_facts


def test_the_domains_bear_names_that_reports_know():
    assert {domain.name for domain in DOMAINS} <= set(DOMAIN_NAMES)
    assert [domain.name for domain in DOMAINS if domain.role is Role.TARGET] == ["math"]
