"""Small diagnoses made by hand: numbers chosen for what a test wants to see."""

from __future__ import annotations

import math
from dataclasses import replace

from forgetscope.records import (
    Cell,
    Change,
    Checkpoint,
    CheckpointKind,
    Comparison,
    Diagnosis,
    FormatClass,
    GateResult,
    Item,
    Role,
    Score,
    Story,
    Transition,
    Verdict,
)

NAN = math.nan


def cell(name="logic", verdict=Verdict.HELD, *, change=0.0, half=0.01, n=400, **others):
    """A cell whose interval is `change` plus and minus `half`."""
    turned = 0.0 if math.isnan(change) else change / 2
    lost = max(0, round(n * (0.05 - turned)))
    gained = max(0, round(n * (0.05 + turned)))
    fields = {
        "name": name,
        "domain": name,
        "role": Role.GENERAL,
        "metric": "acc",
        "n": n,
        "n_clusters": n,
        "before": 0.6,
        "after": 0.6 + change,
        "change": change,
        "low": change - half,
        "high": change + half,
        "unadjusted_low": change - 0.8 * half,
        "unadjusted_high": change + 0.8 * half,
        "p_value": 0.5,
        "verdict": verdict,
        "lost": lost,
        "gained": gained,
        "retained": max(0, n // 2 - lost),
        "unsolved": max(0, n // 2 - gained),
        "format_share": 0.25 if lost else NAN,
        "chance": 0.25,
        "needs": 120 if verdict is Verdict.UNDECIDED else None,
        "method": "tango",
    }
    return Cell(**(fields | others))


def unmeasured(name="tools", reason="base at chance: 24.6 against 25.0", **others):
    undefined = dict.fromkeys(
        ("change", "low", "high", "unadjusted_low", "unadjusted_high", "p_value", "format_share"),
        NAN,
    )
    return cell(name, Verdict.CANNOT_MEASURE, reason=reason, **(undefined | others))


def comparison(after="step-20", *, domains=None, tasks=(), changes=(), warnings=()):
    domains = tuple(domains if domains is not None else example_domains())
    return Comparison(
        before="base",
        after=after,
        overall=cell("overall", change=-0.02, domain="", n=1200),
        domains=domains,
        tasks=tuple(tasks),
        changes=tuple(changes),
        warnings=tuple(warnings),
    )


def example_domains():
    """One domain for every verdict, and the target."""
    return (
        cell("instruction_following", Verdict.FORGOT, change=-0.09, half=0.02),
        cell("culture", Verdict.SLIPPED, change=-0.02, half=0.015),
        cell("logic", Verdict.HELD, change=0.001, half=0.01),
        cell("language", Verdict.GAINED, change=0.03, half=0.01),
        cell("knowledge", Verdict.UNDECIDED, change=-0.02, half=0.03),
        unmeasured(),
        cell("math", Verdict.GAINED, change=0.103, half=0.02, role=Role.TARGET),
    )


def diagnosis(*comparisons, gate=None, last_clean=None, profile=None):
    names = ["logic", "culture"] if profile is None else []
    alone = dict.fromkeys(
        ("after", "change", "low", "high", "unadjusted_low", "unadjusted_high"), NAN
    )
    cells = [
        cell(name, Verdict.CANNOT_MEASURE, p_value=NAN, lost=0, gained=0, needs=None, **alone)
        for name in names
    ]
    return Diagnosis(
        base="base",
        margin=0.02,
        alpha=0.05,
        profile=tuple(profile or cells),
        comparisons=tuple(comparisons),
        gate=gate or GateResult(passed=True, exit_code=0, reason="nothing is FORGOT"),
        last_clean=last_clean,
    )


def checkpoint(label="base", *, step=None, **others):
    fields = {"source": f"runs/{label}", "kind": CheckpointKind.FOLDER, "fingerprint": "ab" * 32}
    return Checkpoint(label=label, step=step, **(fields | others))


SERIES = (checkpoint(), checkpoint("step-10", step=10), checkpoint("step-20", step=2000))


def story(number=1, *, transition=Transition.LOST, domain="logic", **others):
    item = Item(
        id=f"{number:064x}",
        task="riddles",
        document_id=number,
        prompt=others.pop("prompt", f"Question: what is {number} plus one?\nAnswer:"),
        prompt_hash="cd" * 32,
        gold=others.pop("gold", str(number + 1)),
        choices=others.pop("choices", ()),
        chance=NAN,
        cluster=str(number),
    )
    was_right = transition is Transition.LOST
    before = others.pop("before", item.gold if was_right else "no idea")
    after = others.pop("after", "no idea" if was_right else item.gold)
    fields = {
        "item": item,
        "domain": domain,
        "transition": transition,
        "outcomes": (1.0, NAN, 0.0) if was_right else (0.0, 0.5, 1.0),
        "before": Score(item_id=item.id, value=float(was_right), answer=before, extracted=before),
        "after": Score(item_id=item.id, value=float(not was_right), answer=after, extracted=None),
        "format_class": FormatClass.DIFFERENT,
    }
    return Story(**(fields | others))


def change_of(told):
    sign = -1.0 if told.transition is Transition.LOST else 1.0
    return Change(
        item_id=told.item.id,
        task=told.item.task,
        domain=told.domain,
        transition=told.transition,
        change=sign,
    )


def renamed(made, name):
    return replace(made, name=name, domain=name)


HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}{% raw %}",
    '" onmouseover="alert(1)',
    "\x1b[2J\x1b]0;owned\x07",
    "abc\u202edcba\u200b\ufeff",
    "a\x00b\x7f\x85",
    "lone \ud800 surrogate",
    "```\n# not a heading\n````",
    "line one\r\nline two\rline three",
    "$\\frac{1}{2}$ _x_ | pipe | <b>",
    "=cmd|' /C calc'!A0",
)
"""Texts that try to leave the place they were given."""
