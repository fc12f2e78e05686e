"""Mutants: versions of a rule with one thing wrong, as an author might get it wrong.

Compiled trees are changed, not texts, so that a shared definition is put to the test in every rule that uses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

from sanctions_engine.assurance.places import Sources
from sanctions_engine.condition import All, AnyOf, ApprovalSpec, Condition, Contested, Not, Operand, Span, Test
from sanctions_engine.facts import FACTS, ForEach
from sanctions_engine.finding import Outcome
from sanctions_engine.intake.categories import GoodsCategories
from sanctions_engine.intake.hs import HsRange, HsRanges
from sanctions_engine.rule import CompiledExemption, CompiledRule, Effect
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.vocabulary import ACTIVITY_GROUPS
from sanctions_engine.wording import say_test

__all__ = ["Kind", "Mutant", "Shared", "mutants_of", "shared_conditions"]


class Kind(Enum):
    """What is wrong with a mutant."""

    DROP = "a condition dropped"
    NEGATE = "a condition negated"
    ALL_ANY = "any for all, or all for any"
    WORD = "a word missing"
    HS = "an HS range shifted"
    DAY = "a date off by a day"
    NO_EXEMPTION = "an exemption missing"
    WIDE_EXEMPTION = "an exemption too wide"
    DIRECTION = "a direction the wrong way"
    FOR_EACH = "another subject judged"
    EFFECT = "another effect"
    CITATION = "another paragraph cited"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A version of a rule with one thing wrong.

    Args:
        kind: What sort of mistake.
        what: The mistake in words.
        rule: The version.
        shared: For a mistake inside a shared definition or exemption: which mistake of which, the same in every rule
            that uses it; else empty.
    """

    kind: Kind
    what: str
    rule: CompiledRule
    shared: str = ""


Shared = Mapping[Condition, str]
"""Conditions that are the whole text of a shared definition or exemption, with its file and name."""


def mutants_of(rule: CompiledRule, goods: GoodsCategories, shared: Shared | None = None) -> Iterator[Mutant]:
    """Yield every mutant of a rule, none twice and none that is the rule itself.

    Args:
        rule: The rule.
        goods: The tree of goods classes, for words.
        shared: What is shared; where not given, every mistake counts as the rule's own.
    """
    seen = {_identity(rule)}
    for mutant in _all(rule, _Changes(goods, shared or {})):
        key = _identity(mutant.rule)
        if key not in seen:
            seen.add(key)
            yield mutant


def shared_conditions(book: Rulebook) -> Shared:
    """Return the definitions and exemptions that the rules of a book share, compiled, with their files and names.

    Raises:
        InputError: A file has changed since the book was loaded.
    """
    return {
        node.condition: f"{node.place.file}: {node.via}"
        for rule in Sources(book).rules
        for placed in (rule.when, *rule.exemptions)
        for node in placed.nodes()
        if node.via
    }


def _identity(rule: CompiledRule) -> tuple[object, ...]:
    return (
        rule.when,
        tuple((e.condition, e.paragraph) for e in rule.exemptions),
        rule.rule.for_each,
        rule.rule.effect,
        rule.citations,
    )


def _all(rule: CompiledRule, changes: _Changes) -> Iterator[Mutant]:
    for kind, what, condition, shared in changes.of(rule.when):
        yield Mutant(kind, what, replace(rule, when=condition), shared)
    for i, exemption in enumerate(rule.exemptions):
        yield from _of_exemption(rule, i, exemption, changes)
    yield from _of_head(rule)


def _of_exemption(rule: CompiledRule, i: int, exemption: CompiledExemption, changes: _Changes) -> Iterator[Mutant]:
    def instead(*new: CompiledExemption) -> CompiledRule:
        return replace(rule, exemptions=(*rule.exemptions[:i], *new, *rule.exemptions[i + 1 :]))

    name = f"exemption {exemption.paragraph}"
    yield Mutant(Kind.NO_EXEMPTION, f"{name} is missing: {exemption.title}", instead())
    parts = exemption.condition.parts if isinstance(exemption.condition, All) else (exemption.condition,)
    for j, part in enumerate(parts):
        rest = (*parts[:j], *parts[j + 1 :])
        new = replace(exemption, condition=rest[0] if len(rest) == 1 else All(rest))
        yield Mutant(Kind.WIDE_EXEMPTION, f"{name} without its condition: {changes.say(part)}", instead(new))
    for kind, what, condition, shared in changes.of(exemption.condition):
        yield Mutant(kind, f"{name}: {what}", instead(replace(exemption, condition=condition)), shared)
    yield Mutant(Kind.CITATION, f"{name} is cited as another", instead(replace(exemption, paragraph="0/0")))


