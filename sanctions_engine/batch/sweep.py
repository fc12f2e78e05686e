"""Many combinations judged in one sweep: a truth is the set of combinations of which it holds, as bits of a number.

A test reads few columns. So each test is weighed once for every distinct value of what it reads, by the operator
table of a single check on the facts of one row that has that value; which combinations have it is known. A rule is
then worked out for all combinations at a time, Kleene's "and" and "or" being those of two sets: the combinations of
which it is TRUE, and those of which it is not FALSE. ``find`` makes verdicts of the truths, as in a single check.

What is swept: transactions that are a regime's business by their States only. The rest is checked one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from sanctions_engine.batch.classes import At, Reader, Register
from sanctions_engine.batch.columns import COLUMNS
from sanctions_engine.batch.states import Line, Telling, states_in
from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Test
from sanctions_engine.facts import FactBase, Subject
from sanctions_engine.finding import Finding, Outcome, find
from sanctions_engine.intake.countries import HIGH_SEAS
from sanctions_engine.intake.places import known_areas
from sanctions_engine.judge import Trace, weigh_test
from sanctions_engine.match import LiveRules
from sanctions_engine.rule import CompiledRule
from sanctions_engine.truth import Truth
from sanctions_engine.vocabulary import GROUNDS, ROLES

if TYPE_CHECKING:
    from sanctions_engine.engine import Engine

__all__ = ["Sweep", "Verdict", "gravity"]

_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a single check says: the outcome and its findings; or why the transaction could not be read."""

    outcome: str
    findings: tuple[tuple[str, str, str, bool, str | None, str], ...] = ()
    bad: str = ""

    @classmethod
    def of(cls, findings: Iterable[Finding], *, incomplete: bool) -> Verdict:
        """Make a verdict of findings, in the order of a report."""
        found = sorted(findings, key=gravity)
        outcomes = [finding.outcome for finding in found] + ([Outcome.INCOMPLETE] if incomplete else [])
        return cls(
            min(outcomes, key=lambda outcome: outcome.rank, default=Outcome.CLEAR).value,
            tuple(
                (f.rule.id, f.outcome.value, f.subject.path, f.settled,
                 f.exemption.paragraph if f.exemption is not None else None, " ".join(f.citations))
                for f in found
            ),
        )  # fmt: skip


_SEVERITIES = ("critical", "high", "medium", "low")


def gravity(finding: Finding) -> tuple[int, bool, int, str, str]:
    """Order findings as a report does: the gravest first, then what is settled, then the severest."""
    severity = _SEVERITIES.index(finding.rule.rule.severity.value)
    return finding.outcome.rank, not finding.settled, severity, finding.rule.id, finding.subject.path


# ---------------------------------------------------------------------- which columns a fact reads

_SIDES = tuple(f"{side}_{part}" for side in ("from", "to") for part in ("country", "place", "area"))
_BANKS = tuple(f"{end}_{part}" for end in ("payer_bank", "payee_bank") for part in ("country", "bic"))


def _of_roles(*attributes: str) -> tuple[str, ...]:
    return tuple(f"{role}_{attribute}" for role in ROLES.words for attribute in attributes)


_PLACED_KINDS = frozenset({"country", "place", "located", "stops", "bic"})
_VESSEL = tuple(name for name in COLUMNS if name.startswith("vessel_"))
_WAY = (*_SIDES, "via", *_of_roles("country", "nationality", "kind"), *_BANKS)
_NAMES = (*_of_roles("name"), "payer_bank_name", "payee_bank_name", "payer_bank_bic", "payee_bank_bic", "vessel_name")
_HEADS = tuple(name for name, column in COLUMNS.items() if not column.line and column.kind != "id")


@dataclass(frozen=True, slots=True)
class _Unit:
    """Columns that some facts read together, beside the skeleton of who takes part in what.

    Args:
        name: What it is called.
        columns: Those whose classes count.
        stated: Those of which it only counts whether they say something.
        lines: What counts of goods lines: "", "origins", "told" (all the rest), or "whole".
    """

    name: str
    columns: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    lines: str = ""


