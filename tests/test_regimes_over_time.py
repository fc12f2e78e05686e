"""Regimes that ended stay silent; the one that came back says in every finding that this is disputed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.report import Report
from sanctions_engine.rulebook import Rulebook

ENDED = sorted(name for name, regime in Rulebook.load().regimes.items() if regime.status == "ended")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """The bundled book with the plain matcher."""
    with Engine(matcher="python") as found:
        yield found


def _sale(start: str, end: str, occurred: str, goods: str = "assault rifles") -> dict[str, object]:
    return {
        "occurred": occurred,
        "activities": ["sale", "transport"],
        "parties": [
            {"name": "Northern Exporter", "roles": ["seller"], "kind": "company", "jurisdiction": start},
            {"name": "Southern Importer", "roles": ["buyer", "end_user"], "kind": "company", "jurisdiction": end},
        ],
        "goods": [{"description": goods}],
        "route": {"from": {"country": start}, "to": {"country": end}, "via": []},
        "payments": [],
    }


def _of(report: Report, regime: str) -> list[str]:
    return [f.rule.id for f in report.findings if f.rule.regime.regime == regime]


def test_there_are_regimes_that_ended() -> None:
    assert {"un.eritrea", "un.mali", "un.southern-rhodesia"} <= set(ENDED)


@pytest.mark.parametrize("regime", ENDED)
def test_every_rule_of_an_ended_regime_has_its_end(engine: Engine, regime: str) -> None:
    rules = engine.rulebook.of_regime(regime)
    assert rules != ()
    assert [rule.id for rule in rules if rule.rule.in_force.until is None] == []


@pytest.mark.parametrize("regime", ENDED)
def test_an_ended_regime_finds_nothing_today(engine: Engine, regime: str) -> None:
    for state in engine.rulebook.regimes[regime].targets.states:
        assert _of(engine.check(_sale("RO", state, "2026-02-10")), regime) == []
        assert _of(engine.check(_sale(state, "BE", "2026-02-10", "rough diamonds")), regime) == []


def test_a_listing_under_an_ended_regime_freezes_nothing_today(engine: Engine) -> None:
    described = _sale("FR", "Mali", "2026-02-10", "office chairs")
    described["parties"][1]["listed"] = [{"regime": "un.mali"}]  # type: ignore[index]  # a list of mappings
    assert engine.check(described).outcome.value == "clear"
    assert engine.check({**described, "occurred": "2023-08-31"}).outcome.value == "violation"


def test_a_finding_after_the_re_application_names_both_positions(engine: Engine) -> None:
    report = engine.check(_sale("IR", "RU", "2026-02-10"))
    findings = [f for f in report.findings if f.rule.regime.regime == "un.iran"]
    assert "un.iran.1747-5-reimposed" in [f.rule.id for f in findings]
    for finding in findings:
        (warning,) = finding.warnings
        assert warning.startswith("contested: ")
        assert "most States" in warning
        assert "Russia, China and Iran" in warning


@pytest.mark.parametrize("occurred", ["2012-02-10", "2019-02-10"])
def test_what_was_law_before_is_not_called_contested(engine: Engine, occurred: str) -> None:
    findings = engine.check(_sale("IR", "RU", occurred)).findings
    assert [f.warnings for f in findings if f.outcome.value == "violation"] == [()]


def test_every_re_imposed_paragraph_begins_on_the_same_day_and_was_law_before(engine: Engine) -> None:
    rules = {rule.id: rule for rule in engine.rulebook.of_regime("un.iran")}
    again = [name for name in rules if name.endswith("-reimposed")]
    assert len(again) > 15
    for name in again:
        before = rules[name.removesuffix("-reimposed")].rule
        assert str(rules[name].rule.in_force.from_) == "2025-09-28"
        assert str(before.in_force.until) == "2016-01-16"
        assert before.authority.citation == rules[name].rule.authority.citation


def test_ordinary_trade_with_iran_is_never_more_than_an_advisory(engine: Engine) -> None:
    for goods in ("wheat", "pistachios", "hand-knotted carpets", "medicine", "office chairs"):
        for start, end in (("DE", "IR"), ("IR", "DE")):
            assert engine.check(_sale(start, end, "2026-02-10", goods)).outcome.value in ("advisory", "clear")
