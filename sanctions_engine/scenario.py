"""Scenarios: described transactions with the verdict they must get, so that rules are tested code.

A ``*.scenario.yaml`` file holds one scenario, or a base transaction with cases that change it::

    rule: un.dprk.2397-7                 # the rule under test
    cites: 2397/7                        # what every finding of it must cite
    for_each: goods                      # and be about
    given: {occurred: 2023-05-04, ...}   # a transaction as users write it
    cases:
      - case: a tractor without approval
        expect: {outcome: violation, rule: violation}
      - case: the day before
        change: {occurred: 2017-12-21}
        expect: {rule: none}
      - case: "{} of a tractor"          # one scenario a value
        each: {activities: [sale, gift, lease]}
        expect: {rule: violation}

A scenario that asserts nothing, that evaluates no rule though it expects findings, or that names an unknown
key is an error, never a pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sanctions_engine.condition import Test
from sanctions_engine.documents import Document, Path, read_file
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError, Problem, did_you_mean
from sanctions_engine.facts import ForEach
from sanctions_engine.fields import one_or_many, refusal
from sanctions_engine.finding import Finding
from sanctions_engine.judge import Trace, judge
from sanctions_engine.report import Report
from sanctions_engine.rule import CompiledRule
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Truth
from sanctions_engine.wording import evidence_in_words, say_test

__all__ = [
    "Expectation",
    "ExpectedFinding",
    "Scenario",
    "ScenarioResult",
    "ScenarioText",
    "expected_findings",
    "explain_failure",
    "finding_differences",
    "head_differences",
    "load_scenarios",
    "run_scenario",
]

OutcomeWord = Literal["violation", "potential", "duty", "incomplete", "advisory", "exempt", "clear"]
FindingWord = Literal["violation", "potential", "duty", "advisory", "exempt", "none"]


Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ExpectedFinding(_Model):
    """A finding that must be there.

    Args:
        rule: The rule's id.
        outcome: Its verdict; ``none``: there must be no finding of this rule.
        subject: What it must be about.
        cites: Paragraphs it must cite.
        exemption: The paragraph of the exemption it must rest on.
        standing: How its facts must stand.
        in_breach: States it must name as in breach; no other may be named as settled.
        missing: Paths it must ask for.
        settled: Whether the facts must settle it.
    """

    rule: str
    outcome: FindingWord
    subject: str | None = None
    cites: Texts = ()
    exemption: str | None = None
    standing: Literal["stated", "alleged", "disputed", "confirmed"] | None = None
    in_breach: Texts | None = None
    missing: Texts = ()
    settled: Literal["yes", "no"] | None = None


class Expectation(_Model):
    """What a scenario asserts.

    Args:
        outcome: The report's outcome.
        rule: The verdict on the file's rule: the gravest of its findings, or ``none``.
        exemption: The paragraph of the exemption that must take it out of the file's rule.
        standing: The standing of the file's rule's finding.
        in_breach: The States its finding must name.
        missing: Paths its finding must ask for.
        findings: Further findings that must be there.
        none_of: Rules, or regimes, that must find nothing.
        only: The only rules that may find anything graver than an advisory.
        questions: Paths that must be asked, in this order among the questions.
        incomplete: Paths that must be listed as incomplete.
        assumes: Paths that must be among the assumptions.
    """

    outcome: OutcomeWord | None = None
    rule: FindingWord | None = None
    exemption: str | None = None
    standing: Literal["stated", "alleged", "disputed", "confirmed"] | None = None
    in_breach: Texts | None = None
    missing: Texts = ()
    findings: tuple[ExpectedFinding, ...] = ()
    none_of: Texts = ()
    only: Texts | None = None
    questions: Texts = ()
    incomplete: Texts = ()
    assumes: Texts = ()


class Case(_Model):
    """A case: the given transaction, changed.

    Args:
        case: What it shows; ``{}`` in it stands for the value of ``each``.
        change: A key or a path such as ``goods[0].hs``, with its new value; ``null`` removes it.
        each: One path with two or more values: one scenario a value.
        as_of: The day whose law counts.
        because: Why the verdict is right.
        expect: What is asserted.
    """

    case: Annotated[str, Field(min_length=1)]
    change: Mapping[str, Any] = Field(default_factory=dict)
    each: Mapping[str, Any] | None = None
    as_of: str | None = None
    because: str | None = None
    expect: Expectation


class ScenarioText(_Model):
    """What a scenario file holds.

    Args:
        scenario: What it shows, where it has no cases.
        rule: The rule under test.
        cites: Paragraphs that every finding of the rule must cite.
        for_each: What every finding of the rule must be about.
        given: A transaction as users write it.
        transaction: The path of a file with the transaction, or the transaction.
        as_of: The day whose law counts.
        because: Why the verdict is right.
        expect: What is asserted of the transaction as given.
        cases: The transaction, changed.
    """

    scenario: str | None = None
    rule: str | None = None
    cites: Texts = ()
    for_each: Literal["transaction", "activity", "goods", "party", "vessel"] | None = None
    given: Mapping[str, Any] | None = None
    transaction: str | Mapping[str, Any] | None = None
    as_of: str | None = None
    because: str | None = None
    expect: Expectation | None = None
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """One transaction with the verdict it must get.

    Args:
        name: What it shows.
        transaction: As users write it.
        expect: What is asserted.
        rule: The rule under test, where the file names one.
        as_of: The day whose law counts.
        place: File and line.
        cites: Paragraphs that every finding of the rule must cite; empty: not asked.
        for_each: What every finding of the rule must be about; None: not asked.
    """

    name: str
    transaction: Mapping[str, Any]
    expect: Expectation
    rule: str | None
    as_of: date | None
    place: str
    cites: tuple[str, ...] = ()
    for_each: ForEach | None = None


@dataclass(frozen=True)
class ScenarioResult:
    """How a scenario went: the report, and every difference from what was expected."""

    scenario: Scenario
    report: Report
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


def load_scenarios(path: str | FilePath) -> tuple[Scenario, ...]:
    """Read the scenarios of a file.

    Raises:
        InputError: The file is not well formed, names an unknown key, or asserts nothing.
    """
    document = read_file(path)
    try:
        file = ScenarioText.model_validate(document.data)
    except ValidationError as error:
        refused = [refusal(detail, ScenarioText) for detail in error.errors()]
        raise InputError([Problem(document.where(at), what) for at, what in refused]) from error
    base = _base(file, document, FilePath(path))
    stem = FilePath(path).name.removesuffix(".scenario.yaml")
    found = list(_scenarios(file, base, document, stem))
    if not found:
        raise InputError([Problem(document.where(()), "holds no scenario: add expect, or cases with expect")])
    for scenario in found:
        if scenario.expect == Expectation():
            raise InputError(
                [Problem(scenario.place, f"{scenario.name!r} expects nothing; a test must be able to fail")]
            )
        own = (scenario.expect.rule, scenario.expect.exemption, scenario.expect.standing, scenario.expect.in_breach)
        if scenario.rule is None and any(x is not None for x in own):
            raise InputError(
                [Problem(scenario.place, f"{scenario.name!r} speaks of the file's rule, but the file names none")]
            )
    if file.rule is None and (file.cites or file.for_each):
        key = "cites" if file.cites else "for_each"
        raise InputError([Problem(document.where((key,)), f"{key} speaks of the file's rule, but the file names none")])
    return tuple(found)


def _scenarios(file: ScenarioText, base: Mapping[str, Any], document: Document, stem: str) -> Iterator[Scenario]:
    as_of = _day(file.as_of, document, ("as_of",))

    def scenario(name: str, what: Mapping[str, Any], expect: Expectation, day: date | None, at: Path) -> Scenario:
        about = ForEach(file.for_each) if file.for_each is not None else None
        return Scenario(name, what, expect, file.rule, day, document.where(at), file.cites, about)

    if file.expect is not None:
        yield scenario(file.scenario or stem, base, file.expect, as_of, ("expect",))
    for i, case in enumerate(file.cases):
        changed = _changed(base, case.change, document, ("cases", i, "change"))
        own = _day(case.as_of, document, ("cases", i, "as_of")) or as_of
        if case.each is None:
            yield scenario(case.case, changed, case.expect, own, ("cases", i))
            continue
        at: Path = ("cases", i, "each")
        key, values = _swept(case.each, document, at)
        for j, value in enumerate(values):
            one = _changed(changed, {key: value}, document, at)
            yield scenario(_named(case.case, value), one, case.expect, own, (*at, key, j))


def _swept(each: Mapping[str, Any], document: Document, at: Path) -> tuple[str, list[Any]]:
    """Return the path that a case sweeps, and its values.

    Raises:
        InputError: There is not one path, or it has not two or more values that differ: the rest would test nothing.
    """
    if len(each) != 1:
        what = f"each takes one path with its values, not {len(each)}; put what belongs together into one value"
        raise InputError([Problem(document.where(at), what)])
    [(key, values)] = each.items()
    if not isinstance(values, list) or len(values) < 2:
        what = f"each gives a path two or more values, such as {{{key}: [one, another]}}; for one value write change"
        raise InputError([Problem(document.where((*at, key)), what)])
    for j, value in enumerate(values):
        if value in values[:j]:
            what = f"{_said(value)!r} stands twice in each; leave one out"
            raise InputError([Problem(document.where((*at, key, j)), what)])
    return key, values


def _named(case: str, value: object) -> str:
    """Name the scenario of one value: it stands for ``{}`` in the case's name, or follows it."""
    said = _said(value)
    return case.replace("{}", said) if "{}" in case else f"{case}: {said}"


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(_said(inner) for inner in value.values())
    if isinstance(value, list):
        return ", ".join(_said(inner) for inner in value)
    return "not stated" if value is None else str(value)


