"""Conditions, grades and limbs in words a lawyer and a clerk both read.

A phrase states what a test asks, or that it is not so; it never says more than the test does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sanctions_engine.condition import ApprovalSpec, CapSpec, Measure, Op, Span, Test
from sanctions_engine.errors import InputError
from sanctions_engine.facts import FACTS, FactType
from sanctions_engine.intake.categories import GoodsCategories
from sanctions_engine.intake.countries import HIGH_SEAS, country_name, known_codes, read_country
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.readings import Evidence
from sanctions_engine.vocabulary import ACTIVITY_GROUPS

__all__ = [
    "GRADES",
    "Phrase",
    "authority_in_words",
    "bound_in_words",
    "evidence_in_words",
    "joined",
    "limb_in_words",
    "say_test",
]

GRADES = {
    "quoted": "a source quotes the paragraph",
    "number_confirmed": "substance and paragraph number confirmed, wording not quoted",
    "content": "substance confirmed, paragraph number from memory: look it up before citing",
    "memory": "from memory, no source found: read the resolution before relying on it",
}
"""What each grade of legal checking is worth, in words."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a test asks, and its denial."""

    positive: str
    negative: str

    def text(self, *, denied: bool = False) -> str:
        """Return the statement, or its denial."""
        return self.negative if denied else self.positive


def joined(words: Iterable[str], last: str = "or") -> str:
    """Join words as a sentence does: ``a, b or c``."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def authority_in_words(by: str) -> str:
    """Name who approves: ``un.1718-committee`` is the 1718 Committee; a body of a house's own goes by its id."""
    if by == "state":
        return "the competent State"
    if by == "un.security-council":
        return "the Security Council"
    if by == "un.committee":
        return "the sanctions Committee"
    if by.startswith("state:"):
        return country_name(by.removeprefix("state:"))
    if not by.startswith("un."):
        return by
    return f"the {by.removeprefix('un.').removesuffix('-committee')} Committee"


def bound_in_words(bound: str) -> str:
    """Name who owes a duty: ``flag_state`` is the flag State, ``iran`` is Iran; a house may bind its staff."""
    if not bound.endswith(("state", "states", "committee")):
        try:
            return joined(sorted(_state_in_words(code) for code in read_country(bound).codes))
        except InputError:
            return bound.replace("_", " ")
    words = bound.replace("_", " ").replace("member state", "Member State").replace("state", "State")
    return words if words.startswith(("every", "all")) else f"the {words}"


def evidence_in_words(evidence: Iterable[Evidence]) -> str:
    """Write facts as path and what stands there, each once; at most six."""
    found: dict[str, dict[str, None]] = {}
    for item in evidence:
        doubt = f" ({item.cause.value})" if item.cause is not None else ""
        for part in filter(None, item.shown.split("; ")):
            found.setdefault(item.path, {})[part + doubt] = None
        found.setdefault(item.path, {})
    texts = [f"{path}: {'; '.join(parts)}" if parts else path for path, parts in found.items()]
    return "; ".join(texts[:6]) + (f"; and {len(texts) - 6} more" if len(texts) > 6 else "")


def limb_in_words(limb: str) -> str:
    """Name a State's part in a breach."""
    return _LIMBS.get(limb, limb.replace("_", " "))


_LIMBS = {
    "conduct": "its own conduct",
    "territory": "from its territory",
    "import": "into its territory",
    "transit": "through its territory",
    "flag": "under its flag",
    "procurement": "procurement",
    "supply": "supply by its nationals",
    "brokering": "brokering by its nationals",
    "carriage": "carriage by its nationals",
    "finance": "finance by its nationals",
}


