"""Values put into classes: each distinct value of a column is read once, as a single check would read it.

Two values of one class are told apart by no rule. There are three levels: *plain*, where only gaps count; *hot*, what
any test could tell apart; *precise*, names, numbers and States as they stand, since screening compares them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import TYPE_CHECKING

import polars as pl

from sanctions_engine.batch.amounts import Limits
from sanctions_engine.batch.columns import BESIDE, COLUMNS, PARTY_COLUMNS, UNITS, Column, Row, goods_line, nest
from sanctions_engine.batch.states import Line, States, Telling
from sanctions_engine.condition import ApprovalSpec, Measure, Op, Span, Test, tests_of
from sanctions_engine.dates import Period, read_period
from sanctions_engine.errors import InputError
from sanctions_engine.facts import FACTS, ForEach, Subject, fold_words
from sanctions_engine.intake.countries import HIGH_SEAS, CountryReading, read_country
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.intake.places import PlaceReading, area_of_place, known_areas, read_place
from sanctions_engine.readings import Reading
from sanctions_engine.rule import CompiledRule
from sanctions_engine.transaction import End, Goods, Money, Transaction
from sanctions_engine.truth import Truth

if TYPE_CHECKING:
    from sanctions_engine.engine import Engine

__all__ = [
    "BAD",
    "COUNTED",
    "HOT",
    "LEVELS",
    "PAST",
    "PLAIN",
    "PRECISE",
    "At",
    "Class",
    "Reader",
    "Register",
    "told_of",
]

_USUAL_NAME = 500
"""No reader of names refuses a shorter one of visible characters."""
_REASONS_SHOWN = 4


class At(tuple[int, ...]):
    """Where a period lies among the days on which the law changes."""

    __slots__ = ()


UNKNOWN = ("unknown",)
"""The class of the word "unknown", which leaves every regime to be asked."""


@dataclass(frozen=True, slots=True)
class Class:
    """What is told apart of a value on each level, and what it makes of its transaction.

    Args:
        plain: On the plain level.
        hot: On the hot level.
        precise: On the precise level.
        is_hot: Whether it may be a regime's business.
        is_precise: Whether it is like a name or number of the list.
        bad: Why it cannot be read.
        past: Of States that only regimes of the past were aimed at: until the how-manieth of the days on which such
            regimes ended they count. Of a time: how many of these days it lies after.
    """

    plain: Hashable
    hot: Hashable
    precise: Hashable
    is_hot: bool = False
    is_precise: bool = False
    bad: str = ""
    past: int = 0


class Reader:
    """Puts values of columns into classes, by what a rulebook and a list could tell apart.

    Args:
        engine: Whose rulebook, list and classifier.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        tests = [test for rule in engine.rulebook.rules for test in _tests(rule.when, rule.exemptions)]
        words = [t.operand for t in tests if isinstance(t.operand, frozenset)]
        self.named = frozenset(word for operand in words for word in operand)
        aimed_at = engine.target_states | {area.country for area in known_areas()} | {HIGH_SEAS}
        self.named |= aimed_at
        self.telling = Telling(words, aimed_at)
        """Which States some rule of the book tells apart."""
        self._edges = sorted({*_law_days(engine, engine.rulebook.rules)})
        self._regimes = engine.regimes_by_state()
        last = {name: _last_day(engine, name) for name in engine.rulebook.regimes}
        ended = {name: day for name, day in last.items() if day is not None}
        # States that only ended regimes were aimed at count before the last of these ended, and not after.
        self._ends = sorted(set(ended.values()))
        self._past = {
            state: 1 + self._ends.index(max(ended[name] for name in names))
            for state, names in self._regimes.items()
            if all(name in ended for name in names)
        }
        self.present_states = engine.target_states - self._past.keys()
        self._over_from = {name: bisect_right(self._edges, day) for name, day in ended.items()}
        self._in_force: dict[At, frozenset[str]] = {}
        self._in_force_between: dict[tuple[int, int], frozenset[str]] = {}
        self._counted: dict[frozenset[str], list[int]] = {}
        self._all_edges = sorted(
            {*self._edges, *(e.listed_on for e in engine.screener.entries if e.listed_on is not None)}
        )
        self._ranges = tuple(dict.fromkeys(t.operand for t in tests if isinstance(t.operand, HsRanges)))
        self._exact_hs = any(t.fact == "goods.hs" and t.op is not Op.UNDER for t in tests)
        above = [c.value_above for c in engine.classifier.categories if c.value_above is not None]
        limits = {(limit.amount, limit.currency) for limit in above}
        limits |= {(m.value, m.unit) for t in tests if isinstance(m := t.operand, Measure)}
        self.limits: Limits = Limits(limits, values_count=any(t.fact == "goods.value" for t in tests))
        self._goods_facts = tuple(
            name for name in FACTS if name.startswith("goods.") and (name != "goods.value" or self.limits.values_count)
        )
        self._group_words = engine.group_words
        self._names: dict[tuple[str, str], Class] = {}
        mentioned = [word.split() for word in engine.mention_words]
        self._tails = frozenset(tuple(w[:j]) for w in mentioned for j in range(1, len(w)))
        self._heads = frozenset(tuple(w[i:]) for w in mentioned for i in range(1, len(w)))
        self._middles = frozenset(
            tuple(w[i:j]) for w in mentioned for i in range(1, len(w)) for j in range(i + 1, len(w))
        )
        self._longest = max(map(len, mentioned), default=0)

    def read(self, column: Column, text: str) -> Class:
        """Read one value of a column as a single check would."""
        if column.kind in ("name", "vessel") and len(text) < _USUAL_NAME and text.isprintable():
            key = (column.kind, text)
            found = self._names.get(key)
            if found is None:
                found = self._names[key] = self._name(text, vessel=column.kind == "vessel")
            return found
        if column.kind == "date" and text.strip().casefold() != "unknown":
            try:
                return self._time(column, read_period(text))
            except InputError:
                pass  # told below, with its place
        try:
            described = Transaction.of(nest([{**BESIDE.get(column.name, {}), column.name: text}]))
        except InputError as error:
            return Class(None, None, None, bad=told_of(error))
        if described.unknown:
            return Class(UNKNOWN, UNKNOWN, UNKNOWN, is_hot=True)
        return self._classify(column, text, described)

    def _classify(self, column: Column, text: str, t: Transaction) -> Class:
        value = _read_value(column, t)
        match column.kind:
            case "date":
                assert isinstance(value, Period)  # noqa: S101  # the model types it
                return self._time(column, value)
            case "country":
                readings = _states_of(value)
                hot = any(codes & self.present_states for codes in readings)
                past = max((self._past[code] for codes in readings for code in codes if code in self._past), default=0)
                return Class(tuple(len(codes) for codes in readings), readings, readings, hot, past=past)
            case "name" | "vessel":
                return self._name(text, vessel=column.kind == "vessel")
            case "bic":
                codes = _bic(text)
                by_name = self._name(text)
                hot = by_name.is_hot or bool(codes & self.engine.target_states)
                return Class((len(codes), by_name.plain), (codes, by_name.hot), text, hot, by_name.is_precise)
            case "imo":
                found = bool(self.engine.screener.screen("", kind="vessel", imo=str(value)))
                return Class(True, text if found else True, text, found, found)
            case "place":
                assert isinstance(value, PlaceReading)  # noqa: S101  # the model types it
                return self._place(States(value.codes), value.text)
            case "located":
                readings = tuple(_located(part) for part in value) if isinstance(value, tuple) else ()
                hot = any(codes & self.engine.target_states for codes in readings) or self._mentioning(text)
                return Class(tuple(map(len, readings)), (readings, self._text(text)), (readings, self._text(text)), hot)
            case "stops":
                stops = value if isinstance(value, tuple) else ()
                hot = any(self._stop(stop).is_hot for stop in stops)
                told = tuple(self._stop(stop).hot for stop in stops)
                return Class(None, told, told, hot)
            case "text":
                return Class(None, self._text(text), self._text(text), self._mentioning(text))
            case "goods":
                hot = column.name in ("goods_description", "end_use") and self._mentioning(text)
                # Read together with the rest of its line: see ``line``.
                return Class(None, text, text, hot)
            case "number" | "amount":
                return Class(None, None, None)
            case "exact":
                return Class(text, text, text, True)
            case "words":
                hot = column.name == "grounds"
                words = _plain(value)
                return Class(words, words, words, hot)
            case _:
                return Class(None, None, None)

    def _time(self, column: Column, period: Period) -> Class:
        late = bisect_right(self._ends, period.first) if column.name == "occurred" and period.first else 0
        near, far = At(self._day(period, self._edges)), self._day(period, self._all_edges)
        in_force = self._in_force[near] = self.regimes_in_force(period)
        return Class(bool(in_force), near, far, past=late)

    def _day(self, period: Period, edges: list[date]) -> tuple[int, ...]:
        """Return where a period lies between the days on which the law changes."""

        def at(day: date | None) -> tuple[int, int]:
            return (-1, -1) if day is None else (bisect_left(edges, day), bisect_right(edges, day))

        return (*at(period.first), *at(period.last), int(period.conduct))

    @property
    def ends(self) -> int:
        """How many days there are on which regimes ended."""
        return len(self._ends)

    def regimes_aimed_at(self, states: frozenset[str]) -> frozenset[str]:
        """Return the regimes that are aimed at some of these States."""
        return frozenset(name for state in states for name in self._regimes.get(state, ()))

    def states_of(self, regimes: frozenset[str]) -> frozenset[str]:
        """Return the States at which some of these regimes are aimed."""
        return frozenset(state for state, names in self._regimes.items() if not regimes.isdisjoint(names))

    def not_over(self, at: At, regimes: frozenset[str]) -> frozenset[str]:
        """Return those regimes that had not ended before a time."""
        return frozenset(name for name in regimes if name not in self._over_from or at[1] < self._over_from[name])

    def nearer(self, told: Hashable, regimes: frozenset[str]) -> Hashable:
        """Keep of dates only where they lie between the days of some regimes."""
        before = self._counted.get(regimes)
        if before is None:
            mine = set(_law_days(self.engine, [r for n in regimes for r in self.engine.rulebook.of_regime(n)]))
            before = [0]
            for day in self._edges:
                before.append(before[-1] + (day in mine))
            self._counted[regimes] = before
        return _map_dates(told, before)

    def regimes_in_force(self, period: Period | None) -> frozenset[str]:
        """Return the regimes of which some rule may be in force at a time; all of them where it is not known."""
        first = bisect_right(self._edges, period.first) if period is not None and period.first is not None else 0
        last = len(self._edges)
        if period is not None and period.last is not None:
            last = bisect_right(self._edges, period.last)
        found = self._in_force_between.get((first, last))
        if found is None:
            rules = self.engine.rulebook.rules
            found = frozenset(rule.regime.regime for rule in rules if _may_be_in_force(rule, period))
            self._in_force_between[first, last] = found
        return found

    def regimes_in_force_at(self, at: At) -> frozenset[str]:
        """Return the same for a time that was read before."""
        return self._in_force[at]

    def _name(self, text: str, *, vessel: bool = False) -> Class:
        screener = self.engine.screener
        alike = screener.screen(text, kind="vessel" if vessel else None)
        named = not vessel and fold_words(text) in self._group_words
        told = self._text(text)
        if alike or named:
            return Class("name", (text,), (text,), True, True)
        return Class("name", told, told, self._mentioning(text))

    def _place(self, codes: States, text: str) -> Class:
        area = area_of_place(text, *map(str, codes)) if len(codes) == 1 else None
        told = (codes, self._text(text), area.id if area else None)
        return Class(len(codes), told, told, bool(codes & self.engine.target_states) or self._mentioning(text))

    def _stop(self, end: End) -> Class:
        if end.country is not None:
            codes = States(end.country.codes)
            return Class(None, codes, codes, bool(codes & self.engine.target_states))
        if end.place is not None:
            return self._place(States(end.place.codes), end.place.text)
        return Class(None, None, None)

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
        raw = goods_line(row)
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
        hits = {
            (hit.category if hit.category in self.named else "", hit.truth.value)
            for hit in classes.hits
            if hit.truth is not Truth.FALSE
        }
        overruled = (hit.category for hit in classes.hits if hit.truth is Truth.FALSE)
        excluded = classes.excluded.union(overruled) & self.named if classes.open is not None else frozenset()
        codes: Hashable = line.hs
        if not self._exact_hs and line.hs:
            codes = tuple(frozenset(r.under(code) for code in line.hs) for r in self._ranges)
        loud = any(text and self._mentioning(text) for text in (line.description, line.end_use))
        told = (
            self._facts_of(described),
            frozenset(hits),
            classes.open is not None,
            excluded,
            classes.truth("cultural_property"),
            codes,
            self.limits.money(each),
            self.limits.money(line.value) if self.limits.values_count else None,
            "militar" in (line.end_use or "").casefold(),
            self._text(line.description) if line.description else None,
            self._text(line.end_use) if line.end_use else None,
        )
        return Line(
            loud,
            line.kind,
            told,
            None if line.origin is None else _states_of(line.origin),
            None if line.made_in is None else _states_of(line.made_in),
        )

    def _facts_of(self, described: Transaction) -> Hashable:
        """Return what the facts of goods say of a line, as far as a test could tell it apart."""
        facts = self.engine.facts(described)
        line = Subject(ForEach.GOODS, 0, "goods[0]")
        return tuple(self._reading(name, facts.read(name, line)) for name in self._goods_facts)

    def _reading(self, fact: str, reading: Reading) -> Hashable:
        """Return what tests could tell apart of a reading: values, how sure they are, what is open or assumed."""
        return (
            frozenset((frozenset(self._value(fact, v) for v in e.values), e.sure) for e in reading.evidence),
            *(
                frozenset(
                    (gap.only if gap.only is None else gap.only & self.named, gap.but & self.named) for gap in gaps
                )
                for gaps in (reading.gaps, reading.assumed)
            ),
        )

    def _value(self, fact: str, value: Hashable) -> Hashable:
        if isinstance(value, Measure):
            return self.limits.side(value.value, value.unit)
        if fact == "goods.hs":
            code = str(value)
            return code if self._exact_hs else tuple(r.under(code) for r in self._ranges)
        return value if value in self.named or value in ("yes", "no") else ""


