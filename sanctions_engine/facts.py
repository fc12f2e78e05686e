"""The vocabulary of facts a rule may ask about, and how each is read or derived from a transaction.

Absence is settled here, once: a slot that an activity must have is a missing fact, what lies outside its
frame is assumed none, lists are assumed closed, and indicator-gated facts are unknown only where an indicator
stands (design, section 3). Every evaluator sees the same facts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cached_property, lru_cache
from typing import NamedTuple

from sanctions_engine.condition import ApprovalSpec, CapSpec, Measure, Span, Test
from sanctions_engine.dates import Period
from sanctions_engine.errors import InputError
from sanctions_engine.intake.countries import HIGH_SEAS, CountryReading, read_country
from sanctions_engine.intake.goods import Classification, GoodsClassifier
from sanctions_engine.intake.places import area_of_place, known_areas, read_place
from sanctions_engine.intake.screening import Match, Screener
from sanctions_engine.readings import Choice, Evidence, Gap, Reading, Weighed
from sanctions_engine.transaction import (
    Activity,
    Cumulative,
    End,
    Goods,
    Listing,
    Money,
    Party,
    Payment,
    Transaction,
    Vessel,
)
from sanctions_engine.truth import Cause, Truth
from sanctions_engine.vocabulary import (
    ACTIVITIES,
    ACTIVITY_GROUPS,
    CIRCUMSTANCES,
    FRAMES,
    GROUNDS,
    PARTY_KINDS,
    PURPOSES,
    RED_FLAGS,
    ROLES,
    SUBJECTS,
    SUSPICIONS,
    UNITS,
    VESSEL_ROLES,
    Frame,
    Vocabulary,
)

__all__ = ["FACTS", "FactBase", "FactSpec", "FactType", "ForEach", "Nexus", "Subject", "Targets", "fact_spec"]


class ForEach(Enum):
    """What a rule judges one of at a time."""

    TRANSACTION = "transaction"
    ACTIVITY = "activity"
    GOODS = "goods"
    PARTY = "party"
    VESSEL = "vessel"

    __hash__ = object.__hash__  # as for ``Truth``


class FactType(Enum):
    """What kind of values a fact has, and so which operators it takes."""

    STATES = "states"
    WORDS = "words"
    CATEGORIES = "categories"
    HS = "hs"
    FLAG = "flag"
    MONEY = "money"
    COUNT = "count"
    DATE = "date"
    SPAN = "span"
    APPROVALS = "approvals"
    DETERMINATIONS = "determinations"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One word of the glossary.

    Args:
        name: As a rule writes it.
        type: Its values.
        says: What it means.
        absence: What silence gives: ``unknown``, ``assumed no``, ``indicator-gated``.
        words: The closed set of its values, where there is one.
        scopes: Which subjects have it; empty: all.
    """

    name: str
    type: FactType
    says: str
    absence: str
    words: Vocabulary | None = None
    scopes: frozenset[ForEach] = frozenset()


def _facts() -> Iterator[FactSpec]:
    states, words, flag = FactType.STATES, FactType.WORDS, FactType.FLAG
    yield FactSpec(
        "activity", words, "what is done", "unknown if none is stated; a further one is assumed none", ACTIVITIES
    )
    yield FactSpec(
        "from.states",
        states,
        "the States it comes from: not to their territory, and starting, loaded or originating there, or given by a party with that nexus",
        "unknown",
    )
    yield FactSpec(
        "to.states",
        states,
        "the States it goes to: destination there, or a taker with that nexus where it does not come from their territory",
        "unknown",
    )
    yield FactSpec("start.states", states, "the State where the route starts", "unknown where the activity has a route")
    yield FactSpec(
        "destination.states", states, "the State where the route ends", "unknown where the activity has a route"
    )
    yield FactSpec("via.states", states, "the States passed on the way", "assumed no")
    yield FactSpec("origin.states", states, "where the goods originate or were made", "assumed no")
    yield FactSpec(
        "from.areas", words, "the part of a State it comes from", "unknown where the start may lie in that State"
    )
    yield FactSpec(
        "to.areas", words, "the part of a State it goes to", "unknown where the destination may lie in that State"
    )
    yield FactSpec("mode", words, "how it moves: rail, sea, road, air, pipeline, post, hand, river", "assumed no")
    yield FactSpec(
        "subject",
        words,
        "the field of knowledge, or class of items, that an activity is about",
        "unknown where the activity must have one",
    )
    yield FactSpec(
        "goods.categories", FactType.CATEGORIES, "classes the goods belong to, by code, text or statement", "unknown"
    )
    yield FactSpec("goods.hs", FactType.HS, "HS codes of the goods", "unknown")
    yield FactSpec("goods.kind", words, "good, right, service, money or asset", "a good")
    yield FactSpec("goods.condition", words, "new or used", "unknown")
    yield FactSpec("goods.value", FactType.MONEY, "value of the line", "unknown")
    yield FactSpec("goods.unit_value", FactType.MONEY, "value of one piece", "unknown")
    yield FactSpec("goods.spare_part_for", words, "what the goods are a spare part for", "assumed no")
    yield FactSpec("purposes", words, "what it is for", "assumed no", PURPOSES)
    yield FactSpec(
        "livelihood",
        flag,
        "exclusively for the livelihood of civilians",
        "unknown: a condition of a cap is never assumed",
    )
    yield FactSpec("circumstances", words, "emergency, distress, force majeure", "assumed no", CIRCUMSTANCES)
    yield FactSpec("project", words, "a named project with rules of its own", "assumed no")
    yield FactSpec("red_flags", words, "warning signs that an investigator saw", "assumed no", RED_FLAGS)
    for ground in GROUNDS.words:
        yield FactSpec(ground, flag, f"grounds: {ground.replace('_', ' ')}", "indicator-gated")
    yield FactSpec("goods.conflict", flag, "a description contradicts its HS code", "assumed no")
    yield FactSpec("contracted", FactType.DATE, "when the contract was concluded", "unknown")
    yield FactSpec("discovered", FactType.DATE, "when it was found", "unknown")
    yield FactSpec("occurred", FactType.SPAN, "when it happened", "unknown")
    yield FactSpec(
        "approvals",
        FactType.APPROVALS,
        "approvals and notifications held",
        "assumed no, or unknown for a condition of a cap",
    )
    yield FactSpec("determinations", FactType.DETERMINATIONS, "determinations made under a catch-all", "unknown")
    yield FactSpec("cumulative", FactType.TOTAL, "totals that a cap is measured against", "unknown")
    for role in (*ROLES.words, "party", "parties"):
        who = (
            "any party"
            if role == "parties"
            else "the party"
            if role == "party"
            else f"whoever is {role.replace('_', ' ')}"
        )
        scopes = frozenset({ForEach.PARTY}) if role == "party" else frozenset[ForEach]()
        yield FactSpec(
            f"{role}.states",
            states,
            f"nexus of {who}: jurisdiction, nationality, incorporation, ownership of half or more, control, acting for",
            "unknown",
            None,
            scopes,
        )
        yield FactSpec(f"{role}.kind", words, f"what kind {who} is", "assumed ordinary", PARTY_KINDS, scopes)
        yield FactSpec(
            f"{role}.listed",
            words,
            f"regimes under which {who} is listed, itself or through owners of half or more, controllers, principals",
            "screened by name; owners and principals assumed none",
            None,
            scopes,
        )
        yield FactSpec(f"{role}.groups", words, f"named groups that {who} is or belongs to", "assumed no", None, scopes)
        yield FactSpec(f"{role}.located", states, f"where {who} is", "assumed no", None, scopes)
        yield FactSpec(f"{role}.nationality", states, f"nationality of {who}", "unknown", None, scopes)
    yield FactSpec(
        "party.roles", words, "what the party does in it", "assumed no further role", ROLES, frozenset({ForEach.PARTY})
    )
    yield FactSpec(
        "party.protected_from_return",
        flag,
        "law bars returning the person",
        "assumed no",
        None,
        frozenset({ForEach.PARTY}),
    )
    for name, type_, says, absence, vocabulary in (
        ("flag", states, "flag of the vessel or aircraft", "unknown", None),
        ("former_flags", states, "earlier flags", "assumed no", None),
        ("states", states, "nexus of those who own, control or operate it", "unknown where the activity is about the vessel", None),
        ("crew", states, "States its crew comes from", "assumed no", None),
        ("listed", words, "regimes under which it is designated, or its owner or operator is listed", "screened by IMO number and name", None),
        ("measures", words, "what its designation entails: asset_freeze, port_ban, deflag", "screened", None),
        ("roles", words, "what it does", "assumed none", VESSEL_ROLES),
        ("kind", words, "ship or aircraft", "a ship", None),
        ("suspected", flag, "reasonable grounds that it is or was involved in prohibited activity", "indicator-gated", None),
        ("suspicions", words, "what it is suspected of", "assumed no", SUSPICIONS),
        ("ais_off", flag, "its AIS was off", "assumed no", None),
        ("flag_changes", FactType.COUNT, "number of earlier flags", "none", None),
    ):  # fmt: skip
        yield FactSpec(f"vessel.{name}", type_, says, absence, vocabulary)


FACTS: Mapping[str, FactSpec] = {spec.name: spec for spec in _facts()}


def fact_spec(name: str) -> FactSpec | None:
    """Return the glossary entry of a fact, or None."""
    return FACTS.get(name)