def say_test(test: Test, goods: GoodsCategories, only: frozenset[str] = frozenset(), most: int = 8) -> Phrase:
    """Say what a test asks.

    Args:
        test: The test.
        goods: For the titles of goods classes.
        only: Where some of the test's words are what decided, those; the others are left out.
        most: Of more words than these the last are only counted.
    """
    match test.operand:
        case Span(start, end):
            return _span(start.isoformat() if start else None, end.isoformat() if end else None)
        case ApprovalSpec(by=by, kind="approval"):
            what = f"approval of {authority_in_words(by)}"
            return Phrase(f"an {what} covers it", f"no {what} is stated")
        case ApprovalSpec(by=by):
            what = f"notification to {authority_in_words(by)}"
            return Phrase(f"a {what} was made", f"no {what} is stated")
        case CapSpec(measure, limits, share):
            limit = (
                " or ".join(f"{m.value:,} {m.unit}" for m in limits) or f"what is stated as {test.operand.limit_from}"
            )
            limit += ", whichever is lower" if test.operand.lowest else ""
            total = f"the total under {measure}" + (" so far" if test.operand.before else "")
            if share == 1:
                return Phrase(f"{total} exceeds {limit}", f"{total} does not exceed {limit}")
            part = f"{share * 100:f}".rstrip("0").rstrip(".")
            return Phrase(f"{total} reaches {part}% of {limit}", f"{total} does not reach {part}% of {limit}")
        case Measure(value, unit):
            how = {Op.ABOVE: "above", Op.AT_LEAST: "at least", Op.BELOW: "below", Op.AT_MOST: "at most"}[test.op]
            what = _name(test.fact)
            return Phrase(
                f"{what} is {how} {value:,} {unit}".rstrip(), f"{what} is not {how} {value:,} {unit}".rstrip()
            )
        case bool(yes):
            return _flag(test.fact) if yes else _denied(_flag(test.fact))
        case frozenset() as words:
            decided = words & only
            return _words(test, decided or words, goods, "and" if decided else "or", most)
        case HsRanges() as ranges:
            codes = str(ranges)
            return Phrase(f"its HS code is under {codes}", f"its HS code is not under {codes}")
        case _ if test.op is Op.MADE:
            return Phrase(
                f"a determination under {test.operand} is stated", f"no determination under {test.operand} is stated"
            )
        case _:
            how = "before" if test.op is Op.BEFORE else "on or after"
            what = {"contracted": "the contract was concluded", "discovered": "it was found"}.get(
                test.fact, _name(test.fact)
            )
            return Phrase(f"{what} {how} {test.operand}", f"not so: {what} {how} {test.operand}")


def _denied(phrase: Phrase) -> Phrase:
    return Phrase(phrase.negative, phrase.positive)


def _span(start: str | None, end: str | None) -> Phrase:
    if start and end:
        return Phrase(f"it happened from {start} and before {end}", f"it did not happen from {start} and before {end}")
    if start:
        return Phrase(f"it happened on or after {start}", f"it happened before {start}")
    return Phrase(f"it happened before {end}", f"it happened on or after {end}")


_DIRECTIONS = {
    "from": ("comes from", "does not come from"),
    "to": ("goes to", "does not go to"),
    "start": ("starts in", "does not start in"),
    "destination": ("ends in", "does not end in"),
    "via": ("passes", "does not pass"),
    "origin": ("originates in", "does not originate in"),
}

_ATTRIBUTES = {
    "states": ("is of", "is not of"),
    "kind": ("is a", "is not a"),
    "listed": ("is listed under", "is not listed under"),
    "groups": ("belongs to", "does not belong to"),
    "located": ("is in", "is not in"),
    "nationality": ("is a national of", "is not a national of"),
    "roles": ("acts as", "does not act as"),
    "flag": ("flies the flag of", "does not fly the flag of"),
    "former_flags": ("flew the flag of", "did not fly the flag of"),
    "crew": ("has crew of", "has no crew of"),
    "measures": ("is under", "is not under"),
    "suspicions": ("is suspected of", "is not suspected of"),
}

_PLAIN = {
    "activity": ("what is done: {}", "what is done is not {}"),
    "mode": ("it moves by {}", "it does not move by {}"),
    "subject": ("it is about {}", "it is not about {}"),
    "purposes": ("its purpose is {}", "no such purpose is stated: {}"),
    "circumstances": ("there is {}", "there is no {}"),
    "project": ("it belongs to the project {}", "it does not belong to the project {}"),
    "red_flags": ("a warning sign is seen: {}", "no such warning sign is seen: {}"),
    "goods.kind": ("the goods are: {}", "the goods are not: {}"),
    "goods.condition": ("the goods are {}", "the goods are not {}"),
    "goods.spare_part_for": ("the goods are a spare part for {}", "the goods are no spare part for {}"),
}

_FLAGS = {
    "livelihood": ("it serves the livelihood of civilians only", "it does not serve the livelihood of civilians only"),
    "goods.conflict": ("the description contradicts the HS code", "the description does not contradict the HS code"),
    "party.protected_from_return": ("law bars returning the person", "no law bars returning the person"),
    "vessel.suspected": (
        "there are grounds to suspect the vessel of prohibited activity",
        "there are no stated grounds to suspect the vessel of prohibited activity",
    ),
    "vessel.ais_off": ("the vessel's AIS was off", "the vessel's AIS was not off"),
}


def _flag(fact: str) -> Phrase:
    if fact in _FLAGS:
        return Phrase(*_FLAGS[fact])
    what = ground_in_words(fact)
    return Phrase(f"there are grounds to believe that {what}", f"there are no stated grounds to believe that {what}")


