"""Checks of conditions: what cannot hold, always holds, follows from the rest, or is written in a way that misleads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations

from sanctions_engine.assurance.places import Place, Placed, PlacedRule, place_in
from sanctions_engine.assurance.remarks import Desk, Found, Level, Said, check, check_each_rule, rule_of, values_written
from sanctions_engine.assurance.solver import Solver
from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Op, Test, tests_of
from sanctions_engine.documents import Document, Path
from sanctions_engine.errors import InputError
from sanctions_engine.facts import FACTS
from sanctions_engine.intake.hs import HsRange
from sanctions_engine.rule import Effect
from sanctions_engine.vocabulary import ACTIVITY_GROUPS

__all__: list[str] = []

_STRICT = (Effect.PROHIBITION, Effect.CAP)


# ---------------------------------------------------------------------- what can hold


@check_each_rule("unsatisfiable-condition", Level.ERROR)
def _unsatisfiable(desk: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule's condition can never hold."""
    if not desk.solver(placed.rule.rule.for_each).satisfiable(placed.rule.when):
        yield placed.at("when"), "no transaction can meet this condition; its tests exclude each other"


@check_each_rule("always-true", Level.ERROR)
def _always_true(desk: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule's condition holds of everything."""
    if not desk.solver(placed.rule.rule.for_each).satisfiable(Not(placed.when.condition)):
        yield placed.at("when"), "every transaction meets this condition; say what the paragraph is about"


@check("unreachable-branch", Level.ERROR)
def _unreachable(desk: Desk) -> Iterator[Found]:
    """A branch of an `any` can never hold where it stands."""
    said: set[Place] = set()
    for placed, solver in _solvable(desk):
        for node, context in _in_context(placed):
            if not isinstance(node.condition, AnyOf) or len(node.parts) < 2 or node.place in said:
                continue
            for part in node.parts:
                if part.place not in said and not solver.satisfiable(*context, part.condition):
                    said.add(part.place)
                    yield (
                        part.place,
                        "this branch can never hold beside the tests around it; drop or mend it",
                        placed.rule.id,
                    )


@check("redundant-branch", Level.WARNING)
def _redundant_branch(desk: Desk) -> Iterator[Found]:
    """A branch of an `any` follows from another branch."""
    said: set[Place] = set()
    for placed, solver in _solvable(desk):
        for node, _ in _in_context(placed):
            if not isinstance(node.condition, AnyOf):
                continue
            for i, part in enumerate(node.parts):
                if part.place in said or _contested(part.condition):
                    continue
                for j, other in enumerate(node.parts):
                    if i == j or _contested(other.condition) or not solver.implies(part.condition, other.condition):
                        continue
                    if i > j or not solver.implies(other.condition, part.condition):
                        said.add(part.place)
                        yield (
                            part.place,
                            f"this branch adds nothing: {_line(other)} holds wherever it does",
                            placed.rule.id,
                        )
                        break


@check("redundant-part", Level.WARNING)
def _redundant_part(desk: Desk) -> Iterator[Found]:
    """A part of an `all` follows from the other parts."""
    said: set[Place] = set()
    for placed, solver in _solvable(desk):
        for node, _ in _in_context(placed):
            if not isinstance(node.condition, All) or len(node.parts) < 2:
                continue
            for i, part in enumerate(node.parts):
                others = [other for j, other in enumerate(node.parts) if j != i]
                if part.via or part.place in said or _contested(part.condition):
                    continue
                if solver.satisfiable(*(o.condition for o in others)) and not solver.satisfiable(
                    *(o.condition for o in others), Not(part.condition)
                ):
                    said.add(part.place)
                    yield part.place, "this part always holds where the others do; drop it or mend it", placed.rule.id


@check("exemption-never-applies", Level.ERROR)
def _never_applies(desk: Desk) -> Iterator[Found]:
    """An exemption can never apply to what its rule is about."""
    for placed, solver in _solvable(desk):
        for compiled, exemption in zip(placed.rule.exemptions, placed.exemptions, strict=True):
            if not solver.satisfiable(placed.rule.when, exemption.condition):
                yield (
                    _exemption_place(placed, exemption),
                    f"exemption {compiled.paragraph} can never apply: its facts or dates exclude the rule's",
                    placed.rule.id,
                )


@check("exemption-swallows-rule", Level.ERROR)
def _swallows(desk: Desk) -> Iterator[Found]:
    """An exemption applies to everything its rule is about."""
    for placed, solver in _solvable(desk):
        for compiled, exemption in zip(placed.rule.exemptions, placed.exemptions, strict=True):
            if solver.implies(placed.rule.when, exemption.condition):
                yield (
                    _exemption_place(placed, exemption),
                    f"exemption {compiled.paragraph} applies wherever the rule does, so the rule never bites",
                    placed.rule.id,
                )


@check("exemption-twice", Level.WARNING)
def _twice(desk: Desk) -> Iterator[Found]:
    """Two exemptions of a rule stand on the same paragraph and the same facts."""
    for placed, solver in _solvable(desk):
        pairs = list(zip(placed.rule.exemptions, placed.exemptions, strict=True))
        for (one, _), (other, at) in combinations(pairs, 2):
            if (
                one.paragraph == other.paragraph
                and _contested(one.condition) == _contested(other.condition)
                and solver.equivalent(one.condition, other.condition)
            ):
                yield (
                    _exemption_place(placed, at),
                    f"exemption {one.paragraph} stands twice with the same facts; keep one",
                    placed.rule.id,
                )


@check_each_rule("exemption-from-silence", Level.ERROR)
def _from_silence(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """An exemption applies where nobody says anything."""
    own = {test.fact for test in tests_of(placed.rule.when)}
    for compiled, exemption in zip(placed.rule.exemptions, placed.exemptions, strict=True):
        if _silent(exemption.condition, own) is True:
            yield (
                _exemption_place(placed, exemption),
                f"exemption {compiled.paragraph} holds where nobody says anything; ask for a fact that is stated",
            )


def _silent(condition: Condition, stated: set[str]) -> bool | None:
    """Return the truth of a condition where nothing is said but what the rule itself needs; None: open, or stated."""
    match condition:
        case Test(fact, op, operand):
            absence = FACTS[fact].absence
            assumed = absence.startswith(("assumed", "indicator", "screened", "none"))
            if fact in stated or not assumed or op is Op.WITHIN:
                return None
            return op is Op.IS and operand is False
        case Not(part):
            inner = _silent(part, stated)
            return None if inner is None else not inner
        case Contested():
            return None
        case All(parts):
            found = [_silent(part, stated) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts):
            found = [_silent(part, stated) for part in parts]
            return True if True in found else None if None in found else False


@check_each_rule("both-directions", Level.WARNING)
def _both_directions(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A condition needs goods both to go to a State and to come from it."""
    wanted: dict[str, set[frozenset[str]]] = {"to.states": set(), "from.states": set()}
    for test in _needed(placed.when.condition):
        if test.fact in wanted and isinstance(test.operand, frozenset):
            wanted[test.fact].add(test.operand)
    for states in wanted["to.states"] & wanted["from.states"]:
        yield (
            placed.at("when"),
            f"needs both to.states and from.states {', '.join(sorted(states))}; a direction is one or the other",
        )


@check_each_rule("negated-unknown", Level.WARNING)
def _negated_unknown(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule needs a fact not to be so that hardly anybody states, so that it is open for everything."""
    for node in placed.when.nodes():
        if (
            isinstance(node.condition, Not)
            and isinstance(node.condition.part, Test)
            and node.condition.part.fact in _HARDLY_STATED
            and node in _conjuncts(placed.when)
        ):
            fact = node.condition.part.fact
            yield (
                node.place,
                f"needs {fact} not to be so; where {fact} is not stated the rule stays open: test what it must be",
            )


_HARDLY_STATED = frozenset({"goods.hs", "goods.condition", "goods.value", "goods.unit_value"})


def _conjuncts(placed: Placed) -> list[Placed]:
    """Return the parts that must all hold."""
    if isinstance(placed.condition, All):
        return [node for part in placed.parts for node in _conjuncts(part)]
    return [placed]


def _needed(condition: Condition) -> Iterator[Test]:
    """Yield the tests without which a condition cannot hold."""
    if isinstance(condition, Test):
        yield condition
    elif isinstance(condition, All):
        for part in condition.parts:
            yield from _needed(part)


# ---------------------------------------------------------------------- rules beside each other


@check("duplicate-rule", Level.ERROR)
def _duplicate(desk: Desk) -> Iterator[Found]:
    """Two rules of a regime say the same of the same days."""
    for one, other in _pairs(desk):
        solver = desk.solver(one.rule.rule.for_each)
        if _same_meaning(one, other, solver) and _same_owner(one, other):
            yield (
                other.at("rule"),
                f"says the same as {one.rule.id}; keep one and cite the other under also",
                other.rule.id,
            )


@check("shadowed-rule", Level.WARNING)
def _shadowed(desk: Desk) -> Iterator[Found]:
    """A rule finds only what another rule of the same paragraph finds as well."""
    for first, second in _pairs(desk):
        for one, other in ((first, second), (second, first)):
            solver = desk.solver(one.rule.rule.for_each)
            if (
                one.rule.rule.effect not in _STRICT
                or one.rule.citations[0] != other.rule.citations[0]
                or not set(one.rule.rule.binds) <= set(other.rule.rule.binds)
                or _contested(other.rule.when)
                or _same_meaning(one, other, solver)
            ):
                continue
            exempt_there = AnyOf(tuple(e.condition for e in other.rule.exemptions))
            exempt_here = AnyOf(tuple(e.condition for e in one.rule.exemptions))
            if solver.implies(one.rule.when, other.rule.when) and solver.implies(
                All((one.rule.when, exempt_there)), exempt_here
            ):
                yield (
                    one.at("when"),
                    f"finds nothing that {other.rule.id} does not find; narrow that or drop this",
                    one.rule.id,
                )


@check("conflicting-effects", Level.ERROR)
def _conflicting(desk: Desk) -> Iterator[Found]:
    """One paragraph is encoded twice for the same facts with different effects."""
    for one, other in _pairs(desk, same_effect=False):
        a, b = one.rule.rule, other.rule.rule
        kinds = {a.effect, b.effect}
        # What is forbidden may also have to be reported; what is forbidden cannot also be only called upon.
        if kinds in ({Effect.PROHIBITION, Effect.DUTY}, {Effect.CAP, Effect.DUTY}) or not _meet(one, other):
            continue
        if desk.solver(a.for_each).equivalent(one.when.condition, other.when.condition):
            yield (
                other.at("effect"),
                f"{b.effect.value}, but {one.rule.id} has {a.effect.value} for the same paragraph and facts",
                other.rule.id,
            )


@check("date-overlap", Level.ERROR)
def _overlap(desk: Desk) -> Iterator[Found]:
    """Two successive rules of one paragraph or measure are in force on the same days."""
    for one, other in _successive(desk):
        if _meet(one, other) and not _same_span(one, other):
            yield (
                other.at("in_force"),
                f"in force on the same days as {one.rule.id}, which says the same; end one where the other begins",
                other.rule.id,
            )


@check("date-gap", Level.WARNING)
def _gap(desk: Desk) -> Iterator[Found]:
    """Between a rule and the one that takes it over lie a few days without law."""
    for one in desk.sources.rules:
        until = one.rule.rule.in_force.until
        heirs = [] if until is None else [other for other in desk.sources.rules if _may_take_over(one, other, desk)]
        for other in heirs:
            days = (other.rule.rule.in_force.from_ - until).days if until is not None else 0
            if 0 < days <= _SHORT and not any(_in_force(heir, until) for heir in heirs):
                yield (
                    other.at("in_force", "from"),
                    f"starts {days} day(s) after {one.rule.id} ends; `until` is the first day no longer in force",
                    other.rule.id,
                )


def _may_take_over(one: PlacedRule, other: PlacedRule, desk: Desk) -> bool:
    """Whether a rule that ends later finds all that another found, by the same or another paragraph of the regime."""
    a, b = one.rule.rule, other.rule.rule
    if one is other or one.rule.regime.regime != other.rule.regime.regime or a.for_each is not b.for_each:
        return False
    if not (a.effect is b.effect or {a.effect, b.effect} <= set(_STRICT)):
        return False
    until, later = a.in_force.until, b.in_force.until
    if until is None or (later is not None and later <= until) or (b.in_force.from_ - until).days > _SHORT:
        return False
    return desk.solver(a.for_each).implies(one.when.condition, other.when.condition)


def _in_force(placed: PlacedRule, day: date | None) -> bool:
    span = placed.rule.rule.in_force
    return day is not None and span.from_ <= day and (span.until is None or day < span.until)


_SHORT = 31
"""Days; a longer gap is a regime that ended and came back."""


def _pairs(desk: Desk, *, same_effect: bool = True) -> Iterator[tuple[PlacedRule, PlacedRule]]:
    """Yield pairs of rules that may be compared: of one regime, scope and (or not) effect."""
    groups: dict[tuple[object, ...], list[PlacedRule]] = {}
    for placed in desk.sources.rules:
        rule = placed.rule.rule
        key = (placed.rule.regime.regime, rule.for_each, rule.effect if same_effect else rule.authority.citation)
        groups.setdefault(key, []).append(placed)
    for group in groups.values():
        for one, other in combinations(group, 2):
            if same_effect or one.rule.rule.effect is not other.rule.rule.effect:
                yield one, other


def _successive(desk: Desk) -> Iterator[tuple[PlacedRule, PlacedRule]]:
    """Yield pairs of rules that say the same of a paragraph or measure, dates aside."""
    for one, other in _pairs(desk):
        a, b = one.rule.rule, other.rule.rule
        related = one.rule.citations[0] == other.rule.citations[0] or set(a.measures) & set(b.measures)
        alike = related and _facts(one) == _facts(other) and _same_owner(one, other)
        if alike and desk.solver(a.for_each).equivalent(one.when.condition, other.when.condition):
            yield one, other


def _facts(placed: PlacedRule) -> frozenset[str]:
    return frozenset(test.fact for test in tests_of(placed.when.condition))


def _same_owner(one: PlacedRule, other: PlacedRule) -> bool:
    """Whether the same is asked of the same States: different duties may hang on the same facts."""
    a, b = one.rule.rule, other.rule.rule
    if a.effect not in _STRICT and one.rule.citations[0] != other.rule.citations[0]:
        return False
    return set(a.binds) == set(b.binds) and a.points_to == b.points_to


def _same_span(one: PlacedRule, other: PlacedRule) -> bool:
    a, b = one.rule.rule.in_force, other.rule.rule.in_force
    return (a.from_, a.until) == (b.from_, b.until)


def _meet(one: PlacedRule, other: PlacedRule) -> bool:
    a, b = one.rule.rule.in_force, other.rule.rule.in_force
    return (a.until is None or b.from_ < a.until) and (b.until is None or a.from_ < b.until)


def _same_meaning(one: PlacedRule, other: PlacedRule, solver: Solver) -> bool:
    if not _same_span(one, other) or one.rule.rule.determination != other.rule.rule.determination:
        return False
    if _facts(one) != _facts(other) or not solver.equivalent(one.when.condition, other.when.condition):
        return False
    # The approval of each is good for its own paragraphs, so exemptions of two paragraphs are compared by their titles.
    return {e.title for e in one.rule.exemptions} == {e.title for e in other.rule.exemptions}


# ---------------------------------------------------------------------- how it is written


@check("double-negation", Level.WARNING)
def _double_negation(desk: Desk) -> Iterator[Found]:
    """A `not` stands directly under a `not`."""
    for document, path, value in values_written(desk):
        if isinstance(value, Mapping) and isinstance(value.get("not"), Mapping) and "not" in value["not"]:
            yield place_in(document, (*path, "not")), "not: {not: …} says what it says without both", rule_of(document)


@check("lonely-part", Level.WARNING)
def _lonely(desk: Desk) -> Iterator[Found]:
    """An `any` or `all` has only one part."""
    for document, path, value in values_written(desk):
        for key in ("all", "any"):
            if isinstance(value, Mapping) and isinstance(value.get(key), list) and len(value[key]) == 1:
                yield (
                    place_in(document, (*path, key)),
                    f"{key} with one part says nothing; write the part, or the branch that is missing",
                    rule_of(document),
                )


@check("repeated-word", Level.WARNING)
def _repeated(desk: Desk) -> Iterator[Found]:
    """A list names a word twice, or one that a group beside it holds already."""
    for document, path, value in values_written(desk):
        if not path or path[-1] not in ("in", "include", "only") or not isinstance(value, list):
            continue
        seen: dict[str, str] = {}
        for i, word in enumerate(value):
            if not isinstance(word, str):
                continue
            group = (
                ACTIVITY_GROUPS.get(word.removeprefix("$activities."), ()) if word.startswith("$activities.") else ()
            )
            covered = [one for one in group or (word,) if one in seen]
            if covered and (not group or len(covered) == len(group)):
                by = f"stands in {seen[covered[0]]}" if seen[covered[0]] != word else "stands here twice"
                yield place_in(document, (*path, i)), f"{word} {by}; drop it", rule_of(document)
            seen.update({one: word for one in group or (word,) if one not in seen})


@check("covered-class", Level.WARNING)
def _covered_class(desk: Desk) -> Iterator[Found]:
    """A list of goods classes names a class and one that lies within it."""
    goods = desk.book.goods
    for document, path, value in values_written(desk):
        if len(path) < 2 or path[-2] != "goods.categories" or not isinstance(value, list):
            continue
        names = [word for word in value if isinstance(word, str) and word in goods]
        for i, word in enumerate(value):
            wider = [
                name
                for name in names
                if name != word and word in goods and name in goods.above(word) and goods.above(word)[name] is None
            ]
            if wider:
                yield (
                    place_in(document, (*path, i)),
                    f"{word} lies within {wider[0]}, which stands here too",
                    rule_of(document),
                )


@check("hs-no-such-heading", Level.ERROR)
def _no_heading(desk: Desk) -> Iterator[Found]:
    """An HS code names a heading beyond the last of its chapter."""
    for document, path, texts in _code_lists(desk):
        for i, text in enumerate(texts):
            try:
                found = HsRange.parse(text)
            except InputError:
                continue  # the loader refuses it
            for end in {found.first, found.last}:
                last = LAST_HEADINGS.get(end[:2])
                if len(end) >= 4 and last is not None and int(end[2:4]) > last:
                    yield (
                        place_in(document, (*path, i)),
                        f"heading {end[:4]} does not exist: chapter {end[:2]} ends with {end[:2]}{last:02d}",
                        rule_of(document),
                    )
                elif len(end) == 2 and last is None:
                    yield place_in(document, (*path, i)), f"chapter {end} does not exist", rule_of(document)


@check("hs-overlap", Level.WARNING)
def _hs_overlap(desk: Desk) -> Iterator[Found]:
    """Two ranges of one list of HS codes overlap."""
    for document, path, texts in _code_lists(desk):
        ranges: list[tuple[str, tuple[int, int]]] = []
        for i, text in enumerate(texts):
            try:
                start, end = HsRange.parse(text).bounds
            except InputError:
                continue  # the loader refuses it
            for other, (from_, to) in ranges:
                if start < to and from_ < end:
                    yield (
                        place_in(document, (*path, i)),
                        f"{text} overlaps {other}; write each code once",
                        rule_of(document),
                    )
            ranges.append((text, (start, end)))


LAST_HEADINGS: dict[str, int] = {
    f"{chapter:02d}": last
    for chapter, last in enumerate(
        (
            6, 10, 9, 10, 11, 4, 14, 14, 10, 8, 9, 14, 2, 4, 22, 5, 4, 6, 5, 9, 6, 9, 9, 4,
            30, 21, 16, 53, 42, 6, 5, 15, 7, 7, 7, 6, 7, 27, 26, 17, 15, 6, 4, 21, 4, 2, 7, 23,
            11, 7, 13, 12, 11, 8, 16, 9, 5, 11, 11, 6, 17, 17, 10, 6, 7, 3, 4, 15, 14, 20, 18, 29,
            26, 19, 8, 16, 0, 6, 7, 7, 13, 15, 11, 87, 49, 9, 16, 7, 8, 33, 14, 9, 7, 6, 8, 20,
            6,
        ),
        start=1,
    )
    if last
}  # fmt: skip
"""The last heading of each chapter of the Harmonized System of 2022, which none of the earlier editions goes beyond."""


# ---------------------------------------------------------------------- shared by the checks


def _solvable(desk: Desk) -> Iterator[tuple[PlacedRule, Solver]]:
    """Yield rules that something can meet: of others, everything would follow."""
    for placed in desk.sources.rules:
        solver = desk.solver(placed.rule.rule.for_each)
        if solver.satisfiable(placed.rule.when):
            yield placed, solver


def _in_context(placed: PlacedRule) -> Iterator[tuple[Placed, tuple[Condition, ...]]]:
    """Yield every node with what holds around it; a shared definition stands for itself, wherever it is used."""
    outside = tuple(placed.rule.when.parts[:1]) if isinstance(placed.rule.when, All) else ()
    yield from _descend(placed.when, outside)
    for exemption in placed.exemptions:
        yield from _descend(exemption, (placed.rule.when,))


def _descend(node: Placed, context: tuple[Condition, ...]) -> Iterator[tuple[Placed, tuple[Condition, ...]]]:
    if node.via:
        context = ()
    yield node, context
    for i, part in enumerate(node.parts):
        beside = (
            tuple(other.condition for j, other in enumerate(node.parts) if j != i)
            if isinstance(node.condition, All)
            else ()
        )
        yield from _descend(part, (*context, *beside))


def _contested(condition: Condition) -> bool:
    match condition:
        case Contested():
            return True
        case All(parts) | AnyOf(parts):
            return any(_contested(part) for part in parts)
        case Not(part):
            return _contested(part)
        case _:
            return False


def _exemption_place(placed: PlacedRule, exemption: Placed) -> Place:
    """Return where a rule names an exemption: its own text, or the ``use`` of a shared one."""
    for i, raw in enumerate(placed.rule.rule.unless):
        if placed.exemptions[i] is exemption:
            return placed.at("unless", i, "use") if hasattr(raw, "use") else placed.at("unless", i)
    return exemption.place


def _line(placed: Placed) -> str:
    return f"the branch on line {placed.place.line}"


def _code_lists(desk: Desk) -> Iterator[tuple[Document, Path, list[str]]]:
    """Yield the lists of HS codes of rules, definitions and goods classes."""
    for document, path, value in values_written(desk):
        if not path or path[-1] not in ("under", "codes"):
            continue
        if isinstance(value, list):
            texts = [text if isinstance(text, str) else "" for text in value]
            yield document, path, [text if not text.startswith("$") else "" for text in texts]
        elif isinstance(value, str) and not value.startswith("$"):
            yield document, path, [value]
