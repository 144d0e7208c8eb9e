"""The time left is worth believing: in made-up runs whose end is known it is near the truth."""

import pytest

from forgetscope.cli.estimate import Pace, duration
from forgetscope.records import Effort, Standing

SCORED, WRITTEN = 40_000.0, 30_000.0
"""What each checkpoint is asked: characters to score, tokens to write."""
STEPS = 40


def _run(n_checkpoints, *, per_character, per_token, load):
    """Yield (time, standing, is_loading) of a run, and its end, as a session tells it."""
    now, done = 100.0, Effort()
    states = []
    each = Effort(scored=SCORED, written=WRITTEN)
    left = each.plus(each, times=n_checkpoints - 1)
    for number in range(1, n_checkpoints + 1):
        states.append((now, _standing(number, n_checkpoints, done, left), True))
        now += load
        for kind, amount, cost in (
            ("scored", SCORED, per_character),
            ("written", WRITTEN, per_token),
        ):
            for _ in range(STEPS):
                part = Effort(**{kind: amount / STEPS})
                now += amount / STEPS * cost
                done, left = done.plus(part), left.plus(part, times=-1)
                states.append((now, _standing(number, n_checkpoints, done, left), False))
    return states, now


def _standing(number, of, done, left):
    return Standing(checkpoint=f"c{number}", number=number, of=of, done=done, left=left)


def _told(states):
    pace = Pace(now=states[0][0])
    for now, standing, is_loading in states:
        pace.note(standing, now=now, is_loading=is_loading)
        yield now, pace.seconds_left(now=now), standing


@pytest.mark.parametrize("per_token", [0.002, 0.01, 0.1])
@pytest.mark.parametrize("load", [0.0, 30.0])
def test_from_the_second_checkpoint_on_the_promise_is_kept(per_token, load):
    states, end = _run(5, per_character=0.001, per_token=per_token, load=load)
    seen = [(now, left) for now, left, standing in _told(states) if standing.number > 1]
    assert len(seen) > 3 * STEPS
    for now, left in seen:
        assert left == pytest.approx(end - now, rel=0.15, abs=2.0)


def test_within_the_first_checkpoint_writing_is_not_taken_for_scoring():
    """A count of requests would promise a fifth of the truth while options are scored."""
    states, end = _run(1, per_character=0.001, per_token=0.01, load=5.0)
    told = {now: left for now, left, _ in _told(states) if left is not None}
    half_scored = states[STEPS // 2][0]
    assert told[half_scored] == pytest.approx(end - half_scored, rel=0.1)


def test_nothing_is_promised_before_there_is_something_to_go_by():
    states, _ = _run(50, per_character=0.0001, per_token=0.0001, load=0.1)
    first, second, third = list(_told(states))[:3]
    assert first[1] is None
    assert second[1] is None
    assert third[1] is None


def test_the_clock_runs_between_two_answers():
    states, _ = _run(2, per_character=0.001, per_token=0.01, load=1.0)
    pace = Pace(now=states[0][0])
    for now, standing, is_loading in states[:-5]:
        pace.note(standing, now=now, is_loading=is_loading)
    assert pace.seconds_left(now=now + 5.0) == pytest.approx(pace.seconds_left(now=now) - 5.0)
    assert pace.seconds_left(now=now + 1e6) == 0.0


def test_the_share_goes_from_nothing_to_all_and_never_back():
    states, _ = _run(3, per_character=0.001, per_token=0.01, load=1.0)
    pace = Pace(now=states[0][0])
    shares = []
    for now, standing, is_loading in states:
        pace.note(standing, now=now, is_loading=is_loading)
        shares.append(pace.share())
    assert shares[0] == 0.0
    assert shares[-1] == pytest.approx(1.0)
    later = shares[2 * STEPS :]
    assert later == sorted(later)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "10 s"),
        (44, "40 s"),
        (89, "90 s"),
        (91, "2 min"),
        (5300, "88 min"),
        (5999, "1 h 40 min"),
        (7190, "2 h 00 min"),
        (360_000, "100 h 00 min"),
    ],
)
def test_an_estimate_is_rounded_to_what_can_be_believed(seconds, text):
    assert duration(seconds) == text
