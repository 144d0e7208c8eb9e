"""What stands behind a verdict, made by hand: findings, courses, and a series full of them."""

from __future__ import annotations

from dataclasses import replace

from forgetscope.records import (
    Adjunct,
    Calibration,
    CalibrationBin,
    Causes,
    Churn,
    Course,
    Estimate,
    Findings,
    FormatClass,
    Heterogeneity,
    Knowledge,
    LikelihoodChange,
    NoiseFloors,
    Readings,
    Recovered,
    Repeats,
    Transitions,
    Verdict,
)
from tests.report.made import NAN, cell, comparison, diagnosis, example_domains


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
    fields = {"item": 0.011, "rerun": 0.021, "rerun_n": 1000, "rerun_nats": 3.12e-5}
    fields |= {"excess": estimate(0.062), "step": 0.0074}
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


def bins(gap):
    """Five bins in which the model is surer than it is right by `gap`."""
    sure = (0.3, 0.45, 0.6, 0.75, 0.95)
    return tuple(CalibrationBin(n=80, confidence=one, accuracy=one - gap) for one in sure)


def calibration(n=400, **others):
    fields = {
        "n": n,
        "brier": estimate(0.034, 0.01),
        "ece_before": 0.041,
        "ece_after": 0.093,
        "auroc_before": 0.744,
        "auroc_after": 0.701,
        "bins_before": bins(0.04),
        "bins_after": bins(0.09),
    }
    return Calibration(**(fields | others))


def recovered(kind="examples", **others):
    fields = {
        "kind": kind,
        "n": 31,
        "came_back": estimate(0.774, 0.12),
        "control": estimate(0.1),
        "kept": estimate(0.94, 0.04),
    }
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
