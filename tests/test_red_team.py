"""Transactions as six callers would word them, judged before they were run; and what must not be cleared in silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from sanctions_engine import Engine, Report, SanctionsError
from sanctions_engine.cli import main

_ENGINE = Engine(matcher="python")
_FOLDER = Path(__file__).parent / "red_team"
_CLEARED = ("clear", "exempt", "advisory")
_WITHIN = ("violation", "potential", "duty")
# What the design assumes where nothing is said (a listing, an owner, a former flag, a kind, a stop), and slots whose
# absence the ends and parties of a route fill.
_ASSUMED_NONE = frozenset(
    [
        "listed",
        "designated",
        "owned_by",
        "former_flags",
        "kind",
        "via",
        "route",
        "parties",
        "goods",
        "vessels",
        "payments",
        "payee_bank",
        "description",
        "end_use",
    ]
)


def _put(deal: dict[str, Any], path: str, value: object) -> None:
    *way, last = [int(key) if key.isdigit() else key for key in re.findall(r"[^.\[\]]+", path)]
    place: Any = deal
    for key in way:
        place = place[key]
    if value == "null":
        del place[last]
    else:
        place[last] = value


def _cases() -> Iterator[tuple[str, Mapping[str, Any], dict[str, Any]]]:
    """Yield each case of the table: its name, what it expects, and the transaction."""
    for file in sorted(_FOLDER.glob("*.yaml")):
        cases = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # all text, no objects
        given = {case["case"]: case["given"] for case in cases if "given" in case}
        for case in cases:
            deal = deepcopy(case.get("given") or given[case["like"]])
            for path, value in case.get("change", {}).items():
                _put(deal, path, value)
            yield f"{file.stem}: {case['case']}", case, deal


_CASES = list(_cases())


def _each(*outcomes: str) -> pytest.MarkDecorator:
    """Give a test the cases that end in one of these outcomes; all of them where none is named."""
    cases = [one for one in _CASES if not outcomes or one[1]["is"] in outcomes]
    return pytest.mark.parametrize(("case", "deal"), [one[1:] for one in cases], ids=[one[0] for one in cases])


@_each()
def test_verdict(case: Mapping[str, Any], deal: Mapping[str, Any]) -> None:
    report = _ENGINE.check(deal)
    found = {(f.outcome.value, f.citation.paragraph) for f in report.findings}
    assert report.outcome.value == case["is"], case["why"]
    for outcome in ("violation", "potential", "exempt"):
        assert {(outcome, paragraph) for paragraph in case.get(outcome, ())} <= found
    if "any" in case:
        assert any((outcome, paragraph) in found for paragraph in case["any"] for outcome in _WITHIN), found
    assert not any((outcome, paragraph) in found for paragraph in case.get("not", ()) for outcome in _WITHIN)
    for paragraph, states in case.get("in_breach", {}).items():
        breached = {b.state for f in report.violations if f.citation.paragraph == paragraph for b in f.in_breach}
        assert set(states) <= breached


def _keys(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _ASSUMED_NONE:
                yield f"{path}{key}"
            yield from _keys(inner, f"{path}{key}.")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            if isinstance(inner, dict):
                yield from _keys(inner, f"{path.removesuffix('.')}[{i}].")


@_each("violation", "potential")
def test_no_fact_that_goes_missing_clears_what_was_in_doubt(case: Mapping[str, Any], deal: dict[str, Any]) -> None:
    for path in _keys(deal):
        less = deepcopy(deal)
        _put(less, path, "null")
        try:
            outcome = _ENGINE.check(less).outcome.value
        except SanctionsError:
            continue  # what is left is no description (a party that a link names is gone): an error clears nothing
        assert outcome not in _CLEARED, f"without {path}"


_ACCOUNTANT = {"name": "an accountant", "roles": ["service_provider"], "kind": "individual", "nationality": "France"}


@_each("clear", "exempt", "advisory", "duty")
def test_what_has_nothing_to_do_with_it_puts_nothing_in_doubt(case: Mapping[str, Any], deal: dict[str, Any]) -> None:
    for more in (
        {"title": "order 17", "notes": "an ordinary matter", "claims": [], "red_flags": [], "services": []},
        {"parties": [*deal.get("parties", []), {**_ACCOUNTANT, "jurisdiction": "France"}]},
    ):
        assert _ENGINE.check({**deal, **more}).outcome.value == case["is"]


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


def test_nearly_all_states_are_named_by_those_that_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "2397/7"]) == 0
    shown = capsys.readouterr().out
    assert "does not fly the flag of any State but the DPRK" in shown
    assert "Afghanistan" not in shown
