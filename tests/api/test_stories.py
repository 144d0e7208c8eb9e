"""Items to be read: which of them, with which probabilities, and without the data set's words."""

import json

import pandas as pd
import pytest

import forgetscope
from forgetscope.api.embedding import Embedding
from forgetscope.api.stories import stories_of
from forgetscope.records import Transition
from forgetscope.report.packing import unpack
from tests.report.test_html import Page
from tests.small_mirror import write_mirror
from tests.tiny import save_tiny_llama

TASKS = ["arc_easy", "hellaswag", "lambada_openai"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stories")
    mirror = write_mirror(folder / "mirror", n_documents=24)
    models = [str(save_tiny_llama(folder / name, seed=i)) for i, name in enumerate("ab")]
    with forgetscope.evaluate(models, tasks=TASKS, data_dir=mirror, out=folder / "s") as opened:
        yield opened


def told(study, **wanted):
    sides = [study.side(label) for label in study.labels]
    profiles = [side.profile() for side in sides]
    comparison = study.compare("a", "b")
    stories = stories_of(comparison, sides=sides, profiles=profiles, embedding=Embedding(**wanted))
    return comparison, stories


def test_all_items_are_those_the_cells_count(study):
    comparison, stories = told(study, embed="all")
    counts = {turn: sum(s.transition is turn for s in stories) for turn in Transition}
    for turn in Transition:
        assert counts[turn] == sum(getattr(cell, turn.value) for cell in comparison.tasks)
    assert len({story.item.id for story in stories}) == sum(cell.n for cell in comparison.tasks)
    assert all((s.format_class is None) == (s.transition is Transition.RETAINED) for s in stories)


def test_lost_items_alone_or_none_at_all(study):
    comparison, stories = told(study, embed="lost")
    assert len(stories) == sum(cell.lost for cell in comparison.tasks)
    assert {story.transition for story in stories} <= {Transition.LOST}
    assert told(study, embed="none")[1] == ()


def test_the_likeliest_option_is_the_chosen_one_and_gold_has_the_recorded_probability(study):
    _, stories = told(study, embed="all")
    picked = [story for story in stories if story.item.choices]
    assert picked
    for story in picked:
        pairs = ((story.before, story.before_shares), (story.after, story.after_shares))
        for score, shares in pairs:
            assert sum(shares) == pytest.approx(1.0)
            assert shares[score.likelihood.choice] == pytest.approx(max(shares))
            gold = story.item.choices.index(story.item.gold)
            assert shares[gold] == pytest.approx(score.likelihood.gold_share)
    assert all(not s.before_shares for s in stories if not s.item.choices)


def strings(value):
    """Yield every text inside what JSON holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def words_of(stories):
    for story in stories:
        yield from (story.item.prompt, *story.item.choices)


def test_no_file_repeats_the_words_of_a_redacted_data_set(study, tmp_path):
    _, stories = told(study, embed="all")
    secrets = {text for text in words_of(stories) if len(text) > 3}
    study.save_report(tmp_path, embedding=Embedding(embed="all", redact_prompts=True), margin=0.02)
    page = (tmp_path / "report.html").read_text("utf-8")
    found = Page(page)
    frame = pd.read_parquet(tmp_path / "items.parquet")
    blocks = [unpack(raw) for raw in found.raw if raw.startswith("H4sI")]
    texts = [
        found.text,
        "\n".join(strings(blocks)),
        "\n".join(strings(json.loads((tmp_path / "results.json").read_text("utf-8")))),
        (tmp_path / "report.md").read_text("utf-8"),
        "\n".join(frame.map(str).to_numpy().ravel()),
    ]
    assert len(blocks) >= 2
    for text in texts:
        assert not [secret for secret in secrets if secret in text]
    assert set(frame["prompt"]) == {""}
    assert frame["prompt_hash"].str.len().min() > 0
