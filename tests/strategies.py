"""Hypothesis strategies: described transactions in the shape users write, and conditions over their facts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

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
from sanctions_engine.intake.hs import HsRanges

COUNTRIES = [
    "North Korea",
    "KP",
    "RU",
    "Russian Federation",
    "China",
    "Korea",
    "Congo",
    "Poland",
    "SG",
    "Iran",
    "Libya",
]
DESCRIPTIONS = [
    "infantry rockets", "wheat", "152mm artillery shells", "spare parts", "tractor", "steam coal", "frozen squid",
    "equipment", "men's cotton shirts", "diesel", "crude oil", "Rolex watch", "gas turbine", "medicine", "rocket salad",
]  # fmt: skip
HS = ["9306", "93", "8701", "1001", "2701", "0307", "84", "62", "2710", "2709", ["9301", "9306"], ["1001", "8701"]]
NAMES = ["Korea Mining Development Trading Corporation", "KOMID", "Wagner Group", "Acme Trading", "Foreign Trade Bank",
         "Ministry of Defence", "Kim Chol", "Dandong Sea Foods", "Mansudae Overseas Project"]  # fmt: skip
ACTIVITIES = ["sale", "transport", "procurement", "payment", "insurance", "employment", "training", "joint_venture",
              "chartering", "talks", "teaching", "ship_to_ship_transfer", "bank_account", "technical_assistance"]  # fmt: skip
ROLES = ["supplier", "recipient", "end_user", "carrier", "payer", "payee", "bank", "insurer", "insured", "employer",
         "worker", "partner", "service_provider", "student", "broker", "owner", "operator", "charterer"]  # fmt: skip
KINDS = ["company", "state_organ", "armed_forces", "bank", "individual", "private_military_company", "ngo", "un_body"]
DATES = ["2006-10-14", "2009-06-12", "2016-03-02", "2017-08-05", "2017-12-21", "2017-12-22", "2018-01", "2022",
         "2022-11-18/2022-11-19", "[2017-12-20..2017-12-25]", "2023-05-04", "2016-11-01/2017-12-30", "2024-02-01/.."]  # fmt: skip


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def _dropping_none(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value is not None}


parties = st.fixed_dictionaries(
    {
        "name": _maybe(st.sampled_from(NAMES)),
        "roles": _maybe(st.lists(st.sampled_from(ROLES), max_size=2)),
        "kind": _maybe(st.sampled_from(KINDS)),
        "jurisdiction": _maybe(st.sampled_from(COUNTRIES)),
        "nationality": _maybe(st.sampled_from(COUNTRIES)),
        "listed": _maybe(st.sampled_from([[], [{"regime": "un.dprk"}], True])),
    }
).map(_dropping_none)

goods = st.fixed_dictionaries(
    {
        "description": _maybe(st.sampled_from(DESCRIPTIONS)),
        "hs": _maybe(st.sampled_from(HS)),
        "origin": _maybe(st.sampled_from(COUNTRIES)),
        "condition": _maybe(st.sampled_from(["new", "used"])),
        "quantity": _maybe(st.sampled_from(["500 tonnes", "900 barrels", "3 pieces"])),
        "unit_value": _maybe(st.sampled_from(["USD 50", "USD 5000"])),
    }
).map(_dropping_none)

vessels = st.fixed_dictionaries(
    {
        "name": _maybe(st.sampled_from(["Angara", "Ocean Star", "Chon Ma San"])),
        "flag": _maybe(st.sampled_from(COUNTRIES)),
        "roles": _maybe(st.lists(st.sampled_from(["carrier", "insured", "delivering", "receiving"]), max_size=1)),
        "owner": _maybe(st.sampled_from(["Sea Holdings", "Acme Shipping"])),
        "suspected_of": _maybe(st.sampled_from([[], ["prohibited transport"]])),
        "ais_off": _maybe(st.booleans()),
    }
).map(_dropping_none)

ends = st.fixed_dictionaries({"country": _maybe(st.sampled_from(COUNTRIES)), "place": _maybe(st.just("Khasan"))}).map(
    _dropping_none
)

approvals = st.fixed_dictionaries(
    {
        "by": st.sampled_from(["1718 Committee", "State", "Russia"]),
        "kind": st.sampled_from(["approval", "notification"]),
        "granted": _maybe(st.sampled_from(["2016-01-01", "2022-01-01"])),
        "expires": _maybe(st.sampled_from(["2017-01-01", "2030-01-01"])),
        "covers": _maybe(st.just(["transaction"])),
    }
).map(_dropping_none)

described = st.fixed_dictionaries(
    {
        "occurred": _maybe(st.sampled_from(DATES)),
        "contracted": _maybe(st.sampled_from(DATES[:7])),
        "activities": _maybe(st.lists(st.sampled_from(ACTIVITIES), max_size=2, unique=True)),
        "parties": _maybe(st.lists(parties, max_size=3)),
        "goods": _maybe(st.lists(goods, max_size=2)),
        "vessels": _maybe(st.lists(vessels, max_size=2)),
        "route": _maybe(
            st.fixed_dictionaries(
                {"from": _maybe(ends), "to": _maybe(ends), "via": _maybe(st.lists(ends, max_size=1))}
            ).map(_dropping_none)
        ),
        "purposes": _maybe(st.sampled_from([[], ["humanitarian"], ["livelihood"]])),
        "grounds": _maybe(st.sampled_from([[], ["could_contribute"]])),
        "approvals": _maybe(st.lists(approvals, max_size=2)),
        "cumulative": _maybe(st.sampled_from([[], [{"measure": "2397/5", "value": "499000", "unit": "barrel"}]])),
        "determinations": _maybe(st.sampled_from([[], [{"by": "State", "paragraph": "2270/8"}]])),
        "unknown": _maybe(st.sampled_from([["payments"], ["parties"], ["vessels"], ["route.to.country"]])),
    }
).map(_dropping_none)
"""Transactions of every degree of completeness, most with a DPRK nexus."""

_words = {
    "activity": ACTIVITIES,
    "party_kind": KINDS,
    "category": ["arms", "machinery", "coal", "textiles", "seafood", "luxury_goods", "refined_petroleum", "food"],
}
tests = st.one_of(
    st.sampled_from(ACTIVITIES).map(lambda w: Test("activity", Op.INCLUDE, frozenset({w}))),
    st.sampled_from([("KP",), ("RU", "CN"), ("KR",)]).flatmap(
        lambda codes: st.sampled_from(
            [
                "from.states",
                "to.states",
                "start.states",
                "destination.states",
                "supplier.states",
                "recipient.states",
                "parties.states",
                "vessel.flag",
                "via.states",
                "origin.states",
            ]
        ).map(lambda fact: Test(fact, Op.INCLUDE, frozenset(codes)))
    ),
    st.sampled_from(["recipient.states", "parties.kind", "vessel.flag"]).map(
        lambda fact: Test(fact, Op.ONLY, frozenset({"RU", "company"}))
    ),
    st.sampled_from(_words["category"]).map(lambda w: Test("goods.categories", Op.INCLUDE, frozenset({w}))),
    st.sampled_from(["9301-9307", "84-85", "27"]).map(lambda r: Test("goods.hs", Op.UNDER, HsRanges([r]))),
    st.sampled_from(["parties.listed", "recipient.listed"]).map(lambda f: Test(f, Op.INCLUDE, frozenset({"un.dprk"}))),
    st.sampled_from(["could_contribute", "livelihood", "vessel.suspected", "evasion"]).flatmap(
        lambda f: st.booleans().map(lambda b: Test(f, Op.IS, b))
    ),
    st.sampled_from([date(2016, 3, 2), date(2017, 12, 22)]).flatmap(
        lambda d: st.sampled_from([Test("occurred", Op.WITHIN, Span(d, None)), Test("contracted", Op.BEFORE, d)])
    ),
    st.just(Test("goods.unit_value", Op.ABOVE, Measure(Decimal(2000), "USD"))),
    st.sampled_from(["approval", "notification"]).map(
        lambda k: Test("approvals", Op.HELD, ApprovalSpec("un.1718-committee", k, frozenset()))
    ),
    st.just(Test("determinations", Op.MADE, "2270/8")),
    st.just(Test("cumulative", Op.EXCEEDS, CapSpec("2397/5", (Measure(Decimal(500000), "barrel"),)))),
)

conditions: st.SearchStrategy[Condition] = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda p: All(tuple(p))),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: AnyOf(tuple(p))),
        inner.map(Not),
        inner.map(lambda c: Contested(c, "lawyers differ")),
    ),
    max_leaves=6,
)