def _of_head(rule: CompiledRule) -> Iterator[Mutant]:
    written = rule.rule
    conditions = (rule.when, *(e.condition for e in rule.exemptions))
    for kind in ForEach:
        if kind is not written.for_each and all(_asks(condition, kind) for condition in conditions):
            yield Mutant(
                Kind.FOR_EACH,
                f"judges each {kind.value} instead of each {written.for_each.value}",
                replace(rule, rule=written.model_copy(update={"for_each": kind})),
            )
    for effect, outcome in _EFFECTS.items():
        if outcome is not _EFFECTS.get(written.effect, Outcome.VIOLATION if written.effect is Effect.CAP else None):
            if written.effect is Effect.INDICATOR and effect is Effect.CALL:
                continue
            yield Mutant(
                Kind.EFFECT,
                f"is a {effect.value} instead of a {written.effect.value}",
                replace(rule, rule=written.model_copy(update={"effect": effect})),
            )
    authority = written.authority.model_copy(update={"paragraph": "0"})
    yield Mutant(
        Kind.CITATION,
        f"cites {authority.citation} instead of {written.authority.citation}",
        replace(rule, rule=written.model_copy(update={"authority": authority})),
    )


_EFFECTS = {Effect.PROHIBITION: Outcome.VIOLATION, Effect.DUTY: Outcome.DUTY, Effect.CALL: Outcome.ADVISORY}
"""One effect for each verdict; a cap is worth a prohibition, an indicator a call."""


def _asks(condition: Condition, kind: ForEach) -> bool:
    """Whether every fact a condition asks about is one that a subject of this kind has."""
    match condition:
        case Test(fact):
            spec = FACTS[fact]
            return not spec.scopes or kind in spec.scopes
        case All(parts) | AnyOf(parts):
            return all(_asks(part, kind) for part in parts)
        case Not(part) | Contested(part):
            return _asks(part, kind)


_MANY = 60
_OF_MANY = 5
"""Of a set with more than 60 words, five evenly spaced ones are left out in turn."""

_Change = tuple[Kind, str, Condition, str]


@dataclass(frozen=True, slots=True)
class _Changes:
    """The changes of one condition, each at one place."""

    goods: GoodsCategories
    shared: Shared

    def of(self, condition: Condition) -> Iterator[_Change]:
        source = self.shared.get(condition)
        if source is None:
            yield from self.below(condition)
            return
        met: Counter[tuple[Kind, str]] = Counter()
        for kind, what, changed, inner in self.below(condition):
            met[kind, what] += 1
            # To negate what is used is a mistake of the rule that uses it.
            own = changed == Not(condition)
            yield kind, what, changed, inner or ("" if own else f"{source}: {what} ({met[kind, what]})")

    def below(self, condition: Condition) -> Iterator[_Change]:
        match condition:
            case Test():
                yield Kind.NEGATE, f"negated: {self.say(condition)}", Not(condition), ""
                yield from self.of_test(condition)
            case Not(part):
                yield Kind.NEGATE, f"negated: not {self.say(part)}", part, ""
                for kind, what, changed, shared in self.of(part):
                    if kind is not Kind.NEGATE or not isinstance(part, Test):
                        yield kind, what, changed.part if isinstance(changed, Not) else Not(changed), shared
            case Contested(part, why):
                yield Kind.DROP, f"no longer contested: {self.say(part)}", part, ""
                for kind, what, changed, shared in self.of(part):
                    yield kind, what, Contested(changed, why), shared
            case All(parts) | AnyOf(parts):
                yield from self.of_group(condition, parts)

    def of_group(self, group: All | AnyOf, parts: tuple[Condition, ...]) -> Iterator[_Change]:
        same: Callable[[tuple[Condition, ...]], Condition] = All if isinstance(group, All) else AnyOf
        if len(parts) > 1:
            for i, part in enumerate(parts):
                rest = (*parts[:i], *parts[i + 1 :])
                yield Kind.DROP, f"dropped: {self.say(part)}", rest[0] if len(rest) == 1 else same(rest), ""
            other = AnyOf(parts) if isinstance(group, All) else All(parts)
            words = "any for all" if isinstance(group, All) else "all for any"
            yield Kind.ALL_ANY, f"{words}: {self.say(group)}", other, ""
            yield Kind.NEGATE, f"negated: {self.say(group)}", Not(group), ""
        for i, part in enumerate(parts):
            for kind, what, changed, shared in self.of(part):
                yield kind, what, same((*parts[:i], changed, *parts[i + 1 :])), shared

    def of_test(self, test: Test) -> Iterator[_Change]:
        operand = test.operand
        if isinstance(operand, frozenset) and len(operand) > 1:
            for name, words in _units(test.fact, operand):
                if words != operand:
                    yield Kind.WORD, f"{test.fact}: without {name}", replace(test, operand=operand - words), ""
        elif isinstance(operand, HsRanges):
            for text, ranges in _shifted(operand):
                yield Kind.HS, f"{test.fact}: {text}", replace(test, operand=ranges), ""
        else:
            for text, changed in _off_by_a_day(operand):
                yield Kind.DAY, f"{test.fact}: {text}", replace(test, operand=changed), ""
        turned = _turned(test.fact)
        if turned is not None:
            yield Kind.DIRECTION, f"{turned} for {test.fact} in: {self.say(test)}", replace(test, fact=turned), ""

    def say(self, condition: Condition) -> str:
        match condition:
            case Test():
                return say_test(condition, self.goods, most=4).positive
            case Not(part):
                return f"not ({self.say(part)})"
            case Contested(part):
                return f"perhaps ({self.say(part)})"
            case All(parts):
                return "; ".join(self.say(part) for part in parts[:3]) + (" …" if len(parts) > 3 else "")
            case AnyOf(parts):
                return " or ".join(self.say(part) for part in parts[:3]) + (" …" if len(parts) > 3 else "")


