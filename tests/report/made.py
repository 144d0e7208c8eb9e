"""Small diagnoses made by hand: numbers chosen for what a test wants to see."""

from __future__ import annotations

import math
from dataclasses import replace

from forgetscope.records import (
    Adjunct,
    Calibration,
    Causes,
    Cell,
    Change,
    Checkpoint,
    CheckpointKind,
    Churn,
    Comparison,
    Course,
    Diagnosis,
    Estimate,
    Findings,
    FormatClass,
    GateResult,
    Heterogeneity,
    Item,
    Knowledge,
    LikelihoodChange,
    NoiseFloors,
    Readings,
    Recovered,
    Repeats,
    Role,
    Score,
    Story,
    Transition,
    Transitions,
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


def estimate(value, half=0.02, *, p_value=NAN):
    """A number whose interval is itself plus and minus `half`; nan has none."""
    return Estimate(value=value, low=value - half, high=value + half, p_value=p_value)


UNKNOWN = estimate(NAN)


def causes(counts, **others):
    """Why items were lost; `counts` by class."""
    fields = {
        "by_class": tuple(counts.items()),
        "truncated": estimate(0.12),
        "unparsed": estimate(0.03),
        "token_ratio": 1.84,
        "finished_before": 0.61,
        "finished_after": 0.602,
    }
    return Causes(**(fields | others))


def readings(strict=-0.09, lenient=-0.005, **others):
    """A strict reading that lost, a lenient one that held."""
    fields = {
        "strict": estimate(strict),
        "lenient": estimate(lenient, 0.012),
        "form": estimate(strict - lenient),
        "strict_verdict": Verdict.FORGOT,
        "lenient_verdict": Verdict.HELD,
    }
    return Readings(**(fields | others))


def knowledge(**others):
    """Five points of what was known are lost, whatever the guesses do."""
    fields = {
        "lost": estimate(0.05, 0.015),
        "gained": estimate(-0.004, 0.01),
        "lost_low": 0.031,
        "lost_high": 0.087,
        "gained_low": -0.012,
        "gained_high": 0.024,
        "copying": 0.5,
        "known_before": estimate(0.47, 0.03),
        "known_after": estimate(0.42, 0.03),
        "retention": 0.894,
        "published_lost": 0.0375,
        "published_gained": 0.0,
    }
    return Knowledge(**(fields | others))


def transitions(**others):
    fields = {
        "lost": estimate(0.08, 0.015),
        "gained": estimate(0.03, 0.01),
        "churn": estimate(0.11, 0.02),
        "lost_of_known": estimate(0.13, 0.025),
        "lost_of_changed": estimate(0.73, 0.08),
        "wrong_to_other_wrong": estimate(0.22, 0.05),
    }
    return Transitions(**(fields | others))


def noise(**others):
    fields = {"item": 0.011, "rerun": 0.021, "excess": estimate(0.062), "step": 0.0074}
    return NoiseFloors(**(fields | others))


def repeats(**others):
    fields = {
        "samples_before": 8.0,
        "samples_after": 4.0,
        "lost": estimate(0.1),
        "gained": estimate(0.06),
        "self_flip": 0.045,
        "beyond_sampling_p": 0.0004,
        "within_share": 0.38,
    }
    return Repeats(**(fields | others))


def likelihood(words="answers changed, likelihood trace intact", **others):
    fields = {
        "n": 400,
        "gold_bits": estimate(0.004, 0.01),
        "gold_log_share": estimate(-0.21, 0.05),
        "words": words,
    }
    return LikelihoodChange(**(fields | others))


def calibration(n=400, **others):
    fields = {
        "n": n,
        "brier": estimate(0.034, 0.01),
        "ece_before": 0.041,
        "ece_after": 0.093,
        "auroc_before": 0.744,
        "auroc_after": 0.701,
    }
    return Calibration(**(fields | others))


def recovered(kind="examples", **others):
    fields = {"kind": kind, "n": 31, "came_back": estimate(0.774, 0.12), "control": estimate(0.1)}
    return Recovered(**(fields | others))


def findings(**others):
    """Everything that can be known of one cell."""
    fields = {
        "transitions": transitions(),
        "knowledge": knowledge(),
        "repeats": repeats(),
        "noise": noise(),
        "readings": readings(),
        "causes": causes({FormatClass.TRUNCATED: 20, FormatClass.DIFFERENT: 18}),
        "likelihood": likelihood(),
        "calibration": calibration(),
        "heterogeneity": Heterogeneity(q=14.2, degrees=3, p_value=0.0026, lost=("law",)),
        "churn": Churn(excess_p=0.004, heterogeneity_p=0.0026),
        "retention": estimate(0.87, 0.03),
        "recovered": (recovered(), recovered("prefix")),
    }
    return Findings(**(fields | others))


def course(domain="logic", **others):
    """A domain that fell at once and came back in part."""
    fields = {
        "domain": domain,
        "worst": "step-10",
        "worst_drop": Estimate(value=0.052, low=0.031, high=NAN),
        "naive_drop": 0.061,
        "onset": "step-10",
        "trough": "step-10",
        "recovery": "step-20",
        "is_full_recovery": False,
        "trend": estimate(-0.012, 0.004, p_value=0.0003),
        "step_noise": 0.0074,
        "advised_margin": 0.02,
        "run_level": estimate(-0.04, 0.015),
    }
    return Course(**(fields | others))


def still_course(domain="culture", **others):
    """A domain of which nothing is proved."""
    fields = {
        "worst": "base",
        "worst_drop": Estimate(value=0.01, low=-0.012, high=NAN),
        "naive_drop": 0.014,
        "onset": None,
        "trough": None,
        "recovery": None,
        "trend": UNKNOWN,
        "step_noise": NAN,
        "advised_margin": NAN,
        "run_level": estimate(-0.006),
    }
    return course(domain, **(fields | others))


def full_domains():
    """Domains of which much is known: generated answers, multiple choice, and a target."""
    counts = {FormatClass.TRUNCATED: 20, FormatClass.INVALID: 8, FormatClass.ELSEWHERE: 3}
    counts |= {FormatClass.REFUSED: 2, FormatClass.DIFFERENT: 5}
    written = Findings(
        transitions=transitions(),
        noise=noise(),
        readings=readings(),
        causes=causes(counts),
        repeats=repeats(),
        likelihood=likelihood(gold_log_share=UNKNOWN),
        retention=estimate(0.85, 0.03),
        recovered=(recovered(), recovered("prefix", n=31)),
    )
    chosen = findings(readings=None, causes=None, repeats=None, recovered=())
    few = replace(chosen, noise=noise(rerun=NAN, excess=UNKNOWN), heterogeneity=None, churn=None)
    format_chip = {"adjuncts": (Adjunct.FORMAT,), "noise_floor": 0.021, "detectable": 0.031}
    shifted = {"adjuncts": (Adjunct.SHIFTED,), "noise_floor": 0.015, "detectable": 0.022}
    first, second, third, fourth, fifth, tools, target = example_domains()
    return (
        replace(first, margin=0.02, findings=written, **format_chip),
        replace(second, margin=0.02, findings=few, n_missing=3, detectable=0.027),
        replace(third, margin=0.05, findings=chosen, weighting="tasks", **shifted),
        replace(fourth, margin=0.02, findings=few, detectable=0.019),
        replace(fifth, margin=0.02, findings=Findings()),
        tools,
        replace(target, margin=0.02, findings=replace(written, causes=None, readings=None)),
    )


def full():
    """A series of two checkpoints with everything a report can tell."""
    tasks = [cell("riddles", domain="logic"), cell("law", domain="logic", change=-0.03)]
    steps = [
        comparison(label, domains=full_domains(), tasks=tasks) for label in ("step-10", "step-20")
    ]
    courses = (course("logic"), still_course(), course("instruction_following", recovery=None))
    return replace(diagnosis(*steps), courses=courses, seed=7)


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
