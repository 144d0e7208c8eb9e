"""Items that were asked several times, as they are told and tabulated."""

import pytest

from forgetscope.api.rows import item_columns
from forgetscope.api.sides import Side
from forgetscope.api.stories import stories_of
from forgetscope.diagnosis import compare
from forgetscope.records import (
    Checkpoint,
    CheckpointKind,
    FormatClass,
    Item,
    OutputType,
    Policy,
    Score,
    Transition,
)
from forgetscope.store import Study
from tests.strategies import task

# value of each of the samples of an item: at the base, and after
LOST, GAINED = ((1.0, 0.0, 1.0, 1.0), (1.0, 0.0, 0.0, 0.0)), ((1.0, 0.0), (1.0, 1.0))
N = 12


@pytest.fixture
def sides(tmp_path):
    of = task(
        "sums", metric="exact_match", output_type=OutputType.GENERATE, is_sampled=True, chance=0.0
    )
    with Study(tmp_path / "s", create=True) as study:
        study.add_tasks([of])
        study.add_items(
            Item(
                id=f"i{n}",
                task="sums",
                document_id=n,
                prompt="1+1=",
                prompt_hash="p",
                gold="2",
                chance=0.0,
                cluster=f"i{n}",
            )
            for n in range(N)
        )
        for place, label in enumerate(("base", "after")):
            scores = [
                _score(n, k, value)
                for n in range(N)
                for k, value in enumerate((LOST if n % 2 else GAINED)[place])
            ]
            study.answers(model=label, engine="e").put_scores(
                scores, prompt_hashes={f"i{n}": "p" for n in range(N)}
            )
            checkpoint = Checkpoint(
                label=label, source=label, kind=CheckpointKind.FOLDER, fingerprint=label
            )
            study.put_checkpoint(checkpoint, engine="e", description={})
        yield [Side(study=study, label=label, name=label) for label in ("base", "after")]


def _score(n, k, value):
    return Score(
        item_id=f"i{n}",
        sample_index=k,
        value=value,
        answer="2" if value else f"no, sample {k}",
        form=None if value else FormatClass.DIFFERENT,
    )


def test_a_story_shows_samples_that_tell_the_change(sides):
    profiles = [side.profile() for side in sides]
    comparison = compare(*profiles, policy=Policy())
    stories = stories_of(comparison, sides=sides, profiles=profiles)
    assert len(stories) == N
    for story in stories:
        if story.transition is Transition.LOST:
            assert (story.before.value, story.after.value) == (1.0, 0.0)
            assert story.outcomes == (0.75, 0.25)
        else:
            assert (story.before.value, story.after.value) == (0.0, 1.0)
            assert story.outcomes == (0.5, 1.0)
        assert story.format_class is FormatClass.DIFFERENT


def test_a_row_has_the_mean_of_the_samples_and_the_transition_of_the_means(sides):
    rows = [
        (part.checkpoint, number % 2, (score, turn, failure))
        for part in item_columns(sides, [side.profile() for side in sides])
        for number, score, turn, failure in zip(
            part.document_id, part.score, part.transition, part.format_class, strict=True
        )
    ]
    found = {(label, parity): told for label, parity, told in rows}
    assert len(rows) == 2 * N
    assert found == {
        ("base", 1): (0.75, None, None),
        ("base", 0): (0.5, None, None),
        ("after", 1): (0.25, Transition.LOST, FormatClass.DIFFERENT),
        ("after", 0): (1.0, Transition.GAINED, None),
    }
