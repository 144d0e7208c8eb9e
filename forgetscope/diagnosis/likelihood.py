"""What probabilities say beside the scores: evidence next to a verdict, never one."""

from __future__ import annotations

import numpy as np

from forgetscope.diagnosis.estimates import mean_estimate
from forgetscope.diagnosis.pair import Pairs
from forgetscope.records import Calibration, CalibrationBin, Estimate, LikelihoodChange, Verdict
from forgetscope.statistics import Reliability, reliability

__all__ = ["calibration", "likelihood"]

_LOST = (Verdict.FORGOT, Verdict.SLIPPED)


def likelihood(pairs: Pairs, *, verdict: Verdict, alpha: float) -> LikelihoodChange | None:
    """Return the change of the gold text's likelihood; `None` where it is not known.

    Items whose gold text is impossible to a side (log-probability minus infinity) are left out.
    """
    before, after = pairs.before.evidence, pairs.after.evidence
    with np.errstate(divide="ignore", invalid="ignore"):
        bits_I = after.gold_bits_I - before.gold_bits_I
        share_I = np.log(after.gold_share_I) - np.log(before.gold_share_I)
    known_I, told_I = np.isfinite(bits_I), np.isfinite(share_I)
    if not known_I.any():
        return None
    bits = mean_estimate(bits_I[known_I], pairs.cluster_I[known_I], alpha=alpha)
    share = mean_estimate(share_I[told_I], pairs.cluster_I[told_I], alpha=alpha)
    return LikelihoodChange(
        n=int(known_I.sum()),
        gold_bits=bits,
        gold_log_share=share,
        words=_words(bits, verdict) if verdict in _LOST else "",
    )


def _words(bits: Estimate, verdict: Verdict) -> str:
    """Read a lost score beside the likelihood of the gold text."""
    if bits.low > 0.0:
        return "the gold text became less likely too: knowledge loss is likely"
    if bits.high <= 0.0 or verdict is Verdict.FORGOT:
        return "answers changed, but no loss of the gold text's likelihood is proved"
    return ""


def calibration(pairs: Pairs, *, alpha: float, with_bins: bool = False) -> Calibration | None:
    """Return what became of the meaning of confidence; `None` where there are no options.

    Parameters
    ----------
    pairs
        The items of a domain or task.
    alpha
        Error probability of each end of an interval.
    with_bins
        Whether the bins behind the calibration error are kept, to be drawn.
    """
    before, after = pairs.before.evidence, pairs.after.evidence
    known_I = np.isfinite(before.brier_I) & np.isfinite(after.brier_I)
    known_I &= np.isin(pairs.before_I, (0.0, 1.0)) & np.isin(pairs.after_I, (0.0, 1.0))
    if not known_I.any():
        return None
    was_I = pairs.before_I[known_I]
    is_I = pairs.after_I[known_I]
    first_I, second_I = before.top_share_I[known_I], after.top_share_I[known_I]
    brier_I = (after.brier_I - before.brier_I)[known_I]
    first, second = reliability(first_I, was_I), reliability(second_I, is_I)
    return Calibration(
        n=int(known_I.sum()),
        brier=mean_estimate(brier_I, pairs.cluster_I[known_I], alpha=alpha),
        ece_before=first.calibration_error,
        ece_after=second.calibration_error,
        auroc_before=first.auroc,
        auroc_after=second.auroc,
        bins_before=_bins(first) if with_bins else (),
        bins_after=_bins(second) if with_bins else (),
    )


def _bins(found: Reliability) -> tuple[CalibrationBin, ...]:
    return tuple(
        CalibrationBin(n=one.n, confidence=one.confidence, accuracy=one.accuracy)
        for one in found.bins
    )
