"""Every rule has the scenarios that show what it means: hit, near miss, doubt, each exemption, its dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from sanctions_engine import condition
from sanctions_engine.dates import read_period
from sanctions_engine.rule import CompiledRule, Effect
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.scenario import Scenario, load_scenarios

FOLDER = Path(__file__).parent / "scenarios"
_HIT = {
    Effect.PROHIBITION: "violation",
    Effect.CAP: "violation",
    Effect.DUTY: "duty",
    Effect.CALL: "advisory",
    Effect.INDICATOR: "advisory",
}


@cache
def book() -> Rulebook:
    return Rulebook.load()


@cache
def by_rule() -> dict[str, tuple[Scenario, ...]]:
    found: dict[str, list[Scenario]] = {}
    for file in sorted(FOLDER.rglob("*.scenario.yaml")):
        for scenario in load_scenarios(file):
            if scenario.rule is not None:
                found.setdefault(scenario.rule, []).append(scenario)
    return {rule: tuple(scenarios) for rule, scenarios in found.items()}


def verdicts(scenario: Scenario) -> set[str]:
    """The verdicts a scenario expects of its rule."""
    expect = scenario.expect
    said = {f.outcome for f in expect.findings if f.rule == scenario.rule}
    if expect.rule is not None:
        said.add(expect.rule)
    elif expect.exemption is not None:
        said.add("exempt")
    elif scenario.rule in expect.none_of:
        said.add("none")
    return said


def is_open(scenario: Scenario) -> bool:
    """Whether a scenario expects doubt: POTENTIAL, a finding that is not settled, or one that asks for something."""
    return (
        "potential" in verdicts(scenario)
        or bool(scenario.expect.missing)
        or any(f.rule == scenario.rule and (f.settled == "no" or f.missing) for f in scenario.expect.findings)
    )


def needs_approval(rule: CompiledRule) -> bool:
    tests = (test for exemption in rule.exemptions for test in condition.tests_of(exemption.condition))
    return any(isinstance(test.operand, condition.ApprovalSpec) for test in tests)


def approved(scenario: Scenario) -> bool:
    return bool(scenario.transaction.get("approvals"))


def exemptions_shown(scenario: Scenario) -> set[str]:
    shown = {f.exemption for f in scenario.expect.findings if f.rule == scenario.rule}
    return {paragraph for paragraph in (*shown, scenario.expect.exemption) if paragraph is not None}


def certainly_on_or_before(scenario: Scenario, day: date) -> bool:
    occurred = scenario.transaction.get("occurred")
    last = read_period(occurred).last if occurred is not None else None
    return last is not None and last <= day


def lacks(rule: CompiledRule, scenarios: tuple[Scenario, ...]) -> Iterator[str]:
    """Name what a rule's scenarios do not show."""
    hit = _HIT[rule.rule.effect]
    certain = rule.rule.contested is None and rule.rule.determination is None
    if certain or hit != "violation":
        if not any(hit in verdicts(s) for s in scenarios):
            yield f"a case that is a {hit}"
    elif not any({hit, "potential"} & verdicts(s) for s in scenarios):
        yield "a case that it may forbid"
    if not any("none" in verdicts(s) for s in scenarios):
        yield "a near miss (rule: none)"
    if not any(is_open(s) for s in scenarios):
        yield "a missing or contested fact (rule: potential, or a finding with settled: no)"
    # A contested exemption can never be sure to apply: it only leaves the rule open.
    certain_exemptions = [e for e in rule.exemptions if not isinstance(e.condition, condition.Contested)]
    for paragraph in dict.fromkeys(e.paragraph for e in certain_exemptions):
        if not any(paragraph in exemptions_shown(s) for s in scenarios):
            yield f"a case exempt under {paragraph}"
    if needs_approval(rule) and not any({hit, "potential"} & verdicts(s) and approved(s) for s in scenarios):
        yield "a case not quite exempt (an approval that is late, expired, or of another authority)"
    span = rule.rule.in_force
    before = span.from_ - timedelta(1)
    if not any("none" in verdicts(s) and certainly_on_or_before(s, before) for s in scenarios):
        yield f"a case before {span.from_} (rule: none)"
    if span.until is not None and not any("none" in verdicts(s) and _not_before(s, span.until) for s in scenarios):
        yield f"a case on {span.until} or later (rule: none)"


def _not_before(scenario: Scenario, day: date) -> bool:
    occurred = scenario.transaction.get("occurred")
    first = read_period(occurred).first if occurred is not None else None
    return first is not None and first >= day


@pytest.mark.parametrize("rule", book().rules, ids=lambda rule: rule.id)
def test_scenarios_show_what_the_rule_means(rule: CompiledRule) -> None:
    missing = list(lacks(rule, by_rule().get(rule.id, ())))
    assert not missing, f"tests/scenarios/**/{rule.id.split('.')[-1]}.scenario.yaml lacks: {'; '.join(missing)}"


def test_every_scenario_of_a_rule_is_of_a_rule_that_is_there() -> None:
    assert by_rule().keys() - {rule.id for rule in book().rules} == set()


def test_a_rule_without_scenarios_is_noticed() -> None:
    assert len(list(lacks(book().find("un.dprk.2397-7"), ()))) >= 6
