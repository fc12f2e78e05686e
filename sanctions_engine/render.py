"""Reports for people: on a terminal, in Markdown, in a page that prints.

A report becomes a ``Page`` once, so that every format says the same in the same words; a writer per format
lays it out and escapes what came from outside. Nothing is worded as surer than it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.text import Text

from sanctions_engine.condition import All, AnyOf, Contested, Not, Span, Test
from sanctions_engine.facts import ForEach, Subject
from sanctions_engine.finding import Attribution, Finding, Outcome, Standing
from sanctions_engine.judge import Trace
from sanctions_engine.plain import safe, safe_json
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

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "Entry",
    "Page",
    "Section",
    "html_document",
    "markdown",
    "print_page",
    "report_page",
    "safe",
    "safe_json",
    "span_in_words",
]

FOLD_ABOVE = 12
"""More open findings than this are grouped by the question they wait for."""

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement, with what belongs below it.

    Args:
        text: The statement.
        head: What stands before it: a paragraph, a label, a number.
        aside: Where it comes from.
        mark: How it stands: an outcome's or a truth's value; empty: no mark.
        meta: Particulars of a finding.
        below: What explains it.
        quiet: Whether it is a particular rather than a statement.
    """

    text: str
    head: str = ""
    aside: str = ""
    mark: str = ""
    meta: str = ""
    below: tuple[Entry, ...] = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A list under a label; ``major`` where its entries are findings of their own."""

    label: str
    entries: tuple[Entry, ...]
    major: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What a person reads of one report or rule.

    Args:
        title: What it is about.
        particulars: Dates, activities.
        verdict: The outcome in capitals; empty for a page that judges nothing.
        qualifier: What the verdict rests on.
        mark: The outcome's value.
        sections: In order.
        foot: By what it was judged.
    """

    title: str
    particulars: str
    verdict: str
    qualifier: str
    mark: str
    sections: tuple[Section, ...]
    foot: str = ""


# ---------------------------------------------------------------------- a report as a page


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
        if len(unsettled) <= FOLD_ABOVE or self.why:
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
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        return Entry(", ".join(named[:_SHOWN]) + more, "concerns")

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


# ---------------------------------------------------------------------- terminal

_STYLES = {
    "violation": "bold red",
    "potential": "yellow",
    "duty": "magenta",
    "incomplete": "yellow",
    "advisory": "cyan",
    "exempt": "green",
    "clear": "green",
    "true": "green",
    "false": "red",
    "unknown": "yellow",
}
_MARKS = {
    "violation": "✗",
    "potential": "?",
    "duty": "!",
    "incomplete": "…",
    "advisory": "i",
    "exempt": "○",
    "clear": "✓",
    "true": "✓",
    "false": "✗",
    "unknown": "?",
}
_PLAIN_SIGNS = str.maketrans(
    {"✗": "x", "✓": "+", "○": "o", "…": "...", "·": "-", "←": "<-", "“": '"', "”": '"', "–": "-", "—": "-", "’": "'"}
)
_WIDEST = 120


def print_page(page: Page, console: Console) -> None:
    """Write a page to a terminal, or as plain text where there is none.

    Where the output's encoding has no such signs, ASCII stands for them and other characters are spelled out.
    """
    _Printer(console).page(page)


