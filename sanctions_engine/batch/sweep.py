"""Many transactions judged in one sweep: what a rule cannot tell apart is judged once.

A test reads few columns. So each test is weighed once for every distinct value of what it reads, by the operator
table of a single check on the facts of one row that has that value. Values of which all tests have the same truths are
one class; of the combinations of classes, each is judged once: a rule is worked out for all of them at a time, a truth
being the set of combinations of which it holds. ``find`` makes verdicts of the truths, as in a single check.

What is swept: transactions that are a regime's business by their States only. The rest is checked one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from sanctions_engine.batch.book import Book, Plan, Table
from sanctions_engine.batch.classes import At, Reader, Register
from sanctions_engine.batch.columns import COLUMNS
from sanctions_engine.batch.lines import Lines
from sanctions_engine.batch.numbering import Numbered, Numbering
from sanctions_engine.batch.states import Line, states_in
from sanctions_engine.batch.truthsets import Law, Values, bits_of, positions
from sanctions_engine.batch.units import NEXUS, PLACED_KINDS, TIME, VESSEL, Unit
from sanctions_engine.batch.verdict import Verdict
from sanctions_engine.facts import FactBase, Subject
from sanctions_engine.finding import Finding, find
from sanctions_engine.judge import Trace, weigh_test
from sanctions_engine.rule import CompiledRule
from sanctions_engine.truth import Truth
from sanctions_engine.vocabulary import ROLES

if TYPE_CHECKING:
    from sanctions_engine.engine import Engine

__all__ = ["Sweep", "Swept"]

_AT_ONCE = 50_000
_DESCRIBED = 2_000
_BITS = 62
_PLACED = tuple(name for name, column in COLUMNS.items() if column.kind in PLACED_KINDS and not column.line)

_Truths = Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]
"""By path of a subject: the tests that are TRUE of it, and those that are UNKNOWN."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """Which regimes are concerned, and whether a missing fact could still concern others."""

    concerned: frozenset[str]
    missing: bool


@dataclass(frozen=True, slots=True)
class _Dated:
    """The truths of tests of the time, the regimes in force, and the facts that have that time."""

    truths: _Truths
    in_force: frozenset[str]
    last: Hashable
    facts: FactBase


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep says.

    Args:
        verdicts: The number of each transaction's verdict; null where it must be checked by itself.
        new: Transactions whose verdict is new, one for each new combination.
    """

    verdicts: pl.Series
    new: Sequence[int]


