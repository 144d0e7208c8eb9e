"""What a method reads of a study, and cannot: the study is damaged, and that is what is said."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from forgetscope.errors import ForgetscopeError
from forgetscope.store.database import Database, damaged

__all__ = ["Reader", "reads"]

_UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError),
    *(ArithmeticError, RecursionError, MemoryError),
)
"""What values that no version wrote can raise where they become records or arrays."""


class Reader:
    """What reads one study."""

    _db: Database


Self = TypeVar("Self", bound=Reader)
P = ParamSpec("P")
R = TypeVar("R")


def reads(
    method: Callable[Concatenate[Self, P], R],
) -> Callable[Concatenate[Self, P], R]:
    """Turn what a method meets in a damaged study into a `StudyError` that names the study."""

    @wraps(method)
    def reading(self: Self, *arguments: P.args, **options: P.kwargs) -> R:
        try:
            return method(self, *arguments, **options)
        except ForgetscopeError:
            raise
        except _UNREADABLE as error:
            said = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
            what = f"{method.__name__.strip('_')} cannot be read ({said})"
            raise damaged(self._db.folder, what) from error

    return cast("Callable[Concatenate[Self, P], R]", reading)
