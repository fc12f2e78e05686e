"""Matching: which rules are not FALSE of which subjects, found fast.

A matcher answers with truths only; ``judge`` explains what it finds. Every matcher works on the same
valuations: each distinct test is weighed once a subject, by the judge's own operator table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Op, Test
from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.judge import weigh_test
from sanctions_engine.readings import Gap, Value
from sanctions_engine.rule import CompiledRule
from sanctions_engine.truth import Truth

__all__ = ["LiveRules", "Matched", "Matcher", "Programs", "PythonMatcher", "Valuation", "most_telling_first"]

# Truths as numbers inside this module, so that Kleene's "and" is min and "or" is max.
_FALSE, _UNKNOWN, _TRUE = 0, 1, 2
_NUMBER = {Truth.FALSE: _FALSE, Truth.UNKNOWN: _UNKNOWN, Truth.TRUE: _TRUE}
_TRUTH = (Truth.FALSE, Truth.UNKNOWN, Truth.TRUE)
_PAIRS = tuple(tuple((truth, strict) for strict in range(3)) for truth in range(3))


@dataclass(frozen=True, slots=True)
class Matched:
    """A rule that is not FALSE of a subject.

    Args:
        rule: The rule.
        subject: What it was held against.
        when: The truth of its condition: TRUE or UNKNOWN.
        unless: The truth of each exemption.
    """

    rule: CompiledRule
    subject: Subject
    when: Truth
    unless: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class _Program:
    """A condition with its tests numbered; the parts of a conjunction stand with the most telling first.

    Args:
        kind: ``test``, ``all``, ``any``, ``not`` or ``contested``.
        number: The same for equal conditions: the number of the test, below zero for what has parts.
        parts: The programs of its parts.
    """

    kind: str
    number: int
    parts: tuple[_Program, ...] = ()

    @property
    def test(self) -> int:
        """The number of the test; -1 for what has parts."""
        return max(self.number, -1)


# What tells rules apart stands first and is shared by many; what live rules mostly have in common (they were found
# by their activities and their dates) stands last. Order changes no truth.
_FIRST = ("to.states", "from.states", "destination.states", "start.states", "red_flags", "party.listed", "party.states")
_LAST = ("approvals", "activity", "occurred")


def most_telling_first(part: Condition) -> int:
    """Return where a part of a conjunction stands among the others."""
    if not isinstance(part, Test):
        return len(_FIRST) + 1
    if part.fact in _FIRST:
        return _FIRST.index(part.fact)
    return len(_FIRST) + 2 + _LAST.index(part.fact) if part.fact in _LAST else len(_FIRST)


class LiveRules:
    """The rules that must be judged of a transaction: an index by the values that their conditions need.

    A condition often cannot hold unless a fact has one of some values: a conjunct asks for an activity, a class of
    goods, a role. Where the fact certainly has none of them the condition is FALSE whatever is assumed, and its rule
    need not be looked at. Sets of rules are the bits of one number, so that a fact drops many rules at once.

    Args:
        rules: Rules whose regime has a nexus and that may be in force.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.rules = tuple(rules)
        ordered = sorted({rule.index: rule for rule in rules}.values(), key=lambda rule: rule.index)
        by_kind = {kind: [rule for rule in ordered if rule.rule.for_each is kind] for kind in ForEach}
        self._by_kind = {kind: _Index(mine) for kind, mine in by_kind.items() if mine}
        self.kinds = tuple(self._by_kind)

    def of(self, subject: Subject, facts: FactBase) -> tuple[CompiledRule, ...]:
        """Return the rules that may not be FALSE of a subject, going by what is done."""
        index = self._by_kind.get(subject.kind)
        return () if index is None else tuple(index.candidates(subject, facts, only=("activity",)))

    def candidates(self, subject: Subject, facts: FactBase) -> list[CompiledRule]:
        """Return the rules that may not be FALSE of a subject, going by every fact of the index."""
        index = self._by_kind.get(subject.kind)
        return [] if index is None else index.candidates(subject, facts)


