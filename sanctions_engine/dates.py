"""Dates as people know them: a day, a month, a period of conduct, one unknown day between two.

A subset of EDTF (ISO 8601-2). The distinction that matters to a verdict is between conduct that went on
over a period (``2022-11-18/2022-11-20``) and one event on a day that is not known exactly
(``[2022-11-18..2022-11-20]``, ``2022-11``).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sanctions_engine.errors import InputError
from sanctions_engine.truth import Truth

__all__ = ["Period", "read_period"]

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?\Z")


@dataclass(frozen=True, slots=True)
class Period:
    """When something happened, as far as it is known.

    Args:
        first: The earliest day it may have been; ``None`` where the start is open.
        last: The latest day; ``None`` where the end is open.
        text: As written.
        conduct: True where it went on from first to last; False where it was one day in between.
    """

    first: date | None
    last: date | None
    text: str
    conduct: bool = False

    @property
    def is_day(self) -> bool:
        """Whether exactly one day is meant."""
        return self.first is not None and self.first == self.last

    def within(self, start: date | None, end: date | None, *, continuing: bool = False) -> Truth:
        """Whether it lies in ``[start, end)``.

        Args:
            start: First day of the span; ``None`` for always.
            end: First day after the span; ``None`` for never.
            continuing: True for conduct that goes on (employment): it is in the span if any part of the
                period is. A single act must lie in it; if it may straddle an edge that is UNKNOWN.
        """
        after_start = start is None or (self.first is not None and self.first >= start)
        before_end = end is None or (self.last is not None and self.last < end)
        if after_start and before_end:
            return Truth.TRUE
        if start is not None and self.last is not None and self.last < start:
            return Truth.FALSE
        if end is not None and self.first is not None and self.first >= end:
            return Truth.FALSE
        if continuing and self.conduct:
            # Some day of the conduct lies in the span if an edge of the span lies within the known period.
            # INVARIANT: an open end is not known to reach the span, so it proves nothing.
            reaches = (start is not None and self._covers(start)) or (end is not None and self._covers_before(end))
            return Truth.TRUE if reaches else Truth.UNKNOWN
        return Truth.UNKNOWN

    def before(self, day: date) -> Truth:
        """Whether all of it came before the day."""
        return self.within(None, day)

    def not_after(self, other: Period, grace: int = 0) -> Truth:
        """Whether all of it came no later than the other, or than some days after the other.

        Args:
            other: What it is held against; one unknown day, like this, unless it went on.
            grace: Days after the other within which it is still in time.
        """
        allowed = timedelta(days=grace)  # between days, since the calendar has a first and a last one
        if self.last is not None and other.first is not None and self.last - other.first <= allowed:
            return Truth.TRUE
        if self.first is not None and other.last is not None and self.first - other.last > allowed:
            return Truth.FALSE
        return Truth.UNKNOWN

    def _covers(self, day: date) -> bool:
        return self.first is not None and self.last is not None and self.first <= day <= self.last

    def _covers_before(self, day: date) -> bool:
        return self.first is not None and self.last is not None and self.first < day <= self.last

    def __str__(self) -> str:
        return self.text


def read_period(value: object) -> Period:
    """Read an EDTF date or period.

    Args:
        value: Text (``2022``, ``2022-11``, ``2022-11-18``, ``a/b``, ``[a..b]``, ``../b``, ``a/..``) or a ``date``.

    Raises:
        InputError: It is not a date; the message says what would be.
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return Period(value, value, value.isoformat())
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9999:  # a year
        value = str(value)
    if not isinstance(value, str):
        raise InputError(f"{type(value).__name__} is not a date; write 2022-11-18, 2022-11, 2022 or start/end")
    text = value.strip()
    if len(text) > 60:
        raise InputError(f"{text[:40]!r}… is not a date; write 2022-11-18, 2022-11, 2022 or start/end")
    if text.startswith("[") and text.endswith("]") and ".." in text:
        left, _, right = text[1:-1].partition("..")
        return _between(left.strip(), right.strip(), text, conduct=False)
    if "/" in text:
        left, _, right = text.partition("/")
        return _between(left.strip().strip("[]"), right.strip().strip("[]"), text, conduct=True)
    first, last = _bounds(text.rstrip("~?%"))
    if first != last or text[-1:] not in "~?%":
        return Period(first, last, text)
    raise InputError(f"{text!r} marks a day as uncertain without bounds; write [earliest..latest]")


def _between(left: str, right: str, text: str, *, conduct: bool) -> Period:
    first = None if left in ("", "..") else _bounds(left)[0]
    last = None if right in ("", "..") else _bounds(right)[1]
    if first is not None and last is not None and last < first:
        raise InputError(f"{text!r} ends before it starts; write the earlier date first")
    return Period(first, last, text, conduct=conduct)


def _bounds(text: str) -> tuple[date, date]:
    match = _DATE.fullmatch(text)
    if match is None:
        raise InputError(f"{text[:40]!r} is not a date; write 2022-11-18, 2022-11, 2022 or start/end")
    year = int(match[1])
    try:
        if match[2] is None:
            return date(year, 1, 1), date(year, 12, 31)
        month = int(match[2])
        if match[3] is None:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        day = date(year, month, int(match[3]))
    except ValueError as error:
        raise InputError(f"{text!r} is not in the calendar ({error})") from error
    return day, day
