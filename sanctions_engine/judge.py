"""``judge``: the only definition of what a condition means.

Pure and plain: it visits every node, keeps why, and is never optimised at the cost of clarity. Faster
evaluators are held to it by property tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

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
from sanctions_engine.dates import Period
from sanctions_engine.facts import FactBase, Subject
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.readings import Evidence, Gap, Value, Weighed, weigh, weigh_only
from sanctions_engine.truth import Truth, all_of, any_of

__all__ = ["Trace", "judge", "weigh_test"]


class Trace(NamedTuple):
    """Why a condition is TRUE, FALSE or UNKNOWN.

    Args:
        condition: The node.
        truth: Its truth under the assumptions that the facts record.
        strict: Its truth with every assumption made UNKNOWN.
        parts: The traces of its parts.
        weighed: For a test: evidence, gaps and assumptions.
    """

    condition: Condition
    truth: Truth
    strict: Truth
    parts: tuple[Trace, ...] = ()
    weighed: Weighed | None = None

    def leaves(self) -> Iterator[Trace]:
        """Yield the traces of all tests, left to right."""
        if self.weighed is not None:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def deciding(self) -> Iterator[Trace]:
        """Yield the traces of the tests that made the truth what it is.

        For a conjunction that holds: all of it; one that fails: what failed. For a disjunction the other way round.
        What is UNKNOWN was decided by what is UNKNOWN, and by what holds beside it.
        """
        match self.condition:
            case Test():
                yield self
            case Not() | Contested():
                yield from self.parts[0].deciding()
            case All():
                for part in self.parts:
                    if part.truth is not Truth.FALSE if self.truth is not Truth.FALSE else part.truth is Truth.FALSE:
                        yield from part.deciding()
            case AnyOf():
                for part in self.parts:
                    if part.truth is self.truth:
                        yield from part.deciding()

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the facts that decided it."""
        return tuple(dict.fromkeys(e for leaf in self.deciding() if leaf.weighed for e in leaf.weighed.evidence))

    def gaps(self) -> tuple[Gap, ...]:
        """Return what would settle it, where it is UNKNOWN."""
        return tuple(dict.fromkeys(_gaps(self)))

    def contested(self) -> tuple[str, ...]:
        """Return why lawyers differ, where that is why it is not TRUE."""
        return tuple(dict.fromkeys(_contested(self)))

    def assumptions(self) -> tuple[Gap, ...]:
        """Return the assumptions without which it would be UNKNOWN."""
        if self.truth is self.strict:
            return ()
        return tuple(
            dict.fromkeys(
                gap
                for leaf in self.leaves()
                if leaf.weighed and leaf.truth is not leaf.strict
                for gap in leaf.weighed.assumed
            )
        )


def _gaps(trace: Trace) -> Iterator[Gap]:
    if trace.truth is not Truth.UNKNOWN:
        return
    if trace.weighed is not None:
        yield from trace.weighed.gaps
    for part in trace.parts:
        yield from _gaps(part)


def _contested(trace: Trace) -> Iterator[str]:
    if trace.truth is not Truth.UNKNOWN:
        return
    if isinstance(trace.condition, Contested) and trace.parts[0].truth is not Truth.FALSE:
        yield trace.condition.why
    for part in trace.parts:
        yield from _contested(part)


def judge(condition: Condition, facts: FactBase, subject: Subject, known: dict[int, Trace] | None = None) -> Trace:
    """Say whether a condition holds of a subject, and why.

    Args:
        condition: What is asked.
        facts: What is known.
        subject: Of which goods line, party, vessel, activity, or of the whole.
        known: What was judged of this subject before, by the identity of the condition, and is not judged again:
            rules share definitions and exemptions. What is judged now is added. Nothing is kept where not given.

    Unknown:
        Kleene: a conjunction with a FALSE part is FALSE whatever is missing; else a missing part leaves it UNKNOWN.
    """
    if known is None:
        known = {}
    found = known.get(id(condition))
    if found is not None:
        return found
    if isinstance(condition, Test):
        weighed = weigh_test(condition, facts, subject)
        trace = Trace(condition, weighed.truth, weighed.strict, (), weighed)
    elif isinstance(condition, All | AnyOf):
        parts = tuple([known.get(id(part)) or judge(part, facts, subject, known) for part in condition.parts])
        whole = all_of if isinstance(condition, All) else any_of
        trace = Trace(condition, whole([t.truth for t in parts]), whole([t.strict for t in parts]), parts)
    else:
        part = judge(condition.part, facts, subject, known)
        if isinstance(condition, Not):
            trace = Trace(condition, ~part.truth, ~part.strict, (part,))
        else:
            trace = Trace(condition, part.truth & Truth.UNKNOWN, part.strict & Truth.UNKNOWN, (part,))
    known[id(condition)] = trace  # the trace holds its condition, so the number stays its own
    return trace


