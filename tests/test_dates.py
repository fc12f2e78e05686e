"""Dates are read as written, and ``within`` says what every day they may mean says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.dates import Period, read_period
from sanctions_engine.errors import InputError
from sanctions_engine.truth import Truth

FIRST = date(2020, 2, 25)
DAYS = tuple(FIRST + timedelta(days=n) for n in range(10))
HORIZON = tuple(FIRST + timedelta(days=n) for n in range(-3, 13))
"""Every day that counts: an open end may reach to either side of all the edges drawn."""

edges = st.none() | st.sampled_from(DAYS)
spans = st.tuples(edges, edges).filter(lambda span: None in span or span[0] < span[1])


@st.composite
def periods(draw: st.DrawFn, *, conduct: bool) -> Period:
    first, last = draw(edges), draw(edges)
    if first is not None and last is not None and last < first:
        first, last = last, first
    left, right = first.isoformat() if first else "..", last.isoformat() if last else ".."
    if conduct:
        return read_period(f"{left}/{right}")
    return read_period(f"[{left if first else ''}..{right if last else ''}]")


def lies_in(day: date, start: date | None, end: date | None) -> bool:
    return (start is None or start <= day) and (end is None or day < end)


def answer(found: set[bool]) -> Truth:
    return Truth.UNKNOWN if len(found) == 2 else Truth.TRUE if found == {True} else Truth.FALSE


def stretches(period: Period) -> list[tuple[date, ...]]:
    """Every stretch of days that a period may be: an open end ends somewhere."""
    firsts = [period.first] if period.first else [d for d in HORIZON if period.last is None or d <= period.last]
    lasts = [period.last] if period.last else [d for d in HORIZON if period.first is None or d >= period.first]
    return [tuple(d for d in HORIZON if first <= d <= last) for first in firsts for last in lasts if first <= last]


@given(periods(conduct=False), spans)
def test_one_unknown_day_lies_in_a_span_as_its_days_say(period: Period, span: tuple[date | None, date | None]) -> None:
    start, end = span
    days = [d for d in HORIZON if lies_in(d, period.first, period.last and period.last + timedelta(days=1))]
    expected = answer({lies_in(day, start, end) for day in days})
    assert period.within(start, end) is expected
    assert period.within(start, end, continuing=True) is expected, "one day does not go on"


@given(periods(conduct=True), spans)
def test_a_single_act_over_a_period_lies_in_a_span_if_all_of_it_does(
    period: Period, span: tuple[date | None, date | None]
) -> None:
    start, end = span
    found = {lies_in(day, start, end) for days in stretches(period) for day in days}
    assert period.within(start, end) is answer(found)


@given(periods(conduct=True), spans)
def test_conduct_that_goes_on_lies_in_a_span_if_any_day_of_it_does(
    period: Period, span: tuple[date | None, date | None]
) -> None:
    start, end = span
    truth = period.within(start, end, continuing=True)
    expected = answer({any(lies_in(day, start, end) for day in days) for days in stretches(period)})
    if period.first is not None and period.last is not None:
        assert truth is expected
    else:  # an open end is not known to reach anywhere: UNKNOWN may stand for more, never the reverse
        assert truth in (Truth.UNKNOWN, expected)


@given(st.dates())
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    read = read_period(day.isoformat())
    assert (read.first, read.last, read.is_day) == (day, day, True)
    assert read_period(day) == read


@given(st.dates())
def test_a_month_and_a_year_are_all_their_days(day: date) -> None:
    month, year = read_period(day.isoformat()[:7]), read_period(day.isoformat()[:4])
    assert month.first == day.replace(day=1)
    assert month.last is not None
    assert (month.last.year, month.last.month) == (day.year, day.month)
    assert month.last == date.max or (month.last + timedelta(days=1)).day == 1
    assert (year.first, year.last) == (date(day.year, 1, 1), date(day.year, 12, 31))


@given(st.dates(), st.dates())
def test_a_period_that_runs_backwards_is_refused(one: date, other: date) -> None:
    early, late = sorted((one, other))
    assert read_period(f"{early}/{late}").conduct
    if early < late:
        for text in (f"{late}/{early}", f"[{late}..{early}]"):
            with pytest.raises(InputError, match="ends before it starts"):
                read_period(text)


@pytest.mark.parametrize("text", ["2022-13", "2022-02-30", "0000", "2022~-01", "2022-11-18~", "18.11.2022", "", "/x"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_period(text)


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(InputError):
        read_period(10**5000)
