"""Records that note which of their fields are read."""

from dataclasses import fields, is_dataclass
from inspect import isfunction

__all__ = ["fields_of", "watched"]


def watched(value, seen, _known=None):
    """Return a value that adds (record, field) to `seen` whenever a field of it is read.

    A field gives the same object each time, so that backends may compare by identity; what a
    property or a method reads counts too.
    """
    known = {} if _known is None else _known
    if isinstance(value, tuple):
        return tuple(watched(part, seen, known) for part in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return known.setdefault(id(value), (_Watched(value, seen, known), value))[0]


def fields_of(*records):
    """Return every (record, field) of the given classes."""
    return {(record.__name__, field.name) for record in records for field in fields(record)}


class _Watched:
    def __init__(self, record, seen, known):
        self.__dict__ |= {"_record": record, "_seen": seen, "_known": known}

    def __getattr__(self, name):
        record = self._record
        found = getattr(type(record), name, None)
        if isinstance(found, property):
            return found.fget(self)
        if isfunction(found):
            return found.__get__(self)
        value = getattr(record, name)
        if name in {field.name for field in fields(record)}:
            self._seen.add((type(record).__name__, name))
        return watched(value, self._seen, self._known)

    def __eq__(self, other):
        return self._record == getattr(other, "_record", other)

    def __hash__(self):
        return hash(self._record)
