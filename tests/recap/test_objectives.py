from __future__ import annotations

import pytest
from PIL import Image

from forgetscope.errors import UsageError
from forgetscope.recap import Material
from forgetscope.recap.objectives import RowReader, dealt_prompts, reward_functions
from forgetscope.records import Lesson
from tests.recap.small_run import IMITATED, REWARDED, TARGET


def test_a_step_deals_every_material_its_count_in_the_order_of_the_materials():
    dealt = list(dealt_prompts([TARGET, REWARDED], [2, 1], steps=3, seed=0))
    assert [one.material for one in dealt] == [0, 0, 1] * 3
    target = [one.lesson for one in dealt if one.material == 0]
    assert len(set(target)) == 6


def test_the_targets_order_does_not_depend_on_what_is_replayed():
    alone = [one.lesson for one in dealt_prompts([TARGET], [2], steps=5, seed=4)]
    beside = dealt_prompts([TARGET, REWARDED], [2, 3], steps=5, seed=4)
    assert alone == [one.lesson for one in beside if one.material == 0]


def test_objectives_are_named_by_domain_and_reward():
    assert list(reward_functions([TARGET, REWARDED])) == [
        "math/digit",
        "math/length",
        "language/letter",
    ]


def test_a_reward_judges_its_own_domain_alone():
    score = reward_functions([TARGET, REWARDED])["language/letter"]
    values = score(completions=["a", "a", "1"], material=[0, 1, 1], lesson=[0, 0, 0], prompts=None)
    assert values == [None, 1.0, 0.0]


def test_two_materials_of_one_domain_share_an_objective_where_they_share_a_reward():
    more = Material(
        name="more",
        domain="math",
        lessons=(Lesson(prompt="x"),),
        rewards={"digit": lambda *_: 0.5, "own": lambda *_: 0.25},
    )
    functions = reward_functions([TARGET, more])
    assert list(functions) == ["math/digit", "math/length", "math/own"]
    asked = {"completions": ["7", "7"], "material": [0, 1], "lesson": [0, 0]}
    assert functions["math/digit"](**asked) == [1.0, 0.5]
    assert functions["math/length"](**asked) == [0.1, None]
    assert functions["math/own"](**asked) == [None, 0.25]


def test_a_reward_reads_the_text_of_a_chat_and_the_lesson_it_answers():
    seen = []
    material = Material(
        name="m",
        domain="d",
        lessons=(Lesson(prompt="p", gold="g", fields={"level": 3}),),
        rewards={"r": lambda text, lesson: float(bool(seen.append((text, lesson)) or 1))},
    )
    score = reward_functions([material])["d/r"]
    chat = [{"role": "assistant", "content": "hello"}]
    assert score(completions=[chat, []], material=[0, 0], lesson=[0, 0]) == [1.0, 1.0]
    assert seen == [("hello", material.lessons[0]), ("", material.lessons[0])]


def test_without_a_reward_there_is_nothing_to_reinforce():
    with pytest.raises(UsageError, match="nothing is rewarded"):
        reward_functions([IMITATED])


def test_rows_hold_plain_prompts_or_chats():
    material = Material(
        name="m", domain="d", lessons=(Lesson(prompt="p", system="s"), Lesson(prompt="q"))
    )
    asked = {"material": [0, 0], "lesson": [1, 0]}
    assert RowReader([material], as_chat=False)(asked) == asked | {"prompt": ["q", "s\n\np"]}
    user = [{"role": "user", "content": text} for text in "qp"]
    system = {"role": "system", "content": "s"}
    assert RowReader([material], as_chat=True)(asked)["prompt"] == [[user[0]], [system, user[1]]]


def test_all_rows_have_a_place_for_pictures_where_one_has_a_picture(tmp_path):
    Image.new("L", (4, 4), 255).save(tmp_path / "white.png")
    material = Material(
        name="m",
        domain="d",
        lessons=(Lesson(prompt="p"), Lesson(prompt="q", images=(str(tmp_path / "white.png"),))),
    )
    rows = RowReader([material], as_chat=True)({"material": [0, 0], "lesson": [0, 1]})
    assert rows["images"][0] == []
    (picture,) = rows["images"][1]
    assert picture.mode == "RGB"
    assert picture.getpixel((0, 0)) == (255, 255, 255)