def _day(text: str | None, document: Document, path: Path) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError([Problem(document.where(path), f"{text!r} is not a full day, such as 2017-12-22")]) from None


def _base(file: ScenarioText, document: Document, path: FilePath) -> Mapping[str, Any]:
    if file.given is not None:
        return file.given
    if isinstance(file.transaction, str):
        loaded = read_file(path.parent / file.transaction)
        if not isinstance(loaded.data, Mapping):
            raise InputError([Problem(loaded.name, "is not a transaction")])
        return loaded.data
    if file.transaction is not None:
        return file.transaction
    raise InputError([Problem(document.where(()), "has no transaction: add given, or transaction with a file's path")])


_STEP = re.compile(r"([A-Za-z_]+)|\[(\d+)\]")


def _changed(base: Mapping[str, Any], change: Mapping[str, Any], document: Document, at: Path) -> Mapping[str, Any]:
    """Apply changes: a key replaces, ``null`` removes, a path such as ``goods[0].hs`` reaches inside."""
    result: dict[str, Any] = deepcopy(dict(base))
    for key, value in change.items():
        steps: list[str | int] = [name or int(index) for name, index in _STEP.findall(key)]
        holder: Any = result
        try:
            for step, following in pairwise(steps):
                if isinstance(step, str) and step not in holder:
                    holder[step] = [] if isinstance(following, int) else {}
                holder = holder[step]
            last = steps[-1]
            if value is None:
                del holder[last]
            elif isinstance(last, int) and last == len(holder):
                holder.append(deepcopy(value))
            else:
                holder[last] = deepcopy(value)
        except (KeyError, IndexError, TypeError):
            raise InputError(
                [Problem(document.where((*at, key)), f"{key!r} leads nowhere in the given transaction")]
            ) from None
    return result