def _units(fact: str, operand: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what an author can leave out of a set: a word, or a group of activities that rules name as a whole."""
    rest = operand
    if fact == "activity":
        for name, words in sorted(ACTIVITY_GROUPS.items(), key=lambda item: -len(item[1])):
            if len(words) > 1 and words <= rest:
                yield f"the activities of {name}", words
                rest -= words
    single = sorted(rest)
    if len(single) > _MANY:  # every State of the world but one: words that long lists share are all alike
        single = single[:: len(single) // _OF_MANY][:_OF_MANY]
    yield from ((word, frozenset({word})) for word in single)


_TURNED = (("from.", "to."), ("start.", "destination."))


def _turned(fact: str) -> str | None:
    for one, other in _TURNED:
        for head, instead in ((one, other), (other, one)):
            if fact.startswith(head) and instead + fact.removeprefix(head) in FACTS:
                return instead + fact.removeprefix(head)
    return None


def _shifted(operand: HsRanges) -> Iterator[tuple[str, HsRanges]]:
    """Yield the ranges with one of them beginning one prefix later, or ending one later."""
    for i, one in enumerate(operand.ranges):
        rest = (*operand.ranges[:i], *operand.ranges[i + 1 :])
        first, last = _next(one.first), _next(one.last)
        if first is not None and first <= one.last:
            yield f"from {first} instead of {one.first}", HsRanges((*rest, HsRange(first, one.last)))
        if last is not None:
            yield f"up to {last} instead of {one.last}", HsRanges((*rest, HsRange(one.first, last)))
            if one.first == one.last:
                yield f"{last} instead of {one.first}", HsRanges((*rest, HsRange(last, last)))


def _next(prefix: str) -> str | None:
    following = str(int(prefix) + 1).zfill(len(prefix))
    return following if len(following) == len(prefix) else None


def _off_by_a_day(operand: Operand) -> Iterator[tuple[str, Operand]]:
    if isinstance(operand, Span):
        for day in _beside(operand.start):
            if operand.end is None or day < operand.end:
                yield f"from {day} instead of {operand.start}", replace(operand, start=day)
        for day in _beside(operand.end):
            if operand.start is None or operand.start < day:
                yield f"until {day} instead of {operand.end}", replace(operand, end=day)
    elif isinstance(operand, date):
        for day in _beside(operand):
            yield f"{day} instead of {operand}", day
    elif isinstance(operand, ApprovalSpec):
        for day in _beside(operand.deadline):
            yield f"by {day} instead of {operand.deadline}", replace(operand, deadline=day)
        if operand.within_days:
            for days in (operand.within_days - 1, operand.within_days + 1):
                yield f"within {days} days instead of {operand.within_days}", replace(operand, within_days=days)


def _beside(day: date | None) -> Iterator[date]:
    if day is not None:
        yield day - timedelta(1)
        yield day + timedelta(1)
