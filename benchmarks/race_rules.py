"""The course of the race: twelve paragraphs told once and plainly.

``RULES`` is the one plain description that every peer's rules are made from: which way goods go, of what class, since
when. Nothing here imports the project, so that a peer's memory is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Plain:
    """A paragraph in plain words: goods of some classes that go to a State, or come from it, from a day on.

    *To* it: the destination is there; or a taker belongs there and the goods do not start there. *From* it: the
    destination is not there, and the goods start or originate there, or a giver belongs there.
    """

    name: str
    rule: str
    way: str
    state: str
    classes: tuple[str, ...]
    since: int
    until: int = 99991231


def _plain(paragraph: str, rule: str, way: str, classes: str, since: int, until: int = 99991231) -> Plain:
    return Plain(paragraph, f"un.dprk.{rule}", way, "KP", tuple(classes.split()), since, until)


RULES: tuple[Plain, ...] = (
    _plain("1874/9", "1874-9", "from", "arms", 20090612),
    _plain("1874/10", "1874-10", "to", "arms", 20090612),
    _plain("1718/8(a)(iii)", "1718-8a-iii", "to", "luxury_goods", 20061014),
    _plain("2270/29", "2270-29-coal", "from", "coal", 20160302, 20161130),
    _plain("2270/30", "2270-30", "from", "gold titanium_ore vanadium_ore rare_earth", 20160302),
    _plain("2321/28", "2321-28", "from", "copper nickel silver zinc", 20161130),
    _plain("2371/8 coal", "2371-8-coal", "from", "coal", 20170805),
    _plain("2371/8 iron", "2371-8-iron", "from", "iron iron_ore", 20170805),
    _plain("2371/9", "2371-9", "from", "seafood", 20170805),
    _plain("2375/16", "2375-16", "from", "textiles", 20170911),
    _plain(
        "2397/6",
        "2397-6",
        "from",
        "agricultural_products machinery electrical_equipment earth_stone wood vessel",
        20171222,
    ),
    _plain("2397/7", "2397-7", "to", "machinery electrical_equipment transport_vehicles base_metals", 20171222),
)
CLASSES = tuple(dict.fromkeys(name for rule in RULES for name in rule.classes))


def more_rules(count: int) -> tuple[Plain, ...]:
    """Return the twelve, and as many of their like about other States (codes that no State has) as make ``count``."""
    made = list(RULES)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for n in range(max(0, -(-count // len(RULES)) - 1)):
        state = f"Q{letters[n // 26 % 26]}{letters[n % 26]}"
        made += [replace(rule, name=f"{rule.name} {state}", rule="", state=state) for rule in RULES]
    return tuple(made[:count])


Facts = dict[str, object]


def by_hand(rule: Plain, facts: Facts) -> bool:
    """Answer as a careful programmer would: what is missing is not so. Every translation must say the same."""
    if not facts.get("moves") or not rule.since <= int(str(facts.get("day", 0))) < rule.until:
        return False
    if not any(name in rule.classes for name in listed(facts, "classes")):
        return False
    start, destination = facts.get("start"), facts.get("destination")
    if rule.way == "to":
        return destination == rule.state or (rule.state in listed(facts, "takers") and start != rule.state)
    belongs = start == rule.state or rule.state in listed(facts, "origins") or rule.state in listed(facts, "givers")
    return destination != rule.state and belongs


def listed(facts: Facts, name: str) -> Sequence[str]:
    value = facts.get(name, ())
    assert isinstance(value, (list, tuple))
    return value
