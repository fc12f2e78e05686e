"""Whether a regime has to do with a transaction at all, and what could still make it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sanctions_engine.facts.description import Description, played_by
from sanctions_engine.facts.evidence import NOTHING, countries_reading, fold_words
from sanctions_engine.facts.parties import PartyFacts
from sanctions_engine.facts.route import RouteFacts
from sanctions_engine.facts.vessels import VesselFacts
from sanctions_engine.readings import Evidence, Gap, Reading
from sanctions_engine.truth import Cause, Truth

__all__ = ["Nexus", "NexusFacts", "Targets"]

_ABROAD = frozenset({"worker", "student", "crew", "visitor", "courier"})
"""Roles of people who are often away from home: where they are does not say whose nationals they are."""
_ABOUT_THE_VESSEL = frozenset({"insured", "classed", "registered", "chartered", "bunkered", "sold", "crewed"})
"""Roles of a vessel that an act is about, and whose flag some rules turn on."""
_CUSTOMERS = {"payer_bank": frozenset({"payer", "lender"}), "payee_bank": frozenset({"payee"})}
"""Whose bank it is that stands in a payment."""


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


class NexusFacts:
    """Collects what regimes may be aimed at: States, lists, groups, areas, grounds and free text.

    Args:
        description: What was described.
        parties: Who takes part.
        vessels: Which vessels are concerned.
        route: Where it goes.
    """

    def __init__(self, description: Description, parties: PartyFacts, vessels: VesselFacts, route: RouteFacts) -> None:
        self._description = description
        self._transaction = description.transaction
        self._players = description.players
        self._parties = parties
        self._vessels = vessels
        self._route = route

    @cached_property
    def text(self) -> str:
        """All free text of the description, folded, for mentions of a target."""
        t = self._transaction
        parts: list[str | None] = [t.title, t.notes]
        for player in self._players:
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
        route = self._transaction.route
        ends = (route.from_, route.to) if route is not None else ()
        areas = (end.area.id for end in ends if end is not None and end.area is not None)
        return frozenset((*certain, *possible, *listed, *candidates, *areas, *(self._transaction.grounds or ())))

    def of(self, targets: Targets, mentioned: frozenset[str]) -> Nexus:
        """Return whether a regime has to do with the transaction (design, section 3, "Nexus comes first").

        Args:
            targets: What the regime is aimed at.
            mentioned: Regimes that some free text mentions (``mentions_in`` finds them).
        """
        certain, possible, stated_unknown = self._state_facts
        if found := certain.keys() & targets.states:
            return Nexus(Truth.TRUE, tuple(certain[code] for code in sorted(found)))
        listed, candidates = self._list_facts
        names = {targets.regime, *targets.groups}
        if found_names := listed.keys() & names:
            return Nexus(Truth.TRUE, tuple(listed[name] for name in sorted(found_names)))
        if targets.areas and self._transaction.route:
            for end in (self._transaction.route.from_, self._transaction.route.to):
                if end is not None and end.area is not None and end.area.id in targets.areas:
                    return Nexus(Truth.TRUE, (Evidence("route", end.area.name, frozenset({end.area.id})),))
        if targets.grounds & set(self._transaction.grounds or ()):
            return Nexus(
                Truth.TRUE,
                (Evidence("grounds", ", ".join(self._transaction.grounds or ()), frozenset({targets.regime})),),
            )
        evidence = [possible[code] for code in sorted(possible.keys() & targets.states)]
        evidence += [candidates[name] for name in sorted(candidates.keys() & names)]
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

        t = self._transaction
        if t.route:
            for path, end in (("route.from", t.route.from_), ("route.to", t.route.to)):
                add(self._route.end(end, path, required=False))
            for i, leg in enumerate(t.route.via or ()):
                add(self._route.end(leg, f"route.via[{i}]", required=False))
        for path in ("route.from.country", "route.to.country"):
            unknown = unknown or self._description.is_stated_unknown(path)
        for i, player in enumerate(self._players):
            add(self._parties.known_states(i))
            if player.party.located_in:
                add(self._parties.located(i))
        for i, vessel in enumerate(t.vessels or ()):
            for name in ("flag", "former_flags", "crew_states"):
                countries = getattr(vessel, name)
                if countries is not None:
                    add(countries_reading(countries, f"vessels[{i}].{name}", vessel.name or f"vessels[{i}]"))
                elif name == "flag" and self._description.is_stated_unknown(f"vessels[{i}].flag"):
                    unknown = True
        for i, line in enumerate(t.goods or ()):
            for name in ("origin", "made_in"):
                countries = getattr(line, name)
                if countries is not None:
                    add(countries_reading(countries, f"goods[{i}].{name}", line.description or f"goods[{i}]"))
                elif self._description.is_stated_unknown(f"goods[{i}].{name}"):
                    unknown = True
        return certain, possible, unknown

    @cached_property
    def _list_facts(self) -> tuple[dict[str, Evidence], dict[str, Evidence]]:
        certain: dict[str, Evidence] = {}
        possible: dict[str, Evidence] = {}
        readings = [
            self._parties.listed(i, frozenset()) if self._parties.has_links(p) else self._parties.own_listing(i)
            for i, p in enumerate(self._players)
        ]
        readings += [Reading(self._parties.group_evidence(i)) for i in range(len(self._players))]
        readings += [self._vessels.listed(i) for i in range(len(self._transaction.vessels or ()))]
        for reading in readings:
            for item in reading.evidence:
                target = certain if item.sure and len(item.values) == 1 else possible
                for value in item.values:
                    target.setdefault(str(value), item)
        return certain, possible

    @cached_property
    def unplaced(self) -> tuple[tuple[Gap, ...], tuple[Gap, ...]]:
        """What could still create a nexus: missing facts, and what end evidence and closed lists let us assume.

        Source: design, section 3, "Without nexus" and "End evidence".
        """
        t = self._transaction
        missing: list[Gap] = []
        assumed: list[Gap] = []
        certain = self._placed
        route = t.route
        starts = self._route.end(route.from_, "route.from", required=False) if route and route.from_ else NOTHING
        ends = self._route.end(route.to, "route.to", required=False) if route and route.to else NOTHING
        start, destination = bool(starts.certain()), bool(ends.certain())
        placed_roles = self._placed_roles(start=start, destination=destination)
        placed_parties = {role for i, p in enumerate(self._players) if i in certain for role in p.party.roles or ()}
        for i, player in enumerate(self._players):
            if i in certain or player.party.kind == "un_body":
                continue
            if self._parties.known_states(i).evidence:
                continue
            played = frozenset(player.party.roles or ())
            located = bool(player.party.located_in) and bool(self._parties.located(i).certain())
            if (located and played.isdisjoint(_ABROAD)) or played & placed_roles:
                assumed.append(
                    Gap(
                        player.state_path,
                        Cause.ABSENT,
                        f"{player.shown} is of the State at its end of the route",
                    )
                )
            else:
                missing.append(Gap(player.state_path))
        needs_route = any(act.frame.ends for act in self._description.all_acts) or not self._description.all_acts
        for side, known, roles in (
            ("from", starts.evidence, ("supplier", "processor", "landlord")),
            ("to", ends.evidence, ("recipient", "end_user", "tenant")),
        ):
            if known or not needs_route:
                continue  # of an end with several readings, the regimes of each are judged
            if placed_parties & set(roles):
                assumed.append(
                    Gap(f"route.{side}.country", Cause.ABSENT, "this end of the route is where its party is")
                )
            else:
                missing.append(Gap(f"route.{side}.country"))
        for act in self._description.all_acts:
            if act.frame.ends or act.linked:
                continue
            for role in act.frame.must:
                filled = any(not set(played_by(act, role)).isdisjoint(p.party.roles or ()) for p in self._players)
                if not filled and t.parties != () and role not in placed_roles:
                    missing.append(Gap(f"parties.{role}"))
        if t.parties is None and not self._players and not (start or destination):
            missing.append(Gap("parties"))
        if not self._description.all_acts:
            missing.append(Gap("activities"))
        if t.occurred is None:
            missing.append(Gap("occurred"))
        for i, vessel in enumerate(t.vessels or ()):
            if vessel.flag is None and not _ABOUT_THE_VESSEL.isdisjoint(vessel.roles or ()):
                missing.append(Gap(f"vessels[{i}].flag"))
            elif vessel.flag is None:
                assumed.append(Gap(f"vessels[{i}].flag", Cause.ABSENT, "the vessel flies no target's flag"))
            if vessel.name is None and vessel.imo is None:
                missing.append(Gap(f"vessels[{i}].imo"))
        for i, player in enumerate(self._players):
            for n, listing in enumerate(player.party.listed or ()):
                if listing.regime is None:
                    missing.append(Gap(f"{player.path}.listed[{n}].regime", Cause.CANDIDATE))
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

    def _placed_roles(self, *, start: bool, destination: bool) -> frozenset[str]:
        """Return the roles whose end of the route, or whose own bank, is certainly somewhere.

        A payer's bank says nothing of the payee, nor a bank of the bank that corresponds with it.

        Args:
            start: Whether the start of the route is known.
            destination: Whether its end is.
        """
        roles: set[str] = set()
        acts = self._description.all_acts
        for act in acts:
            if act.frame.ends:
                roles |= {*(act.frame.givers if start else ()), *(act.frame.takers if destination else ())}
        payments = range(len(self._transaction.payments or ()))
        banks = {player.path for player in self._players if player.party.jurisdiction}
        for end, customers in _CUSTOMERS.items():
            if payments and all(f"payments[{i}].{end}" in banks for i in payments):
                roles |= customers
        if any("bank" in (self._players[i].party.roles or ()) for i in self._placed) and not any(
            act.kind == "correspondent_banking" for act in acts
        ):
            roles.add("account_holder")
        return frozenset(roles)

    @cached_property
    def _placed(self) -> frozenset[int]:
        return frozenset(
            i
            for i in range(len(self._players))
            if any(e.sure and len(e.values) == 1 for e in self._parties.known_states(i).evidence)
        )
