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
from typing import Protocol

from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.intake.countries import country_name
from sanctions_engine.judge import Trace
from sanctions_engine.readings import Evidence, Gap
from sanctions_engine.rule import PARAGRAPH, CompiledExemption, CompiledRule, Effect
from sanctions_engine.transaction import Claim
from sanctions_engine.truth import Truth

__all__ = ["Attribution", "Citation", "Finding", "Outcome", "Standing", "find", "outcome_of"]


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


@dataclass(frozen=True, slots=True)
class Attribution:
    """A State in breach, or owing a duty, and by what limb.

    Args:
        state: ISO code; empty where no State can be named yet.
        limb: ``export``, ``procurement``, ``supply``, ``transit``, ``flag`` …
        settled: Whether the facts settle it.
        why: The fact it rests on.
        asks: What would settle it.
        voted_for: Whether the State voted for the measure, where that is known.
    """

    state: str
    limb: str
    settled: bool
    why: str
    asks: tuple[str, ...] = ()
    voted_for: bool = False

    @property
    def name(self) -> str:
        """The State's usual short name."""
        return country_name(self.state) if self.state else "a State not yet known"


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
        return () if self.outcome is Outcome.EXEMPT else tuple(_attribute(self.rule, self.subject, self.facts))

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


# ---------------------------------------------------------------------- attribution

_GIVERS = frozenset(
    {"supplier", "service_provider", "processor", "contractor", "lender", "insurer", "investor", "landlord", "payer"}
)
_FINANCIERS = frozenset({"payer", "lender", "insurer", "investor"})
_PRESENT = frozenset({"worker", "student", "visitor"})
_TAKERS = frozenset({"recipient", "end_user", "charterer", "tenant", "student", "host", "employer", "payee"})
_PERMANENT_MEMBERS = frozenset({"CN", "FR", "GB", "RU", "US"})
_STATE_KINDS = frozenset({"state_organ", "armed_forces", "police", "diplomatic_mission"})
_ANSWERS_FOR = {"HK": "CN", "MO": "CN"} | dict.fromkeys(
    ("VG", "KY", "BM", "GI", "IM", "JE", "GG", "AI", "TC", "MS"), "GB"
)
"""The State that answers to the Council for a territory that is none, and that people name as a jurisdiction."""
_STATES_BY_NAME = {
    "dprk": "KP",
    "iran": "IR",
    "somalia": "SO",
    "eritrea": "ER",
    "libya": "LY",
    "iraq": "IQ",
    "liberia": "LR",
}


def _attribute(rule: CompiledRule, subject: Subject, facts: FactBase) -> Iterable[Attribution]:
    """Name the States in breach, or owing the duty, each with its limb, and what is not known about it.

    A State is answerable for the target's own part if the paragraph binds it by name; and for others by the
    rule's reach: its nationals, its territory, its flag. The jurisdiction of a private party is not yet its
    nationality: that is asked for.
    """
    found: dict[tuple[str, str], Attribution] = {}
    targets = set(rule.regime.targets.states)
    used = rule.facts_used
    from_target = any(name.startswith("from.") for name in used)
    to_target = any(name.startswith("to.") for name in used)
    if from_target and to_target:  # a rule that runs both ways: the limb is that of the way this case goes
        away = bool(targets & set(map(str, facts.read("from.states", subject).possible())))
        here = bool(targets & set(map(str, facts.read("to.states", subject).possible())))
        from_target, to_target = (away, here) if away or here else (True, True)

    def add(state: str, limb: str, why: str, *, settled: bool = True, asks: tuple[str, ...] = ()) -> None:
        state = _ANSWERS_FOR.get(state, state)
        key = (state, limb)
        if key not in found or (settled and not found[key].settled):
            found[key] = Attribution(state, limb, settled, why, asks, _voted_for(rule, state))

    for bound in rule.rule.binds:
        named = _STATES_BY_NAME.get(bound)
        if named is not None:
            touched = facts.read("parties.states", subject).possible() | facts.read("start.states", subject).possible()
            touched |= (
                facts.read("destination.states", subject).possible() | facts.read("origin.states", subject).possible()
            )
            if named in touched:
                add(
                    named,
                    "export"
                    if from_target and not to_target
                    else "procurement"
                    if to_target and not from_target
                    else "conduct",
                    "the paragraph binds it by name",
                )
    if not any(bound.endswith(("state", "states")) for bound in rule.rule.binds):
        return found.values()
    reach = rule.rule.reach
    if "nationals" in reach:
        _nationals(facts, subject, targets, (from_target, to_target), add)
    if "territory" in reach:
        for name, limb, wanted in (
            ("start.states", "territory", not from_target or to_target),
            ("destination.states", "import", not to_target or from_target),
            ("via.states", "transit", True),
        ):
            for item in facts.read(name, subject).evidence if wanted else ():
                for state in item.values:
                    if state not in targets and state != "XZ":
                        add(
                            str(state),
                            limb,
                            item.shown,
                            settled=item.sure and len(item.values) == 1,
                            asks=item.asks or (item.path,),
                        )
        if subject.kind is ForEach.PARTY and subject.index >= 0:
            # Who works, studies or visits in a State does so on its territory, whoever pays.
            roles = set(facts.players[subject.index].party.roles or ())
            for item in facts.read("party.located", subject).evidence if roles & _PRESENT else ():
                for place in item.values - targets:
                    add(
                        str(place),
                        "territory",
                        item.shown,
                        settled=item.sure and len(item.values) == 1,
                        asks=item.asks or (item.path,),
                    )
    if "territorial_state" in rule.rule.binds:
        for item in _at_home(facts, subject, targets):
            for state in item.values:
                add(str(state), "territory", item.shown)
    if "flag" in reach:
        for item in _flags(facts, subject):
            for state in item.values:
                if state not in targets:
                    add(
                        str(state),
                        "flag",
                        item.shown,
                        settled=item.sure and len(item.values) == 1,
                        asks=item.asks or (item.path,),
                    )
    return found.values()


