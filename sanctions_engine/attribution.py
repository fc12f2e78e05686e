"""Who is in breach of a paragraph, or owes what it asks, and by what: territory, nationals, flag, or by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.intake.countries import HIGH_SEAS, country_name
from sanctions_engine.readings import Evidence
from sanctions_engine.rule import CompiledRule

__all__ = ["Attribution", "attribute"]

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


def attribute(rule: CompiledRule, subject: Subject, facts: FactBase) -> tuple[Attribution, ...]:
    """Name the States in breach, or owing the duty, each with its limb, and what is not known about it.

    A State is answerable for the target's own part if the paragraph binds it by name; and for others by the
    rule's reach: its nationals, its territory, its flag. The jurisdiction of a private party is not yet its
    nationality: that is asked for.
    """
    found = _Found(rule)
    targets = set(rule.regime.targets.states)
    used = rule.facts_used
    from_target = any(name.startswith("from.") for name in used)
    to_target = any(name.startswith("to.") for name in used)
    if from_target and to_target:  # a rule that runs both ways: the limb is that of the way this case goes
        away = bool(targets & set(map(str, facts.read("from.states", subject).possible())))
        here = bool(targets & set(map(str, facts.read("to.states", subject).possible())))
        from_target, to_target = (away, here) if away or here else (True, True)

    for bound in rule.rule.binds:
        named = _STATES_BY_NAME.get(bound)
        if named is not None:
            touched = facts.read("parties.states", subject).possible() | facts.read("start.states", subject).possible()
            touched |= (
                facts.read("destination.states", subject).possible() | facts.read("origin.states", subject).possible()
            )
            if named in touched:
                found.add(
                    named,
                    "export"
                    if from_target and not to_target
                    else "procurement"
                    if to_target and not from_target
                    else "conduct",
                    "the paragraph binds it by name",
                )
    if not any(bound.endswith(("state", "states")) for bound in rule.rule.binds):
        return found.all
    reach = rule.rule.reach
    if "nationals" in reach:
        _nationals(facts, subject, targets, (from_target, to_target), found)
    if "territory" in reach:
        for name, limb, wanted in (
            ("start.states", "territory", not from_target or to_target),
            ("destination.states", "import", not to_target or from_target),
            ("via.states", "transit", True),
        ):
            if wanted:
                found.add_each(facts.read(name, subject).evidence, limb, but=targets | {HIGH_SEAS})
        if subject.kind is ForEach.PARTY and subject.index >= 0:
            # Who works, studies or visits in a State does so on its territory, whoever pays.
            roles = set(facts.players[subject.index].party.roles or ())
            if roles & _PRESENT:
                found.add_each(facts.read("party.located", subject).evidence, "territory", but=targets)
    if "territorial_state" in rule.rule.binds:
        for item in _at_home(facts, subject, targets):
            for state in item.values:
                found.add(str(state), "territory", item.shown)
    if "flag" in reach:
        found.add_each(_flags(facts, subject), "flag", but=targets)
    return found.all


class _Found:
    """Attributions found so far: one for a State and a limb, and what is settled replaces what is not.

    Args:
        rule: The rule that the States are in breach of, or owe a duty under.
    """

    def __init__(self, rule: CompiledRule) -> None:
        self._rule = rule
        self._found: dict[tuple[str, str], Attribution] = {}

    @property
    def all(self) -> tuple[Attribution, ...]:
        """All of them, in the order in which they were found."""
        return tuple(self._found.values())

    def add(self, state: str, limb: str, why: str, *, settled: bool = True, asks: tuple[str, ...] = ()) -> None:
        """Note a State with its limb."""
        state = _ANSWERS_FOR.get(state, state)
        known = self._found.get((state, limb))
        if known is None or (settled and not known.settled):
            self._found[state, limb] = Attribution(state, limb, settled, why, asks, _voted_for(self._rule, state))

    def add_each(self, evidence: Iterable[Evidence], limb: str, *, but: Collection[str]) -> None:
        """Note every State that some evidence names, but for some; what may be one of several is not settled."""
        for item in evidence:
            settled = item.sure and len(item.values) == 1
            for state in item.values:
                if state not in but:
                    self.add(str(state), limb, item.shown, settled=settled, asks=item.asks or (item.path,))


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


def _nationals(
    facts: FactBase, subject: Subject, targets: set[str], direction: tuple[bool, bool], found: _Found
) -> None:
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
                found.add(
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
