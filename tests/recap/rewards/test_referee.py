import os
import signal
import time

import pytest

from forgetscope.errors import TrainingError
from forgetscope.recap.rewards.referee import Referee

pytest.importorskip("math_verify", reason="math-verify is absent: the referee is NOT tested")

EQUAL, ENDLESS = ("math", "1/2", "0.5"), ("math", "\\sqrt{2}", "9^9^9^9")


@pytest.fixture
def referee():
    made = Referee(seconds=3)
    yield made
    made.close()


def test_a_question_without_end_gets_no_verdict_and_the_next_one_does(referee):
    start = time.monotonic()
    assert referee.judge(ENDLESS) is None
    assert time.monotonic() - start >= 3
    assert referee.judge(EQUAL) == 1


def test_a_process_that_was_killed_is_replaced(referee):
    assert referee.judge(EQUAL) == 1
    os.kill(referee._process.pid, signal.SIGKILL)
    assert referee.judge(EQUAL) is None
    assert referee.judge(EQUAL) == 1


def test_closing_ends_the_process(referee):
    referee.judge(EQUAL)
    process = referee._process
    referee.close()
    assert process.returncode is not None


def test_a_child_by_fork_asks_a_process_of_its_own(referee):
    referee.judge(EQUAL)
    mine = referee._process.pid
    referee._owner = -1  # what the child finds: the process belongs to another
    assert referee.judge(EQUAL) == 1
    assert referee._process.pid != mine
    os.kill(mine, signal.SIGKILL)


def test_what_a_verifier_raises_is_worth_nothing(referee):
    assert referee.judge(("gym", "chain_sum", {"no_such": 1}, {"answer": "1"}, "2")) == 0


def test_a_package_that_is_missing_is_an_error_that_says_so(referee, monkeypatch, tmp_path):
    (tmp_path / "math_verify.py").write_text("raise ImportError('not here')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TrainingError, match=r"math-verify.*pip install"):
        referee.judge(EQUAL)