class _Add(Protocol):
    """Notes a State with its limb."""

    def __call__(self, state: str, limb: str, why: str, *, settled: bool = True, asks: tuple[str, ...] = ()) -> None:
        """Note it; what is settled replaces what is not."""


def _at_home(facts: FactBase, subject: Subject, targets: set[str]) -> tuple[Evidence, ...]:
    """Return what shows that all of it takes place in one of the regime's own States, which must prevent it there."""
    ends = [facts.read(name, subject) for name in ("start.states", "destination.states")]
    if not any(end.evidence for end in ends):  # nothing moves: those who take part say where it is
        ends = [facts.read("parties.states", subject)]
    within = [end.certain() for end in ends]
    if len(within[0]) != 1 or not within[0] <= targets or any(one != within[0] for one in within):
        return ()
    return tuple(item for item in ends[0].evidence if item.values == within[0])[:1]


def _flags(facts: FactBase, subject: Subject) -> tuple[Evidence, ...]:
    reading = facts.read("vessel.flag", subject)
    found = list(reading.evidence)
    for options in reading.choices:
        found += [
            Evidence(e.path, e.shown, e.values, False, e.cause, (o.path,)) for o in options for e in o.reading.evidence
        ]
    return tuple(found)


def _nationals(facts: FactBase, subject: Subject, targets: set[str], direction: tuple[bool, bool], add: _Add) -> None:
    concerned = {p for act, _ in facts.acts(subject) for p in act.linked} or None
    for i, player in enumerate(facts.players):
        if concerned is not None and i not in concerned and player.party.roles is None:
            continue
        roles = set(player.party.roles or ())
        if subject.path == player.path and not roles:
            continue
        limb = _limb(roles, *direction)
        if limb is None:
            continue
        party = player.party
        stateless = party.kind in _STATE_KINDS
        for item in facts.party_states(i).evidence:
            for state in item.values - targets:
                proven = stateless or item.path.endswith((".nationality", ".incorporated_in"))
                # Who employs, hosts or lets does so where it is: that is the territory limb, of whatever nationality.
                proven |= limb == "territory" and bool(roles & {"employer", "host", "landlord"})
                sure = item.sure and len(item.values) == 1
                add(
                    str(state),
                    limb,
                    item.shown,
                    settled=sure and proven,
                    asks=(f"{player.path}.nationality",) if sure else item.asks or (item.path,),
                )


def _limb(roles: set[str], from_target: bool, to_target: bool) -> str | None:
    """Name the limb of a national's part, or None where the part is none of the paragraph's business."""
    if roles & _TAKERS and from_target:
        return "procurement"
    if roles & _GIVERS and (to_target or not from_target):
        return "supply" if roles & _GIVERS - _FINANCIERS else "finance"
    if "broker" in roles:
        return "brokering"
    if roles & {"carrier", "operator", "owner", "charterer", "crew"}:
        return "carriage"
    if roles & (_FINANCIERS | {"bank"}):
        return "finance"
    if roles & {"host", "employer", "partner", "landlord", "port_operator", "registry", "student"}:
        return "territory"
    return None


def _voted_for(rule: CompiledRule, state: str) -> bool:
    """Whether a State is known to have voted for the measure: a permanent member, and the vote was unanimous."""
    resolution = rule.regime.resolutions.get(rule.rule.authority.text)
    return resolution is not None and resolution.vote == "unanimous" and state in _PERMANENT_MEMBERS


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
