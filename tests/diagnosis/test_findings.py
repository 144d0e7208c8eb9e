"""What is found beside a verdict."""

import math
from dataclasses import replace

import numpy as np
import pytest

from forgetscope.diagnosis import compare, diagnose
from forgetscope.records import (
    Adjunct,
    Aggregate,
    FormatClass,
    OutputType,
    Policy,
    ProbeKind,
    ProbeResult,
    Verdict,
)
from tests.strategies import column, counts, evidence, profile, task

WRITTEN = {"output_type": OutputType.GENERATE, "chance": math.nan}


def compared(of, before, after, *, first=None, second=None, policy=None, forms=(None, None)):
    sides = (
        profile("base", column(of, before, evidence=first, forms=forms[0])),
        profile("later", column(of, after, evidence=second, forms=forms[1])),
    )
    return compare(*sides, policy=policy or Policy()).tasks[0]


def test_lost_and_gained_have_intervals_and_a_net_change_hides_neither():
    found = compared(task(chance=math.nan), *counts(40, 40, 500)).findings.transitions
    assert (found.lost.value, found.gained.value, found.churn.value) == (0.08, 0.08, 0.16)
    assert found.lost.low < 0.08 < found.lost.high
    assert found.lost_of_changed.value == 0.5


def test_fractional_scores_have_no_transitions():
    rng = np.random.default_rng(0)
    row = compared(task(chance=math.nan), rng.random(50), rng.random(50))
    assert row.findings.transitions is None


def test_guesses_are_taken_out_of_multiple_choice():
    """Section 5's fixture: O10 = O01 = 3/64, O00 = 21/64, same wrong 5/7: nothing was lost."""
    n = 64
    before = np.r_[np.ones(3), np.zeros(3), np.zeros(21), np.ones(37)]
    after = np.r_[np.zeros(3), np.ones(3), np.zeros(21), np.ones(37)]
    second = np.r_[np.full(3, 1), np.zeros(3), np.r_[np.full(15, 2), np.full(6, 3)], np.zeros(37)]
    first = np.r_[np.zeros(3), np.full(3, 1), np.full(21, 2), np.zeros(37)]
    options = np.full(n, 4)
    row = compared(
        task(),
        before,
        after,
        first=evidence(n, choice_I=first.astype(int), n_options_I=options),
        second=evidence(n, choice_I=second.astype(int), n_options_I=options),
    )
    found = row.findings.knowledge
    assert found.copying == pytest.approx(0.5)
    assert found.lost.value == pytest.approx(0.0, abs=1e-12)
    assert (found.lost_low, found.lost_high) == pytest.approx((-0.08333, 0.0625), abs=1e-5)
    assert found.published_lost == 0.0
    assert row.findings.transitions.wrong_to_other_wrong.value == pytest.approx(6 / 21)


def test_generated_answers_have_no_guessing_to_correct():
    assert compared(task(**WRITTEN), *counts(5, 5, 50)).findings.knowledge is None


def test_lost_answers_are_counted_by_why_they_failed():
    n = 60
    before, after = counts(10, 0, n, solved=50)
    why = [FormatClass.TRUNCATED] * 4 + [FormatClass.INVALID] * 3 + [FormatClass.DIFFERENT] * 3
    known = evidence(n, tokens_I=np.full(n, 20.0))
    cut = evidence(n, tokens_I=np.full(n, 50.0), truncated_I=np.arange(n) < 4)
    row = compared(
        task(**WRITTEN), before, after, first=known, second=cut,
        forms=(None, [*why, *[None] * (n - 10)]),
    )  # fmt: skip
    found = row.findings.causes
    counted = {form: count for form, count in found.by_class if count}
    assert counted == {
        FormatClass.TRUNCATED: 4, FormatClass.INVALID: 3, FormatClass.DIFFERENT: 3
    }  # fmt: skip
    assert row.format_share == pytest.approx(0.7)
    assert found.truncated.value == pytest.approx(4 / n)
    assert found.unparsed.value == pytest.approx(3 / n)
    assert found.token_ratio == 2.5
    assert found.finished_before == pytest.approx(1.0)
    assert found.finished_after == pytest.approx(50 / 53)


def test_choices_by_likelihood_have_no_form_that_could_fail():
    assert compared(task(), *counts(5, 5, 50)).findings.causes is None


STRICT = {**WRITTEN, "metric": "exact_match", "filter": "strict-match",
          "partner": "exact_match,flexible-extract"}  # fmt: skip
FLEXIBLE = {**WRITTEN, "metric": "exact_match", "filter": "flexible-extract",
            "partner": "exact_match,strict-match"}  # fmt: skip