def weigh_test(test: Test, facts: FactBase, subject: Subject) -> Weighed:
    """Weigh one test of one subject; the facts keep the answer, for all subjects of which it must be the same."""
    known = facts.weighed[facts.scope(test.fact, subject)]
    found = known.get(id(test))
    if found is None:
        found = known[id(test)] = (test, _weigh(test, facts, subject))
    return found[1]


def _weigh(test: Test, facts: FactBase, subject: Subject) -> Weighed:
    """The operator table, with what each operator means for values that are imprecise."""
    operand = test.operand
    if test.op is Op.INCLUDE and isinstance(operand, frozenset):  # most tests are of membership
        return weigh(facts.read(test.fact, subject), _MEMBER[operand], operand)
    match test.op:
        case Op.WITHIN:
            assert isinstance(operand, Span)  # noqa: S101  # the compiler types operands by operator
            return facts.weigh_occurred(operand, subject)
        case Op.HELD:
            assert isinstance(operand, ApprovalSpec)  # noqa: S101  # as above
            return facts.weigh_approval(operand, subject)
        case Op.MADE:
            return facts.weigh_determination(str(operand), subject)
        case Op.EXCEEDS:
            assert isinstance(operand, CapSpec)  # noqa: S101  # as above
            return facts.weigh_total(operand, subject)
        case Op.BEFORE | Op.FROM if isinstance(operand, Span):
            return facts.weigh_occurred(operand, subject)
        case Op.INCLUDE:
            raise TypeError(f"{test.fact}: include takes a set of words, not {operand!r}")
        case Op.ONLY:
            assert isinstance(operand, frozenset)  # noqa: S101  # as above
            return weigh_only(facts.read(test.fact, subject), _MEMBER[operand])
        case Op.UNDER:
            assert isinstance(operand, HsRanges)  # noqa: S101  # as above
            return weigh(facts.read(test.fact, subject), lambda code: operand.under(str(code)))
        case Op.IS:
            word = "yes" if operand else "no"
            if not operand:  # "is no" is the negation of "is yes", so that silence reads the same way in both
                yes = weigh(facts.read(test.fact, subject), _MEMBER[_YES], _YES)
                return Weighed(~yes.truth, ~yes.strict, yes.evidence, yes.gaps, yes.assumed)
            return weigh(facts.read(test.fact, subject), _MEMBER[frozenset({word})], frozenset({word}))
        case Op.BEFORE:
            return weigh(facts.read(test.fact, subject), lambda p: _period(p).within(None, _day(operand)))
        case Op.FROM:
            return weigh(facts.read(test.fact, subject), lambda p: _period(p).within(_day(operand), None))
        case Op.ABOVE | Op.AT_LEAST | Op.BELOW | Op.AT_MOST:
            assert isinstance(operand, Measure)  # noqa: S101  # as above
            return weigh(facts.read(test.fact, subject), _comparison(test.op, operand))


class _Members(dict[frozenset[str], Callable[[Value], Truth]]):
    """Membership tests by operand, made once."""

    def __missing__(self, operand: frozenset[str]) -> Callable[[Value], Truth]:
        def member(value: Value) -> Truth:
            return Truth.TRUE if value in operand else Truth.FALSE

        self[operand] = member
        return member


_MEMBER = _Members()
_YES = frozenset({"yes"})


def _period(value: Value) -> Period:
    assert isinstance(value, Period)  # noqa: S101  # a fact of type DATE holds periods
    return value


def _day(operand: object) -> date:
    assert isinstance(operand, date)  # noqa: S101  # as above
    return operand


def _comparison(op: Op, operand: Measure) -> Callable[[Value], Truth]:
    compare: dict[Op, Callable[[Decimal, Decimal], bool]] = {
        Op.ABOVE: lambda a, b: a > b,
        Op.AT_LEAST: lambda a, b: a >= b,
        Op.BELOW: lambda a, b: a < b,
        Op.AT_MOST: lambda a, b: a <= b,
    }

    def holds(value: Value) -> Truth:
        if not isinstance(value, Measure) or value.unit != operand.unit:
            return Truth.UNKNOWN  # another currency: no exchange rate is built in
        return Truth.of(compare[op](value.value, operand.value))

    return holds
