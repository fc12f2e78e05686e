"""The solver says what a brute-force search over small worlds says."""

# ruff: noqa: E501  # the worlds are a table

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.assurance.solver import Solver
from sanctions_engine.condition import All, AnyOf, CapSpec, Condition, Contested, Measure, Not, Op, Span, Test
from sanctions_engine.facts import ForEach
from sanctions_engine.intake.categories import GoodsCategories
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.rulebook import bundled_rules


@pytest.fixture(scope="module")
def goods() -> GoodsCategories:
    return GoodsCategories.load(bundled_rules() / "un" / "goods.yaml")


@dataclass(frozen=True)
class World:
    """One way things may be."""

    modes: frozenset[str]
    kind: str
    evasion: bool
    day: date
    categories: frozenset[str]

    def holds(self, condition: Condition) -> bool:
        match condition:
            case Test("mode", Op.INCLUDE, frozenset() as words):
                return bool(self.modes & words)
            case Test("mode", Op.ONLY, frozenset() as words):
                return bool(self.modes) and self.modes <= words
            case Test("vessel.kind", _, frozenset() as words):
                return self.kind in words
            case Test("evasion", _, wanted):
                return self.evasion is wanted
            case Test("occurred", _, Span(start, end)):
                return (start is None or self.day >= start) and (end is None or self.day < end)
            case Test("goods.categories", _, frozenset() as words):
                return bool(self.categories & words)
            case Not(part):
                return not self.holds(part)
            case All(parts):
                return all(self.holds(part) for part in parts)
            case AnyOf(parts):
                return any(self.holds(part) for part in parts)
        raise TypeError(condition)


MODES = ("sea", "rail", "road")  # a third stands for every other
DAYS = tuple(date(2016, 1, day) for day in (1, 5, 9))
CLASSES: tuple[frozenset[str], ...] = tuple(
    frozenset(one)
    for one in ((), ("diesel", "refined_petroleum", "petroleum"), ("refined_petroleum", "petroleum"), ("petroleum",), ("coal",), ("diesel", "refined_petroleum", "petroleum", "coal"))
)  # fmt: skip
WORLDS = [
    World(frozenset(modes), kind, evasion, day, classes)
    for n in range(4)
    for modes in combinations(MODES, n)
    for kind, evasion, day, classes in product(
        ("ship", "aircraft"), (True, False), [d + timedelta(s) for d in DAYS for s in (-1, 0, 1)], CLASSES
    )
]


def words(of: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(of), min_size=1, max_size=2)


TESTS = st.one_of(
    st.builds(lambda op, w: Test("mode", op, w), st.sampled_from([Op.INCLUDE, Op.ONLY]), words(MODES[:2])),
    st.builds(lambda w: Test("vessel.kind", Op.INCLUDE, w), words(("ship", "aircraft"))),
    st.builds(lambda yes: Test("evasion", Op.IS, yes), st.booleans()),
    st.builds(
        lambda a, b: Test("occurred", Op.WITHIN, Span(a, b)),
        st.one_of(st.none(), st.sampled_from(DAYS)),
        st.one_of(st.none(), st.sampled_from(DAYS)),
    ),
    st.builds(lambda w: Test("goods.categories", Op.INCLUDE, w), words(("diesel", "petroleum", "coal"))),
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)


@given(CONDITIONS)
def test_what_some_world_meets_is_satisfiable_and_nothing_else(goods: GoodsCategories, condition: Condition) -> None:
    solver = Solver(goods, ForEach.VESSEL)
    assert solver.satisfiable(condition) == any(world.holds(condition) for world in WORLDS)


@given(CONDITIONS, CONDITIONS)
def test_what_follows_in_every_world_is_implied(goods: GoodsCategories, one: Condition, other: Condition) -> None:
    solver = Solver(goods, ForEach.VESSEL)
    assert solver.implies(one, other) == all(world.holds(other) for world in WORLDS if world.holds(one))


@given(CONDITIONS)
def test_a_model_makes_the_condition_hold(goods: GoodsCategories, condition: Condition) -> None:
    model = Solver(goods, ForEach.VESSEL).model(condition)
    assumed = (
        [] if model is None else [t if wanted else Not(t) for literals in model.values() for t, wanted in literals]
    )
    if model is not None:
        for world in WORLDS:
            if all(world.holds(literal) for literal in assumed):
                assert world.holds(condition)