@pytest.mark.parametrize(("settings", "primary"), [(STRICT, "strict"), (FLEXIBLE, "lenient")])
def test_a_broken_form_is_marked_whichever_reading_is_judged(settings, primary):
    """Strict falls from 0.31 to nothing while the lenient reading stays."""
    n = 1000
    strict = np.r_[np.ones(310), np.zeros(690)], np.zeros(n)
    lenient = np.r_[np.ones(320), np.zeros(680)], np.r_[np.zeros(10), np.ones(322), np.zeros(668)]
    own, other = (strict, lenient) if primary == "strict" else (lenient, strict)
    row = compared(
        task(**settings), *own,
        first=evidence(n, partner_I=other[0]), second=evidence(n, partner_I=other[1]),
    )  # fmt: skip
    found = row.findings.readings
    assert row.adjuncts == (Adjunct.FORMAT,)
    assert row.verdict is (Verdict.FORGOT if primary == "strict" else Verdict.HELD)
    assert (found.strict_verdict, found.lenient_verdict) == (Verdict.FORGOT, Verdict.HELD)
    assert found.strict.value == pytest.approx(-0.31)
    assert found.lenient.value == pytest.approx(0.002)
    assert found.form.value == pytest.approx(found.strict.value - found.lenient.value)
    assert found.form.low < found.form.value < found.form.high


def test_a_loss_by_both_readings_is_no_matter_of_form():
    n = 1000
    before, after = np.r_[np.ones(310), np.zeros(690)], np.zeros(n)
    row = compared(
        task(**STRICT), before, after,
        first=evidence(n, partner_I=before), second=evidence(n, partner_I=after),
    )  # fmt: skip
    assert row.adjuncts == ()
    assert row.findings.readings.form.value == 0.0


def test_without_a_second_reading_there_is_no_comparison_of_readings():
    assert compared(task(**WRITTEN), *counts(5, 5, 50)).findings.readings is None


def test_a_domain_breaks_in_form_where_one_of_its_tasks_does():
    n = 600
    strict = np.ones(n), np.r_[np.zeros(200), np.ones(400)]
    lenient = np.ones(n)
    plain = counts(1, 1, 600)
    of, other = task("gsm", **STRICT), task("other", chance=math.nan)
    sides = [
        profile(
            label,
            column(of, strict[k], evidence=evidence(n, partner_I=lenient)),
            column(other, plain[k]),
        )
        for k, label in enumerate(("base", "later"))
    ]
    row = compare(*sides).domains[0]
    assert row.adjuncts == (Adjunct.FORMAT,)
    assert row.findings.readings.strict.value == pytest.approx(-200 / 1200)
    assert row.findings.readings.lenient.value == pytest.approx(0.0)


def test_more_churn_than_a_rerun_shows_is_shifted():
    rng = np.random.default_rng(0)
    base = (rng.random(800) < 0.6).astype(float)
    rerun = np.where(rng.random(800) < 0.01, 1 - base, base)
    moved = base.copy()
    moved[np.flatnonzero(base == 1)[:60]] = 0
    moved[np.flatnonzero(base == 0)[:60]] = 1
    known = evidence(800, sample_IK=np.stack([base, rerun], axis=1))
    row = compared(task(chance=math.nan), base, moved, first=known)
    assert row.change == 0.0
    assert row.adjuncts == (Adjunct.SHIFTED,)
    assert row.findings.noise.rerun == pytest.approx((base != rerun).mean())
    assert row.findings.noise.excess.low > 0.0
    assert row.noise_floor > 0.0
    # the same churn as in the rerun is no news
    still = compared(task(chance=math.nan), base, rerun, first=known)
    assert still.adjuncts == ()


def test_no_verdict_and_no_remark_hangs_on_the_rounding_of_a_rerun():
    rng = np.random.default_rng(2)
    base, rounding = rng.uniform(0.2, 0.8, 400), rng.normal(0.0, 1e-7, 400)
    after = base + np.where(np.arange(400) % 2, 0.1, -0.1)
    text = task(metric="bits_per_byte", chance=math.nan, is_bounded=False, higher_is_better=False)
    for of in (text, task(chance=math.nan)):
        found = [
            compared(
                of, base, after, first=evidence(400, sample_IK=np.stack([base, again], axis=1))
            )
            for again in (base, base + rounding)
        ]
        assert found[0].verdict == found[1].verdict
        assert found[0].adjuncts == found[1].adjuncts
        assert repr(found[0].findings.noise.excess) == repr(found[1].findings.noise.excess)
        # a metric without bounds has no sides that an item could change
        assert math.isnan(found[1].findings.noise.rerun) == (of is text)
        assert found[1].findings.noise.rerun_n == 400


