"""What rules rely on in reading a transaction: dated citations, subjects, partners, values, determinations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.transaction import Transaction


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """The bundled book with the plain matcher."""
    with Engine(matcher="python") as found:
        yield found


def _arms(**changes: object) -> dict[str, object]:
    return {
        "occurred": "2019-05-14",
        "activities": ["sale"],
        "parties": [
            {"name": "Ural Machine Trading House", "roles": ["seller"], "jurisdiction": "RU"},
            {"name": "Rungra Trading Company", "roles": ["buyer"], "jurisdiction": "DPRK"},
        ],
        "goods": [{"description": "gas centrifuge rotors"}],
        "route": {"from": "RU", "to": "KP", "via": []},
        "payments": [],
        **changes,
    }


@pytest.mark.parametrize(
    ("occurred", "cited", "not_cited"),
    [
        ("2010-01-01", "1874/23", "2321/4"),
        ("2016-11-29", "2270/25", "2321/4"),
        ("2016-11-30", "2321/4", "2371/4"),
    ],
)
def test_an_act_is_not_held_against_a_paragraph_adopted_after_it(
    engine: Engine, occurred: str, cited: str, not_cited: str
) -> None:
    report = engine.check(_arms(occurred=occurred))
    finding = next(f for f in report.findings if f.rule.id == "un.dprk.1718-8a-ii")
    assert finding.citations[0] == "1718/8(a)(ii)"
    assert cited in finding.citations
    assert not_cited not in finding.citations


def test_without_a_date_every_paragraph_is_cited(engine: Engine) -> None:
    report = engine.check(_arms(occurred=None))
    finding = next(f for f in report.findings if f.rule.id == "un.dprk.1718-8a-ii")
    assert "2375/4" in finding.citations
    assert date(2017, 9, 11) == engine.rulebook.regimes["un.dprk"].resolutions["S/RES/2375 (2017)"].adopted


def _facts(engine: Engine, described: dict[str, object]) -> FactBase:
    return engine.facts(Transaction.of(described))


def test_a_class_named_as_subject_is_one_of_each_wider_class(engine: Engine) -> None:
    facts = _facts(engine, {"activities": [{"kind": "training", "subject": ["small arms"]}]})
    subject = Subject(ForEach.ACTIVITY, 0, "activities[0]")
    assert {"small_arms", "arms"} <= facts.read("subject", subject).certain()


def test_both_partners_of_the_one_cooperation_take_part(engine: Engine) -> None:
    partners = [{"name": n, "roles": ["partner"], "jurisdiction": c} for n, c in (("A", "RU"), ("B", "KP"))]
    described: dict[str, object] = {
        "activities": [{"kind": "scientific_cooperation", "subject": ["forestry"]}],
        "parties": partners,
    }
    subject = Subject(ForEach.ACTIVITY, 0, "activities[0]")
    assert _facts(engine, described).read("partner.states", subject).certain() == {"RU", "KP"}


def test_partners_of_two_ventures_stay_alternatives(engine: Engine) -> None:
    partners = [{"name": n, "roles": ["partner"], "jurisdiction": c} for n, c in (("A", "RU"), ("B", "KP"))]
    described: dict[str, object] = {
        "activities": [{"kind": "scientific_cooperation", "subject": ["forestry"]}, {"kind": "joint_venture"}],
        "parties": partners,
    }
    subject = Subject(ForEach.ACTIVITY, 0, "activities[0]")
    assert _facts(engine, described).read("partner.states", subject).certain() == frozenset()


@pytest.mark.parametrize(("value", "luxury"), [("USD 300", False), ("USD 501", True)])
def test_the_value_of_a_piece_decides_whether_a_rug_is_luxury(engine: Engine, value: str, luxury: bool) -> None:
    goods = [{"description": "woven carpets", "hs": "5702", "unit_value": value}]
    subject = Subject(ForEach.GOODS, 0, "goods[0]")
    found = _facts(engine, _arms(goods=goods)).read("goods.categories", subject)
    assert ("luxury_goods" in found.certain()) is luxury
    assert ("luxury_goods" in found.possible()) is luxury


def test_a_stated_determination_makes_its_ground_worth_asking(engine: Engine) -> None:
    whole = Subject(ForEach.TRANSACTION, -1, "transaction")
    silent = _facts(engine, _arms()).read("military_end_use", whole)
    stated = _facts(engine, _arms(determinations=[{"by": "RU", "paragraph": "2270/8"}]))
    assert not silent.gaps
    assert [gap.path for gap in stated.read("military_end_use", whole).gaps] == ["grounds"]


@pytest.mark.parametrize("route", [("KP", "RU"), ("RU", "KP")])
def test_a_journey_does_not_turn_the_direction_of_advice_given_on_it(engine: Engine, route: tuple[str, str]) -> None:
    described: dict[str, object] = {
        "activities": ["visit", {"kind": "technical_assistance", "by": "A", "for": "B", "subject": ["rocketry"]}],
        "parties": [
            {"name": "A", "roles": ["host"], "jurisdiction": "RU"},
            {"name": "B", "roles": ["visitor"], "jurisdiction": "KP"},
        ],
        "route": {"from": route[0], "to": route[1], "via": []},
    }
    advice = Subject(ForEach.ACTIVITY, 1, "activities[1]")
    facts = _facts(engine, described)
    assert "KP" in facts.read("to.states", advice).certain()
    assert "RU" in facts.read("from.states", advice).certain()


def test_goods_sold_within_a_state_do_not_come_from_it(engine: Engine) -> None:
    described = _arms(route={"from": "KP", "to": "KP", "via": []})
    line = Subject(ForEach.GOODS, 0, "goods[0]")
    assert "KP" not in _facts(engine, described).read("from.states", line).possible()


def test_relief_that_hands_over_goods_is_a_supply_of_them(engine: Engine) -> None:
    """Wheelchairs are vehicles of chapter 87: relief needs the Committee's approval, however it is called."""
    relief = {
        "transaction": "wheelchairs",
        "occurred": "2022-03-01",
        "activities": ["humanitarian"],
        "parties": [
            {"name": "Aid society", "roles": ["supplier"], "kind": "ngo", "jurisdiction": "France"},
            {"name": "Federation of the disabled", "roles": ["recipient"], "jurisdiction": "DPRK"},
        ],
        "goods": [{"description": "wheelchairs"}],
        "route": {"from": {"country": "France"}, "to": {"country": "DPRK"}, "via": []},
        "purposes": ["humanitarian"],
    }
    assert "un.dprk.2397-7" in {finding.rule.id for finding in engine.check(relief).violations}
    approved = relief | {
        "approvals": [
            {
                "by": "1718 Committee",
                "kind": "approval",
                "granted": "2022-01-01",
                "expires": "2022-12-31",
                "covers": ["goods[0]"],
            }
        ]
    }
    assert engine.check(approved).outcome.value == "exempt"
    food = relief | {"goods": [{"description": "rice"}]}
    assert engine.check(food).outcome.value == "clear"
    visit = {key: value for key, value in relief.items() if key != "goods"}
    assert engine.check(visit).outcome.value == "clear"


