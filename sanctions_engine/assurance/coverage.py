"""``rules coverage``: what the scenarios of a rulebook show of its rules.

A run counts for a rule only where its scenario asserts something of that rule, and passes. For each test in a rule's
condition and exemptions we note which truths it had, and in which runs it *decided*: had it been the other way round,
all else equal, the rule's verdict (none, open, hit, exempt) would have been another. A test that decided once as TRUE
and once as FALSE is covered in the sense of **masking MC/DC**: two runs differ in its truth and in the verdict, and in
both nothing else masks it. Each occurrence of a test counts by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from sanctions_engine.assurance.places import Place, Placed, PlacedRule, Sources
from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Op, Test, tests_of
from sanctions_engine.dates import Period
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError, Problem
from sanctions_engine.judge import judge
from sanctions_engine.scenario import Scenario, ScenarioResult, run_scenario
from sanctions_engine.truth import Truth
from sanctions_engine.wording import say_test

__all__ = ["Coverage", "ExemptionShown", "RuleShown", "Tally", "TestShown", "measure", "rules_asserted"]

Verdict = Literal["none", "open", "hit", "exempt"]


@dataclass(frozen=True, slots=True)
class TestShown:
    """What runs show of one occurrence of a test.

    Args:
        says: The test in words.
        place: Where it is written; several rules may share the place.
        part: ``when``, ``in_force``, ``determination``, or the exemption's paragraph.
        seen: The truths it had.
        decided: The truths with which it decided the verdict.
    """

    says: str
    place: Place
    part: str
    seen: frozenset[Truth]
    decided: frozenset[Truth]

    __test__ = False  # keep pytest from collecting it

    @property
    def covered(self) -> bool:
        """Whether it decided both ways (masking MC/DC)."""
        return {Truth.TRUE, Truth.FALSE} <= self.decided

    @property
    def lacks(self) -> str:
        """What no run shows of it, in words; empty where nothing lacks."""
        if self.covered:
            return ""
        words = []
        for truth, word in ((Truth.TRUE, "true"), (Truth.FALSE, "false")):
            if truth not in self.seen:
                words.append(f"is never {word}")
            elif truth not in self.decided:
                words.append(f"never decides as {word}")
        return " and ".join(words)


@dataclass(frozen=True, slots=True)
class ExemptionShown:
    """What runs show of an exemption: the truths it had where the rule was engaged, and how often it applied."""

    title: str
    paragraph: str
    place: Place
    seen: frozenset[Truth]
    applied: int


@dataclass(frozen=True, slots=True)
class RuleShown:
    """What runs show of a rule.

    Args:
        rule: Its id.
        regime: Its regime.
        file: Its file.
        runs: Scenarios that assert something of it and passed.
        tests: Its tests.
        exemptions: Its exemptions.
        verdicts: The verdicts that occurred.
        days: For each day that matters, whether a run falls on it: ``before``, ``first day``, ``in force``, and where
            the law ended ``last day`` and ``after``.
    """

    rule: str
    regime: str
    file: str
    runs: int
    tests: tuple[TestShown, ...]
    exemptions: tuple[ExemptionShown, ...]
    verdicts: frozenset[Verdict]
    days: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over rules.

    Args:
        rules: Rules.
        tests: Occurrences of tests.
        truths: Of twice as many, how often a test was seen TRUE, and seen FALSE.
        unknown: Tests seen UNKNOWN.
        covered: Tests that decided both ways.
        written: Tests as written: one in a shared definition counts once for all rules that use it.
        written_covered: Of these, those that some rule's runs cover.
        exemptions: Exemptions.
        applied: Exemptions that applied.
        days: Days that matter.
        shown: Days on which a run falls.
    """

    rules: int = 0
    tests: int = 0
    truths: int = 0
    unknown: int = 0
    covered: int = 0
    written: int = 0
    written_covered: int = 0
    exemptions: int = 0
    applied: int = 0
    days: int = 0
    shown: int = 0

    @property
    def mcdc(self) -> float:
        """Tests covered, in per cent; 100 where there is none."""
        return _percent(self.covered, self.tests)

    @property
    def mcdc_written(self) -> float:
        """Tests as written that are covered in some rule, in per cent."""
        return _percent(self.written_covered, self.written)

    @property
    def both_truths(self) -> float:
        """Truths seen, in per cent of those that can be."""
        return _percent(self.truths, 2 * self.tests)


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a set of scenarios shows of a rulebook.

    Args:
        rules: By rule, in order of id; those without a run included.
        failed: Scenarios that failed, and so count for nothing.
        scenarios: How many passed.
    """

    rules: tuple[RuleShown, ...]
    failed: tuple[str, ...]
    scenarios: int

    def tally(self, regime: str | None = None) -> Tally:
        """Return the counts of a regime, or of all."""
        chosen = [shown for shown in self.rules if regime in (None, shown.regime)]
        tests = [test for shown in chosen for test in shown.tests]
        exemptions = [exemption for shown in chosen for exemption in shown.exemptions]
        days = [hit for shown in chosen for hit in shown.days.values()]
        return Tally(
            len(chosen),
            len(tests),
            sum((Truth.TRUE in test.seen) + (Truth.FALSE in test.seen) for test in tests),
            sum(Truth.UNKNOWN in test.seen for test in tests),
            sum(test.covered for test in tests),
            len({(test.place, test.says) for test in tests}),
            len({(test.place, test.says) for test in tests if test.covered}),
            len(exemptions),
            sum(exemption.applied > 0 for exemption in exemptions),
            len(days),
            sum(days),
        )

    @property
    def regimes(self) -> tuple[str, ...]:
        """The regimes that have rules."""
        return tuple(dict.fromkeys(shown.regime for shown in self.rules))


def rules_asserted(scenario: Scenario) -> frozenset[str]:
    """Return the rules a scenario asserts something of: its file's, and those its expectation names."""
    named = {finding.rule for finding in scenario.expect.findings} | set(scenario.expect.none_of)
    return frozenset(named | ({scenario.rule} if scenario.rule is not None else set()))


