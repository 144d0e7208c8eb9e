"""Find a reward by its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from forgetscope.errors import UnknownNameError
from forgetscope.plugins import PluginKind, load_plugin, plugin_names
from forgetscope.recap.rewards.accuracy import accuracy, check_accuracy
from forgetscope.recap.rewards.boxes import iou
from forgetscope.recap.rewards.custom import load_custom, reward_of
from forgetscope.recap.rewards.form import answer_format, tag_format, think_format
from forgetscope.recap.rewards.match import choice, exact
from forgetscope.recap.rewards.reward import Checked, Reward

__all__ = ["REWARDS", "check_reward_name", "find_reward", "needs_gold"]

REWARDS: Mapping[str, Reward] = MappingProxyType(
    {
        "accuracy": accuracy,
        "exact": exact,
        "choice": choice,
        "iou": iou,
        "format": tag_format,
        "think_format": think_format,
        "answer_format": answer_format,
    }
)
"""The rewards that any source can have."""
_FORMS = ("format", "think_format", "answer_format")
_CUSTOM = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def find_reward(name: str, *, own: Mapping[str, Reward] | None = None) -> Reward:
    """Return the reward called `name`; whatever it returns is checked to be from 0 to 1.

    Parameters
    ----------
    name
        One of `REWARDS`, `module:function`, or what another package calls its own.
    own
        Rewards of the source itself, which come first.

    Raises
    ------
    UnknownNameError
        If nobody knows the name.
    UsageError
        If the function of a module or of a plugin cannot be used.
    PluginError
        If the plugin of that name cannot be loaded.
    TrainingError
        If the reward needs a package that is not installed.
    """
    own = own or {}
    check_reward_name(name, own=own)
    if name in own:
        return Checked(name=name, reward=own[name])
    if _CUSTOM.fullmatch(name):
        return Checked(name=name, reward=load_custom(name))
    if name not in REWARDS:
        plugin = load_plugin(PluginKind.REWARD, name)
        return Checked(name=name, reward=reward_of(plugin.value, name))
    if name == "accuracy":
        check_accuracy()
    return Checked(name=name, reward=REWARDS[name])


def check_reward_name(name: str, *, own: Collection[str] = (), where: str = "") -> None:
    """Refuse a name that no reward has; neither a module nor a plugin is loaded for that."""
    if name in own or name in REWARDS or _CUSTOM.fullmatch(name):
        return
    plugins = plugin_names(PluginKind.REWARD)
    if name not in plugins:
        noun = f"reward{where}:" if where else "reward"
        raise UnknownNameError(noun, name, known=[*own, *REWARDS, *plugins])


def needs_gold(name: str) -> bool:
    """Whether one of the named rewards compares with a right answer."""
    return name in REWARDS and name not in _FORMS
