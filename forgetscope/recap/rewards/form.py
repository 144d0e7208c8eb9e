"""Rewards for the form of a completion alone; they never look at what is right."""

from __future__ import annotations

from forgetscope.records import Lesson

__all__ = ["answer_format", "tag_format", "think_format"]


def think_format(completion: str, lesson: Lesson) -> float:
    """Return 1 if the completion opens with one closed `<think>` and goes on behind it, else 0.

    >>> think_format("<think>3+4</think> 7", Lesson(prompt="?"))
    1.0
    """
    del lesson
    return float(_behind_thoughts(completion) not in (None, ""))


def answer_format(completion: str, lesson: Lesson) -> float:
    """Return 1 if the completion ends in one closed `<answer>`, the only one, else 0.

    >>> answer_format("so it is <answer>7</answer>", Lesson(prompt="?"))
    1.0
    """
    del lesson
    start = _start_of_answer(completion.strip())
    return float(start is not None)


def tag_format(completion: str, lesson: Lesson) -> float:
    """Return 1 if the completion is one `<think>`, then one `<answer>`, and nothing else.

    >>> tag_format("<think>3+4</think> <answer>7</answer>", Lesson(prompt="?"))
    1.0
    """
    del lesson
    rest = _behind_thoughts(completion)
    return float(rest is not None and _start_of_answer(rest) == 0)


def _behind_thoughts(completion: str) -> str | None:
    """Return what follows the one `<think>`, or `None` where the form is another."""
    text = completion.strip()
    once = text.count("<think>") == text.count("</think>") == 1
    if not once or not text.startswith("<think>"):
        return None
    return text[text.index("</think>") + len("</think>") :].strip()


def _start_of_answer(text: str) -> int | None:
    """Return where the one `<answer>` opens that ends the text and is not empty."""
    once = text.count("<answer>") == text.count("</answer>") == 1
    if not once or not text.endswith("</answer>"):
        return None
    start = text.index("<answer>")
    inside = text[start + len("<answer>") : -len("</answer>")]
    return start if inside.strip() else None
