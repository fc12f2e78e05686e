"""One rule on trial: the scenarios that speak of it, and whether a version of it would still pass them.

Only the rule in question is judged, on facts that are read once a scenario, so that thousands of versions of a rule
can be tried. What is said of the whole report (questions, assumptions) is left out, except that a finding graver than
the report's expected outcome surely changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sanctions_engine.engine import Engine
from sanctions_engine.facts import FactBase
from sanctions_engine.finding import Finding, Outcome, find
from sanctions_engine.judge import judge
from sanctions_engine.rule import CompiledRule
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.scenario import (
    ExpectedFinding,
    Scenario,
    expected_findings,
    finding_differences,
    head_differences,
    load_scenarios,
)
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Truth

__all__ = ["Bench", "Trial", "findings_of", "read_scenarios"]

_GRAVE = (Outcome.VIOLATION, Outcome.POTENTIAL, Outcome.DUTY)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a scenario says of one rule.

    Args:
        scenario: The scenario.
        facts: The facts of its transaction, read once.
        live: Whether the rule's regime has a nexus; without it the rule is not judged.
        expected: What is expected of the rule.
        at_most: The gravest outcome the rule may have; None: any.
    """

    scenario: Scenario
    facts: FactBase
    live: bool
    expected: tuple[ExpectedFinding, ...]
    at_most: Outcome | None

    def passes(self, book: Rulebook, rule: CompiledRule) -> bool:
        """Whether everything expected of the rule holds of a version of it."""
        found = self.findings(book, rule)
        if self.at_most is not None and any(one.outcome.rank < self.at_most.rank for one in found):
            return False
        if any(difference for one in self.expected for difference in finding_differences(one, found)):
            return False
        return not any(head_differences(self.scenario, found))

    def findings(self, book: Rulebook, rule: CompiledRule) -> tuple[Finding, ...]:
        """Return what a version of the rule finds in the scenario."""
        if not self.live:
            return ()
        version: CompiledRule | None = rule
        if self.scenario.as_of is not None:
            version = _known_on(book, rule, self.scenario.as_of)
        return findings_of(version, self.facts) if version is not None else ()


def findings_of(rule: CompiledRule, facts: FactBase) -> tuple[Finding, ...]:
    """Judge one rule, whatever its regime's nexus.

    Args:
        rule: The rule.
        facts: What is known of the transaction.
    """
    found = []
    for subject in facts.subjects(rule.rule.for_each):
        when = judge(rule.when, facts, subject)
        if when.truth is Truth.FALSE:
            continue
        unless = tuple(judge(exemption.condition, facts, subject) for exemption in rule.exemptions)
        finding = find(rule, subject, facts, when, unless)
        if finding is not None:
            found.append(finding)
    return tuple(found)


def _known_on(book: Rulebook, rule: CompiledRule, day: date) -> CompiledRule | None:
    return next(iter(replace(book, rules=(rule,)).as_of(day).rules), None)


def read_scenarios(folders: Iterable[Path]) -> tuple[Scenario, ...]:
    """Read every scenario below some folders.

    Raises:
        InputError: A file cannot be read.
    """
    files = sorted({file.resolve() for folder in folders for file in folder.rglob("*.scenario.yaml")})
    return tuple(scenario for file in files for scenario in load_scenarios(file))


class Bench:
    """Rules with the scenarios that speak of them.

    Args:
        book: The rulebook.
        scenarios: All scenarios.
    """

    def __init__(self, book: Rulebook, scenarios: Sequence[Scenario]) -> None:
        self.book = book
        self.engine = Engine(book, matcher="python")
        self._of: dict[str, list[Scenario]] = {}
        for scenario in scenarios:
            for rule in dict.fromkeys(_named(scenario)):
                self._of.setdefault(rule, []).append(scenario)

    def close(self) -> None:
        """Give back what the engine holds."""
        self.engine.close()

    def trials(self, rule: CompiledRule) -> tuple[Trial, ...]:
        """Return what scenarios say of a rule, those of its own file first.

        Raises:
            InputError: A transaction cannot be read.
        """
        mine = sorted(self._of.get(rule.id, ()), key=lambda scenario: scenario.rule != rule.id)
        return tuple(self._trial(rule, scenario) for scenario in mine)

    def facts(self, transaction: Transaction, as_of: date | None = None) -> FactBase:
        """Read the facts of a transaction once for several versions of a rule."""
        return (self.engine if as_of is None else self.engine.as_of(as_of)).facts(transaction)

    def concerns(self, rule: CompiledRule, facts: FactBase) -> bool:
        """Whether the rule's regime has a nexus."""
        return bool(self.engine.concerned(facts, (rule.regime.regime,)))

    def _trial(self, rule: CompiledRule, scenario: Scenario) -> Trial:
        facts = self.facts(Transaction.of(scenario.transaction), scenario.as_of)
        expect = scenario.expect
        at_most = None
        if rule.id in expect.none_of or (scenario.rule == rule.id and rule.regime.regime in expect.none_of):
            at_most = Outcome.CLEAR
        elif expect.outcome is not None:
            at_most = Outcome(expect.outcome)
        elif expect.only is not None and rule.id not in expect.only:
            at_most = Outcome.INCOMPLETE
        return Trial(
            scenario,
            facts,
            self.concerns(rule, facts),
            tuple(one for one in expected_findings(scenario) if one.rule == rule.id),
            at_most,
        )


def _named(scenario: Scenario) -> Iterator[str]:
    if scenario.rule is not None:
        yield scenario.rule
    yield from (finding.rule for finding in scenario.expect.findings)
    yield from scenario.expect.none_of
