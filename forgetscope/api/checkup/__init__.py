"""Checkups: what would fail and what it would cost, said before any compute is spent."""

from forgetscope.api.checkup.cost import TaskCost
from forgetscope.api.checkup.examination import ASSUMED_DISCORDANCE, Checkup, examine
from forgetscope.api.checkup.finding import Finding, State

__all__ = ["ASSUMED_DISCORDANCE", "Checkup", "Finding", "State", "TaskCost", "examine"]