@dataclass(frozen=True, slots=True)
class Targets:
    """What makes a transaction a regime's business.

    Args:
        regime: The regime's id.
        states: ISO codes.
        areas: Ids of parts of States.
        groups: Named groups: id to names.
        mentions: Words that, in any free text, leave the nexus UNKNOWN.
        grounds: Grounds that by themselves are a nexus (for thematic regimes).
    """

    regime: str
    states: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mentions: frozenset[str] = frozenset()
    grounds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Nexus:
    """Whether a regime has to do with a transaction.

    Args:
        truth: TRUE, UNKNOWN, or FALSE for none.
        evidence: What makes it so.
    """

    truth: Truth
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule judges: one of the transaction's things, or a slot that must be filled and is not.

    Args:
        kind: What it is.
        index: Its index in its list; -1 for the transaction and for an unfilled slot.
        path: Where it is (``goods[0]``).
    """

    kind: ForEach
    index: int
    path: str

    def __hash__(self) -> int:
        return hash(self.path)  # a path names one thing, and its hash is kept


WHOLE = Subject(ForEach.TRANSACTION, -1, "transaction")


class _Act(NamedTuple):
    """An activity, service or payment, in one form."""

    path: str
    kind: str
    frame: Frame
    by: tuple[int, ...] = ()
    takers: tuple[int, ...] = ()
    assigned: tuple[tuple[int, str], ...] = ()
    vessels: tuple[int, ...] = ()
    goods: tuple[int, ...] = ()
    subject: tuple[str, ...] = ()
    on: Period | None = None
    text: str | None = None

    @property
    def linked(self) -> tuple[int, ...]:
        return (*self.by, *self.takers)


class _Player(NamedTuple):
    """A party with the path under which it was described (a bank may stand inside a payment)."""

    path: str
    party: Party

    @property
    def shown(self) -> str:
        return self.party.name or self.path

    @property
    def state_path(self) -> str:
        """Where its State is stated: a bank inside a payment has a country."""
        return f"{self.path}.{'country' if self.path.startswith('payments[') else 'jurisdiction'}"


_NOTHING = Reading()
_USED = re.compile(r"\b(used|second[- ]?hand|pre-owned|refurbished)\b(?!\s+(for|in|to|as|by|with|on)\b)", re.IGNORECASE)
_RELIEF = frozenset({"humanitarian", "medical"})
_PLAYED_BY = {
    ("lease", "supplier"): ("supplier", "landlord"),
    ("lease", "recipient"): ("recipient", "tenant", "charterer"),
}
"""Roles that are another role in an activity: who lets is the supplier of a lease, who rents its recipient."""
_DONE_TO_A_THING = frozenset({"maintenance", "repair"})
_MONEY = frozenset({"cash", "gold", "silver", "precious"})
"""The classes that money may be of."""
_WORKS = frozenset({"civil_works", "military_works"})
_MAY_MAKE_ANYTHING = frozenset(
    {"factory", "factories", "plant", "plants", "works", "workshop", "workshops", "facility", "facilities", "complex",
     "mill", "yard", "shipyard", "laboratory", "laboratories", "institute", "research", "test", "testing", "launch",
     "silo", "silos", "tunnel", "tunnels", "underground", "depot", "installation", "special", "ministry", "compound"}
)  # fmt: skip
"""Words that leave open what a building is for, unless more is said of it ("cement factory")."""
# Closed lists (design, section 3): that there is nothing further is an assumption like any other.
_CLOSED = {
    "activities": "no further activity takes place",
    "parties": "no further party or role takes part",
    "goods": "no further goods line is concerned",
    "vessels": "no further vessel is concerned",
    "route.via": "the route passes no other State",
}
_LISTS = frozenset({"parties", "goods", "vessels", "activities", "payments", "services", "approvals"})
_ROLE_FRAMES: dict[str, frozenset[str]] = {
    role: frozenset(k for k, f in FRAMES.items() if role in f.must or role in f.givers or role in f.takers)
    for role in ROLES.words
}
# Which vessel roles tell which activity a vessel is concerned by, where nothing links them.
_VESSEL_ACTS = {
    "carrier": frozenset({"transport", "transit", "transshipment", "port_call", "port_services", "storage", "landing", "overflight"})
    | ACTIVITY_GROUPS["transfer"],
    "delivering": frozenset({"ship_to_ship_transfer"}),
    "receiving": frozenset({"ship_to_ship_transfer"}),
    "sold": frozenset({"vessel_sale"}) | ACTIVITY_GROUPS["transfer"],
    "chartered": frozenset({"chartering", "lease"}),
    "insured": frozenset({"insurance"}),
    "bunkered": frozenset({"bunkering", "port_services", "refuelling"}),
    "classed": frozenset({"classification"}),
    "registered": frozenset({"flagging"}),
    "crewed": frozenset({"crewing"}),
    "port_caller": frozenset({"port_call", "port_services", "accommodation_of_vessel", "bunkering"}),
}  # fmt: skip
_SENSITIVE_KINDS = frozenset({"bank", "diplomatic_mission", "diplomat", "armed_forces", "police", "state_organ"})
_FORCES = frozenset({"armed_forces", "police", "private_military_company", "armed_group"})
_OPAQUE_ACTS = frozenset({"bulk_cash", "gold_transfer", "laundering", "theft", "crypto_transfer", "hawala"})


class _Scope(Enum):
    """On what a fact depends: see ``FactBase.scope``."""

    TRANSACTION = "transaction"
    ACTS = "acts"
    SUBJECT_IF_STATED = "subject if stated"


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
        self.screener = screener
        self.groups = groups or {}
        self._named_states = named_states
        self.assume_nothing = assume_nothing
        self.conflicts: list[str] = []
        """Contradictions noticed while reading, for the report."""
        self._unknown = frozenset(path.strip() for path in transaction.unknown)
        self._readings: dict[tuple[str, str], Reading] = {}
        self._dated: dict[tuple[date | None, date | None, bool, Period | None], Weighed] = {}
        self.weighed: defaultdict[str, dict[int, tuple[Test, Weighed]]] = defaultdict(dict)
        """Tests already weighed, by the scope of their fact and by subject, then by their identity (kept beside)."""
        self._acts_scopes: dict[str, str] = {}
        self._roles_read: dict[tuple[str, str, str], Reading] = {}
        self._nexus_of: dict[tuple[int, frozenset[int]], Reading] = {}
        self._states_of: dict[int, Reading] = {}
        self._own_listings: dict[int, Reading] = {}
        self.players: tuple[_Player, ...] = tuple(self._players())
        self._acts: tuple[_Act, ...] = tuple(self._read_acts())

    @cached_property
    def _continuing(self) -> bool:
        """Whether some act is conduct that goes on."""
        return any(act.frame.continuing for act in self._acts)

    @cached_property
    def dated_acts(self) -> bool:
        """Whether some act has a date of its own."""
        return any(act.on is not None for act in self._acts)

    # ------------------------------------------------------------------ subjects and links

    def subjects(self, kind: ForEach) -> tuple[Subject, ...]:
        """Return what a rule of this kind judges, unfilled slots included."""
        return self._subjects[kind]

    @cached_property
    def _subjects(self) -> dict[ForEach, tuple[Subject, ...]]:
        t = self.transaction
        goods = [Subject(ForEach.GOODS, i, f"goods[{i}]") for i in range(len(t.goods or ()))]
        if (
            not goods
            and t.goods is None
            and (self._is_stated_unknown("goods") or any(a.frame.goods == "consignment" for a in self._acts))
        ):
            goods = [Subject(ForEach.GOODS, -1, "goods")]
        vessels = [Subject(ForEach.VESSEL, i, f"vessels[{i}]") for i in range(len(t.vessels or ()))]
        if (
            not vessels
            and t.vessels is None
            and (self._is_stated_unknown("vessels") or any(self._needs_vessel(a) for a in self._acts))
        ):
            vessels = [Subject(ForEach.VESSEL, -1, "vessels")]
        parties = [Subject(ForEach.PARTY, i, p.path) for i, p in enumerate(self.players)]
        filled = {role for p in self.players for role in p.party.roles or ()}
        unfilled = dict.fromkeys(
            role
            for act in self._acts
            if not act.linked
            for role in act.frame.must
            if filled.isdisjoint(_played_by(act, role))
        )
        if t.parties != () and not self._without_role:
            parties += [Subject(ForEach.PARTY, -1, f"parties.{role}") for role in unfilled]
        acts = [Subject(ForEach.ACTIVITY, i, a.path) for i, a in enumerate(self._acts)]
        if not acts and t.activities is None:
            acts = [Subject(ForEach.ACTIVITY, -1, "activities")]
        return {
            ForEach.TRANSACTION: (WHOLE,),
            ForEach.ACTIVITY: tuple(acts),
            ForEach.GOODS: tuple(goods),
            ForEach.PARTY: tuple(parties),
            ForEach.VESSEL: tuple(vessels),
        }

    def _needs_vessel(self, act: _Act) -> bool:
        mode = self.transaction.conveyance.mode if self.transaction.conveyance else None
        return act.frame.vessel or (act.kind == "transport" and mode == "sea")

    def _players(self) -> Iterator[_Player]:
        t = self.transaction
        for i, party in enumerate(t.parties or ()):
            yield _Player(f"parties[{i}]", party)
        for i, payment in enumerate(t.payments or ()):
            for end in ("payer_bank", "payee_bank"):
                bank = getattr(payment, end)
                if bank is None:
                    continue
                countries: tuple[CountryReading, ...] | None = (bank.country,) if bank.country else None
                if countries is None and bank.bic:
                    countries = _bic_country(bank.bic)
                yield _Player(
                    f"payments[{i}].{end}",
                    Party.model_construct(
                        name=bank.name or bank.bic, roles=("bank",), kind="bank", jurisdiction=countries
                    ),
                )
        for i, vessel in enumerate(t.vessels or ()):
            for role in ("owner", "operator"):
                ref = getattr(vessel, role)
                if ref is not None and t.find("parties", ref) is None:
                    yield _Player(f"vessels[{i}].{role}", Party.model_construct(name=ref, roles=(role,)))

    def _party(self, ref: str) -> int:
        index = self.transaction.find("parties", ref)
        if index is not None:
            return index
        return next(i for i, p in enumerate(self.players) if p.party.name == ref)

    def _read_acts(self) -> Iterator[_Act]:
        t = self.transaction
        for name in ("activities", "services"):
            items: tuple[Activity, ...] = getattr(t, name) or ()
            for i, item in enumerate(items):
                yield _Act(
                    f"{name}[{i}]",
                    item.kind,
                    FRAMES["supply" if self._hands_over(item.kind) else item.kind],
                    tuple(self._party(ref) for ref in item.by or ()),
                    tuple(self._party(ref) for ref in item.for_ or ()),
                    (),
                    self._indices("vessels", item.vessel),
                    self._indices("goods", item.goods),
                    item.subject or (),
                    item.on,
                    item.description,
                )
        payments: tuple[Payment, ...] = t.payments or ()
        for i, payment in enumerate(payments):
            payer = (self._party(payment.payer),) if payment.payer else ()
            payee = (self._party(payment.payee),) if payment.payee else ()
            yield _Act(
                f"payments[{i}]",
                payment.kind,
                FRAMES[payment.kind],
                payer,
                payee,
                (*((p, "payer") for p in payer), *((p, "payee") for p in payee)),
                (),
                self._indices("goods", payment.goods),
                (),
                payment.on,
            )

    def _hands_over(self, kind: str) -> bool:
        """Whether relief is a supply too: goods are described, and nothing else moves them."""
        t = self.transaction
        return (
            kind in _RELIEF
            and any(line.kind in (None, "good") for line in t.goods or ())
            and not any(FRAMES[item.kind].goods == "consignment" for item in t.activities or ())
        )

    def _indices(self, collection: str, refs: tuple[str, ...] | None) -> tuple[int, ...]:
        return tuple(i for ref in refs or () if (i := self.transaction.find(collection, ref)) is not None)

    @cached_property
    def _acts_by_subject(self) -> dict[str, tuple[tuple[_Act, bool], ...]]:
        return {}

    def acts(self, subject: Subject) -> tuple[tuple[_Act, bool], ...]:
        """Return the acts that concern a subject, each with whether that is sure."""
        found = self._acts_by_subject.get(subject.path)
        if found is None:
            found = tuple(self._acts_of(subject))
            self._acts_by_subject[subject.path] = found
        return found

    def _acts_of(self, subject: Subject) -> Iterator[tuple[_Act, bool]]:
        match subject.kind:
            case ForEach.TRANSACTION:
                yield from ((act, True) for act in self._acts)
            case ForEach.ACTIVITY:
                if subject.index >= 0:
                    yield self._acts[subject.index], True
            case ForEach.GOODS:
                lines = len(self.transaction.goods or ())
                for act in self._acts:
                    if act.goods:
                        if subject.index in act.goods:
                            yield act, True
                    elif act.frame.goods == "consignment":
                        yield act, True
                    elif act.frame.goods == "about":
                        yield act, lines == 1
            case ForEach.VESSEL:
                yield from self._acts_of_vessel(subject)
            case ForEach.PARTY:
                yield from self._acts_of_party(subject)

    def _acts_of_vessel(self, subject: Subject) -> Iterator[tuple[_Act, bool]]:
        vessels = self.transaction.vessels or ()
        roles = vessels[subject.index].roles or () if subject.index >= 0 else ()
        for act in self._acts:
            if act.vessels:
                if subject.index in act.vessels:
                    yield act, True
                continue
            if roles:
                if any(act.kind in _VESSEL_ACTS[role] for role in roles):
                    yield act, True
            elif self._may_be_about_a_vessel(act) and act.kind not in ("repair", "maintenance"):
                yield act, len(vessels) == 1 or (len(vessels) == 0 and act.frame.vessel)
            elif act.kind in ("repair", "maintenance") and vessels:
                # What is repaired may be the ship: surely so where there is one ship and no goods.
                yield act, len(vessels) == 1 and not self.transaction.goods

    @staticmethod
    def _may_be_about_a_vessel(act: _Act) -> bool:
        return (
            act.frame.vessel
            or act.frame.group in ("carriage", "transfer")
            or act.kind in ("insurance", "repair", "maintenance")
        )

    def _acts_of_party(self, subject: Subject) -> Iterator[tuple[_Act, bool]]:
        if subject.index < 0:
            role = subject.path.removeprefix("parties.")
            yield from ((act, True) for act in self._acts if role in act.frame.must)
            return
        roles = self.players[subject.index].party.roles
        if roles is None and subject.index not in self._without_role:
            roles = ()
        inline = subject.path.startswith("payments[")
        kinds = {act.kind for act in self._acts}
        for act in self._acts:
            if inline:
                if subject.path.startswith(act.path + "."):
                    yield act, True
                continue
            if act.linked:
                if subject.index in act.linked:
                    yield act, True
                    continue
                if not roles:
                    continue
            if roles is None:
                yield act, False
                continue
            for role in roles:
                frames = _ROLE_FRAMES[role] & kinds
                if frames and act.kind not in frames:
                    continue
                if act.linked and self._side_is_linked(act, role):
                    continue
                rivals = sum(1 for p in self.players if role in (p.party.roles or ()))
                # An act that names its parties does not surely concern one that it does not name.
                yield act, not act.linked and (rivals == 1 or len(frames) == 1 or len(self._acts) == 1)
                break

    @staticmethod
    def _side_is_linked(act: _Act, role: str) -> bool:
        return bool((act.by and role in act.frame.givers) or (act.takers and role in act.frame.takers))

    def roles_in(self, act: _Act, index: int) -> tuple[str, ...]:
        """Return what a linked party does in an act."""
        for party, role in act.assigned:
            if party == index:
                return (role,)
        own = self.players[index].party.roles or ()
        frame = act.frame
        if any(role in frame.must or role in frame.givers or role in frame.takers for role in own):
            return own
        if index in act.by:
            default = (
                next((r for r in frame.must if r in frame.givers), None)
                or (frame.must or frame.givers or ("owner",))[0]
            )
            return (*own, default)
        default = (
            next((r for r in frame.must if r in frame.takers), None)
            or (frame.takers or frame.must or ("recipient",))[-1]
        )
        return (*own, default)

    # ------------------------------------------------------------------ absence

    def _is_stated_unknown(self, path: str) -> bool:
        if not self._unknown:
            return False
        if path in self._unknown:
            return True
        # A list that is stated unknown is not closed; what it does hold is as stated.
        return any(
            path.startswith((f"{u}.", f"{u}[")) and not (u in _LISTS and path.startswith(f"{u}["))
            for u in self._unknown
        )

    def _gap(self, path: str, **extra: frozenset[str]) -> Reading:
        cause = Cause.STATED if self._is_stated_unknown(path) else Cause.ABSENT
        return Reading(gaps=(Gap(path, cause, **extra),))  # type: ignore[arg-type]  # sets of text are sets of values

    def _assumed(self, path: str, why: str, only: frozenset[str] | None = None) -> Reading:
        """Read silence as "none", unless the user says that it is unknown or nothing may be assumed."""
        if self._is_stated_unknown(path):
            return Reading(gaps=(Gap(path, Cause.STATED, only=only),))
        if self.assume_nothing:
            return Reading(gaps=(Gap(path, Cause.ABSENT, why, only=only),))
        if path in _CLOSED or path.endswith(".roles"):
            return _NOTHING  # named once for the whole report: see ``standing_assumptions``
        return Reading(assumed=(Gap(path, Cause.ABSENT, why, only=only),))

    @property
    def standing_assumptions(self) -> tuple[Gap, ...]:
        """The closed lists, on which every verdict with a nexus rests unless nothing is assumed."""
        if self.assume_nothing:
            return ()
        return tuple(Gap(path, Cause.ABSENT, why) for path, why in _CLOSED.items() if not self._is_stated_unknown(path))

    # ------------------------------------------------------------------ reading a fact

    def read(self, fact: str, subject: Subject) -> Reading:
        """Return what is known of a fact for a subject.

        Args:
            fact: A name of the vocabulary, other than the four that are weighed whole (``occurred``,
                ``approvals``, ``determinations``, ``cumulative``).
            subject: What is judged.
        """
        key = (fact, subject.path)
        reading = self._readings.get(key)
        if reading is None:
            shared = (fact, self.scope(fact, subject))
            reading = self._readings.get(shared)
            if reading is None:
                reading = self._readings[shared] = self._read(fact, subject)
            self._readings[key] = reading
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
        known = self._acts_scopes.get(subject.path)
        if known is None:
            acts = self.acts(subject)
            sure = all(sure for _, sure in acts)
            known = self._acts_scopes[subject.path] = "+".join([act.path for act, _ in acts]) if sure else subject.path
        return known

    def _read(self, fact: str, subject: Subject) -> Reading:
        head, _, tail = fact.partition(".")
        if not tail:
            if head in GROUNDS:
                return self._ground(head)
            return _PLAIN[head](self, subject)
        if head == "goods":
            return self._goods_fact(tail, subject)
        if head == "vessel":
            return self._vessel_fact(tail, subject)
        if head == "party":
            return self._party_attribute(tail, subject.index, subject)
        if head == "parties":
            return self._all_parties(tail, subject)
        if head in _DIRECTIONS:
            return self._direction(subject)[head] if tail == "states" else self._areas(head, subject)
        return self._role(head, tail, subject)

    def _activity(self, subject: Subject) -> Reading:
        acts = self.acts(subject)
        evidence = tuple(
            Evidence(
                act.path,
                act.kind.replace("_", " "),
                frozenset({act.kind}),
                sure,
                None if sure else Cause.AMBIGUOUS,
                () if sure else (self._link_path(act, subject),),
            )
            for act, sure in acts
        )
        evidence += tuple(
            Evidence(act.path, f"{act.kind}, with goods handed over", frozenset({"supply"}))
            for act, _ in acts
            if act.kind in _RELIEF and act.frame is FRAMES["supply"]
        )
        t = self.transaction
        if not self._acts and t.activities is None:
            return self._gap("activities")
        reading = Reading(evidence)
        for name, group in (("payments", "finance"), ("services", "services")):
            if getattr(self.transaction, name) is None and self._is_stated_unknown(name):
                reading |= self._gap(name, only=ACTIVITY_GROUPS[group])
        return reading | self._assumed("activities", "no further activity takes place")

    def _link(self, subject: Subject, slot: str) -> str:
        """Return the path of the link that would say which goods or vessel an act is about."""
        acts = self.acts(subject)
        return f"{acts[0][0].path}.{slot}" if acts else "activities"

    @staticmethod
    def _link_path(act: _Act, subject: Subject) -> str:
        slot = {ForEach.GOODS: "goods", ForEach.VESSEL: "vessel", ForEach.PARTY: "by"}.get(subject.kind, "by")
        if subject.kind is ForEach.PARTY and not act.linked:
            return f"{subject.path}.roles"
        return f"{act.path}.{slot}"

    # ------------------------------------------------------------------ parties

    def _role(self, role: str, attribute: str, subject: Subject) -> Reading:
        reading = _NOTHING
        acts = self.acts(subject)
        wanted = [(a, s) for a, s in acts if a.kind in _ROLE_FRAMES[role]] or [
            (a, s) for a, s in acts if not a.linked or any(role in self.roles_in(a, p) for p in a.linked)
        ]
        for act, sure in wanted:
            one = self._role_in(act, role, attribute, subject)
            if not sure:
                one = one.doubted(Cause.AMBIGUOUS, (self._link_path(act, subject),))
            reading |= one
        return reading | self._assumed("parties", "no further party or role takes part")

    def _role_in(self, act: _Act, role: str, attribute: str, subject: Subject) -> Reading:
        """Read an attribute of whoever plays a role in an act; of which subject it is asked changes nothing."""
        if not act.linked and role not in self._played and role not in act.frame.must:
            return _NOTHING  # nobody plays it, and nobody has to
        key = (act.path, role, attribute)
        known = self._roles_read.get(key)
        if known is None:
            known = self._roles_read[key] = self._read_role_in(act, role, attribute, subject)
        return known

    def _read_role_in(self, act: _Act, role: str, attribute: str, subject: Subject) -> Reading:
        names = _played_by(act, role)
        linked = [p for p in act.linked if not set(self.roles_in(act, p)).isdisjoint(names)]
        if linked:
            reading = _NOTHING
            for index in dict.fromkeys(linked):
                reading |= self._party_attribute(attribute, index, subject)
            return reading
        if act.linked and self._side_is_linked(act, role):
            return _NOTHING
        candidates = [
            i
            for i, p in enumerate(self.players)
            if not set(p.party.roles or ()).isdisjoint(names) and self._may_play(p, act)
        ]
        if len(candidates) == 1 or (role == "partner" and self._only_act_with(role)):
            # The partners of the one venture or cooperation are all in it: they are no alternatives.
            return _union(self._party_attribute(attribute, i, subject) for i in candidates)
        if candidates:
            side = "by" if role in act.frame.givers else "for"
            return Reading(
                choices=(
                    tuple(
                        Choice(f"{act.path}.{side}", self._party_attribute(attribute, i, subject)) for i in candidates
                    ),
                )
            )
        reading = _NOTHING
        for i, player in enumerate(self.players):
            if i in self._without_role and i not in act.linked:
                reading |= self._party_attribute(attribute, i, subject).doubted(Cause.ABSENT, (f"{player.path}.roles",))
        if role in act.frame.must and self.transaction.parties != () and not reading.evidence:
            reading |= self._gap(f"parties.{role}")
        return reading

    @cached_property
    def _played(self) -> Collection[str]:
        """The roles that somebody plays; every role, where a party's roles are not stated."""
        if self._without_role:
            return ROLES.words
        return {role for player in self.players for role in player.party.roles or ()}

    @cached_property
    def _without_role(self) -> frozenset[int]:
        """The parties that could play any part: none is stated, and they do not stand behind another party.

        Whoever is only named as owner, controller or principal of a party takes part through it.
        """
        silent = {i for i, player in enumerate(self.players) if player.party.roles is None}
        if not silent:
            return frozenset()
        behind: set[int] = set()
        for player in self.players:
            party = player.party
            refs = (*(s.party for s in party.owned_by or ()), *(party.controlled_by or ()), *(party.acts_for or ()))
            behind.update(self._party(ref) for ref in refs)
        return frozenset(
            i for i in silent if i not in behind or self._is_stated_unknown(f"{self.players[i].path}.roles")
        )

    def _only_act_with(self, role: str) -> bool:
        return sum(1 for act in self._acts if act.kind in _ROLE_FRAMES[role]) == 1

    @staticmethod
    def _may_play(player: _Player, act: _Act) -> bool:
        return not player.path.startswith("payments[") or player.path.startswith(act.path + ".")

    def _all_parties(self, attribute: str, subject: Subject) -> Reading:
        reading = _NOTHING
        for i in range(len(self.players)):
            reading |= self._party_attribute(attribute, i, subject)
        return reading | self._assumed("parties", "no further party or role takes part")

    def _party_attribute(self, attribute: str, index: int, subject: Subject) -> Reading:
        if index < 0:
            return self._unfilled_party(attribute, subject)
        match attribute:
            case "states":
                return self.party_states(index)
            case "listed":
                return self._listed(index, frozenset())
            case "roles":
                return self._roles(index)
            case _:
                return _PARTY[attribute](self, index)

    def _unfilled_party(self, attribute: str, subject: Subject) -> Reading:
        role = subject.path.removeprefix("parties.")
        if attribute == "roles":
            return Reading((Evidence(subject.path, role, frozenset({role})),))
        return self._gap(subject.path)

    def party_states(self, index: int, seen: frozenset[int] = frozenset()) -> Reading:
        """Return the nexus of a party: its own, and through owners of half or more, controllers and principals.

        Source: design, section 3, "Directions".
        """
        key = (index, seen)
        known = self._nexus_of.get(key)
        if known is None:
            known = self._party_states(index, seen)
            self._nexus_of[key] = known
        return known

    def _party_states(self, index: int, seen: frozenset[int]) -> Reading:
        return self._own_states(index) | self._through_links(index, seen, "states")

    @staticmethod
    def _has_links(player: _Player) -> bool:
        party = player.party
        return bool(party.owned_by or party.controlled_by or party.acts_for)

    def _nexus_known(self, index: int) -> Reading:
        """Return the nexus of a party without what is only assumed of its owners, controllers and principals."""
        return self.party_states(index) if self._has_links(self.players[index]) else self._own_states(index)

    def _own_states(self, index: int) -> Reading:
        found = self._states_of.get(index)
        if found is None:
            found = self._states_of[index] = self._read_own_states(index)
        return found

    def _read_own_states(self, index: int) -> Reading:
        player = self.players[index]
        party = player.party
        reading = _NOTHING
        stated = False
        for name in ("jurisdiction", "nationality", "incorporated_in"):
            countries = getattr(party, name)
            if countries is not None:
                stated = True
                reading |= _country_evidence(countries, f"{player.path}.{name}", player.shown)
            elif self._is_stated_unknown(f"{player.path}.{name}"):
                reading |= self._gap(f"{player.path}.{name}")
        if not stated and party.kind != "un_body" and not reading.gaps:
            reading |= self._gap(player.state_path)
        return reading

    def _through_links(self, index: int, seen: frozenset[int], attribute: str) -> Reading:
        """Follow ownership of half or more, control and acting for, with the chain shown."""
        player = self.players[index]
        party = player.party
        seen = seen | {index}
        reading = _NOTHING

        def other(i: int) -> Reading:
            inner = self.party_states(i, seen) if attribute == "states" else self._listed(i, seen)
            return Reading(inner.evidence, inner.gaps if attribute == "states" else (), inner.assumed, inner.choices)

        for name, verb in (("controlled_by", "controlled by"), ("acts_for", "acting for")):
            refs = getattr(party, name)
            if refs is None:
                reading |= self._assumed(f"{player.path}.{name}", f"{player.shown} is not {verb} somebody else")
            for ref in refs or ():
                i = self._party(ref)
                if i not in seen:
                    reading |= _through(
                        other(i), f"{player.shown} {verb} {self.players[i].shown}", f"{player.path}.{name}"
                    )
        if party.owned_by is None:
            return reading | self._assumed(f"{player.path}.owned_by", f"{player.shown} is not owned by somebody else")
        return reading | self._through_owners(index, other, seen)

    def _through_owners(self, index: int, other: Callable[[int], Reading], seen: frozenset[int]) -> Reading:
        """Add up the shares of owners with the same value; half or more carries it over (intervals for unknown shares)."""
        player = self.players[index]
        stakes = [(self._party(s.party), s.share, j) for j, s in enumerate(player.party.owned_by or ())]
        free = Decimal(100) - sum((share for _, share, _ in stakes if share is not None), Decimal(0))
        lowest: dict[str, Decimal] = {}
        highest: dict[str, Decimal] = {}
        who: dict[str, list[str]] = {}
        asks: dict[str, list[str]] = {}
        for i, share, j in stakes:
            if i in seen:
                continue
            inner = other(i)
            certain = inner.certain()
            for value in inner.possible():
                v = str(value)
                sure = value in certain
                lowest[v] = lowest.get(v, Decimal(0)) + (share if share is not None and sure else Decimal(0))
                highest[v] = highest.get(v, Decimal(0)) + (share if share is not None else free)
                who.setdefault(v, []).append(f"{self.players[i].shown} {share if share is not None else '?'}%")
                if share is None:
                    asks.setdefault(v, []).append(f"{player.path}.owned_by[{j}].share")
                elif not sure:
                    asks.setdefault(v, []).extend(
                        a for e in inner.evidence if value in e.values for a in e.asks or (e.path,)
                    )
        evidence = []
        for v, low in lowest.items():
            high = min(highest[v], Decimal(100))
            if high < 50:
                continue
            shown = f"{player.shown} owned by {', '.join(who[v])}"
            sure = low >= 50
            evidence.append(
                Evidence(
                    f"{player.path}.owned_by",
                    shown,
                    frozenset({v}),
                    sure,
                    None if sure else Cause.IMPRECISE,
                    () if sure else tuple(dict.fromkeys(asks.get(v, ()))),
                )
            )
        return Reading(tuple(evidence))

    def _roles(self, index: int) -> Reading:
        player = self.players[index]
        roles = set(player.party.roles or ())
        for act in self._acts:
            if index in act.linked:
                roles |= set(self.roles_in(act, index))
        for vessel in self.transaction.vessels or ():
            named = (("owner", vessel.owner), ("operator", vessel.operator))
            roles |= {role for role, ref in named if ref is not None and self._party(ref) == index}
        if index in self._without_role and not roles:
            return self._gap(f"{player.path}.roles")
        evidence = tuple(
            Evidence(f"{player.path}.roles", role.replace("_", " "), frozenset({role})) for role in sorted(roles)
        )
        return Reading(evidence) | self._assumed(f"{player.path}.roles", f"{player.shown} has no further role")

    def _kind(self, index: int) -> Reading:
        player = self.players[index]
        if player.party.kind is not None:
            kind = player.party.kind
            return Reading(
                (Evidence(f"{player.path}.kind", f"{player.shown}: {kind.replace('_', ' ')}", frozenset({kind})),)
            )
        # A value of its own, so that "only organs of the State" fails where a party beside them is of no stated kind.
        path = f"{player.path}.kind"
        silence = self._assumed(path, f"{player.shown} is an ordinary person or company")
        if silence.gaps:
            return silence
        return silence | Reading(
            (Evidence(path, f"{player.shown}: no special kind is stated", frozenset({"ordinary"})),)
        )

    def _nationality(self, index: int) -> Reading:
        player = self.players[index]
        if player.party.nationality is not None:
            return _country_evidence(player.party.nationality, f"{player.path}.nationality", player.shown)
        if player.party.jurisdiction is not None:
            return _country_evidence(player.party.jurisdiction, player.state_path, player.shown)
        return self._gap(f"{player.path}.nationality")

    def _located(self, index: int) -> Reading:
        player = self.players[index]
        reading = _NOTHING
        for text in player.party.located_in or ():
            codes, shown = _place_codes(text)
            if codes:
                reading |= Reading((_state_evidence(f"{player.path}.located_in", shown, codes),))
            else:
                reading |= self._gap(f"{player.path}.located_in")
        if player.party.located_in is None:
            reading |= self._assumed(f"{player.path}.located_in", f"{player.shown} is where its State is")
        return reading

    def _groups(self, index: int) -> Reading:
        player = self.players[index]
        return Reading(self._group_evidence(index)) | self._assumed(
            f"{player.path}.member_of", f"{player.shown} belongs to no group that is not named"
        )

    def _group_evidence(self, index: int) -> tuple[Evidence, ...]:
        player = self.players[index]
        party = player.party
        evidence = []
        for text in party.member_of or ():
            group = self.groups.get(fold_words(text))
            if group:
                evidence.append(Evidence(f"{player.path}.member_of", f"{player.shown} of {text}", frozenset({group})))
        for name in (party.name, *party.aliases):
            group = self.groups.get(fold_words(name)) if name else None
            if group:
                evidence.append(Evidence(f"{player.path}.name", str(name), frozenset({group})))
        return tuple(dict.fromkeys(evidence))

    def _protected(self, index: int) -> Reading:
        player = self.players[index]
        if player.party.protected_from_return is not None:
            return _flag_reading(f"{player.path}.protected_from_return", player.party.protected_from_return)
        return self._assumed(
            f"{player.path}.protected_from_return", "law does not bar the person's return", frozenset({"yes"})
        )

    # ------------------------------------------------------------------ listing

    def _listed(self, index: int, seen: frozenset[int]) -> Reading:
        key = (-1 - index, seen)
        known = self._nexus_of.get(key)
        if known is None:
            known = self._own_listing(index) | self._through_links(index, seen, "listed")
            self._nexus_of[key] = known
        return known

    def _own_listing(self, index: int) -> Reading:
        found = self._own_listings.get(index)
        if found is None:
            found = self._own_listings[index] = self._read_own_listing(index)
        return found

    def _read_own_listing(self, index: int) -> Reading:
        player = self.players[index]
        party = player.party
        path = f"{player.path}.listed"
        if self._is_stated_unknown(path):
            return self._gap(path)
        matches: tuple[Match, ...] = ()
        if party.name:
            states = self._own_states(index)
            kind = "individual" if party.kind in ("individual", "diplomat") else "entity" if party.kind else None
            matches = self.screener.screen(
                party.name,
                aliases=party.aliases,
                kind=kind,
                birth_date=party.birth_date.text if party.birth_date else None,
                countries=frozenset(
                    str(v)
                    for e in states.evidence
                    if e.path.startswith(player.path) and "owned" not in e.path
                    for v in e.values
                ),
                identifiers=tuple((party.identifiers or {}).values()),
            )
        elif party.listed is None:
            return self._gap(f"{player.path}.name")
        return self._list_reading(path, player.shown, matches, party.listed, player.path)

    def _list_reading(
        self, path: str, shown: str, matches: tuple[Match, ...], stated: tuple[Listing, ...] | None, owner_path: str
    ) -> Reading:
        evidence: list[Evidence] = []
        gaps: list[Gap] = []
        for match in matches:
            if match.truth is Truth.FALSE or (match.truth is Truth.UNKNOWN and stated is not None):
                continue  # of a candidate the user has the last word; a strong hit is not overridden in silence
            text = f"{shown}: {match.why}"
            then = self._listed_then(match, stated)
            if then is Truth.FALSE:
                continue
            sure = match.truth is Truth.TRUE and then is Truth.TRUE
            if stated == () and sure:
                self.conflicts.append(f"{path}: said not to be listed, but {match.why}")
                sure = False
            asks = () if sure else (path, *(f"{owner_path}.{ask}" for ask in match.asks))
            evidence.append(
                Evidence(path, text, frozenset({match.entry.regime}), sure, None if sure else Cause.CANDIDATE, asks)
            )
        for listing in stated or ():
            if listing.regime is None:
                gaps.append(Gap(f"{path}[0].regime", Cause.CANDIDATE))
                continue
            standing = self._listing_stands(listing)
            if standing is not Truth.FALSE:
                evidence.append(
                    Evidence(path, f"{shown} is stated to be listed under {listing.regime}", frozenset({listing.regime}),
                             standing is Truth.TRUE, None if standing is Truth.TRUE else Cause.IMPRECISE,
                             () if standing is Truth.TRUE else ("occurred", path))
                )  # fmt: skip
        return Reading(tuple(evidence), tuple(gaps))

    def _listed_then(self, match: Match, stated: tuple[Listing, ...] | None) -> Truth:
        """Whether an entry of the list stood when the act took place.

        Before its day a person or entity was not listed. The days of vessels in the published list are those of
        the list, not always of the measure: before them it is UNKNOWN, unless the user says since when.
        """
        entry = match.entry
        occurred = self.transaction.occurred
        if entry.listed_on is None or occurred is None or occurred.within(entry.listed_on, None) is Truth.TRUE:
            return Truth.TRUE
        if stated is not None and (not stated or any(listing.regime == entry.regime for listing in stated)):
            return Truth.FALSE  # what the user says of that time is not contradicted by a later listing
        if entry.kind == "vessel":
            return Truth.UNKNOWN
        return occurred.within(entry.listed_on, None)

    def _listing_stands(self, listing: Listing) -> Truth:
        occurred = self.transaction.occurred
        start = listing.from_.first if listing.from_ else None
        end = listing.until.first if listing.until else None
        if start is None and end is None:
            return Truth.TRUE
        return Truth.UNKNOWN if occurred is None else occurred.within(start, end)

    # ------------------------------------------------------------------ route and direction

    def _end(self, end: End | None, path: str, *, required: bool) -> Reading:
        if end is None or (end.country is None and end.place is None and end.area is None and end.sea_area is None):
            if required or self._is_stated_unknown(f"{path}.country"):
                return self._gap(f"{path}.country")
            return _NOTHING
        return _end_reading(end, path) or self._gap(f"{path}.country")

    def _direction(self, subject: Subject) -> dict[str, Reading]:
        found = self._directions.get(subject.path)
        if found is None:
            # Subjects of the same acts and lines go the same way.
            goods = subject.kind in (ForEach.GOODS, ForEach.VESSEL), subject.kind is ForEach.GOODS
            key = f"{self.scope('activity', subject)} {goods} {self._origin_lines(subject)}"
            found = self._directions.get(key)
            if found is None:
                found = self._directions[key] = self._read_direction(subject)
            self._directions[subject.path] = found
        return found

    @cached_property
    def _directions(self) -> dict[str, dict[str, Reading]]:
        return {}

    def _read_direction(self, subject: Subject) -> dict[str, Reading]:
        t = self.transaction
        acts = [(a, s) for a, s in self.acts(subject)]
        if subject.kind in (ForEach.GOODS, ForEach.VESSEL):  # what moves, not who insures or fuels it
            acts = [(a, s) for a, s in acts if a.frame.goods == "consignment"] or acts
        ends = any(a.frame.ends for a, _ in acts)
        route = t.route
        start = self._end(route.from_ if route else None, "route.from", required=ends)
        destination = self._end(route.to if route else None, "route.to", required=ends)
        via = _NOTHING
        loaded = _NOTHING
        for i, leg in enumerate(route.via or () if route else ()):
            reading = self._end(leg, f"route.via[{i}]", required=True)
            via |= reading
            if leg.loaded:
                loaded |= reading
        if route is None or route.via is None:
            via |= self._assumed("route.via", "the route passes no other State")
        givers = _NOTHING
        takers = _NOTHING
        for act, sure in acts:
            for side, roles in (("givers", act.frame.givers), ("takers", act.frame.takers)):
                total = _NOTHING
                for role in roles:
                    one = self._role_in(act, role, "states", subject)
                    total |= one if sure else one.doubted(Cause.AMBIGUOUS, (self._link_path(act, subject),))
                if side == "givers":
                    givers |= total
                else:
                    takers |= total
        if acts:
            closed = self._assumed("parties", "no further party or role takes part")
            givers |= closed
            takers |= closed
        origin = self._origin(subject, start)
        # To S: the destination is in S, or a taker has nexus S and it does not come from the territory of S.
        # From S: not to the territory of S, and it starts, is loaded or originates there, or a giver has nexus S.
        # What does not move (advice, a payment) comes from no territory: there the route is that of something else.
        to, source = takers, start | loaded | origin | givers
        if ends or subject.kind is ForEach.GOODS:
            to = to.without(start.certain(), start.possible() - start.certain(), _asks(start))
            source = source.without(
                destination.certain(), destination.possible() - destination.certain(), _asks(destination)
            )
            if start.gaps:
                to = to.doubted(Cause.ABSENT, _asks(start))
            if destination.gaps:
                source = source.doubted(Cause.ABSENT, _asks(destination))
            to |= self._end_use_states(subject)
        return {
            "from": source,
            "to": destination | to,
            "start": start,
            "destination": destination,
            "via": via,
            "origin": origin,
        }

    def _end_use_states(self, subject: Subject) -> Reading:
        """Read the target States that a stated end use names: the goods may go on there, unless an end user is named."""
        goods = self.transaction.goods or ()
        if self._named_states is None or not any(line.end_use for line in goods):
            return _NOTHING
        if any("end_user" in (player.party.roles or ()) for player in self.players):
            return _NOTHING
        return Reading(
            tuple(
                Evidence(f"goods[{i}].end_use", text, frozenset({state}), False, Cause.IMPRECISE, ("parties.end_user",))
                for i in self._lines(subject)[0]
                if (text := goods[i].end_use)
                for state in sorted(self._named_states(fold_words(text)))
            )
        )

    def _origin(self, subject: Subject, start: Reading) -> Reading:
        """Read where the goods originate: where that is not said, it is assumed to be where they start."""
        reading = _NOTHING
        for i in self._origin_lines(subject):
            line = (self.transaction.goods or ())[i]
            for name in ("origin", "made_in"):
                countries = getattr(line, name)
                if countries is not None:
                    reading |= _country_evidence(countries, f"goods[{i}].{name}", line.description or f"goods[{i}]")
            if line.origin is None and line.made_in is None:
                reading |= start | self._assumed(f"goods[{i}].origin", "the goods originate where they start")
        return reading

    def _origin_lines(self, subject: Subject) -> tuple[int, ...]:
        lines = tuple(range(len(self.transaction.goods or ())))
        if subject.kind is ForEach.GOODS:
            return (subject.index,) if subject.index >= 0 else ()
        if subject.kind is ForEach.ACTIVITY and subject.index >= 0:
            act = self._acts[subject.index]
            return act.goods or (lines if act.frame.goods == "consignment" else ())
        return lines

    def _areas(self, head: str, subject: Subject) -> Reading:
        side = {"from": "from", "to": "to"}[head]
        route = self.transaction.route
        end = (route.from_ if side == "from" else route.to) if route else None
        path = f"route.{side}.area"
        if end is not None and end.area is not None:
            return Reading((Evidence(path, end.area.name, frozenset({end.area.id})),))
        states = self._direction(subject)["start" if side == "from" else "destination"]
        countries = states.possible()
        if end is not None and end.place is not None and len(countries) == 1 and not states.gaps:
            lies_in = area_of_place(end.place.text, *map(str, countries))
            if lies_in is not None:
                shown = f"{end.place.text}, in {lies_in.name}"
                return Reading((Evidence(f"route.{side}.place", shown, frozenset({lies_in.id})),))
        # An area can only be where its State may be.
        areas = frozenset(area.id for area in known_areas() if states.gaps or area.country in countries)
        return self._gap(path, only=areas) if areas else _NOTHING

    # ------------------------------------------------------------------ goods

    def _lines(self, subject: Subject) -> tuple[tuple[int, ...], bool, bool]:
        """Return the goods lines of a subject, whether all are concerned, and whether there must be one."""
        goods = self.transaction.goods or ()
        everything = tuple(range(len(goods)))
        if subject.kind is ForEach.GOODS:
            return ((subject.index,) if subject.index >= 0 else ()), True, True
        acts = [act for act, _ in self.acts(subject)]
        must = any(act.frame.goods == "consignment" for act in acts)
        if subject.kind is ForEach.TRANSACTION:
            return everything, True, must
        about = [act for act in acts if act.goods or act.frame.goods != "none"]
        if about and all(act.goods for act in about):
            return tuple(dict.fromkeys(i for act in about for i in act.goods)), True, must
        return everything, must or len(everything) == 1, must

    def _goods_fact(self, attribute: str, subject: Subject) -> Reading:
        lines, together, must = self._lines(subject)
        if not lines:
            if self.transaction.goods is None and (must or self._is_stated_unknown("goods")):
                return self._gap("goods")
            return self._assumed("goods", "no goods are concerned") if self.transaction.goods is None else _NOTHING
        readings = [_GOODS[attribute](self, i) for i in lines]
        if together or len(readings) == 1:
            reading = _NOTHING
            for one in readings:
                reading |= one
        else:
            reading = Reading(choices=(tuple(Choice(self._link(subject, "goods"), one) for one in readings),))
        if subject.kind is not ForEach.GOODS:
            reading |= self._assumed("goods", "no further goods line is concerned")
        return reading

    def classification(self, index: int) -> Classification:
        """Return the classes of one goods line."""
        found = self._classified.get(index)
        if found is None:
            line = (self.transaction.goods or ())[index]
            try:
                found = self.classifier.classify(
                    line.description, line.hs or (), line.categories or (), self._unit_value(index)
                )
            except InputError as error:
                raise InputError([type(p)(f"goods[{index}].categories", p.what) for p in error.problems]) from error
            self._classified[index] = found
            self.conflicts += [f"goods[{index}]: {text}" for text in found.conflicts]
        return found

    @cached_property
    def _classified(self) -> dict[int, Classification]:
        return {}

    def _ask_goods(self, index: int) -> str:
        line = (self.transaction.goods or ())[index]
        return (
            f"goods[{index}].hs" if line.hs is None or line.description is not None else f"goods[{index}].description"
        )

    def _categories(self, index: int) -> Reading:
        line = (self.transaction.goods or ())[index]
        result = self.classification(index)
        ask = self._ask_goods(index)
        evidence = []
        excluded = []
        for hit in result.hits:
            if hit.truth is Truth.FALSE:
                excluded.append(hit.category)
                continue
            sure = hit.truth is Truth.TRUE
            # A class that hangs on a value which is not stated is asked for by that value.
            settles = f"goods[{index}].unit_value" if hit.cause is Cause.ABSENT and "a piece" in hit.why else ask
            at = (
                "description"
                if line.description is not None and "description" in hit.sources
                else "hs"
                if "hs" in hit.sources
                else "categories"
            )
            evidence.append(
                Evidence(f"goods[{index}].{at}", hit.why, frozenset({hit.category}), sure, None if sure else hit.cause or Cause.IMPRECISE,
                         () if sure else (settles,))
            )  # fmt: skip
        gaps: tuple[Gap, ...] = ()
        if result.open is not None and line.kind == "money":
            gaps = (Gap(ask, result.open, only=_MONEY - result.excluded.union(excluded)),)
        elif result.open is not None:
            cause = Cause.STATED if self._is_stated_unknown(f"goods[{index}]") else result.open
            gaps = (Gap(ask, cause, but=result.excluded.union(excluded)),)
        return Reading(tuple(evidence), gaps)

    def _hs(self, index: int) -> Reading:
        codes = (self.transaction.goods or ())[index].hs
        if codes is None:
            return self._gap(f"goods[{index}].hs")
        if not codes:
            return _NOTHING
        several = Cause.IMPRECISE if len(codes) > 1 else None
        return Reading((Evidence(f"goods[{index}].hs", "HS " + " or ".join(codes), frozenset(codes), True, several),))

    def _line_word(self, index: int, name: str) -> Reading:
        line = (self.transaction.goods or ())[index]
        value = getattr(line, name)
        if value is None and name == "condition" and (found := _USED.search(line.description or "")):
            return Reading((Evidence(f"goods[{index}].description", found[0], frozenset({"used"})),))
        if value is None:
            return self._gap(f"goods[{index}].{name}")
        return Reading((Evidence(f"goods[{index}].{name}", str(value), frozenset({value})),))

    def _spare_part(self, index: int) -> Reading:
        texts = (self.transaction.goods or ())[index].spare_part_for
        if texts is None:
            if self.classification(index).hit("aircraft_spares") is not None:
                return self._gap(f"goods[{index}].spare_part_for")
            return self._assumed(f"goods[{index}].spare_part_for", "the goods are no spare parts for anything excepted")
        path = f"goods[{index}].spare_part_for"
        if not any(character.isdigit() for text in texts for character in text):  # "an airliner": no type is named
            return Reading((Evidence(path, ", ".join(texts), frozenset()),), (Gap(path, Cause.IMPRECISE),))
        return Reading(tuple(Evidence(path, t, frozenset({fold_words(t)})) for t in texts))

    def _unit_value(self, index: int) -> tuple[Decimal, str] | None:
        """Return the value of one piece, for classes that only belong to a wider one above a value."""
        values = self._money(index, "unit_value").certain()
        return next(((v.value, v.unit) for v in values if isinstance(v, Measure)), None)

    def _money(self, index: int, name: str) -> Reading:
        line: Goods = (self.transaction.goods or ())[index]
        money: Money | None = getattr(line, name)
        if (
            money is None
            and name == "unit_value"
            and line.value
            and line.quantity
            and line.quantity.unit == "piece"
            and line.quantity.value
        ):
            money = Money.model_construct(value=line.value.value / line.quantity.value, currency=line.value.currency)
        if money is None:
            return self._gap(f"goods[{index}].{name}")
        return Reading(
            (
                Evidence(
                    f"goods[{index}].{name}",
                    f"{money.value} {money.currency}",
                    frozenset({Measure(money.value, money.currency)}),
                ),
            )
        )

    def _conflict(self, index: int) -> Reading:
        return _flag_reading(f"goods[{index}].description", bool(self.classification(index).conflicts))

    def _subject_matter(self, subject: Subject) -> Reading:
        reading = _NOTHING
        for act, sure in self.acts(subject):
            one = _NOTHING
            for text in act.subject:
                one |= self._subject_of(text, f"{act.path}.subject")
            lines = act.goods or (range(len(self.transaction.goods or ())) if act.frame.goods != "none" else ())
            parts = [self._categories(i) for i in lines]
            if len(parts) == 1 or act.goods or act.frame.goods == "consignment":
                for part in parts:
                    one |= part
            elif parts:
                one |= Reading(choices=(tuple(Choice(f"{act.path}.goods", part) for part in parts),))
            if act.frame.subject and not act.subject:
                one |= self._described_subject(act, asked=not parts)
            reading |= one if sure else one.doubted(Cause.AMBIGUOUS, (self._link_path(act, subject),))
        return reading

    def _described_subject(self, act: _Act, *, asked: bool) -> Reading:
        """Read what an act is about from its description, where no subject is stated.

        The classes that the description names are evidence like those of goods. It answers the question only where
        something is built or mended: "a school" leaves nothing open, "a factory" does; of a course or of help a
        description may say too little.

        Args:
            act: The act.
            asked: Whether silence is a missing fact (no goods say what it is about).
        """
        ask = f"{act.path}.subject"
        gap = self._gap(ask) if asked else _NOTHING
        if act.text is None:
            return gap
        path = f"{act.path}.description"
        named = self._classes_of(act.text, path, ask)
        specific = self.classifier.classify(act.text, (), ()).open is None
        if act.kind != "construction":
            return named if specific and act.kind in _DONE_TO_A_THING else named | gap
        words, rest = SUBJECTS.within(act.text)
        works = words & _WORKS
        read = Reading(
            tuple(
                Evidence(path, act.text, frozenset({word}))
                if word in _WORKS
                else Evidence(path, act.text, frozenset({word}), False, Cause.IMPRECISE, (ask,))
                for word in sorted(words)
            )
        )
        closed = specific or (works and _MAY_MAKE_ANYTHING.isdisjoint(rest.split()))
        return named | read | (_NOTHING if closed else gap)

    def _classes_of(self, text: str, path: str, ask: str) -> Reading:
        """Return the classes of goods that a text names."""
        return Reading(
            tuple(
                Evidence(
                    path,
                    hit.why,
                    frozenset({hit.category}),
                    hit.truth is Truth.TRUE,
                    hit.cause,
                    () if hit.truth is Truth.TRUE else (ask,),
                )
                for hit in self.classifier.classify(text, (), ()).hits
                if hit.truth is not Truth.FALSE
            )
        )

    def _subject_of(self, text: str, path: str) -> Reading:
        word = SUBJECTS.find(text)
        if word is not None:
            return Reading((Evidence(path, text, frozenset({word})),))
        plain = text.strip().casefold().replace(" ", "_").replace("-", "_")
        if plain in self.classifier.categories.ids:
            # An item of a class is an item of each wider class: they all hold, they are no alternatives.
            classes = (plain, *sorted(self.classifier.categories.ancestors(plain)))
            return Reading(tuple(Evidence(path, text, frozenset({name})) for name in classes))
        is_open = self.classifier.classify(text, (), ()).open is not None
        return self._classes_of(text, path, path) | Reading(gaps=(Gap(path, Cause.IMPRECISE),) if is_open else ())

    # ------------------------------------------------------------------ vessels

    def _vessel_fact(self, attribute: str, subject: Subject) -> Reading:
        vessels = self.transaction.vessels or ()
        if subject.kind is ForEach.VESSEL:
            if subject.index < 0:
                return self._unnamed_vessel(attribute, subject)
            return _VESSEL[attribute](self, subject.index)
        acts = [act for act, _ in self.acts(subject)]
        must = any(self._needs_vessel(act) for act in acts)
        indices: tuple[int, ...] = tuple(range(len(vessels)))
        aboard = [act for act in acts if act.vessels or self._may_be_about_a_vessel(act)]
        if subject.kind is not ForEach.TRANSACTION and aboard and all(act.vessels for act in aboard):
            indices = tuple(dict.fromkeys(i for act in aboard for i in act.vessels))
        if not indices:
            if self.transaction.vessels is None and (must or self._is_stated_unknown("vessels")):
                return self._unnamed_vessel(attribute, subject)
            return self._assumed("vessels", "no vessel is concerned") if self.transaction.vessels is None else _NOTHING
        readings = [_VESSEL[attribute](self, i) for i in indices]
        if subject.kind is ForEach.TRANSACTION or len(readings) == 1 or self._all_concerned(subject, indices):
            reading = _NOTHING
            for one in readings:
                reading |= one
        else:
            reading = Reading(choices=(tuple(Choice(self._link(subject, "vessel"), one) for one in readings),))
        return reading | self._assumed("vessels", "no further vessel is concerned")

    def _unnamed_vessel(self, attribute: str, subject: Subject) -> Reading:
        """Return what may be true of a vessel that must be there and is not named.

        Its flag and listing are open. What silence assumes of a vessel that is named (no suspicion, AIS on), it
        assumes of this one too.
        """
        about = any(act.frame.vessel or act.kind == "insurance" for act, _ in self.acts(subject))
        if attribute in ("flag", "listed", "measures") or (attribute == "states" and about):
            return self._gap("vessels")
        if attribute == "kind":
            return Reading((Evidence("vessels", "ship", frozenset({"ship"})),))
        return self._assumed("vessels", "nothing of note is known of the vessel that is not named")

    def _all_concerned(self, subject: Subject, indices: tuple[int, ...]) -> bool:
        """Whether an activity certainly concerns each of these vessels: both sides of a ship-to-ship transfer."""
        if subject.kind is not ForEach.ACTIVITY or subject.index < 0:
            return False
        act = self._acts[subject.index]
        return all((act, True) in self.acts(Subject(ForEach.VESSEL, i, f"vessels[{i}]")) for i in indices)

    def _vessel(self, index: int) -> Vessel:
        return (self.transaction.vessels or ())[index]

    def _vessel_states(self, index: int, name: str) -> Reading:
        countries = getattr(self._vessel(index), name)
        shown = self._vessel(index).name or f"vessels[{index}]"
        if countries is not None:
            return _country_evidence(countries, f"vessels[{index}].{name}", shown)
        if name == "flag":
            return self._gap(f"vessels[{index}].flag")
        return self._assumed(f"vessels[{index}].{name}", f"{shown} has no {name.replace('_', ' ')} of note")

    def _vessel_nexus(self, index: int) -> Reading:
        vessel = self._vessel(index)
        reading = _NOTHING
        about = any(
            act.frame.vessel or act.kind in ("insurance",)
            for act, _ in self.acts(Subject(ForEach.VESSEL, index, f"vessels[{index}]"))
        )
        for name in ("owner", "operator"):
            ref = getattr(vessel, name)
            if ref is not None:
                reading |= self.party_states(self._party(ref))
            elif about and name == "owner":
                reading |= self._gap(f"vessels[{index}].{name}")
            else:
                reading |= self._assumed(f"vessels[{index}].{name}", "no other State owns or operates the vessel")
        return reading

    def _vessel_matches(self, index: int) -> tuple[Match, ...]:
        vessel = self._vessel(index)
        if vessel.name is None and vessel.imo is None:
            return ()
        return self.screener.screen(vessel.name or "", kind="vessel", imo=vessel.imo)

    def _vessel_listed(self, index: int) -> Reading:
        vessel = self._vessel(index)
        path = f"vessels[{index}]"
        if self._is_stated_unknown(f"{path}.designated"):
            return self._gap(f"{path}.designated")
        if vessel.name is None and vessel.imo is None and vessel.designated is None:
            reading = self._gap(f"{path}.imo")
        else:
            reading = self._list_reading(
                f"{path}.designated",
                vessel.name or f"IMO {vessel.imo}",
                self._vessel_matches(index),
                vessel.designated,
                path,
            )
        for name in ("owner", "operator"):
            ref = getattr(vessel, name)
            if ref is not None:
                i = self._party(ref)
                reading |= _through(self._listed(i, frozenset()), f"{name} {self.players[i].shown}", f"{path}.{name}")
        return reading

    def _vessel_measures(self, index: int) -> Reading:
        path = f"vessels[{index}].designated"
        listed = self._vessel_listed(index)
        evidence = []
        for match in self._vessel_matches(index):
            for measure in match.entry.measures if match.truth is not Truth.FALSE else ():
                sure = match.truth is Truth.TRUE
                evidence.append(
                    Evidence(path, match.why, frozenset({measure}), sure, None if sure else Cause.CANDIDATE,
                             () if sure else tuple(f"vessels[{index}].{ask}" for ask in match.asks) or (path,))
                )  # fmt: skip
        if not evidence and self._vessel(index).designated:
            # Said to be designated, and no list here says with what: each measure is then open.
            return self._gap(f"{path}[0].reference")
        return Reading(tuple(evidence), listed.gaps)

    def _vessel_roles(self, index: int) -> Reading:
        roles = self._vessel(index).roles
        if roles is None:
            return self._assumed(f"vessels[{index}].roles", "the vessel has no role that is not stated")
        return Reading(tuple(Evidence(f"vessels[{index}].roles", r.replace("_", " "), frozenset({r})) for r in roles))

    def _vessel_kind(self, index: int) -> Reading:
        kind = self._vessel(index).kind
        return Reading((Evidence(f"vessels[{index}].kind", kind, frozenset({kind})),))

    def _suspected(self, index: int) -> Reading:
        vessel = self._vessel(index)
        path = f"vessels[{index}].suspected_of"
        if vessel.suspected_of is not None:
            return _flag_reading(path, bool(vessel.suspected_of), ", ".join(vessel.suspected_of))
        if vessel.ais_off or len(vessel.former_flags or ()) >= 3:
            return self._gap(path, only=frozenset({"yes"}))
        return self._assumed(path, "there are no reasonable grounds to suspect the vessel", frozenset({"yes"}))

    def _suspicions(self, index: int) -> Reading:
        path = f"vessels[{index}].suspected_of"
        texts = self._vessel(index).suspected_of
        if texts is None:
            return self._assumed(path, "the vessel is suspected of nothing")
        return Reading(tuple(Evidence(path, t, frozenset({SUSPICIONS.find(t) or "other"})) for t in texts))

    def _ais(self, index: int) -> Reading:
        off = self._vessel(index).ais_off
        if off is None:
            return self._assumed(f"vessels[{index}].ais_off", "AIS was on", frozenset({"yes"}))
        return _flag_reading(f"vessels[{index}].ais_off", off)

    def _flag_changes(self, index: int) -> Reading:
        count = len(self._vessel(index).former_flags or ())
        return Reading(
            (
                Evidence(
                    f"vessels[{index}].former_flags", f"{count} earlier flags", frozenset({Measure(Decimal(count))})
                ),
            )
        )

    # ------------------------------------------------------------------ plain facts

    def _list_of_words(self, name: str, why: str) -> Reading:
        words = getattr(self.transaction, name)
        if words is None:
            return self._assumed(name, why)
        return Reading(tuple(Evidence(name, word.replace("_", " "), frozenset({word})) for word in words))

    def _project(self, subject: Subject) -> Reading:
        words = self.transaction.project
        if words is None:
            return self._assumed("project", "it belongs to no project that has rules of its own")
        return Reading(
            tuple(Evidence("project", word, frozenset({fold_words(word).replace(" ", "_")})) for word in words)
        )

    def _mode(self, subject: Subject) -> Reading:
        mode = self.transaction.conveyance.mode if self.transaction.conveyance else None
        if mode is None:
            return self._assumed("conveyance.mode", "nothing turns on how it moves")
        return Reading((Evidence("conveyance.mode", mode, frozenset({mode})),))

    def _livelihood(self, subject: Subject) -> Reading:
        purposes = self.transaction.purposes
        if purposes is None:
            return self._gap("purposes", only=frozenset({"yes"}))
        return _flag_reading("purposes", "livelihood" in purposes, ", ".join(purposes))

    def _ground(self, ground: str) -> Reading:
        stated = self.transaction.grounds
        if stated is not None:
            return _flag_reading("grounds", ground in stated, ", ".join(stated))
        indicator = self._indicator(ground)
        yes = frozenset({"yes"})
        if indicator or self._is_stated_unknown("grounds"):
            return Reading(gaps=(Gap("grounds", Cause.ABSENT, indicator or "", only=yes),))
        return self._assumed("grounds", f"there are no grounds of {ground.replace('_', ' ')}", yes)

    def _indicator(self, ground: str) -> str | None:
        """Name what makes a ground worth asking about, or None (design, section 3: indicator-gated)."""
        kinds = {p.party.kind for p in self.players}
        roles = {role for p in self.players for role in p.party.roles or ()}
        acts = {act.kind for act in self._acts}
        if self.transaction.determinations:
            return "a determination is stated"
        match ground:
            case "could_contribute":
                if kind := next(iter(sorted(kinds & _SENSITIVE_KINDS, key=str)), None):
                    return f"a {str(kind).replace('_', ' ')} takes part"
                if "courier" in roles or "bank" in roles:
                    return "a courier or bank takes part"
                if act := next(iter(sorted(acts & _OPAQUE_ACTS)), None):
                    return f"{act.replace('_', ' ')} takes place"
            case "military_end_use" | "programme_association":
                if kinds & _FORCES:
                    return "a military, police or armed body takes part"
                if ground == "military_end_use" and any(
                    "militar" in (g.end_use or "").casefold() for g in self.transaction.goods or ()
                ):
                    return "the stated end use is military"
            case "prohibited_cargo" | "refused_inspection":
                if any(v.suspected_of or v.ais_off for v in self.transaction.vessels or ()):
                    return "a vessel is suspected, or its AIS was off"
            case "evasion":
                if self.transaction.red_flags or acts & {"laundering", "false_origin", "theft"}:
                    return "warning signs are stated"
            case "works_for_listed":
                if any(m.truth is Truth.UNKNOWN for i in range(len(self.players)) for m in self._matches(i)):
                    return "a party may be listed"
            case "ied_use" | "terrorist_use" | "proliferation_use":
                if "armed_group" in kinds:
                    return "an armed group takes part"
            case "illegally_removed":
                for i in range(len(self.transaction.goods or ())):
                    if self.classification(i).truth("cultural_property") is not Truth.FALSE:
                        return "the goods may be cultural property"
        return None

    def _matches(self, index: int) -> tuple[Match, ...]:
        name = self.players[index].party.name
        return self.screener.screen(name, aliases=self.players[index].party.aliases) if name else ()

    def _date(self, name: str) -> Reading:
        period: Period | None = getattr(self.transaction, name)
        if period is None:
            return self._gap(name)
        return Reading((Evidence(name, period.text, frozenset({period})),))

    # ------------------------------------------------------------------ facts that are weighed whole

    def weigh_occurred(self, span: Span, subject: Subject) -> Weighed:
        """Weigh whether the act lies in a span of the law."""
        continuing = self._continuing and any(
            a.frame.continuing and (not span.activities or a.kind in span.activities) for a, _ in self.acts(subject)
        )
        period = self._when(subject, span.activities)
        key = (span.start, span.end, continuing, period)
        found = self._dated.get(key)
        if found is None:
            found = self._dated[key] = self._weigh_period(*key)
        return found

    def _when(self, subject: Subject, activities: frozenset[str] = frozenset()) -> Period | None:
        """Return when it happened: the day of an act that concerns the subject, else that of the transaction.

        Args:
            subject: What is judged.
            activities: The activities that count; empty: any.
        """
        if self.dated_acts:
            own = (a.on for a, _ in self.acts(subject) if not activities or a.kind in activities)
            return next((on for on in own if on is not None), self.transaction.occurred)
        return self.transaction.occurred

    def _weigh_period(self, start: date | None, end: date | None, continuing: bool, period: Period | None) -> Weighed:
        if period is None:
            cause = Cause.STATED if self._is_stated_unknown("occurred") else Cause.ABSENT
            return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, (), (Gap("occurred", cause),))
        truth = period.within(start, end, continuing=continuing)
        shown = Evidence("occurred", period.text, frozenset({period}))
        gaps = (Gap("occurred", Cause.IMPRECISE),) if truth is Truth.UNKNOWN else ()
        return Weighed(truth, truth, (shown,), gaps)

    def weigh_approval(self, spec: ApprovalSpec, subject: Subject) -> Weighed:
        """Weigh whether an approval by the right authority, in force and in scope, is held.

        Unknown: an approval without dates or scope; silence too, where the spec says so.
        """
        found = Truth.FALSE
        evidence: list[Evidence] = []
        gaps: list[Gap] = []
        for i, approval in enumerate(self.transaction.approvals or ()):
            path = f"approvals[{i}]"
            shown = f"{approval.kind} by {approval.by}" + (f" ({approval.reference})" if approval.reference else "")
            if not _authority_fits(approval.by, approval.to, spec) or not _kind_fits(approval.kind, spec.kind):
                continue
            if approval.paragraph is not None and spec.paragraphs and approval.paragraph not in spec.paragraphs:
                evidence.append(Evidence(path, f"{shown} is for {approval.paragraph}", frozenset({"other"})))
                continue
            truth = Truth.TRUE
            if approval.covers is None:
                truth = Truth.UNKNOWN
                gaps.append(Gap(f"{path}.covers"))
            elif not self._covers(approval.covers, subject):
                evidence.append(Evidence(path, f"{shown} does not cover {subject.path}", frozenset({"other"})))
                continue
            truth = truth & self._approval_in_force(i, spec, subject, shown, gaps, evidence)
            if truth is not Truth.FALSE:
                evidence.append(Evidence(path, shown, frozenset({"held"}), truth is Truth.TRUE))
            found = found | truth
        stated = self._is_stated_unknown("approvals")
        if found is Truth.FALSE and (self.transaction.approvals is None or stated):
            gap = Gap(
                "approvals",
                Cause.ABSENT,
                "no approval is held",
            )
            if spec.never_assumed or stated or self.assume_nothing:
                cause = Cause.STATED if stated else Cause.ABSENT
                return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, tuple(evidence), (Gap("approvals", cause, _step(spec)),))
            return Weighed(Truth.FALSE, Truth.UNKNOWN, (), (), (gap,))
        return Weighed(found, found, tuple(evidence), tuple(gaps) if found is Truth.UNKNOWN else ())

    def _approval_in_force(
        self, index: int, spec: ApprovalSpec, subject: Subject, shown: str, gaps: list[Gap], evidence: list[Evidence]
    ) -> Truth:
        path = f"approvals[{index}]"
        approval = (self.transaction.approvals or ())[index]
        occurred = self._when(subject)
        if occurred is None:
            gaps.append(Gap("occurred"))
            return Truth.UNKNOWN
        result = Truth.TRUE
        if approval.granted is None:
            gaps.append(Gap(f"{path}.granted"))
            result = Truth.UNKNOWN
        else:
            granted = _in_time(approval.granted, occurred, spec)
            if granted is Truth.FALSE:
                when = f"after {spec.deadline}" if spec.deadline else "after the act"
                evidence.append(Evidence(path, f"{shown} was given on {approval.granted}, {when}", frozenset({"late"})))
                return Truth.FALSE
            if granted is Truth.UNKNOWN:
                gaps.append(Gap(f"{path}.granted", Cause.IMPRECISE))
            result = result & granted
        if approval.expires is None:
            # A notification is an event: it does not run out. An approval without an end proves nothing for today.
            if approval.kind == "approval":
                gaps.append(Gap(f"{path}.expires"))
                result = result & Truth.UNKNOWN
            return result
        valid = occurred.not_after(approval.expires)
        if valid is Truth.FALSE:
            evidence.append(Evidence(path, f"{shown} expired on {approval.expires}", frozenset({"expired"})))
            return Truth.FALSE
        if valid is Truth.UNKNOWN:
            gaps.append(Gap(f"{path}.expires", Cause.IMPRECISE))
        return result & valid

    def _covers(self, refs: tuple[str, ...], subject: Subject) -> bool:
        if "transaction" in refs or "all" in refs or subject.kind is ForEach.TRANSACTION:
            return True
        collection = {ForEach.GOODS: "goods", ForEach.PARTY: "parties", ForEach.VESSEL: "vessels"}.get(subject.kind)
        if collection is None:  # an activity is covered where what it concerns is
            act = self._acts[subject.index] if subject.index >= 0 else None
            if act is None:
                return True
            goods = set(self._indices("goods", refs))
            vessels = set(self._indices("vessels", refs))
            concerned = {
                i
                for i in range(len(self.transaction.vessels or ()))
                if any(a is act for a, _ in self.acts(Subject(ForEach.VESSEL, i, f"vessels[{i}]")))
            }
            others = (goods and not goods & set(act.goods or range(len(self.transaction.goods or ())))) or (
                vessels and concerned and not vessels & concerned
            )
            return not others
        if any(self.transaction.find(collection, ref) == subject.index for ref in refs):
            return True
        # An approved consignment covers the ship that carries it, where it covers every line on board.
        lines = set(self._lines(subject)[0]) if subject.kind is ForEach.VESSEL else set()
        return bool(lines) and lines <= set(self._indices("goods", refs))

    def weigh_determination(self, paragraph: str, subject: Subject) -> Weighed:
        """Weigh whether a determination under a paragraph is stated. Silence is UNKNOWN."""
        stated = self.transaction.determinations
        for i, made in enumerate(stated or ()):
            covered = made.covers is None or self._covers(made.covers, subject)
            if made.paragraph == paragraph and covered:
                return Weighed(
                    Truth.TRUE,
                    Truth.TRUE,
                    (Evidence(f"determinations[{i}]", f"{made.by} under {paragraph}", frozenset({paragraph})),),
                )
        unknown = self._is_stated_unknown("determinations")
        if stated is None or unknown:
            cause = Cause.STATED if unknown else Cause.ABSENT
            return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, (), (Gap("determinations", cause, f"under {paragraph}"),))
        return Weighed(Truth.FALSE, Truth.FALSE)

    def weigh_total(self, cap: CapSpec, subject: Subject) -> Weighed:
        """Weigh whether the stated total, with this transaction, exceeds a cap or reaches a step towards it.

        A total stated for a period that this transaction certainly lies outside does not count; one for a period
        that it may lie outside leaves the answer open. Of several limits that bind each, one that no total can be
        compared with leaves it open too, unless another is exceeded.

        Unknown: no total is stated, the quantity is missing and could matter, or units cannot be compared. There
        is no built-in factor from tonnes to barrels: the Council agreed none. The range by usual factors is shown.
        """
        stated = tuple(enumerate(self.transaction.cumulative or ()))
        period = self._when(subject)
        counts = {i: _counts_now(c, period) for i, c in stated if c.measure == cap.measure}
        entries = [(i, c) for i, c in stated if counts.get(i, Truth.FALSE) is not Truth.FALSE]
        sure_units = {_unit(c.unit) for i, c in entries if counts[i] is Truth.TRUE}
        limits = [(limit, None) for limit in cap.limits] + [
            (Measure(c.value, _unit(c.unit)), c.barrels_per_tonne) for _, c in stated if c.measure == cap.limit_from
        ]
        absent = [] if entries else [Gap("cumulative", Cause.ABSENT, f"the total under {cap.measure}")]
        if not limits:
            absent.append(Gap("cumulative", Cause.ABSENT, f"the limit, as {cap.limit_from}"))
        if absent:
            return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, (), tuple(absent))
        goods = self.transaction.goods or ()
        line = goods[subject.index] if subject.kind is ForEach.GOODS and subject.index >= 0 else None
        result = Truth.FALSE
        compared: set[Measure] = set()
        gaps: list[Gap] = []
        evidence: list[Evidence] = []
        for i, entry in entries:
            unit = _unit(entry.unit)
            shown = f"{entry.value} {entry.unit} so far"
            for limit, limit_factor in limits:
                factor = entry.barrels_per_tonne or limit_factor
                so_far = _convert(entry.value, unit, limit.unit, factor)
                if so_far is None:
                    shown += _usual_range(entry.value, unit, limit.unit)
                    continue
                compared.add(limit)
                added = Decimal(0) if cap.before else _added(line, limit.unit, factor)
                truth = _passes(so_far, added, limit.value * cap.share, step=cap.share < 1 or cap.before)
                settled = unit in sure_units if cap.lowest else bool(sure_units)
                if counts[i] is Truth.UNKNOWN and (truth is not Truth.FALSE or not settled):
                    cause = Cause.ABSENT if period is None else Cause.IMPRECISE
                    gaps.append(Gap("occurred", cause))
                    result = result | Truth.UNKNOWN
                    continue
                result = result | truth
                if truth is Truth.UNKNOWN:
                    weight = line is not None and line.quantity is not None and line.quantity.unit in _WEIGHTS
                    slot = "quantity" if limit.unit in UNITS else "value"
                    slot = "quantity.barrels_per_tonne" if weight and limit.unit == "barrel" else slot
                    gaps.append(Gap(f"{subject.path}.{slot}", Cause.ABSENT, f"in {limit.unit}"))
            evidence.append(Evidence(f"cumulative[{i}]", shown, frozenset({entry.measure})))
        if not compared:
            result = Truth.UNKNOWN
            gaps.append(Gap(f"cumulative[{entries[0][0]}].barrels_per_tonne", Cause.IMPRECISE))
        elif cap.lowest and result is not Truth.TRUE:
            for limit, _ in limits:
                if limit not in compared:
                    result = Truth.UNKNOWN
                    gaps.append(Gap("cumulative", Cause.ABSENT, f"the total under {cap.measure} in {limit.unit}"))
        return Weighed(result, result, tuple(evidence), tuple(dict.fromkeys(gaps)) if result is Truth.UNKNOWN else ())

    # ------------------------------------------------------------------ nexus

    @cached_property
    def _state_facts(self) -> tuple[dict[str, Evidence], dict[str, Evidence], bool]:
        """Collect every State-valued fact: certain codes, possible codes, and whether one is stated unknown."""
        certain: dict[str, Evidence] = {}
        possible: dict[str, Evidence] = {}
        unknown = False

        def add(reading: Reading) -> None:
            nonlocal unknown
            for item in reading.evidence:
                target = certain if item.sure and len(item.values) == 1 else possible
                for code in item.values:
                    target.setdefault(str(code), item)
            unknown = unknown or any(gap.cause is Cause.STATED for gap in reading.gaps)

        t = self.transaction
        if t.route:
            for path, end in (("route.from", t.route.from_), ("route.to", t.route.to)):
                add(self._end(end, path, required=False))
            for i, leg in enumerate(t.route.via or ()):
                add(self._end(leg, f"route.via[{i}]", required=False))
        for path in ("route.from.country", "route.to.country"):
            unknown = unknown or self._is_stated_unknown(path)
        for i, player in enumerate(self.players):
            add(self._nexus_known(i))
            if player.party.located_in:
                add(self._located(i))
        for i, vessel in enumerate(t.vessels or ()):
            for name in ("flag", "former_flags", "crew_states"):
                countries = getattr(vessel, name)
                if countries is not None:
                    add(_country_evidence(countries, f"vessels[{i}].{name}", vessel.name or f"vessels[{i}]"))
                elif name == "flag" and self._is_stated_unknown(f"vessels[{i}].flag"):
                    unknown = True
        for i, line in enumerate(t.goods or ()):
            for name in ("origin", "made_in"):
                countries = getattr(line, name)
                if countries is not None:
                    add(_country_evidence(countries, f"goods[{i}].{name}", line.description or f"goods[{i}]"))
                elif self._is_stated_unknown(f"goods[{i}].{name}"):
                    unknown = True
        return certain, possible, unknown

    @cached_property
    def _list_facts(self) -> tuple[dict[str, Evidence], dict[str, Evidence]]:
        certain: dict[str, Evidence] = {}
        possible: dict[str, Evidence] = {}
        readings = [
            self._listed(i, frozenset()) if self._has_links(p) else self._own_listing(i)
            for i, p in enumerate(self.players)
        ]
        readings += [Reading(self._group_evidence(i)) for i in range(len(self.players))]
        readings += [self._vessel_listed(i) for i in range(len(self.transaction.vessels or ()))]
        for reading in readings:
            for item in reading.evidence:
                target = certain if item.sure and len(item.values) == 1 else possible
                for value in item.values:
                    target.setdefault(str(value), item)
        return certain, possible

    @cached_property
    def text(self) -> str:
        """All free text of the description, folded, for mentions of a target."""
        t = self.transaction
        parts: list[str | None] = [t.title, t.notes]
        for player in self.players:
            p = player.party
            parts += [p.name, p.description, *p.aliases, *(p.located_in or ()), *(p.member_of or ())]
        for line in t.goods or ():
            parts += [line.description, line.end_use]
        for vessel in t.vessels or ():
            parts += [vessel.name, vessel.description, *(vessel.suspected_of or ())]
        for payment in t.payments or ():
            parts.append(payment.purpose)
        for activity in (*(t.activities or ()), *(t.services or ())):
            parts += [activity.description, *(activity.subject or ())]
        for end in (t.route.from_, t.route.to, *(t.route.via or ())) if t.route else ():
            if end is not None and end.place is not None:
                parts.append(end.place.text)
        # Each text by itself: a target's name does not begin in one and end in the next.
        return " | ".join(fold_words(part) for part in parts if part)

    @cached_property
    def touched(self) -> frozenset[str] | None:
        """Everything that could be a regime's business: States, lists, groups, areas, grounds.

        A cheap index: a regime none of whose targets is among these has no nexus, unless some text mentions it.
        ``None`` where a State is stated to be unknown, so that every regime must be asked.
        """
        certain, possible, stated_unknown = self._state_facts
        if stated_unknown:
            return None
        listed, candidates = self._list_facts
        route = self.transaction.route
        ends = (route.from_, route.to) if route is not None else ()
        areas = (end.area.id for end in ends if end is not None and end.area is not None)
        return frozenset((*certain, *possible, *listed, *candidates, *areas, *(self.transaction.grounds or ())))

    def nexus(self, targets: Targets, mentioned: frozenset[str]) -> Nexus:
        """Return whether a regime has to do with the transaction (design, section 3, "Nexus comes first").

        Args:
            targets: What the regime is aimed at.
            mentioned: Regimes that some free text mentions (``mentions_in`` finds them).
        """
        certain, possible, stated_unknown = self._state_facts
        if found := targets.states & certain.keys():
            return Nexus(Truth.TRUE, tuple(certain[code] for code in sorted(found)))
        listed, candidates = self._list_facts
        names = {targets.regime, *targets.groups}
        if found_names := names & listed.keys():
            return Nexus(Truth.TRUE, tuple(listed[name] for name in sorted(found_names)))
        if targets.areas and self.transaction.route:
            for end in (self.transaction.route.from_, self.transaction.route.to):
                if end is not None and end.area is not None and end.area.id in targets.areas:
                    return Nexus(Truth.TRUE, (Evidence("route", end.area.name, frozenset({end.area.id})),))
        if targets.grounds & set(self.transaction.grounds or ()):
            return Nexus(
                Truth.TRUE,
                (Evidence("grounds", ", ".join(self.transaction.grounds or ()), frozenset({targets.regime})),),
            )
        evidence = [possible[code] for code in sorted(targets.states & possible.keys())]
        evidence += [candidates[name] for name in sorted(names & candidates.keys())]
        if evidence:
            return Nexus(Truth.UNKNOWN, tuple(evidence))
        if stated_unknown and (targets.states or targets.areas):
            return Nexus(
                Truth.UNKNOWN,
                (
                    Evidence(
                        "unknown", "a State is stated to be unknown", frozenset({targets.regime}), False, Cause.STATED
                    ),
                ),
            )
        if targets.regime in mentioned:
            return Nexus(
                Truth.UNKNOWN,
                (
                    Evidence(
                        "text", "a target is mentioned in the text", frozenset({targets.regime}), False, Cause.CANDIDATE
                    ),
                ),
            )
        return Nexus(Truth.FALSE)

    @cached_property
    def unplaced(self) -> tuple[tuple[Gap, ...], tuple[Gap, ...]]:
        """What could still create a nexus: missing facts, and what end evidence and closed lists let us assume.

        Source: design, section 3, "Without nexus" and "End evidence".
        """
        t = self.transaction
        missing: list[Gap] = []
        assumed: list[Gap] = []
        certain = self._placed
        route = t.route
        start = bool(route and route.from_ and self._end(route.from_, "route.from", required=False).certain())
        destination = bool(route and route.to and self._end(route.to, "route.to", required=False).certain())
        banks = {
            p.path.split("]")[0]: True for p in self.players if p.path.startswith("payments[") and p.party.jurisdiction
        }
        placed_roles: set[str] = set()
        for act in self._acts:
            frame = act.frame
            if start or act.path + "_" in banks:
                placed_roles |= set(frame.givers) if frame.ends else set()
            if destination:
                placed_roles |= set(frame.takers) if frame.ends else set()
        payments_placed = any(p.path.startswith("payments[") and p.party.jurisdiction for p in self.players) or any(
            "bank" in (p.party.roles or ()) and i in certain for i, p in enumerate(self.players)
        )
        if payments_placed:
            placed_roles |= {"payer", "payee", "bank", "lender", "account_holder"}
        placed_parties = {role for i, p in enumerate(self.players) if i in certain for role in p.party.roles or ()}
        for i, player in enumerate(self.players):
            if i in certain or player.party.kind == "un_body":
                continue
            if self._nexus_known(i).evidence:
                continue
            located = bool(player.party.located_in) and bool(self._located(i).certain())
            if located or any(role in placed_roles for role in player.party.roles or ()):
                assumed.append(
                    Gap(
                        player.state_path,
                        Cause.ABSENT,
                        f"{player.shown} is of the State at its end of the route",
                    )
                )
            else:
                missing.append(Gap(player.state_path))
        needs_route = any(act.frame.ends for act in self._acts) or not self._acts
        for side, known, roles in (
            ("from", start, ("supplier", "processor", "landlord")),
            ("to", destination, ("recipient", "end_user", "tenant")),
        ):
            if known or not needs_route:
                continue
            if placed_parties & set(roles):
                assumed.append(
                    Gap(f"route.{side}.country", Cause.ABSENT, "this end of the route is where its party is")
                )
            else:
                missing.append(Gap(f"route.{side}.country"))
        for act in self._acts:
            if act.frame.ends or act.linked:
                continue
            for role in act.frame.must:
                filled = any(not set(_played_by(act, role)).isdisjoint(p.party.roles or ()) for p in self.players)
                if not filled and t.parties != () and role not in placed_roles:
                    missing.append(Gap(f"parties.{role}"))
        if not self._acts:
            missing.append(Gap("activities"))
        if t.occurred is None:
            missing.append(Gap("occurred"))
        for i, vessel in enumerate(t.vessels or ()):
            if vessel.flag is None:
                assumed.append(Gap(f"vessels[{i}].flag", Cause.ABSENT, "the vessel flies no target's flag"))
            if vessel.name is None and vessel.imo is None:
                missing.append(Gap(f"vessels[{i}].imo"))
        for i, player in enumerate(self.players):
            if player.party.name is None and i not in certain and player.party.listed is None:
                assumed.append(Gap(f"{player.path}.name", Cause.ABSENT, "the unnamed party is not listed"))
        assumed += [
            Gap("activities", Cause.ABSENT, "no further activity takes place"),
            Gap("parties", Cause.ABSENT, "no further party or role takes part"),
            Gap("goods", Cause.ABSENT, "no further goods line is concerned"),
            Gap("vessels", Cause.ABSENT, "no further vessel is concerned"),
            Gap(
                "parties.owned_by", Cause.ABSENT, "no party is owned by, controlled by or acting for somebody not named"
            ),
            Gap("route.via", Cause.ABSENT, "the route passes no other State"),
        ]
        if any(line.origin is None and line.made_in is None for line in t.goods or ()):
            assumed.append(Gap("goods.origin", Cause.ABSENT, "the goods originate where they start"))
        return tuple(dict.fromkeys(missing)), tuple(dict.fromkeys(assumed))

    @cached_property
    def _placed(self) -> frozenset[int]:
        return frozenset(
            i
            for i in range(len(self.players))
            if any(e.sure and len(e.values) == 1 for e in self._nexus_known(i).evidence)
        )


