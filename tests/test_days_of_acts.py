"""Acts with days of their own: each is held against the law, and against what exempts it, on its day."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.engine import Engine
from sanctions_engine.report import Report

ENGINE = Engine(matcher="python")
MACHINES = "un.dprk.2397-7"  # law since 2017-12-22; the Committee may decide otherwise (2397/25)
CRUDE = "un.dprk.2397-4"
DEAL: dict[str, Any] = {
    "parties": [
        {"name": "a maker", "roles": ["supplier"], "jurisdiction": "CH", "nationality": "CH"},
        {"name": "a farm", "roles": ["recipient"], "jurisdiction": "KP"},
    ],
    "goods": [{"description": "tractors", "hs": "8701"}],
    "route": {"from": "CH", "to": "KP", "via": []},
    "occurred": "2017-01-01/2020-12-31",
}


def decision(granted: str, expires: str, **more: object) -> dict[str, object]:
    return {"by": "1718 Committee", "granted": granted, "expires": expires, "covers": ["goods[0]"], **more}


def checked(*acts: tuple[str, str], **changes: object) -> Report:
    return ENGINE.check({**DEAL, "activities": [{"kind": kind, "on": on} for kind, on in acts], **changes})


def verdict(*acts: tuple[str, str], rule: str = MACHINES, **changes: object) -> str:
    found = [f for f in checked(*acts, **changes).findings if f.rule.id == rule]
    return found[0].outcome.value if found else "none"


BEFORE, AFTER, LATER = ("sale", "2017-12-01"), ("supply", "2018-02-01"), ("procurement", "2020-02-01")


@pytest.mark.parametrize("acts", [(BEFORE, AFTER), (AFTER, BEFORE), (AFTER,)])
def test_one_act_under_the_law_is_enough_whichever_is_told_first(acts: tuple[tuple[str, str], ...]) -> None:
    assert verdict(*acts) == "violation"


def test_acts_before_the_law_are_no_breach() -> None:
    assert verdict(BEFORE, ("supply", "2017-12-21")) == "none"


def test_an_act_without_a_day_is_of_the_day_of_the_transaction() -> None:
    acts = [{"kind": "sale", "on": "2017-12-01"}, {"kind": "supply"}]
    report = ENGINE.check({**DEAL, "activities": acts, "occurred": "2018-02-01"})
    assert MACHINES in {f.rule.id for f in report.violations}


def test_the_day_of_another_kind_of_act_decides_nothing() -> None:
    held = [decision("2018-01-01", "2018-03-01")]
    assert verdict(("visit", "2016-05-04"), AFTER, approvals=held) == "exempt"
    assert verdict(("visit", "2018-02-01"), LATER, approvals=held) == "violation"


@pytest.mark.parametrize("acts", [(AFTER, LATER), (LATER, AFTER)])
def test_an_approval_exempts_only_if_each_act_is_in_time(acts: tuple[tuple[str, str], ...]) -> None:
    first, second = decision("2018-01-01", "2018-03-01"), decision("2020-01-01", "2020-03-01")
    assert verdict(*acts, approvals=[first]) == "violation"
    assert verdict(*acts, approvals=[second]) == "violation"
    assert verdict(*acts, approvals=[first, second]) == "exempt"


def test_an_act_before_the_law_needs_no_approval() -> None:
    assert verdict(BEFORE, AFTER, approvals=[decision("2018-01-01", "2018-03-01")]) == "exempt"


def test_what_is_asked_is_the_day_of_the_act_in_doubt() -> None:
    report = checked(BEFORE, ("supply", "2017-12"))
    question = next(q for q in report.questions if MACHINES in q.settles and q.ask.startswith("activities"))
    assert question.ask == "activities[1].on"
    assert question.text.startswith("On which day did the supply happen?")


def test_a_total_that_one_of_the_acts_exceeds_is_exceeded() -> None:
    oil = [{"description": "crude oil", "hs": "2709", "quantity": {"value": 1000, "unit": "barrel"}}]
    told = [
        decision("2018-01-01", "2018-03-01", kind="notification"),
        decision("2020-01-01", "2020-03-01", kind="notification"),
    ]
    totals = [
        {"measure": "2397/4", "period": "2018", "value": 10, "unit": "barrel"},
        {"measure": "2397/4", "period": "2020", "value": 3999999, "unit": "barrel"},
    ]
    same = {"goods": oil, "cumulative": totals, "approvals": told, "purposes": ["livelihood"], "rule": CRUDE}
    assert verdict(AFTER, LATER, **same) == verdict(LATER, AFTER, **same) == verdict(LATER, **same) == "violation"
    assert verdict(AFTER, **same) != "violation"


DAYS = st.sampled_from(["2017-12-01", "2017-12-22", "2017-12", "2018-02-01", "2020-02-01", None])
ACTS = st.lists(
    st.tuples(st.sampled_from(["sale", "supply", "transport", "visit", "storage"]), DAYS), min_size=2, max_size=4
)


@given(acts=ACTS, data=st.data())
def test_the_order_of_acts_changes_no_verdict(acts: list[tuple[str, str | None]], data: st.DataObject) -> None:
    def outcomes(told: list[tuple[str, str | None]]) -> set[tuple[str, str]]:
        activities = [{"kind": kind, **({} if on is None else {"on": on})} for kind, on in told]
        report = ENGINE.check({**DEAL, "activities": activities, "approvals": [decision("2018-01-01", "2018-03-01")]})
        return {(f.rule.id, f.outcome.value) for f in report.findings}

    assert outcomes(acts) == outcomes(data.draw(st.permutations(acts)))
