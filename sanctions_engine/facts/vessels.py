"""Ships and aircraft: flags, owners, designation, and what they are suspected of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from sanctions_engine.condition import Measure
from sanctions_engine.facts.description import Description
from sanctions_engine.facts.evidence import NOTHING, countries_reading, flag_reading, one_of, through, union
from sanctions_engine.facts.listing import list_reading
from sanctions_engine.facts.parties import PartyFacts
from sanctions_engine.facts.subject import ForEach, Subject
from sanctions_engine.intake.screening import Match, Screener
from sanctions_engine.readings import Evidence, Reading
from sanctions_engine.transaction import Vessel
from sanctions_engine.truth import Cause, Truth
from sanctions_engine.vocabulary import SUSPICIONS

__all__ = ["VesselFacts"]


class VesselFacts:
    """Reads what is known of vessels, as the vessel judged or as those that an act concerns.

    Args:
        description: What was described.
        parties: Who owns and operates them.
        screener: Compares names and IMO numbers with the UN list.
    """

    def __init__(self, description: Description, parties: PartyFacts, screener: Screener) -> None:
        self._description = description
        self._transaction = description.transaction
        self._players = description.players
        self._parties = parties
        self._screener = screener

    def read(self, attribute: str, subject: Subject) -> Reading:
        """Return what is known of an attribute of the vessels of a subject: of all of them, or of one of several."""
        vessels = self._transaction.vessels or ()
        if subject.kind is ForEach.VESSEL:
            if subject.index < 0:
                return self._unnamed(attribute, subject)
            return _READERS[attribute](self, subject.index)
        acts = [act for act, _ in self._description.acts(subject)]
        must = any(self._description.needs_vessel(act) for act in acts)
        indices: tuple[int, ...] = tuple(range(len(vessels)))
        aboard = [act for act in acts if act.vessels or self._description.may_be_about_a_vessel(act)]
        if subject.kind is not ForEach.TRANSACTION and aboard and all(act.vessels for act in aboard):
            indices = tuple(dict.fromkeys(i for act in aboard for i in act.vessels))
        if not indices:
            if self._transaction.vessels is None and (must or self._description.is_stated_unknown("vessels")):
                return self._unnamed(attribute, subject)
            return (
                self._description.assumed("vessels", "no vessel is concerned")
                if self._transaction.vessels is None
                else NOTHING
            )
        readings = [_READERS[attribute](self, i) for i in indices]
        if subject.kind is ForEach.TRANSACTION or len(readings) == 1 or self._all_concerned(subject, indices):
            reading = union(readings)
        else:
            reading = one_of(readings, self._description.link(subject, "vessel"))
        return reading | self._description.assumed("vessels", "no further vessel is concerned")

    def _unnamed(self, attribute: str, subject: Subject) -> Reading:
        """Return what may be true of a vessel that must be there and is not named.

        Its flag and listing are open. What silence assumes of a vessel that is named (no suspicion, AIS on), it
        assumes of this one too.
        """
        about = any(act.frame.vessel or act.kind == "insurance" for act, _ in self._description.acts(subject))
        if attribute in ("flag", "listed", "measures") or (attribute == "states" and about):
            return self._description.gap("vessels")
        if attribute == "kind":
            return Reading((Evidence("vessels", "ship", frozenset({"ship"})),))
        return self._description.assumed("vessels", "nothing of note is known of the vessel that is not named")

    def _all_concerned(self, subject: Subject, indices: tuple[int, ...]) -> bool:
        """Whether an activity certainly concerns each of these vessels: both sides of a ship-to-ship transfer."""
        if subject.kind is not ForEach.ACTIVITY or subject.index < 0:
            return False
        act = self._description.all_acts[subject.index]
        return all((act, True) in self._description.acts(Subject(ForEach.VESSEL, i, f"vessels[{i}]")) for i in indices)

    def _vessel(self, index: int) -> Vessel:
        return (self._transaction.vessels or ())[index]

    def _states(self, index: int, name: str) -> Reading:
        countries = getattr(self._vessel(index), name)
        shown = self._vessel(index).name or f"vessels[{index}]"
        if countries is not None:
            return countries_reading(countries, f"vessels[{index}].{name}", shown)
        if name == "flag":
            return self._description.gap(f"vessels[{index}].flag")
        return self._description.assumed(f"vessels[{index}].{name}", f"{shown} has no {name.replace('_', ' ')} of note")

    def _nexus(self, index: int) -> Reading:
        vessel = self._vessel(index)
        reading = NOTHING
        about = any(
            act.frame.vessel or act.kind in ("insurance",)
            for act, _ in self._description.acts(Subject(ForEach.VESSEL, index, f"vessels[{index}]"))
        )
        for name in ("owner", "operator"):
            ref = getattr(vessel, name)
            if ref is not None:
                reading |= self._parties.states(self._description.player_index(ref))
            elif about and name == "owner":
                reading |= self._description.gap(f"vessels[{index}].{name}")
            else:
                reading |= self._description.assumed(
                    f"vessels[{index}].{name}", "no other State owns or operates the vessel"
                )
        return reading

    def _matches(self, index: int) -> tuple[Match, ...]:
        vessel = self._vessel(index)
        if vessel.name is None and vessel.imo is None:
            return ()
        return self._screener.screen(vessel.name or "", kind="vessel", imo=vessel.imo)

    def listed(self, index: int) -> Reading:
        """Return the regimes under which a vessel is designated, or its owner or operator listed."""
        vessel = self._vessel(index)
        path = f"vessels[{index}]"
        if self._description.is_stated_unknown(f"{path}.designated"):
            return self._description.gap(f"{path}.designated")
        if vessel.name is None and vessel.imo is None and vessel.designated is None:
            reading = self._description.gap(f"{path}.imo")
        else:
            reading = list_reading(
                self._description,
                f"{path}.designated",
                vessel.name or f"IMO {vessel.imo}",
                self._matches(index),
                vessel.designated,
                path,
            )
        for name in ("owner", "operator"):
            ref = getattr(vessel, name)
            if ref is not None:
                i = self._description.player_index(ref)
                reading |= through(
                    self._parties.listed(i, frozenset()), f"{name} {self._players[i].shown}", f"{path}.{name}"
                )
        return reading

    def _measures(self, index: int) -> Reading:
        path = f"vessels[{index}].designated"
        listed = self.listed(index)
        evidence = []
        for match in self._matches(index):
            for measure in match.entry.measures if match.truth is not Truth.FALSE else ():
                sure = match.truth is Truth.TRUE
                evidence.append(
                    Evidence(path, match.why, frozenset({measure}), sure, None if sure else Cause.CANDIDATE,
                             () if sure else tuple(f"vessels[{index}].{ask}" for ask in match.asks) or (path,))
                )  # fmt: skip
        if not evidence and self._vessel(index).designated:
            # Said to be designated, and no list here says with what: each measure is then open.
            return self._description.gap(f"{path}[0].reference")
        return Reading(tuple(evidence), listed.gaps)

    def _roles(self, index: int) -> Reading:
        roles = self._vessel(index).roles
        if roles is None:
            return self._description.assumed(f"vessels[{index}].roles", "the vessel has no role that is not stated")
        return Reading(tuple(Evidence(f"vessels[{index}].roles", r.replace("_", " "), frozenset({r})) for r in roles))

    def _kind(self, index: int) -> Reading:
        kind = self._vessel(index).kind
        return Reading((Evidence(f"vessels[{index}].kind", kind, frozenset({kind})),))

    def _suspected(self, index: int) -> Reading:
        vessel = self._vessel(index)
        path = f"vessels[{index}].suspected_of"
        if vessel.suspected_of is not None:
            return flag_reading(path, bool(vessel.suspected_of), ", ".join(vessel.suspected_of))
        if vessel.ais_off or len(vessel.former_flags or ()) >= 3:
            return self._description.gap(path, only=frozenset({"yes"}))
        return self._description.assumed(
            path, "there are no reasonable grounds to suspect the vessel", frozenset({"yes"})
        )

    def _suspicions(self, index: int) -> Reading:
        path = f"vessels[{index}].suspected_of"
        texts = self._vessel(index).suspected_of
        if texts is None:
            return self._description.assumed(path, "the vessel is suspected of nothing")
        return Reading(tuple(Evidence(path, t, frozenset({SUSPICIONS.find(t) or "other"})) for t in texts))

    def _ais(self, index: int) -> Reading:
        off = self._vessel(index).ais_off
        if off is None:
            return self._description.assumed(f"vessels[{index}].ais_off", "AIS was on", frozenset({"yes"}))
        return flag_reading(f"vessels[{index}].ais_off", off)

    def _flag_changes(self, index: int) -> Reading:
        count = len(self._vessel(index).former_flags or ())
        return Reading(
            (
                Evidence(
                    f"vessels[{index}].former_flags", f"{count} earlier flags", frozenset({Measure(Decimal(count))})
                ),
            )
        )


_READERS: Mapping[str, Callable[[VesselFacts, int], Reading]] = {
    "flag": lambda self, i: self._states(i, "flag"),
    "former_flags": lambda self, i: self._states(i, "former_flags"),
    "crew": lambda self, i: self._states(i, "crew_states"),
    "states": lambda self, i: self._nexus(i),
    "listed": lambda self, i: self.listed(i),
    "measures": lambda self, i: self._measures(i),
    "roles": lambda self, i: self._roles(i),
    "kind": lambda self, i: self._kind(i),
    "suspected": lambda self, i: self._suspected(i),
    "suspicions": lambda self, i: self._suspicions(i),
    "ais_off": lambda self, i: self._ais(i),
    "flag_changes": lambda self, i: self._flag_changes(i),
}
