"""Every ship on the real list of vessels under resolution 1718 meets the rules of its designation."""

import csv
from pathlib import Path

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.intake.screening import Screener, read_vessel_list
from sanctions_engine.transaction import Transaction

RULES = {"asset_freeze": "un.dprk.2270-23", "port_ban": "un.dprk.2371-6", "deflag": "un.dprk.2321-12-deflag"}


@pytest.fixture(scope="module")
def listed(shared: Path) -> tuple[list[dict[str, str]], Engine]:
    """The list's rows, and an engine that screens against it."""
    path = shared / "data" / "un-1718-vessels.csv"
    data = path.read_bytes()
    rows = list(csv.DictReader(data.decode().splitlines()))
    return rows, Engine(screener=Screener.from_list(read_vessel_list(data, path.name)), matcher="python")


def _call(row: dict[str, str]) -> Transaction:
    vessel = {"name": row["name"], "imo": row["imo"], "flag": "Togo", "roles": ["port_caller", "bunkered"]}
    return Transaction.of(
        {
            "occurred": "2024-05-02",
            "activities": ["port_call", "bunkering"],
            "parties": [{"name": "Harbour of Piraeus", "roles": ["port_operator"], "jurisdiction": "Greece"}],
            "vessels": [{key: value for key, value in vessel.items() if value}],
            "goods": [],
            "route": {"to": {"country": "Greece"}, "via": []},
        }
    )


def test_each_designated_ship_meets_the_rules_of_its_designation_and_no_other(
    listed: tuple[list[dict[str, str]], Engine],
) -> None:
    """A freeze, a port ban or the loss of its flag: each where the list says so, each named for that ship alone."""
    rows, engine = listed
    measures: dict[str, set[str]] = {}
    for row in rows:
        measures.setdefault(row["imo"], set()).update(m for m in RULES if row[m] == "yes")
    for row in rows:
        if not row["imo"]:
            continue
        found = {finding.rule.id for finding in engine.check(_call(row)).findings if finding.settled}
        expected = {RULES[measure] for measure in measures[row["imo"]]}
        assert found & set(RULES.values()) == expected, row["name"]
        assert "un.dprk.2397-15" in found, row["name"]


def test_a_designated_ship_without_a_number_is_asked_about(listed: tuple[list[dict[str, str]], Engine]) -> None:
    """Ships' names are not unique, so the name alone never settles it, and never clears it either."""
    rows, engine = listed
    for row in rows:
        report = engine.check(_call({**row, "imo": ""}))
        assert any(finding.rule.id == "un.dprk.2397-15" for finding in report.findings), row["name"]
        assert not any(finding.settled for finding in report.findings if finding.rule.id in RULES.values()), row["name"]