def run_scenario(scenario: Scenario, engine: Engine) -> ScenarioResult:
    """Check a scenario's transaction and compare.

    Raises:
        InputError: The transaction cannot be read, a rule it names does not exist, or it expects findings and no
            rule was judged at all: such a test tests nothing.
    """
    known = {rule.id for rule in engine.rulebook.rules}
    named = [scenario.rule, *(f.rule for f in scenario.expect.findings), *(scenario.expect.only or ())]
    for rule in [*named, *(r for r in scenario.expect.none_of if r not in engine.rulebook.regimes)]:
        if rule is not None and rule not in known:
            raise InputError([Problem(scenario.place, f"no rule {rule!r}{did_you_mean(rule, sorted(known))}")])
    try:
        report = engine.check(Transaction.of(scenario.transaction), as_of=scenario.as_of)
    except InputError as error:
        raise InputError([Problem(scenario.place, str(p)) for p in error.problems]) from error
    if report.judged == 0 and _expects_findings(scenario.expect):
        raise InputError(
            [
                Problem(
                    scenario.place,
                    f"{scenario.name!r} expects findings but evaluates no rule: nothing in it concerns a regime's "
                    "targets, or no rule was in force on its date",
                )
            ]
        )
    return ScenarioResult(scenario, report, tuple(_differences(scenario, report)))