def test_the_largest_move_of_a_rerun_is_that_of_the_items_asked_again():
    base, after = counts(60, 60, 500)
    nats = np.full(len(base), np.nan)
    nats[:3] = 1e-6, 3e-5, 0.0
    again = np.where(np.isnan(nats), np.nan, base)
    known = evidence(len(base), sample_IK=np.stack([base, again], axis=1), rerun_nats_I=nats)
    floors = compared(task(chance=math.nan), base, after, first=known).findings.noise
    assert (floors.rerun_n, floors.rerun_nats) == (3, 3e-5)


def test_without_a_rerun_nothing_is_said_of_reruns():
    row = compared(task(chance=math.nan), *counts(60, 60, 500))
    assert math.isnan(row.findings.noise.rerun)
    assert (row.findings.noise.rerun_n, str(row.findings.noise.rerun_nats)) == (0, "nan")
    assert math.isnan(row.noise_floor)
    assert row.findings.churn is None
    assert row.adjuncts == ()


def test_samples_tell_change_from_sampling():
    rng = np.random.default_rng(1)
    of = task(**WRITTEN, is_sampled=True)
    chance = rng.uniform(0.2, 0.8, 300)
    before, same = (rng.random((300, 8)) < chance[:, None] for _ in range(2))
    swapped = np.where(np.arange(300) % 2, np.clip(chance + 0.3, 0, 1), np.clip(chance - 0.3, 0, 1))
    other = rng.random((300, 8)) < swapped[:, None]

    def found(after):
        return compared(
            of, before.mean(1), after.mean(1),
            first=evidence(300, sample_IK=before.astype(float)),
            second=evidence(300, sample_IK=after.astype(float)),
        )  # fmt: skip

    assert found(same).findings.repeats.beyond_sampling_p > 0.05
    assert found(other).findings.repeats.beyond_sampling_p < 0.01
    assert Adjunct.SHIFTED in found(other).adjuncts
    told = found(same).findings.repeats
    assert told.lost.value - told.gained.value == pytest.approx(-found(same).change)


def test_tasks_that_changed_differently_are_named():
    tables = {"steady": (30, 30, 900), "better": (10, 70, 900), "worse": (75, 10, 900)}
    made = {name: counts(*table) for name, table in tables.items()}
    sides = [
        profile(label, *(column(task(n, chance=math.nan), x[k]) for n, x in made.items()))
        for k, label in enumerate(("base", "later"))
    ]
    row = compare(*sides).domains[0]
    assert row.verdict is Verdict.HELD
    assert row.findings.heterogeneity.lost == ("worse",)
    assert row.findings.heterogeneity.p_value < 1e-6
    assert row.adjuncts == (Adjunct.SHIFTED,)


def test_a_loss_is_not_called_shifted():
    tables = {"same": (1, 1, 900), "worse": (300, 10, 900)}
    made = {name: counts(*table) for name, table in tables.items()}
    sides = [
        profile(label, *(column(task(n, chance=math.nan), x[k]) for n, x in made.items()))
        for k, label in enumerate(("base", "later"))
    ]
    row = compare(*sides).domains[0]
    assert row.verdict is Verdict.FORGOT
    assert row.adjuncts == ()


def options(rng, n, quality):
    """Probabilities of four options, the first of them gold."""
    logit = rng.normal(0, 1, (n, 4))
    logit[:, 0] += quality
    share = np.exp(logit) / np.exp(logit).sum(axis=1, keepdims=True)
    choice = share.argmax(axis=1)
    return (choice == 0).astype(float), evidence(
        n,
        choice_I=choice,
        n_options_I=np.full(n, 4),
        gold_share_I=share[:, 0],
        top_share_I=share.max(axis=1),
        brier_I=np.square(share - np.eye(4)[0]).sum(axis=1),
        gold_bits_I=-np.log2(share[:, 0]) / 3,
    )


def test_a_loss_of_score_and_of_likelihood_reads_as_loss_of_knowledge():
    rng = np.random.default_rng(2)
    before, first = options(rng, 500, 2.5)
    after, second = options(rng, 500, 0.5)
    row = compared(task(), before, after, first=first, second=second)
    assert row.verdict is Verdict.FORGOT
    found = row.findings.likelihood
    assert found.gold_bits.low > 0.0
    assert found.gold_log_share.high < 0.0
    assert "knowledge loss is likely" in found.words
    told = row.findings.calibration
    assert told.brier.low > 0.0
    assert 0.0 <= told.ece_before <= 1.0
    assert 0.5 < told.auroc_before <= 1.0