class _Index:
    """The rules of one kind of subject by what they need.

    Args:
        rules: The rules, in order; a rule's place is its bit.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self._rules = rules
        self._all = (1 << len(rules)) - 1
        # Of each fact: which rules need some value of it, and which of them a value serves.
        self._needing: dict[str, int] = {}
        self._served: dict[str, dict[Value, int]] = {}
        for place, rule in enumerate(rules):
            for fact, values in _needs(rule.when).items():
                self._needing[fact] = self._needing.get(fact, 0) | 1 << place
                served = self._served.setdefault(fact, {})
                for value in values:
                    served[value] = served.get(value, 0) | 1 << place
        # What most rules need is asked first: it leaves few for which the others must be read at all.
        self._facts = sorted(self._needing, key=lambda fact: (-self._needing[fact].bit_count(), fact))

    def candidates(self, subject: Subject, facts: FactBase, only: Iterable[str] | None = None) -> list[CompiledRule]:
        left = self._all
        for fact in self._facts if only is None else only:
            needing = self._needing.get(fact, 0) & left
            if not needing:
                continue
            values = facts.read(fact, subject).could_be()
            if values is None:
                continue
            served = self._served[fact]
            left ^= needing
            for value in values:
                left |= served.get(value, 0) & needing
        found = []
        while left:
            lowest = left & -left
            found.append(self._rules[lowest.bit_length() - 1])
            left ^= lowest
        return found


def _needs(condition: Condition) -> dict[str, frozenset[Value]]:
    """Return, by fact, values without any of which a condition is FALSE; the fewest where it names several sets."""
    match condition:
        case Test(fact, Op.INCLUDE | Op.ONLY, operand) if isinstance(operand, frozenset):
            return {fact: operand}
        case Test(fact, Op.IS, True):
            return {fact: _YES}
        case All(parts):
            found: dict[str, frozenset[Value]] = {}
            for part in parts:
                for fact, values in _needs(part).items():
                    if fact not in found or len(values) < len(found[fact]):
                        found[fact] = values
            return found
        case AnyOf(parts) if parts:
            each = [_needs(part) for part in parts]
            shared = [fact for fact in each[0] if all(fact in needed for needed in each)]
            return {fact: frozenset().union(*(needed[fact] for needed in each)) for fact in shared}
        case Contested(part):
            return _needs(part)
        case _:
            return {}


_YES: frozenset[Value] = frozenset({"yes"})


class Programs:
    """The rules of a book with their distinct tests numbered.

    Args:
        rules: The rules, in order.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.tests: list[Test] = []
        self._numbers: dict[Test, int] = {}
        self._made: dict[tuple[str, tuple[int, ...]], _Program] = {}
        self.when: list[_Program] = []
        self.unless: list[tuple[_Program, ...]] = []
        self.used: list[tuple[int, ...]] = []
        """The tests each rule uses, exemptions included."""
        for rule in rules:
            self.when.append(self._program(rule.when))
            self.unless.append(tuple(self._program(e.condition) for e in rule.exemptions))
            used = [n for program in (self.when[-1], *self.unless[-1]) for n in _numbers(program)]
            self.used.append(tuple(dict.fromkeys(used)))

    def number(self, test: Test) -> int:
        """Return the number of a test, the same for equal tests."""
        number = self._numbers.get(test)
        if number is None:
            number = self._numbers[test] = len(self.tests)
            self.tests.append(test)
        return number

    def note_assumptions(self, index: int, fires: bool, values: Valuation, into: dict[Gap, None]) -> None:
        """Add the assumptions on which the verdict of a rule rests.

        Args:
            index: The rule's.
            fires: Whether its condition is not FALSE, so that its exemptions count.
            values: The valuation of the subject.
            into: Where to.
        """
        values.assumptions(self.when[index], into)
        for program in self.unless[index] if fires else ():
            values.assumptions(program, into)

    def _program(self, condition: Condition) -> _Program:
        match condition:
            case Test():
                number = self.number(condition)
                return self._made.setdefault(("test", (number,)), _Program("test", number))
            case All(parts):
                return self._of_parts("all", sorted(parts, key=most_telling_first))
            case AnyOf(parts):
                return self._of_parts("any", parts)
            case Not(part):
                return self._of_parts("not", (part,))
            case Contested(part):
                return self._of_parts("contested", (part,))

    def _of_parts(self, kind: str, conditions: Iterable[Condition]) -> _Program:
        parts = tuple(self._program(condition) for condition in conditions)
        key = (kind, tuple(part.number for part in parts))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = _Program(kind, -1 - len(self._made), parts)
        return made


def _numbers(program: _Program) -> Iterable[int]:
    if program.number >= 0:
        yield program.number
    for part in program.parts:
        yield from _numbers(part)


