"""Findings: what stands behind a verdict, and what it does not say.

All shares; changes are after minus before, a loss is negative. What is undefined is nan.
"""

from __future__ import annotations

from dataclasses import dataclass

from forgetscope.records.verdict import FormatClass, Verdict

__all__ = [
    "Calibration",
    "CalibrationBin",
    "Causes",
    "Churn",
    "Delivery",
    "Estimate",
    "Findings",
    "Heterogeneity",
    "Knowledge",
    "LikelihoodChange",
    "NoiseFloors",
    "PassAtK",
    "Readings",
    "Recovered",
    "Repeats",
    "Transitions",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval: each end holds at the one-sided level of the comparison."""

    value: float
    low: float
    high: float
    p_value: float = float("nan")
    """Of the hypothesis that the number is 0, two-sided, where that is tested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """How 0/1 scores moved, as shares of the paired items."""

    lost: Estimate
    gained: Estimate
    churn: Estimate
    """Items that changed sides (positive and negative flips, arXiv:2407.09141)."""
    lost_of_known: Estimate
    """Lost items as a share of those that were right before."""
    lost_of_changed: Estimate
    """Losses as a share of the items that changed sides: the odds of lost to gained."""
    wrong_to_other_wrong: Estimate
    """Of the items wrong both times: those that chose another wrong option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Lost and gained with guessing taken out (multiple choice)."""

    lost: Estimate
    """nan where only bounds are possible: two options, or no choices on record."""
    gained: Estimate
    lost_low: float
    """Identification interval: the answer if second guesses never copy the first ..."""
    lost_high: float
    """... and if they always do."""
    gained_low: float
    gained_high: float
    copying: float
    """Estimated share of unknown items whose second guess copies the first, in [0, 1]."""
    known_before: Estimate
    """Share of items known, (k a - 1) / (k - 1)."""
    known_after: Estimate
    retention: float
    """1 - lost / known before; nan where the base knows nothing for sure."""
    published_lost: float
    """What arXiv:2510.17776 would report; it assumes that knowledge before and after are
    independent."""
    published_gained: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PassAtK:
    """How often at least one of k samples is right (arXiv:2107.03374, equation 1)."""

    k: int
    before: float
    """Mean over the items, a share; for k = 1 the score."""
    after: float
    change: Estimate
    """Over the same items, paired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """What several samples of each answer tell."""

    samples_before: float
    """Mean number of samples per item."""
    samples_after: float
    lost: Estimate
    """Expected share of lost items, mean of x0 (1 - xt)."""
    gained: Estimate
    self_flip: float
    """What a rerun of the base alone would lose."""
    beyond_sampling_p: float
    """Permutation test: do items change by more than sampling explains?"""
    within_share: float
    """Share of the variance of the change that more samples could remove."""
    passes: tuple[PassAtK, ...] = ()
    """By rising k, up to the samples that every item has on both sides; empty where scores are not
    right or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFloors:
    """Three sizes of noise, each apart; nan where it was not measured."""

    item: float
    """Standard error of the change: other items would have given another change."""
    rerun: float
    """Share of items that change sides when the base is merely asked again in other batches; nan
    also for metrics without bounds, which have no sides."""
    rerun_n: int
    """Items of the base that were asked again."""
    rerun_nats: float
    """Largest difference between the two log-probabilities of a gold text, nat; nan where no item
    that was asked again is scored by likelihood."""
    excess: Estimate
    """Churn between the checkpoints beyond that of the rerun; unknown where `rerun` is."""
    step: float
    """Standard deviation from checkpoint to neighbouring checkpoint beyond item noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """A strict and a lenient reading of the same outputs."""

    strict: Estimate
    lenient: Estimate
    form: Estimate
    """Strict minus lenient: what the form alone cost."""
    strict_verdict: Verdict
    lenient_verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the generated answers of one checkpoint were delivered."""

    n: int
    """Items with a generated answer."""
    truncated: float
    """Share that hit the token limit or never ended a thought."""
    unparsed: float
    """Share without a parsable answer."""
    median_tokens: float
    """Generated tokens, thoughts included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """Why the lost items count as wrong (generated answers)."""

    by_class: tuple[tuple[FormatClass, int], ...]
    """Lost items per class, in the order of the classes; their sum is the number of lost items
    that were generated."""
    truncated: Estimate
    """Change of the share of answers that hit the token limit."""
    unparsed: Estimate
    """Change of the share of answers without a parsable answer."""
    token_ratio: float
    """Median generated tokens after over before."""
    finished_before: float
    """Score of the answers that finished and were parsed; describes, as it conditions on the
    outcome."""
    finished_after: float
    delivery_before: Delivery | None = None
    """How answers were delivered, lost or not."""
    delivery_after: Delivery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodChange:
    """What became of the probability of the gold text: evidence beside a verdict, never one."""

    n: int
    gold_bits: Estimate
    """Change of the gold text's bits per byte; a rise is a loss."""
    gold_log_share: Estimate
    """Change of the log-probability of the gold option among the options, nats."""
    words: str
    """What both together suggest; empty where they suggest nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Items of about the same confidence."""

    n: int
    confidence: float
    """Their mean confidence, 0 to 1."""
    accuracy: float
    """Share of them that is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Whether confidence still means what it says (multiple choice)."""

    n: int
    brier: Estimate
    """Change of the Brier score; a rise is worse."""
    ece_before: float
    """Expected calibration error, 15 bins of equal mass; biased upwards below 1,000 items."""
    ece_after: float
    auroc_before: float
    """Probability that a right answer is held with more confidence than a wrong one."""
    auroc_after: float
    bins_before: tuple[CalibrationBin, ...] = ()
    """Of equal mass, by rising confidence; domains only, empty elsewhere."""
    bins_after: tuple[CalibrationBin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """Whether the tasks of a domain changed alike."""

    q: float
    degrees: int
    p_value: float
    lost: tuple[str, ...]
    """Tasks with a proved loss of their own (Holm)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Churn:
    """The tests behind SHIFTED; nan where a test was not possible."""

    excess_p: float
    """One-sided: items change sides more often than in a rerun or between samples."""
    heterogeneity_p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What came back when lost items were asked again in other words."""

    kind: str
    """`examples` (right answers of the base before the question) or `prefix` (the answer begun)."""
    n: int
    """Lost items that were asked again."""
    came_back: Estimate
    """Share of them that are right now."""
    control: Estimate
    """The same for items wrong both times: what the help alone brings."""
    kept: Estimate = Estimate(value=float("nan"), low=float("nan"), high=float("nan"))
    """The same for items right both times: what of an answer survives the help. Where it is low,
    that lost items do not come back says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything known about one cell beside its verdict; `None` where it was not measurable."""

    transitions: Transitions | None = None
    knowledge: Knowledge | None = None
    repeats: Repeats | None = None
    noise: NoiseFloors | None = None
    readings: Readings | None = None
    causes: Causes | None = None
    likelihood: LikelihoodChange | None = None
    calibration: Calibration | None = None
    heterogeneity: Heterogeneity | None = None
    churn: Churn | None = None
    retention: Estimate | None = None
    """Score after over score before; `None` where the base is too low for a ratio."""
    recovered: tuple[Recovered, ...] = ()
