"""Roles by other names: who lets and who rents, and who gives science and who takes it."""

from __future__ import annotations

import pytest

from sanctions_engine import Engine, Transaction
from sanctions_engine.facts import ForEach, Subject

_ENGINE = Engine(matcher="python")
_LINE = Subject(ForEach.GOODS, 0, "goods[0]")


def _lease(giver: str, taker: str) -> dict[str, object]:
    return {
        "occurred": "2018-06-01",
        "activities": ["lease"],
        "parties": [
            {"name": "Harbour Houses", "roles": [giver], "kind": "company", "jurisdiction": "DE", "nationality": "DE"},
            {"name": "Pyongyang Works", "roles": [taker], "kind": "company", "jurisdiction": "DPRK"},
        ],
        "goods": [{"description": "a lathe", "hs": "8458"}],
        "route": {"from": {"country": "DE"}, "to": {"country": "DPRK"}, "via": []},
    }


@pytest.mark.parametrize("giver", ["landlord", "supplier"])
@pytest.mark.parametrize("taker", ["tenant", "recipient", "charterer"])
def test_who_lets_and_who_rents_fill_the_lease(giver: str, taker: str) -> None:
    report = _ENGINE.check(_lease(giver, taker))
    assert report.outcome.value == "violation"
    assert not [q for q in report.questions if q.ask.startswith("parties.")]
    facts = _ENGINE.facts(Transaction.of(_lease(giver, taker)))
    assert facts.read("supplier.states", _LINE).certain() == {"DE"}
    assert facts.read("recipient.states", _LINE).certain() == {"KP"}


def test_a_tenant_is_no_recipient_of_what_is_sold() -> None:
    sold = {**_lease("supplier", "tenant"), "activities": ["sale"]}
    assert "parties.recipient" in [q.ask for q in _ENGINE.check(sold).questions]


def test_rooms_are_no_goods_of_the_trade_bans() -> None:
    rooms = {**_lease("landlord", "tenant"), "goods": [{"description": "office space", "kind": "right"}]}
    rooms["route"] = {"from": {"country": "DE"}, "to": {"country": "DE"}, "via": []}
    found = {finding.rule.id for finding in _ENGINE.check(rooms).findings}
    assert "un.dprk.2397-7" not in found
    assert "un.dprk.1874-10" not in found


@pytest.mark.parametrize("roles", [("service_provider", "recipient"), ("partner", "recipient"), ("partner", "partner")])
def test_who_gives_and_who_takes_science_are_its_partners(roles: tuple[str, str]) -> None:
    report = _ENGINE.check(
        {
            "occurred": "2019-05-14",
            "activities": [{"kind": "scientific_cooperation", "subject": ["forestry"]}],
            "parties": [
                {"name": "Far Eastern Institute", "roles": [roles[0]], "kind": "university", "jurisdiction": "RU"},
                {"name": "Academy in Pyongyang", "roles": [roles[1]], "kind": "university", "jurisdiction": "KP"},
            ],
            "goods": [],
            "payments": [],
        }
    )
    assert [finding.rule.id for finding in report.violations] == ["un.dprk.2321-11-other"]
    assert "parties.partner" not in [item.path for item in report.incomplete]