def measure(engine: Engine, scenarios: Iterable[Scenario], *, rules: Collection[str] | None = None) -> Coverage:
    """Run scenarios and note what they show.

    Args:
        engine: With the rulebook to be measured.
        scenarios: Each is run once.
        rules: Ids of the rules to measure; all where not given.

    Raises:
        InputError: Scenarios that cannot be run, all of them.
    """
    sources = Sources(engine.rulebook)
    meters = {placed.rule.id: _Meter(placed) for placed in sources.rules if rules is None or placed.rule.id in rules}
    failed: list[str] = []
    problems: list[Problem] = []
    passed = 0
    for scenario in scenarios:
        asserted = rules_asserted(scenario) & meters.keys()
        if not asserted:
            continue
        try:
            result = run_scenario(scenario, engine)
        except InputError as error:
            problems += error.problems
            continue
        if not result.passed:
            failed.append(f"{scenario.place}: {scenario.name}: {result.failures[0]}")
            continue
        passed += 1
        for rule in sorted(asserted):
            meters[rule].note(result)
    if problems:
        raise InputError(problems)
    goods = engine.rulebook.goods
    shown = tuple(meter.shown(lambda test: say_test(test, goods).positive) for _, meter in sorted(meters.items()))
    return Coverage(shown, tuple(failed), passed)


# ---------------------------------------------------------------------- one rule

_Values = Sequence[Truth]
_Program = Callable[[_Values], Truth]


