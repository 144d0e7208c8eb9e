"""What is said of an evaluation in Python or in a recipe is what the command line means."""

from dataclasses import fields
from pathlib import Path

import pytest

from forgetscope.api import EvaluationRequest, EvaluationSettings
from forgetscope.api.evaluation_settings import request_of
from forgetscope.errors import UnknownNameError, UsageError
from forgetscope.recap.recipe import EVALUATION

SETTINGS = set(EvaluationSettings.__annotations__)


def test_every_setting_is_a_field_of_the_request():
    assert {field.name for field in fields(EvaluationRequest)} >= SETTINGS


def test_a_recipe_says_all_but_what_it_says_of_training_too():
    assert set(EVALUATION) == SETTINGS - {"chat_template"}


def test_settings_are_taken_as_a_person_writes_them():
    asked = request_of(
        {"tasks": "arc_easy, piqa", "data_dir": "mirror", "think_tags": ["<t>", "</t>"]},
        command="c",
    )
    assert asked == EvaluationRequest(
        tasks=("arc_easy", "piqa"),
        data_dir=Path("mirror"),
        think_tags=("<t>", "</t>"),
        command="c",
    )


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_what_is_none_is_left_as_it_is(name):
    assert request_of({name: None}) == EvaluationRequest()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("limit", "ten", "a whole number of at least 1"),
        ("limit", 0, "a whole number of at least 1"),
        ("limit", True, "a whole number of at least 1"),
        ("temperature", "hot", "a number"),
        ("thinking", "on", "true or false"),
        ("tasks", 5, "a list of names"),
        ("tasks", [5], "a list of names"),
        ("suite", 4, "a text"),
        ("data_dir", 4, "a folder"),
        ("think_tags", ["<t>"], "two texts"),
        ("think_tags", "<t>", "two texts"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(name, value, said):
    with pytest.raises(UsageError, match=f"`{name}` of the evaluation is .* must be {said}"):
        request_of({name: value})


def test_an_unknown_setting_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="`sute`") as caught:
        request_of({"sute": "small"})
    assert "suite" in str(caught.value.hint)
