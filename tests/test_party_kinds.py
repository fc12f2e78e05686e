"""A party of no stated kind is an ordinary one: it never passes for an organ of a State."""

from __future__ import annotations

from typing import Any

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.rulebook import Rulebook

ARMY = {"name": "Somali National Army", "kind": "armed_forces", "jurisdiction": "Somalia"}


@pytest.fixture(scope="module", params=["python", "durable"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return Engine(Rulebook.load(), matcher=request.param)


def rifles(*takers: dict[str, Any]) -> dict[str, Any]:
    return {
        "occurred": "2024-05-04",
        "activities": ["sale", "transport"],
        "parties": [{"name": "Dealer", "roles": ["supplier"], "kind": "company", "jurisdiction": "Serbia"}, *takers],
        "goods": [{"description": "assault rifles", "hs": "9301.90"}],
        "route": {"from": {"country": "Serbia"}, "to": {"country": "Somalia"}, "via": []},
    }


def test_the_army_alone_is_exempt(engine: Engine) -> None:
    assert engine.check(rifles({**ARMY, "roles": ["recipient"]})).outcome.value == "exempt"


def test_an_end_user_of_no_stated_kind_is_not_cured_by_the_army_before_it(engine: Engine) -> None:
    end_user = {"name": "Harbour Guards", "roles": ["end_user"], "jurisdiction": "Somalia"}
    assert engine.check(rifles({**ARMY, "roles": ["recipient"]}, end_user)).outcome.value == "violation"


def test_an_end_user_of_no_stated_kind_beside_the_army_is_not_cured(engine: Engine) -> None:
    end_user = {"name": "Harbour Guards", "roles": ["end_user"], "jurisdiction": "Somalia"}
    report = engine.check(rifles({**ARMY, "roles": ["end_user"]}, end_user))
    assert report.outcome.value in ("violation", "potential")


def test_that_a_party_is_ordinary_is_among_the_assumptions(engine: Engine) -> None:
    report = engine.check(rifles({"name": "Harbour Guards", "roles": ["recipient"], "jurisdiction": "Somalia"}))
    assert report.outcome.value == "violation"
    assert "parties[1].kind" in [assumption.path for assumption in report.assumptions]


def test_a_kind_said_to_be_unknown_stays_a_question(engine: Engine) -> None:
    described = rifles({"name": "Harbour Guards", "roles": ["recipient"], "jurisdiction": "Somalia"})
    report = engine.check({**described, "unknown": ["parties[1].kind"]})
    assert report.outcome.value == "potential"
    assert "parties[1].kind" in [question.ask for question in report.questions]
