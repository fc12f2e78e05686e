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

__all__ = ["LiveRules", "Matched", "Matcher", "Programs", "PythonMatcher", "Valuation"]

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
    """A condition with its tests numbered; the parts of a conjunction stand with the most telling first."""

    kind: str
    parts: tuple[_Program, ...] = ()
    test: int = -1


# What tells rules apart stands first and is shared by many; what live rules mostly have in common (they were found
# by their activities and their dates) stands last. Order changes no truth.
_FIRST = ("to.states", "from.states", "destination.states", "start.states", "red_flags", "party.listed", "party.states")
_LAST = ("approvals", "activity", "occurred")


def _most_telling_first(part: Condition) -> int:
    if not isinstance(part, Test):
        return len(_FIRST) + 1
    if part.fact in _FIRST:
        return _FIRST.index(part.fact)
    return len(_FIRST) + 2 + _LAST.index(part.fact) if part.fact in _LAST else len(_FIRST)


class LiveRules:
    """The rules that must be judged of a transaction, found by what is done.

    A rule whose condition needs one of some activities is FALSE, whatever is assumed, of a subject that is
    certainly concerned by none of them: it need not be looked at.

    Args:
        rules: Rules whose regime has a nexus and that may be in force.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.rules = tuple(rules)
        self._needing: dict[ForEach, dict[str, list[CompiledRule]]] = {}
        self._any: dict[ForEach, list[CompiledRule]] = {}
        self._found: dict[tuple[str, frozenset[Value] | None], tuple[CompiledRule, ...]] = {}
        for rule in rules:
            needed = _needed_activities(rule.when)
            if needed is None:
                self._any.setdefault(rule.rule.for_each, []).append(rule)
            for activity in needed or ():
                self._needing.setdefault(rule.rule.for_each, {}).setdefault(activity, []).append(rule)
        self.kinds = tuple(kind for kind in ForEach if kind in self._any or kind in self._needing)

    def of(self, subject: Subject, facts: FactBase) -> tuple[CompiledRule, ...]:
        """Return the rules that may not be FALSE of a subject."""
        reading = facts.read("activity", subject)
        activities = None if reading.gaps else reading.possible()
        key = (subject.kind.value, activities)
        found = self._found.get(key)
        if found is None:
            mine = list(self._any.get(subject.kind, ()))
            for activity, rules in self._needing.get(subject.kind, {}).items():
                if activities is None or activity in activities:
                    mine += rules
            found = tuple(sorted({rule.index: rule for rule in mine}.values(), key=lambda rule: rule.index))
            if len(self._found) < _REMEMBERED:
                self._found[key] = found
        return found


_REMEMBERED = 512


def _needed_activities(condition: Condition) -> frozenset[str] | None:
    """Return activities without any of which a condition is FALSE; None where there is no such set."""
    match condition:
        case Test("activity", Op.INCLUDE, operand) if isinstance(operand, frozenset):
            return operand
        case All(parts):
            found = [needed for part in parts if (needed := _needed_activities(part)) is not None]
            return min(found, key=len) if found else None
        case AnyOf(parts):
            each = [_needed_activities(part) for part in parts]
            return None if None in each else frozenset().union(*(needed for needed in each if needed is not None))
        case Contested(part):
            return _needed_activities(part)
        case _:
            return None


class Programs:
    """The rules of a book with their distinct tests numbered.

    Args:
        rules: The rules, in order.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.tests: list[Test] = []
        self._numbers: dict[Test, int] = {}
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
                return _Program("test", (), self.number(condition))
            case All(parts):
                return _Program("all", tuple(self._program(part) for part in sorted(parts, key=_most_telling_first)))
            case AnyOf(parts):
                return _Program("any", tuple(self._program(part) for part in parts))
            case Not(part):
                return _Program("not", (self._program(part),))
            case Contested(part):
                return _Program("contested", (self._program(part),))


def _numbers(program: _Program) -> Iterable[int]:
    if program.test >= 0:
        yield program.test
    for part in program.parts:
        yield from _numbers(part)


class Valuation:
    """The tests of a rulebook weighed for one subject, each once and only when needed.

    Args:
        programs: The numbered tests.
        facts: What is known.
        subject: Of what.
    """

    __slots__ = ("_facts", "_pairs", "_tests", "subject")

    def __init__(self, programs: Programs, facts: FactBase, subject: Subject) -> None:
        self._tests = programs.tests
        self._facts = facts
        self.subject = subject
        self._pairs: list[tuple[int, int] | None] = [None] * len(programs.tests)

    def pair(self, number: int) -> tuple[int, int]:
        """Return the truth of a test under the assumptions, and with every assumption made UNKNOWN."""
        pair = self._pairs[number]
        if pair is None:
            weighed = weigh_test(self._tests[number], self._facts, self.subject)
            pair = self._pairs[number] = _PAIRS[_NUMBER[weighed.truth]][_NUMBER[weighed.strict]]
        return pair

    def evaluate(self, program: _Program) -> tuple[int, int]:
        """Return the truth of a program under the assumptions, and with every assumption made UNKNOWN."""
        kind = program.kind
        if kind == "test":
            return self._pairs[program.test] or self.pair(program.test)
        pairs = self._pairs
        if kind == "all":
            truth, strict = _TRUE, _TRUE
            for part in program.parts:
                number = part.test
                t, s = (pairs[number] or self.pair(number)) if number >= 0 else self.evaluate(part)
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
                number = part.test
                t, s = (pairs[number] or self.pair(number)) if number >= 0 else self.evaluate(part)
                truth = t if t > truth else truth
                strict = s if s > strict else strict
            return _PAIRS[truth][strict]
        t, s = self.evaluate(program.parts[0])
        if kind == "not":
            return _PAIRS[2 - t][2 - s]
        return _PAIRS[min(t, _UNKNOWN)][min(s, _UNKNOWN)]

    def assumptions(self, program: _Program, into: dict[Gap, None]) -> None:
        """Add the assumptions without which a program would be UNKNOWN.

        Only parts whose own truth rests on an assumption are entered: what is FALSE anyway rests on nothing.
        """
        truth, strict = self.evaluate(program)
        if truth == strict:
            return
        if program.test >= 0:
            weighed = weigh_test(self._tests[program.test], self._facts, self.subject)
            into.update(dict.fromkeys(weighed.assumed))
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
                for rule in live.of(subject, facts):
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
