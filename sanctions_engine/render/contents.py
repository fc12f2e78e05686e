"""What a report says to a person: its page, worded once for every format, and nothing as surer than it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sanctions_engine.attribution import Attribution
from sanctions_engine.condition import All, AnyOf, Contested, Not, Span, Test
from sanctions_engine.facts import ForEach, Subject
from sanctions_engine.finding import Finding, Outcome, Standing
from sanctions_engine.judge import Trace
from sanctions_engine.plain import safe
from sanctions_engine.render.page import LONGEST_LIST, Entry, Page, Section
from sanctions_engine.report import Report
from sanctions_engine.rule import CompiledExemption, InForce
from sanctions_engine.transaction import Claim
from sanctions_engine.truth import Truth
from sanctions_engine.wording import (
    GRADES,
    bound_in_words,
    evidence_in_words,
    ground_in_words,
    joined,
    limb_in_words,
    say_test,
)

__all__ = ["report_page", "span_in_words"]

_FOLD_ABOVE = 12
"""More open findings than this are grouped by the question they wait for."""


def report_page(report: Report, *, why: bool = False) -> Page:
    """Lay out a report.

    Args:
        report: What was found.
        why: Whether every finding shows the whole tree of its condition and exemptions, not only what decided it.
    """
    numbers = {question.ask: i for i, question in enumerate(report.questions, 1)}
    writer = _Findings(report, numbers, why)
    transaction = report.transaction
    acts = list(
        dict.fromkeys(
            a.kind.replace("_", " ") for a in (*(transaction.activities or ()), *(transaction.services or ()))
        )
    )
    done = ", ".join(acts[:3]) + (f" and {len(acts) - 3} more" if len(acts) > 3 else "")
    when = str(transaction.occurred) if transaction.occurred is not None else "no date"
    sections = [Section("", tuple(writer.entries()), major=True)]
    sections += _lists(report)
    return Page(
        transaction.id,
        f"{when} · {done or 'no activity stated'}",
        report.outcome.value.upper(),
        _qualifier(report),
        report.outcome.value,
        tuple(section for section in sections if section.entries),
        _foot(report),
    )


_STANDING = {
    Standing.DISPUTED: "if true (disputed)",
    Standing.ALLEGED: "if true (alleged)",
    Standing.STATED: "if as described",
    Standing.CONFIRMED: "on facts stated to be confirmed",
}


def _qualifier(report: Report) -> str:
    outcome = report.outcome
    gravest = [f for f in report.findings if f.outcome is outcome]
    if outcome is Outcome.INCOMPLETE:
        return "facts are missing, see below"
    if outcome is Outcome.CLEAR:
        return "as described" + (", on the assumptions below" if report.assumptions else "")
    # The finding that stands best carries the verdict: one undisputed breach is a breach whatever else is disputed.
    order = list(Standing)
    standing = max((f.standing for f in gravest), key=order.index, default=Standing.STATED)
    words = _STANDING[standing]
    return words if any(f.settled for f in gravest) else f"not settled · {words}"


def _foot(report: Report) -> str:
    listed = report.list_info.get("generated")
    return " · ".join(
        [
            f"rulebook {report.rulebook['version']} ({report.rulebook['sha256'][:12]})",
            f"UN list of {listed}" if listed else "UN list: starter list only",
            f"engine {report.engine} ({report.matcher})",
            "judged as described, no legal advice",
        ]
    )


def _lists(report: Report) -> Iterator[Section]:
    rules = {f.rule.id: f.citation.paragraph for f in report.findings}
    yield Section(
        "Ask next",
        tuple(
            Entry(
                q.text,
                str(i),
                q.ask,
                meta=f"decides who is in breach of {joined((rules.get(r, r) for r in q.settles), 'and')}"
                if q.attribution
                else f"{len(q.settles)} rule{'s wait' if len(q.settles) > 1 else ' waits'} for it",
            )
            for i, q in enumerate(report.questions, 1)
        ),
    )
    yield Section(
        "Incomplete",
        tuple(
            Entry(
                i.text,
                aside=i.path,
                meta=f"{i.waiting_rules} rule{'s' if i.waiting_rules != 1 else ''} could still apply",
            )
            for i in report.incomplete
        ),
    )
    yield Section("Assumed", tuple(map(Entry, _assumed(a.why or f"{a.path}: {a.assumed}" for a in report.assumptions))))
    yield Section("Note", tuple(Entry(text) for text in report.warnings))
    yield Section("Not checked", tuple(Entry(text) for text in report.not_checked))


_GROUNDLESS = "no grounds to believe that {}"
_ALIKE = (
    (
        re.compile(r"(.+) is not (?:owned by|controlled by|acting for) somebody else"),
        "nobody else owns, controls or stands behind {}",
    ),
    (re.compile(r"(.+) has no further role"), "no further role is played by {}"),
    (re.compile(r"(.+) is an ordinary person or company"), "an ordinary person or company: {}"),
    (re.compile(r"there are no grounds of (.+)"), _GROUNDLESS),
)


def _assumed(texts: Iterable[str]) -> Iterator[str]:
    """Yield assumptions, those that say the same of several things as one."""
    folded: dict[str, dict[str, None]] = {}
    for text in texts:
        together, match = next(((t, m) for pattern, t in _ALIKE if (m := pattern.fullmatch(text))), (text, None))
        names = folded.setdefault(together, {})
        if match is not None:
            names[ground_in_words(match[1].replace(" ", "_")) if together is _GROUNDLESS else match[1]] = None
    for text, names in folded.items():
        last = "or that" if text is _GROUNDLESS else "or"
        yield text.format(joined(names, last)) if names else text


class _Findings:
    """Words the findings of a report."""

    def __init__(self, report: Report, numbers: dict[str, int], why: bool) -> None:
        self.report = report
        self.numbers = numbers
        self.why = why
        self.goods = report.facts.classifier.categories

    def entries(self) -> Iterator[Entry]:
        """Yield findings, the gravest first; many open ones as groups."""
        findings = self.report.findings
        if not findings and self.report.outcome is Outcome.CLEAR:
            yield Entry("No rule of this book is engaged by what is described.", mark="clear")
        elif not findings:
            yield Entry(
                "No rule of this book is engaged by what is described so far; what is missing could change that.",
                mark="incomplete",
            )
        unsettled = [f for f in findings if not f.settled]
        if len(unsettled) <= _FOLD_ABOVE or self.why:
            yield from self.in_full(findings)
            return
        yield from self.in_full([f for f in findings if f.settled and f.outcome is Outcome.VIOLATION])
        yield from self.groups(unsettled)
        yield from self.in_full([f for f in findings if f.settled and f.outcome is not Outcome.VIOLATION])

    def in_full(self, findings: Sequence[Finding]) -> Iterator[Entry]:
        """Word findings, those that differ in nothing but their subject as one."""
        merged: dict[Entry, list[Subject]] = {}
        for finding in findings:
            merged.setdefault(self.finding(finding), []).append(finding.subject)
        for entry, subjects in merged.items():
            concerns = self.subjects(subjects)
            yield replace(entry, below=(*([concerns] if concerns is not None else ()), *entry.below))

    def groups(self, findings: Sequence[Finding]) -> Iterator[Entry]:
        """Group open findings by the question that settles most, one line for each rule."""
        by_question: dict[int, dict[str, list[Finding]]] = {}
        for finding in findings:
            asked = self.asked(finding)
            by_question.setdefault(asked[0] if asked else 0, {}).setdefault(finding.rule.id, []).append(finding)
        for number, rules in sorted(by_question.items(), key=lambda item: item[0] or 10_000):
            question = self.report.questions[number - 1] if number else None
            yield Entry(
                question.text if question is not None else "Lawyers differ on these, or a determination decides:",
                head=f"{len(rules)} open · question {number}" if number else f"{len(rules)} open",
                mark="potential",
                below=tuple(self.folded(found, number) for found in rules.values()),
            )

    def folded(self, found: Sequence[Finding], number: int) -> Entry:
        """Word the findings of one rule in a line."""
        first = found[0]
        others = sorted({n for f in found for n in self.asked(f)} - {number})
        subjects = list(dict.fromkeys(f.subject.path for f in found if f.subject.kind is not ForEach.TRANSACTION))
        notes = []
        if subjects:
            notes.append(", ".join(subjects[:3]) + (f" and {len(subjects) - 3} more" if len(subjects) > 3 else ""))
        if others:
            notes.append(f"also question{'s' if len(others) > 1 else ''} {joined(map(str, others), 'and')}")
        if first.contested:
            notes.append(f"contested: {first.contested[0]}")
        return Entry(
            first.rule.rule.title,
            first.citation.paragraph,
            mark=first.outcome.value,
            meta=" · ".join([first.rule.id, first.rule.rule.severity.value, *notes]),
        )

    def asked(self, finding: Finding) -> list[int]:
        """Return the numbers of the questions a finding waits for."""
        if finding.settled:
            return []
        return sorted({self.numbers[gap.path] for gap in finding.missing if gap.path in self.numbers})

    def finding(self, finding: Finding) -> Entry:
        """Word one finding in full."""
        rule = finding.rule.rule
        title = rule.title
        if finding.exemption is not None:
            title = f"{finding.exemption.title} (takes it out of {finding.rule.citations[0]}: {rule.title})"
        meta = [finding.rule.id, rule.severity.value, span_in_words(rule.in_force)]
        below = [*self.facts(finding)]
        below += self.open(finding)
        below += self.exemptions(finding)
        below += self.who(finding)
        if finding.claims:
            below.append(Entry(" · ".join(_claim(c) for c in finding.claims)))
        below += [Entry(text, "note") for text in finding.warnings]
        also = [p for p in finding.citations if p != finding.citation.paragraph]
        cited = f"; also {', '.join(also)}" if also else ""
        below.append(Entry(GRADES[finding.citation.checked] + cited, "law", quiet=True))
        if self.why:
            below.append(Entry("why", below=(self.tree(finding.when), *self.exemption_trees(finding))))
        return Entry(
            title,
            finding.citation.paragraph,
            mark=finding.outcome.value,
            meta=" · ".join(meta),
            below=tuple(below),
        )

    def subjects(self, subjects: Sequence[Subject]) -> Entry | None:
        """Name what was judged, where it is one of several things."""
        named = []
        for subject in subjects:
            if subject.kind is ForEach.TRANSACTION:
                continue
            name = self.name(subject)
            named.append(
                f"{subject.path} (not described)"
                if subject.index < 0
                else f"{subject.path} {name}"
                if name
                else subject.path
            )
        if not named:
            return None
        more = f" and {len(named) - LONGEST_LIST} more" if len(named) > LONGEST_LIST else ""
        return Entry(", ".join(named[:LONGEST_LIST]) + more, "concerns")

    def name(self, subject: Subject) -> str:
        """Quote the name of a subject."""
        collection = {ForEach.GOODS: "goods", ForEach.PARTY: "parties", ForEach.VESSEL: "vessels"}.get(subject.kind)
        items = (getattr(self.report.transaction, collection) or ()) if collection else ()
        if not 0 <= subject.index < len(items):
            return ""
        item = items[subject.index]
        name = getattr(item, "name", None) or getattr(item, "description", None)
        return f"“{safe(name, 80)}”" if name else ""

    def facts(self, finding: Finding) -> Iterator[Entry]:
        """Word the facts that decided it, and where each came from; what is open is marked."""
        traces = [finding.when]
        if finding.exemption is not None:
            traces = [t for t in finding.unless if t.truth is Truth.TRUE][:1]
        found: dict[Entry, None] = {}
        for trace in traces:
            for leaf, denied in _deciding(trace):
                entry = self.fact(leaf, denied)
                if entry is not None:
                    found[entry] = None
        if finding.settled and finding.outcome is not Outcome.ADVISORY:
            yield from found
            return
        # What is open comes first and in full; what holds is said in a line, its sources are under --why.
        yield from (entry for entry in found if entry.mark)
        holds = [entry.text for entry in found if not entry.mark]
        if holds:
            yield Entry("; ".join(holds), "holds")

    def fact(self, leaf: Trace, denied: bool) -> Entry | None:
        """Word one deciding test; None where it only says that the law was in force."""
        test = leaf.condition
        assert isinstance(test, Test)  # noqa: S101  # only tests are leaves
        weighed = leaf.weighed
        evidence = weighed.evidence if weighed is not None else ()
        if leaf.truth is Truth.UNKNOWN:
            phrase = say_test(test, self.goods).text(denied=denied)
            return Entry(phrase, aside=evidence_in_words(evidence) or "not stated", mark="unknown")
        if isinstance(test.operand, Span) and test.fact == "occurred":
            return None
        sure = frozenset(str(v) for e in evidence if e.sure for v in e.values)
        phrase = say_test(test, self.goods, sure if leaf.truth is Truth.TRUE else frozenset()).text(
            denied=leaf.truth is Truth.FALSE
        )
        assumed = "; ".join(dict.fromkeys(gap.why for gap in weighed.assumed)) if weighed is not None else ""
        return Entry(phrase, aside=evidence_in_words(evidence) or (f"assumed: {assumed}" if assumed else ""))

    def open(self, finding: Finding) -> Iterator[Entry]:
        """Say what would settle what is open."""
        if finding.settled:
            return
        yield from (Entry(text, "contested") for text in finding.contested)
        numbers = self.asked(finding)
        if numbers:
            yield Entry(
                f"{'an answer' if len(numbers) == 1 else 'answers'} to question{'s' if len(numbers) > 1 else ''} "
                f"{joined(map(str, numbers), 'and')}",
                "would be settled by",
            )

    def exemptions(self, finding: Finding) -> Iterator[Entry]:
        """Say which exemption may apply, which does not and why, or that none is known."""
        if finding.exemption is not None:
            return
        rule = finding.rule
        if not rule.exemptions and finding.outcome in (Outcome.VIOLATION, Outcome.POTENTIAL):
            yield Entry("no exemption from this paragraph is known to this rulebook")
        refused: dict[str, list[CompiledExemption]] = {}
        for exemption, trace in zip(rule.exemptions, finding.unless, strict=True):
            entries = [
                entry
                for leaf, denied in _deciding(trace)
                if (leaf.truth is Truth.UNKNOWN) is (trace.truth is Truth.UNKNOWN)
                and (entry := self.fact(leaf, denied)) is not None
            ]
            if trace.truth is Truth.UNKNOWN:
                why = " and ".join(dict.fromkeys(entry.text for entry in entries))
                yield Entry(
                    f"{exemption.title} ({exemption.paragraph}){f', if {why}' if why else ''}", "exempt perhaps"
                )
            else:
                # An approval that is held and does not fit is named; its path says more than the general phrase.
                texts = dict.fromkeys(e.aside if e.aside.startswith("approvals[") else e.text for e in entries)
                refused.setdefault("; ".join(texts), []).append(exemption)
        for why, exemptions in refused.items():
            cited = joined((e.paragraph for e in exemptions), "and")
            if len(exemptions) == 1:
                cited = f"{exemptions[0].title} ({cited})"
            yield Entry(f"{cited}: {why}" if why else cited, "not exempt under")

    def who(self, finding: Finding) -> Iterator[Entry]:
        """Name the States in breach or owing the duty, and what is not settled about that."""
        if finding.outcome in (Outcome.EXEMPT, Outcome.CLEAR):
            return
        label, doubtful = {
            Outcome.VIOLATION: ("in breach", "not settled"),
            Outcome.POTENTIAL: ("would be in breach", "perhaps also"),
            Outcome.DUTY: ("owed by", "perhaps owed by"),
        }.get(finding.outcome, ("addressed to", "perhaps addressed to"))
        settled = [a for a in finding.in_breach if a.settled]
        if settled:
            yield Entry("; ".join(_attributions(settled, finding.settled)), label)
        elif not finding.rule.of_the_council and finding.in_breach == ():
            yield Entry(joined(map(bound_in_words, finding.rule.rule.binds), "and"), label)
        elif finding.outcome is Outcome.VIOLATION:
            yield Entry("no State can be named on these facts alone", label)
        elif finding.outcome is Outcome.DUTY or not finding.in_breach:
            yield Entry(joined(map(bound_in_words, finding.rule.rule.binds), "and"), label)
        for attribution in finding.in_breach:
            if attribution.settled:
                continue
            see = [self.numbers[path] for path in attribution.asks if path in self.numbers]
            ask = f"see question {joined(map(str, see), 'and')}" if see else f"ask {joined(attribution.asks)}"
            (named,) = _attributions([attribution], finding.settled)
            yield Entry(f"{named}: {ask}", doubtful)

    # ------------------------------------------------------------------ the tree of why

    def exemption_trees(self, finding: Finding) -> Iterator[Entry]:
        """Show the tree of every exemption."""
        for exemption, trace in zip(finding.rule.exemptions, finding.unless, strict=True):
            yield Entry(
                f"{exemption.title}", f"unless {exemption.paragraph}", mark=trace.truth.value, below=(self.tree(trace),)
            )

    def tree(self, trace: Trace) -> Entry:
        """Show every part of a condition with its truth and evidence."""
        mark = trace.truth.value
        match trace.condition:
            case Test() as test:
                weighed = trace.weighed
                evidence = weighed.evidence if weighed is not None else ()
                aside = evidence_in_words(evidence)
                if not aside and weighed is not None:
                    missing = ", ".join(dict.fromkeys(gap.path for gap in weighed.gaps))
                    assumed = "; ".join(dict.fromkeys(gap.why or gap.path for gap in weighed.assumed))
                    aside = f"not stated: {missing}" if missing else f"assumed: {assumed}" if assumed else ""
                return Entry(say_test(test, self.goods).positive, aside=aside, mark=mark)
            case All():
                return Entry("all of", mark=mark, below=tuple(self.tree(part) for part in trace.parts))
            case AnyOf():
                return Entry("any of", mark=mark, below=tuple(self.tree(part) for part in trace.parts))
            case Not():
                return Entry("not", mark=mark, below=tuple(self.tree(part) for part in trace.parts))
            case Contested(_, why):
                return Entry(f"contested: {why}", mark=mark, below=tuple(self.tree(part) for part in trace.parts))


def _attributions(attributions: Sequence[Attribution], settled: bool) -> Iterator[str]:
    """Name States, each once with its limbs; where the finding is settled, also that it voted for the measure."""
    limbs: dict[str, dict[str, None]] = {}
    for attribution in attributions:
        found = limbs.setdefault(attribution.name, {})
        found[limb_in_words(attribution.limb)] = None
    voted = {a.name for a in attributions if a.voted_for and settled}
    for name, parts in limbs.items():
        yield f"{name} ({joined(parts, 'and')}{'; it voted for the measure' if name in voted else ''})"


def _deciding(trace: Trace, denied: bool = False) -> Iterator[tuple[Trace, bool]]:
    """Yield the tests that made a truth what it is, each with whether it stands under a denial."""
    match trace.condition:
        case Test():
            yield trace, denied
        case Not():
            yield from _deciding(trace.parts[0], not denied)
        case Contested():
            yield from _deciding(trace.parts[0], denied)
        case All():
            for part in trace.parts:
                if (part.truth is Truth.FALSE) is (trace.truth is Truth.FALSE):
                    yield from _deciding(part, denied)
        case AnyOf():
            for part in trace.parts:
                if part.truth is trace.truth:
                    yield from _deciding(part, denied)


def _claim(claim: Claim) -> str:
    parts = [f"{claim.status} by {claim.by}"]
    if claim.on is not None:
        parts.append(str(claim.on))
    if claim.source:
        parts.append(f"({claim.source})")
    return " ".join(parts)


def span_in_words(span: InForce) -> str:
    """Say when a rule is in force."""
    if span.until is None:
        return f"in force since {span.from_}"
    return f"in force from {span.from_} until before {span.until}"