_SKELETON = _Unit("skeleton")
_EVERYTHING = _Unit("everything", _HEADS, (), "whole")
_GROUNDS_READ = _Unit(
    "grounds", (*_of_roles("kind"), "grounds", "red_flags", "vessel_suspected_of", "vessel_ais_off"), (), "told"
)
_DIRECTION = _Unit("way", _WAY, (), "origins")
_TIME = _Unit("occurred", ("occurred",))
_NEXUS = _Unit("nexus", (*_WAY, *_of_roles("located_in"), *_VESSEL), (*_NAMES, "occurred"), "origins")
_UNITS: Mapping[str, _Unit] = {
    **dict.fromkeys(("activity", "approvals", "determinations", "cumulative"), _SKELETON),
    **dict.fromkeys(("goods.*", "subject"), _Unit("goods", (), (), "told")),
    **{name: _Unit(name, (name,)) for name in ("purposes", "circumstances", "project", "red_flags", "mode",
                                               "contracted", "discovered")},
    "livelihood": _Unit("purposes", ("purposes",)),
    "occurred": _TIME,
    **dict.fromkeys(GROUNDS.words, _GROUNDS_READ),
    "vessel.*": _Unit("vessel", (*_VESSEL, "mode")),
    **{f"{head}.states": _DIRECTION for head in ("from", "to", "start", "destination", "via", "origin")},
    **{f"{head}.areas": _DIRECTION for head in ("from", "to")},
    **{
        f"{role}.{attribute}": unit
        for role in (*ROLES.words, "party", "parties")
        for attribute, unit in (
            ("states", _DIRECTION),
            ("nationality", _DIRECTION),
            ("kind", _Unit("kinds", _of_roles("kind"))),
            ("listed", _Unit("names", (), _NAMES)),
            ("groups", _Unit("names", (), _NAMES)),
            ("located", _Unit("located", _of_roles("located_in"))),
            ("roles", _SKELETON),
            ("protected_from_return", _SKELETON),
        )
    },
}  # fmt: skip
"""Which unit each fact reads; one that is not named here reads everything. ``tests/test_batch_sweep.py`` holds it."""


def _unit_of(fact: str) -> _Unit:
    return _UNITS.get(fact) or _UNITS.get(f"{fact.partition('.')[0]}.*") or _EVERYTHING


# ---------------------------------------------------------------------- what a sweep remembers


@dataclass(frozen=True, slots=True)
class _Node:
    """A condition with its tests numbered."""

    kind: str
    parts: tuple[_Node, ...] = ()
    test: int = -1


class _Law:
    """The conditions of a book with their distinct tests numbered.

    Args:
        rules: The rules, each at its index.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.tests: list[Test] = []
        self._numbers: dict[Test, int] = {}
        self.when = [self._node(rule.when) for rule in rules]
        self.unless = [tuple(self._node(e.condition) for e in rule.exemptions) for rule in rules]
        self.used = [
            tuple(dict.fromkeys(n for node in (when, *unless) for n in _numbers(node)))
            for when, unless in zip(self.when, self.unless, strict=True)
        ]
        """The tests each rule uses, exemptions included."""

    def _node(self, condition: Condition) -> _Node:
        match condition:
            case Test():
                number = self._numbers.setdefault(condition, len(self.tests))
                if number == len(self.tests):
                    self.tests.append(condition)
                return _Node("test", (), number)
            case All(parts):
                return _Node("all", tuple(self._node(part) for part in parts))
            case AnyOf(parts):
                return _Node("any", tuple(self._node(part) for part in parts))
            case Not(part):
                return _Node("not", (self._node(part),))
            case Contested(part):
                return _Node("contested", (self._node(part),))


def _numbers(node: _Node) -> Iterator[int]:
    if node.kind == "test":
        yield node.test
    for part in node.parts:
        yield from _numbers(part)


_Truths = Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]
"""By path of a subject: the tests that are TRUE of it, and those that are UNKNOWN."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What must be asked of the subjects of one skeleton: their rules, and the tests of these by unit."""

    rules: Mapping[str, tuple[Subject, tuple[CompiledRule, ...]]]
    tests: Mapping[str, Mapping[str, tuple[int, ...]]]


@dataclass(slots=True)
class _Book:
    """The rules of the regimes that some States concern, and what was learned of their tests."""

    rules: tuple[CompiledRule, ...]
    names: frozenset[str]
    telling: Telling
    live: LiveRules
    units: tuple[_Unit, ...]
    plans: dict[int, _Plan] = field(default_factory=dict)
    raw: dict[tuple[str, tuple[object, ...]], object] = field(default_factory=dict)
    seen: dict[tuple[str, int, Hashable], object] = field(default_factory=dict)


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
    facts: FactBase


