"""A second evaluator, by possible worlds, that shares no code with ``judge``: they must agree.

A reading is completed in every way it allows (evidence that is not sure holds or not, one of its values is the
right one, a gap adds nothing or one value, each choice picks one option). In every such world the condition is plain
Boolean logic over plain sets. What is judged TRUE must hold in every world and what is judged FALSE in none; a single
test that is UNKNOWN must have a world of each kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.condition import All, AnyOf, Condition, Contested, Measure, Not, Op, Test
from sanctions_engine.dates import Period
from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.judge import Trace, judge
from sanctions_engine.readings import Choice, Evidence, Gap, Reading
from sanctions_engine.truth import Truth

WHOLE = Subject(ForEach.TRANSACTION, -1, "transaction")
World = frozenset[Any]
"""The values that a fact really has."""

WORDS = ("a", "b", "c", "d")  # no condition below names "d": an open gap can always add something else
CODES = ("84", "8407", "8408", "8501", "85", "9306")
RANGES = ("8407", "84", "8408-8501", "85")
AMOUNTS = (*(Measure(Decimal(n), "USD") for n in (10, 20, 30)), Measure(Decimal(7), "EUR"))
FIRST = date(2020, 1, 1)
DAYS = tuple(FIRST + timedelta(days=n) for n in range(6))
PERIODS = tuple(
    Period(DAYS[i], DAYS[j], f"[{DAYS[i]}..{DAYS[j]}]") for i in range(len(DAYS)) for j in range(i, len(DAYS))
)


class Facts:
    """As much of a fact base as ``judge`` asks for."""

    def __init__(self, readings: dict[str, Reading]) -> None:
        self.readings = readings
        self.weighed: defaultdict[str, dict[int, object]] = defaultdict(dict)

    def read(self, fact: str, _: Subject) -> Reading:
        return self.readings[fact]

    def scope(self, _: str, subject: Subject) -> str:
        return subject.path


def judged(condition: Condition, readings: dict[str, Reading]) -> Trace:
    return judge(condition, cast("FactBase", Facts(readings)), WHOLE)


# ---------------------------------------------------------------------- worlds


def finer(value: Any) -> tuple[Any, ...]:
    """What a coarse value may really be: full codes, dollars, single days."""
    if isinstance(value, str) and value.isdigit():
        return tuple(sorted({code.ljust(4, "0") for code in (*CODES, "8499", "8599") if code.startswith(value)}))
    if isinstance(value, Measure) and value.unit != "USD":
        return tuple(Measure(Decimal(n), "USD") for n in (5, 10, 15, 20, 25, 30, 35))  # no exchange rate is known
    if isinstance(value, Period):
        assert value.first is not None
        assert value.last is not None
        return tuple(value.first + timedelta(days=n) for n in range((value.last - value.first).days + 1))
    return (value,)


def worlds(reading: Reading, domain: tuple[Any, ...]) -> frozenset[World]:
    """Every set of values that the fact may have (``assumed`` adds nothing: that is what assuming means)."""
    parts: list[set[World]] = []
    for item in reading.evidence:
        holds = {frozenset({fine}) for value in item.values for fine in finer(value)}
        parts.append(holds if item.sure else holds | {frozenset()})
    for gap in reading.gaps:
        allowed = [v for v in domain if (gap.only is None or v in gap.only) and v not in gap.but]
        parts.append({frozenset()} | {frozenset({fine}) for value in allowed for fine in finer(value)})
    for options in reading.choices:
        parts.append({world for option in options for world in worlds(option.reading, domain)})
    found: set[World] = {frozenset()}
    for part in parts:
        found = {left | right for left in found for right in part}
    return frozenset(found)


def passes(test: Test, world: World) -> bool:
    """Whether a test holds of a world: two-valued, from the table of operators."""
    operand: Any = test.operand
    match test.op:
        case Op.INCLUDE:
            return any(value in operand for value in world)
        case Op.ONLY:
            return bool(world) and all(value in operand for value in world)
        case Op.IS:
            return ("yes" in world) == operand
        case Op.UNDER:
            return any(
                range_.first <= code[: len(range_.first)] <= range_.last for code in world for range_ in operand.ranges
            )
        case Op.ABOVE:
            return any(amount.value > operand.value for amount in world)
        case Op.AT_LEAST:
            return any(amount.value >= operand.value for amount in world)
        case Op.BELOW:
            return any(amount.value < operand.value for amount in world)
        case Op.AT_MOST:
            return any(amount.value <= operand.value for amount in world)
        case Op.BEFORE:
            return any(day < operand for day in world)
        case Op.FROM:
            return any(day >= operand for day in world)
    raise AssertionError(test)


def holds(condition: Condition, world: dict[str, World], contest: Iterator[bool]) -> bool:
    """Plain Boolean logic; each contested part matters or does not, as ``contest`` says in turn."""
    match condition:
        case Test():
            return passes(condition, world[condition.fact])
        case All(parts):
            found = [holds(part, world, contest) for part in parts]  # all of them: each contest is consumed
            return all(found)
        case AnyOf(parts):
            found = [holds(part, world, contest) for part in parts]
            return any(found)
        case Not(part):
            return not holds(part, world, contest)
        case Contested(part):
            matters = next(contest)
            return holds(part, world, contest) and matters


def contests(condition: Condition) -> int:
    match condition:
        case Test():
            return 0
        case All(parts) | AnyOf(parts):
            return sum(contests(part) for part in parts)
        case Not(part):
            return contests(part)
        case Contested(part):
            return 1 + contests(part)


def answers(condition: Condition, readings: dict[str, Reading]) -> set[bool]:
    """What the condition is in some world."""
    each = [sorted(worlds(reading, DOMAINS[fact]), key=repr) for fact, reading in readings.items()]
    found: set[bool] = set()
    for chosen in product(*each):
        world = dict(zip(readings, chosen, strict=True))
        for contest in product((False, True), repeat=contests(condition)):
            found.add(holds(condition, world, iter(contest)))
            if len(found) == 2:
                return found
    return found


# ---------------------------------------------------------------------- strategies

DOMAINS: dict[str, tuple[Any, ...]] = {
    "words": WORDS,
    "more_words": WORDS,
    "flag": ("yes", "no"),
    "codes": CODES,
    "amounts": AMOUNTS,
    "dates": PERIODS,
}


def subsets(domain: tuple[Any, ...], least: int) -> st.SearchStrategy[frozenset[Any]]:
    """Draw from the sets of up to two values: one choice each, which is quicker than building a set."""
    return st.sampled_from([frozenset(chosen) for size in range(least, 3) for chosen in combinations(domain, size)])


def readings_of(domain: tuple[Any, ...], *, depth: int = 1) -> st.SearchStrategy[Reading]:
    evidence = st.builds(
        Evidence, st.sampled_from(("p", "q")), st.just("x"), subsets(domain, 1), st.sampled_from((True, True, False))
    )
    some = subsets(domain, 0)
    gap = st.builds(Gap, st.sampled_from(("g", "h")), only=st.none() | some, but=st.just(frozenset()) | some)
    choices: st.SearchStrategy[tuple[tuple[Choice, ...], ...]] = st.just(())
    if depth:
        option = st.builds(Choice, st.sampled_from(("l", "m")), readings_of(domain, depth=depth - 1))
        group = st.lists(option, min_size=2, max_size=2).map(tuple)
        choices = st.lists(group, max_size=2).map(tuple)
    return st.builds(
        Reading,
        st.lists(evidence, max_size=2).map(tuple),
        st.lists(gap, max_size=1).map(tuple),
        st.lists(gap, max_size=1).map(tuple),
        choices,
    )


known_of = {fact: readings_of(domain) for fact, domain in DOMAINS.items()}
_sets = subsets(WORDS[:3], 1)
TESTS: dict[str, st.SearchStrategy[Test]] = {
    "include": st.builds(Test, st.sampled_from(("words", "more_words")), st.just(Op.INCLUDE), _sets),
    "only": st.builds(Test, st.sampled_from(("words", "more_words")), st.just(Op.ONLY), _sets),
    "is": st.builds(Test, st.just("flag"), st.just(Op.IS), st.booleans()),
    "under": st.builds(Test, st.just("codes"), st.just(Op.UNDER), st.sampled_from(RANGES).map(lambda r: HsRanges([r]))),
    "compare": st.builds(
        Test,
        st.just("amounts"),
        st.sampled_from((Op.ABOVE, Op.AT_LEAST, Op.BELOW, Op.AT_MOST)),
        st.sampled_from(AMOUNTS[:3]),
    ),
    "day": st.builds(Test, st.just("dates"), st.sampled_from((Op.BEFORE, Op.FROM)), st.sampled_from(DAYS[1:])),
}

# Three facts at a time: the worlds of all six would be too many to visit.
_facts_in_play = ("words", "more_words", "flag")
conditions: st.SearchStrategy[Condition] = st.recursive(
    cast("st.SearchStrategy[Condition]", st.one_of(TESTS["include"], TESTS["only"], TESTS["is"])),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda p: All(tuple(p))),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: AnyOf(tuple(p))),
        inner.map(Not),
        inner.map(lambda c: Contested(c, "lawyers differ")),
    ),
    max_leaves=5,
)
readings = st.fixed_dictionaries({fact: known_of[fact] for fact in _facts_in_play})


def with_reading(test: Test) -> st.SearchStrategy[tuple[Test, dict[str, Reading]]]:
    return st.tuples(st.just(test), st.fixed_dictionaries({test.fact: known_of[test.fact]}))


single = st.one_of(*TESTS.values()).flatmap(with_reading)


# ---------------------------------------------------------------------- agreement


@pytest.mark.parametrize("kind", TESTS)
@given(data=st.data())
def test_a_single_test_is_true_false_or_unknown_exactly_as_its_worlds_say(kind: str, data: st.DataObject) -> None:
    test, known = data.draw(TESTS[kind].flatmap(with_reading))
    truth = judged(test, known).truth
    found = answers(test, known)
    if truth is not Truth.UNKNOWN:
        assert found == {truth is Truth.TRUE}
    # "Only" is two questions; that one option brings both a value that passes and one that fails is not followed up.
    elif test.op is not Op.ONLY or not known[test.fact].choices:
        assert found == {True, False}


@given(conditions, readings)
def test_what_is_judged_holds_in_every_world(condition: Condition, known: dict[str, Reading]) -> None:
    truth = judged(condition, known).truth
    found = answers(condition, known)
    if truth is Truth.TRUE:
        assert found == {True}
    if truth is Truth.FALSE:
        assert found == {False}


@given(st.one_of(single, st.tuples(conditions, readings)))
def test_strict_is_the_truth_with_every_assumption_a_gap(case: tuple[Condition, dict[str, Reading]]) -> None:
    condition, known = case
    opened = {fact: reading.opened() for fact, reading in known.items()}
    trace = judged(condition, known)
    assert trace.strict is judged(condition, opened).truth
    assert trace.strict in (Truth.UNKNOWN, trace.truth), "an assumption only ever closes a gap"


@given(single)
def test_what_is_unknown_names_what_would_settle_it(case: tuple[Test, dict[str, Reading]]) -> None:
    trace = judged(*case)
    if trace.truth is Truth.UNKNOWN:
        assert trace.gaps()
    if trace.truth is not trace.strict:
        assert trace.assumptions()


@given(single, st.data())
def test_learning_more_never_overturns_what_was_certain(
    case: tuple[Test, dict[str, Reading]], data: st.DataObject
) -> None:
    test, known = case
    (fact, reading), *_ = known.items()
    before = judged(test, known).truth
    item = data.draw(st.sampled_from(reading.evidence) if reading.evidence else st.none())
    if item is not None:
        right = data.draw(st.sampled_from(sorted(item.values, key=repr)))
        surer = item._replace(values=frozenset({right}), sure=True)
        reading = reading._replace(evidence=tuple(surer if e is item else e for e in reading.evidence))
    after = judged(test, {fact: reading._replace(gaps=())}).truth
    assert before in (Truth.UNKNOWN, after)
