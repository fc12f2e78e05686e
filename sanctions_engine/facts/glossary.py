"""The glossary: every fact a rule may ask about, what it means, and what silence about it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from sanctions_engine.facts.subject import ForEach
from sanctions_engine.vocabulary import (
    ACTIVITIES,
    CIRCUMSTANCES,
    GROUNDS,
    PARTY_KINDS,
    PURPOSES,
    RED_FLAGS,
    ROLES,
    SUSPICIONS,
    VESSEL_ROLES,
    Vocabulary,
)

__all__ = ["FACTS", "OPERATORS", "FactSpec", "FactType", "fact_spec"]


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


OPERATORS: Mapping[FactType, tuple[str, ...]] = {
    FactType.STATES: ("include", "in", "only"),
    FactType.WORDS: ("include", "in", "only"),
    FactType.CATEGORIES: ("include", "in"),
    FactType.HS: ("under",),
    FactType.FLAG: ("is",),
    FactType.MONEY: ("above", "at_least", "below", "at_most"),
    FactType.COUNT: ("above", "at_least", "below", "at_most"),
    FactType.DATE: ("before", "from"),
    FactType.SPAN: ("before", "from"),
    FactType.DETERMINATIONS: ("made",),
    FactType.TOTAL: ("exceeds",),
    FactType.APPROVALS: ("held",),
}
"""The operators that facts of each kind take."""


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
