"""The report of a check: its outcome, findings, questions, assumptions, and what was not checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from sanctions_engine.condition import Test
from sanctions_engine.facts import FactBase
from sanctions_engine.finding import Finding, Outcome
from sanctions_engine.readings import Gap
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Cause, Truth
from sanctions_engine.vocabulary import GROUNDS
from sanctions_engine.wording import ground_in_words

__all__ = ["Assumption", "Incomplete", "Question", "Report"]


@dataclass(frozen=True, slots=True)
class Question:
    """One missing fact, folded over everything that waits for it.

    Args:
        ask: The path of the fact (``goods[0].hs``).
        text: The question in words.
        settles: Ids of the rules that wait for it.
        cause: Why it is open.
        attribution: True where it only settles who is in breach, not whether anybody is.
    """

    ask: str
    text: str
    settles: tuple[str, ...]
    cause: Cause = Cause.ABSENT
    attribution: bool = False


@dataclass(frozen=True, slots=True)
class Assumption:
    """What was taken for granted and decided something.

    Args:
        path: The path at which it could be contradicted.
        assumed: What was assumed: ``no``.
        why: In words.
    """

    path: str
    assumed: str
    why: str


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A missing fact that could still make the transaction a regime's business.

    Args:
        gap: What is missing.
        waiting_rules: How many rules wait for it.
        transaction: What was checked, for the words of the question.
    """

    gap: Gap
    waiting_rules: int
    transaction: Transaction = field(repr=False)

    @property
    def path(self) -> str:
        """The path to fill."""
        return self.gap.path

    @property
    def text(self) -> str:
        """The question in words."""
        return question_text(self.gap, self.transaction)


