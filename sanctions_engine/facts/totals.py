"""Totals that a cap is measured against: in which period, in which unit, and with what this adds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sanctions_engine.condition import CapSpec, Measure
from sanctions_engine.dates import Period
from sanctions_engine.facts.description import Description
from sanctions_engine.facts.subject import ForEach, Subject
from sanctions_engine.readings import Evidence, Gap, Weighed, weigh_together
from sanctions_engine.transaction import Cumulative, Goods
from sanctions_engine.truth import Cause, Truth
from sanctions_engine.vocabulary import UNITS

__all__ = ["weigh_total"]


_WEIGHTS = ("tonne", "kilogram")
_USUAL_FACTORS = (Decimal("7"), Decimal("8.33"))
"""Barrels in a tonne of refined products as reports have it; shown to a reader, never used in a verdict."""


def weigh_total(description: Description, cap: CapSpec, subject: Subject) -> Weighed:
    """Weigh whether the stated total, with this transaction, exceeds a cap or reaches a step towards it.

    A total stated for a period that this transaction certainly lies outside does not count; one for a period
    that it may lie outside leaves the answer open. Of several limits that bind each, one that no total can be
    compared with leaves it open too, unless another is exceeded.

    Unknown: no total is stated, the quantity is missing and could matter, or units cannot be compared. There
    is no built-in factor from tonnes to barrels: the Council agreed none. The range by usual factors is shown.
    """
    days = dict.fromkeys((day.period, day.path) for day in description.days(subject, cap.acts))
    return weigh_together([_weigh_on(description, cap, subject, *day) for day in days], every=False)


def _weigh_on(description: Description, cap: CapSpec, subject: Subject, period: Period | None, when: str) -> Weighed:
    stated = tuple(enumerate(description.transaction.cumulative or ()))
    counts = {i: _counts_now(c, period) for i, c in stated if c.measure == cap.measure}
    entries = [(i, c) for i, c in stated if counts.get(i, Truth.FALSE) is not Truth.FALSE]
    sure_units = {_unit(c.unit) for i, c in entries if counts[i] is Truth.TRUE}
    limits = [(limit, None) for limit in cap.limits] + [
        (Measure(c.value, _unit(c.unit)), c.barrels_per_tonne) for _, c in stated if c.measure == cap.limit_from
    ]
    absent = [] if entries else [Gap("cumulative", Cause.ABSENT, f"the total under {cap.measure}")]
    if not limits:
        absent.append(Gap("cumulative", Cause.ABSENT, f"the limit, as {cap.limit_from}"))
    if absent:
        return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, (), tuple(absent))
    goods = description.transaction.goods or ()
    line = goods[subject.index] if subject.kind is ForEach.GOODS and subject.index >= 0 else None
    result = Truth.FALSE
    compared: set[Measure] = set()
    gaps: list[Gap] = []
    evidence: list[Evidence] = []
    for i, entry in entries:
        unit = _unit(entry.unit)
        shown = f"{entry.value} {entry.unit} so far"
        for limit, limit_factor in limits:
            factor = entry.barrels_per_tonne or limit_factor
            so_far = _convert(entry.value, unit, limit.unit, factor)
            if so_far is None:
                shown += _usual_range(entry.value, unit, limit.unit)
                continue
            compared.add(limit)
            added = Decimal(0) if cap.before else _added(line, limit.unit, factor)
            truth = _passes(so_far, added, limit.value * cap.share, step=cap.share < 1 or cap.before)
            settled = unit in sure_units if cap.lowest else bool(sure_units)
            if counts[i] is Truth.UNKNOWN and (truth is not Truth.FALSE or not settled):
                cause = Cause.ABSENT if period is None else Cause.IMPRECISE
                gaps.append(Gap(when, cause))
                result = result | Truth.UNKNOWN
                continue
            result = result | truth
            if truth is Truth.UNKNOWN:
                weight = line is not None and line.quantity is not None and line.quantity.unit in _WEIGHTS
                slot = "quantity" if limit.unit in UNITS else "value"
                slot = "quantity.barrels_per_tonne" if weight and limit.unit == "barrel" else slot
                gaps.append(Gap(f"{subject.path}.{slot}", Cause.ABSENT, f"in {limit.unit}"))
        evidence.append(Evidence(f"cumulative[{i}]", shown, frozenset({entry.measure})))
    if not compared:
        result = Truth.UNKNOWN
        gaps.append(Gap(f"cumulative[{entries[0][0]}].barrels_per_tonne", Cause.IMPRECISE))
    elif cap.lowest and result is not Truth.TRUE:
        for limit, _ in limits:
            if limit not in compared:
                result = Truth.UNKNOWN
                gaps.append(Gap("cumulative", Cause.ABSENT, f"the total under {cap.measure} in {limit.unit}"))
    return Weighed(result, result, tuple(evidence), tuple(dict.fromkeys(gaps)) if result is Truth.UNKNOWN else ())


def _unit(text: str) -> str:
    return UNITS.find(text) or text.strip().upper()


def _counts_now(entry: Cumulative, occurred: Period | None) -> Truth:
    """Whether a stated total belongs to the period in which an act lies."""
    if entry.period is None:
        return Truth.TRUE
    if occurred is None:
        return Truth.UNKNOWN
    last = entry.period.last
    end = None if last is None or last == date.max else last + timedelta(days=1)
    return occurred.within(entry.period.first, end)


def _convert(value: Decimal, unit: str, wanted: str, barrels_per_tonne: Decimal | None) -> Decimal | None:
    if unit == "kilogram":
        value, unit = value / 1000, "tonne"
    if unit == wanted:
        return value
    if barrels_per_tonne is not None:
        if (unit, wanted) == ("tonne", "barrel"):
            return value * barrels_per_tonne
        if (unit, wanted) == ("barrel", "tonne"):
            return value / barrels_per_tonne
    return None


def _usual_range(value: Decimal, unit: str, wanted: str) -> str:
    """Say what a weight would be in barrels by the factors in use, where that is what keeps units apart."""
    if unit not in _WEIGHTS or wanted != "barrel":
        return ""
    tonnes = value / 1000 if unit == "kilogram" else value
    low, high = (tonnes * factor for factor in _USUAL_FACTORS)
    return (
        f" (about {low:,.0f} to {high:,.0f} barrels by the factors in use, {_USUAL_FACTORS[0]} to {_USUAL_FACTORS[1]})"
    )


def _added(line: Goods | None, unit: str, factor: Decimal | None) -> Decimal | None:
    """Return what a goods line adds to a total in a unit or currency; None where that cannot be said."""
    if line is None:
        return None
    if line.quantity is not None:
        own = line.quantity
        weighed = _convert(own.value, own.unit, unit, own.barrels_per_tonne or factor)
        if weighed is not None:
            return weighed
    return line.value.value if line.value is not None and line.value.currency == unit else None


def _passes(so_far: Decimal, added: Decimal | None, threshold: Decimal, *, step: bool) -> Truth:
    """Whether a total exceeds a cap, or reaches a step; an unknown addition matters only below."""
    total = so_far if added is None else so_far + added
    if total > threshold or (step and total == threshold):
        return Truth.TRUE
    return Truth.UNKNOWN if added is None else Truth.FALSE
