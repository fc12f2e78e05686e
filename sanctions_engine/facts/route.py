"""Where it starts, passes and ends, where goods originate, and which way it goes: from a State, or to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from sanctions_engine.facts.description import Description
from sanctions_engine.facts.evidence import NOTHING, asks_of, countries_reading, fold_words, state_evidence
from sanctions_engine.facts.parties import PartyFacts
from sanctions_engine.facts.subject import ForEach, Subject
from sanctions_engine.intake.countries import HIGH_SEAS
from sanctions_engine.intake.places import area_of_place, known_areas
from sanctions_engine.readings import Evidence, Reading
from sanctions_engine.transaction import End
from sanctions_engine.truth import Cause

__all__ = ["DIRECTIONS", "RouteFacts"]


DIRECTIONS = frozenset({"from", "to", "start", "destination", "via", "origin"})


class RouteFacts:
    """Reads the route and the direction of what moves.

    Args:
        description: What was described.
        parties: Who gives and who takes.
        named_states: The target States that a folded text names.
    """

    def __init__(
        self, description: Description, parties: PartyFacts, named_states: Callable[[str], frozenset[str]] | None
    ) -> None:
        self._description = description
        self._transaction = description.transaction
        self._players = description.players
        self._parties = parties
        self._named_states = named_states
        self._directions: dict[str, dict[str, Reading]] = {}

    def directions(self, subject: Subject) -> dict[str, Reading]:
        """Return the States that it comes from and goes to, starts, passes and ends in, and where goods originate."""
        found = self._directions.get(subject.path)
        if found is None:
            # Subjects of the same acts and lines go the same way.
            goods = subject.kind in (ForEach.GOODS, ForEach.VESSEL), subject.kind is ForEach.GOODS
            key = f"{self._description.acts_scope(subject)} {goods} {self._origin_lines(subject)}"
            found = self._directions.get(key)
            if found is None:
                found = self._directions[key] = self._read_directions(subject)
            self._directions[subject.path] = found
        return found

    def _read_directions(self, subject: Subject) -> dict[str, Reading]:
        t = self._transaction
        acts = [(a, s) for a, s in self._description.acts(subject)]
        if subject.kind in (ForEach.GOODS, ForEach.VESSEL):  # what moves, not who insures or fuels it
            acts = [(a, s) for a, s in acts if a.frame.goods == "consignment"] or acts
        ends = any(a.frame.ends for a, _ in acts)
        route = t.route
        start = self.end(route.from_ if route else None, "route.from", required=ends)
        destination = self.end(route.to if route else None, "route.to", required=ends)
        via = NOTHING
        loaded = NOTHING
        for i, leg in enumerate(route.via or () if route else ()):
            reading = self.end(leg, f"route.via[{i}]", required=True)
            via |= reading
            if leg.loaded:
                loaded |= reading
        if route is None or route.via is None:
            via |= self._description.assumed("route.via", "the route passes no other State")
        givers = NOTHING
        takers = NOTHING
        for act, sure in acts:
            for side, roles in (("givers", act.frame.givers), ("takers", act.frame.takers)):
                total = NOTHING
                for role in roles:
                    one = self._parties.role_in(act, role, "states", subject)
                    total |= one if sure else one.doubted(Cause.AMBIGUOUS, (self._description.link_path(act, subject),))
                if side == "givers":
                    givers |= total
                else:
                    takers |= total
        if acts:
            closed = self._description.assumed("parties", "no further party or role takes part")
            givers |= closed
            takers |= closed
        origin = self._origin(subject, start)
        # To S: the destination is in S, or a taker has nexus S and it does not come from the territory of S.
        # From S: not to the territory of S, and it starts, is loaded or originates there, or a giver has nexus S.
        # What does not move (advice, a payment) comes from no territory: there the route is that of something else.
        to, source = takers, start | loaded | origin | givers
        if ends or subject.kind is ForEach.GOODS:
            to = to.without(start.certain(), start.possible() - start.certain(), asks_of(start))
            source = source.without(
                destination.certain(), destination.possible() - destination.certain(), asks_of(destination)
            )
            if start.gaps:
                to = to.doubted(Cause.ABSENT, asks_of(start))
            if destination.gaps:
                source = source.doubted(Cause.ABSENT, asks_of(destination))
            to |= self._end_use_states(subject)
            if self._states_in_text:
                told = start.certain() | destination.certain() | via.certain() | self._states_of_parties
                to |= self._said_to_go_to(subject, told)
                source |= self._said_to_come_from(subject, told)
        return {
            "from": source,
            "to": destination | to,
            "start": start,
            "destination": destination,
            "via": via,
            "origin": origin,
        }

    def end(self, end: End | None, path: str, *, required: bool) -> Reading:
        """Read one end or stop of the route; silence is a missing fact only where it is required."""
        if end is None or (end.country is None and end.place is None and end.area is None and end.sea_area is None):
            if required or self._description.is_stated_unknown(f"{path}.country"):
                return self._description.gap(f"{path}.country")
            return NOTHING
        return _end_reading(end, path) or self._description.gap(f"{path}.country")

    def _end_use_states(self, subject: Subject) -> Reading:
        """Read the target States that a stated end use names: goods may go on there, unless an end user is named."""
        goods = self._transaction.goods or ()
        if self._named_states is None or not any(line.end_use for line in goods):
            return NOTHING
        if any("end_user" in (player.party.roles or ()) for player in self._players):
            return NOTHING
        return Reading(
            tuple(
                Evidence(f"goods[{i}].end_use", text, frozenset({state}), False, Cause.IMPRECISE, ("parties.end_user",))
                for i in self._description.lines(subject)[0]
                if (text := goods[i].end_use)
                for state in sorted(self._named_states(fold_words(text)))
            )
        )

    @cached_property
    def _states_in_text(self) -> dict[str, tuple[str, frozenset[str]]]:
        """The target States that notes and descriptions of goods name: by path, the text and the States."""
        if self._named_states is None:
            return {}
        texts = {"notes": self._transaction.notes}
        texts |= {f"goods[{i}].description": line.description for i, line in enumerate(self._transaction.goods or ())}
        named = {path: (text, self._named_states(fold_words(text))) for path, text in texts.items() if text}
        return {path: (text, states) for path, (text, states) in named.items() if states}

    @cached_property
    def _states_of_parties(self) -> frozenset[object]:
        return frozenset(s for i in range(len(self._players)) for s in self._parties.known_states(i).certain())

    def _said_to_go_to(self, subject: Subject, told: frozenset[object]) -> Reading:
        """Read where a text may say that it goes: to a State that nothing else names, unless an end user is named."""
        if any("end_user" in (player.party.roles or ()) for player in self._players):
            return NOTHING
        paths = ("notes", *(f"goods[{i}].description" for i in self._description.lines(subject)[0]))
        return Reading(tuple(self._named_in_text(paths, told, lambda _: "parties.end_user")))

    def _said_to_come_from(self, subject: Subject, told: frozenset[object]) -> Reading:
        """Read where a text may say that goods come from, unless their origin is stated."""
        goods = self._transaction.goods or ()
        open_lines = [
            i for i in self._description.lines(subject)[0] if goods[i].origin is None and goods[i].made_in is None
        ]
        asks = {f"goods[{i}].description": f"goods[{i}].origin" for i in open_lines}
        if open_lines:
            asks["notes"] = f"goods[{open_lines[0]}].origin"
        return Reading(tuple(self._named_in_text(tuple(asks), told, asks.__getitem__)))

    def _named_in_text(
        self, paths: tuple[str, ...], told: frozenset[object], asks: Callable[[str], str]
    ) -> Iterator[Evidence]:
        for path in paths:
            text, states = self._states_in_text.get(path, ("", frozenset[str]()))
            for state in sorted(states):
                if state not in told:
                    yield Evidence(path, text, frozenset({state}), False, Cause.IMPRECISE, (asks(path),))

    def _origin(self, subject: Subject, start: Reading) -> Reading:
        """Read where the goods originate: where that is not said, it is assumed to be where they start."""
        reading = NOTHING
        for i in self._origin_lines(subject):
            line = (self._transaction.goods or ())[i]
            for name in ("origin", "made_in"):
                countries = getattr(line, name)
                if countries is not None:
                    reading |= countries_reading(countries, f"goods[{i}].{name}", line.description or f"goods[{i}]")
            if line.origin is None and line.made_in is None:
                reading |= start | self._description.assumed(
                    f"goods[{i}].origin", "the goods originate where they start"
                )
        return reading

    def _origin_lines(self, subject: Subject) -> tuple[int, ...]:
        lines = tuple(range(len(self._transaction.goods or ())))
        if subject.kind is ForEach.GOODS:
            return (subject.index,) if subject.index >= 0 else ()
        if subject.kind is ForEach.ACTIVITY and subject.index >= 0:
            act = self._description.all_acts[subject.index]
            return act.goods or (lines if act.frame.goods == "consignment" else ())
        return lines

    def areas(self, head: str, subject: Subject) -> Reading:
        """Return the parts of States that it comes from or goes to."""
        side = {"from": "from", "to": "to"}[head]
        route = self._transaction.route
        end = (route.from_ if side == "from" else route.to) if route else None
        path = f"route.{side}.area"
        if end is not None and end.area is not None:
            return Reading((Evidence(path, end.area.name, frozenset({end.area.id})),))
        states = self.directions(subject)["start" if side == "from" else "destination"]
        countries = states.possible()
        if end is not None and end.place is not None and len(countries) == 1 and not states.gaps:
            lies_in = area_of_place(end.place.text, *map(str, countries))
            if lies_in is not None:
                shown = f"{end.place.text}, in {lies_in.name}"
                return Reading((Evidence(f"route.{side}.place", shown, frozenset({lies_in.id})),))
        # An area can only be where its State may be.
        areas = frozenset(area.id for area in known_areas() if states.gaps or area.country in countries)
        return self._description.gap(path, only=areas) if areas else NOTHING


def _end_reading(end: End, path: str) -> Reading | None:
    if end.country is not None:
        shown = end.place.text if end.place is not None else end.country.text
        return Reading((state_evidence(f"{path}.country", shown, end.country.codes),))
    if end.area is not None:
        return Reading((state_evidence(f"{path}.area", end.area.name, frozenset({end.area.country})),))
    if end.place is not None:
        if not end.place.codes:
            return None
        return Reading((state_evidence(f"{path}.place", end.place.note or end.place.text, end.place.codes),))
    return Reading((state_evidence(f"{path}.sea_area", str(end.sea_area), frozenset({HIGH_SEAS})),))