def test_a_higher_share_of_a_cap_reaches_a_lower_one(goods: GoodsCategories) -> None:
    cap = (Measure(Decimal(500), "barrel"),)
    low, high = (Test("cumulative", Op.EXCEEDS, CapSpec("9999/1", cap, Decimal(s))) for s in ("0.75", "0.95"))
    solver = Solver(goods, ForEach.GOODS)
    assert solver.implies(high, low)
    assert not solver.implies(low, high)


def test_an_activity_has_one_kind_where_each_is_judged_alone(goods: GoodsCategories) -> None:
    both = All(tuple(Test("activity", Op.INCLUDE, frozenset({word})) for word in ("sale", "transport")))
    assert not Solver(goods, ForEach.ACTIVITY).satisfiable(both)
    assert Solver(goods, ForEach.GOODS).satisfiable(both)


def test_a_line_has_one_code_but_a_transaction_several(goods: GoodsCategories) -> None:
    both = All(tuple(Test("goods.hs", Op.UNDER, HsRanges([codes])) for codes in ("27", "84-85")))
    assert not Solver(goods, ForEach.GOODS).satisfiable(both)
    assert Solver(goods, ForEach.TRANSACTION).satisfiable(both)


def test_what_is_contested_may_hold(goods: GoodsCategories) -> None:
    test = Test("evasion", Op.IS, True)
    solver = Solver(goods, ForEach.GOODS)
    assert solver.satisfiable(Contested(test, "why"))
    assert not solver.satisfiable(Contested(test, "why"), Not(test))


def test_a_search_that_takes_too_long_claims_nothing(goods: GoodsCategories) -> None:
    # Pigeons and holes: no tableau proves it in few steps, so that it cannot be excluded must be the answer.
    flags = [
        f"{role}.listed" for role in ("supplier", "recipient", "end_user", "broker", "carrier", "crew", "payer", "bank")
    ]
    holes = [f"h{i}" for i in range(7)]

    def sits(pigeon: str, hole: str) -> Test:
        return Test(pigeon, Op.INCLUDE, frozenset({hole}))

    everyone = [AnyOf(tuple(sits(p, h) for h in holes)) for p in flags]
    alone = [Not(All((sits(p, h), sits(q, h)))) for h in holes for p, q in combinations(flags, 2)]
    assert Solver(goods, ForEach.GOODS).satisfiable(*everyone, *alone)


def _include(fact: str, word: str) -> Test:
    return Test(fact, Op.INCLUDE, frozenset({word}))


def test_a_vessel_may_fly_two_flags(goods: GoodsCategories) -> None:
    both = All((_include("vessel.flag", "KP"), _include("vessel.flag", "MN")))
    assert Solver(goods, ForEach.VESSEL).satisfiable(both)


def test_relief_may_be_a_supply_too_but_nothing_is_two_other_acts(goods: GoodsCategories) -> None:
    solver = Solver(goods, ForEach.ACTIVITY)
    assert solver.satisfiable(All((_include("activity", "humanitarian"), _include("activity", "supply"))))
    assert not solver.satisfiable(All((_include("activity", "sale"), _include("activity", "supply"))))
    only = Test("activity", Op.ONLY, frozenset({"humanitarian"}))
    assert not solver.satisfiable(All((only, _include("activity", "supply"))))
    assert solver.satisfiable(All((Not(only), _include("activity", "humanitarian"))))


def test_only_goods_cannot_come_from_where_they_go(goods: GoodsCategories) -> None:
    there = All((_include("from.states", "KP"), _include("destination.states", "KP")))
    assert not Solver(goods, ForEach.GOODS).satisfiable(there)
    assert Solver(goods, ForEach.ACTIVITY).satisfiable(there)


@pytest.mark.parametrize("fact", ["mode", "start.states", "party.states", "supplier.kind"])
def test_only_wants_a_value_and_no_other(goods: GoodsCategories, fact: str) -> None:
    words = {"mode": ("sea", "rail"), "supplier.kind": ("bank", "ngo")}.get(fact, ("KP", "CN"))
    solver = Solver(goods, ForEach.PARTY)
    only = Test(fact, Op.ONLY, frozenset({words[0]}))
    assert solver.implies(only, _include(fact, words[0]))
    assert not solver.implies(_include(fact, words[0]), only) or fact == "start.states"
    assert not solver.implies(Not(_include(fact, words[1])), only)  # it may have no value at all
    assert not solver.satisfiable(All((only, _include(fact, words[1]))))
    assert solver.satisfiable(All((Not(only), Not(_include(fact, words[0])), Not(_include(fact, words[1])))))