# ---------------------------------------------------------------------- pure helpers of reading


def _played_by(act: _Act, role: str) -> tuple[str, ...]:
    """Return the roles that count as a role in an act."""
    return _PLAYED_BY.get((act.kind, role), (role,))


def _union(readings: Iterable[Reading]) -> Reading:
    """Return all that several readings hold."""
    result = _NOTHING
    for reading in readings:
        result |= reading
    return result


def _asks(reading: Reading) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            [
                *(gap.path for gap in reading.gaps),
                *(a for e in reading.evidence if not e.sure or len(e.values) > 1 for a in e.asks or (e.path,)),
            ]
        )
    )


def _flag_reading(path: str, value: bool, shown: str = "") -> Reading:
    return Reading((Evidence(path, shown or ("yes" if value else "no"), frozenset({"yes" if value else "no"})),))


@lru_cache(maxsize=8192)
def _country_evidence(countries: tuple[CountryReading, ...], path: str, shown: str) -> Reading:
    return Reading(
        tuple(
            Evidence(
                path,
                f"{shown} ({'/'.join(sorted(c.codes))})",
                c.codes,
                True,
                Cause.AMBIGUOUS if len(c.codes) > 1 else None,
            )
            for c in countries
            if c.codes
        )
    )


def _state_evidence(path: str, shown: str, codes: frozenset[str]) -> Evidence:
    return Evidence(
        path, f"{shown} ({'/'.join(sorted(codes))})", codes, True, Cause.AMBIGUOUS if len(codes) > 1 else None
    )


