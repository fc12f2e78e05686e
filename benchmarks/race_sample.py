"""What is put before the runners: situations, the facts of their goods lines, and what our whole rulebook says.

The peers are not given a transaction but *facts* that our own readers have made of it, outside the clock: States from
any spelling, classes of goods from their words and HS codes, the day as a number, who gives and who takes. A fact that
is not certain is left out, as a missing field is in any record; of a period the first day is taken.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from race_rules import RULES, Facts, listed

from sanctions_engine.engine import Engine
from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.finding import Outcome
from sanctions_engine.report import Report
from sanctions_engine.scenario import load_scenarios, run_scenario
from sanctions_engine.transaction import Transaction
from sanctions_engine.vocabulary import ACTIVITY_GROUPS
from tests.ordinary_life import ordinary_transactions

ROOT = Path(__file__).resolve().parent.parent
MOVES = frozenset({*ACTIVITY_GROUPS["transfer"], "transport", "ship_to_ship_transfer"})
GIVERS, TAKERS = ("supplier", "service_provider", "processor"), ("recipient", "end_user", "charterer", "tenant")


@dataclass(frozen=True, slots=True)
class Situation:
    """A transaction, the facts of its goods lines, and what our whole rulebook says of the twelve paragraphs.

    ``answers`` has an entry for each line and rule: ``violation``, ``potential``, ``exempt`` or ``none``.
    """

    kind: str
    raw: dict[str, object]
    facts: tuple[Facts, ...]
    answers: tuple[tuple[str, ...], ...]


def facts_of(base: FactBase, subject: Subject) -> Facts:
    """Make the facts of a goods line; what is not certain is left out."""
    facts: Facts = {}

    def certain(*names: str) -> list[str]:
        return sorted({str(v) for name in names for v in base.read(name, subject).certain()})

    activity = base.read("activity", subject)
    if activity.certain() or not activity.gaps:
        facts["moves"] = bool(activity.certain() & MOVES)
    for name, fact in (("start", "start.states"), ("destination", "destination.states")):
        if len(states := certain(fact)) == 1:
            facts[name] = states[0]
    for name, sources in (
        ("origins", ["origin.states"]),
        ("givers", [f"{role}.states" for role in GIVERS]),
        ("takers", [f"{role}.states" for role in TAKERS]),
        ("classes", ["goods.categories"]),
    ):
        if known := certain(*sources):
            facts[name] = known
    route = base.transaction.route
    loaded = {code for leg in (route and route.via) or () if leg.loaded and leg.country for code in leg.country.codes}
    if loaded:  # loaded on the way counts as coming from there
        facts["origins"] = sorted({*listed(facts, "origins"), *loaded})
    occurred = base.transaction.occurred
    if occurred is not None and occurred.first is not None:
        facts["day"] = int(occurred.first.strftime("%Y%m%d"))
    return facts


def situations(engine: Engine, ordinary: int = 300) -> tuple[list[Situation], int]:
    """Return the scenarios of the twelve paragraphs and ordinary trades, judged by the whole rulebook.

    What a scenario states of its rule is held against us first: those we do not pass are left out, and counted.
    """
    found: list[Situation] = []
    failed = 0
    for rule in RULES:
        file = ROOT / "tests" / "scenarios" / "dprk" / f"{rule.rule.removeprefix('un.dprk.')}.scenario.yaml"
        for scenario in load_scenarios(file):
            if scenario.as_of is not None:
                continue  # the law as known on a day is a question no peer is asked
            result = run_scenario(scenario, engine)
            if result.passed:
                found.append(_situation("scenario", scenario.transaction, result.report))
            else:
                failed += 1
    found += [_situation("ordinary", raw, engine.check(raw)) for raw in ordinary_transactions(ordinary)]
    return [situation for situation in found if situation.facts], failed


def read() -> Callable[[dict[str, object]], list[Facts]]:
    """Return what reads the facts of a transaction: what has to be done before any peer can be asked."""
    engine = Engine(matcher="python")

    def of(raw: dict[str, object]) -> list[Facts]:
        base = engine.facts(Transaction.of(raw))
        return [facts_of(base, line) for line in base.subjects(ForEach.GOODS)]

    return of


_ANSWERS = {Outcome.VIOLATION: "violation", Outcome.POTENTIAL: "potential", Outcome.EXEMPT: "exempt"}
ORDER = (*_ANSWERS.values(), "none")


def _situation(kind: str, raw: Mapping[str, object], report: Report) -> Situation:
    numbers = {rule.rule: n for n, rule in enumerate(RULES)}
    lines = report.facts.subjects(ForEach.GOODS)
    answers = []
    for line in lines:
        own = ["none"] * len(RULES)
        for finding in report.findings:
            n = numbers.get(finding.rule.id)
            if n is not None and finding.subject.path == line.path:
                own[n] = min(own[n], _ANSWERS[finding.outcome], key=ORDER.index)
        answers.append(tuple(own))
    return Situation(kind, dict(raw), tuple(facts_of(report.facts, line) for line in lines), tuple(answers))
