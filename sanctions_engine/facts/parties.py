"""Who takes part: roles, kinds, nexus and listing, also through owners, controllers and principals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import cached_property

from sanctions_engine.facts.description import ROLE_FRAMES, Act, Description, Player, played_by
from sanctions_engine.facts.evidence import (
    NOTHING,
    countries_reading,
    flag_reading,
    fold_words,
    one_of,
    place_codes,
    state_evidence,
    through,
    union,
)
from sanctions_engine.facts.listing import list_reading
from sanctions_engine.facts.subject import Subject
from sanctions_engine.intake.screening import Match, Screener
from sanctions_engine.readings import Evidence, Reading
from sanctions_engine.truth import Cause
from sanctions_engine.vocabulary import ROLES

__all__ = ["PartyFacts"]


class PartyFacts:
    """Reads what is known of parties, by the role they play, as the party judged, or of all of them.

    Args:
        description: What was described.
        screener: Compares names with the UN list.
        groups: Named groups of all regimes: folded names to ids.
    """

    def __init__(self, description: Description, screener: Screener, groups: Mapping[str, str]) -> None:
        self._description = description
        self._transaction = description.transaction
        self._players = description.players
        self._screener = screener
        self._group_names = groups
        self._roles_read: dict[tuple[str, str, str], Reading] = {}
        self._nexus_of: dict[tuple[int, frozenset[int]], Reading] = {}
        self._states_of: dict[int, Reading] = {}
        self._own_listings: dict[int, Reading] = {}

    def role(self, role: str, attribute: str, subject: Subject) -> Reading:
        """Return an attribute of whoever plays a role in what concerns a subject."""
        reading = NOTHING
        acts = self._description.acts(subject)
        wanted = [(a, s) for a, s in acts if a.kind in ROLE_FRAMES[role]] or [
            (a, s) for a, s in acts if not a.linked or any(role in self._description.roles_in(a, p) for p in a.linked)
        ]
        for act, sure in wanted:
            one = self.role_in(act, role, attribute, subject)
            if not sure:
                one = one.doubted(Cause.AMBIGUOUS, (self._description.link_path(act, subject),))
            reading |= one
        return reading | self._description.assumed("parties", "no further party or role takes part")

    def role_in(self, act: Act, role: str, attribute: str, subject: Subject) -> Reading:
        """Read an attribute of whoever plays a role in an act; of which subject it is asked changes nothing."""
        if not act.linked and role not in self._played and role not in act.frame.must:
            return NOTHING  # nobody plays it, and nobody has to
        key = (act.path, role, attribute)
        known = self._roles_read.get(key)
        if known is None:
            known = self._roles_read[key] = self._read_role_in(act, role, attribute, subject)
        return known

    def _read_role_in(self, act: Act, role: str, attribute: str, subject: Subject) -> Reading:
        names = played_by(act, role)
        linked = [p for p in act.linked if not set(self._description.roles_in(act, p)).isdisjoint(names)]
        if linked:
            return union(self.read(attribute, index, subject) for index in dict.fromkeys(linked))
        if act.linked and self._description.side_is_linked(act, role):
            return NOTHING
        candidates = [
            i
            for i, p in enumerate(self._players)
            if not set(p.party.roles or ()).isdisjoint(names) and self._may_play(p, act)
        ]
        if len(candidates) == 1 or (role == "partner" and self._only_act_with(role)):
            # The partners of the one venture or cooperation are all in it: they are no alternatives.
            return union(self.read(attribute, i, subject) for i in candidates)
        if candidates:
            side = "by" if role in act.frame.givers else "for"
            return one_of((self.read(attribute, i, subject) for i in candidates), f"{act.path}.{side}")
        reading = NOTHING
        for i, player in enumerate(self._players):
            if i in self._description.without_role and i not in act.linked:
                reading |= self.read(attribute, i, subject).doubted(Cause.ABSENT, (f"{player.path}.roles",))
        if role in act.frame.must and self._transaction.parties != () and not reading.evidence:
            reading |= self._description.gap(f"parties.{role}")
        return reading

    @cached_property
    def _played(self) -> Collection[str]:
        """The roles that somebody plays; every role, where a party's roles are not stated."""
        if self._description.without_role:
            return ROLES.words
        return {role for player in self._players for role in player.party.roles or ()}

    def _only_act_with(self, role: str) -> bool:
        return sum(1 for act in self._description.all_acts if act.kind in ROLE_FRAMES[role]) == 1

    @staticmethod
    def _may_play(player: Player, act: Act) -> bool:
        return not player.path.startswith("payments[") or player.path.startswith(act.path + ".")

    def everybody(self, attribute: str, subject: Subject) -> Reading:
        """Return an attribute of all who take part."""
        everybody = union(self.read(attribute, i, subject) for i in range(len(self._players)))
        return everybody | self._description.assumed("parties", "no further party or role takes part")

    def read(self, attribute: str, index: int, subject: Subject) -> Reading:
        """Return an attribute of one party; an index of -1 is a role that must be filled and is not."""
        if index < 0:
            return self._unfilled(attribute, subject)
        match attribute:
            case "states":
                return self.states(index)
            case "listed":
                return self.listed(index, frozenset())
            case "roles":
                return self._roles(index)
            case _:
                return _READERS[attribute](self, index)

    def _unfilled(self, attribute: str, subject: Subject) -> Reading:
        role = subject.path.removeprefix("parties.")
        if attribute == "roles":
            return Reading((Evidence(subject.path, role, frozenset({role})),))
        return self._description.gap(subject.path)

    def states(self, index: int, seen: frozenset[int] = frozenset()) -> Reading:
        """Return the nexus of a party: its own, and through owners of half or more, controllers and principals.

        Source: design, section 3, "Directions".
        """
        key = (index, seen)
        known = self._nexus_of.get(key)
        if known is None:
            known = self._read_states(index, seen)
            self._nexus_of[key] = known
        return known

    def _read_states(self, index: int, seen: frozenset[int]) -> Reading:
        return self.own_states(index) | self._through_links(index, seen, "states")

    @staticmethod
    def has_links(player: Player) -> bool:
        """Whether an owner, a controller or a principal is named."""
        party = player.party
        return bool(party.owned_by or party.controlled_by or party.acts_for)

    def known_states(self, index: int) -> Reading:
        """Return the nexus of a party without what is only assumed of its owners, controllers and principals."""
        return self.states(index) if self.has_links(self._players[index]) else self.own_states(index)

    def own_states(self, index: int) -> Reading:
        """Return the nexus of a party itself, without owners, controllers and principals."""
        found = self._states_of.get(index)
        if found is None:
            found = self._states_of[index] = self._read_own_states(index)
        return found

    def _read_own_states(self, index: int) -> Reading:
        player = self._players[index]
        party = player.party
        reading = NOTHING
        stated = False
        for name in ("jurisdiction", "nationality", "incorporated_in"):
            countries = getattr(party, name)
            if countries is not None:
                stated = True
                reading |= countries_reading(countries, f"{player.path}.{name}", player.shown)
            elif self._description.is_stated_unknown(f"{player.path}.{name}"):
                reading |= self._description.gap(f"{player.path}.{name}")
        if not stated and party.kind != "un_body" and not reading.gaps:
            reading |= self._description.gap(player.state_path)
        return reading

    def _through_links(self, index: int, seen: frozenset[int], attribute: str) -> Reading:
        """Follow ownership of half or more, control and acting for, with the chain shown."""
        player = self._players[index]
        party = player.party
        seen = seen | {index}
        reading = NOTHING

        def other(i: int) -> Reading:
            inner = self.states(i, seen) if attribute == "states" else self.listed(i, seen)
            return Reading(inner.evidence, inner.gaps if attribute == "states" else (), inner.assumed, inner.choices)

        for name, verb in (("controlled_by", "controlled by"), ("acts_for", "acting for")):
            refs = getattr(party, name)
            if refs is None:
                reading |= self._description.assumed(
                    f"{player.path}.{name}", f"{player.shown} is not {verb} somebody else"
                )
            for ref in refs or ():
                i = self._description.player_index(ref)
                if i not in seen:
                    reading |= through(
                        other(i), f"{player.shown} {verb} {self._players[i].shown}", f"{player.path}.{name}"
                    )
        if party.owned_by is None:
            return reading | self._description.assumed(
                f"{player.path}.owned_by", f"{player.shown} is not owned by somebody else"
            )
        return reading | self._through_owners(index, other, seen)

    def _through_owners(self, index: int, other: Callable[[int], Reading], seen: frozenset[int]) -> Reading:
        """Add up the shares of owners with one value; half or more carries it over. Unknown shares are intervals."""
        player = self._players[index]
        stakes = [
            (self._description.player_index(s.party), s.share, j) for j, s in enumerate(player.party.owned_by or ())
        ]
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
                who.setdefault(v, []).append(f"{self._players[i].shown} {share if share is not None else '?'}%")
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
        player = self._players[index]
        roles = set(player.party.roles or ())
        for act in self._description.all_acts:
            if index in act.linked:
                roles |= set(self._description.roles_in(act, index))
        for vessel in self._transaction.vessels or ():
            named = (("owner", vessel.owner), ("operator", vessel.operator))
            roles |= {role for role, ref in named if ref is not None and self._description.player_index(ref) == index}
        if index in self._description.without_role and not roles:
            return self._description.gap(f"{player.path}.roles")
        evidence = tuple(
            Evidence(f"{player.path}.roles", role.replace("_", " "), frozenset({role})) for role in sorted(roles)
        )
        return Reading(evidence) | self._description.assumed(
            f"{player.path}.roles", f"{player.shown} has no further role"
        )

    def _kind(self, index: int) -> Reading:
        player = self._players[index]
        if player.party.kind is not None:
            kind = player.party.kind
            return Reading(
                (Evidence(f"{player.path}.kind", f"{player.shown}: {kind.replace('_', ' ')}", frozenset({kind})),)
            )
        # A value of its own, so that "only organs of the State" fails where a party beside them is of no stated kind.
        path = f"{player.path}.kind"
        silence = self._description.assumed(path, f"{player.shown} is an ordinary person or company")
        if silence.gaps:
            return silence
        return silence | Reading(
            (Evidence(path, f"{player.shown}: no special kind is stated", frozenset({"ordinary"})),)
        )

    def _nationality(self, index: int) -> Reading:
        player = self._players[index]
        if player.party.nationality is not None:
            return countries_reading(player.party.nationality, f"{player.path}.nationality", player.shown)
        if player.party.jurisdiction is not None:
            return countries_reading(player.party.jurisdiction, player.state_path, player.shown)
        return self._description.gap(f"{player.path}.nationality")

    def located(self, index: int) -> Reading:
        """Return where a party is."""
        player = self._players[index]
        reading = NOTHING
        for text in player.party.located_in or ():
            codes, shown = place_codes(text)
            if codes:
                reading |= Reading((state_evidence(f"{player.path}.located_in", shown, codes),))
            else:
                reading |= self._description.gap(f"{player.path}.located_in")
        if player.party.located_in is None:
            reading |= self._description.assumed(f"{player.path}.located_in", f"{player.shown} is where its State is")
        return reading

    def _groups(self, index: int) -> Reading:
        player = self._players[index]
        return Reading(self.group_evidence(index)) | self._description.assumed(
            f"{player.path}.member_of", f"{player.shown} belongs to no group that is not named"
        )

    def group_evidence(self, index: int) -> tuple[Evidence, ...]:
        """Return the named groups that a party is, or is stated to belong to."""
        player = self._players[index]
        party = player.party
        evidence = []
        for text in party.member_of or ():
            group = self._group_names.get(fold_words(text))
            if group:
                evidence.append(Evidence(f"{player.path}.member_of", f"{player.shown} of {text}", frozenset({group})))
        for name in (party.name, *party.aliases):
            group = self._group_names.get(fold_words(name)) if name else None
            if group:
                evidence.append(Evidence(f"{player.path}.name", str(name), frozenset({group})))
        return tuple(dict.fromkeys(evidence))

    def _protected(self, index: int) -> Reading:
        player = self._players[index]
        if player.party.protected_from_return is not None:
            return flag_reading(f"{player.path}.protected_from_return", player.party.protected_from_return)
        return self._description.assumed(
            f"{player.path}.protected_from_return", "law does not bar the person's return", frozenset({"yes"})
        )

    def listed(self, index: int, seen: frozenset[int]) -> Reading:
        """Return the regimes under which a party is listed, itself or through those behind it."""
        key = (-1 - index, seen)
        known = self._nexus_of.get(key)
        if known is None:
            known = self.own_listing(index) | self._through_links(index, seen, "listed")
            self._nexus_of[key] = known
        return known

    def own_listing(self, index: int) -> Reading:
        """Return the regimes under which a party itself is listed."""
        found = self._own_listings.get(index)
        if found is None:
            found = self._own_listings[index] = self._read_own_listing(index)
        return found

    def _read_own_listing(self, index: int) -> Reading:
        player = self._players[index]
        party = player.party
        path = f"{player.path}.listed"
        if self._description.is_stated_unknown(path):
            return self._description.gap(path)
        matches: tuple[Match, ...] = ()
        if party.name:
            states = self.own_states(index)
            kind = "individual" if party.kind in ("individual", "diplomat") else "entity" if party.kind else None
            matches = self._screener.screen(
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
            return self._description.gap(f"{player.path}.name")
        return list_reading(self._description, path, player.shown, matches, party.listed, player.path)

    def matches(self, index: int) -> tuple[Match, ...]:
        """Return the entries of the list that a party may be, by name alone."""
        name = self._players[index].party.name
        return self._screener.screen(name, aliases=self._players[index].party.aliases) if name else ()


_READERS: Mapping[str, Callable[[PartyFacts, int], Reading]] = {
    "kind": lambda self, i: self._kind(i),
    "groups": lambda self, i: self._groups(i),
    "located": lambda self, i: self.located(i),
    "nationality": lambda self, i: self._nationality(i),
    "protected_from_return": lambda self, i: self._protected(i),
}