def _end_reading(end: End, path: str) -> Reading | None:
    if end.country is not None:
        shown = end.place.text if end.place is not None else end.country.text
        return Reading((_state_evidence(f"{path}.country", shown, end.country.codes),))
    if end.area is not None:
        return Reading((_state_evidence(f"{path}.area", end.area.name, frozenset({end.area.country})),))
    if end.place is not None:
        if not end.place.codes:
            return None
        return Reading((_state_evidence(f"{path}.place", end.place.note or end.place.text, end.place.codes),))
    return Reading((_state_evidence(f"{path}.sea_area", str(end.sea_area), frozenset({HIGH_SEAS})),))


@lru_cache(maxsize=4096)
def _place_codes(text: str) -> tuple[frozenset[str], str]:
    try:
        return read_country(text).codes, text
    except InputError:
        reading = read_place(text)
        return reading.codes, reading.note or text


def _bic_country(bic: str) -> tuple[CountryReading, ...] | None:
    try:
        return (read_country(bic[4:6].upper()),)
    except InputError:
        return None


def _through(reading: Reading, chain: str, path: str) -> Reading:
    """Return a reading with the chain that leads to it in front."""
    evidence = tuple(
        Evidence(
            path,
            f"{chain}: {e.shown}",
            e.values,
            e.sure,
            e.cause,
            e.asks or ((e.path,) if not e.sure or len(e.values) > 1 else ()),
        )
        for e in reading.evidence
    )
    return Reading(evidence, reading.gaps, reading.assumed, reading.choices)


