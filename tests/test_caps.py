"""Caps: totals, periods, units, steps and notices, each by what they mean for a verdict."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sanctions_engine.condition import ApprovalSpec, CapSpec, Measure
from sanctions_engine.engine import Engine
from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.readings import Weighed
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Truth

LINE = Subject(ForEach.GOODS, 0, "goods[0]")
CAP = CapSpec("2397/5", (Measure(Decimal(500000), "barrel"),))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(matcher="python")


def facts(engine: Engine, **changes: object) -> FactBase:
    base: dict[str, object] = {
        "occurred": "2021-06-01",
        "activities": ["sale"],
        "goods": [{"description": "diesel", "hs": "2710.19", "quantity": {"value": 1000, "unit": "barrel"}}],
        "cumulative": [{"measure": "2397/5", "value": 100000, "unit": "barrel"}],
    }
    return engine.facts(Transaction.of({**base, **changes}))


def total(engine: Engine, cap: CapSpec = CAP, **changes: object) -> Weighed:
    return facts(engine, **changes).weigh_total(cap, LINE)


def stated(value: int, unit: str = "barrel", **more: object) -> list[dict[str, object]]:
    return [{"measure": "2397/5", "value": value, "unit": unit, **more}]


def test_total_with_this_delivery_counts(engine: Engine) -> None:
    assert total(engine, cumulative=stated(499000)).truth is Truth.FALSE
    assert total(engine, cumulative=stated(499001)).truth is Truth.TRUE


def test_no_total_is_a_question(engine: Engine) -> None:
    weighed = total(engine, cumulative=None)
    assert weighed.truth is Truth.UNKNOWN
    assert [gap.path for gap in weighed.gaps] == ["cumulative"]


def test_total_of_another_year_does_not_count(engine: Engine) -> None:
    assert total(engine, cumulative=stated(600000, period="2020")).truth is Truth.UNKNOWN
    assert total(engine, cumulative=stated(600000, period="2021")).truth is Truth.TRUE


def test_tonnes_without_a_factor_stay_open_and_show_the_range(engine: Engine) -> None:
    weighed = total(engine, cumulative=stated(90000, "tonnes"))
    assert weighed.truth is Truth.UNKNOWN
    assert [gap.path for gap in weighed.gaps] == ["cumulative[0].barrels_per_tonne"]
    assert "630,000 to 749,700 barrels" in weighed.evidence[0].shown


def test_tonnes_with_a_stated_factor_are_compared(engine: Engine) -> None:
    assert total(engine, cumulative=stated(60000, "tonnes", barrels_per_tonne="8.5")).truth is Truth.TRUE


def test_line_in_tonnes_asks_for_its_factor(engine: Engine) -> None:
    line = {"description": "diesel", "hs": "2710.19", "quantity": {"value": 1000, "unit": "tonne"}}
    weighed = total(engine, goods=[line])
    assert [gap.path for gap in weighed.gaps] == ["goods[0].quantity.barrels_per_tonne"]


def test_step_is_reached_where_a_cap_must_be_exceeded(engine: Engine) -> None:
    step = CapSpec("2397/5", CAP.limits, Decimal("0.75"))
    assert total(engine, step, cumulative=stated(374000)).truth is Truth.TRUE
    assert total(engine, step, cumulative=stated(373999)).truth is Truth.FALSE


def test_only_what_went_before_counts_for_the_stop(engine: Engine) -> None:
    stop = CapSpec("2397/5", CAP.limits, Decimal("0.95"), before=True)
    assert total(engine, stop, cumulative=stated(474999)).truth is Truth.FALSE
    assert total(engine, stop, cumulative=stated(475000)).truth is Truth.TRUE


def test_value_counts_where_the_weight_is_under_its_limit(engine: Engine) -> None:
    coal = CapSpec("2321/26", (Measure(Decimal(400870018), "USD"), Measure(Decimal(7500000), "tonne")))
    line = {
        "description": "coal",
        "quantity": {"value": 10, "unit": "tonne"},
        "value": {"value": 2000, "currency": "USD"},
    }
    so_far = [
        {"measure": "2321/26", "value": 1000, "unit": "tonne"},
        {"measure": "2321/26", "value": 400869000, "unit": "USD"},
    ]
    assert total(engine, coal, goods=[line], cumulative=so_far).truth is Truth.TRUE


COAL_BOTH = CapSpec("2321/26", (Measure(Decimal(400870018), "USD"), Measure(Decimal(7500000), "tonne")), lowest=True)
COAL_LINE = {
    "description": "coal",
    "quantity": {"value": 10, "unit": "tonne"},
    "value": {"value": 2000, "currency": "USD"},
}


def test_a_limit_that_binds_too_must_be_known_to_hold(engine: Engine) -> None:
    weight = {"measure": "2321/26", "value": 1000, "unit": "tonne"}
    value = {"measure": "2321/26", "value": 1000, "unit": "USD"}
    for one in (weight, value):
        weighed = total(engine, COAL_BOTH, goods=[COAL_LINE], cumulative=[one])
        assert weighed.truth is Truth.UNKNOWN
        assert [gap.path for gap in weighed.gaps] == ["cumulative"]
    assert total(engine, COAL_BOTH, goods=[COAL_LINE], cumulative=[weight, value]).truth is Truth.FALSE
    over = {**weight, "value": 7500000}
    assert total(engine, COAL_BOTH, goods=[COAL_LINE], cumulative=[over]).truth is Truth.TRUE


def test_one_limit_in_two_units_is_answered_in_either(engine: Engine) -> None:
    crude = CapSpec("2397/4", (Measure(Decimal(4000000), "barrel"), Measure(Decimal(525000), "tonne")))
    line = {"description": "crude oil", "quantity": {"value": 10, "unit": "tonne"}}
    assert (
        total(engine, crude, goods=[line], cumulative=[{"measure": "2397/4", "value": 1000, "unit": "tonne"}]).truth
        is Truth.FALSE
    )


def test_a_missing_value_is_asked_for_as_a_value(engine: Engine) -> None:
    line = {"description": "coal", "quantity": {"value": 10, "unit": "tonne"}}
    both = [{"measure": "2321/26", "value": 1000, "unit": unit} for unit in ("tonne", "USD")]
    assert [g.path for g in total(engine, COAL_BOTH, goods=[line], cumulative=both).gaps] == ["goods[0].value"]


def test_a_total_is_held_against_the_day_of_the_act_itself(engine: Engine) -> None:
    act = [{"kind": "sale", "on": "2020-12-30"}]
    last_year = stated(600000, period="2020")
    assert total(engine, activities=act, cumulative=last_year).truth is Truth.TRUE
    assert total(engine, cumulative=last_year).truth is Truth.UNKNOWN


def test_an_approval_is_held_against_the_day_of_the_act_itself(engine: Engine) -> None:
    spec = ApprovalSpec("un.1718-committee", "approval", frozenset())
    held = {
        "by": "1718 Committee",
        "kind": "approval",
        "granted": "2021-01-01",
        "expires": "2021-12-31",
        "covers": ["goods[0]"],
    }
    early = [{"kind": "sale", "on": "2020-12-30"}]
    assert facts(engine, approvals=[held]).weigh_approval(spec, LINE).truth is Truth.TRUE
    assert facts(engine, approvals=[held], activities=early).weigh_approval(spec, LINE).truth is Truth.FALSE


def test_limit_without_a_number_is_the_stated_one(engine: Engine) -> None:
    frozen = CapSpec("2397/5", (), limit_from="prior")
    assert [gap.path for gap in total(engine, frozen).gaps] == ["cumulative"]
    prior = [*stated(100000), {"measure": "prior", "value": 100500, "unit": "barrel"}]
    assert total(engine, frozen, cumulative=prior).truth is Truth.TRUE


@pytest.mark.parametrize(("granted", "truth"), [("2021-07-01", Truth.TRUE), ("2021-07-02", Truth.FALSE)])
def test_notice_counts_within_its_days(engine: Engine, granted: str, truth: Truth) -> None:
    spec = ApprovalSpec("un.1718-committee", "notification", frozenset(), within_days=30)
    held = {"by": "China", "to": "1718 Committee", "kind": "notification", "granted": granted, "covers": ["goods[0]"]}
    assert facts(engine, approvals=[held]).weigh_approval(spec, LINE).truth is truth


def test_what_is_not_said_to_come_from_elsewhere_originates_at_its_start(engine: Engine) -> None:
    base = facts(engine, route={"from": {"country": "KP"}, "to": {"country": "CN"}})
    assert base.read("origin.states", LINE).certain() == {"KP"}
