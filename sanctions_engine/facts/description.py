"""What was described, in one form: players, acts, the links between them, and what silence gives.

Absence is settled here, once: a slot that an activity must have is a missing fact (``gap``); what lies outside its
frame, or beyond a list, is assumed none (``assumed``), unless the user says that it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import NamedTuple

from sanctions_engine.condition import Acts
from sanctions_engine.dates import Period
from sanctions_engine.errors import InputError
from sanctions_engine.facts.evidence import NOTHING
from sanctions_engine.facts.subject import WHOLE, ForEach, Subject
from sanctions_engine.intake.countries import CountryReading, read_country
from sanctions_engine.readings import Gap, Reading
from sanctions_engine.transaction import Activity, Party, Payment, Transaction
from sanctions_engine.truth import Cause, Truth
from sanctions_engine.vocabulary import ACTIVITY_GROUPS, FRAMES, ROLES, Frame

__all__ = ["RELIEF", "ROLE_FRAMES", "Act", "Day", "Description", "Player", "played_by"]


class Act(NamedTuple):
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
        """Whoever is named in the act itself, on either side."""
        return (*self.by, *self.takers)


class Day(NamedTuple):
    """When an act took place.

    Args:
        period: The day or period; ``None`` where nobody says.
        goes_on: Whether it is conduct that goes on.
        path: Where that stands.
        sure: Whether it is sure that the act concerns the subject.
        act: The path of the act; empty where it is the transaction's own day.
    """

    period: Period | None
    goes_on: bool
    path: str = "occurred"
    sure: bool = True
    act: str = ""

    def within(self, start: date | None, end: date | None) -> Truth:
        """Whether it lies in ``[start, end)``; UNKNOWN where nobody says when it was."""
        return Truth.UNKNOWN if self.period is None else self.period.within(start, end, continuing=self.goes_on)


class Player(NamedTuple):
    """A party with the path under which it was described (a bank may stand inside a payment)."""

    path: str
    party: Party

    @property
    def shown(self) -> str:
        """The name, or the path where there is none."""
        return self.party.name or self.path

    @property
    def state_path(self) -> str:
        """Where its State is stated: a bank inside a payment has a country."""
        return f"{self.path}.{'country' if self.path.startswith('payments[') else 'jurisdiction'}"


RELIEF = frozenset({"humanitarian", "medical"})
"""Activities that are a supply too, where goods are handed over."""
_PLAYED_BY = {
    ("lease", "supplier"): ("supplier", "landlord"),
    ("lease", "recipient"): ("recipient", "tenant", "charterer"),
    ("scientific_cooperation", "partner"): ("partner", "service_provider", "recipient"),
}
"""Roles that are another role in an activity: who lets is the supplier of a lease, who rents its recipient, and who
gives or takes science is a partner in it."""
_STAYS_ABOARD = frozenset({"port_call", "landing"})
"""What a ship or aircraft does with its cargo aboard, so that goods which nothing else moves are concerned."""
_FOR_WHOM = {
    "correspondent_banking": "bank",
    "employment": "worker",
    "investment": "partner",
    "joint_venture": "partner",
    "representative_office": "host",
    "scientific_cooperation": "partner",
    "work_permit": "worker",
}
"""What the party is that an act is for, where no role is stated and it is no taker."""
# Closed lists (design, section 3): that there is nothing further is an assumption like any other.
_CLOSED = {
    "activities": "no further activity takes place",
    "parties": "no further party or role takes part",
    "goods": "no further goods line is concerned",
    "vessels": "no further vessel is concerned",
    "route.via": "the route passes no other State",
}
_LISTS = frozenset({"parties", "goods", "vessels", "activities", "payments", "services", "approvals"})
ROLE_FRAMES: dict[str, frozenset[str]] = {
    role: frozenset(k for k, f in FRAMES.items() if role in f.must or role in f.givers or role in f.takers)
    for role in ROLES.words
}
"""The activities in which each role is played."""
# Which vessel roles tell which activity a vessel is concerned by, where nothing links them.
_VESSEL_ACTS = {
    "carrier": frozenset({"transport", "transit", "transshipment", "port_call", "port_services", "storage", "landing",
                          "overflight"})
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


class Description:
    """What was described, in one form: who takes part, what is done, which belongs to which, and what silence gives.

    Args:
        transaction: As users describe it.
        assume_nothing: Make every assumption UNKNOWN.
    """

    def __init__(self, transaction: Transaction, *, assume_nothing: bool = False) -> None:
        self.transaction = transaction
        self.assume_nothing = assume_nothing
        self.conflicts: list[str] = []
        """Contradictions noticed while reading, for the report."""
        self._unknown = frozenset(path.strip() for path in transaction.unknown)
        self._acts_by_subject: dict[str, tuple[tuple[Act, bool], ...]] = {}
        self._acts_scopes: dict[str, str] = {}
        self.players: tuple[Player, ...] = tuple(self._read_players())
        self.all_acts: tuple[Act, ...] = tuple(self._read_acts())

    # ------------------------------------------------------------------ who takes part

    def _read_players(self) -> Iterator[Player]:
        t = self.transaction
        for i, party in enumerate(t.parties or ()):
            yield Player(f"parties[{i}]", party)
        for i, payment in enumerate(t.payments or ()):
            for end in ("payer_bank", "payee_bank"):
                bank = getattr(payment, end)
                if bank is None:
                    continue
                countries: tuple[CountryReading, ...] | None = (bank.country,) if bank.country else None
                if countries is None and bank.bic:
                    countries = _bic_country(bank.bic)
                yield Player(
                    f"payments[{i}].{end}",
                    Party.model_construct(
                        name=bank.name or bank.bic, roles=("bank",), kind="bank", jurisdiction=countries
                    ),
                )
        for i, vessel in enumerate(t.vessels or ()):
            for role in ("owner", "operator"):
                ref = getattr(vessel, role)
                if ref is not None and t.find("parties", ref) is None:
                    yield Player(f"vessels[{i}].{role}", Party.model_construct(name=ref, roles=(role,)))

    def player_index(self, ref: str) -> int:
        """Return which player a reference means: a party, or an owner or operator named by a vessel."""
        index = self.transaction.find("parties", ref)
        if index is not None:
            return index
        return next(i for i, p in enumerate(self.players) if p.party.name == ref)

    @cached_property
    def without_role(self) -> frozenset[int]:
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
            behind.update(self.player_index(ref) for ref in refs)
        return frozenset(
            i for i in silent if i not in behind or self.is_stated_unknown(f"{self.players[i].path}.roles")
        )

    def roles_in(self, act: Act, index: int) -> tuple[str, ...]:
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
            _FOR_WHOM.get(act.kind)
            or next((r for r in frame.must if r in frame.takers), None)
            or (frame.takers or frame.must or ("recipient",))[-1]
        )
        return (*own, default)

    @staticmethod
    def side_is_linked(act: Act, role: str) -> bool:
        """Whether an act itself says who is on the side that a role is on."""
        return bool((act.by and role in act.frame.givers) or (act.takers and role in act.frame.takers))

    # ------------------------------------------------------------------ what is done

    def _read_acts(self) -> Iterator[Act]:
        t = self.transaction
        for name in ("activities", "services"):
            items: tuple[Activity, ...] = getattr(t, name) or ()
            for i, item in enumerate(items):
                yield Act(
                    f"{name}[{i}]",
                    item.kind,
                    FRAMES["supply" if self._hands_over(item.kind) else item.kind],
                    tuple(self.player_index(ref) for ref in item.by or ()),
                    tuple(self.player_index(ref) for ref in item.for_ or ()),
                    (),
                    self.indices("vessels", item.vessel),
                    self.indices("goods", item.goods),
                    item.subject or (),
                    item.on,
                    item.description,
                )
        payments: tuple[Payment, ...] = t.payments or ()
        for i, payment in enumerate(payments):
            payer = (self.player_index(payment.payer),) if payment.payer else ()
            payee = (self.player_index(payment.payee),) if payment.payee else ()
            yield Act(
                f"payments[{i}]",
                payment.kind,
                FRAMES[payment.kind],
                payer,
                payee,
                (*((p, "payer") for p in payer), *((p, "payee") for p in payee)),
                (),
                self.indices("goods", payment.goods),
                (),
                payment.on,
            )

    def _hands_over(self, kind: str) -> bool:
        """Whether relief is a supply too: goods are described, and nothing else moves them."""
        t = self.transaction
        return (
            kind in RELIEF
            and any(line.kind in (None, "good") for line in t.goods or ())
            and not any(FRAMES[item.kind].goods == "consignment" for item in t.activities or ())
        )

    def indices(self, collection: str, refs: tuple[str, ...] | None) -> tuple[int, ...]:
        """Return which things of a list references mean; what they do not find is left out."""
        return tuple(i for ref in refs or () if (i := self.transaction.find(collection, ref)) is not None)

    @cached_property
    def continuing(self) -> bool:
        """Whether some act is conduct that goes on."""
        return any(act.frame.continuing for act in self.all_acts)

    @cached_property
    def dated_acts(self) -> bool:
        """Whether some act has a date of its own."""
        return any(act.on is not None for act in self.all_acts)

    def days(self, subject: Subject, acts: Acts) -> tuple[Day, ...]:
        """Return when the acts took place that concern a subject and that a test asks of, each day once.

        An act is of the day of the transaction unless it has one of its own; where no act is one of those, the
        transaction's own day answers.
        """
        occurred = self.transaction.occurred
        if not self.dated_acts:
            if self.continuing and any(
                act.frame.continuing and (not acts.kinds or act.kind in acts.kinds) for act, _ in self.acts(subject)
            ):
                return (Day(occurred, True),)
            return self._on_one_day
        found = [
            Day(occurred, act.frame.continuing, "occurred", sure, act.path)
            if act.on is None
            else Day(act.on, act.frame.continuing, f"{act.path}.on", sure, act.path)
            for act, sure in self.acts(subject)
            if not acts.kinds or act.kind in acts.kinds
        ]
        of_the_law = [day for day in found if day.within(acts.start, acts.end) is not Truth.FALSE]
        return tuple(of_the_law or found) or self._on_one_day

    @cached_property
    def _on_one_day(self) -> tuple[Day, ...]:
        return (Day(self.transaction.occurred, False),)

    # ------------------------------------------------------------------ what a rule judges, and which acts concern it

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
            and (self.is_stated_unknown("goods") or any(a.frame.goods == "consignment" for a in self.all_acts))
        ):
            goods = [Subject(ForEach.GOODS, -1, "goods")]
        vessels = [Subject(ForEach.VESSEL, i, f"vessels[{i}]") for i in range(len(t.vessels or ()))]
        if (
            not vessels
            and t.vessels is None
            and (self.is_stated_unknown("vessels") or any(self.needs_vessel(a) for a in self.all_acts))
        ):
            vessels = [Subject(ForEach.VESSEL, -1, "vessels")]
        parties = [Subject(ForEach.PARTY, i, p.path) for i, p in enumerate(self.players)]
        filled = {role for p in self.players for role in p.party.roles or ()}
        unfilled = dict.fromkeys(
            role
            for act in self.all_acts
            if not act.linked
            for role in act.frame.must
            if filled.isdisjoint(played_by(act, role))
        )
        if t.parties != () and not self.without_role:
            parties += [Subject(ForEach.PARTY, -1, f"parties.{role}") for role in unfilled]
        acts = [Subject(ForEach.ACTIVITY, i, a.path) for i, a in enumerate(self.all_acts)]
        if not acts and t.activities is None:
            acts = [Subject(ForEach.ACTIVITY, -1, "activities")]
        return {
            ForEach.TRANSACTION: (WHOLE,),
            ForEach.ACTIVITY: tuple(acts),
            ForEach.GOODS: tuple(goods),
            ForEach.PARTY: tuple(parties),
            ForEach.VESSEL: tuple(vessels),
        }

    def needs_vessel(self, act: Act) -> bool:
        """Whether an act cannot be without a vessel: insurance of no stated goods may be a ship's."""
        mode = self.transaction.conveyance.mode if self.transaction.conveyance else None
        return (
            act.frame.vessel
            or (act.kind == "transport" and mode == "sea")
            or (act.kind == "insurance" and self.transaction.goods is None)
        )

    @staticmethod
    def may_be_about_a_vessel(act: Act) -> bool:
        """Whether an act that names no vessel may be about one."""
        return (
            act.frame.vessel
            or act.frame.group in ("carriage", "transfer")
            or act.kind in ("insurance", "repair", "maintenance")
        )

    def acts(self, subject: Subject) -> tuple[tuple[Act, bool], ...]:
        """Return the acts that concern a subject, each with whether that is sure."""
        found = self._acts_by_subject.get(subject.path)
        if found is None:
            found = tuple(self._acts_of(subject))
            self._acts_by_subject[subject.path] = found
        return found

    def acts_scope(self, subject: Subject) -> str:
        """Name the acts that concern a subject, where it is sure which they are; else the subject."""
        known = self._acts_scopes.get(subject.path)
        if known is None:
            acts = self.acts(subject)
            sure = all(sure for _, sure in acts)
            known = self._acts_scopes[subject.path] = "+".join([act.path for act, _ in acts]) if sure else subject.path
        return known

    def _acts_of(self, subject: Subject) -> Iterator[tuple[Act, bool]]:
        match subject.kind:
            case ForEach.TRANSACTION:
                yield from ((act, True) for act in self.all_acts)
            case ForEach.ACTIVITY:
                if subject.index >= 0:
                    yield self.all_acts[subject.index], True
            case ForEach.GOODS:
                lines = len(self.transaction.goods or ())
                moved = any(act.frame.goods == "consignment" for act in self.all_acts)
                for act in self.all_acts:
                    if act.goods:
                        if subject.index in act.goods:
                            yield act, True
                    elif act.frame.goods == "consignment":
                        yield act, True
                    elif act.frame.goods == "about":
                        yield act, lines == 1
                    elif act.kind in _STAYS_ABOARD and not moved:
                        yield act, True
            case ForEach.VESSEL:
                yield from self._acts_of_vessel(subject)
            case ForEach.PARTY:
                yield from self._acts_of_party(subject)

    def _acts_of_vessel(self, subject: Subject) -> Iterator[tuple[Act, bool]]:
        vessels = self.transaction.vessels or ()
        roles = vessels[subject.index].roles or () if subject.index >= 0 else ()
        for act in self.all_acts:
            if act.vessels:
                if subject.index in act.vessels:
                    yield act, True
                continue
            if roles:
                if any(act.kind in _VESSEL_ACTS[role] for role in roles):
                    yield act, True
            elif self.may_be_about_a_vessel(act) and act.kind not in ("repair", "maintenance"):
                yield act, len(vessels) == 1 or (len(vessels) == 0 and act.frame.vessel)
            elif act.kind in ("repair", "maintenance") and vessels:
                # What is repaired may be the ship: surely so where there is one ship and no goods.
                yield act, len(vessels) == 1 and not self.transaction.goods

    def _acts_of_party(self, subject: Subject) -> Iterator[tuple[Act, bool]]:
        if subject.index < 0:
            role = subject.path.removeprefix("parties.")
            yield from ((act, True) for act in self.all_acts if role in act.frame.must)
            return
        roles = self.players[subject.index].party.roles
        if roles is None and subject.index not in self.without_role:
            roles = ()
        inline = subject.path.startswith("payments[")
        kinds = {act.kind for act in self.all_acts}
        for act in self.all_acts:
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
                frames = ROLE_FRAMES[role] & kinds
                if frames and act.kind not in frames:
                    continue
                if act.linked and self.side_is_linked(act, role):
                    continue
                rivals = sum(1 for p in self.players if role in (p.party.roles or ()))
                # An act that names its parties does not surely concern one that it does not name.
                yield act, not act.linked and (rivals == 1 or len(frames) == 1 or len(self.all_acts) == 1)
                break

    def lines(self, subject: Subject) -> tuple[tuple[int, ...], bool, bool]:
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

    def link(self, subject: Subject, slot: str) -> str:
        """Return the path of the link that would say which goods or vessel an act is about."""
        acts = self.acts(subject)
        return f"{acts[0][0].path}.{slot}" if acts else "activities"

    @staticmethod
    def link_path(act: Act, subject: Subject) -> str:
        """Return the path of the link that would say whether an act concerns a subject."""
        slot = {ForEach.GOODS: "goods", ForEach.VESSEL: "vessel", ForEach.PARTY: "by"}.get(subject.kind, "by")
        if subject.kind is ForEach.PARTY and not act.linked:
            return f"{subject.path}.roles"
        return f"{act.path}.{slot}"

    # ------------------------------------------------------------------ what silence gives

    def is_stated_unknown(self, path: str) -> bool:
        """Whether the user says of a path, or of what it is part of, that it is not known."""
        if not self._unknown:
            return False
        if path in self._unknown:
            return True
        # A list that is stated unknown is not closed; what it does hold is as stated.
        return any(
            path.startswith((f"{u}.", f"{u}[")) and not (u in _LISTS and path.startswith(f"{u}["))
            for u in self._unknown
        )

    def gap(self, path: str, **extra: frozenset[str]) -> Reading:
        """Read silence as a missing fact.

        Args:
            path: The slot to ask for.
            extra: ``only`` or ``but``: the values that it may, or may not, have.
        """
        cause = Cause.STATED if self.is_stated_unknown(path) else Cause.ABSENT
        return Reading(gaps=(Gap(path, cause, **extra),))  # type: ignore[arg-type]  # sets of text are sets of values

    def assumed(self, path: str, why: str, only: frozenset[str] | None = None) -> Reading:
        """Read silence as "none", unless the user says that it is unknown or nothing may be assumed."""
        if self.is_stated_unknown(path):
            return Reading(gaps=(Gap(path, Cause.STATED, only=only),))
        if self.assume_nothing:
            return Reading(gaps=(Gap(path, Cause.ABSENT, why, only=only),))
        if path in _CLOSED or path.endswith(".roles"):
            return NOTHING  # named once for the whole report: see ``standing_assumptions``
        return Reading(assumed=(Gap(path, Cause.ABSENT, why, only=only),))

    @property
    def standing_assumptions(self) -> tuple[Gap, ...]:
        """The closed lists, on which every verdict with a nexus rests unless nothing is assumed."""
        if self.assume_nothing:
            return ()
        return tuple(Gap(path, Cause.ABSENT, why) for path, why in _CLOSED.items() if not self.is_stated_unknown(path))


def played_by(act: Act, role: str) -> tuple[str, ...]:
    """Return the roles that count as a role in an act."""
    return _PLAYED_BY.get((act.kind, role), (role,))


def _bic_country(bic: str) -> tuple[CountryReading, ...] | None:
    try:
        return (read_country(bic[4:6].upper()),)
    except InputError:
        return None