@dataclass(slots=True)
class _Meter:
    """Notes runs of one rule."""

    placed: PlacedRule
    runs: int = 0
    leaves: list[tuple[Placed, str]] = field(default_factory=list)
    seen: list[set[Truth]] = field(default_factory=list)
    decided: list[set[Truth]] = field(default_factory=list)
    exempt_seen: list[set[Truth]] = field(default_factory=list)
    applied: list[int] = field(default_factory=list)
    verdicts: set[Verdict] = field(default_factory=set)
    days: dict[str, bool] = field(default_factory=dict)
    when: _Program = field(init=False)
    exemptions: list[_Program] = field(default_factory=list)
    known: set[tuple[Truth, ...]] = field(default_factory=set)

    def __post_init__(self) -> None:
        rule = self.placed.rule
        self.leaves = [(self.placed.span, "in_force")]
        self.leaves += [(leaf, "when") for leaf in self.placed.when.tests()]
        if rule.rule.determination is not None:
            made = next(t for t in tests_of(rule.when) if t.op is Op.MADE and t.operand == rule.rule.determination)
            self.leaves.append((Placed(made, self.placed.at("determination")), "determination"))
        self.when = _program(rule.when, iter(range(len(self.leaves))))
        for compiled, exemption in zip(rule.exemptions, self.placed.exemptions, strict=True):
            start = len(self.leaves)
            self.leaves += [(leaf, compiled.paragraph) for leaf in exemption.tests()]
            self.exemptions.append(_program(compiled.condition, iter(range(start, len(self.leaves)))))
        self.seen = [set() for _ in self.leaves]
        self.decided = [set() for _ in self.leaves]
        self.exempt_seen = [set() for _ in self.exemptions]
        self.applied = [0] * len(self.exemptions)
        span = rule.rule.in_force
        self.days = dict.fromkeys(
            ("before", "first day", "in force", *(("last day", "after") if span.until is not None else ())), False
        )

    def note(self, result: ScenarioResult) -> None:
        """Note a run: every subject the rule judges in it."""
        facts, rule = result.report.facts, self.placed.rule
        as_of = result.scenario.as_of
        if as_of is not None and rule.rule.in_force.from_ > as_of:
            return  # the law of that day had no such rule
        self.runs += 1
        self._note_days(facts.transaction.occurred)
        for subject in facts.subjects(rule.rule.for_each):
            traces = [judge(rule.when, facts, subject)]
            traces += [judge(exemption.condition, facts, subject) for exemption in rule.exemptions]
            values = tuple(leaf.truth for trace in traces for leaf in trace.leaves())
            verdict = self._verdict(values)
            self.verdicts.add(verdict)
            if traces[0].truth is not Truth.FALSE:
                for i, trace in enumerate(traces[1:]):
                    self.exempt_seen[i].add(trace.truth)
                    self.applied[i] += trace.truth is Truth.TRUE
            if values not in self.known:
                self.known.add(values)
                self._note_values(list(values), verdict)

    def _note_values(self, values: list[Truth], verdict: Verdict) -> None:
        for i, truth in enumerate(values):
            self.seen[i].add(truth)
            if truth is Truth.UNKNOWN:
                continue
            values[i] = ~truth
            if self._verdict(values) != verdict:
                self.decided[i].add(truth)
            values[i] = truth

    def _verdict(self, values: _Values) -> Verdict:
        when = self.when(values)
        if when is Truth.FALSE:
            return "none"
        unless = [exemption(values) for exemption in self.exemptions]
        if Truth.TRUE in unless:
            return "exempt"
        return "hit" if when is Truth.TRUE and Truth.UNKNOWN not in unless else "open"

    def _note_days(self, occurred: Period | None) -> None:
        span = self.placed.rule.rule.in_force
        if occurred is None:
            return
        for name in self.days:
            self.days[name] |= _falls(occurred, name, span.from_, span.until)

    def shown(self, says: Callable[[Test], str]) -> RuleShown:
        rule = self.placed.rule
        return RuleShown(
            rule.id,
            rule.regime.regime,
            self.placed.document.name,
            self.runs,
            tuple(
                TestShown(
                    says(leaf.condition) if isinstance(leaf.condition, Test) else "",
                    leaf.place,
                    part,
                    frozenset(self.seen[i]),
                    frozenset(self.decided[i]),
                )
                for i, (leaf, part) in enumerate(self.leaves)
            ),
            tuple(
                ExemptionShown(
                    compiled.title, compiled.paragraph, _exemption_place(self.placed, i), frozenset(seen), applied
                )
                for i, (compiled, seen, applied) in enumerate(
                    zip(rule.exemptions, self.exempt_seen, self.applied, strict=True)
                )
            ),
            frozenset(self.verdicts),
            dict(self.days),
        )


def _exemption_place(placed: PlacedRule, index: int) -> Place:
    written = len(placed.rule.rule.unless)
    return placed.at("unless", index) if index < written else placed.at("in_force", "phases", index - written)


def _program(condition: Condition, leaves: Iterator[int]) -> _Program:
    """Return a function from the truths of all leaves to that of a condition: what ``judge`` does, on given truths."""
    match condition:
        case Test():
            at = next(leaves)
            return lambda values: values[at]
        case Not(part):
            inner = _program(part, leaves)
            return lambda values: ~inner(values)
        case Contested(part):
            inner = _program(part, leaves)
            return lambda values: inner(values) & Truth.UNKNOWN
        case All(parts):
            return _joined([_program(part, leaves) for part in parts], Truth.FALSE, Truth.TRUE)
        case AnyOf(parts):
            return _joined([_program(part, leaves) for part in parts], Truth.TRUE, Truth.FALSE)


def _joined(programs: list[_Program], decisive: Truth, neutral: Truth) -> _Program:
    """Return the conjunction (FALSE decides) or disjunction (TRUE decides) of programs."""

    def run(values: _Values) -> Truth:
        result = neutral
        for program in programs:
            truth = program(values)
            if truth is decisive:
                return decisive
            if truth is Truth.UNKNOWN:
                result = truth
        return result

    return run


def _falls(occurred: Period, name: str, start: date, end: date | None) -> bool:
    """Whether a run's date shows a day that matters; ``before`` and ``after`` count on any earlier or later day."""
    match name:
        case "before":
            return occurred.last is not None and occurred.last < start
        case "first day":
            return occurred.first == occurred.last == start
        case "in force":
            return occurred.within(start, end) is Truth.TRUE
        case "last day":
            return end is not None and occurred.first == occurred.last == end - timedelta(1)
        case _:
            return end is not None and occurred.first is not None and occurred.first >= end
