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
from itertools import combinations, product
from types import ModuleType
from typing import Any

from sanctions_engine.condition import All, AnyOf, Condition, Contested, Measure, Not, Op, Span, Test, tests_of
from sanctions_engine.finding import Outcome, outcome_of
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.rule import CompiledRule
from sanctions_engine.truth import Truth, all_of, any_of

__all__ = ["Proof", "same_verdict", "weaker_than"]

_FEW = 7
"""Atoms up to which all valuations are tried: 3**7 are 2187."""
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
    atoms = tuple(dict.fromkeys(test for form in (left, right) for part in _conditions(form) for test in tests_of(part)))
    if len(atoms) <= _FEW:
        return Proof("tables") if _same_by_tables(left, right, atoms) else None
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
    if one.fact != other.fact or one.op is not other.op:
        return False
    a, b = one.operand, other.operand
    if isinstance(a, frozenset) and isinstance(b, frozenset):
        return a <= b
    if isinstance(a, HsRanges) and isinstance(b, HsRanges):
        return all(
            any(low <= start and end <= high for low, high in (r.bounds for r in b.ranges))
            for start, end in (r.bounds for r in a.ranges)
        )
    if isinstance(a, Span) and isinstance(b, Span) and one.op is Op.WITHIN and a.activities == b.activities:
        return (b.start is None or (a.start is not None and a.start >= b.start)) and (
            b.end is None or (a.end is not None and a.end <= b.end)
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

_VALUES = (Truth.FALSE, Truth.UNKNOWN, Truth.TRUE)


def _same_by_tables(one: _Form, other: _Form, atoms: Sequence[Test]) -> bool:
    order = [(a, b) for a in atoms for b in atoms if a is not b and weaker_than(a, b)]
    covered = list(_covered(atoms))
    for values in product(_VALUES, repeat=len(atoms)):
        at = dict(zip(atoms, values, strict=True))
        if any((at[a] is Truth.TRUE and at[b] is not Truth.TRUE) for a, b in order):
            continue
        if any((at[b] is Truth.FALSE and at[a] is not Truth.FALSE) for a, b in order):
            continue
        if any(at[t] is not Truth.FALSE and all(at[o] is Truth.FALSE for o in others) for t, others in covered):
            continue
        if _verdict(one, at) != _verdict(other, at):
            return False
    return True


def _verdict(form: _Form, at: Mapping[Test, Truth]) -> str:
    when = _truth(form[0], at)
    if when is Truth.FALSE:
        return "none"
    unless = [(paragraph, _truth(condition, at)) for paragraph, condition in form[1]]
    exempt = next((paragraph for paragraph, truth in unless if truth is Truth.TRUE), None)
    if exempt is not None:
        return exempt
    return "open" if when is Truth.UNKNOWN or any(t is Truth.UNKNOWN for _, t in unless) else "settled"


def _truth(condition: Condition, at: Mapping[Test, Truth]) -> Truth:
    match condition:
        case Test():
            return at[condition]
        case All(parts):
            return all_of(_truth(part, at) for part in parts)
        case AnyOf(parts):
            return any_of(_truth(part, at) for part in parts)
        case Not(part):
            return ~_truth(part, at)
        case Contested(part):
            return _truth(part, at) & Truth.UNKNOWN


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
