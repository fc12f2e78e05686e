"""The rules of some regimes, and what of a value they could tell apart: far less than those of all."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from sanctions_engine.batch.classes import At, Reader
from sanctions_engine.batch.columns import COLUMNS
from sanctions_engine.batch.numbering import Numbered, Numbering
from sanctions_engine.batch.states import Telling, states_in
from sanctions_engine.batch.truthsets import Law
from sanctions_engine.batch.units import NEXUS, TIME, Unit, unit_of
from sanctions_engine.facts import Subject
from sanctions_engine.intake.countries import HIGH_SEAS
from sanctions_engine.intake.places import known_areas
from sanctions_engine.match import LiveRules
from sanctions_engine.rule import CompiledRule

__all__ = ["Book", "Known", "Plan", "Table"]


class Table:
    """What is worked out once for each code of a column.

    Args:
        work: Gives the value of a code.
        kind: The type of values.
    """

    def __init__(self, work: Callable[[int], int], kind: type[pl.DataType] = pl.UInt32) -> None:
        self._work = work
        self._kind = kind
        self._values = pl.Series(dtype=kind)

    def of(self, codes: pl.Series, size: int) -> pl.Series:
        """Return the value of each code, all of which are below ``size``."""
        known = self._values.len()
        if size > known:
            self._values.extend(pl.Series(list(map(self._work, range(known, size))), dtype=self._kind))
        return self._values.gather(codes)


@dataclass(frozen=True, slots=True)
class Plan:
    """What must be asked of the subjects of one skeleton: their rules, and the tests of these by unit."""

    rules: Mapping[str, tuple[Subject, tuple[CompiledRule, ...]]]
    tests: Mapping[str, Mapping[str, tuple[int, ...]]]


@dataclass(slots=True)
class Known:
    """What was learned of a unit: which class each of its values is of, two of a class having the same truths.

    Args:
        unit: The unit.
        class_of: By the columns that said something: the class of each combination of their values.
        numbers: The number of each class, by what is told of it.
        learned: What is kept of each class.
    """

    unit: Unit
    class_of: dict[tuple[str, ...], list[int | None]] = field(default_factory=dict)
    numbers: dict[Hashable, int] = field(default_factory=dict)
    learned: list[object] = field(default_factory=list)

    def number(self, told: Hashable, learned: object) -> int:
        """Return the class of those values of which the same is told."""
        number = self.numbers.setdefault(told, len(self.learned))
        if number == len(self.learned):
            self.learned.append(learned)
        return number


class Book:
    """The rules of the regimes that some States concern, and what was learned of their tests.

    Args:
        regimes: The regimes.
        law: The numbered tests of the whole book.
        reader: Who read values into classes.
    """

    def __init__(self, regimes: frozenset[str], law: Law, reader: Reader) -> None:
        engine = reader.engine
        self.names = regimes
        self.rules = tuple(
            rule for name in engine.rulebook.regimes if name in regimes for rule in engine.rulebook.of_regime(name)
        )
        self.live = LiveRules(self.rules)
        tests = sorted({n for rule in self.rules for n in law.used[rule.index]})
        words = [operand for n in tests if isinstance(operand := law.tests[n].operand, frozenset)]
        alone = {HIGH_SEAS} | reader.states_of(regimes)
        if any(law.tests[n].fact.endswith(".areas") for n in tests):
            alone |= {area.country for area in known_areas()}
        self.telling = Telling(words, alone)
        units = {unit.name: unit for n in tests for unit in (unit_of(law.tests[n].fact),)}
        self.units = {name: Known(unit) for name, unit in {**units, TIME.name: TIME, NEXUS.name: NEXUS}.items()}
        self.plans: dict[int, Plan] = {}
        self.numbering = Numbering()
        self.verdict_of: dict[tuple[str, ...], list[int | None]] = {}
        self._reader = reader
        self._tables: dict[str, Table] = {}
        self._numbers: dict[Hashable, int] = {}
        self._told: list[Hashable] = []
        self._states: dict[str, int] = {}

    @property
    def size(self) -> int:
        """How much it remembers."""
        return self.numbering.size

    def _number(self, told: Hashable) -> int:
        number = self._numbers.setdefault(told, len(self._told))
        if number == len(self._told):
            self._told.append(told)
        return number

    def _table(self, name: str, work: Callable[[int], int]) -> Table:
        found = self._tables.get(name)
        if found is None:
            found = self._tables[name] = Table(work)
        return found

    def nearer(self, column: Numbered, token: Callable[[int], Hashable]) -> Numbered:
        """Keep of days where they lie between those of these regimes; of the time also what is in force then."""

        def near(code: int) -> int:
            told = token(code)
            in_force = None
            if column.name == TIME.name and isinstance(told, At):
                in_force = self._reader.regimes_in_force_at(told)
            return self._number((column.name, self._reader.nearer(told, self.names), in_force))

        codes = self._table(column.name, near).of(column.codes, column.size)
        return Numbered(f"near {column.name}", codes, len(self._told))

    def near(self, number: int) -> Hashable:
        """Return what ``nearer`` keeps of a day, by its number."""
        told = self._told[number]
        assert isinstance(told, tuple)  # noqa: S101  # made above
        kept: Hashable = told[1]
        return kept

    def folded(self, columns: Sequence[tuple[Numbered, Callable[[int], Hashable]]]) -> list[Numbered]:
        """Keep of States which class of theirs they are of, and which of a row's are the same.

        Args:
            columns: All that name States, each with what is told apart by a code of it.

        A value that names one State that stands for others is kept as its form, and the first column of its row that
        names the same State. Where a value names several, its row's values all stand as they are.
        """
        tokens = [token for _, token in columns]

        def form(at: int) -> Callable[[int], int]:
            return lambda code: self._number(("form", self.telling.folded(tokens[at](code), {})))

        def state(at: int) -> Callable[[int], int]:
            def of(code: int) -> int:
                loose = [s for s in states_in(tokens[at](code)) if self.telling.class_of(s) is not None]
                if len(loose) > 1:
                    return _SEVERAL
                return self._states.setdefault(loose[0], len(self._states) + 1) if loose else 0

            return of

        names = [column.name for column, _ in columns]
        forms = [
            self._table(f"form of {column.name}", form(i)).of(column.codes, column.size)
            for i, (column, _) in enumerate(columns)
        ]
        states = pl.DataFrame({
            column.name: self._table(f"state of {column.name}", state(i)).of(column.codes, column.size)
            for i, (column, _) in enumerate(columns)
        })  # fmt: skip
        used = [name for name, top in zip(names, states.max().row(0), strict=True) if top]
        places = states.select(
            pl.when(pl.col(name) == 0).then(0).otherwise(
                pl.coalesce(
                    *(pl.when(pl.col(other) == pl.col(name)).then(_PLACE[other]) for other in used[:i]),
                    pl.lit(_PLACE[name]),
                )
            ).cast(pl.UInt32).alias(name)
            for i, name in enumerate(used)
        )  # fmt: skip
        nowhere = pl.zeros(states.height, pl.UInt32, eager=True)
        several = states.select(pl.any_horizontal(pl.col(name) == _SEVERAL for name in names)).to_series()
        mixed = several.any()
        found = []
        for (column, _), kept in zip(columns, forms, strict=True):
            place = places[column.name] if column.name in used else nowhere
            kept = kept * 2
            if mixed:
                kept = (column.codes * 2 + 1).zip_with(several, kept)
                place = nowhere.zip_with(several, place)
            found.append(
                self.numbering.of(
                    f"folded {column.name}",
                    (
                        Numbered(f"form of {column.name}", kept, 2 * max(len(self._told), column.size)),
                        Numbered("place", place, len(_PLACE) + 1),
                    ),
                    {},
                )
            )
        return found


_SEVERAL = 0xFFFFFFFF
_PLACE = {name: i for i, name in enumerate((*COLUMNS, "lines"), start=1)}