@dataclass(frozen=True, repr=False)
class Report:
    """The answer to "may this be done?".

    Args:
        transaction: What was checked.
        findings: The gravest first.
        assumptions: Those that decided something.
        incomplete: What could still create a nexus.
        not_checked: What the check did not do.
        warnings: Contradictions in the description, and other things to be said.
        rulebook: Version and hash.
        list_info: Day and hash of the UN list.
        engine: Version of the engine.
        matcher: Which matcher found the findings.
        judged: How many rules were judged: those of the regimes it concerns, in force on its date.
    """

    transaction: Transaction
    findings: tuple[Finding, ...]
    assumptions: tuple[Assumption, ...]
    incomplete: tuple[Incomplete, ...]
    not_checked: tuple[str, ...]
    warnings: tuple[str, ...]
    rulebook: dict[str, str]
    list_info: dict[str, str | None]
    engine: str
    matcher: str
    facts: FactBase = field(repr=False, compare=False)
    judged: int = 0

    def __repr__(self) -> str:
        """Show the outcome and the paragraphs it rests on in a line; ``to_json`` shows the rest."""
        gravest = (finding for finding in self.findings if finding.outcome is self.outcome)
        cited = list(dict.fromkeys(finding.citation.paragraph for finding in gravest))
        shown = f" ({', '.join(cited[:5])}{', …' if len(cited) > 5 else ''})" if cited else ""
        return f"<Report {(self.transaction.id or 'transaction')[:60]}: {self.outcome.value}{shown}>"

    @cached_property
    def outcome(self) -> Outcome:
        """The first that occurs of violation, potential, duty, incomplete, advisory, exempt, clear."""
        outcomes = [finding.outcome for finding in self.findings]
        if self.incomplete:
            outcomes.append(Outcome.INCOMPLETE)
        return min(outcomes, key=lambda o: o.rank, default=Outcome.CLEAR)

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The settled breaches."""
        return self._of(Outcome.VIOLATION)

    @property
    def potentials(self) -> tuple[Finding, ...]:
        """The breaches that wait for a fact."""
        return self._of(Outcome.POTENTIAL)

    @property
    def duties(self) -> tuple[Finding, ...]:
        """What States must do."""
        return self._of(Outcome.DUTY)

    @property
    def advisories(self) -> tuple[Finding, ...]:
        """Calls and warning signs."""
        return self._of(Outcome.ADVISORY)

    @property
    def exemptions(self) -> tuple[Finding, ...]:
        """What an exemption takes out of a rule."""
        return self._of(Outcome.EXEMPT)

    def _of(self, outcome: Outcome) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.outcome is outcome)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What is missing, each fact once, the one that settles most first; who is in breach comes last."""
        waiting: dict[str, dict[str, None]] = {}
        causes: dict[str, Gap] = {}
        whys: dict[str, dict[str, None]] = {}
        for finding in self.findings:
            if finding.settled:
                continue
            for gap in finding.missing:
                waiting.setdefault(gap.path, {})[finding.rule.id] = None
                causes.setdefault(gap.path, gap)
                words = _open_grounds(finding) if gap.path == "grounds" else (gap.why,)
                whys.setdefault(gap.path, {}).update(dict.fromkeys(words))
        for path, last in _JOINED.items():
            if path in causes:
                causes[path] = causes[path]._replace(why=last.join(filter(None, whys[path])))
        found = [
            Question(path, self.ask(causes[path]), tuple(rules), causes[path].cause) for path, rules in waiting.items()
        ]
        found.sort(key=lambda q: (-len(q.settles), q.ask))
        return (*found, *self._attribution_questions(set(waiting)))

    def _attribution_questions(self, asked: set[str]) -> Iterable[Question]:
        waiting: dict[str, dict[str, None]] = {}
        states: dict[str, dict[str, None]] = {}
        for finding in self.findings:
            if finding.outcome is not Outcome.VIOLATION:
                continue
            for attribution in finding.in_breach:
                for path in attribution.asks if not attribution.settled else ():
                    if path not in asked:
                        waiting.setdefault(path, {})[finding.rule.id] = None
                        states.setdefault(path, {})[attribution.name] = None
        found = [
            Question(path, self._ask_whose(path, tuple(states[path])), tuple(rules), Cause.ABSENT, attribution=True)
            for path, rules in waiting.items()
        ]
        return sorted(found, key=lambda q: (-len(q.settles), q.ask))

    def _ask_whose(self, path: str, states: tuple[str, ...]) -> str:
        """Ask for the tie to the States that would then be in breach, by name where nationality is that tie."""
        if not path.endswith(".nationality"):
            return self.ask(Gap(path))
        return f"Is {_it(path, self.transaction)} a national of {' or '.join(states)}, or a company incorporated there?"

    def ask(self, gap: Gap) -> str:
        """Put a missing fact as a question."""
        return question_text(gap, self.transaction)

    def to_dict(self) -> dict[str, object]:
        """Return the report in the shape of the design's section 7."""
        return {
            "transaction": self.transaction.id,
            "outcome": self.outcome.value,
            "findings": [_finding(f) for f in self.findings],
            "questions": [{"ask": q.ask, "text": q.text, "settles": list(q.settles)} for q in self.questions],
            "assumptions": [{"path": a.path, "assumed": a.assumed, "why": a.why} for a in self.assumptions],
            "incomplete": [{"path": i.path, "waiting_rules": i.waiting_rules} for i in self.incomplete],
            "not_checked": list(self.not_checked),
            "warnings": list(self.warnings),
            "rulebook": self.rulebook,
            "list": self.list_info,
            "engine": self.engine,
        }

    def to_json(self) -> str:
        """Return the report as one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)


def _finding(finding: Finding) -> dict[str, object]:
    exemption = finding.exemption
    return {
        "rule": finding.rule.id,
        "regime": finding.rule.regime.regime,
        "outcome": finding.outcome.value,
        "subject": finding.subject.path,
        "citations": list(finding.citations),
        "exemption": exemption.paragraph if exemption is not None else None,
        "standing": finding.standing.value,
        "severity": finding.rule.rule.severity.value,
        "checked": finding.citation.checked,
        "settled": finding.settled,
        "in_breach": [{"state": a.state, "limb": a.limb} for a in finding.in_breach if a.settled],
        "facts": [
            {
                "path": e.path,
                "value": _value(e.values),
                "truth": (Truth.TRUE if e.sure and len(e.values) == 1 else Truth.UNKNOWN).value,
            }
            for e in finding.evidence
        ],
        "missing": list(dict.fromkeys(gap.path for gap in finding.missing)),
        "message": finding.message,
    }


def _value(values: Iterable[object]) -> object:
    texts = sorted(str(getattr(value, "value", value)) for value in values)
    return texts[0] if len(texts) == 1 else texts


_JOINED = {"determinations": " or ", "cumulative": ", and ", "grounds": ", or that ", "approvals": " or "}
"""Paths whose question may be about several things at once, and what joins them: all are named."""


def _open_grounds(finding: Finding) -> Iterable[str]:
    """Yield the grounds a finding waits for, in words."""
    for leaf in finding.when.leaves():
        if leaf.truth is Truth.UNKNOWN and isinstance(leaf.condition, Test) and leaf.condition.fact in GROUNDS:
            yield ground_in_words(leaf.condition.fact)


# ---------------------------------------------------------------------- questions in words

_QUESTIONS: tuple[tuple[str, str], ...] = (
    (r"occurred$", "On which day did it happen?"),
    (r"(?:activities|services|payments)\[\d+\]\.on$", "On which day did {it} happen?"),
    (r"contracted$", "On which day was the contract concluded?"),
    (r"discovered$", "On which day was it found?"),
    (r"activities$", "What was done: sale, transport, payment, training …?"),
    (r"parties\.(\w+)$", "Who is the {0}?"),
    (r"route\.from\.(country|place)$", "From which State, and from which place, did it start?"),
    (r"route\.to\.(country|place)$", "To which State, and to which place, did it go?"),
    (r"route\.(from|to)\.area$", "Which part of the State is it ({0})?"),
    (r"route\.via\[(\d+)\]", "In which State is stop {0} of the route?"),
    (r"goods$", "Which goods are concerned?"),
    (r"goods\[\d+\]\.hs$", "What is the HS code of {it}, as far as it is known?"),
    (r"goods\[\d+\]\.description$", "What exactly is {it}?"),
    (r"goods\[\d+\]\.condition$", "Is {it} new or used?"),
    (r"goods\[\d+\]\.unit_value$", "What is one piece of {it} worth?"),
    (r"goods\[\d+\]\.quantity$", "How much of {it} is there, and in which unit?"),
    (r"goods\[\d+\]\.(origin|made_in)$", "Where does {it} originate?"),
    (r"vessels$", "Which vessel is concerned?"),
    (r"vessels\[\d+\]\.flag$", "Which flag does {it} fly?"),
    (r"vessels\[\d+\]\.(owner|operator)$", "Who is the {0} of {it}?"),
    (r"vessels\[\d+\]\.imo$", "What is the IMO number of {it}?"),
    (r"vessels\[\d+\]\.suspected_of$", "Are there reasonable grounds to suspect {it} of prohibited activity?"),
    (r"vessels\[\d+\]\.designated", "Is {it} designated, and with which measures?"),
    (r"(?:parties|payments|vessels)\[\d+\].*\.(?:jurisdiction|country)$", "Under which State's jurisdiction is {it}?"),
    (r"(?:parties|payments|vessels)\[\d+\].*\.nationality$", "What nationality has {it}, or where is it incorporated?"),
    (r"(?:parties|payments)\[\d+\].*\.roles$", "What does {it} do in this: supplier, recipient, end user …?"),
    (r"(?:parties|payments)\[\d+\].*\.name$", "Who is {it}, by name?"),
    (r"(?:parties|payments)\[\d+\].*\.birth_date$", "When was {it} born?"),
    (
        r"(?:parties|payments)\[\d+\].*\.(identifiers|aliases)",
        "Which identifiers (passport, registration) does {it} have?",
    ),
    (r"(?:parties|payments)\[\d+\].*\.listed", "Is {it} the listed party? Under which regime and reference?"),
    (r"(?:parties|payments)\[\d+\].*\.owned_by\[(\d+)\]\.share$", "What share of {it} does owner {0} hold?"),
    (r"(?:parties|payments)\[\d+\].*\.kind$", "What kind of body is {it}?"),
    (r"approvals$", "Was there {why}?"),
    (r"approvals\[(\d+)\]\.granted$", "When was approval {0} given?"),
    (r"approvals\[(\d+)\]\.expires$", "Until when does approval {0} run?"),
    (r"approvals\[(\d+)\]\.covers$", "Which goods, parties or vessels does approval {0} cover?"),
    (r"determinations$", "Has a determination been made {why}?"),
    (r"cumulative$", "What is {why} so far?"),
    (r"cumulative\[(\d+)\]\.barrels_per_tonne$", "How many barrels is a tonne in total {0}? (no factor is built in)"),
    (r"purposes$", "What is it for: exclusively livelihood, humanitarian …?"),
    (r"grounds$", "Are there grounds to believe that {why}? (none: `grounds: []`)"),
    (r"payments$", "What was paid, by whom, to whom, and through which banks? (nothing: `payments: []`)"),
    (r"services$", "Which services were given, by whom and to whom? (none: `services: []`)"),
    (r"parties$", "Who takes part, and in which role?"),
    (r"route\.via$", "Through which States does it pass?"),
    (r"goods\[\d+\]\.spare_part_for$", "What is {it} a spare part for, if anything?"),
    (r"goods\[\d+\]\.value$", "What is {it} worth?"),
    (r"parties\[\d+\]\.located_in$", "Where is {it}?"),
    (r"conveyance\.mode$", "How does it move: rail, sea, road, air …?"),
    (r"circumstances$", "Was there an emergency, distress or force majeure?"),
    (r"project$", "Does it belong to a project with rules of its own?"),
    (r"(?:activities|services)\[\d+\]\.subject$", "What is {it} about: which field, or which class of items?"),
    (r"(?:activities|services|payments)\[\d+\]\.(?:by|payer)$", "Which of the parties is on the giving side of {it}?"),
    (r"(?:activities|services|payments)\[\d+\]\.(?:for|payee)$", "Which of the parties is on the taking side of {it}?"),
    (r"(?:activities|services|payments)\[\d+\]\.(goods|vessel)$", "Which {0} does {it} concern?"),
)


def question_text(gap: Gap, transaction: Transaction) -> str:
    """Put a missing fact as a question a person can answer.

    Args:
        gap: The missing fact.
        transaction: For the names of what is asked about.
    """
    for pattern, text in _QUESTIONS:
        match = re.match(pattern, gap.path)
        if match is not None:
            groups = [g.replace("_", " ") if g else "" for g in match.groups()]
            asked = text.format(*groups, it=_it(gap.path, transaction), why=gap.why or "anything more")
            return asked + _BECAUSE.get(gap.cause, "")
    return f"What is {gap.path}?" + _BECAUSE.get(gap.cause, "")


_BECAUSE = {
    Cause.IMPRECISE: " (what is stated is too coarse)",
    Cause.AMBIGUOUS: " (what is stated has several readings)",
    Cause.CANDIDATE: " (it may be a listed party)",
    Cause.STATED: " (stated as not known)",
}


def _it(path: str, transaction: Transaction) -> str:
    match = re.match(r"(goods|parties|vessels|activities|services|payments)\[(\d+)\]", path)
    if match is None or re.search(r"_bank\b", path):
        return path.rsplit(".", 1)[0]
    items = getattr(transaction, match[1]) or ()
    index = int(match[2])
    if index >= len(items):
        return match[0]
    item = items[index]
    if match[1] in ("activities", "services", "payments"):
        same = sum(1 for other in items if other.kind == item.kind) > 1
        return f"the {item.kind.replace('_', ' ')}" + (f" ({match[0]})" if same else "")
    name = getattr(item, "name", None) or getattr(item, "description", None)
    return f"“{name[:60]}”" if name else match[0]
