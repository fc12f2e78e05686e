"""Whether a condition can hold at all, always holds, or follows from another: an exact search over its tests.

Tests are the atoms. What is known of them is what their operands say: that one set of words contains another, that a
class of goods lies within another, that a day cannot come before 2016 and after 2017, that a good has one code. A
tableau takes conditions apart and gives up a branch as soon as the tests it assumes of one fact cannot be true
together. Kleene's logic is monotone, so a condition can be TRUE exactly if two-valued facts can make it so.

Two simplifications, both on the side of "it can hold", except the first, which lint wants: an act happens on one day
(conduct that goes on may lie in two spans at once); and facts are independent of each other but for the few ties below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from sanctions_engine.condition import (
    All,
    AnyOf,
    ApprovalSpec,
    CapSpec,
    Condition,
    Contested,
    Measure,
    Not,
    Op,
    Span,
    Test,
)
from sanctions_engine.facts import FACTS, FactType, ForEach
from sanctions_engine.intake.categories import GoodsCategories
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.vocabulary import ROLES

__all__ = ["Assumed", "Solver"]

Literals = tuple[tuple[Test, bool], ...]
"""Tests with the truth they have."""
Assumed = Mapping[str, Literals]
"""What a branch assumes: by fact, tests with the truth they have."""

_SINGLE = frozenset({"vessel.kind", "goods.kind", "goods.condition", "start.states", "destination.states"})
"""Facts of which one thing has one value. A deal has several goods lines and vessels; a ship may fly two flags."""
_WITH_SUPPLY = frozenset({"humanitarian", "medical"})
"""Acts that are a supply too where they hand goods over."""
_CLOSED = {
    "vessel.kind": frozenset({"ship", "aircraft"}),
    "goods.kind": frozenset({"good", "right", "service", "money", "asset"}),
    "goods.condition": frozenset({"new", "used"}),
    "mode": frozenset({"rail", "sea", "road", "air", "pipeline", "post", "hand", "river"}),
}
"""The words of facts that take no others (those with a vocabulary aside)."""
_TOTAL = frozenset({"vessel.kind", "goods.kind"})
"""Facts that a thing always has: silence gives an ordinary value."""
_OTHER = "*"
"""Stands for every word that no test names."""
_STEPS = 20_000


class _TooLongError(Exception):
    """The search was given up; nothing is claimed."""


@dataclass(frozen=True, slots=True)
class Solver:
    """Decides conditions of one scope.

    Args:
        goods: The tree of goods classes.
        for_each: What the rule judges: an activity has one kind, a transaction several.
    """

    goods: GoodsCategories
    for_each: ForEach

    def model(self, *conditions: Condition) -> Assumed | None:
        """Return tests with truths that make all conditions TRUE, or None where nothing can.

        Contested parts count as if they held: the question is what they may do. Where the search takes too long, the
        empty model says that it could not be excluded.
        """
        steps = [_STEPS]
        try:
            return self._search([(condition, True) for condition in conditions], {}, steps)
        except (_TooLongError, RecursionError):  # a condition of thousands of branches
            return {}

    def satisfiable(self, *conditions: Condition) -> bool:
        """Whether something can make all conditions TRUE; True too where the search took too long."""
        return self.model(*conditions) is not None

    def implies(self, one: Condition, other: Condition) -> bool:
        """Whether the other surely holds wherever the one does."""
        return not self.satisfiable(one, Not(other))

    def equivalent(self, one: Condition, other: Condition) -> bool:
        """Whether two conditions surely hold of the same things."""
        return self.implies(one, other) and self.implies(other, one)

    # ------------------------------------------------------------------ the tableau

    def _search(self, goals: list[tuple[Condition, bool]], assumed: Assumed, steps: list[int]) -> Assumed | None:
        open_branches: list[tuple[tuple[Condition, bool], ...]] = []
        known = dict(assumed)
        while goals:
            steps[0] -= 1
            if steps[0] < 0:
                raise _TooLongError
            condition, wanted = goals.pop()
            match condition:
                case Test():
                    extended = self._assume(known, condition, wanted)
                    if extended is None:
                        return None
                    known = extended
                case Not(part):
                    goals.append((part, not wanted))
                case Contested(part):
                    goals.append((part, wanted))
                case All(parts) if wanted:
                    goals += [(part, True) for part in parts]
                case AnyOf(parts) if not wanted:
                    goals += [(part, False) for part in parts]
                case All(parts) | AnyOf(parts):
                    open_branches.append(tuple((part, wanted) for part in parts))
        if not open_branches:
            return known
        # Fewest alternatives first, those that are plain tests and cannot hold left out.
        live = [self._live(branch, known) for branch in open_branches]
        chosen = min(range(len(live)), key=lambda i: len(live[i]))
        rest = [branch for i, branch in enumerate(live) if i != chosen]
        for alternative in live[chosen]:
            found = self._search([alternative, *(_joined(branch) for branch in rest)], known, steps)
            if found is not None:
                return found
        return None

    def _live(
        self, branch: tuple[tuple[Condition, bool], ...], known: dict[str, Literals]
    ) -> tuple[tuple[Condition, bool], ...]:
        return tuple(
            (part, wanted)
            for part, wanted in branch
            if not isinstance(part, Test) or self._assume(known, part, wanted) is not None
        )

    def _assume(self, known: dict[str, Literals], test: Test, wanted: bool) -> dict[str, Literals] | None:
        if test.op is Op.IS and test.operand is False:
            test, wanted = Test(test.fact, Op.IS, True), not wanted
        literals = known.get(test.fact, ())
        if (test, wanted) in literals:
            return known
        if (test, not wanted) in literals:
            return None
        literals = (*literals, (test, wanted))
        if not self._consistent(test.fact, literals):
            return None
        extended = {**known, test.fact: literals}
        return extended if _tied(extended, moves=self.for_each is ForEach.GOODS) else None

    # ------------------------------------------------------------------ what operands say

    def _consistent(self, fact: str, literals: Literals) -> bool:
        spec = FACTS.get(fact)
        match spec.type if spec is not None else None:
            case FactType.STATES | FactType.WORDS | FactType.CATEGORIES:
                return self._words(fact, literals)
            case FactType.HS:
                return self._values(fact, _codes, literals, _under)
            case FactType.MONEY | FactType.COUNT:
                return self._values(fact, _numbers, literals, _compares)
            case FactType.DATE | FactType.SPAN:
                return self._values(fact, _days, literals, _dated)
            case FactType.APPROVALS:
                return not any(_grants(a, b) for a, t in literals if t for b, f in literals if not f)
            case FactType.TOTAL:
                return not any(_reaches(a, b) for a, t in literals if t for b, f in literals if not f)
            case _:
                return True

    def _of_one(self, fact: str) -> bool:
        """Whether the fact is read of one thing: one goods line, one vessel, one activity, the one route."""
        scopes = {"goods": ForEach.GOODS, "vessel": ForEach.VESSEL, "activity": ForEach.ACTIVITY}
        owner = fact.partition(".")[0]
        return owner not in scopes or self.for_each is scopes[owner]

    def _values(
        self,
        fact: str,
        values: Callable[[Literals], Iterable[object]],
        literals: Literals,
        holds: Callable[[object, Test], bool | None],
    ) -> bool:
        """Whether values can give all tests their truths: one value, or where there are several things, one each."""
        if self._of_one(fact):
            return _some(values(literals), literals, holds)
        excluded = tuple(literal for literal in literals if not literal[1])
        return all(_some(values(literals), (*excluded, one), holds) for one in literals if one[1])

    def _words(self, fact: str, literals: Literals) -> bool:
        spec = FACTS[fact]
        named = {word for test, _ in literals for word in _set(test)}
        closed = spec.words.words if spec.words is not None else _CLOSED.get(fact)
        universe = set(closed) if closed is not None else {*named, _OTHER}
        if spec.type is FactType.CATEGORIES:
            universe |= {below for word in named if word in self.goods for below in self.goods.descendants(word)}
        if (fact in _SINGLE or fact == "activity") and self._of_one(fact):
            worlds = [frozenset({value}) for value in universe]
            if fact == "activity":
                worlds += [frozenset({value, "supply"}) for value in _WITH_SUPPLY & universe]
            if fact not in _TOTAL:
                worlds.append(frozenset())
            return any(all(_passes(world, test) is wanted for test, wanted in literals) for world in worlds)
        # The subject has all words that are not excluded: whatever asks for some word is then served, if it can be.
        for test, wanted in literals:
            if test.op is Op.INCLUDE and not wanted:
                universe -= self._closed(fact, _set(test))
            elif test.op is Op.ONLY and wanted:
                universe &= _set(test)
        nothing = all(not wanted for _, wanted in literals)  # no word at all: what is wanted to fail, fails
        return nothing or all(
            bool(universe & _set(test))
            if test.op is Op.INCLUDE
            else bool(universe)
            if wanted
            else not universe <= _set(test)
            for test, wanted in literals
            if wanted or test.op is Op.ONLY
        )

    def _closed(self, fact: str, words: frozenset[str]) -> frozenset[str]:
        """Return the words with what surely lies within them: what is no good of a class is none of its subclasses."""
        if FACTS[fact].type is not FactType.CATEGORIES:
            return words
        return words | {
            below
            for word in words
            if word in self.goods
            for below in self.goods.descendants(word)
            if self.goods.above(below)[word] is None
        }


def _joined(branch: tuple[tuple[Condition, bool], ...]) -> tuple[Condition, bool]:
    """Return a branch as one goal again."""
    return AnyOf(tuple(part if wanted else Not(part) for part, wanted in branch)), True


def _passes(values: frozenset[str], test: Test) -> bool:
    """Whether a fact with exactly these values passes a test of words: ``only`` wants a value, and no other."""
    return not values.isdisjoint(_set(test)) if test.op is not Op.ONLY else bool(values) and values <= _set(test)


def _set(test: Test) -> frozenset[str]:
    return test.operand if isinstance(test.operand, frozenset) else frozenset()


def _some(values: Iterable[object], literals: Literals, holds: Callable[[object, Test], bool | None]) -> bool:
    """Whether one of the values gives every test the truth it should have; None is neither."""
    return any(all(holds(value, test) is wanted for test, wanted in literals) for value in values)


def _codes(literals: Literals) -> Iterator[int]:
    yield -1  # outside every range
    for test, _ in literals:
        if isinstance(test.operand, HsRanges):
            for bounds in test.operand.ranges:
                yield from (bounds.bounds[0], bounds.bounds[1], bounds.bounds[0] - 1)


def _under(code: object, test: Test) -> bool | None:
    assert isinstance(code, int)  # noqa: S101  # _codes yields numbers
    ranges = test.operand.ranges if isinstance(test.operand, HsRanges) else ()
    return any(start <= code < end for start, end in (r.bounds for r in ranges))


def _numbers(literals: Literals) -> Iterator[Measure]:
    for test, _ in literals:
        if isinstance(test.operand, Measure):
            value, unit = test.operand.value, test.operand.unit
            yield from (Measure(value + step, unit) for step in (Decimal(0), Decimal(-1), Decimal(1), Decimal("0.001")))
            yield Measure(value - Decimal("0.001"), unit)


def _compares(value: object, test: Test) -> bool | None:
    assert isinstance(value, Measure)  # noqa: S101  # _numbers yields measures
    limit = test.operand
    if not isinstance(limit, Measure) or limit.unit != value.unit:
        return None
    match test.op:
        case Op.ABOVE:
            return value.value > limit.value
        case Op.AT_LEAST:
            return value.value >= limit.value
        case Op.BELOW:
            return value.value < limit.value
        case _:
            return value.value <= limit.value


def _days(literals: Literals) -> Iterator[date]:
    yield date(2000, 1, 1)
    for test, _ in literals:
        edges = (test.operand.start, test.operand.end) if isinstance(test.operand, Span) else (test.operand,)
        for edge in edges:
            if isinstance(edge, date):
                yield from (edge, edge - timedelta(1))


def _dated(day: object, test: Test) -> bool | None:
    assert isinstance(day, date)  # noqa: S101  # _days yields days
    if isinstance(test.operand, Span):
        start, end = test.operand.start, test.operand.end
        return (start is None or day >= start) and (end is None or day < end)
    if not isinstance(test.operand, date):
        return None
    return day < test.operand if test.op is Op.BEFORE else day >= test.operand


@lru_cache(maxsize=4096)
def _grants(one: Test, other: Test) -> bool:
    """Whether an approval that serves the one serves the other too."""
    a, b = one.operand, other.operand
    return (
        isinstance(a, ApprovalSpec)
        and isinstance(b, ApprovalSpec)
        and a.by == b.by
        and (a.kind == b.kind or b.kind == "notification")
        and a.paragraphs <= b.paragraphs
        and a.deadline == b.deadline
        and a.within_days <= b.within_days
    )


def _reaches(one: Test, other: Test) -> bool:
    """Whether a total that exceeds the one limit exceeds the other."""
    a, b = one.operand, other.operand
    return isinstance(a, CapSpec) and isinstance(b, CapSpec) and replace(a, share=b.share) == b and a.share >= b.share


def _tied(known: Assumed, *, moves: bool) -> bool:
    """Whether facts that are not independent agree: a party is one of the parties; nothing from S goes to S.

    Args:
        known: What is assumed.
        moves: Whether goods are judged: of a service, the route is that of something else.
    """
    for fact, literals in known.items():
        owner, _, what = fact.partition(".")
        if owner != "party" and owner not in ROLES.words:
            continue
        excluded = [
            _set(test) for test, wanted in known.get(f"parties.{what}", ()) if not wanted and test.op is Op.INCLUDE
        ]
        if any(wanted and test.op is Op.INCLUDE and _set(test) <= no for test, wanted in literals for no in excluded):
            return False
    if not moves:
        return True
    ends = [_set(test) for test, wanted in known.get("destination.states", ()) if wanted]
    starts = [_set(test) for test, wanted in known.get("from.states", ()) if wanted and test.op is Op.INCLUDE]
    return not any(len(s) == 1 and end <= s for s in starts for end in ends)
