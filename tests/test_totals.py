"""A total is held against its cap as every unit factor, quantity and period it may mean would have it."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.condition import CapSpec, Measure
from sanctions_engine.engine import Engine
from sanctions_engine.facts import ForEach, Subject
from sanctions_engine.readings import Weighed
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Truth

ENGINE = Engine(matcher="python")
LINE = Subject(ForEach.GOODS, 0, "goods[0]")
CAP = 100
FACTORS = (5, 7, 10)
"""Barrels in a tonne, as different people count."""


def total(
    entries: list[dict[str, object]], quantity: object = None, *, occurred: str = "2021-06", **cap: Any
) -> Weighed:
    line = {"description": "diesel", **({} if quantity is None else {"quantity": quantity})}
    raw = {"occurred": occurred, "activities": ["sale"], "goods": [line], "cumulative": entries}
    spec = CapSpec("2397/5", (Measure(Decimal(CAP), "barrel"),), **cap)
    return ENGINE.facts(Transaction.of(raw)).weigh_total(spec, LINE)


def stated(value: int, unit: str = "barrel", **more: object) -> dict[str, object]:
    return {"measure": "2397/5", "value": value, "unit": unit, **more}


amounts = st.sampled_from([0, 5, 9, 10, 11, 15, 20, 50, 91, 99, 100, 101])
units = st.sampled_from(["barrel", "tonne"])


@given(
    amounts,
    units,
    st.none() | st.sampled_from(FACTORS),
    st.none() | st.tuples(amounts, units),
    st.sampled_from([Decimal(1), Decimal("0.5")]),
    st.booleans(),
)
def test_a_total_passes_its_cap_as_every_factor_and_quantity_says(
    value: int, unit: str, factor: int | None, quantity: tuple[int, str] | None, share: Decimal, before: bool
) -> None:
    entry = stated(value, unit, **({} if factor is None else {"barrels_per_tonne": factor}))
    line = None if quantity is None else {"value": quantity[0], "unit": quantity[1]}
    truth = total([entry], line, share=share, before=before).truth
    found = set()
    factors = FACTORS if factor is None else (factor,)
    lines = [quantity] if quantity else [(0, "barrel"), (1000, "barrel")]
    for per_tonne, own_per_tonne, (own, own_unit) in product(factors, factors, lines):
        so_far = value * (per_tonne if unit == "tonne" else 1)
        added = 0 if before else own * (own_per_tonne if own_unit == "tonne" else 1)
        sum_, limit = so_far + added, CAP * share
        found.add(sum_ >= limit if share < 1 or before else sum_ > limit)
    if truth is not Truth.UNKNOWN:
        assert found == {truth is Truth.TRUE}
    elif factor is not None or (unit == "barrel" and quantity is None):
        assert found == {True, False}


@pytest.mark.parametrize("value", [50, 150])
@pytest.mark.parametrize(
    ("occurred", "period"), [("2021-06", "2021-06-01/2021-06-15"), ("[2020-12..2021-01]", "2021"), ("2021", "2021-06")]
)
def test_a_total_of_a_period_that_may_be_another_is_unknown(value: int, occurred: str, period: str) -> None:
    weighed = total([stated(value, period=period)], {"value": 1, "unit": "barrel"}, occurred=occurred)
    assert weighed.truth is Truth.UNKNOWN
    assert [gap.path for gap in weighed.gaps] == ["occurred"]


def test_a_total_that_surely_counts_is_not_undone_by_one_that_may() -> None:
    sure, perhaps = stated(150, period="2021"), stated(50, period="2021-06-01/2021-06-15")
    assert total([sure, perhaps], {"value": 1, "unit": "barrel"}).truth is Truth.TRUE


def test_a_total_that_may_count_and_exceeds_leaves_it_open() -> None:
    sure, perhaps = stated(50, period="2021"), stated(150, period="2021-06-01/2021-06-15")
    assert total([sure, perhaps], {"value": 1, "unit": "barrel"}).truth is Truth.UNKNOWN


def test_the_last_year_there_is_is_a_period_like_others() -> None:
    assert total([stated(150, period="9999")], occurred="9999-12-31").truth is Truth.TRUE