def _may_be_in_force(rule: CompiledRule, period: Period | None) -> bool:
    span = rule.rule.in_force
    return period is None or (
        (period.last is None or span.from_ <= period.last)
        and (span.until is None or period.first is None or period.first < span.until)
    )


def _map_dates(told: Hashable, before: Sequence[int]) -> Hashable:
    if isinstance(told, At):
        return At([*(at if at < 0 else before[at] for at in told[:-1]), told[-1]])
    if type(told) is tuple:
        return tuple(_map_dates(part, before) for part in told)
    return told


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
        suffix = next(s for s in sorted(PARTY_COLUMNS, key=len, reverse=True) if name.endswith(f"_{s}"))
        return getattr(t.parties[0], PARTY_COLUMNS[suffix])
    return getattr(t, name)


def _plain(value: object) -> Hashable:
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    kind = getattr(value, "kind", None)
    return kind if isinstance(kind, str) else str(value)


def _states_of(value: object) -> tuple[States, ...]:
    readings = value if isinstance(value, tuple) else (value,)
    return tuple(States(reading.codes) for reading in readings if isinstance(reading, CountryReading))


def _located(text: str) -> States:
    try:
        return States(read_country(text).codes)
    except InputError:
        return States(read_place(text).codes)


def _bic(text: str) -> States:
    try:
        return States(read_country(text[4:6].upper()).codes)
    except InputError:
        return States()


