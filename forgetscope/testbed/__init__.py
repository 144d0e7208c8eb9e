"""The testbed: a small real world in which reinforcement learning forgets."""

from forgetscope.testbed.base import SIZES, BaseRecipe, train_base, train_recipe
from forgetscope.testbed.domains import Domain, DomainMix, Row, domains
from forgetscope.testbed.lessons import training_rows
from forgetscope.testbed.prompts import accuracy, marked_once, target_prompts
from forgetscope.testbed.tasks import tasks
from forgetscope.testbed.tokens import character_tokenizer

__all__ = [
    "SIZES",
    "BaseRecipe",
    "Domain",
    "DomainMix",
    "Row",
    "accuracy",
    "character_tokenizer",
    "domains",
    "marked_once",
    "target_prompts",
    "tasks",
    "train_base",
    "train_recipe",
    "training_rows",
]
