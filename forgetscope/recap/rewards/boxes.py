"""The reward for boxes around things in a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from forgetscope.recap.rewards.text import final_answer
from forgetscope.records import Lesson

__all__ = ["Box", "iou"]

_NUMBER = r"\s{0,3}(-?\d{1,9}(?:\.\d{1,9})?)\s{0,3}"
_BOX = re.compile(r"[\[(]" + ",".join([_NUMBER] * 4) + r"[\])]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box by two corners, in any unit."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def last_in(cls, text: str) -> Self | None:
        """Return the last box in a text, `[left, top, right, bottom]`, or `None`."""
        found = _BOX.findall(text)
        if not found:
            return None
        left, top, right, bottom = map(float, found[-1])
        return cls(left=left, top=top, right=right, bottom=bottom)

    @property
    def area(self) -> float:
        """0 for a box whose corners are in the wrong order."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def overlap(self, other: Box) -> float:
        """Return the area of what the two have in common."""
        common = Box(
            left=max(self.left, other.left),
            top=max(self.top, other.top),
            right=min(self.right, other.right),
            bottom=min(self.bottom, other.bottom),
        )
        return common.area


def iou(completion: str, lesson: Lesson) -> float:
    """Return the intersection over union of the last box in the answer and the right one.

    >>> iou("<answer>[0, 0, 2, 2]</answer>", Lesson(prompt="?", gold="[1, 0, 3, 2]"))
    0.3333333333333333
    """
    ours, right = Box.last_in(final_answer(completion)), Box.last_in(lesson.gold)
    if right is None or right.area == 0:
        raise ValueError(f"the right answer is no box [left, top, right, bottom]: {lesson.gold!r}")
    if ours is None or ours.area == 0:
        return 0.0
    common = ours.overlap(right)
    # rounding may lift equal boxes above 1
    return min(1.0, common / (ours.area + right.area - common))