def _each(line: Goods) -> Money | None:
    """Return the value of one piece, stated or worked out, as a single check reads it."""
    if line.unit_value is not None:
        return line.unit_value
    if line.value and line.quantity and line.quantity.unit == "piece" and line.quantity.value:
        return Money.model_construct(value=line.value.value / line.quantity.value, currency=line.value.currency)
    return None


def told_of(error: InputError) -> str:
    """Return the first mistakes of a description in one line."""
    more = len(error.problems) - _REASONS_SHOWN
    shown = "; ".join(str(problem) for problem in error.problems[:_REASONS_SHOWN])
    return shown + (f"; and {more} more" if more > 0 else "")


class Register:
    """The values of one column seen so far, each read once.

    Args:
        column: Which.
        reader: Reads its values.
    """

    def __init__(self, column: Column, reader: Reader) -> None:
        self.column = column
        self._reader = reader
        self._numbers = pl.Categorical(pl.Categories(f"{column.name}-{next(_serial)}"))
        self._held: pl.Series | None = None
        self._hot_codes: set[int] = set()
        self._unknown_codes: set[int] = set()
        self._classes: list[Class] = []
        self._codes: dict[str, dict[Hashable, int]] = {level: {None: 0} for level in LEVELS}
        self._tokens: dict[str, list[Hashable]] = {level: [None] for level in LEVELS}
        self._rows: dict[str, list[int]] = {level: [] for level in (*LEVELS, "flags", "past")}
        self._tables: dict[str, pl.Series] = {}
        self.flagged = False
        """Whether some value is bad or may be a regime's business."""
        self.past = False
        """Whether some value counts until, or from, a day on which a regime ended."""
        self.silent = False
        """Whether some value says nothing, or cannot be read."""

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
        found = self._reader.read(self.column, text) if text.strip() else Class(None, None, None)
        self._classes.append(found)
        for level in LEVELS:
            codes = self._codes[level]
            token = getattr(found, level)
            code = codes.setdefault(token, len(codes))
            if code == len(self._tokens[level]):
                self._tokens[level].append(token)
            self._rows[level].append(code)
        # A unit is read only beside its amount: see ``Batch._check_amounts``.
        bad = found.bad and self.column.name not in UNITS
        flags = (BAD if bad else 0) | (HOT if found.is_hot else 0) | (PRECISE if found.is_precise else 0)
        self._rows["past"].append(found.past)
        self.past = self.past or found.past > 0
        self._rows["flags"].append(flags)
        if found.is_hot:
            self._hot_codes.add(self._rows["hot"][-1])
        if found.hot == UNKNOWN:
            self._unknown_codes.add(self._rows["hot"][-1])
        self.flagged = self.flagged or flags > 0
        self.silent = self.silent or found.hot is None

    def unreadable(self, numbers: pl.Series) -> list[tuple[int, str]]:
        """Return which of these numbers stand for values that cannot be read, each with the reason."""
        found = numbers.unique().drop_nulls().to_list()
        return [(number, self._classes[number].bad) for number in found if self._classes[number].bad]

    def table(self, what: str) -> pl.Series:
        """Return the codes of a level, or the flags, by number of value."""
        found = self._tables.get(what)
        if found is None:
            kind = pl.UInt8 if what in ("flags", "past") else pl.UInt64
            found = self._tables[what] = pl.Series(self._rows[what], dtype=kind)
        return found

    def weights(self, place: int) -> pl.Series:
        """Return what each value adds to the sum of its row: its code of the plain level from a bit on, and its flags.

        Args:
            place: The bit. A column whose plain codes do not count has place -1.
        """
        found = self._tables.get(f"weights {place}")
        if found is None:
            flags, past = self.table("flags"), self.table("past")
            found = pl.zeros(flags.len(), pl.UInt64, eager=True)
            if place >= 0:
                found = self.table("plain") * (1 << place)
            for flag, of_flag in COUNTED.items():
                found = found + ((flags & flag) != 0).cast(pl.UInt64) * (1 << of_flag)
            found = found + (past > 0).cast(pl.UInt64) * (1 << PAST)
            self._tables[f"weights {place}"] = found
        return found

    def look(self, what: str, numbers: pl.Series) -> pl.Series:
        """Return the code of each value on a level, 0 for null."""
        return self.table(what).gather(numbers).fill_null(0)

    @property
    def values(self) -> int:
        """How many values it holds."""
        return len(self._classes)

    def size(self, level: str) -> int:
        """Return how many codes a level has."""
        return len(self._codes[level])

    def reason(self, text: str) -> str:
        """Return why a value cannot be read, or nothing."""
        return self._reader.read(self.column, text).bad if text.strip() else ""

    def code_of(self, level: str, told: Hashable) -> int | None:
        """Return the code of what is told apart, None where no value has it."""
        return self._codes[level].get(told)

    def unswept(self) -> list[int]:
        """Return the codes of the hot level that make a transaction somebody's business by more than its States."""
        return sorted(self._hot_codes if self.column.kind != "country" else self._hot_codes & self._unknown_codes)

    def hot_code(self, code: object) -> bool:
        """Whether a code of the hot level stands for a value that may be somebody's business."""
        return code in self._hot_codes

    def told(self, level: str, code: int) -> Hashable:
        """Return what a code stands for."""
        return self._tokens[level][code]


_serial = count()
LEVELS = ("plain", "hot", "precise")
BAD, HOT, PRECISE = 1, 2, 4
PLAIN = 28
"""The bits of a row's sum that hold codes of the plain level. Above them how many columns have each flag is counted."""
COUNTED = {BAD: PLAIN, HOT: PLAIN + 8, PRECISE: PLAIN + 16}
PAST = PLAIN + 24
assert len(COLUMNS) < 256  # noqa: S101  # no count goes over