def _in_breach(engine: Engine, rule: str, described: dict[str, object]) -> set[tuple[str, str]]:
    found = [f for f in engine.check(described).findings if f.rule.id == rule]
    assert found, rule
    return {(a.state, a.limb) for f in found for a in f.in_breach if a.settled}


def test_the_state_where_a_worker_is_employed_is_named(engine: Engine) -> None:
    """The repatriation of workers is owed by the State in whose jurisdiction they earn."""
    hired = {
        "occurred": "2023-03",
        "activities": ["employment"],
        "parties": [
            {"name": "Freight Example", "roles": ["employer"], "jurisdiction": "Hong Kong"},
            {"name": "Freelancer", "roles": ["worker"], "nationality": "DPRK"},
        ],
    }
    assert ("CN", "territory") in _in_breach(engine, "un.dprk.2397-8-deadline", hired)


def test_a_rule_that_runs_both_ways_blames_by_the_way_the_case_goes(engine: Engine) -> None:
    """Who takes arms help from the DPRK procures; only who gives it to the DPRK supplies."""
    help_from = {
        "occurred": "2019-05-14",
        "activities": [{"kind": "technical_assistance", "subject": ["conventional_dual_use"]}],
        "parties": [
            {"name": "Works", "roles": ["service_provider"], "jurisdiction": "DPRK"},
            {"name": "Ministry", "roles": ["recipient"], "kind": "state_organ", "jurisdiction": "Syria"},
        ],
    }
    assert {limb for state, limb in _in_breach(engine, "un.dprk.2321-7-services", help_from) if state == "SY"} == {
        "procurement"
    }


@pytest.mark.parametrize(
    ("description", "asked"), [("used Mi-8 helicopter", False), ("Mi-8 helicopter used for rescue", True)]
)
def test_a_thing_that_is_described_as_used_is_not_asked_about(engine: Engine, description: str, asked: bool) -> None:
    report = engine.check(_arms(goods=[{"description": description}]))
    assert ("goods[0].condition" in {question.ask for question in report.questions}) is asked