class Valuation:
    """The programs of a rulebook evaluated for one subject, each once and only when needed.

    Rules share definitions and exemptions: what one rule has asked of a subject the others need not ask again.

    Args:
        programs: The numbered tests.
        facts: What is known.
        subject: Of what.
    """

    __slots__ = ("_facts", "_noted", "_pairs", "_tests", "subject")

    def __init__(self, programs: Programs, facts: FactBase, subject: Subject) -> None:
        self._tests = programs.tests
        self._facts = facts
        self.subject = subject
        self._pairs: dict[int, tuple[int, int]] = {}
        self._noted: set[int] = set()

    def pair(self, number: int) -> tuple[int, int]:
        """Return the truth of a test under the assumptions, and with every assumption made UNKNOWN."""
        pair = self._pairs.get(number)
        if pair is None:
            weighed = weigh_test(self._tests[number], self._facts, self.subject)
            pair = self._pairs[number] = _PAIRS[_NUMBER[weighed.truth]][_NUMBER[weighed.strict]]
        return pair

    def evaluate(self, program: _Program) -> tuple[int, int]:
        """Return the truth of a program under the assumptions, and with every assumption made UNKNOWN."""
        number = program.number
        if number >= 0:
            return self.pair(number)
        pair = self._pairs.get(number)
        if pair is None:
            pair = self._pairs[number] = self._evaluate(program)
        return pair

    def _evaluate(self, program: _Program) -> tuple[int, int]:
        known = self._pairs
        kind = program.kind
        if kind == "all":
            truth, strict = _TRUE, _TRUE
            for part in program.parts:
                t, s = known.get(part.number) or self.evaluate(part)
                if t < truth:
                    truth = t
                if s < strict:
                    if s == _FALSE:  # then truth is FALSE too: an assumption only ever closes a gap
                        return _PAIRS[_FALSE][_FALSE]
                    strict = s
            return _PAIRS[truth][strict]
        if kind == "any":
            truth, strict = _FALSE, _FALSE
            for part in program.parts:
                t, s = known.get(part.number) or self.evaluate(part)
                if t > truth:
                    truth = t
                if s > strict:
                    if s == _TRUE:  # then truth is TRUE too
                        return _PAIRS[_TRUE][_TRUE]
                    strict = s
            return _PAIRS[truth][strict]
        t, s = self.evaluate(program.parts[0])
        if kind == "not":
            return _PAIRS[2 - t][2 - s]
        return _PAIRS[min(t, _UNKNOWN)][min(s, _UNKNOWN)]

    def assumptions(self, program: _Program, into: dict[Gap, None]) -> None:
        """Add the assumptions without which a program would be UNKNOWN.

        Only parts whose own truth rests on an assumption are entered: what is FALSE anyway rests on nothing.
        """
        number = program.number
        if number in self._noted:
            return
        self._noted.add(number)
        truth, strict = self._pairs.get(number) or self.evaluate(program)
        if truth == strict:
            return
        if number >= 0:
            into.update(dict.fromkeys(weigh_test(self._tests[number], self._facts, self.subject).assumed))
        for part in program.parts:
            self.assumptions(part, into)


class Matcher(Protocol):
    """Finds the rules that are not FALSE."""

    name: str

    def match(self, facts: FactBase, live: LiveRules) -> tuple[list[Matched], dict[Gap, None]]:
        """Match rules of one book.

        Args:
            facts: The facts of a transaction.
            live: The rules whose regime has a nexus and that may be in force.

        Returns:
            What is not FALSE, and the assumptions without which another rule would not be FALSE.
        """

    def close(self) -> None:
        """Give back what it holds."""


class PythonMatcher:
    """Evaluates each rule's program over the valuation of each subject."""

    name = "python"

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.programs = Programs(rules)

    def match(self, facts: FactBase, live: LiveRules) -> tuple[list[Matched], dict[Gap, None]]:
        """See ``Matcher.match``."""
        matched: list[Matched] = []
        assumed: dict[Gap, None] = {}
        programs = self.programs
        for kind in live.kinds:
            for subject in facts.subjects(kind):
                values = Valuation(programs, facts, subject)
                for rule in live.candidates(subject, facts):
                    truth, strict = values.evaluate(programs.when[rule.index])
                    if truth != _FALSE:
                        unless = tuple(_TRUTH[values.evaluate(p)[0]] for p in programs.unless[rule.index])
                        matched.append(Matched(rule, subject, _TRUTH[truth], unless))
                        programs.note_assumptions(rule.index, True, values, assumed)
                    elif strict != _FALSE:
                        programs.note_assumptions(rule.index, False, values, assumed)
        return matched, assumed

    def close(self) -> None:
        """Nothing is held."""
