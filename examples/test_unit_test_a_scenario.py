"""Unit-test scenarios with pytest: in Python, or as *.scenario.yaml files that pytest collects by itself.

Run: pytest examples/test_unit_test_a_scenario.py
and: pytest examples/house_rules/tests --sanctions-rules examples/house_rules/rules
"""

import pytest

from sanctions_engine import Engine, Outcome

SHELLS = {
    "transaction": "shells",
    "occurred": "2023-09-01",
    "activities": ["sale", "transport"],
    "parties": [
        {"name": "the supplier", "roles": ["supplier"], "kind": "state_organ", "jurisdiction": "North Korea"},
        {"name": "the buyer", "roles": ["recipient"], "kind": "armed_forces", "jurisdiction": "Russia"},
    ],
    "goods": [{"description": "152 mm artillery shells", "hs": "9306"}],
    "route": {"from": "DPRK", "to": "Russia"},
}


@pytest.fixture(scope="module")
def engine():
    with Engine() as engine:
        yield engine


def test_shells_from_the_dprk_breach_1874_9(engine):
    report = engine.check(SHELLS)
    assert report.outcome is Outcome.VIOLATION
    assert any(f.citation.paragraph == "1874/9" for f in report.violations)


def test_who_bought_does_not_matter_but_whence_it_came_does(engine):
    from_poland = {
        **SHELLS,
        "parties": [
            {"name": "a Korean maker", "roles": ["supplier"], "jurisdiction": "Republic of Korea"},
            {"name": "a ministry", "roles": ["recipient"], "kind": "armed_forces", "jurisdiction": "Poland"},
        ],
        "route": {"from": "Republic of Korea", "to": "Poland"},
    }
    assert engine.check(from_poland).outcome is Outcome.CLEAR


def test_a_missing_origin_is_a_question_never_clear(engine):
    report = engine.check({**SHELLS, "route": {"to": "Russia"}, "parties": [SHELLS["parties"][1]]})
    assert report.outcome is not Outcome.CLEAR