def _expects_findings(expect: Expectation) -> bool:
    return (
        expect.outcome not in (None, "clear", "incomplete")
        or expect.rule not in (None, "none")
        or any(finding.outcome != "none" for finding in expect.findings)
        or any((expect.exemption, expect.standing, expect.in_breach, expect.missing, expect.only))
    )


def explain_failure(result: ScenarioResult, engine: Engine) -> Iterator[str]:
    """Say for every rule a failure names where it stands, and which facts made its condition what it is."""
    if result.scenario.as_of is not None:
        engine = engine.as_of(result.scenario.as_of)
    named = " ".join(result.failures)
    for rule in engine.rulebook.rules:
        if not re.search(rf"{re.escape(rule.id)}(?![\w-])", named):
            continue
        yield f"rule {rule.id} ({rule.place}):"
        facts = result.report.facts
        subjects = facts.subjects(rule.rule.for_each)
        for subject in subjects[:3]:
            trace = judge(rule.when, facts, subject)
            yield f"  {subject.path}: the condition is {_TRUTHS[trace.truth]}"
            yield from (f"    {line}" for line in _deciding_lines(trace, engine))
            yield from _exemption_lines(rule, result, subject.path, engine)
        if len(subjects) > 3:
            yield f"  and {len(subjects) - 3} more"


_TRUTHS = {Truth.TRUE: "true", Truth.FALSE: "false", Truth.UNKNOWN: "open"}


def _exemption_lines(rule: CompiledRule, result: ScenarioResult, path: str, engine: Engine) -> Iterator[str]:
    found = next((f for f in result.report.findings if f.rule.id == rule.id and f.subject.path == path), None)
    for exemption, trace in zip(rule.exemptions, found.unless if found is not None else (), strict=False):
        yield f"    exemption {exemption.paragraph} ({exemption.title}) is {_TRUTHS[trace.truth]}"
        if trace.truth is not Truth.FALSE:
            yield from (f"      {line}" for line in _deciding_lines(trace, engine))


def _deciding_lines(trace: Trace, engine: Engine) -> Iterator[str]:
    for leaf in dict.fromkeys(trace.deciding()):
        test, weighed = leaf.condition, leaf.weighed
        if isinstance(test, Test) and weighed is not None:
            missing = ", ".join(dict.fromkeys(gap.path for gap in (*weighed.gaps, *weighed.assumed)))
            absent = f"not stated: {missing}" if missing else "nothing is stated"
            source = evidence_in_words(weighed.evidence) or absent
            yield f"{_TRUTHS[leaf.truth]}: {say_test(test, engine.rulebook.goods).positive} <- {source}"


def expected_findings(scenario: Scenario) -> Iterator[ExpectedFinding]:
    """Yield what a scenario expects of single rules: what it says of the file's rule first, then its findings."""
    expect = scenario.expect
    if scenario.rule is not None and (
        expect.rule is not None or expect.exemption or expect.standing or expect.in_breach or expect.missing
    ):
        yield ExpectedFinding(
            rule=scenario.rule,
            outcome=expect.rule or "violation",
            exemption=expect.exemption,
            standing=expect.standing,
            in_breach=expect.in_breach,
            missing=expect.missing,
        )
    yield from expect.findings


def head_differences(scenario: Scenario, findings: Iterable[Finding]) -> Iterator[str]:
    """Yield how findings of the file's rule differ from what the head of the file says of all of them.

    Args:
        scenario: What is expected.
        findings: Of any rules.
    """
    for finding in findings:
        if finding.rule.id != scenario.rule:
            continue
        for paragraph in scenario.cites:
            if paragraph not in finding.citations:
                yield f"{scenario.rule}: expected to cite {paragraph}, cites {', '.join(finding.citations)}"
        kind = finding.subject.kind
        if scenario.for_each not in (None, kind):
            yield (
                f"{scenario.rule}: expected findings for each {scenario.for_each.value}, "
                f"got one on {finding.subject.path}"
            )


