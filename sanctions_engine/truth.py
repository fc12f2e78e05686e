"""Three-valued truth: what is known, what is known not to be, and what is not known.

Kleene's strong logic. A missing fact makes a statement UNKNOWN, never FALSE, so that nothing is
cleared because somebody did not say it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NoReturn

__all__ = ["Cause", "Truth", "all_of", "any_of"]


class Truth(Enum):
    """TRUE, FALSE or UNKNOWN.

    A truth value has no ``bool``: write ``is Truth.TRUE``. Otherwise an UNKNOWN would count as
    true or as false by accident, and either is a wrong verdict.
    """

    FALSE = "false"
    UNKNOWN = "unknown"
    TRUE = "true"

    # Members are singletons: identity hashes them, in C. Truths are looked up for every test of every rule.
    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self} has three values; compare with `is Truth.TRUE`, never with `if`")

    def __invert__(self) -> Truth:
        return _NEGATION[self]

    def __and__(self, other: Truth) -> Truth:
        return self if _RANK[self] <= _RANK[other] else other

    def __or__(self, other: Truth) -> Truth:
        return self if _RANK[self] >= _RANK[other] else other

    @classmethod
    def of(cls, value: bool | None) -> Truth:
        """Read a Python answer: ``None`` is UNKNOWN."""
        if value is None:
            return cls.UNKNOWN
        return cls.TRUE if value else cls.FALSE


_RANK = {Truth.FALSE: 0, Truth.UNKNOWN: 1, Truth.TRUE: 2}
_NEGATION = {Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN, Truth.TRUE: Truth.FALSE}


def all_of(values: Iterable[Truth]) -> Truth:
    """Conjunction: FALSE if any is FALSE, else UNKNOWN if any is UNKNOWN, else TRUE (also of nothing)."""
    result = Truth.TRUE
    for value in values:
        if value is Truth.FALSE:
            return value
        if value is Truth.UNKNOWN:
            result = value
    return result


def any_of(values: Iterable[Truth]) -> Truth:
    """Disjunction: TRUE if any is TRUE, else UNKNOWN if any is UNKNOWN, else FALSE (also of nothing)."""
    result = Truth.FALSE
    for value in values:
        if value is Truth.TRUE:
            return value
        if value is Truth.UNKNOWN:
            result = value
    return result


class Cause(Enum):
    """Why something is UNKNOWN (design, section 3)."""

    ABSENT = "absent"
    """Nothing was said about it."""
    IMPRECISE = "imprecise"
    """What was said is too coarse: a month for a date, two digits of an HS code."""
    AMBIGUOUS = "ambiguous"
    """What was said has several readings: "Korea"."""
    CANDIDATE = "candidate"
    """A possible match on a list."""
    STATED = "stated"
    """The user says that it is not known."""
    CONTESTED = "contested"
    """Lawyers differ."""

    __hash__ = object.__hash__  # as for ``Truth``
