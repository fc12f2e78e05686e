"""Transactions as six callers would word them, judged before they were run; and what must not be cleared in silence."""

from __future__ import annotations

import pytest

from sanctions_engine import Engine, Report

_ENGINE = Engine(matcher="python")


def _check(**deal: object) -> Report:
    return _ENGINE.check({"occurred": "2021-03-01", "goods": [], **deal})


def _missing(report: Report) -> set[str]:
    return {item.path for item in report.incomplete}


_PAYER = {"name": "Brot & Sohn", "roles": ["payer"], "jurisdiction": "Germany"}
_GERMAN_BANK = {"name": "Sparkasse", "country": "Germany"}


def test_the_payers_bank_does_not_place_the_payee() -> None:
    payment = {"kind": "bank_transfer", "payer": "Brot & Sohn", "payee": "Lotus Ltd", "payer_bank": _GERMAN_BANK}
    parties = [_PAYER, {"name": "Lotus Ltd", "roles": ["payee"]}]
    report = _check(activities=["payment"], parties=parties, payments=[payment])
    assert report.outcome.value == "incomplete"
    assert _missing(report) == {"parties[1].jurisdiction"}


def test_the_payees_own_bank_places_the_payee() -> None:
    payment = {"kind": "bank_transfer", "payer": "Brot & Sohn", "payee": "Lotus Ltd", "payee_bank": _GERMAN_BANK}
    parties = [_PAYER, {"name": "Lotus Ltd", "roles": ["payee"]}]
    report = _check(activities=["payment"], parties=parties, payments=[payment])
    assert report.outcome.value == "clear"


def test_a_bank_does_not_place_its_correspondent() -> None:
    report = _check(
        activities=[{"kind": "correspondent_banking", "by": "parties[0]", "for": "parties[1]"}],
        parties=[
            {"name": "a bank in Limassol", "roles": ["bank"], "kind": "bank", "jurisdiction": "Cyprus"},
            {"name": "Daesong Bank", "roles": ["account_holder"], "kind": "bank"},
        ],
    )
    assert report.outcome.value == "incomplete"
    assert "parties[1].jurisdiction" in _missing(report)


def test_a_bank_places_who_holds_an_ordinary_account_with_it() -> None:
    report = _check(
        activities=[{"kind": "bank_account", "by": "parties[0]", "for": "parties[1]"}],
        parties=[
            {"name": "a bank in Limassol", "roles": ["bank"], "kind": "bank", "jurisdiction": "Cyprus"},
            {"name": "a baker", "roles": ["account_holder"], "kind": "individual"},
        ],
    )
    assert report.outcome.value == "clear"


@pytest.mark.parametrize("role", ["worker", "student", "crew", "visitor"])
def test_where_a_person_is_does_not_say_whose_national_he_is(role: str) -> None:
    activity = {"worker": "employment", "student": "teaching", "crew": "crewing", "visitor": "visit"}[role]
    report = _check(
        activities=[{"kind": activity, "by": "parties[0]", "for": "parties[1]", "subject": ["agriculture"]}],
        parties=[
            {"name": "a firm", "roles": ["employer", "service_provider", "host"], "jurisdiction": "Russia"},
            {"name": "forty people", "roles": [role], "kind": "individual", "located_in": ["Saint Petersburg"]},
        ],
        vessels=[{"name": "Neva", "flag": "Russia", "roles": ["crewed"]}] if role == "crew" else [],
    )
    assert report.outcome.value == "incomplete"
    assert "parties[1].jurisdiction" in _missing(report)


@pytest.mark.parametrize("listed", [True, [{"reference": "QDi.123"}]], ids=["yes", "by reference"])
def test_a_listing_under_an_unknown_regime_is_asked_about(listed: object) -> None:
    payee = {"name": "Lotus Ltd", "roles": ["payee"], "jurisdiction": "France", "listed": listed}
    report = _check(activities=["payment"], parties=[_PAYER, payee], payments=[])
    assert report.outcome.value == "incomplete"
    assert _missing(report) == {"parties[1].listed[0].regime"}