class Sweep:
    """Judges transactions by their classes; what it learned of one call helps the next.

    Args:
        engine: Whose verdicts.
        reader: Who made the classes.
        registers: The columns' classes by their codes.
        lines: The goods lines by their numbers.
        law: The numbered tests of the engine's rules.
        keep: Numbers a verdict.
    """

    def __init__(
        self,
        engine: Engine,
        reader: Reader,
        registers: Mapping[str, Register],
        lines: Lines,
        law: Law,
        keep: Callable[[Verdict], int],
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._registers = registers
        self._lines = lines
        self._law = law
        self._keep = keep
        self._books: dict[frozenset[str], Book] = {}
        self._numbering = Numbering()
        self._kept: dict[tuple[tuple[int, ...], bool], int] = {}
        self._shown: list[Finding] = []
        self._finding_numbers: dict[Hashable, int] = {}
        self._told: dict[Hashable, int] = {}
        self._skeleton_numbers: dict[tuple[tuple[str, ...], int], int] = {}
        bit_of = {name: 1 << i % _BITS for i, name in enumerate(engine.rulebook.regimes)}
        self._names_of = {
            bit: frozenset(name for name in bit_of if bit_of[name] == bit) for bit in sorted(set(bit_of.values()))
        }

        def mask(told: Hashable) -> int:
            found = 0
            for name in reader.regimes_aimed_at(states_in(told)):
                found |= bit_of[name]
            return found

        self._masks = {
            name: Table(lambda code, name=name: mask(self._token(name, code)), pl.UInt64)  # type: ignore[misc]
            for name in _PLACED
        }
        self._line_masks = Table(lambda number: mask(self._origins(number)), pl.UInt64)
        self._line_fits = Table(self._fits, pl.Boolean)
        self._line_told = Table(lambda number: self._number(self._told_of_lines(number)))
        self._line_kinds = Table(lambda number: self._number(("kinds", self._kinds(number))))
        self.weighed = 0
        """For how many distinct values tests were weighed."""

    @property
    def size(self) -> int:
        """How much it remembers."""
        return self._numbering.size + len(self._kept) + sum(book.size for book in self._books.values())

    # ------------------------------------------------------------------ what goods lines say

    def _known_lines(self, number: int) -> list[Line]:
        return [line for line in self._lines.told(number) if isinstance(line, Line)]

    def _fits(self, number: int) -> int:
        """Whether lines can be swept: they mention no target, and could be put into a class."""
        return all(isinstance(line, Line) and not line.loud for line in self._lines.told(number))

    def _origins(self, number: int) -> Hashable:
        return tuple((line.origin, line.made_in) for line in self._known_lines(number))

    def _told_of_lines(self, number: int) -> Hashable:
        return "told", tuple(line.told for line in self._known_lines(number))

    def _kinds(self, number: int) -> Hashable:
        return tuple(line.kind for line in self._known_lines(number))

    def _number(self, told: Hashable) -> int:
        return self._told.setdefault(told, len(self._told))

    def _token(self, name: str, code: int) -> Hashable:
        return self._registers[name].told("hot", code) if code else None

    # ------------------------------------------------------------------ who can be swept, and by which rules

    def judge(
        self,
        heads: Mapping[str, Numbered],
        lines: Numbered,
        paid: pl.Series | None,
        describe: Callable[[int], FactBase],
    ) -> Swept:
        """Judge transactions.

        Args:
            heads: Of columns that are no goods line's the codes of the hot level; one that says nothing may lack.
            lines: The numbers of their goods lines.
            paid: Whether an amount is stated, where there is such a column.
            describe: Gives the facts of a transaction.

        Raises:
            InputError: One cannot be read.
        """
        count = lines.codes.len()
        fit = self._line_fits.of(lines.codes, lines.size)
        for name, column in heads.items():
            unswept = self._registers[name].unswept() if name in self._registers else []
            if unswept:
                fit = fit & ~column.codes.is_in(pl.Series(unswept, dtype=pl.UInt32).implode())
        verdicts = pl.repeat(None, count, dtype=pl.UInt32, eager=True)
        new: list[int] = []
        for book, rows in self._by_book(heads, lines, fit.arg_true()):
            mine = {name: Numbered(name, c.codes.gather(rows), c.size) for name, c in heads.items()}
            mine = {name: column for name, column in mine.items() if column.codes.max()}  # the others say nothing
            my_lines = Numbered("lines", lines.codes.gather(rows), lines.size)
            skeletons = self._skeletons(mine, my_lines, None if paid is None else paid.gather(rows))
            reduced = self._reduced(book, mine, my_lines)
            found, fresh = self._judge(
                book, skeletons, reduced, lambda i, rows=rows: describe(rows[i])  # type: ignore[misc]
            )  # fmt: skip
            verdicts.scatter(rows, found)
            new += rows.gather(fresh).to_list()
        return Swept(verdicts, new)

    def _by_book(
        self, heads: Mapping[str, Numbered], lines: Numbered, rows: pl.Series
    ) -> Iterator[tuple[Book, pl.Series]]:
        """Part transactions by the regimes that their States concern and that had not ended."""
        if not rows.len():
            return
        masks = self._line_masks.of(lines.codes, lines.size)
        for name in _PLACED:
            if name in heads and heads[name].codes.max():
                masks = masks | self._masks[name].of(heads[name].codes, heads[name].size)
        masks = masks.gather(rows)
        occurred = heads.get("occurred")
        times = occurred.codes.gather(rows) if occurred is not None else None
        parts: dict[frozenset[str], list[pl.Series]] = {}
        for mask in masks.unique().sort().to_list():
            regimes = frozenset(name for bit, names in self._names_of.items() if mask & bit for name in names)
            at = (masks == mask).arg_true()
            if times is None or occurred is None:
                parts.setdefault(regimes, []).append(rows.gather(at))
                continue
            left: dict[frozenset[str], list[int]] = {}
            mine = times.gather(at)
            for code in mine.unique().to_list():
                token = self._token("occurred", code)
                names = self._reader.not_over(token, regimes) if isinstance(token, At) else regimes
                left.setdefault(names, []).append(code)
            for names, codes in left.items():
                of_names = at
                if len(left) > 1:
                    of_names = at.filter(mine.is_in(pl.Series(codes, dtype=pl.UInt32).implode()))
                parts.setdefault(names, []).append(rows.gather(of_names))
        for names, places in parts.items():
            book = self._books.get(names)
            if book is None:
                book = self._books[names] = Book(names, self._law, self._reader)
            yield book, pl.concat(places) if len(places) > 1 else places[0]

    # ------------------------------------------------------------------ what is told apart of a transaction

    def _skeletons(self, heads: Mapping[str, Numbered], lines: Numbered, paid: pl.Series | None) -> Numbered:
        """Number what is done, and who and what takes part in it."""
        kinds = self._line_kinds.of(lines.codes, lines.size)
        parts = [Numbered("kinds", kinds, len(self._told))]
        parts += [heads[name] for name in ("activities", "vessel_roles") if name in heads]
        if "mode" in heads and "mode" in self._registers:
            sea = self._registers["mode"].code_of("hot", "sea")
            parts.append(_whether("sea", heads["mode"].codes == (-1 if sea is None else sea)))
        groups = {
            role: [f"{role}_{part}" for part in ("name", "country", "nationality", "kind", "located_in")]
            for role in ROLES.words
        }
        for end in ("payer_bank", "payee_bank"):
            groups[end] = [f"{end}_{part}" for part in ("name", "country", "bic")]
        groups |= {"vessel": list(VESSEL), "payment purpose": ["payment_purpose"]}
        for group, names in groups.items():
            present = [heads[name].codes != 0 for name in names if name in heads]
            if present:
                stated = present[0]
                for other in present[1:]:
                    stated = stated | other
                parts.append(_whether(f"is there {group}", stated))
        if paid is not None:
            parts.append(_whether("paid", paid))
        numbered = self._numbering.of("skeleton", parts, {})
        path = tuple(part.name for part in parts)
        numbers = [
            self._skeleton_numbers.setdefault((path, number), len(self._skeleton_numbers))
            for number in range(numbered.size)
        ]
        found = pl.Series(numbers, dtype=pl.UInt32).gather(numbered.codes)
        return Numbered("skeleton", found, len(self._skeleton_numbers))

    def _reduced(self, book: Book, heads: Mapping[str, Numbered], lines: Numbered) -> dict[str, Numbered]:
        """Reduce each column to what a book's rules could tell apart of it, by what units call it."""
        reduced = dict(heads)
        for name in ("occurred", "contracted", "discovered"):
            if name in heads:
                reduced[name] = book.nearer(heads[name], partial(self._token, name))
        placed = [(heads[name], partial(self._token, name)) for name in _PLACED if name in heads]
        *folded, origins = book.folded([*placed, (lines, self._origins)])
        reduced |= {column.name: kept for (column, _), kept in zip(placed, folded, strict=True)}
        reduced["lines: origins"] = origins
        told = self._line_told.of(lines.codes, lines.size)
        reduced["lines: told"] = Numbered("told", told, len(self._told))
        reduced |= {f"{name}?": _whether(f"{name}?", column.codes != 0) for name, column in heads.items()}
        return reduced

    def _parts(self, unit: Unit, reduced: Mapping[str, Numbered]) -> list[Numbered]:
        """Return the columns a unit reads."""
        names = [name for name in unit.columns if name in reduced]
        names += [f"{name}?" for name in unit.stated if name in reduced]
        names += {"": [], "origins": ["lines: origins"], "told": ["lines: told"]}.get(
            unit.lines, ["lines: told", "lines: origins"]
        )
        return [reduced[name] for name in names]

    # ------------------------------------------------------------------ the transactions of one book

    def _judge(
        self,
        book: Book,
        skeletons: Numbered,
        reduced: Mapping[str, Numbered],
        describe: Callable[[int], FactBase],
    ) -> tuple[pl.Series, list[int]]:
        """Return the number of each transaction's verdict, and transactions of new combinations."""
        described: dict[int, FactBase] = {}

        def facts_of(row: int) -> FactBase:
            if row not in described:
                if len(described) >= _DESCRIBED:
                    described.clear()
                described[row] = describe(row)
            return described[row]

        for skeleton, row in _firsts(skeletons.codes).items():
            if skeleton not in book.plans:
                book.plans[skeleton] = self._plan(book, facts_of(row))
        classes = [skeletons]
        told_apart = [skeletons]
        known: dict[tuple[str, ...], Numbered] = {}
        for value in book.units.values():
            parts = self._parts(value.unit, reduced)
            numbered = book.numbering.of(value.unit.name, [skeletons, *parts], known)
            class_of = value.class_of.setdefault(tuple(part.name for part in parts), [])
            class_of += [None] * (numbered.size - len(class_of))
            found = pl.Series(class_of, dtype=pl.UInt32).gather(numbered.codes)
            if found.null_count():
                for number, row in _representatives(numbered.codes, found.is_null(), described).items():
                    facts = facts_of(row)
                    plan = book.plans[skeletons.codes[row]]
                    told, learned = self._learn(book, plan, value.unit, facts, reduced, row)
                    class_of[number] = value.number(told, learned)
                found = pl.Series(class_of, dtype=pl.UInt32).gather(numbered.codes)
            classes.append(Numbered(f"class of {value.unit.name}", found, len(value.learned)))
            if parts:  # else it goes with the skeleton
                told_apart.append(classes[-1])
        combined = book.numbering.of("combination", told_apart, {})
        verdict_of = book.verdict_of.setdefault(tuple(column.name for column in told_apart), [])
        verdict_of += [None] * (combined.size - len(verdict_of))
        verdicts = pl.Series(verdict_of, dtype=pl.UInt32).gather(combined.codes)
        new: list[int] = []
        if verdicts.null_count():
            last = _with_rows(combined.codes).filter(verdicts.is_null()).unique("n", keep="last").sort("n")
            for start in range(0, last.height, _AT_ONCE):
                piece = last.slice(start, _AT_ONCE)
                columns = [column.codes.gather(piece["i"]).to_list() for column in classes]
                found_ = self._combinations(book, columns[0], dict(zip(book.units, columns[1:], strict=True)))
                for number, verdict in zip(piece["n"].to_list(), found_, strict=True):
                    verdict_of[number] = verdict
            new = last["i"].to_list()
            verdicts = pl.Series(verdict_of, dtype=pl.UInt32).gather(combined.codes)
        return verdicts, new

    def _learn(
        self, book: Book, plan: Plan, unit: Unit, facts: FactBase, reduced: Mapping[str, Numbered], row: int
    ) -> tuple[Hashable, object]:
        """Return what is told of a value of a unit, and what is kept of it: what it is to all rules."""
        if unit == NEXUS:
            missing, closed = facts.unplaced
            names = frozenset(self._engine.concerned(facts, book.names))
            placed = _Placed(names, bool(missing or (closed and facts.assume_nothing)))
            return placed, placed
        truths = self._weigh(plan, unit, facts)
        told = tuple(truths.items())
        if unit != TIME:
            return told, truths
        near = book.near(reduced["occurred"].codes[row]) if "occurred" in reduced else None
        last = near[2:4] if isinstance(near, At) else None
        in_force = self._reader.regimes_in_force(facts.transaction.occurred)
        return (told, in_force, last), _Dated(truths, in_force, last, facts)

    def _plan(self, book: Book, facts: FactBase) -> Plan:
        rules: dict[str, tuple[Subject, tuple[CompiledRule, ...]]] = {}
        tests: dict[str, dict[str, tuple[int, ...]]] = {}
        for kind in book.live.kinds:
            for subject in facts.subjects(kind):
                mine = book.live.of(subject, facts)
                rules[subject.path] = (subject, mine)
                by_unit: dict[str, dict[int, None]] = {}
                for rule in mine:
                    for test in self._law.used[rule.index]:
                        by_unit.setdefault(self._law.units[test], {})[test] = None
                for name, numbers in by_unit.items():
                    tests.setdefault(name, {})[subject.path] = tuple(numbers)
        return Plan(rules, tests)

    def _weigh(self, plan: Plan, unit: Unit, facts: FactBase) -> _Truths:
        """Weigh the tests of a unit for every subject."""
        self.weighed += 1
        truths: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
        for path, tests in plan.tests.get(unit.name, {}).items():
            subject = plan.rules[path][0]
            weighed = [(test, weigh_test(self._law.tests[test], facts, subject).truth) for test in tests]
            truths[path] = (
                tuple([test for test, truth in weighed if truth is Truth.TRUE]),
                tuple([test for test, truth in weighed if truth is Truth.UNKNOWN]),
            )
        return truths

    # ------------------------------------------------------------------ combinations of classes

    def _combinations(self, book: Book, skeletons: Sequence[int], classes: Mapping[str, Sequence[int]]) -> list[int]:
        """Judge combinations, of each of which the skeleton and the class of every unit is given."""
        count = len(skeletons)
        true: dict[str, dict[int, int]] = {}
        unknown: dict[str, dict[int, int]] = {}

        def note(truths: _Truths, bits: int) -> None:
            for path, (holding, open_) in truths.items():
                of_path = true.setdefault(path, {})
                for test in holding:
                    of_path[test] = of_path.get(test, 0) | bits
                of_path = unknown.setdefault(path, {})
                for test in open_:
                    of_path[test] = of_path.get(test, 0) | bits

        times: dict[object, tuple[int, FactBase]] = {}
        in_force: dict[frozenset[str], int] = {}
        placed: list[tuple[_Placed, int]] = []
        for name, known in book.units.items():
            for number, bits in _sets(classes[name]):
                learned = known.learned[number]
                if isinstance(learned, _Placed):
                    placed.append((learned, bits))
                elif isinstance(learned, _Dated):
                    note(learned.truths, bits)
                    in_force[learned.in_force] = in_force.get(learned.in_force, 0) | bits
                    before = times[learned.last][0] if learned.last in times else 0
                    times[learned.last] = (before | bits, learned.facts)
                else:
                    note(learned, bits)  # type: ignore[arg-type]  # what a unit of tests keeps
        concerned: dict[str, int] = {}
        waiting = 0
        for one, bits in placed:
            for name in one.concerned:
                concerned[name] = concerned.get(name, 0) | bits
            if one.missing:
                for regimes, when in in_force.items():
                    if regimes - one.concerned:
                        waiting |= bits & when
        found: list[list[int]] = [[] for _ in range(count)]
        by_skeleton = dict(_sets(skeletons))
        for path in true:
            mine: dict[int, tuple[Subject, CompiledRule, int]] = {}
            for skeleton, bits in by_skeleton.items():
                subject_rules = book.plans[skeleton].rules.get(path)
                if subject_rules is not None:
                    for rule in subject_rules[1]:
                        before = mine[rule.index][2] if rule.index in mine else 0
                        mine[rule.index] = (subject_rules[0], rule, before | bits)
            values = Values(true[path], unknown[path], (1 << count) - 1)
            for subject, rule, bits in mine.values():
                live = bits & concerned.get(rule.regime.regime, 0)
                if live:
                    for part, truths in self._outcomes(rule, values, live):
                        self._note(book, rule, subject, truths, part, times, found)
        incomplete = set(positions(waiting))
        return [self._verdict(tuple(ids), i in incomplete) for i, ids in enumerate(found)]

    def _outcomes(self, rule: CompiledRule, values: Values, live: int) -> Iterator[tuple[int, tuple[Truth, ...]]]:
        """Yield which combinations have which truths of a rule's condition and of its exemptions."""
        true, possible = values.of(self._law.when[rule.index])
        parts: list[tuple[int, tuple[Truth, ...]]]
        parts = [(true & live, (Truth.TRUE,)), (possible & ~true & live, (Truth.UNKNOWN,))]
        for exemption in self._law.unless[rule.index]:
            if not any(bits for bits, _ in parts):
                return
            true, possible = values.of(exemption)
            parts = [
                (left, (*truths, truth))
                for bits, truths in parts
                for left, truth in (
                    (bits & true, Truth.TRUE),
                    (bits & possible & ~true, Truth.UNKNOWN),
                    (bits & ~possible, Truth.FALSE),
                )
                if left
            ]
        yield from ((bits, truths) for bits, truths in parts if bits)

    def _note(
        self,
        book: Book,
        rule: CompiledRule,
        subject: Subject,
        truths: tuple[Truth, ...],
        bits: int,
        times: Mapping[object, tuple[int, FactBase]],
        found: list[list[int]],
    ) -> None:
        """Note the finding that a rule makes of a subject, for each time whose citations may differ."""
        for last, (when, facts) in (
            times.items() if len(rule.citations) > 1 else ((None, (bits, next(iter(times.values()))[1])),)
        ):
            part = bits & when
            if not part:
                continue
            key = (book.names, rule.index, subject, truths, last)
            number = self._finding_numbers.get(key)
            if number is None:
                when_trace = Trace(rule.when, truths[0], truths[0])
                unless = tuple(Trace(e.condition, t, t) for e, t in zip(rule.exemptions, truths[1:], strict=True))
                finding = find(rule, subject, facts, when_trace, unless)
                assert finding is not None  # noqa: S101  # FALSE was left out above
                number = self._finding_numbers[key] = len(self._shown)
                self._shown.append(finding)
            for at in positions(part):
                found[at].append(number)

    def _verdict(self, numbers: tuple[int, ...], incomplete: bool) -> int:
        key = (numbers, incomplete)
        verdict = self._kept.get(key)
        if verdict is None:
            findings = (self._shown[n] for n in numbers)
            verdict = self._kept[key] = self._keep(Verdict.of(findings, incomplete=incomplete))
        return verdict


def _whether(name: str, holds: pl.Series) -> Numbered:
    return Numbered(name, holds.cast(pl.UInt32), 2)


def _firsts(codes: pl.Series) -> dict[int, int]:
    """Return of each code the first row that has it."""
    return dict(_with_rows(codes).unique("n", keep="first").rows())


def _with_rows(codes: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"n": codes, "i": pl.int_range(codes.len(), dtype=pl.UInt32, eager=True)})


def _representatives(codes: pl.Series, new: pl.Series, described: Iterable[int]) -> dict[int, int]:
    """Return a row of each new code, one that is described already where there is one."""
    rows = list(described)
    found: dict[int, int] = {}
    for row, code, is_new in zip(rows, codes.gather(rows).to_list(), new.gather(rows).to_list(), strict=True):
        if is_new:
            found.setdefault(code, row)
    for code, row in _with_rows(codes).filter(new).unique("n", keep="first").rows():
        found.setdefault(code, row)
    return found


def _sets(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each number with the places at which it stands, as bits."""
    places: dict[int, list[int]] = {}
    for at, number in enumerate(numbers):
        places.setdefault(number, []).append(at)
    for number, members in places.items():
        yield number, bits_of(members, len(numbers))
