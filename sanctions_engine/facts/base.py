"""The facts of one transaction, read on demand and kept; the one door through which evaluators read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum

from sanctions_engine.condition import ApprovalSpec, CapSpec, Span, Test
from sanctions_engine.facts.approvals import weigh_approval, weigh_determination
from sanctions_engine.facts.description import Act, Day, Description, Player
from sanctions_engine.facts.glossary import FACTS
from sanctions_engine.facts.goods import GoodsFacts
from sanctions_engine.facts.grounds import read_ground
from sanctions_engine.facts.nexus import Nexus, NexusFacts, Targets
from sanctions_engine.facts.parties import PartyFacts
from sanctions_engine.facts.route import DIRECTIONS, RouteFacts
from sanctions_engine.facts.stated import STATED
from sanctions_engine.facts.subject import WHOLE, ForEach, Subject
from sanctions_engine.facts.totals import weigh_total
from sanctions_engine.facts.vessels import VesselFacts
from sanctions_engine.intake.goods import GoodsClassifier
from sanctions_engine.intake.screening import Screener
from sanctions_engine.readings import Evidence, Gap, Reading, Weighed, weigh_together
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Cause, Truth
from sanctions_engine.vocabulary import GROUNDS, ROLES

__all__ = ["FactBase"]


class _Scope(Enum):
    """On what a fact depends: see ``FactBase.scope``."""

    TRANSACTION = "transaction"
    ACTS = "acts"
    SUBJECT_IF_STATED = "subject if stated"


_SCOPES: dict[str, _Scope] = {
    **dict.fromkeys(STATED, _Scope.TRANSACTION),
    **dict.fromkeys(GROUNDS.words, _Scope.TRANSACTION),
    **dict.fromkeys((name for name in FACTS if name.startswith("parties.")), _Scope.TRANSACTION),
    **dict.fromkeys((name for name in FACTS if name.partition(".")[0] in ROLES.words), _Scope.ACTS),
    **dict.fromkeys(("activity", "subject", "occurred"), _Scope.ACTS),
    # What is held, or was determined, may cover one thing and not another; where none is, that is so of all.
    **dict.fromkeys(("approvals", "determinations"), _Scope.SUBJECT_IF_STATED),
}


_LINKS = dict.fromkeys(ForEach, "by") | {ForEach.GOODS: "goods", ForEach.VESSEL: "vessel"}
"""The link of an act that says which of several subjects of a kind it concerns."""


class FactBase:
    """The facts of one transaction, read on demand and kept.

    Args:
        transaction: What was described.
        classifier: Reads goods descriptions.
        screener: Compares names with the UN list.
        groups: Named groups of all regimes: folded names to ids.
        named_states: The target States that a folded text names.
        assume_nothing: Make every assumption UNKNOWN.
    """

    def __init__(
        self,
        transaction: Transaction,
        *,
        classifier: GoodsClassifier,
        screener: Screener,
        groups: Mapping[str, str] | None = None,
        named_states: Callable[[str], frozenset[str]] | None = None,
        assume_nothing: bool = False,
    ) -> None:
        self.transaction = transaction
        self.classifier = classifier
        self.assume_nothing = assume_nothing
        self.weighed: defaultdict[str, dict[int, tuple[Test, Weighed]]] = defaultdict(dict)
        """Tests already weighed, by the scope of their fact, then by their identity (kept beside)."""
        self._readings: dict[tuple[str, str], Reading] = {}
        self._dated: dict[tuple[date | None, date | None, Day], Weighed] = {}
        self._description = description = Description(transaction, assume_nothing=assume_nothing)
        self._parties = parties = PartyFacts(description, screener, groups or {})
        self._route = RouteFacts(description, parties, named_states)
        self._goods = GoodsFacts(description, classifier)
        self._vessels = VesselFacts(description, parties, screener)
        self._nexus = NexusFacts(description, parties, self._vessels, self._route)

    # ------------------------------------------------------------------ what was described

    @property
    def players(self) -> tuple[Player, ...]:
        """Whoever takes part, with the path under which each was described."""
        return self._description.players

    @property
    def conflicts(self) -> list[str]:
        """Contradictions noticed while reading, for the report."""
        return self._description.conflicts

    @property
    def dated_acts(self) -> bool:
        """Whether some act has a date of its own."""
        return self._description.dated_acts

    @property
    def standing_assumptions(self) -> tuple[Gap, ...]:
        """The closed lists, on which every verdict with a nexus rests unless nothing is assumed."""
        return self._description.standing_assumptions

    def subjects(self, kind: ForEach) -> tuple[Subject, ...]:
        """Return what a rule of this kind judges, unfilled slots included."""
        return self._description.subjects(kind)

    def acts(self, subject: Subject) -> tuple[tuple[Act, bool], ...]:
        """Return the acts that concern a subject, each with whether that is sure."""
        return self._description.acts(subject)

    # ------------------------------------------------------------------ nexus

    @property
    def text(self) -> str:
        """All free text of the description, folded, for mentions of a target."""
        return self._nexus.text

    @property
    def touched(self) -> frozenset[str] | None:
        """Everything that could be a regime's business; None where every regime must be asked."""
        return self._nexus.touched

    @property
    def unplaced(self) -> tuple[tuple[Gap, ...], tuple[Gap, ...]]:
        """What could still create a nexus: missing facts, and what may be assumed."""
        return self._nexus.unplaced

    def nexus(self, targets: Targets, mentioned: frozenset[str]) -> Nexus:
        """Return whether a regime has to do with the transaction.

        Args:
            targets: What the regime is aimed at.
            mentioned: Regimes that some free text mentions.
        """
        return self._nexus.of(targets, mentioned)

    def party_states(self, index: int) -> Reading:
        """Return the nexus of a party: its own, and through owners of half or more, controllers and principals."""
        return self._parties.states(index)

    # ------------------------------------------------------------------ reading a fact

    def read(self, fact: str, subject: Subject) -> Reading:
        """Return what is known of a fact for a subject.

        Args:
            fact: A name of the vocabulary, other than the four that are weighed whole (``occurred``,
                ``approvals``, ``determinations``, ``cumulative``).
            subject: What is judged.
        """
        key = (fact, self.scope(fact, subject))
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = self._read(fact, subject)
        return reading

    def scope(self, fact: str, subject: Subject) -> str:
        """Name that on which a fact of a subject depends: subjects of one scope have the same reading of it.

        That is the transaction for what is said of it as a whole; the acts that concern the subject, for what is
        read of those, where it is sure which they are; else the subject alone.
        """
        depends_on = _SCOPES.get(fact)
        if depends_on is None:
            return subject.path
        if depends_on is _Scope.TRANSACTION:
            return WHOLE.path
        if depends_on is _Scope.SUBJECT_IF_STATED:
            return WHOLE.path if getattr(self.transaction, fact) is None else subject.path
        return self._description.acts_scope(subject)

    def _read(self, fact: str, subject: Subject) -> Reading:
        head, _, tail = fact.partition(".")
        if not tail:
            if head in GROUNDS:
                return read_ground(self._description, self._parties, self._goods, head)
            if head == "subject":
                return self._goods.subject_matter(subject)
            return STATED[head](self._description, subject)
        if head == "goods":
            return self._goods.read(tail, subject)
        if head == "vessel":
            return self._vessels.read(tail, subject)
        if head == "party":
            return self._parties.read(tail, subject.index, subject)
        if head == "parties":
            return self._parties.everybody(tail, subject)
        if head in DIRECTIONS:
            return self._route.directions(subject)[head] if tail == "states" else self._route.areas(head, subject)
        return self._parties.role(head, tail, subject)

    # ------------------------------------------------------------------ facts that are weighed whole

    def weigh_occurred(self, span: Span, subject: Subject) -> Weighed:
        """Weigh whether the act lies in a span of the law; of several, whether one does, or for an exemption each."""
        days = self._description.days(subject, span.acts)
        if len(days) == 1:
            return self._weigh_day(span, days[0], subject)
        return weigh_together([self._weigh_day(span, day, subject) for day in days], every=span.acts.every)

    def _weigh_day(self, span: Span, day: Day, subject: Subject) -> Weighed:
        key = (span.start, span.end, day)
        found = self._dated.get(key)
        if found is None:
            found = self._dated[key] = self._weigh_period(span, day)
        if day.sure or found.truth is (Truth.TRUE if span.acts.every else Truth.FALSE):
            return found
        # Whether the act is one of this subject's is open: where that matters, the link is asked for.
        link = Gap(f"{day.act}.{_LINKS[subject.kind]}", Cause.AMBIGUOUS)
        return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, found.evidence, (*found.gaps, link))

    def _weigh_period(self, span: Span, day: Day) -> Weighed:
        if day.period is None:
            cause = Cause.STATED if self._description.is_stated_unknown("occurred") else Cause.ABSENT
            return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, (), (Gap("occurred", cause),))
        truth = day.within(span.start, span.end)
        shown = Evidence(day.path, day.period.text, frozenset({day.period}))
        gaps = (Gap(day.path, Cause.IMPRECISE),) if truth is Truth.UNKNOWN else ()
        return Weighed(truth, truth, (shown,), gaps)

    def weigh_approval(self, spec: ApprovalSpec, subject: Subject) -> Weighed:
        """Weigh whether an approval by the right authority, in force and in scope, is held."""
        return weigh_approval(self._description, spec, subject)

    def weigh_determination(self, paragraph: str, subject: Subject) -> Weighed:
        """Weigh whether a determination under a paragraph is stated. Silence is UNKNOWN."""
        return weigh_determination(self._description, paragraph, subject)

    def weigh_total(self, cap: CapSpec, subject: Subject) -> Weighed:
        """Weigh whether the stated total, with this transaction, exceeds a cap or reaches a step towards it."""
        return weigh_total(self._description, cap, subject)
