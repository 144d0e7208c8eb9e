"""Numbers that others published, from the same counts."""

import csv
from pathlib import Path

import numpy as np
import pytest

from forgetscope.statistics import clustered_mean, corrected_transitions

_FILE = Path(__file__).parent / "facts" / "pythia_standard_errors.csv"


def published():
    with _FILE.open(encoding="utf-8") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.mark.parametrize("row", published(), ids=lambda row: f"{row['model']}-{row['task']}")
def test_the_standard_error_of_a_score_is_the_published_one(row):
    n, accuracy = int(row["n"]), float(row["acc"])
    n_right = round(n * accuracy)
    assert n_right / n == pytest.approx(accuracy, abs=1e-15)
    score = np.r_[np.ones(n_right), np.zeros(n - n_right)]
    found = clustered_mean(score, np.arange(n))
    assert found.standard_error == pytest.approx(float(row["acc_stderr"]), abs=1e-15)


def test_permuted_options_are_published_as_a_loss_of_knowledge():
    """The same model, the same questions, options in another order: nothing can be lost.

    pythia-14m on 102 MMLU questions and their permuted form (adkipnis/metabench, harness-results):
    24 questions lost, 24 gained and, as the published correction implies, 2 right both times. That
    correction (arXiv:2510.17776) still calls 5.0 points of it lost. The base knows nothing that
    could be lost, says ours.
    """
    n11, n10, n01, n = 2, 24, 24, 102
    before = np.r_[np.ones(n11 + n10), np.zeros(n - n11 - n10)]
    after = np.r_[np.ones(n11), np.zeros(n10), np.ones(n01), np.zeros(n - n11 - n10 - n01)]
    found = corrected_transitions(before, after, np.full(n, 4), np.arange(n), alpha=0.05)
    assert n10 / n == pytest.approx(0.235, abs=5e-4)
    assert found.published_lost == pytest.approx(0.050, abs=5e-4)
    assert found.published_gained == pytest.approx(0.050, abs=5e-4)
    assert found.known_before.low < 0.0 < found.known_before.high
