"""A million transactions: the verdicts of single checks over frames and files, worked out once per combination.

Nothing here knows what a rule means. Each distinct value of a column is read once, by the same functions as in a
single check, and put into a class: two values of one class are told apart by no rule. Rows then collapse into few
combinations of classes, and one row of each combination is judged by ``Engine.check``. There are three levels:

- *plain*: no value of the transaction can be a regime's business. Then nothing but the gaps counts.
- *hot*: some value may be. Then a class holds what every test of the rulebook could tell apart.
- *precise*: some name or number is like one of the list. Then names, numbers and States stand as they are, since
  screening compares them with each other.

What fits no class (rows of one transaction that name several parties, say) is judged by itself.
"""

from __future__ import annotations

import csv
import json
import os
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BufferedReader, StringIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import polars as pl

from sanctions_engine.condition import ApprovalSpec, Measure, Op, Span, Test, tests_of
from sanctions_engine.dates import Period
from sanctions_engine.documents import read_document
from sanctions_engine.errors import EngineError, InputError, Problem, did_you_mean
from sanctions_engine.facts import fold_words
from sanctions_engine.finding import Outcome
from sanctions_engine.intake.countries import CountryReading, read_country
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.intake.places import PlaceReading, area_of_place, known_areas, read_place
from sanctions_engine.rule import CompiledRule
from sanctions_engine.transaction import End, Goods, Money, Transaction
from sanctions_engine.truth import Truth
from sanctions_engine.vocabulary import ROLES

if TYPE_CHECKING:
    from sanctions_engine.engine import Engine

__all__ = ["COLUMNS", "Batch", "BatchResult", "Column", "check_frame", "nest"]

Row = Mapping[str, str | None]

ROWS_AT_ONCE = 250_000
_LONGEST_RECORD = 1_000_000
_REMEMBERED = 1_000_000
_USUAL_NAME = 500
"""No reader of names refuses a shorter one of visible characters."""
_REASONS_SHOWN = 4
_WHOLE = -1


# ---------------------------------------------------------------------- the flat shape

