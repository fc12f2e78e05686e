"""Whether two versions of a rule surely give the same verdict on everything.

The tests of both are atoms with three values. What is known of them beside that is only what their operands prove:
a set of words that lies in another, a span that lies in another. With few atoms all valuations are tried; with many,
z3 (the extra ``assurance``) is asked for a valuation that tells the two apart. A proof holds of the verdict: outcome
and exemption; not of which missing facts are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import combinations, permutations
from random import Random
from types import ModuleType
from typing import Any

from sanctions_engine.condition import All, AnyOf, Condition, Contested, Measure, Not, Op, Span, Test, tests_of
from sanctions_engine.finding import outcome_of
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.rule import CompiledRule

__all__ = ["Proof", "same_verdict", "weaker_than"]

_FEW = 9
"""Atoms up to which all valuations are tried: 3**9 are 19,683."""
_SAMPLE = 4_096
_MILLISECONDS = 2_000


@dataclass(frozen=True, slots=True)
class Proof:
    """How an equivalence was proved.

    Args:
        by: ``form`` (the same after sorting), ``tables`` or ``z3``.
    """

    by: str


def same_verdict(one: CompiledRule, other: CompiledRule) -> Proof | None:
    """Prove that two versions of a rule give the same verdict whatever is known; None where there is no proof.

    Args:
        one: A version.
        other: Another; it must judge the same kind of subject.
    """
    if one.rule.for_each is not other.rule.for_each or outcome_of(one) is not outcome_of(other):
        return None
    left, right = _form(one), _form(other)
    if left == right:
        return Proof("form")
    atoms = tuple(
        dict.fromkeys(test for form in (left, right) for part in _conditions(form) for test in tests_of(part))
    )
    if len(atoms) <= _FEW:
        return Proof("tables") if _same_by_tables(left, right, atoms) else None
    if _told_apart_by_sample(left, right, atoms):
        return None
    return Proof("z3") if _same_by_z3(left, right, atoms) else None


_Form = tuple[Condition, tuple[tuple[str, Condition], ...]]
"""The condition, and exemptions with their paragraphs."""


def _conditions(form: _Form) -> Iterator[Condition]:
    yield form[0]
    yield from (condition for _, condition in form[1])


def _form(rule: CompiledRule) -> _Form:
    return normal(rule.when), tuple((e.paragraph, normal(e.condition)) for e in rule.exemptions)


@lru_cache(maxsize=65_536)
def normal(condition: Condition) -> Condition:
    """Return a condition with its groups flattened, its parts sorted and doubled negations gone."""
    match condition:
        case Test(fact, Op.IS, False):
            return Not(Test(fact, Op.IS, True))
        case Test():
            return condition
        case Contested(part, why):
            return Contested(normal(part), why)
        case Not(part):
            inner = normal(part)
            return inner.part if isinstance(inner, Not) else Not(inner)
        case All(parts):
            return _group(All, parts)
        case AnyOf(parts):
            return _group(AnyOf, parts)


def _group(kind: type[All] | type[AnyOf], parts: tuple[Condition, ...]) -> Condition:
    flat: dict[Condition, None] = {}
    for part in map(normal, parts):
        flat.update(dict.fromkeys(part.parts if isinstance(part, kind) else (part,)))
    return next(iter(flat)) if len(flat) == 1 else kind(tuple(sorted(flat, key=hash)))


# ---------------------------------------------------------------------- what operands prove


def weaker_than(one: Test, other: Test) -> bool:
    """Whether what makes one test TRUE makes the other TRUE, and what makes the other FALSE makes the one FALSE."""
    if one.fact != other.fact:
        return False
    a, b = one.operand, other.operand
    if isinstance(a, Span) and isinstance(b, Span) and a.acts == b.acts:  # one weighing for all operators
        return (b.start is None or (a.start is not None and a.start >= b.start)) and (
            b.end is None or (a.end is not None and a.end <= b.end)
        )
    if one.op is not other.op:
        return False
    if isinstance(a, frozenset) and isinstance(b, frozenset):
        return a <= b
    if isinstance(a, HsRanges) and isinstance(b, HsRanges):
        return all(
            any(low <= start and end <= high for low, high in (r.bounds for r in b.ranges))
            for start, end in (r.bounds for r in a.ranges)
        )
    if isinstance(a, Measure) and isinstance(b, Measure) and a.unit == b.unit:
        return a.value >= b.value if one.op in (Op.ABOVE, Op.AT_LEAST) else a.value <= b.value
    return False


def _covered(atoms: Sequence[Test]) -> Iterator[tuple[Test, tuple[Test, ...]]]:
    """Yield tests of words with others that name all their words between them: FALSE of those is FALSE of it."""
    for test in atoms:
        if test.op is not Op.INCLUDE or not isinstance(test.operand, frozenset):
            continue
        others = tuple(
            a
            for a in atoms
            if a is not test
            and (a.fact, a.op) == (test.fact, test.op)
            and isinstance(a.operand, frozenset)
            and a.operand & test.operand
        )
        words: frozenset[str] = frozenset().union(*(a.operand for a in others if isinstance(a.operand, frozenset)))
        if len(others) > 1 and test.operand <= words:
            yield test, others


# ---------------------------------------------------------------------- tables
#
# Valuations stand side by side as the bits of two long numbers an atom: where it is TRUE, and where it is FALSE. A
# condition is then worked out for all of them at once.

_Rails = tuple[int, int]


def _same_by_tables(one: _Form, other: _Form, atoms: Sequence[Test]) -> bool:
    """Whether no valuation at all tells two forms apart."""
    columns, every = _all_valuations(len(atoms))
    return not _differing(one, other, dict(zip(atoms, columns, strict=True)), every)


def _told_apart_by_sample(one: _Form, other: _Form, atoms: Sequence[Test]) -> bool:
    """Whether some valuation of a fixed sample tells two forms apart, so that z3 need not be asked."""
    positive = _polarities(one)
    rng = Random(len(atoms))  # noqa: S311  # a sample, not a secret
    every = (1 << (3 * _SAMPLE)) - 1
    table = {}
    for test in atoms:
        usual = other_way = 0
        for block, draws in enumerate((1, 2, 3)):  # the truth that makes the rule hold, in 1/2, 3/4, 7/8 of cases
            bits = 0
            for _ in range(draws):
                bits |= rng.getrandbits(_SAMPLE)
            usual |= bits << (block * _SAMPLE)
            other_way |= (rng.getrandbits(_SAMPLE) & ~bits) << (block * _SAMPLE)
        table[test] = (usual, other_way) if positive.get(test, True) else (other_way, usual)
    return bool(_differing(one, other, table, every))


def _differing(one: _Form, other: _Form, table: Mapping[Test, _Rails], every: int) -> int:
    admissible = every
    for a, b in permutations(table, 2):
        if weaker_than(a, b):
            admissible &= ~(table[a][0] & ~table[b][0]) & ~(table[b][1] & ~table[a][1])
    for test, others in _covered(tuple(table)):
        nowhere = every
        for covering in others:
            nowhere &= table[covering][1]
        admissible &= ~(nowhere & ~table[test][1])
    mine, theirs = _verdicts(one, table, every), _verdicts(other, table, every)
    differing = 0
    for name in {**mine, **theirs}:
        differing |= mine.get(name, 0) ^ theirs.get(name, 0)
    return differing & admissible


def _verdicts(form: _Form, table: Mapping[Test, _Rails], every: int) -> dict[str, int]:
    """Return for each verdict the valuations that give it; the rest is open."""
    holds, fails = _worked_out(form[0], table, every)
    verdicts = {"none": fails}
    taken, none_open = 0, every
    for paragraph, condition in form[1]:
        t, f = _worked_out(condition, table, every)
        verdicts[paragraph] = verdicts.get(paragraph, 0) | (t & ~fails & ~taken)
        taken |= t
        none_open &= f
    verdicts["settled"] = holds & none_open
    return verdicts


def _worked_out(condition: Condition, table: Mapping[Test, _Rails], every: int) -> _Rails:
    match condition:
        case Test():
            return table[condition]
        case Not(part):
            t, f = _worked_out(part, table, every)
            return f, t
        case Contested(part):
            return 0, _worked_out(part, table, every)[1]
        case All(parts):
            t, f = every, 0
            for part in parts:
                holds, fails = _worked_out(part, table, every)
                t, f = t & holds, f | fails
            return t, f
        case AnyOf(parts):
            t, f = 0, every
            for part in parts:
                holds, fails = _worked_out(part, table, every)
                t, f = t | holds, f & fails
            return t, f


@lru_cache(maxsize=_FEW + 1)
def _all_valuations(atoms: int) -> tuple[tuple[_Rails, ...], int]:
    """Return the columns of the table of all valuations of some atoms, and all its rows."""
    rows = 3**atoms
    columns = []
    for i in range(atoms):
        width = 3**i
        t = sum(((1 << width) - 1) << start for start in range(0, rows, 3 * width))
        columns.append((t, t << width))
    return tuple(columns), (1 << rows) - 1


def _polarities(form: _Form) -> dict[Test, bool]:
    """Return for each test whether its being TRUE speaks for the rule, as it stands first."""
    found: dict[Test, bool] = {}

    def walk(condition: Condition, positive: bool) -> None:
        match condition:
            case Test():
                found.setdefault(condition, positive)
            case Not(part):
                walk(part, not positive)
            case Contested(part):
                walk(part, positive)
            case All(parts) | AnyOf(parts):
                for part in parts:
                    walk(part, positive)

    for condition in _conditions(form):
        walk(condition, True)
    return found


# ---------------------------------------------------------------------- z3


@lru_cache(maxsize=1)
def _z3() -> ModuleType | None:
    try:
        return import_module("z3")
    except ImportError:
        return None


def _same_by_z3(one: _Form, other: _Form, atoms: Sequence[Test]) -> bool:
    z3 = _z3()
    if z3 is None:
        return False  # without the extra nothing is claimed
    true = {test: z3.Bool(f"t{i}") for i, test in enumerate(atoms)}
    false = {test: z3.Bool(f"f{i}") for i, test in enumerate(atoms)}
    solver = z3.Solver()
    solver.set("timeout", _MILLISECONDS)
    for test in atoms:
        solver.add(z3.Not(z3.And(true[test], false[test])))
    for a, b in combinations(atoms, 2):
        for low, high in ((a, b), (b, a)):
            if weaker_than(low, high):
                solver.add(z3.Implies(true[low], true[high]), z3.Implies(false[high], false[low]))
    for test, others in _covered(atoms):
        solver.add(z3.Implies(z3.And([false[o] for o in others]), false[test]))

    def rails(condition: Condition) -> tuple[Any, Any]:  # z3 ships no types
        match condition:
            case Test():
                return true[condition], false[condition]
            case All(parts):
                pairs = [rails(part) for part in parts]
                return z3.And([t for t, _ in pairs]), z3.Or([f for _, f in pairs])
            case AnyOf(parts):
                pairs = [rails(part) for part in parts]
                return z3.Or([t for t, _ in pairs]), z3.And([f for _, f in pairs])
            case Not(part):
                t, f = rails(part)
                return f, t
            case Contested(part):
                return z3.BoolVal(False), rails(part)[1]

    solver.add(z3.Not(_equal(_rails_of(one, rails, z3), _rails_of(other, rails, z3), z3)))
    return bool(solver.check() == z3.unsat)


def _rails_of(form: _Form, rails: Callable[[Condition], tuple[Any, Any]], z3: Any) -> dict[str, Any]:
    """Return for each verdict when it is given; what is none of these is open."""
    holds, fails = rails(form[0])
    verdicts: dict[str, Any] = {"none": fails}
    earlier: list[Any] = []
    unless = [(paragraph, *rails(condition)) for paragraph, condition in form[1]]
    for paragraph, t, _ in unless:
        first = z3.And([z3.Not(fails), t, *(z3.Not(e) for e in earlier)])
        verdicts[paragraph] = z3.Or(verdicts[paragraph], first) if paragraph in verdicts else first
        earlier.append(t)
    verdicts["settled"] = z3.And([holds, *(f for _, _, f in unless)])
    return verdicts


def _equal(one: Mapping[str, Any], other: Mapping[str, Any], z3: Any) -> Any:
    never = z3.BoolVal(False)
    return z3.And([one.get(name, never) == other.get(name, never) for name in {**one, **other}])
