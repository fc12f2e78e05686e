"""What a check finds: outcomes, citations, attribution, standing, questions.

A finding is law with an address: the paragraph, how surely it was checked, the facts that decided it, what
was assumed, what is missing, who is in breach of what limb, and who says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from functools import cached_property

from sanctions_engine.attribution import Attribution, attribute
from sanctions_engine.facts import FactBase, Subject
from sanctions_engine.judge import Trace
from sanctions_engine.readings import Evidence, Gap
from sanctions_engine.rule import PARAGRAPH, CompiledExemption, CompiledRule, Effect
from sanctions_engine.transaction import Claim
from sanctions_engine.truth import Truth

__all__ = ["Citation", "Finding", "Outcome", "Standing", "find", "outcome_of"]


class Outcome(Enum):
    """The verdict of a finding or a report, the gravest first."""

    VIOLATION = "violation"
    POTENTIAL = "potential"
    DUTY = "duty"
    INCOMPLETE = "incomplete"
    ADVISORY = "advisory"
    EXEMPT = "exempt"
    CLEAR = "clear"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return _ORDER[self]


_ORDER = {outcome: i for i, outcome in enumerate(Outcome)}


class Standing(Enum):
    """How the facts that decided a finding stand, the weakest first."""

    DISPUTED = "disputed"
    ALLEGED = "alleged"
    STATED = "stated"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Citation:
    """A paragraph, and how surely it was checked.

    Args:
        paragraph: ``2397/7``.
        resolution: ``S/RES/2397 (2017)``; for a rule that is not the Council's the instrument it names.
        checked: ``quoted``, ``number_confirmed``, ``content`` or ``memory``.
    """

    paragraph: str
    resolution: str
    checked: str

    def __str__(self) -> str:
        return self.paragraph


@dataclass(frozen=True)
class Finding:
    """One paragraph's answer for one subject. What explains it is worked out when it is asked for.

    Args:
        rule: The rule.
        subject: What was judged.
        outcome: The verdict.
        settled: Whether the facts settle it; False for what waits for a missing fact.
        exemption: The exemption that applies (EXEMPT), else None.
        when: Why the condition holds or may hold.
        unless: The traces of its exemptions.
        facts: The facts it was judged on.
    """

    rule: CompiledRule
    subject: Subject
    outcome: Outcome
    settled: bool
    exemption: CompiledExemption | None
    when: Trace
    unless: tuple[Trace, ...]
    facts: FactBase = field(repr=False, compare=False)

    @cached_property
    def in_breach(self) -> tuple[Attribution, ...]:
        """Who is in breach, or owes the duty, of what limb; also what is not settled about that."""
        return () if self.outcome is Outcome.EXEMPT else attribute(self.rule, self.subject, self.facts)

    @cached_property
    def _standing(self) -> tuple[Standing, tuple[Claim, ...]]:
        return _standing(self.evidence, self.facts.transaction.claims or ())

    @property
    def standing(self) -> Standing:
        """How the facts that decided it stand."""
        return self._standing[0]

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Claims about the facts that decided it."""
        return self._standing[1]

    @cached_property
    def _open(self) -> tuple[Trace, ...]:
        """The traces that leave it unsettled."""
        return () if self.settled else (self.when, *(t for t in self.unless if t.truth is Truth.UNKNOWN))

    @cached_property
    def missing(self) -> tuple[Gap, ...]:
        """What would settle it."""
        return tuple(dict.fromkeys(gap for trace in self._open for gap in trace.gaps()))

    @cached_property
    def contested(self) -> tuple[str, ...]:
        """Why lawyers differ, where that is what leaves it open."""
        return tuple(dict.fromkeys(why for trace in self._open for why in trace.contested()))

    @cached_property
    def cites(self) -> tuple[str, ...]:
        """The paragraphs the rule rests on that had been adopted when the act took place, its own first."""
        return tuple(_cites(self.rule, self.facts))

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What else must be said: a renewal to be confirmed, the regime's being disputed."""
        return tuple(_warnings(self.rule, self.facts))

    @property
    def citation(self) -> Citation:
        """The paragraph the finding stands on: the exemption's own for EXEMPT, else the rule's."""
        if self.exemption is not None:
            return Citation(self.exemption.paragraph, self._text_of(self.exemption.paragraph), self.exemption.checked)
        authority = self.rule.rule.authority
        return Citation(authority.citation, authority.text, authority.checked)

    def _text_of(self, paragraph: str) -> str:
        """Name the resolution in which a paragraph stands, or the other instrument."""
        if PARAGRAPH.fullmatch(paragraph) is None:
            return paragraph.rpartition(", ")[0] or paragraph
        number = paragraph.partition("/")[0]
        return next((name for name in self.rule.regime.resolutions if f"/{number} " in name), f"S/RES/{number}")

    @property
    def citations(self) -> tuple[str, ...]:
        """Every paragraph cited; for EXEMPT the exemption's own first."""
        own = (self.exemption.paragraph,) if self.exemption is not None else ()
        return tuple(dict.fromkeys((*own, *self.cites)))

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The facts that decided it, those of the exemption that applies included."""
        found = list(self.when.evidence())
        if self.exemption is not None:
            for trace in self.unless:
                if trace.truth is Truth.TRUE:
                    found += trace.evidence()
                    break
        return tuple(dict.fromkeys(found))

    @property
    def message(self) -> str:
        """The finding in one line."""
        title = self.rule.rule.title
        paragraph = self.citations[0]
        if not self.rule.of_the_council:
            paragraph += f" ({self.rule.regime.regime}, not UN law)"
        match self.outcome:
            case Outcome.VIOLATION:
                return f"{paragraph} forbids this: {title}"
            case Outcome.POTENTIAL:
                return f"{paragraph} may forbid this: {title}{self._waits()}"
            case Outcome.DUTY:
                return f"{paragraph} requires {self._owed()} to act: {title}{self._waits()}"
            case Outcome.ADVISORY:
                return f"{paragraph}: {title}{self._waits()}"
            case Outcome.EXEMPT:
                what = self.exemption.title if self.exemption is not None else ""
                return f"{paragraph} takes this out of {self.rule.citations[0]}: {what}"
            case _:
                return title

    def _owed(self) -> str:
        states = list(dict.fromkeys(a.name for a in self.in_breach if a.settled and a.state))
        return " and ".join(states) if states else "States"

    def _waits(self) -> str:
        if self.settled:
            return ""
        if self.contested:
            return f" (contested: {self.contested[0]})"
        paths = list(dict.fromkeys(gap.path for gap in self.missing))
        return f" (open: {', '.join(paths[:4])}{' …' if len(paths) > 4 else ''})" if paths else ""


_BY_EFFECT = {
    Effect.PROHIBITION: Outcome.VIOLATION,
    Effect.CAP: Outcome.VIOLATION,
    Effect.DUTY: Outcome.DUTY,
    Effect.CALL: Outcome.ADVISORY,
    Effect.INDICATOR: Outcome.ADVISORY,
}


def outcome_of(rule: CompiledRule) -> Outcome:
    """Return the verdict of a rule whose condition holds and from which no exemption takes out."""
    return _BY_EFFECT[rule.rule.effect]


def find(
    rule: CompiledRule, subject: Subject, facts: FactBase, when: Trace, unless: tuple[Trace, ...]
) -> Finding | None:
    """Turn truths into a verdict (design, section 3, the table of outcomes).

    Returns:
        None where the rule has nothing to say of the subject.
    """
    if when.truth is Truth.FALSE:
        return None
    exempt = next((i for i, trace in enumerate(unless) if trace.truth is Truth.TRUE), None)
    settled = True
    if exempt is not None:
        outcome = Outcome.EXEMPT
    elif when.truth is Truth.TRUE and all(trace.truth is Truth.FALSE for trace in unless):
        outcome = _BY_EFFECT[rule.rule.effect]
    else:
        settled = False
        outcome = _BY_EFFECT[rule.rule.effect]
        if outcome is Outcome.VIOLATION:
            outcome = Outcome.POTENTIAL
    return Finding(
        rule,
        subject,
        outcome,
        settled,
        rule.exemptions[exempt] if exempt is not None else None,
        when,
        unless,
        facts,
    )


def _cites(rule: CompiledRule, facts: FactBase) -> Iterable[str]:
    """Yield the rule's own paragraph, and the others it rests on that no later resolution added to it.

    A rule may rest on paragraphs that extend it over the years; an act is not held against one that the
    Council adopted after it.
    """
    own, *others = rule.citations
    yield own
    period = facts.transaction.occurred
    last = period.last if period is not None else None
    for paragraph in others:
        adopted = _adopted(rule, paragraph)
        if last is None or adopted is None or adopted <= last:
            yield paragraph


def _adopted(rule: CompiledRule, paragraph: str) -> date | None:
    number = paragraph.partition("/")[0]
    return next(
        (body.adopted for name, body in rule.regime.resolutions.items() if name.startswith(f"S/RES/{number} ")), None
    )


# ---------------------------------------------------------------------- standing


def _standing(evidence: Iterable[Evidence], claims: tuple[Claim, ...]) -> tuple[Standing, tuple[Claim, ...]]:
    """Return the weakest standing among the facts that decided, and the claims about them."""
    if not claims:
        return Standing.STATED, ()
    found: dict[int, Claim] = {}
    weakest = Standing.CONFIRMED
    order = list(Standing)
    for path in dict.fromkeys(item.path for item in evidence):
        about = [c for c in claims if any(_covers(text, path) for text in c.about)]
        found |= {id(c): c for c in about}
        statuses = {c.status for c in about}
        one = (
            Standing.STATED
            if not statuses
            else Standing.DISPUTED
            if "denied" in statuses
            else Standing.CONFIRMED
            if "confirmed" in statuses
            else Standing.ALLEGED
        )
        if order.index(one) < order.index(weakest):
            weakest = one
    return weakest, tuple(c for c in claims if id(c) in found)


def _covers(about: str, path: str) -> bool:
    about = about.strip()
    return about in ("transaction", "all", "*") or path == about or path.startswith((about + ".", about + "["))


def _warnings(rule: CompiledRule, facts: FactBase) -> Iterable[str]:
    if not rule.of_the_council:
        yield f"not UN law: a rule of {rule.regime.regime} ({rule.regime.title}), by {rule.rule.authority.text}"
    renewal = rule.regime.renewal
    occurred = facts.transaction.occurred
    open_ended = rule.rule.in_force.until is None
    if (
        renewal is not None
        and open_ended
        and (not renewal.applies_to or rule.id in renewal.applies_to)
        and occurred is not None
        and occurred.within(None, renewal.confirmed_until + timedelta(days=1)) is not Truth.TRUE
    ):
        yield f"renewal to be confirmed: the last renewal a source confirms ran to {renewal.confirmed_until}"
    if rule.regime.contested is not None and open_ended:
        yield f"contested: {rule.regime.contested}"