@lru_cache(maxsize=8192)
def fold_words(text: str) -> str:
    """Fold a text for comparison of whole words: case, punctuation and spaces do not matter."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def _step(spec: ApprovalSpec) -> str:
    """Name a step as people say it: "a notification to the 1718 Committee"."""
    name = spec.by.removeprefix("un.").replace("-", " ")
    body = "a State" if name == "state" else f"the {name.title()}"
    return f"a notification to {body}" if spec.kind == "notification" else f"an {spec.kind} by {body}"


def _in_time(granted: Period, occurred: Period, spec: ApprovalSpec) -> Truth:
    """Whether an approval or notice was given before the act, within its days of grace, or by its deadline."""
    if spec.deadline is not None:
        return granted.not_after(Period(spec.deadline, spec.deadline, spec.deadline.isoformat()))
    return granted.not_after(occurred, spec.within_days)


def _authority_fits(by: str, to: str | None, spec: ApprovalSpec) -> bool:
    if spec.kind == "notification" and to is not None:
        return _same_authority(to, spec.by) or _same_authority(by, spec.by)
    return _same_authority(by, spec.by)


def _same_authority(held: str, wanted: str) -> bool:
    if wanted == "state":
        return held == "state" or held.startswith("state:")
    # "The Committee" without a number is read as the rule's own: a transaction speaks of one regime's Committee.
    return held == wanted or (held == "un.committee" and wanted.endswith("-committee"))


def _kind_fits(held: str, wanted: str) -> bool:
    return (
        held == wanted
        or (wanted == "approval" and held == "determination")
        or (wanted == "notification" and held == "approval")
    )


def _unit(text: str) -> str:
    return UNITS.find(text) or text.strip().upper()


def _counts_now(entry: Cumulative, occurred: Period | None) -> Truth:
    """Whether a stated total belongs to the period in which an act lies."""
    if entry.period is None:
        return Truth.TRUE
    if occurred is None:
        return Truth.UNKNOWN
    last = entry.period.last
    end = None if last is None or last == date.max else last + timedelta(days=1)
    return occurred.within(entry.period.first, end)


def _convert(value: Decimal, unit: str, wanted: str, barrels_per_tonne: Decimal | None) -> Decimal | None:
    if unit == "kilogram":
        value, unit = value / 1000, "tonne"
    if unit == wanted:
        return value
    if barrels_per_tonne is not None:
        if (unit, wanted) == ("tonne", "barrel"):
            return value * barrels_per_tonne
        if (unit, wanted) == ("barrel", "tonne"):
            return value / barrels_per_tonne
    return None


_WEIGHTS = ("tonne", "kilogram")
_USUAL_FACTORS = (Decimal("7"), Decimal("8.33"))
"""Barrels in a tonne of refined products as reports have it; shown to a reader, never used in a verdict."""


def _usual_range(value: Decimal, unit: str, wanted: str) -> str:
    """Say what a weight would be in barrels by the factors in use, where that is what keeps units apart."""
    if unit not in _WEIGHTS or wanted != "barrel":
        return ""
    tonnes = value / 1000 if unit == "kilogram" else value
    low, high = (tonnes * factor for factor in _USUAL_FACTORS)
    return (
        f" (about {low:,.0f} to {high:,.0f} barrels by the factors in use, {_USUAL_FACTORS[0]} to {_USUAL_FACTORS[1]})"
    )


def _added(line: Goods | None, unit: str, factor: Decimal | None) -> Decimal | None:
    """Return what a goods line adds to a total in a unit or currency; None where that cannot be said."""
    if line is None:
        return None
    if line.quantity is not None:
        own = line.quantity
        weighed = _convert(own.value, own.unit, unit, own.barrels_per_tonne or factor)
        if weighed is not None:
            return weighed
    return line.value.value if line.value is not None and line.value.currency == unit else None


def _passes(so_far: Decimal, added: Decimal | None, threshold: Decimal, *, step: bool) -> Truth:
    """Whether a total exceeds a cap, or reaches a step; an unknown addition matters only below."""
    total = so_far if added is None else so_far + added
    if total > threshold or (step and total == threshold):
        return Truth.TRUE
    return Truth.UNKNOWN if added is None else Truth.FALSE


def mentions_in(text: str, words: re.Pattern[str]) -> frozenset[str]:
    """Return the folded words of ``words`` that stand in a folded text."""
    return frozenset(words.findall(text))


_DIRECTIONS = frozenset({"from", "to", "start", "destination", "via", "origin"})
_PLAIN: dict[str, Callable[[FactBase, Subject], Reading]] = {
    "activity": FactBase._activity,
    "mode": FactBase._mode,
    "subject": FactBase._subject_matter,
    "purposes": lambda base, _: base._list_of_words("purposes", "it serves no excepted purpose"),
    "circumstances": lambda base, _: base._list_of_words("circumstances", "there is no emergency"),
    "red_flags": lambda base, _: base._list_of_words("red_flags", "there are no warning signs"),
    "livelihood": FactBase._livelihood,
    "project": FactBase._project,
    "contracted": lambda base, _: base._date("contracted"),
    "discovered": lambda base, _: base._date("discovered"),
}
_SCOPES: dict[str, _Scope] = {
    **dict.fromkeys(_PLAIN, _Scope.TRANSACTION),
    **dict.fromkeys(GROUNDS.words, _Scope.TRANSACTION),
    **dict.fromkeys((name for name in FACTS if name.startswith("parties.")), _Scope.TRANSACTION),
    **dict.fromkeys((name for name in FACTS if name.partition(".")[0] in ROLES.words), _Scope.ACTS),
    **dict.fromkeys(("activity", "subject", "occurred"), _Scope.ACTS),
    # What is held, or was determined, may cover one thing and not another; where none is, that is so of all.
    **dict.fromkeys(("approvals", "determinations"), _Scope.SUBJECT_IF_STATED),
}
_PARTY: dict[str, Callable[[FactBase, int], Reading]] = {
    "kind": FactBase._kind,
    "groups": FactBase._groups,
    "located": FactBase._located,
    "nationality": FactBase._nationality,
    "protected_from_return": FactBase._protected,
}
_GOODS: dict[str, Callable[[FactBase, int], Reading]] = {
    "categories": FactBase._categories,
    "hs": FactBase._hs,
    "kind": lambda base, i: base._line_word(i, "kind"),
    "condition": lambda base, i: base._line_word(i, "condition"),
    "value": lambda base, i: base._money(i, "value"),
    "unit_value": lambda base, i: base._money(i, "unit_value"),
    "spare_part_for": FactBase._spare_part,
    "conflict": FactBase._conflict,
}
_VESSEL: dict[str, Callable[[FactBase, int], Reading]] = {
    "flag": lambda base, i: base._vessel_states(i, "flag"),
    "former_flags": lambda base, i: base._vessel_states(i, "former_flags"),
    "crew": lambda base, i: base._vessel_states(i, "crew_states"),
    "states": FactBase._vessel_nexus,
    "listed": FactBase._vessel_listed,
    "measures": FactBase._vessel_measures,
    "roles": FactBase._vessel_roles,
    "kind": FactBase._vessel_kind,
    "suspected": FactBase._suspected,
    "suspicions": FactBase._suspicions,
    "ais_off": FactBase._ais,
    "flag_changes": FactBase._flag_changes,
}
