"""Offline: tasks in ordinary language, made by seeded code, for machines without network.

They ask any checkpoint, small or large, base or chat. No text of theirs comes from elsewhere, and
what is right is known by construction or checked by a few lines of code.
"""

from forgetscope.offline.demands import FOLLOWED, LOOSELY_FOLLOWED, are_met, loosened
from forgetscope.offline.tasks import PREFIX, tasks

__all__ = ["FOLLOWED", "LOOSELY_FOLLOWED", "PREFIX", "are_met", "loosened", "tasks"]