def _differences(scenario: Scenario, report: Report) -> Iterator[str]:
    expect = scenario.expect
    if expect.outcome is not None and report.outcome.value != expect.outcome:
        yield f"outcome: expected {expect.outcome}, got {report.outcome.value}{_because(report)}"
    for expected in expected_findings(scenario):
        yield from finding_differences(expected, report.findings)
    yield from head_differences(scenario, report.findings)
    for name in expect.none_of:
        for finding in report.findings:
            if name in (finding.rule.id, finding.rule.regime.regime):
                yield f"{finding.rule.id}: expected no finding, got {_short(finding)}"
    if expect.only is not None:
        for finding in report.findings:
            if finding.outcome.value in ("violation", "potential", "duty") and finding.rule.id not in expect.only:
                yield f"{finding.rule.id}: not among the rules expected, but {_short(finding)}"
    asked = [question.ask for question in report.questions]
    for path in expect.questions:
        if path not in asked:
            yield f"question {path}: not asked; asked are {', '.join(asked) or 'none'}"
    positions = [asked.index(path) for path in expect.questions if path in asked]
    if positions != sorted(positions):
        yield f"questions: expected in the order {', '.join(expect.questions)}, got {', '.join(asked)}"
    for path in expect.incomplete:
        if path not in [item.path for item in report.incomplete]:
            yield f"incomplete {path}: not listed; listed are {', '.join(i.path for i in report.incomplete) or 'none'}"
    for path in expect.assumes:
        if path not in [item.path for item in report.assumptions]:
            yield f"assumption {path}: not listed; listed are {', '.join(a.path for a in report.assumptions) or 'none'}"


def _short(finding: Finding) -> str:
    return f"{finding.outcome.value} on {finding.subject.path}: {finding.message}"


def _because(report: Report) -> str:
    findings = [f"{f.rule.id} {f.outcome.value} on {f.subject.path}" for f in report.findings[:6]]
    missing = [f"incomplete: {item.path}" for item in report.incomplete[:4]]
    return f" ({'; '.join([*findings, *missing])})" if findings or missing else ""


def finding_differences(expected: ExpectedFinding, findings: Iterable[Finding]) -> Iterator[str]:
    """Yield how what was found differs from what a scenario expects of one rule.

    Args:
        expected: What is expected.
        findings: Of any rules; the gravest of the expected rule's counts.
    """
    found = [f for f in findings if f.rule.id == expected.rule and expected.subject in (None, f.subject.path)]
    gravest = min(found, key=lambda f: f.outcome.rank, default=None)
    got = gravest.outcome.value if gravest is not None else "none"
    if got != expected.outcome:
        why = f": {gravest.message}" if gravest is not None else ""
        yield f"{expected.rule}: expected {expected.outcome}, got {got}{why}"
        return
    if gravest is not None:
        yield from _details(expected, gravest)


def _details(expected: ExpectedFinding, finding: Finding) -> Iterator[str]:
    for paragraph in expected.cites:
        if paragraph not in finding.citations:
            yield f"{expected.rule}: expected to cite {paragraph}, cites {', '.join(finding.citations)}"
    if expected.exemption is not None:
        got = finding.exemption.paragraph if finding.exemption is not None else "none"
        if got != expected.exemption:
            yield f"{expected.rule}: expected exemption {expected.exemption}, got {got}"
    if expected.standing is not None and finding.standing.value != expected.standing:
        yield f"{expected.rule}: expected standing {expected.standing}, got {finding.standing.value}"
    if expected.in_breach is not None:
        states = sorted({a.state for a in finding.in_breach if a.settled})
        if states != sorted(expected.in_breach):
            wanted = ", ".join(expected.in_breach) or "nobody"
            yield f"{expected.rule}: expected in breach {wanted}, got {', '.join(states) or 'nobody'}"
    missing = list(dict.fromkeys(gap.path for gap in finding.missing))
    for path in expected.missing:
        if path not in missing:
            yield f"{expected.rule}: expected to ask for {path}, asks for {', '.join(missing) or 'nothing'}"
    if expected.settled is not None and finding.settled != (expected.settled == "yes"):
        yield f"{expected.rule}: expected settled {expected.settled}"