def test_talks_between_nobody_knows_whom_are_not_clear() -> None:
    assert _check(activities=["talks"]).outcome.value == "incomplete"
    assert _check(activities=["talks"], parties=[]).outcome.value == "clear"


def test_the_flag_of_a_ship_that_is_insured_is_asked_for() -> None:
    insurance: dict[str, object] = {
        "activities": ["insurance"],
        "parties": [
            {"name": "a mutual", "roles": ["insurer"], "jurisdiction": "Norway"},
            {"name": "Aegean Bulk", "roles": ["insured", "owner"], "jurisdiction": "Greece"},
        ],
    }
    ship = {"name": "Star", "owner": "Aegean Bulk", "roles": ["insured"]}
    assert _missing(_check(**insurance, vessels=[ship])) == {"vessels[0].flag"}
    assert _check(**insurance, vessels=[{**ship, "flag": "Greece"}]).outcome.value == "clear"


@pytest.mark.parametrize(
    ("kind", "paragraph"),
    [
        ("employment", "2375/17"),
        ("work_permit", "2375/17"),
        ("correspondent_banking", "2270/33"),
        ("joint_venture", "2375/18"),
    ],
)
def test_whom_an_act_is_for_needs_no_stated_role(kind: str, paragraph: str) -> None:
    report = _check(
        occurred="2018-05-01/2018-09-30",
        activities=[{"kind": kind, "by": "parties[0]", "for": "parties[1]"}],
        parties=[
            {"name": "Neva Holding", "kind": "bank", "jurisdiction": "Russia", "incorporated_in": "Russia"},
            {
                "name": "those of the DPRK",
                "kind": "individual" if paragraph == "2375/17" else "bank",
                "nationality": "DPRK",
                "jurisdiction": "DPRK",
                "located_in": ["Saint Petersburg"],
            },
        ],
    )
    assert paragraph in {f.citation.paragraph for f in (*report.violations, *report.potentials)}


def test_insurance_of_nobody_says_what_asks_which_ship() -> None:
    """2321/22 turns on the ship; that it is cargo, or nothing that sails, is for the caller to say."""
    cover: dict[str, object] = {
        "occurred": "2018-02-20/2019-02-19",
        "activities": ["insurance"],
        "parties": [
            {"name": "a mutual", "roles": ["insurer"], "jurisdiction": "Norway"},
            {"name": "Samjong Shipping", "roles": ["insured"], "jurisdiction": "DPRK"},
        ],
    }
    report = _ENGINE.check(cover)
    assert "2321/22" in {f.citation.paragraph for f in report.potentials}
    assert "2321/22" not in {f.citation.paragraph for f in _ENGINE.check({**cover, "vessels": []}).findings}
    rice = [{"description": "rice", "hs": "1006"}]
    assert "2321/22" not in {f.citation.paragraph for f in _ENGINE.check({**cover, "goods": rice}).findings}


@pytest.mark.parametrize("country", ["Korea", "Congo"])
def test_a_country_of_two_readings_asks_nothing_where_either_is_clear(country: str) -> None:
    """The regimes of either reading are judged; for the others neither is a target."""
    deal: dict[str, object] = {
        "activities": ["sale"],
        "parties": [
            {"name": "a publisher", "roles": ["supplier"], "jurisdiction": "Germany"},
            {"name": "a library", "roles": ["recipient"], "jurisdiction": country},
        ],
        "route": {"from": "Germany", "to": country},
    }
    novels = [{"description": "printed novels", "hs": "4901.99"}]
    assert _check(**{**deal, "goods": novels}).outcome.value == "clear"
    rifles = [{"description": "assault rifles", "hs": "9301"}]
    assert _check(**{**deal, "goods": rifles}).outcome.value == "potential"
