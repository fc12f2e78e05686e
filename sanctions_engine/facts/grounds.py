"""Grounds for a suspicion that a rule turns on: stated, or worth asking about where an indicator stands."""

from __future__ import annotations

from sanctions_engine.facts.description import Description
from sanctions_engine.facts.evidence import flag_reading
from sanctions_engine.facts.goods import GoodsFacts
from sanctions_engine.facts.parties import PartyFacts
from sanctions_engine.readings import Gap, Reading
from sanctions_engine.truth import Cause, Truth

__all__ = ["read_ground"]


_SENSITIVE_KINDS = frozenset({"bank", "diplomatic_mission", "diplomat", "armed_forces", "police", "state_organ"})
_FORCES = frozenset({"armed_forces", "police", "private_military_company", "armed_group"})
_OPAQUE_ACTS = frozenset({"bulk_cash", "gold_transfer", "laundering", "theft", "crypto_transfer", "hawala"})


def read_ground(description: Description, parties: PartyFacts, goods: GoodsFacts, ground: str) -> Reading:
    """Read a ground: as stated; else UNKNOWN where an indicator stands, and assumed none where nothing points to it."""
    stated = description.transaction.grounds
    if stated is not None:
        return flag_reading("grounds", ground in stated, ", ".join(stated))
    indicator = _indicator(description, parties, goods, ground)
    yes = frozenset({"yes"})
    if indicator or description.is_stated_unknown("grounds"):
        return Reading(gaps=(Gap("grounds", Cause.ABSENT, indicator or "", only=yes),))
    return description.assumed("grounds", f"there are no grounds of {ground.replace('_', ' ')}", yes)


def _indicator(description: Description, parties: PartyFacts, goods: GoodsFacts, ground: str) -> str | None:
    """Name what makes a ground worth asking about, or None (design, section 3: indicator-gated)."""
    kinds = {p.party.kind for p in description.players}
    roles = {role for p in description.players for role in p.party.roles or ()}
    acts = {act.kind for act in description.all_acts}
    if description.transaction.determinations:
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
                "militar" in (g.end_use or "").casefold() for g in description.transaction.goods or ()
            ):
                return "the stated end use is military"
        case "prohibited_cargo" | "refused_inspection":
            if any(v.suspected_of or v.ais_off for v in description.transaction.vessels or ()):
                return "a vessel is suspected, or its AIS was off"
        case "evasion":
            if description.transaction.red_flags or acts & {"laundering", "false_origin", "theft"}:
                return "warning signs are stated"
        case "works_for_listed":
            if any(m.truth is Truth.UNKNOWN for i in range(len(description.players)) for m in parties.matches(i)):
                return "a party may be listed"
        case "ied_use" | "terrorist_use" | "proliferation_use":
            if "armed_group" in kinds:
                return "an armed group takes part"
        case "illegally_removed":
            for i in range(len(description.transaction.goods or ())):
                if goods.classification(i).truth("cultural_property") is not Truth.FALSE:
                    return "the goods may be cultural property"
    return None
