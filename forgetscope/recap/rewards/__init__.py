"""Rewards: what a completion is worth, from 0 to 1; nothing here runs what a model wrote."""

from forgetscope.recap.rewards.accuracy import ENTRY, Verifier
from forgetscope.recap.rewards.find import REWARDS, check_reward_name, find_reward, needs_gold
from forgetscope.recap.rewards.reward import Checked, Reward

__all__ = [
    "ENTRY",
    "REWARDS",
    "Checked",
    "Reward",
    "Verifier",
    "check_reward_name",
    "find_reward",
    "needs_gold",
]