class _Printer:
    """Lays out a page in lines of at most ``_WIDEST`` cells, with hanging indents."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = min(console.width, _WIDEST) if console.is_terminal else 110
        self.encoding = console.encoding
        try:
            "✗✓○…·←“”".encode(self.encoding)
            self.signs = True
        except (UnicodeEncodeError, LookupError):
            self.signs = False

    def clean(self, text: str) -> str:
        """Return text this output can show."""
        shown = safe(text)
        if self.signs:
            return shown
        return shown.translate(_PLAIN_SIGNS).encode("ascii", "backslashreplace").decode("ascii")

    def page(self, page: Page) -> None:
        """Write it all."""
        left = Text(self.clean(page.title), "bold")
        if page.particulars:
            left.append(self.clean(f" · {page.particulars}"), "not bold")
        right = Text()
        if page.verdict:
            right.append(page.verdict, f"bold {_STYLES.get(page.mark, '')}")
            right.append(self.clean(f"  {page.qualifier}"), "dim")
        self.pair(left, right)
        for section in page.sections:
            self.console.print()
            if section.major:
                if section.label:
                    self.line(Text(" "), Text(section.label, "bold"))
                for i, entry in enumerate(section.entries):
                    if i and (entry.below or section.entries[i - 1].below):
                        self.console.print()
                    self.entry(entry, 1)
            else:
                self.listing(section)
        if page.foot:
            self.console.print()
            self.line(Text(" "), Text(self.clean(page.foot), "dim"))

    def pair(self, left: Text, right: Text) -> None:
        """Write two texts on one line, the second at its end, or below where both do not fit."""
        gap = self.width - left.cell_len - right.cell_len
        if not right.plain or gap >= 2:
            self.line(Text(), Text.assemble(left, " " * max(gap, 0) if right.plain else "", right))
        else:
            self.line(Text(), left)
            self.line(Text("   "), right)

    def line(self, prefix: Text, body: Text) -> None:
        """Write a text after a prefix; further lines hang below its start."""
        indent = prefix.cell_len
        for i, part in enumerate(body.wrap(self.console, max(self.width - indent, 30), overflow="fold")):
            part.rstrip()
            self.console.print(Text.assemble(prefix if i == 0 else " " * indent, part), soft_wrap=True)

    def entry(self, entry: Entry, indent: int, column: int = 0) -> None:
        """Write a statement and what is below it."""
        style = _STYLES.get(entry.mark, "")
        prefix = Text(" " * indent)
        if entry.mark:
            prefix.append(self.clean(_MARKS.get(entry.mark, " ")) + " ", style)
        body = Text(style="dim" if entry.quiet else "")
        if entry.head:
            # A paragraph is followed by two spaces, a label by a colon.
            body.append(self.clean(entry.head), f"bold {style}" if entry.mark else "")
            body.append("  " if entry.mark else ": ")
        body.append(self.clean(entry.text), "bold" if entry.mark in _BOLD and entry.meta else "")
        if entry.meta:
            meta = Text(self.clean(entry.meta), "dim")
            whole = Text.assemble(prefix, body)
            if whole.cell_len + 2 + meta.cell_len <= self.width:
                self.pair(whole, meta)
            else:
                self.line(prefix, body)
                self.line(Text(" " * (indent + 4)), meta)
            if entry.aside:
                self.line(Text(" " * (indent + 4)), Text(self.clean(entry.aside), "dim"))
        elif entry.aside:
            self.fact(prefix, body, entry.aside, column)
        else:
            self.line(prefix, body)
        deeper = indent + (2 if not entry.meta else 4)
        widths = [
            deeper + (2 if e.mark else 0) + Text(self.clean(e.text)).cell_len
            for e in entry.below
            if e.aside and not e.meta
        ]
        at = max((w for w in widths if w <= 62), default=0) + 2
        for part in entry.below:
            self.entry(part, deeper, at)

    def fact(self, prefix: Text, body: Text, aside: str, column: int) -> None:
        """Write a fact and, in a column of its own, where it came from."""
        whole = Text.assemble(prefix, body)
        arrow = Text(self.clean("← "), "dim")
        source = Text(self.clean(aside), "dim")
        if whole.cell_len < column <= self.width - 32:
            whole.append(" " * (column - whole.cell_len))
            self.line(Text.assemble(whole, arrow), source)
        else:
            self.line(prefix, body)
            self.line(Text.assemble(" " * (prefix.cell_len + 4), arrow), source)

    def listing(self, section: Section) -> None:
        """Write a labelled list beside its label."""
        label = Text(f" {section.label:<13}", "bold")
        blank = " " * label.cell_len
        simple = not any(e.head or e.meta for e in section.entries)
        if simple and section.label == "Assumed":
            texts = list(dict.fromkeys(e.text for e in section.entries))
            more = f" · and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
            self.line(label, Text(self.clean_long(" · ".join(texts[:_SHOWN]) + more)))
            return
        for i, entry in enumerate(section.entries[:_SHOWN]):
            prefix = label.copy() if i == 0 else Text(blank)
            if entry.head:
                prefix.append(f"{entry.head:<3}", "bold")
            body = Text(self.clean(entry.text))
            notes = " · ".join(filter(None, (entry.aside, entry.meta)))
            if notes:
                body.append(self.clean(f"  ({notes})"), "dim")
            self.line(prefix, body)
        if len(section.entries) > _SHOWN:
            left = len(section.entries) - _SHOWN
            self.line(Text(blank), Text(f"and {left} more (--format json lists all)", "dim"))

    def clean_long(self, text: str) -> str:
        """Return a joined list this output can show, uncut."""
        return " · ".join(self.clean(part) for part in text.split(" · ")) if self.signs else self.clean(text)


_BOLD = frozenset(outcome.value for outcome in Outcome)


# ---------------------------------------------------------------------- Markdown

_MARKDOWN = re.compile(r"([\\`*_\[\]#|~^$])")
_WORDS = {"true": "yes", "false": "no", "unknown": "open"}


def _md(text: str) -> str:
    """Escape text so that no renderer reads markup, HTML, a link or a mention in it."""
    escaped = _MARKDOWN.sub(r"\\\1", html.escape(safe(text), quote=False))
    return escaped.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")


def markdown(page: Page) -> str:
    """Return a page as Markdown."""
    lines = [f"# {_md(page.title)}", ""]
    if page.verdict:
        lines += [f"**{page.verdict}** {_md(page.qualifier)}  "]
    if page.particulars:
        lines += [_md(page.particulars)]
    for section in page.sections:
        lines.append("")
        if section.label:
            lines += [f"## {_md(section.label)}", ""]
        if section.major:
            for entry in section.entries:
                head = f"{_md(entry.head)} " if entry.head else ""
                word = f"{entry.mark.upper()}: " if entry.mark else ""
                lines += [f"### {word}{head}{_md(entry.text)}", ""]
                if entry.meta:
                    lines += [_md(entry.meta), ""]
                for part in entry.below:
                    lines += _md_items(part, 0)
                lines.append("")
        else:
            for i, entry in enumerate(section.entries, 1):
                bullet = f"{i}." if entry.head else "-"
                lines += _md_items(replace(entry, head=""), 0, bullet)
    if page.foot:
        lines += ["", "---", "", _md(page.foot)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _md_items(entry: Entry, depth: int, bullet: str = "-") -> Iterator[str]:
    word = f"*{_WORDS.get(entry.mark, entry.mark)}*: " if entry.mark else ""
    head = f"**{_md(entry.head)}**{'' if entry.mark else ':'} " if entry.head else ""
    notes = [note for note in (entry.aside, entry.meta) if note]
    aside = f" ({_md(' · '.join(notes))})" if notes else ""
    yield f"{'  ' * depth}{bullet} {word}{head}{_md(entry.text)}{aside}"
    for part in entry.below:
        yield from _md_items(part, depth + 1)


# ---------------------------------------------------------------------- HTML

_CSS = """
:root{color-scheme:light}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1.2rem;color:#1a1a1a;background:#fff}
h1{font-size:1.25rem;margin:2rem 0 0}h2{font-size:1rem;margin:1.6rem 0 .3rem;color:#444}
h3{font-size:1.02rem;margin:1.2rem 0 .1rem}
article+article{border-top:2px solid #ccc;margin-top:2.5rem}
p{margin:.15rem 0}ul,ol{margin:.2rem 0;padding-left:1.4rem}li{margin:.1rem 0}
.a,.m,footer{color:#595959;font-size:.88em}.h{font-weight:600}
.v{font-weight:700;padding:.1rem .5rem;border:1px solid;border-radius:.2rem}
.violation,.false{color:#a40000}.potential,.incomplete,.unknown{color:#7a5200}.duty{color:#6b2c91}
.advisory{color:#00607a}.exempt,.clear,.true{color:#1d6b1d}
h1,h3,p,li,footer{unicode-bidi:isolate;overflow-wrap:anywhere}
footer{border-top:1px solid #ddd;margin-top:1.5rem;padding-top:.4rem}
@media print{body{margin:0;max-width:none;font-size:11pt}section.f{break-inside:avoid}}
"""


def html_document(pages: Sequence[Page]) -> str:
    """Return pages as one HTML document that needs nothing else, runs nothing and prints well."""
    title = pages[0].title if len(pages) == 1 else f"{len(pages)} reports"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_ht(title)}</title><style>{_CSS}</style></head><body>\n"
        + "\n".join(_article(page) for page in pages)
        + "\n</body></html>\n"
    )


def _ht(text: str) -> str:
    return html.escape(safe(text))


def _article(page: Page) -> str:
    parts = [f"<article><h1>{_ht(page.title)}</h1>"]
    if page.verdict:
        parts.append(f'<p><span class="v {page.mark}">{page.verdict}</span> {_ht(page.qualifier)}</p>')
    if page.particulars:
        parts.append(f'<p class="m">{_ht(page.particulars)}</p>')
    for section in page.sections:
        if section.label:
            parts.append(f"<h2>{_ht(section.label)}</h2>")
        if section.major:
            parts += [_html_finding(entry) for entry in section.entries]
        else:
            tag = "ol" if any(e.head for e in section.entries) else "ul"
            items = "".join(_html_item(replace(e, head="")) for e in section.entries)
            parts.append(f"<{tag}>{items}</{tag}>")
    if page.foot:
        parts.append(f"<footer>{_ht(page.foot)}</footer>")
    return "\n".join([*parts, "</article>"])


def _html_finding(entry: Entry) -> str:
    word = f'<span class="{entry.mark}">{entry.mark.upper()}</span> ' if entry.mark else ""
    head = f"{_ht(entry.head)} " if entry.head else ""
    meta = f'<p class="m">{_ht(entry.meta)}</p>' if entry.meta else ""
    below = f"<ul>{''.join(_html_item(part) for part in entry.below)}</ul>" if entry.below else ""
    return f'<section class="f"><h3>{word}{head}{_ht(entry.text)}</h3>{meta}{below}</section>'


def _html_item(entry: Entry) -> str:
    word = f'<span class="{entry.mark}">{_WORDS.get(entry.mark, entry.mark)}</span> ' if entry.mark else ""
    head = f'<span class="h">{_ht(entry.head)}{"" if entry.mark else ":"}</span> ' if entry.head else ""
    notes = [note for note in (entry.aside, entry.meta) if note]
    aside = f' <span class="a">← {_ht(" · ".join(notes))}</span>' if notes else ""
    below = f"<ul>{''.join(_html_item(part) for part in entry.below)}</ul>" if entry.below else ""
    return f"<li>{word}{head}{_ht(entry.text)}{aside}{below}</li>"