def test_a_score_that_falls_while_the_gold_text_stays_likely_reads_otherwise():
    rng = np.random.default_rng(3)
    bits = rng.uniform(0.5, 1.0, 400)
    row = compared(
        task(chance=math.nan), *counts(90, 5, 400),
        first=evidence(400, gold_bits_I=bits), second=evidence(400, gold_bits_I=bits - 0.01),
    )  # fmt: skip
    assert row.verdict is Verdict.FORGOT
    assert "no loss of the gold text's likelihood is proved" in row.findings.likelihood.words


@pytest.mark.parametrize("then", [1.0, np.inf])
def test_impossible_gold_texts_are_left_out_of_the_likelihood(then):
    bits = np.r_[np.inf, np.full(99, 1.0)]
    later = np.r_[then, np.full(99, 1.0)]
    row = compared(
        task(chance=math.nan), *counts(5, 5, 100),
        first=evidence(100, gold_bits_I=bits), second=evidence(100, gold_bits_I=later),
    )  # fmt: skip
    assert row.findings.likelihood.n == 99
    assert row.findings.likelihood.gold_bits.value == 0.0


def test_a_ratio_needs_a_base_to_divide_by():
    strong = compared(task(chance=math.nan), *counts(50, 0, 400))
    assert strong.findings.retention.value == pytest.approx(strong.after / strong.before)
    weak = compared(task(chance=math.nan), *counts(3, 0, 400, solved=5))
    assert weak.findings.retention is None


def test_what_can_be_detected_shrinks_with_the_items():
    few = compared(task(chance=math.nan), *counts(10, 10, 200))
    many = compared(task(chance=math.nan), *counts(100, 100, 2000))
    assert many.detectable < few.detectable
    assert many.detectable == pytest.approx(2.486 * math.sqrt(0.1 / 2000), rel=0.02)


def test_nothing_is_found_where_nothing_was_compared():
    refused = task(fingerprint="other settings")
    sides = (
        profile("base", column(task(), np.ones(20)), column(task("b"), np.ones(20))),
        profile("later", column(refused, np.ones(20)), column(task("b"), np.ones(20))),
    )
    row = compare(*sides).tasks[0]
    assert row.verdict is Verdict.CANNOT_MEASURE
    assert row.findings.transitions is None


def test_correlation_of_labels_is_resampled():
    """A metric that is no mean: the change of Matthews' correlation, with its own interval."""
    rng = np.random.default_rng(4)
    of = task("cola", metric="mcc", aggregate=Aggregate.MATTHEWS, chance=math.nan)
    gold = (rng.random(600) < 0.6).astype(float)

    def side(error):
        predicted = np.where(rng.random(600) < error, 1 - gold, gold)
        known = evidence(600, gold_label_I=gold, predicted_label_I=predicted)
        return (predicted == gold).astype(float), known, np.corrcoef(gold, predicted)[0, 1]

    (before, first, was), (after, second, now) = side(0.1), side(0.3)
    row = compared(of, before, after, first=first, second=second)
    assert (row.before, row.after) == pytest.approx((was, now))
    assert row.change == pytest.approx(now - was)
    assert row.low < row.change < row.high < 0.0
    assert row.verdict is Verdict.FORGOT
    assert math.isnan(row.p_value)


def test_identical_labels_give_a_correlation_no_interval():
    gold = np.arange(60) % 2.0
    known = evidence(60, gold_label_I=gold, predicted_label_I=np.r_[1.0, gold[1:]])
    right = (known.predicted_label_I == gold).astype(float)
    of = task("cola", metric="mcc", aggregate=Aggregate.MATTHEWS, chance=math.nan)
    row = compared(of, right, right, first=known, second=known)
    assert row.verdict is Verdict.CANNOT_MEASURE
    assert "no answer changed" in row.reason
    assert row.change == 0.0


def test_what_came_back_stands_with_its_control():
    before, after = counts(4, 0, 40, solved=30)
    of = task(**WRITTEN)
    later = column(of, after)
    asked = [("arc-0", 1.0), ("arc-1", 1.0), ("arc-2", 0.0), ("arc-38", 0.0), ("arc-39", 1.0)]
    probes = tuple(
        ProbeResult(item_id=item, kind=ProbeKind.EXAMPLES, value=value) for item, value in asked
    )
    found = compare(
        profile("base", column(of, before)), replace(profile("later", later), probes=probes)
    )
    (row,) = found.tasks[0].findings.recovered
    assert (row.kind, row.n) == ("examples", 3)
    assert row.came_back.value == pytest.approx(2 / 3)
    assert row.control.value == pytest.approx(1 / 2)
    assert found.domains[0].findings.recovered == found.overall.findings.recovered == (row,)


def test_the_seed_of_the_policy_is_recorded():
    sides = [profile(str(k), column(task(), np.ones(20))) for k in range(2)]
    assert diagnose(sides, policy=Policy(seed=7)).seed == 7