def ground_in_words(ground: str) -> str:
    """Say what there may be grounds to believe."""
    return _GROUNDS.get(ground, ground.replace("_", " "))


_GROUNDS = {
    "could_contribute": "it could contribute to prohibited programmes or activities",
    "prohibited_cargo": "the cargo holds prohibited items",
    "military_end_use": "it would directly strengthen armed forces",
    "evasion": "it serves to evade the measures",
    "programme_association": "a party or asset is tied to prohibited programmes",
    "works_for_listed": "somebody works for a listed party",
    "ied_use": "it would be used in explosive devices",
    "terrorist_use": "it would serve terrorism",
    "proliferation_use": "it would serve weapons of mass destruction",
    "refused_inspection": "an inspection was refused",
    "illegally_removed": "it was illegally removed",
}


def _words(test: Test, words: frozenset[str], goods: GoodsCategories, last: str, most: int) -> Phrase:
    fact = test.fact
    spec = FACTS[fact]
    head, _, attribute = fact.rpartition(".")
    alone = " alone" if test.op is Op.ONLY else ""
    if fact == "activity":
        return Phrase(*(text.format(_activities(words, last)) for text in _PLAIN[fact]))
    if spec.type is FactType.CATEGORIES:
        titles = _listed((goods[word].title if word in goods else word for word in words), last, most)
        return Phrase(f"the goods are {titles}", f"the goods are not {titles}")
    others = known_codes() - words - _OF_NO_PRESENT_STATE
    if spec.type is FactType.STATES and len(words) > _MOST_STATES and others:
        shown = f"any State but {_listed(map(_state_in_words, others), 'and', most)}{alone}"
    else:
        shown = _listed((_value(word, spec.type, attribute, goods) for word in words), last, most) + alone
    if fact in _PLAIN:
        return Phrase(*(text.format(shown) for text in _PLAIN[fact]))
    if head in _DIRECTIONS:
        return Phrase(*(f"it {verb} {shown}" for verb in _DIRECTIONS[head]))
    verbs = _ATTRIBUTES.get(attribute)
    if verbs is None:
        return Phrase(f"{_name(fact)} is {shown}", f"{_name(fact)} is not {shown}")
    who = {"party": "the party", "parties": "a party", "vessel": "the vessel"}.get(
        head, f"the {head.replace('_', ' ')}"
    )
    return Phrase(*(f"{who} {verb} {shown}" for verb in verbs))


def _listed(words: Iterable[str], last: str, most: int) -> str:
    items = sorted(words)
    if len(items) > most:
        items = [*items[: most - 1], f"{len(items) - most + 1} more"]
    return joined(items, last)


def _value(word: str, kind: FactType, attribute: str, goods: GoodsCategories) -> str:
    if kind is FactType.STATES or attribute == "located":
        return _state_in_words(word)
    if attribute == "subject" and word in goods:
        return goods[word].title
    return word if attribute == "listed" else word.replace("_", " ")


_MOST_STATES = 200
"""More States than this are named by those that are not among them."""
_OF_NO_PRESENT_STATE = frozenset({HIGH_SEAS, "AN", "CS", "DD", "SU", "VD", "YD", "YU"})
"""Codes that are of no present State."""


def _state_in_words(code: str) -> str:
    name = country_name(code)
    return f"the {name}" if name in _WITH_ARTICLE or name.endswith(("Islands", "Republic")) else name


_WITH_ARTICLE = frozenset(
    {"DPRK", "United States", "United Kingdom", "United Arab Emirates", "Republic of Korea", "DR Congo",
     "Republic of the Congo", "Netherlands", "Philippines", "Bahamas", "Gambia", "Maldives", "Comoros", "Holy See"}
)  # fmt: skip
"""States whose names English gives an article."""


def _activities(words: frozenset[str], last: str) -> str:
    """Name whole groups by their name, so that a rule reads as it was written."""
    left = set(words)
    parts = []
    for group, members in sorted(ACTIVITY_GROUPS.items(), key=lambda item: -len(item[1])):
        if len(members) > 1 and members <= left:
            parts.append(f"any {group.replace('_', ' ')} activity")
            left -= members
    return joined([*parts, *sorted(word.replace("_", " ") for word in left)], last)


def _name(fact: str) -> str:
    return {
        "goods.value": "the value of the line",
        "goods.unit_value": "the value of one piece",
        "vessel.flag_changes": "the number of earlier flags",
    }.get(fact, FACTS[fact].says if fact in FACTS else fact)