Kind = Literal[
    "id", "date", "words", "country", "name", "vessel", "number", "place", "stops", "located", "exact", "imo", "bic",
    "text", "goods", "amount",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the flat shape.

    Args:
        name: Its name.
        kind: How its values are read and told apart.
        says: Where it goes in a transaction.
        line: True for what each goods line has of its own; else all rows of a transaction share it.
    """

    name: str
    kind: Kind
    says: str
    line: bool = False


def _columns() -> Iterator[Column]:
    yield Column("transaction", "id", "id; rows that share it stand together and are one transaction")
    for name in ("occurred", "contracted", "discovered"):
        yield Column(name, "date", f"{name}, in EDTF")
    for name in ("activities", "purposes", "grounds", "circumstances", "red_flags", "project"):
        yield Column(name, "words", f"{name}; several with | between")
    yield Column("mode", "words", "conveyance.mode")
    yield Column("notes", "text", "notes")
    for side in ("from", "to"):
        yield Column(f"{side}_country", "country", f"route.{side}.country")
        yield Column(f"{side}_place", "place", f"route.{side}.place")
        yield Column(f"{side}_area", "exact", f"route.{side}.area")
    yield Column("via", "stops", "route.via; several with | between")
    for role in ROLES.words:
        yield Column(f"{role}_name", "name", f"name of the {role}")
        yield Column(f"{role}_country", "country", f"jurisdiction of the {role}; several with | between")
        yield Column(f"{role}_nationality", "country", f"nationality of the {role}")
        yield Column(f"{role}_kind", "words", f"kind of the {role}")
        yield Column(f"{role}_located_in", "located", f"where the {role} is")
    for end in ("payer_bank", "payee_bank"):
        yield Column(f"{end}_name", "name", f"payments[0].{end}.name")
        yield Column(f"{end}_country", "country", f"payments[0].{end}.country")
        yield Column(f"{end}_bic", "bic", f"payments[0].{end}.bic")
    yield Column("amount", "amount", "payments[0].amount.value")
    yield Column("amount_currency", "words", "payments[0].amount.currency")
    yield Column("payment_purpose", "text", "payments[0].purpose")
    yield Column("vessel_name", "vessel", "vessels[0].name")
    yield Column("vessel_imo", "imo", "vessels[0].imo")
    yield Column("vessel_flag", "country", "vessels[0].flag")
    yield Column("vessel_former_flags", "country", "vessels[0].former_flags; several with | between")
    for name in ("kind", "roles", "ais_off"):
        yield Column(f"vessel_{name}", "words", f"vessels[0].{name}")
    yield Column("vessel_suspected_of", "exact", "vessels[0].suspected_of; several with | between")
    yield Column("goods_description", "goods", "goods[].description", True)
    yield Column("hs", "goods", "goods[].hs; candidates with | between", True)
    yield Column("categories", "goods", "goods[].categories; several with | between", True)
    yield Column("quantity", "number", "goods[].quantity.value", True)
    yield Column("unit", "goods", "goods[].quantity.unit", True)
    yield Column("value", "number", "goods[].value.value", True)
    yield Column("unit_value", "number", "goods[].unit_value.value", True)
    yield Column("currency", "goods", "goods[].value.currency, and of unit_value", True)
    for name in ("origin", "made_in"):
        yield Column(name, "country", f"goods[].{name}; several with | between", True)
    for name in ("condition", "goods_kind", "spare_part_for", "end_use"):
        yield Column(name, "goods", f"goods[].{name.removeprefix('goods_')}", True)


COLUMNS: Mapping[str, Column] = {column.name: column for column in _columns()}
"""The documented mapping: one row a goods line. A missing column, an empty cell or null is *not stated*."""

_ENDS = ("country", "place", "area")
_PARTY = {
    "name": "name",
    "country": "jurisdiction",
    "nationality": "nationality",
    "kind": "kind",
    "located_in": "located_in",
}
_VESSEL = ("name", "imo", "flag", "former_flags", "kind", "roles", "ais_off", "suspected_of")
_MANY = frozenset(
    {
        "activities", "purposes", "grounds", "circumstances", "red_flags", "project", "via", "hs",
        "categories",
        "origin", "made_in", "vessel_flag", "vessel_former_flags", "vessel_roles", "vessel_suspected_of",
        "spare_part_for",
        *(f"{role}_{name}" for role in ROLES.words for name in ("country", "nationality", "located_in")),
    }
)  # fmt: skip
# What a value needs beside it to be read by itself.
_BESIDE: Mapping[str, Mapping[str, str]] = {
    "quantity": {"unit": "piece"},
    "unit": {"quantity": "1"},
    "value": {"currency": "USD"},
    "unit_value": {"currency": "USD"},
    "currency": {"value": "1"},
    "amount": {"amount_currency": "USD"},
    "amount_currency": {"amount": "1"},
}
# An amount says nothing without its unit; a unit without an amount says nothing and is passed over.
_NEEDS = {"quantity": "unit", "value": "currency", "unit_value": "currency", "amount": "amount_currency"}


def nest(rows: Sequence[Row]) -> dict[str, object]:
    """Put the rows of one transaction into the shape users write.

    Args:
        rows: Column to text, one mapping a goods line. Distinct parties, vessels and payments of several rows all
            take part; anything else must be the same in each.

    Raises:
        InputError: The rows contradict each other.
    """
    raw: dict[str, object] = {}
    for name in ("transaction", "occurred", "contracted", "discovered", "activities", "purposes", "grounds",
                 "circumstances", "red_flags", "project", "notes"):  # fmt: skip
        _put(raw, name, _one(rows, name))
    mode = _one(rows, "mode")
    if mode is not None:
        raw["conveyance"] = {"mode": mode}
    route: dict[str, object] = {}
    for side in ("from", "to"):
        end = {part: value for part in _ENDS if (value := _one(rows, f"{side}_{part}")) is not None}
        if end:
            route[side] = end
    _put(route, "via", _one(rows, "via"))
    if route:
        raw["route"] = route
    parties: list[dict[str, object]] = []
    at: dict[str, list[int]] = {}
    for role in ROLES.words:
        for party in _distinct(rows, {f"{role}_{ours}": theirs for ours, theirs in _PARTY.items()}):
            at.setdefault(role, []).append(len(parties))
            parties.append({**party, "roles": [role]})
    if parties:
        raw["parties"] = parties
    if vessels := _distinct(rows, {f"vessel_{name}": name for name in _VESSEL}):
        raw["vessels"] = vessels
    if payments := _payments(rows, at):
        raw["payments"] = payments
    if goods := [line for row in rows if (line := _line(row))]:
        raw["goods"] = goods
    return raw


def _cell(row: Row, name: str) -> object:
    """Return what a cell says: None, a text, or the list of what stands between bars."""
    text = row.get(name)
    if text is None or not text.strip():
        return None
    if name in _MANY and "|" in text:
        return [part.strip() for part in text.split("|") if part.strip()]
    return text


def _put(into: dict[str, object], name: str, value: object) -> None:
    if value is not None:
        into[name] = value


def _one(rows: Sequence[Row], name: str) -> object:
    found = _cell(rows[0], name)
    for row in rows[1:]:
        other = _cell(row, name)
        if other != found:
            raise InputError([Problem(name, f"the rows of one transaction disagree: {found!r} and {other!r}")])
    return found


def _distinct(rows: Sequence[Row], names: Mapping[str, str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for row in rows:
        item = {theirs: value for ours, theirs in names.items() if (value := _cell(row, ours)) is not None}
        if item and item not in found:
            found.append(item)
    return found


def _payments(rows: Sequence[Row], parties: Mapping[str, list[int]]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for row in rows:
        payment: dict[str, object] = {}
        for end in ("payer_bank", "payee_bank"):
            bank = {part: value for part in ("name", "country", "bic") if (value := _cell(row, f"{end}_{part}"))}
            if bank:
                payment[end] = bank
        _put(payment, "amount", _amount(row, "amount", "amount_currency", "currency"))
        _put(payment, "purpose", _cell(row, "payment_purpose"))
        for side in ("payer", "payee"):
            # One payer is the payer of the payment; of several nothing says which.
            if payment and len(parties.get(side, ())) == 1:
                payment[side] = f"parties[{parties[side][0]}]"
        if payment and payment not in found:
            found.append(payment)
    return found


def _amount(row: Row, number: str, unit: str, key: str) -> dict[str, object] | None:
    value = _cell(row, number)
    if value is None:
        return None
    amount: dict[str, object] = {"value": value}
    _put(amount, key, _cell(row, unit))
    return amount


def _line(row: Row) -> dict[str, object]:
    line: dict[str, object] = {}
    for ours, theirs in (("goods_description", "description"), ("goods_kind", "kind")):
        _put(line, theirs, _cell(row, ours))
    for name in ("hs", "categories", "origin", "made_in", "condition", "spare_part_for", "end_use"):
        _put(line, name, _cell(row, name))
    _put(line, "quantity", _amount(row, "quantity", "unit", "unit"))
    _put(line, "value", _amount(row, "value", "currency", "currency"))
    _put(line, "unit_value", _amount(row, "unit_value", "currency", "currency"))
    return line


# ---------------------------------------------------------------------- classes of values


class _States(frozenset[str]):
    """Codes of which exactly one is right; those that no rule names are told apart only from each other."""

    __slots__ = ()


class _At(tuple[int, ...]):
    """Where a period lies among the days on which the law changes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Class:
    """What is told apart of a value on each level, and what it makes of its transaction."""

    plain: Hashable
    hot: Hashable
    precise: Hashable
    is_hot: bool = False
    is_precise: bool = False
    bad: str = ""
    is_past: bool = False
    is_late: bool = False


class _Reader:
    """Puts values of columns into classes, by what a rulebook and a list could tell apart.

    Args:
        engine: Whose rulebook, list and classifier.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        tests = [test for rule in engine.rulebook.rules for test in _tests(rule.when, rule.exemptions)]
        words = [t.operand for t in tests if isinstance(t.operand, frozenset)]
        self.named = frozenset(word for operand in words for word in operand)
        self.named |= engine.target_states | {area.country for area in known_areas()} | {"XZ"}
        self._edges = sorted({*_law_days(engine, engine.rulebook.rules)})
        self._regimes = engine.regimes_by_state()
        last = {name: _last_day(engine, name) for name in engine.rulebook.regimes}
        ended = {name: day for name, day in last.items() if day is not None}
        # States that only ended regimes were aimed at count before the last of these ended, and not after.
        self.past_states = frozenset(s for s, names in self._regimes.items() if all(name in ended for name in names))
        self.present_states = engine.target_states - self.past_states
        self._all_ended = max(ended.values(), default=date.min)
        self._over_from = {name: bisect_right(self._edges, day) for name, day in ended.items()}
        self._counted: dict[frozenset[str], list[int]] = {}
        self._all_edges = sorted(
            {*self._edges, *(e.listed_on for e in engine.screener.entries if e.listed_on is not None)}
        )
        self._ranges = tuple(dict.fromkeys(t.operand for t in tests if isinstance(t.operand, HsRanges)))
        self._exact_hs = any(t.fact == "goods.hs" and t.op is not Op.UNDER for t in tests)
        above = [c.value_above for c in engine.classifier.categories if c.value_above is not None]
        limits = {(limit.amount, limit.currency) for limit in above}
        self._limits = tuple(sorted({(m.value, m.unit) for t in tests if isinstance(m := t.operand, Measure)} | limits))
        self.values_count = any(t.fact == "goods.value" for t in tests)
        self._group_words = engine.group_words
        self._names: dict[tuple[str, str], _Class] = {}
        mentioned = [word.split() for word in engine.mention_words]
        self._tails = frozenset(tuple(w[:j]) for w in mentioned for j in range(1, len(w)))
        self._heads = frozenset(tuple(w[i:]) for w in mentioned for i in range(1, len(w)))
        self._middles = frozenset(
            tuple(w[i:j]) for w in mentioned for i in range(1, len(w)) for j in range(i + 1, len(w))
        )
        self._longest = max(map(len, mentioned), default=0)

    def read(self, column: Column, text: str) -> _Class:
        """Read one value of a column as a single check would."""
        if column.kind in ("name", "vessel") and len(text) < _USUAL_NAME and text.isprintable():
            key = (column.kind, text)
            found = self._names.get(key)
            if found is None:
                found = self._names[key] = self._name(text, vessel=column.kind == "vessel")
            return found
        try:
            described = Transaction.of(nest([{**_BESIDE.get(column.name, {}), column.name: text}]))
        except InputError as error:
            return _Class(None, None, None, bad=_told(error))
        if described.unknown:
            return _Class(("unknown",), ("unknown",), ("unknown",), is_hot=True)
        return self._classify(column, text, described)

    def _classify(self, column: Column, text: str, t: Transaction) -> _Class:
        value = _read_value(column, t)
        match column.kind:
            case "date":
                assert isinstance(value, Period)  # noqa: S101  # the model types it
                late = column.name == "occurred" and value.first is not None and value.first >= self._all_ended
                near, far = self._day(value, self._edges), self._day(value, self._all_edges)
                return _Class(self._any_in_force(value), _At(near), far, is_late=late)
            case "country":
                readings = _States_of(value)
                hot = any(codes & self.present_states for codes in readings)
                past = any(codes & self.past_states for codes in readings)
                return _Class(tuple(len(codes) for codes in readings), readings, readings, hot, is_past=past)
            case "name" | "vessel":
                return self._name(text, vessel=column.kind == "vessel")
            case "bic":
                codes = _bic(text)
                by_name = self._name(text)
                hot = by_name.is_hot or bool(codes & self.engine.target_states)
                return _Class((len(codes), by_name.plain), (codes, by_name.hot), text, hot, by_name.is_precise)
            case "imo":
                found = bool(self.engine.screener.screen("", kind="vessel", imo=str(value)))
                return _Class(True, text if found else True, text, found, found)
            case "place":
                assert isinstance(value, PlaceReading)  # noqa: S101  # the model types it
                return self._place(_States(value.codes), value.text)
            case "located":
                readings = tuple(_located(part) for part in value) if isinstance(value, tuple) else ()
                hot = any(codes & self.engine.target_states for codes in readings) or self._mentioning(text)
                return _Class(
                    tuple(map(len, readings)), (readings, self._text(text)), (readings, self._text(text)), hot
                )
            case "stops":
                stops = value if isinstance(value, tuple) else ()
                hot = any(self._stop(stop).is_hot for stop in stops)
                told = tuple(self._stop(stop).hot for stop in stops)
                return _Class(None, told, told, hot)
            case "text":
                return _Class(None, self._text(text), self._text(text), self._mentioning(text))
            case "goods":
                hot = column.name in ("goods_description", "end_use") and self._mentioning(text)
                # Read together with the rest of its line: see ``line``.
                return _Class(None, text, text, hot)
            case "number" | "amount":
                return _Class(None, None, None)
            case "exact":
                return _Class(text, text, text, True)
            case "words":
                hot = column.name == "grounds"
                words = _plain(value)
                return _Class(words, words, words, hot)
            case _:
                return _Class(None, None, None)

    def _any_in_force(self, period: Period) -> bool:
        """Whether some rule may be in force: else nothing waits for a nexus."""
        spans = (rule.rule.in_force for rule in self.engine.rulebook.rules)
        return any(
            (period.last is None or span.from_ <= period.last)
            and (span.until is None or period.first is None or period.first < span.until)
            for span in spans
        )

    def _day(self, period: Period, edges: list[date]) -> tuple[int, ...]:
        """Return where a period lies between the days on which the law changes."""

        def at(day: date | None) -> tuple[int, int]:
            return (-1, -1) if day is None else (bisect_left(edges, day), bisect_right(edges, day))

        return (*at(period.first), *at(period.last), int(period.conduct))

    def is_over(self, at: _At, states: frozenset[str]) -> bool:
        """Whether every regime that is aimed at some States had ended before a time."""
        names = {name for state in states for name in self._regimes.get(state, ())}
        return all(name in self._over_from and at[1] >= self._over_from[name] for name in names)

    def nearer(self, told: Hashable, states: frozenset[str]) -> Hashable:
        """Keep of dates only where they lie between the days of the regimes that are aimed at some States."""
        names = frozenset(name for state in states for name in self._regimes.get(state, ()))
        before = self._counted.get(names)
        if before is None:
            mine = set(_law_days(self.engine, [r for n in names for r in self.engine.rulebook.of_regime(n)]))
            before = [0]
            for day in self._edges:
                before.append(before[-1] + (day in mine))
            self._counted[names] = before
        return _map_dates(told, before)

    def _name(self, text: str, *, vessel: bool = False) -> _Class:
        screener = self.engine.screener
        alike = screener.screen(text, kind="vessel" if vessel else None)
        named = not vessel and fold_words(text) in self._group_words
        told = self._text(text)
        if alike or named:
            return _Class("name", (text,), (text,), True, True)
        return _Class("name", told, told, self._mentioning(text))

    def _place(self, codes: _States, text: str) -> _Class:
        area = area_of_place(text, *map(str, codes)) if len(codes) == 1 else None
        told = (codes, self._text(text), area.id if area else None)
        return _Class(len(codes), told, told, bool(codes & self.engine.target_states) or self._mentioning(text))

    def _stop(self, end: End) -> _Class:
        if end.country is not None:
            codes = _States(end.country.codes)
            return _Class(None, codes, codes, bool(codes & self.engine.target_states))
        if end.place is not None:
            return self._place(_States(end.place.codes), end.place.text)
        return _Class(None, None, None)

    def _text(self, text: str) -> Hashable:
        """Return what a text says to a search for mentions, also where one starts in it and ends in the next."""
        words = tuple(fold_words(text).split())
        if (
            self._tail(words)
            or any(words[:n] in self._heads for n in range(1, self._longest))
            or words in self._middles
        ):
            return words
        return frozenset(self.engine.mentions_in(" ".join(words)))

    def _tail(self, words: tuple[str, ...]) -> bool:
        return any(words[-n:] in self._tails for n in range(1, self._longest))

    def _mentioning(self, text: str) -> bool:
        words = tuple(fold_words(text).split())
        return bool(self.engine.mentions_in(" ".join(words))) or self._tail(words)

    def line(self, row: Row) -> Hashable:
        """Return what any rule could tell apart of a goods line."""
        raw = _line(row)
        if not raw:
            return None
        described = Transaction.of({"goods": [raw]})
        line: Goods = (described.goods or ())[0]
        if described.unknown:
            return tuple(sorted((name, text) for name, text in row.items() if text is not None))
        each = _each(line)
        try:
            classes = self.engine.classifier.classify(
                line.description, line.hs or (), line.categories or (), (each.value, each.currency) if each else None
            )
        except InputError:
            return tuple(sorted((name, text) for name, text in row.items() if text is not None))
        told = {
            (hit.category if hit.category in self.named else "", hit.truth.value)
            for hit in classes.hits
            if hit.truth is not Truth.FALSE
        }
        excluded = frozenset(hit.category for hit in classes.hits if hit.truth is Truth.FALSE) & self.named
        codes: Hashable = line.hs
        if not self._exact_hs and line.hs:
            codes = tuple(frozenset(r.under(code) for code in line.hs) for r in self._ranges)
        loud = any(text and self._mentioning(text) for text in (line.description, line.end_use))
        return (
            "loud" if loud else "quiet",
            line.kind,
            line.condition,
            frozenset(told),
            classes.open is not None,
            excluded,
            bool(classes.conflicts),
            classes.hit("aircraft_spares") is not None,
            classes.truth("cultural_property"),
            codes,
            self._money(each),
            self._money(line.value) if self.values_count else None,
            tuple(fold_words(text) for text in line.spare_part_for) if line.spare_part_for is not None else None,
            "militar" in (line.end_use or "").casefold(),
            self._text(line.description) if line.description else None,
            self._text(line.end_use) if line.end_use else None,
            None if line.origin is None else _States_of(line.origin),
            None if line.made_in is None else _States_of(line.made_in),
        )

    def _money(self, money: Money | None) -> Hashable:
        """Return on which side of every limit an amount lies."""
        if money is None:
            return None
        mine = [limit for limit, unit in self._limits if unit == money.currency]
        if not mine:
            return "other"
        return money.currency, bisect_left(mine, money.value), bisect_right(mine, money.value)

    def folded(self, told: Hashable, names: dict[str, str]) -> Hashable:
        """Rename States that no rule names by the order in which they appear.

        Args:
            told: What is told apart of a transaction.
            names: The names given so far; filled.
        """
        if isinstance(told, _States):
            if told <= self.named:
                return told
            return _States(
                code if code in self.named else names.setdefault(code, f"~{len(names)}") for code in sorted(told)
            )
        if type(told) is tuple:
            return tuple(self.folded(part, names) for part in told)
        return told


def _map_dates(told: Hashable, before: Sequence[int]) -> Hashable:
    if isinstance(told, _At):
        return _At([*(at if at < 0 else before[at] for at in told[:-1]), told[-1]])
    if type(told) is tuple:
        return tuple(_map_dates(part, before) for part in told)
    return told


def _states_in(told: Hashable) -> frozenset[str]:
    """Return all States that stand in what is told apart of a transaction."""
    if isinstance(told, _States):
        return told
    if type(told) is tuple:
        return frozenset().union(*(_states_in(part) for part in told))
    return frozenset()


def _tests(when: object, exemptions: Iterable[object]) -> Iterator[Test]:
    yield from tests_of(when)  # type: ignore[arg-type]
    for exemption in exemptions:
        yield from tests_of(exemption.condition)  # type: ignore[attr-defined]


def _law_days(engine: Engine, rules: Iterable[CompiledRule]) -> Iterator[date]:
    """Yield every day that a date could be held against, and the day after it where the law says "until"."""
    days: list[date | None] = []
    for rule in rules:
        days += [rule.rule.in_force.from_, rule.rule.in_force.until]
        days += [body.adopted for body in rule.regime.resolutions.values()]
        for test in _tests(rule.when, rule.exemptions):
            if isinstance(test.operand, Span):
                days += [test.operand.start, test.operand.end]
            elif isinstance(test.operand, date):
                days.append(test.operand)
            elif isinstance(test.operand, ApprovalSpec):
                days.append(test.operand.deadline)
    for day in days:
        if day is not None:
            yield day
            if day < date.max:
                yield date.fromordinal(day.toordinal() + 1)


def _last_day(engine: Engine, regime: str) -> date | None:
    """Return the day from which no rule of a regime is in force; None where some are without end."""
    days = [rule.rule.in_force.until for rule in engine.rulebook.of_regime(regime)]
    return None if None in days else max((day for day in days if day is not None), default=date.min)


def _read_value(column: Column, t: Transaction) -> object:
    """Return what a transaction that holds only one column says in it."""
    name = column.name
    if name.startswith(("from_", "to_")):
        side, _, part = name.partition("_")
        end = (t.route.from_ if side == "from" else t.route.to) if t.route else None
        return getattr(end, part)
    if name == "via":
        return t.route.via if t.route else None
    if name == "mode":
        return t.conveyance.mode if t.conveyance else None
    if name.startswith("vessel_"):
        return getattr((t.vessels or ())[0], name.removeprefix("vessel_"))
    if name.startswith(("payer_bank_", "payee_bank_")):
        bank = getattr((t.payments or ())[0], name[:10])
        return getattr(bank, name[11:])
    if name in ("amount_currency", "amount", "payment_purpose"):
        return (t.payments or ())[0].model_dump().get("amount")
    if column.line:
        return getattr((t.goods or ())[0], name, None)
    if t.parties:
        suffix = next(s for s in sorted(_PARTY, key=len, reverse=True) if name.endswith(f"_{s}"))
        return getattr(t.parties[0], _PARTY[suffix])
    return getattr(t, name)


def _plain(value: object) -> Hashable:
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    kind = getattr(value, "kind", None)
    return kind if isinstance(kind, str) else str(value)


def _States_of(value: object) -> tuple[_States, ...]:  # noqa: N802  # makes States of readings
    readings = value if isinstance(value, tuple) else (value,)
    return tuple(_States(reading.codes) for reading in readings if isinstance(reading, CountryReading))


def _located(text: str) -> _States:
    try:
        return _States(read_country(text).codes)
    except InputError:
        return _States(read_place(text).codes)


def _bic(text: str) -> _States:
    try:
        return _States(read_country(text[4:6].upper()).codes)
    except InputError:
        return _States()


def _each(line: Goods) -> Money | None:
    """Return the value of one piece, stated or worked out, as a single check reads it."""
    if line.unit_value is not None:
        return line.unit_value
    if line.value and line.quantity and line.quantity.unit == "piece" and line.quantity.value:
        return Money.model_construct(value=line.value.value / line.quantity.value, currency=line.value.currency)
    return None


def _told(error: InputError) -> str:
    more = len(error.problems) - _REASONS_SHOWN
    shown = "; ".join(str(problem) for problem in error.problems[:_REASONS_SHOWN])
    return shown + (f"; and {more} more" if more > 0 else "")


# ---------------------------------------------------------------------- one column, one combination


class _Register:
    """The values of one column seen so far, each read once.

    Args:
        column: Which.
        reader: Reads its values.
    """

    def __init__(self, column: Column, reader: _Reader) -> None:
        self.column = column
        self._reader = reader
        self._numbers = pl.Categorical(pl.Categories(f"{column.name}-{next(_serial)}"))
        self._held: pl.Series | None = None
        self._hot_codes: set[int] = set()
        self._classes: list[_Class] = []
        self._texts: dict[int, str] = {}
        self._codes: dict[str, dict[Hashable, int]] = {level: {None: 0} for level in _LEVELS}
        self._tokens: dict[str, list[Hashable]] = {level: [None] for level in _LEVELS}
        self._rows: dict[str, list[int]] = {level: [] for level in (*_LEVELS, "flags")}
        self._tables: dict[str, pl.Series] = {}
        self.flagged = False

    def numbers(self, values: pl.Series) -> pl.Series:
        """Return the number of each value, null for null; new values are read."""
        # INVARIANT: Polars forgets its numbers once no column holds them, so one is kept for as long as the register.
        held = values.cast(self._numbers)
        if self._held is None:
            self._held = held.drop_nulls().head(1)
        numbers = held.to_physical()
        top = numbers.max()
        if isinstance(top, int) and top >= len(self._classes):
            new = pl.DataFrame({"n": numbers, "v": values}).filter(pl.col("n") >= len(self._classes))
            for number, value in new.unique("n").sort("n").rows():
                assert number == len(self._classes)  # noqa: S101  # Polars numbers values as they come
                self._add(value)
            self._tables.clear()
        return numbers

    def _add(self, text: str) -> None:
        found = self._reader.read(self.column, text) if text.strip() else _Class(None, None, None)
        if found.bad:
            self._texts[len(self._classes)] = text
        self._classes.append(found)
        for level in _LEVELS:
            codes = self._codes[level]
            token = getattr(found, level)
            code = codes.setdefault(token, len(codes))
            if code == len(self._tokens[level]):
                self._tokens[level].append(token)
            self._rows[level].append(code)
        # A unit is read only beside its amount: see ``Batch._check_amounts``.
        bad = found.bad and self.column.name not in _UNITS
        flags = (_BAD if bad else 0) | (_HOT if found.is_hot else 0) | (_PRECISE if found.is_precise else 0)
        flags |= (_PAST if found.is_past else 0) | (_LATE if found.is_late else 0)
        self._rows["flags"].append(flags)
        if found.is_hot:
            self._hot_codes.add(self._rows["hot"][-1])
        self.flagged = self.flagged or flags > 0

    def unreadable(self, values: pl.Series) -> list[tuple[str, str]]:
        """Return the values that cannot be read, each with the reason."""
        if values.null_count() == values.len():
            return []
        found = self.numbers(values).unique().drop_nulls().to_list()
        wrong = [number for number in found if self._classes[number].bad]
        return [(self._texts[number], self._classes[number].bad) for number in wrong]

    def table(self, what: str) -> pl.Series:
        """Return the codes of a level, or the flags, by number of value."""
        found = self._tables.get(what)
        if found is None:
            kind = pl.UInt8 if what == "flags" else pl.UInt64
            found = self._tables[what] = pl.Series(self._rows[what], dtype=kind)
        return found

    def look(self, what: str, numbers: pl.Series) -> pl.Series:
        """Return the code of each value on a level, 0 for null."""
        return self.table(what).gather(numbers).fill_null(0)

    def size(self, level: str) -> int:
        """Return how many codes a level has."""
        return len(self._codes[level])

    def reason(self, text: str) -> str:
        """Return why a value cannot be read, or nothing."""
        return self._reader.read(self.column, text).bad if text.strip() else ""

    def hot_code(self, code: object) -> bool:
        """Whether a code of the hot level stands for a value that may be somebody's business."""
        return code in self._hot_codes

    def told(self, level: str, code: int) -> Hashable:
        """Return what a code stands for."""
        return self._tokens[level][code]


_serial = count()
_LEVELS = ("plain", "hot", "precise")
_BAD, _HOT, _PRECISE, _PAST, _LATE = 1, 2, 4, 8, 16
_UNITS = frozenset(_NEEDS.values())


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a single check said: the outcome and its findings; or why it could not be read."""

    outcome: str
    findings: tuple[tuple[str, str, str, bool, str | None, str], ...] = ()
    bad: str = ""


_Schema = dict[str, pl.DataType | type[pl.DataType]]
_OUTCOMES = pl.Enum([outcome.value for outcome in Outcome])
_VERDICTS: _Schema = {
    "transaction": pl.String, "row": pl.UInt64, "rows": pl.UInt32, "outcome": _OUTCOMES,
    "findings": pl.UInt32,
}  # fmt: skip
_FINDINGS: _Schema = {
    "transaction": pl.String, "row": pl.UInt64, "rule": pl.String, "outcome": _OUTCOMES,
    "subject": pl.String, "settled": pl.Boolean, "exemption": pl.String, "citations": pl.String,
}  # fmt: skip
_QUARANTINE: _Schema = {"row": pl.UInt64, "transaction": pl.String, "reason": pl.String}


@dataclass(frozen=True, slots=True)
class _Part:
    verdicts: pl.DataFrame
    findings: pl.DataFrame
    quarantine: pl.DataFrame
    explanations: tuple[str, ...] = ()


class Batch:
    """Judges frames of transactions; what it has learned of values and combinations is kept for the next frame.

    Args:
        engine: Whose verdicts.
        columns: Their column names to ours, where they differ.
        ignore: Columns that say nothing of a transaction. Any other unknown column is an error, so that no fact
            is passed over in silence.
        explain: Also give the full report of every transaction with findings.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        columns: Mapping[str, str] | None = None,
        ignore: Iterable[str] = (),
        explain: bool = False,
    ) -> None:
        self.engine = engine
        self._renamed = dict(columns or {})
        self._ignored = frozenset(ignore)
        self.explains = explain
        self._reader = _Reader(engine)
        self._registers: dict[str, _Register] = {}
        self._verdicts: list[_Verdict] = []
        self._verdict_ids: dict[_Verdict, int] = {}
        self._judged: dict[Hashable, int] = {}
        self._lines: dict[Hashable, int] = {}
        self._line_codes: dict[Hashable, int] = {None: 0}
        self._line_tokens: list[Hashable] = [None]
        self.combinations = 0
        """How many single checks were made."""

    @property
    def options(self) -> dict[str, object]:
        """What makes its output what it is, beside law, list and input."""
        return {"columns": self._renamed, "ignore": sorted(self._ignored), "explain": self.explains}

    def column_of(self, name: str, among: Sequence[str]) -> str | None:
        """Return which column of a frame stands for one of ours."""
        return next((c for c in among if c not in self._ignored and self._renamed.get(c, c) == name), None)

    # ------------------------------------------------------------------ a frame

    def check(self, frame: pl.DataFrame, *, first_row: int = 1, bad: Mapping[int, str] | None = None) -> _Part:
        """Judge the rows of a frame in the flat shape; the rows of a transaction stand together.

        Args:
            frame: The rows.
            first_row: The number of its first row, for the quarantine.
            bad: Rows that could not be read at all, with the reason.

        Raises:
            InputError: The columns are not those of the flat shape.
        """
        frame = self.flat(frame)
        rows = frame.height
        if not rows:
            return _Part(
                pl.DataFrame(schema=_VERDICTS), pl.DataFrame(schema=_FINDINGS), pl.DataFrame(schema=_QUARANTINE)
            )
        numbers, flags, key = self._read_columns(frame)
        reasons = dict(bad or {})
        self._check_amounts(frame, reasons)
        transactions = self._transactions(frame, numbers, flags, key, reasons)
        flags = transactions["flags"]
        past = ((flags & _PAST) != 0) & ((flags & _LATE) == 0)
        flags = (flags & (_BAD | _HOT | _PRECISE)) | (past.cast(pl.UInt8) * _HOT)
        transactions = transactions.with_columns(flags=flags)
        verdicts = self._judge_plain(frame, transactions)
        for level in ("hot", "precise"):
            self._judge_hot(frame, transactions, numbers, verdicts, level)
        self._judge_alone(frame, transactions, verdicts)
        return self._part(frame, transactions, verdicts, reasons, first_row)

    def flat(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give columns our names and types.

        Raises:
            InputError: A column is unknown, stands twice, or has a type that loses what it says.
        """
        problems: list[Problem] = []
        wanted: dict[str, pl.Expr] = {}
        for theirs in frame.columns:
            name = self._renamed.get(theirs, theirs)
            if theirs in self._ignored:
                continue
            if name not in COLUMNS:
                hint = did_you_mean(name, list(COLUMNS)) or "; see the list of columns"
                problems.append(Problem(theirs, f"unknown column{hint}, or name it among those to ignore"))
                continue
            if name in wanted:
                problems.append(Problem(theirs, f"a second column for {name!r}; keep one"))
                continue
            try:
                wanted[name] = _as_text(pl.col(theirs), frame.schema[theirs], COLUMNS[name]).alias(name)
            except InputError as error:
                problems.append(Problem(theirs, error.problems[0].what))
        missing = [theirs for theirs in self._renamed if theirs not in frame.columns]
        problems += [Problem(theirs, f"no such column{did_you_mean(theirs, frame.columns)}") for theirs in missing]
        if not wanted and not problems:
            problems.append(Problem("columns", "there is none that describes a transaction"))
        if problems:
            raise InputError(problems)
        return frame.select(wanted.values())

    def _register(self, name: str) -> _Register:
        found = self._registers.get(name)
        if found is None:
            found = self._registers[name] = _Register(COLUMNS[name], self._reader)
        return found

    def _read_columns(self, frame: pl.DataFrame) -> tuple[dict[str, pl.Series], pl.Series, pl.Series]:
        """Number the values of every column: which are bad or hot, and what plain rows are told apart by."""
        rows = frame.height
        numbers: dict[str, pl.Series] = {}
        flags = pl.zeros(rows, pl.UInt8, eager=True)
        key = pl.zeros(rows, pl.UInt64, eager=True)
        size = 1
        for name in sorted(frame.columns):
            column = COLUMNS[name]
            values = frame[name]
            if column.kind in ("id", "number") or values.null_count() == rows:
                continue
            if column.kind == "amount":
                code, codes = values.is_not_null().cast(pl.UInt64), 2
            else:
                register = self._register(name)
                numbers[name] = found = register.numbers(values)
                if register.flagged:
                    flags = flags | register.look("flags", found)
                codes = 1 if column.line else register.size("plain")
                if codes == 1:
                    continue
                code = register.look("plain", found)
            if size * codes >= 1 << 62:
                key, size = _dense(key)
            key, size = key * codes + code, size * codes
        return numbers, flags, key

    def _check_amounts(self, frame: pl.DataFrame, reasons: dict[int, str]) -> None:
        """Note the rows whose numbers cannot be used."""
        for name in frame.columns:
            if COLUMNS[name].kind not in ("number", "amount"):
                continue
            values = frame[name]
            stated = values.is_not_null() & (values != "") if values.dtype == pl.String else values.is_not_null()
            if not stated.any():
                continue
            as_number = values.cast(pl.Float64, strict=False)
            usual = as_number.is_finite() & ((as_number == 0) | as_number.is_between(1e-20, 1e20))
            if values.dtype == pl.String:
                usual = usual & (values.str.len_bytes() <= 20)
            odd = (stated & ~usual.fill_null(False)).arg_true()
            register = self._register(name)
            known: dict[object, str] = {}
            for at in odd.to_list():
                text = str(values[at])
                if text not in known:
                    known[text] = register.reason(text)
                if known[text]:
                    reasons.setdefault(at, known[text])
            unit = _NEEDS[name]
            units = frame[unit] if unit in frame.columns else pl.repeat(None, frame.height, dtype=pl.String, eager=True)
            bare = stated & (units.is_null() | (units.str.strip_chars() == ""))
            for at in bare.arg_true().to_list():
                if values.dtype != pl.String or values[at].strip():
                    reasons.setdefault(at, f"{name}: {unit} is missing; an amount says nothing without it")
            for wrong, reason in self._register(unit).unreadable(units):
                for at in (stated & (units == wrong)).arg_true().to_list():
                    if values.dtype != pl.String or values[at].strip():
                        reasons.setdefault(at, f"{unit}: {reason}")

    def _transactions(
        self,
        frame: pl.DataFrame,
        numbers: Mapping[str, pl.Series],
        flags: pl.Series,
        key: pl.Series,
        reasons: Mapping[int, str],
    ) -> pl.DataFrame:
        """Put the rows of each transaction together: first row, number of rows, flags, key."""
        rows = frame.height
        table = pl.DataFrame({"at": pl.int_range(rows, dtype=pl.UInt32, eager=True), "flags": flags, "key": key})
        if reasons:
            unreadable = pl.Series(sorted(reasons), dtype=pl.UInt32)
            table = table.with_columns(
                flags=pl.when(pl.col("at").is_in(unreadable.implode())).then(_BAD).otherwise("flags").cast(pl.UInt8)
            )
        one_row_each = table.with_columns(rows=pl.lit(1, pl.UInt32), mixed=pl.lit(False))
        if "transaction" not in frame.columns:
            return one_row_each
        ids = frame["transaction"]
        starts = ids.ne_missing(ids.shift()) | ids.is_null()
        starts[0] = True
        if starts.all():
            return one_row_each
        changed = pl.repeat(False, rows, dtype=pl.Boolean, eager=True)
        for name, found in numbers.items():
            if not COLUMNS[name].line:
                changed = changed | found.ne_missing(found.shift())
        if "amount" in frame.columns:
            changed = changed | frame["amount"].ne_missing(frame["amount"].shift())
        return (
            table.with_columns(run=starts.cum_sum(), mixed=changed & ~starts)
            .group_by("run", maintain_order=True)
            .agg(
                pl.col("at").first(),
                pl.col("flags").bitwise_or(),
                pl.col("key").first(),
                pl.len().cast(pl.UInt32).alias("rows"),
                pl.col("mixed").any(),
            )
            .drop("run")
        )

    # ------------------------------------------------------------------ judging combinations

    def _judge_plain(self, frame: pl.DataFrame, transactions: pl.DataFrame) -> pl.Series:
        """Judge what is nobody's business once per combination of gaps; null for the rest."""
        plain = transactions.filter((pl.col("flags") == 0) & ~pl.col("mixed"))
        first = plain.group_by("key").agg(pl.col("at").first(), pl.col("rows").first())
        found = []
        for key, at, _ in first.rows():
            row = frame.row(at, named=True)
            verdict = self._remember(("plain", self._plain_told(row)), [row])
            if self._verdicts[verdict].findings:
                raise EngineError(
                    f"row {at}: the index sees no regime concerned, a single check does; please report this"
                )
            found.append((key, verdict))
        table = pl.DataFrame(found, schema={"key": pl.UInt64, "verdict": pl.UInt32}, orient="row")
        return (
            transactions.select(
                pl.when((pl.col("flags") == 0) & ~pl.col("mixed")).then("key").alias("key"),
            )
            .join(table, on="key", how="left", maintain_order="left")
            .to_series(1)
        )

    def _plain_told(self, row: Mapping[str, object]) -> tuple[tuple[str, int], ...]:
        """Return what counts of a transaction that is nobody's business."""
        return tuple(
            (name, self._plain_code(name, value))
            for name, value in sorted(row.items())
            if value is not None and not COLUMNS[name].line and COLUMNS[name].kind != "id"
        )

    def _plain_code(self, name: str, value: object) -> int:
        if COLUMNS[name].kind == "amount":
            return 1
        register = self._registers[name]
        numbers = register.numbers(pl.Series([value], dtype=pl.String))
        return int(register.look("plain", numbers)[0])

    def _judge_hot(
        self,
        frame: pl.DataFrame,
        transactions: pl.DataFrame,
        numbers: Mapping[str, pl.Series],
        verdicts: pl.Series,
        level: str,
    ) -> None:
        """Judge what may be somebody's business once per combination of all that rules could tell apart."""
        wanted = _HOT if level == "hot" else _HOT | _PRECISE
        chosen = transactions.with_row_index("t").filter(
            (pl.col("flags") & _BAD == 0) & (pl.col("flags") & (_HOT | _PRECISE) == wanted) & ~pl.col("mixed")
        )
        if not chosen.height:
            return
        first = chosen["at"]
        heads = [name for name in sorted(frame.columns) if name in numbers and not COLUMNS[name].line]
        table = pl.DataFrame({name: self._registers[name].look(level, numbers[name].gather(first)) for name in heads})
        table = table.with_columns(
            chosen["t"], chosen["at"], chosen["rows"], self._lines_of(frame, chosen, numbers, level)
        )
        if "amount" in frame.columns:
            table = table.with_columns(amount=frame["amount"].gather(first).is_not_null())
        by = [*heads, "lines", *(("amount",) if "amount" in frame.columns else ())]
        groups = table.group_by(by).agg(pl.col("t"), pl.col("at").first(), pl.col("rows").first())
        ids = []
        for row in groups.select(*by, "at", "rows").rows(named=True):
            codes = (level, *((name, row[name]) for name in heads if row[name]), row["lines"], row.get("amount"))
            verdict = self._judged.get(codes)
            if verdict is None:
                rows = frame.slice(row["at"], row["rows"]).rows(named=True)
                key = self._canonical(level, row, heads)
                verdict = self._remember(("plain", self._plain_told(rows[0])) if key is None else key, rows)
                self._judged[codes] = verdict
            ids.append(verdict)
        spread = groups.select("t").with_columns(v=pl.Series(ids, dtype=pl.UInt32)).explode("t")
        verdicts.scatter(spread["t"], spread["v"])

    def _canonical(self, level: str, row: Mapping[str, object], heads: Sequence[str]) -> Hashable | None:
        """Return all that is told apart of a combination, with States that no rule names renamed where that is safe."""
        told: list[Hashable] = [level, row.get("amount") is True]
        for name in heads:
            code = row[name]
            assert isinstance(code, int)  # noqa: S101  # registers give numbers
            if code:
                told.append((name, self._registers[name].told(level, code)))
        lines = str(row["lines"])
        told.append(tuple(self._line_tokens[int(code)] for code in lines.split(",") if code != "0"))
        whole = tuple(told)
        if level != "hot":
            return whole
        # Where only States make it somebody's business, only the days of regimes that are aimed at them count.
        other = any(
            row[name] and self._registers[name].hot_code(row[name]) for name in heads if COLUMNS[name].kind != "country"
        )
        words = any(self._says(token) for token in whole[-1]) if isinstance(whole[-1], tuple) else True
        if other or words:
            return self._reader.folded(whole, {})
        states = _states_in(whole)
        occurred = dict(part for part in whole if type(part) is tuple and len(part) == 2).get("occurred")
        if isinstance(occurred, _At) and self._reader.is_over(occurred, states):
            return None
        return self._reader.folded(self._reader.nearer(whole, states), {})

    @staticmethod
    def _says(token: Hashable) -> bool:
        """Whether a goods line may be somebody's business by what it says in words."""
        return not (type(token) is tuple and token[:1] == ("quiet",))

    def _lines_of(
        self, frame: pl.DataFrame, chosen: pl.DataFrame, numbers: Mapping[str, pl.Series], level: str
    ) -> pl.Series:
        """Return, for each transaction, the codes of its goods lines in their order, as one text."""
        spread = chosen.select(
            "t", pl.int_ranges(pl.col("at"), pl.col("at") + pl.col("rows"), dtype=pl.UInt32).alias("i")
        ).explode("i")
        at = spread["i"]
        names = [name for name in sorted(frame.columns) if COLUMNS[name].line and name in numbers]
        table = spread.with_columns(
            self._registers[name].look(level, numbers[name].gather(at)).alias(name) for name in names
        )
        amounts = [name for name in ("quantity", "value", "unit_value") if name in frame.columns]
        for name in amounts:
            table = table.with_columns(frame[name].gather(at).alias(name))
        if amounts:
            counts = self._counts(frame, at)
            table = table.with_columns(pl.when(counts).then(pl.col(name)).alias(name) for name in amounts)
        by = [*names, *amounts]
        if not by:
            return (
                chosen.select(pl.lit("0").alias("lines")).to_series()
                if chosen.height == 1
                else pl.repeat("0", chosen.height, dtype=pl.String, eager=True).alias("lines")
            )
        groups = table.group_by(by).agg(pl.col("i").first().alias("first"), pl.col("i"))
        codes = []
        for *key, first in groups.select(*by, "first").rows():
            whole = (level, tuple(zip(by, key, strict=True)))
            code = self._lines.get(whole)
            if code is None:
                code = self._lines[whole] = self._line_code(frame.row(first, named=True), level)
            codes.append(code)
        found = groups.select("i").with_columns(c=pl.Series(codes, dtype=pl.UInt32)).explode("i")
        return (
            spread.join(found, on="i", how="left", maintain_order="left")
            .group_by("t", maintain_order=True)
            .agg(pl.col("c").cast(pl.String).str.join(","))
            .to_series(1)
            .alias("lines")
        )

    def _counts(self, frame: pl.DataFrame, at: pl.Series) -> pl.Series:
        """Whether amounts of a row could count: the value of one piece does, where it is known."""
        if self._reader.values_count:
            return pl.repeat(True, at.len(), dtype=pl.Boolean, eager=True)
        counts = pl.repeat(False, at.len(), dtype=pl.Boolean, eager=True)
        if "unit_value" in frame.columns:
            counts = counts | frame["unit_value"].gather(at).is_not_null()
        if "unit" in frame.columns and "value" in frame.columns:
            pieces = pl.Series(
                [unit for unit in frame["unit"].gather(at).unique().drop_nulls().to_list() if _is_piece(unit)],
                dtype=pl.String,
            )
            counts = counts | frame["unit"].gather(at).is_in(pieces.implode()).fill_null(False)
        return counts

    def _line_code(self, row: Row, level: str) -> int:
        row = {name: _text_of(value) for name, value in row.items() if COLUMNS[name].line}
        try:
            token = self._reader.line(row)
        except InputError:  # told by the single check
            token = tuple(sorted((name, value) for name, value in row.items() if value is not None))
        code = self._line_codes.get(token)
        if code is None:
            code = self._line_codes[token] = len(self._line_tokens)
            self._line_tokens.append(token)
        return code

    def _judge_alone(self, frame: pl.DataFrame, transactions: pl.DataFrame, verdicts: pl.Series) -> None:
        """Judge by themselves the transactions whose rows differ in more than their goods."""
        alone = transactions.with_row_index("t").filter((pl.col("flags") & _BAD == 0) & pl.col("mixed"))
        for t, at, rows in alone.select("t", "at", "rows").rows():
            described = frame.slice(at, rows).rows(named=True)
            key = tuple(tuple(sorted(_stated(row).items())) for row in described)
            verdicts[t] = self._remember(("alone", key), described)

    def _remember(self, key: Hashable, rows: Sequence[Mapping[str, object]] | Mapping[str, object]) -> int:
        found = self._judged.get(key)
        if found is None:
            verdict = self._single(rows)
            found = self._verdict_ids.get(verdict)
            if found is None:
                found = self._verdict_ids[verdict] = len(self._verdicts)
                self._verdicts.append(verdict)
            if len(self._judged) >= _REMEMBERED:
                self._judged.clear()
            self._judged[key] = found
        return found

    def _single(self, rows: Sequence[Mapping[str, object]] | Mapping[str, object]) -> _Verdict:
        self.combinations += 1
        try:
            report = self.engine.check(rows if isinstance(rows, Mapping) else nest([_stated(row) for row in rows]))
        except InputError as error:
            return _Verdict("", (), _told(error))
        return _Verdict(
            report.outcome.value,
            tuple(
                (f.rule.id, f.outcome.value, f.subject.path, f.settled,
                 f.exemption.paragraph if f.exemption is not None else None, " ".join(f.citations))
                for f in report.findings
            ),
        )  # fmt: skip

    def check_nested(self, texts: pl.Series, *, first_row: int = 1, bad: Mapping[int, str] | None = None) -> _Part:
        """Judge transactions in the shape users write, one a JSON text; equal ones are judged once."""
        told: list[tuple[str, int, int]] = []
        refused: list[tuple[int, str, str]] = []
        explanations: list[str] = []
        for i, text in enumerate(texts.to_list()):
            row = first_row + i
            name = f"row {row}"
            try:
                if bad and i in bad:
                    raise InputError(bad[i])
                document = read_document(text, json_only=True)
                if not isinstance(document.data, Mapping):
                    raise InputError("a transaction is a mapping")
                described = dict(document.data)
                name = str(described.pop("transaction", None) or name)
                key = ("nested", json.dumps(described, sort_keys=True, default=str))
                verdict = self._remember(key, described)
                if self._verdicts[verdict].bad:
                    raise InputError(self._verdicts[verdict].bad)
            except InputError as error:
                refused.append((row, name, _told(error)))
                continue
            told.append((name, row, verdict))
            if self.explains and self._verdicts[verdict].findings:
                explanations.append(self.engine.check({**described, "transaction": name}).to_json())
        verdicts = [(name, row, 1, v.outcome, len(v.findings)) for name, row, i in told for v in (self._verdicts[i],)]
        findings = [(name, row, *finding) for name, row, i in told for finding in self._verdicts[i].findings]
        return _Part(
            pl.DataFrame(verdicts, schema=_VERDICTS, orient="row"),
            pl.DataFrame(findings, schema=_FINDINGS, orient="row"),
            pl.DataFrame(refused, schema=_QUARANTINE, orient="row"),
            tuple(explanations),
        )

    # ------------------------------------------------------------------ what comes out

    def _part(
        self,
        frame: pl.DataFrame,
        transactions: pl.DataFrame,
        verdicts: pl.Series,
        reasons: dict[int, str],
        first_row: int,
    ) -> _Part:
        bad_verdicts = [i for i, verdict in enumerate(self._verdicts) if verdict.bad]
        rows = pl.col("at").cast(pl.UInt64) + first_row
        known = "transaction" in frame.columns
        table = transactions.with_columns(verdict=verdicts, row=rows)
        at = table["at"]
        nameless = pl.format("row {}", pl.col("row"))
        if known:
            table = table.with_columns(transaction=frame["transaction"].gather(at)).with_columns(
                transaction=pl.col("transaction").fill_null(nameless)
            )
        else:
            table = table.with_columns(transaction=nameless)
        if bad_verdicts:
            refused = pl.col("verdict").is_in(pl.Series(bad_verdicts, dtype=pl.UInt32).implode()).fill_null(False)
            table = table.with_columns(flags=pl.when(refused).then(_BAD).otherwise("flags").cast(pl.UInt8))
        good = table.filter(pl.col("flags") & _BAD == 0)
        bad = table.filter(pl.col("flags") & _BAD != 0)
        if good["verdict"].null_count():
            raise EngineError("a transaction was left without a verdict; please report this")
        outcomes = pl.Series([v.outcome or Outcome.CLEAR.value for v in self._verdicts], dtype=_OUTCOMES)
        numbers = pl.Series([len(v.findings) for v in self._verdicts], dtype=pl.UInt32)
        judged = good.select("transaction", "row", "rows", "verdict").with_columns(
            outcome=outcomes.gather(good["verdict"]), findings=numbers.gather(good["verdict"])
        )
        flagged = judged.filter(pl.col("findings") > 0).select("transaction", "row", "rows", "verdict")
        found = pl.DataFrame(
            [(i, *finding) for i in flagged["verdict"].unique().to_list() for finding in self._verdicts[i].findings],
            schema={"verdict": pl.UInt32, **{k: v for k, v in _FINDINGS.items() if k not in ("transaction", "row")}},
            orient="row",
        )
        findings = flagged.join(found, on="verdict", maintain_order="left_right").select(*_FINDINGS)
        explanations: list[str] = []
        if self.explains:
            for row, count_ in flagged.select("row", "rows").rows():
                described = frame.slice(row - first_row, count_).rows(named=True)
                explanations.append(self.engine.check(nest([_stated(r) for r in described])).to_json())
        return _Part(
            judged.select(*_VERDICTS), findings, self._quarantine(frame, bad, reasons, first_row), tuple(explanations)
        )

    def _quarantine(
        self, frame: pl.DataFrame, bad: pl.DataFrame, reasons: Mapping[int, str], first_row: int
    ) -> pl.DataFrame:
        """Account for every row of the transactions that could not be read."""
        told: list[tuple[int, str, str]] = []
        for at, rows, verdict, transaction in bad.select("at", "rows", "verdict", "transaction").rows():
            described = frame.slice(at, rows).rows(named=True)
            whole = self._verdicts[verdict].bad if verdict is not None else ""
            own = [reasons.get(at + i) or whole or self._reason(row) for i, row in enumerate(described)]
            culprit = next((i for i, reason in enumerate(own) if reason), 0)
            for i, reason in enumerate(own):
                other = f"row {first_row + at + culprit} of the same transaction cannot be read"
                told.append((first_row + at + i, transaction, reason or other))
        return pl.DataFrame(told, schema=_QUARANTINE, orient="row")

    def _reason(self, row: Mapping[str, object]) -> str:
        found = []
        for name, text in _stated(row).items():
            if COLUMNS[name].kind not in ("id", "number", "amount"):
                reason = self._register(name).reason(text)
                if reason and name not in _UNITS:
                    found.append(f"column {name}: {reason}")
        return "; ".join(found)


def _is_piece(unit: str) -> bool:
    try:
        described = Transaction.of({"goods": [{"quantity": {"value": "1", "unit": unit}}]})
    except InputError:
        return False
    quantity = (described.goods or ())[0].quantity
    return quantity is not None and quantity.unit == "piece"


def _dense(key: pl.Series) -> tuple[pl.Series, int]:
    """Renumber keys without gaps."""
    dense = key.rank("dense").cast(pl.UInt64) - 1
    top = dense.max()
    return dense, (top if isinstance(top, int) else 0) + 1


def _text_of(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else str(value)


def _stated(row: Mapping[str, object]) -> dict[str, str]:
    return {name: text for name, value in row.items() if (text := _text_of(value)) is not None and text.strip()}


def _as_text(column: pl.Expr, kind: pl.DataType, into: Column) -> pl.Expr:
    """Read a column as text as people would have written it; amounts stay numbers.

    Raises:
        InputError: The type loses what the text said.
    """
    if into.kind in ("number", "amount"):
        if kind.is_numeric() or kind == pl.String:
            return column
        if kind == pl.Null:
            return column.cast(pl.String)
        raise InputError(f"holds {kind}, not numbers")
    if kind == pl.String:
        return column
    if into.name == "hs" and kind.is_numeric():
        raise InputError("holds numbers, which lose the zero in front of HS codes; write them as text")
    if isinstance(kind, pl.Datetime):
        return column.dt.date().cast(pl.String)
    if kind == pl.Boolean:
        return pl.when(column).then(pl.lit("yes")).when(~column).then(pl.lit("no"))
    if isinstance(kind, pl.List) and kind.inner == pl.String:
        return column.list.join("|")
    if kind.is_nested() or kind == pl.Binary:
        raise InputError(f"holds {kind}; write text")
    return column.cast(pl.String)


# ---------------------------------------------------------------------- files, in pieces, with a place to go on from


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some rows of a file.

    Args:
        frame: The rows; in a nested file one column of JSON texts.
        bad: Rows that could not be read, with the reason.
        ends: Where the file goes on after each row.
        last: Whether nothing follows.
    """

    frame: pl.DataFrame
    bad: Mapping[int, str]
    ends: Callable[[int], int]
    last: bool


class _Source(Protocol):
    """A file that can be read from a place on: a row number, or a byte."""

    nested: bool
    start: int
    size: int

    def read(self, at: int, rows: int) -> _Piece:
        """Read some rows from a place on."""


class _Columnar:
    """Parquet or Arrow IPC: places are row numbers."""

    start = 0

    def __init__(self, path: Path, scan: Callable[[Path], pl.LazyFrame]) -> None:
        try:
            self._frame = scan(path)
            schema = self._frame.collect_schema()
            size = self._frame.select(pl.len()).collect().item()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError([Problem(str(path), f"cannot be read ({_short(error)})")]) from error
        self._path = path
        self.size = int(size)
        self.nested = any(kind.is_nested() and kind != pl.List(pl.String) for kind in schema.values())

    def read(self, at: int, rows: int) -> _Piece:
        """Read some rows from a row on."""
        try:
            frame = self._frame.slice(at, rows).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(
                [Problem(f"{self._path}, from row {at + 1}", f"cannot be read ({_short(error)})")]
            ) from error
        if self.nested:
            texts = [json.dumps(_without_none(row), default=str) for row in frame.iter_rows(named=True)]
            frame = pl.DataFrame({"json": texts}, schema={"json": pl.String})
        return _Piece(frame, {}, lambda row: at + row, at + frame.height >= self.size)


class _Lines:
    """A text file read by records: places are bytes."""

    nested = False
    start = 0

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size

    def _records(self, file: BufferedReader, rows: int) -> tuple[list[tuple[bytes, int]], bool]:
        """Return records with the byte after each."""
        found: list[tuple[bytes, int]] = []
        while len(found) < rows:
            record = file.readline(_LONGEST_RECORD)
            if not record:
                return found, True
            if record.strip():
                found.append((record, file.tell()))
        return found, file.tell() >= self.size


class _Json(_Lines):
    """JSON lines: flat rows, or nested transactions."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with path.open("rb") as file:
            first = next(iter(self._records(file, 1)[0]), (b"", 0))[0]
        try:
            row = json.loads(first.decode("utf-8-sig")) if first else {}
        except (UnicodeDecodeError, ValueError) as error:
            raise InputError([Problem(f"{path}:1", f"is no line of JSON ({_short(error)})")]) from error
        if not isinstance(row, dict):
            raise InputError([Problem(f"{path}:1", "each line is one object: a flat row, or a transaction")])
        self.nested = any(
            isinstance(v, dict) or (isinstance(v, list) and any(isinstance(i, dict) for i in v)) for v in row.values()
        )

    def read(self, at: int, rows: int) -> _Piece:
        """Read some lines from a byte on."""
        with self._path.open("rb") as file:
            file.seek(at)
            records, last = self._records(file, rows)
        bad: dict[int, str] = {}
        ends = [end for _, end in records]
        if self.nested:
            texts = []
            for i, (record, _) in enumerate(records):
                try:
                    texts.append(record.decode("utf-8-sig"))
                except UnicodeDecodeError as error:
                    bad[i] = f"is not UTF-8 text (byte {error.start})"
                    texts.append("")
            return _Piece(
                pl.DataFrame({"json": texts}, schema={"json": pl.String}), bad, lambda row: ends[row - 1], last
            )
        cells: dict[str, list[str | None]] = {}
        for i, (record, _) in enumerate(records):
            try:
                row = json.loads(record.decode("utf-8-sig"), parse_float=str, parse_int=str)
                if not isinstance(row, dict):
                    raise ValueError("is not an object")
                texts_of_row = {name: _flat_cell(name, value) for name, value in row.items()}
            except (ValueError, RecursionError) as error:
                bad[i] = f"is no row of JSON ({_short(error)})"
                texts_of_row = {}
            for name in texts_of_row:
                if name not in cells:
                    cells[name] = [None] * i
            for name, column in cells.items():
                column.append(texts_of_row.get(name))
        if not cells and records:
            cells = {"transaction": [None] * len(records)}
        return _Piece(pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), bad, lambda row: ends[row - 1], last)


def _flat_cell(name: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "|".join(value)
    raise ValueError(f"{name} holds {'an object' if isinstance(value, dict) else 'a list'}; a flat row holds text")


class _Csv(_Lines):
    """CSV, by commas, semicolons or tabs, as the first line has it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with path.open("rb") as file:
            start = file.read(4)
            if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise InputError([Problem(str(path), "is UTF-16 text; save it as UTF-8")])
            file.seek(0)
            records, _ = self._records(file, 1)
        if not records:
            raise InputError([Problem(str(path), "is empty; the first line names the columns")])
        try:
            header = records[0][0].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError([Problem(f"{path}:1", f"is not UTF-8 text (byte {error.start})")]) from error
        self._delimiter = max(",;\t", key=header.count)
        self.names = [name.strip() for name in next(csv.reader([header], delimiter=self._delimiter))]
        if len(set(self.names)) < len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise InputError([Problem(f"{path}:1", f"column {twice!r} stands twice; keep one")])
        self.start = records[0][1]

    def read(self, at: int, rows: int) -> _Piece:
        """Read some records from a byte on; what is ragged is kept apart."""
        bad: dict[int, str] = {}
        ends: list[int] = []
        table: list[list[str | None]] = []
        with self._path.open("rb") as file:
            file.seek(at)
            last = False
            while len(table) < rows and not last:
                cells, reason, last = self._record(file)
                if cells is None:
                    break
                if reason is None and len(cells) != len(self.names):
                    reason = f"has {len(cells)} cells where the first line names {len(self.names)} columns"
                if reason is not None:
                    bad[len(table)] = reason
                    cells = (cells + [None] * len(self.names))[: len(self.names)]
                table.append(cells)
                ends.append(file.tell())
            last = last or file.tell() >= self.size
        columns = list(zip(*table, strict=True)) if table else [()] * len(self.names)
        frame = pl.DataFrame(dict(zip(self.names, columns, strict=True)), schema=dict.fromkeys(self.names, pl.String))
        return _Piece(frame, bad, lambda row: ends[row - 1], last)

    def _record(self, file: BufferedReader) -> tuple[list[str | None] | None, str | None, bool]:
        """Read one record, which may go over several lines inside quotes."""
        raw = file.readline(_LONGEST_RECORD)
        while raw and not raw.strip():
            raw = file.readline(_LONGEST_RECORD)
        if not raw:
            return None, None, True
        begun = file.tell()
        first = raw
        while raw.count(b'"') % 2:
            more = file.readline(_LONGEST_RECORD)
            if not more or len(raw) > _LONGEST_RECORD:
                file.seek(begun)
                return [], f"a quote is never closed: {first[:40]!r}", False
            raw += more
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            broken = raw.decode("utf-8", "replace").rstrip("\r\n").split(self._delimiter)
            return [*broken], f"is not UTF-8 text (byte {error.start} of the line)", False
        try:
            records = list(csv.reader(StringIO(text, newline=""), delimiter=self._delimiter, strict=True))
        except csv.Error as error:
            return [*text.rstrip("\r\n").split(self._delimiter)], f"is no CSV ({error})", False
        return [*records[0]] if len(records) == 1 else [], None if len(records) == 1 else "holds several records", False


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value


_FORMATS: Mapping[str, Callable[[Path], _Source]] = {
    ".parquet": lambda path: _Columnar(path, pl.scan_parquet),
    ".arrow": lambda path: _Columnar(path, pl.scan_ipc),
    ".ipc": lambda path: _Columnar(path, pl.scan_ipc),
    ".feather": lambda path: _Columnar(path, pl.scan_ipc),
    ".jsonl": _Json,
    ".ndjson": _Json,
    ".csv": _Csv,
    ".tsv": _Csv,
}


def _open(path: Path) -> _Source:
    if path.is_dir():
        raise InputError([Problem(str(path), "is a directory; name a file")])
    if not path.is_file():
        raise InputError([Problem(str(path), "there is no such file")])
    make = _FORMATS.get(path.suffix.casefold())
    if make is None:
        raise InputError([Problem(str(path), f"is of no format known here; known: {', '.join(_FORMATS)}")])
    if path.stat().st_size == 0:
        raise InputError([Problem(str(path), "is empty")])
    return make(path)


# ---------------------------------------------------------------------- a whole run


@dataclass(frozen=True)
class BatchResult:
    """What a run found, and where it is.

    Args:
        rows: Rows read.
        judged: Rows of transactions that were judged.
        quarantined: Rows that could not be read; ``rows`` is the sum of the two.
        transactions: How many were judged.
        outcomes: How many had each outcome, the gravest first.
        combinations: How many single checks it took, in this process.
        folder: Where the tables are; ``None``: in memory.
    """

    rows: int
    judged: int
    quarantined: int
    transactions: int
    outcomes: Mapping[str, int]
    combinations: int
    folder: Path | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def outcome(self) -> Outcome:
        """The gravest outcome; CLEAR where nothing was judged."""
        return min((Outcome(name) for name in self.outcomes), key=lambda o: o.rank, default=Outcome.CLEAR)

    @property
    def verdicts(self) -> pl.DataFrame:
        """One row a transaction: its first row, number of rows, outcome, number of findings."""
        return self._table("verdicts")

    @property
    def findings(self) -> pl.DataFrame:
        """One row a finding: rule, outcome, subject, whether settled, exemption, citations."""
        return self._table("findings")

    @property
    def quarantine(self) -> pl.DataFrame:
        """One row for every row that could not be read, with the reason."""
        return self._table("quarantine")

    def _table(self, name: str) -> pl.DataFrame:
        return self.tables[name] if self.folder is None else pl.read_parquet(self.folder / f"{name}.parquet")


Progress = Callable[[int, int, int], None]
"""Called with how far the input is read, its size (rows or bytes), and rows done."""


def check_frame(
    engine: Engine,
    source: pl.DataFrame | str | Path,
    out: str | Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    ignore: Iterable[str] = (),
    explain: bool = False,
    rows_at_once: int = ROWS_AT_ONCE,
    progress: Progress | None = None,
) -> BatchResult:
    """Check every transaction of a frame or file; see ``Engine.check_frame``."""
    batch = Batch(engine, columns=columns, ignore=ignore, explain=explain)
    if rows_at_once < 1:
        raise InputError("rows_at_once must be at least 1")
    if isinstance(source, pl.DataFrame):
        opened: _Source = _Frame(source)
        name = "frame"
    else:
        path = Path(source)
        opened, name = _open(path), str(path)
        if out is not None and Path(out).resolve() == path.resolve():
            raise InputError([Problem(name, "is the input itself; name another place for the output")])
    if out is None:
        parts = [part for _, _, part in _pieces(batch, opened, opened.start, 0, rows_at_once, progress)]
        return _in_memory(parts, batch)
    try:
        return _to_folder(batch, opened, name, Path(out), rows_at_once, progress)
    except OSError as error:
        raise InputError(
            [Problem(str(out), f"cannot be written ({error.strerror or error}); run again to go on from here")]
        ) from error


class _Frame:
    """A frame in memory."""

    start = 0
    nested = False

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self.size = frame.height

    def read(self, at: int, rows: int) -> _Piece:
        """Return some rows."""
        return _Piece(self._frame.slice(at, rows), {}, lambda row: at + row, at + rows >= self.size)


def _pieces(
    batch: Batch, source: _Source, at: int, done: int, rows_at_once: int, progress: Progress | None
) -> Iterator[tuple[int, int, _Part]]:
    """Yield what each piece of a file gave, with where to go on and how many rows that is.

    A piece ends where a transaction does.
    """
    last = False
    while not last:
        rows = rows_at_once
        piece = source.read(at, rows)
        end = piece.frame.height
        while not source.nested and not piece.last:
            end = _last_start(piece.frame, batch)
            if end:
                break
            rows *= 2  # one transaction fills it all
            piece = source.read(at, rows)
            end = piece.frame.height
        last = piece.last
        bad = {row: reason for row, reason in piece.bad.items() if row < end}
        frame = piece.frame.head(end)
        if source.nested:
            part = batch.check_nested(frame["json"], first_row=done + 1, bad=bad)
        else:
            part = batch.check(frame, first_row=done + 1, bad=bad)
        if frame.height:
            at = piece.ends(end)
        done += frame.height
        accounted = int(part.verdicts["rows"].sum()) + part.quarantine.height
        if accounted != frame.height:
            raise EngineError(f"{frame.height} rows were read and {accounted} accounted for; please report this")
        if progress is not None:
            progress(at, source.size, done)
        yield at, done, part


def _last_start(frame: pl.DataFrame, batch: Batch) -> int:
    """Return the row at which the last transaction of a piece starts."""
    name = batch.column_of("transaction", frame.columns)
    if name is None:
        return frame.height
    ids = frame[name].cast(pl.String)
    starts = (ids.ne_missing(ids.shift()) | ids.is_null()).arg_true()
    return int(starts[-1]) if starts.len() else frame.height


def _in_memory(parts: Sequence[_Part], batch: Batch) -> BatchResult:
    verdicts = pl.concat([part.verdicts for part in parts])
    findings = pl.concat([part.findings for part in parts])
    quarantine = pl.concat([part.quarantine for part in parts])
    verdicts, findings, quarantine = _apart(verdicts, findings, quarantine)
    return _result(
        verdicts, quarantine, batch, None, {"verdicts": verdicts, "findings": findings, "quarantine": quarantine}
    )


def _torn(judged: pl.Series, refused: pl.Series) -> pl.Series:
    """Return the transactions that were judged twice, or judged and refused."""
    return judged.filter(judged.is_duplicated() | judged.is_in(refused.unique().implode())).unique()


def _apart(
    verdicts: pl.DataFrame, findings: pl.DataFrame, quarantine: pl.DataFrame, among: pl.Series | None = None
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Quarantine transactions whose rows do not stand together: what was judged of them is only a part."""
    twice = (_torn(verdicts["transaction"], quarantine["transaction"]) if among is None else among).implode()
    torn = verdicts.filter(pl.col("transaction").is_in(twice))
    if not torn.height:
        return verdicts, findings, quarantine
    moved = torn.select(
        pl.int_ranges("row", pl.col("row") + pl.col("rows"), dtype=pl.UInt64).alias("row"),
        "transaction",
        pl.lit("the rows of this transaction do not stand together; sort the file by transaction").alias("reason"),
    ).explode("row")
    return (
        verdicts.filter(~pl.col("transaction").is_in(twice)),
        findings.filter(~pl.col("transaction").is_in(twice)),
        pl.concat([quarantine, moved]).sort("row"),
    )


def _result(
    verdicts: pl.DataFrame,
    quarantine: pl.DataFrame,
    batch: Batch,
    folder: Path | None,
    tables: Mapping[str, pl.DataFrame],
) -> BatchResult:
    judged = int(verdicts["rows"].sum())
    outcomes = dict(verdicts.group_by("outcome").len().sort("outcome").rows())
    return BatchResult(
        judged + quarantine.height,
        judged,
        quarantine.height,
        verdicts.height,
        outcomes,
        batch.combinations,
        folder,
        tables,
    )


_TABLES = ("verdicts", "findings", "quarantine")


def _to_folder(
    batch: Batch, source: _Source, name: str, folder: Path, rows_at_once: int, progress: Progress | None
) -> BatchResult:
    """Run with its output in a folder, going on where an interrupted run of the same input stopped."""
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem(str(folder), "is a file; the output is a folder of tables")])
    folder.mkdir(parents=True, exist_ok=True)
    parts = folder / "parts"
    manifest = folder / "run.json"
    this = _identity(batch, source, name, rows_at_once)
    state: dict[str, object] = {"of": this, "at": source.start, "rows": 0, "parts": 0, "read": False, "done": False}
    if manifest.exists():
        try:
            earlier = json.loads(manifest.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError([Problem(str(manifest), "is damaged; use another folder or remove this one")]) from error
        if not isinstance(earlier, dict) or earlier.get("of") != this:
            raise InputError(
                [
                    Problem(
                        str(folder), "holds a run of other input, law, list or options; use another folder or remove it"
                    )
                ]
            )
        state = earlier
    elif any(folder.iterdir()):
        raise InputError([Problem(str(folder), "holds files that are not of a batch run; use another folder")])
    parts.mkdir(exist_ok=True)
    start, done, number = (int(str(state[key])) for key in ("at", "rows", "parts"))
    if not state["read"]:
        for at, rows, part in _pieces(batch, source, start, done, rows_at_once, progress):
            for table in _TABLES:
                _write_table(getattr(part, table), parts / f"{number:07}-{table}.parquet")
            _replace(parts / f"{number:07}-explanations.jsonl", "".join(f"{line}\n" for line in part.explanations))
            number, done = number + 1, rows
            state = {**state, "at": at, "rows": done, "parts": number}
            _replace(manifest, json.dumps(state))
        state = {**state, "read": True}
        _replace(manifest, json.dumps(state))
    if not state["done"]:
        _join(parts, folder, number, explain=batch.explains)
        _replace(manifest, json.dumps({**state, "done": True}))
    for left in sorted(parts.iterdir()) if parts.exists() else ():
        left.unlink()
    parts.rmdir()
    verdicts = pl.scan_parquet(folder / "verdicts.parquet")
    outcomes = dict(verdicts.group_by("outcome").len().sort("outcome").collect().rows())
    judged, transactions = verdicts.select(pl.col("rows").sum(), pl.len()).collect().row(0)
    quarantined = pl.scan_parquet(folder / "quarantine.parquet").select(pl.len()).collect().item()
    if judged + quarantined != done:
        raise EngineError(f"{done} rows were read, {judged} judged and {quarantined} quarantined; please report this")
    return BatchResult(done, judged, quarantined, transactions, outcomes, batch.combinations, folder)


def _identity(batch: Batch, source: _Source, name: str, rows_at_once: int) -> dict[str, object]:
    """Return what must be the same for a run to go on where it stopped."""
    engine = batch.engine
    changed = Path(name).stat().st_mtime_ns if name != "frame" else 0
    return {
        "input": str(Path(name).resolve()) if name != "frame" else name,
        "size": source.size,
        "changed": changed,
        "rulebook": engine.rulebook.sha256,
        "list": engine.screener.info.sha256,
        "options": batch.options,
        "rows_at_once": rows_at_once,
    }


def _join(parts: Path, folder: Path, number: int, *, explain: bool) -> None:
    """Make one file of each table, and take apart what does not stand together."""
    files = {table: [parts / f"{i:07}-{table}.parquet" for i in range(number)] for table in _TABLES}
    lazy = {table: pl.scan_parquet(paths) for table, paths in files.items()}
    # Hashes first: they are small enough to be held for any input that fits a disk; only what they meet in is read.
    judged, refused = (
        lazy[t].select(pl.col("transaction").hash()).collect().to_series() for t in ("verdicts", "quarantine")
    )
    met = _torn(judged, refused)
    tables: dict[str, pl.LazyFrame] = dict(lazy)
    if met.len():
        near = pl.col("transaction").hash().is_in(met.implode())
        ids = [lazy[t].filter(near).select("transaction").collect().to_series() for t in ("verdicts", "quarantine")]
        twice = _torn(*ids)
        if twice.len():
            torn = [lazy[t].filter(pl.col("transaction").is_in(twice.implode())).collect() for t in _TABLES[:2]]
            _, _, moved = _apart(torn[0], torn[1], pl.DataFrame(schema=_QUARANTINE), twice)
            for table in _TABLES[:2]:
                tables[table] = lazy[table].filter(~pl.col("transaction").is_in(twice.implode()))
            tables["quarantine"] = pl.concat([lazy["quarantine"], moved.lazy()]).sort("row")
    for table, frame in tables.items():
        target = folder / f"{table}.parquet"
        frame.sink_parquet(target.with_suffix(".tmp"), compression="lz4")
        target.with_suffix(".tmp").replace(target)
    if explain:
        target = folder / "explanations.jsonl"
        with target.with_suffix(".tmp").open("w", encoding="utf-8") as file:
            for i in range(number):
                file.write((parts / f"{i:07}-explanations.jsonl").read_text(encoding="utf-8"))
        target.with_suffix(".tmp").replace(target)


def _write_table(frame: pl.DataFrame, path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    frame.write_parquet(temporary, compression="lz4", statistics=False)
    temporary.replace(path)


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