class Sweep:
    """Judges combinations of classes; what it learned of one call helps the next.

    Args:
        engine: Whose verdicts.
        reader: Who made the classes.
        registers: The columns' classes by their codes.
        lines: The goods lines by their codes.
    """

    def __init__(
        self, engine: Engine, reader: Reader, registers: Mapping[str, Register], lines: Sequence[Hashable]
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._registers = registers
        self._line_tokens = lines
        self._law = _Law(engine.rulebook.rules)
        self._books: dict[frozenset[str], _Book] = {}
        self._skeletons: dict[tuple[object, ...], int] = {}
        self._told: dict[Hashable, int] = {}
        self._of_lines: dict[str, tuple[int, int, int, int] | None] = {}
        self._by_told: list[Hashable] = []
        self._regimes: dict[tuple[object, ...], frozenset[str]] = {}
        self._verdicts: dict[tuple[tuple[int, ...], bool], Verdict] = {}
        self._shown: list[Finding] = []
        self._finding_numbers: dict[Hashable, int] = {}
        self.weighed = 0
        """For how many distinct values tests were weighed."""

    @property
    def size(self) -> int:
        """How much it remembers."""
        return len(self._of_lines) + len(self._verdicts) + sum(len(book.raw) for book in self._books.values())

    # ------------------------------------------------------------------ what can be swept

    def _lines(self, text: str) -> tuple[int, int, int, int] | None:
        """Return the numbers of what goods lines say, of their origins, of both, and of their kinds.

        None where they must be judged one by one: they mention a target, or could not be put into a class.
        """
        if text not in self._of_lines:
            lines = [self._line_tokens[int(code)] for code in text.split(",") if code != "0"]
            found = None
            if all(isinstance(line, Line) and not line.loud for line in lines):
                known = [line for line in lines if isinstance(line, Line)]
                origins = tuple((line.origin, line.made_in) for line in known)
                told = tuple(line.told for line in known)
                kinds = tuple(line.kind for line in known)
                found = (
                    self._number(("told", told)),
                    self._number(("origins", origins)),
                    self._number(("whole", told, origins)),
                    self._number(("kinds", kinds)),
                )
            self._of_lines[text] = found
        return self._of_lines[text]

    def _number(self, told: Hashable) -> int:
        number = self._told.setdefault(told, len(self._by_told))
        if number == len(self._by_told):
            self._by_told.append(told)
        return number

    def judge(self, table: pl.DataFrame, describe: Callable[[int], FactBase]) -> list[Verdict | None]:
        """Judge combinations.

        Args:
            table: One row a combination: a column of codes of the hot level for every column of the frame that is
                no goods line's, ``lines`` with the codes of goods lines joined by commas, and ``amount``.
            describe: Gives the facts of a row that has the combination.

        Returns:
            The verdicts; None where a combination must be checked by itself.
        """
        lines = [self._lines(text) for text in table["lines"].to_list()]
        numbers = pl.DataFrame(
            [found or (0, 0, 0, 0) for found in lines],
            schema=dict.fromkeys(("told ", "origins ", "whole ", "kinds "), pl.UInt32), orient="row",
        )  # fmt: skip
        heads = [name for name in table.columns if name in COLUMNS and name != "amount"]
        fit = pl.Series([found is not None for found in lines], dtype=pl.Boolean)
        for name in heads:
            codes = self._registers[name].unswept()
            if codes:
                fit = fit & ~table[name].is_in(pl.Series(codes, dtype=table.schema[name]).implode())
        verdicts: list[Verdict | None] = [None] * table.height
        whole = pl.concat([table, numbers], how="horizontal").with_row_index("i ").filter(fit)
        if not whole.height:
            return verdicts
        whole = self._numbered(whole, heads)
        for book, mine in self._by_book(whole, heads):
            for start in range(0, mine.height, _AT_ONCE):
                piece = mine.slice(start, _AT_ONCE)
                for at, verdict in zip(piece["i "].to_list(), self._judge(book, piece, heads, describe), strict=True):
                    verdicts[at] = verdict
        return verdicts

    def _numbered(self, table: pl.DataFrame, heads: Sequence[str]) -> pl.DataFrame:
        """Number the skeleton of each combination: what is done, and who and what takes part in it."""
        parts: list[pl.Expr] = [pl.col(name) for name in ("activities", "vessel_roles") if name in heads]
        if "mode" in heads:
            parts.append(pl.col("mode") == self._registers["mode"].code_of("hot", "sea"))
        groups = [
            [f"{role}_{part}" for part in ("name", "country", "nationality", "kind", "located_in")]
            for role in ROLES.words
        ]
        groups += [[f"{end}_{part}" for part in ("name", "country", "bic")] for end in ("payer_bank", "payee_bank")]
        groups += [list(_VESSEL), ["payment_purpose"]]
        for group in groups:
            present = [pl.col(name) != 0 for name in group if name in heads]
            if present:
                parts.append(pl.any_horizontal(present))
        if "amount" in table.columns:
            parts.append(pl.col("amount"))
        names = [f"s{i} " for i in range(len(parts))]
        table = table.with_columns(part.alias(name) for part, name in zip(parts, names, strict=True))
        by = [*names, "kinds "]
        shape = tuple(sorted(set(heads) | set(table.columns) & {"amount"}))
        distinct = table.select(by).unique(maintain_order=True)
        codes = [self._skeletons.setdefault((shape, *row), len(self._skeletons)) for row in distinct.rows()]
        distinct = distinct.with_columns(pl.Series("skeleton ", codes, dtype=pl.UInt32))
        return table.join(distinct, on=by, how="left", maintain_order="left").drop(names)

    def _by_book(self, table: pl.DataFrame, heads: Sequence[str]) -> Iterator[tuple[_Book, pl.DataFrame]]:
        """Part combinations by the regimes that their States concern and that had not ended."""
        placed = [name for name in heads if COLUMNS[name].kind in _PLACED_KINDS]
        by = [*placed, "origins "]
        distinct = table.select(by).unique(maintain_order=True)
        sets: dict[frozenset[str], int] = {}
        codes = []
        for row in distinct.rows():
            regimes = self._regimes.get((*placed, *row))
            if regimes is None:
                tokens = [self._registers[name].told("hot", code) for name, code in zip(placed, row, strict=False)]
                states = states_in((*tokens, self._by_told[row[-1]]))
                regimes = self._regimes[(*placed, *row)] = self._reader.regimes_aimed_at(states)
            codes.append(sets.setdefault(regimes, len(sets)))
        distinct = distinct.with_columns(pl.Series("regimes ", codes, dtype=pl.UInt32))
        table = table.join(distinct, on=by, how="left", maintain_order="left")
        by_number = list(sets)
        books: dict[frozenset[str], list[tuple[int, int]]] = {}
        times = ["regimes ", *(("occurred",) if "occurred" in heads else ())]
        for number, *time in table.select(times).unique().rows():
            at = self._registers["occurred"].told("hot", time[0]) if time else None
            left = self._reader.not_over(at, by_number[number]) if isinstance(at, At) else by_number[number]
            books.setdefault(left, []).append((number, *time))
        for names, keys in books.items():
            wanted = pl.DataFrame(keys, schema={name: table.schema[name] for name in times}, orient="row")
            yield self._book(names), table.join(wanted, on=times, how="semi", maintain_order="left")

    def _book(self, names: frozenset[str]) -> _Book:
        book = self._books.get(names)
        if book is None:
            rules = tuple(
                r
                for name in self._engine.rulebook.regimes
                if name in names
                for r in self._engine.rulebook.of_regime(name)
            )
            tests = {n for rule in rules for n in self._law.used[rule.index]}
            operands = [self._law.tests[n].operand for n in tests]
            words = [operand for operand in operands if isinstance(operand, frozenset)]
            alone = {HIGH_SEAS} | self._reader.states_of(names)
            if any(self._law.tests[n].fact.endswith(".areas") for n in tests):
                alone |= {area.country for area in known_areas()}
            units = {unit.name: unit for n in sorted(tests) for unit in (_unit_of(self._law.tests[n].fact),)}
            book = self._books[names] = _Book(
                rules, names, Telling(words, alone), LiveRules(rules), tuple(u for u in units.values() if u != _TIME)
            )
        return book

    # ------------------------------------------------------------------ the combinations of one book

    def _judge(
        self, book: _Book, table: pl.DataFrame, heads: Sequence[str], describe: Callable[[int], FactBase]
    ) -> list[Verdict]:
        count = table.height
        table = table.with_columns(pl.int_range(count, dtype=pl.UInt32).alias("j "))
        rows = table["i "].to_list()
        skeletons = {row[0]: _bits(row[1], count) for row in table.group_by("skeleton ").agg("j ").rows()}
        first = dict(table.group_by("skeleton ").agg(pl.col("i ").first()).rows())
        for skeleton in skeletons:
            if skeleton not in book.plans:
                book.plans[skeleton] = self._plan(book, describe(first[skeleton]))
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

        for unit in book.units:
            for skeleton, key, at, bits in self._grouped(book, unit, table, heads, count):
                truths = book.seen.get((unit.name, skeleton, key))
                if truths is None:
                    facts = describe(rows[at])
                    truths = book.seen[unit.name, skeleton, key] = self._weigh(book.plans[skeleton], unit, facts)
                note(truths, bits)  # type: ignore[arg-type]  # what a unit of tests remembers
        times: dict[object, tuple[int, FactBase]] = {}
        in_force: dict[frozenset[str], int] = {}
        for skeleton, key, at, bits in self._grouped(book, _TIME, table, heads, count):
            dated = book.seen.get((_TIME.name, skeleton, key))
            if not isinstance(dated, _Dated):
                facts = describe(rows[at])
                truths = self._weigh(book.plans[skeleton], _TIME, facts)
                dated = _Dated(truths, self._reader.regimes_in_force(facts.transaction.occurred), facts)
                book.seen[_TIME.name, skeleton, key] = dated
            note(dated.truths, bits)
            in_force[dated.in_force] = in_force.get(dated.in_force, 0) | bits
            last = key[0][2:4] if isinstance(key, tuple) and key and isinstance(key[0], At) else None
            times[last] = (times[last][0] | bits if last in times else bits, dated.facts)
        concerned: dict[str, int] = {}
        waiting = 0
        for skeleton, key, at, bits in self._grouped(book, _NEXUS, table, heads, count):
            placed = book.seen.get((_NEXUS.name, skeleton, key))
            if not isinstance(placed, _Placed):
                facts = describe(rows[at])
                missing, closed = facts.unplaced
                names = frozenset(self._engine.concerned(facts, book.names))
                placed = _Placed(names, bool(missing or (closed and facts.assume_nothing)))
                book.seen[_NEXUS.name, skeleton, key] = placed
            for name in placed.concerned:
                concerned[name] = concerned.get(name, 0) | bits
            if placed.missing:
                for regimes, when in in_force.items():
                    if regimes - placed.concerned:
                        waiting |= bits & when
        found: list[list[int]] = [[] for _ in range(count)]
        for path in true:
            mine: dict[int, tuple[Subject, CompiledRule, int]] = {}
            for skeleton, bits in skeletons.items():
                subject_rules = book.plans[skeleton].rules.get(path)
                if subject_rules is not None:
                    for rule in subject_rules[1]:
                        before = mine[rule.index][2] if rule.index in mine else 0
                        mine[rule.index] = (subject_rules[0], rule, before | bits)
            for subject, rule, bits in mine.values():
                live = bits & concerned.get(rule.regime.regime, 0)
                if live:
                    values = _Values(true[path], unknown[path], (1 << count) - 1)
                    for part, truths_of_rule in self._outcomes(rule, values, live):
                        self._note(book, rule, subject, truths_of_rule, part, times, found)
        incomplete = set(_positions(waiting))
        return [self._verdict(tuple(ids), i in incomplete) for i, ids in enumerate(found)]

    def _grouped(
        self, book: _Book, unit: _Unit, table: pl.DataFrame, heads: Sequence[str], count: int
    ) -> Iterator[tuple[int, Hashable, int, int]]:
        """Yield the distinct values of a unit: skeleton, key, a combination that has it, and all of them as bits."""
        columns = [name for name in unit.columns if name in heads]
        stated = [name for name in unit.stated if name in heads]
        lines = f"{unit.lines} " if unit.lines else ""
        parts = [pl.col("skeleton "), *columns, *((pl.col(name) != 0).alias(f"{name} ") for name in stated)]
        if lines:
            parts.append(pl.col(lines))
        by = ["skeleton ", *columns, *(f"{name} " for name in stated), *((lines,) if lines else ())]
        groups = table.select("j ", *parts).group_by(by, maintain_order=True).agg(pl.col("j "))
        gathered: dict[tuple[int, Hashable], tuple[int, int]] = {}
        for skeleton, *values, members in groups.rows():
            raw = (unit.name, (skeleton, *values))
            key = book.raw.get(raw)
            if key is None:
                tokens = [self._registers[n].told("hot", c) for n, c in zip(columns, values, strict=False)]
                told: Hashable = (
                    *self._near(book, unit, tokens), *values[len(columns) : len(columns) + len(stated)],
                    *((self._by_told[values[-1]],) if lines else ()),
                )  # fmt: skip
                key = book.raw[raw] = book.telling.folded(told, {})
            at, bits = gathered.get((skeleton, key), (members[0], 0))
            gathered[skeleton, key] = (at, bits | _bits(members, count))
        for (skeleton, key), (at, bits) in gathered.items():
            yield skeleton, key, at, bits

    def _near(self, book: _Book, unit: _Unit, tokens: Sequence[Hashable]) -> Iterator[Hashable]:
        """Keep of days where they lie between those of the regimes concerned; of the time also what is in force."""
        for token in tokens:
            yield self._reader.nearer(token, book.names)
            if unit is _TIME and isinstance(token, At):
                yield self._reader.regimes_in_force_at(token)

    def _plan(self, book: _Book, facts: FactBase) -> _Plan:
        rules: dict[str, tuple[Subject, tuple[CompiledRule, ...]]] = {}
        tests: dict[str, dict[str, tuple[int, ...]]] = {}
        for kind in book.live.kinds:
            for subject in facts.subjects(kind):
                mine = book.live.of(subject, facts)
                rules[subject.path] = (subject, mine)
                by_unit: dict[str, dict[int, None]] = {}
                for rule in mine:
                    for test in self._law.used[rule.index]:
                        by_unit.setdefault(_unit_of(self._law.tests[test].fact).name, {})[test] = None
                for name, numbers in by_unit.items():
                    tests.setdefault(name, {})[subject.path] = tuple(numbers)
        return _Plan(rules, tests)

    def _weigh(self, plan: _Plan, unit: _Unit, facts: FactBase) -> _Truths:
        """Weigh the tests of a unit for every subject."""
        self.weighed += 1
        truths: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
        for path, tests in plan.tests.get(unit.name, {}).items():
            subject = plan.rules[path][0]
            weighed = [(test, weigh_test(self._law.tests[test], facts, subject).truth) for test in tests]
            truths[path] = (
                tuple(test for test, truth in weighed if truth is Truth.TRUE),
                tuple(test for test, truth in weighed if truth is Truth.UNKNOWN),
            )
        return truths

    def _outcomes(self, rule: CompiledRule, values: _Values, live: int) -> Iterator[tuple[int, tuple[Truth, ...]]]:
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
        book: _Book,
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
            for at in _positions(part):
                found[at].append(number)

    def _verdict(self, numbers: tuple[int, ...], incomplete: bool) -> Verdict:
        key = (numbers, incomplete)
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._verdicts[key] = Verdict.of((self._shown[n] for n in numbers), incomplete=incomplete)
        return verdict


# ---------------------------------------------------------------------- sets of combinations


@dataclass(frozen=True, slots=True)
class _Values:
    """The tests of one subject: of which combinations each is TRUE, and UNKNOWN; a test that is not there is FALSE."""

    true: Mapping[int, int]
    unknown: Mapping[int, int]
    all: int

    def of(self, program: _Node) -> tuple[int, int]:
        """Return of which combinations a program is TRUE, and of which it is not FALSE."""
        match program.kind:
            case "test":
                true = self.true.get(program.test, 0)
                return true, true | self.unknown.get(program.test, 0)
            case "all":
                true = possible = self.all
                for part in program.parts:
                    one, maybe = self.of(part)
                    true, possible = true & one, possible & maybe
                    if not possible:
                        return 0, 0
                return true, possible
            case "any":
                true = possible = 0
                for part in program.parts:
                    one, maybe = self.of(part)
                    true, possible = true | one, possible | maybe
                return true, possible
            case "not":
                true, possible = self.of(program.parts[0])
                return self.all & ~possible, self.all & ~true
            case _:  # contested: at most UNKNOWN
                return 0, self.of(program.parts[0])[1]


def _bits(members: Iterable[int], count: int) -> int:
    """Return a set of numbers below ``count`` as bits."""
    octets = bytearray(count // 8 + 1)
    for member in members:
        octets[member >> 3] |= 1 << (member & 7)
    return int.from_bytes(octets, "little")


def _positions(bits: int) -> Iterator[int]:
    """Yield the numbers of a set of bits."""
    text = bin(bits)[:1:-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)
