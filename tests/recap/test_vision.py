"""A model that sees, trained on pictures that were made up for it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForImageTextToText

from forgetscope import recap
from forgetscope.errors import TrainingError, UsageError
from forgetscope.recap import GrpoRun, Material, Trained
from forgetscope.recap.encoding import ChatEncoder
from forgetscope.recap.loading import Network, load_network
from forgetscope.recap.replay import answer_losses
from forgetscope.records import Lesson
from tests.recap.small_run import RETENTION, largest_difference, recipe
from tests.tiny_vision import picture, save_tiny_qwen_vl

RUN = GrpoRun(
    steps=2, save_steps=1, n_prompts=2, group_size=2, max_new_tokens=3, learning_rate=1e-3
)
COLOURS = ("red", "green", "blue", "white")
RETAINED = RETENTION.__class__(rows=1, prompts=1, max_tokens=64, probe_every=2, probe_rows=1)


def _lessons(*sizes: int) -> tuple[Lesson, ...]:
    return tuple(
        Lesson(prompt="which colour?", gold=colour, images=(picture(colour, size=size),))
        for colour in COLOURS
        for size in sizes
    )


SEEN = Material(
    name="colours",
    domain="sight",
    # of two sizes: four tokens, and one
    lessons=_lessons(28, 56),
    rewards={"length": lambda text, _: len(text) / 10},
)
READ = Material(
    name="words",
    domain="language",
    lessons=tuple(Lesson(prompt=f"say {word}", gold=word) for word in ("one", "two")),
    rewards={"length": lambda text, _: len(text) / 10},
)
COPIED = Material(name="plates", domain="ocr", lessons=_lessons(28), held_out=_lessons(56)[:1])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_qwen_vl(tmp_path_factory.mktemp("vision"))


@pytest.fixture(scope="module")
def network(model: Path) -> Network:
    return load_network(str(model))


def _train(model: Path, out: Path, method: str = "grpo", *replay: Material) -> Trained:
    made = recipe(method, RUN, retention=RETAINED)
    return recap.train(model, out, recipe=made, reasoning=[SEEN], replay=replay)


def test_a_model_that_sees_learns_from_pictures(model: Path, tmp_path: Path):
    trained = _train(model, tmp_path / "run")
    last = trained.checkpoints[-1]
    AutoModelForImageTextToText.from_pretrained(last)
    assert load_network(str(last)).sees
    (trace,) = trained.training.traces
    assert (trace.objective, trace.steps) == ("sight/length", (1, 2))
    tower = "model.visual.patch_embed.proj.weight"
    before, after = (load_network(str(m)).model.state_dict()[tower] for m in (model, last))
    assert not torch.equal(before, after), "the gradient reaches the part that sees"


def test_prompts_of_text_are_replayed_beside_those_with_pictures(model: Path, tmp_path: Path):
    trained = _train(model, tmp_path / "run", "replay", READ)
    assert {t.objective for t in trained.training.traces} == {"sight/length", "language/length"}


def test_answers_about_pictures_are_imitated_and_probed(model: Path, tmp_path: Path):
    alone = _train(model, tmp_path / "alone").checkpoints[-1]
    trained = _train(model, tmp_path / "run", "replay", COPIED)
    traces = {trace.objective: trace for trace in trained.training.traces}
    assert set(traces) == {"sight/length", "ocr/replay", "ocr/probe"}
    assert largest_difference(alone, trained.checkpoints[-1]) > 1e-5


def test_a_row_holds_its_pictures_and_says_which_tokens_are_theirs(network: Network):
    row = ChatEncoder(network, max_tokens=99)(SEEN.lessons[1], "sight")
    pad = network.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    assert row.prompt_ids.count(pad) == 4
    assert row.token_kinds["mm_token_type_ids"].tolist() == [int(i == pad) for i in row.prompt_ids]
    assert row.pictures["image_grid_thw"].tolist() == [[1, 4, 4]]
    answer = network.tokenizer("red")["input_ids"]
    assert row.answer_ids == (*answer, network.tokenizer.eos_token_id)


def test_the_loss_of_rows_with_and_without_pictures_is_that_of_every_row_alone(network: Network):
    encode = ChatEncoder(network, max_tokens=99)
    rows = [
        encode(SEEN.lessons[0], "a"),
        encode(READ.lessons[0], "b"),
        encode(SEEN.lessons[3], "c"),
    ]
    with torch.no_grad():
        together = answer_losses(network.model, rows, pad=0)
        alone = [answer_losses(network.model, [row], pad=0)[row.domain] for row in rows]
    for (total, n), (expected, n_alone) in zip(together.values(), alone, strict=True):
        assert n == n_alone
        assert total.item() == pytest.approx(expected.item(), rel=1e-4)


def test_what_a_picture_shows_decides_the_loss(network: Network):
    encode = ChatEncoder(network, max_tokens=99)
    red, green = (
        Lesson(prompt="which?", gold="red", images=(picture(colour),))
        for colour in ("red", "green")
    )
    with torch.no_grad():
        losses = [
            answer_losses(network.model, [encode(lesson, "d")], pad=0)["d"][0].item()
            for lesson in (red, green)
        ]
    assert losses[0] != losses[1]


def test_a_row_that_would_have_to_be_cut_within_a_picture_is_told(network: Network):
    with pytest.raises(TrainingError, match="pictures included; at most 8"):
        ChatEncoder(network, max_tokens=8)(SEEN.lessons[0], "sight")


def test_pictures_for_a_model_that_takes_none_are_told_before_training(base: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="`colours` has pictures, and the model takes none"):
        _train(base, tmp_path / "run")
